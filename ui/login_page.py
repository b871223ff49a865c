"""The page before the app: who are you, in the visitor's language, with nothing in it from elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse

from journey.i18n import LANGUAGES, pick_language, text

__all__ = ["language_of", "login_page", "own_path"]

_WORDS = ("title", "lead", "passphrase", "your_name", "your_name_hint", "enter")
_LONGEST_PATH = 2000


@cache
def _template() -> Template:
    source = Path(__file__).with_name("login_page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(source)


def language_of(request: Request) -> str:
    """The language that the address asks for, else the first of the browser's that we speak."""
    wishes = [wish.split(";")[0].strip() for wish in request.headers.get("accept-language", "").split(",")]
    return pick_language(request.query_params.get("lang"), *wishes)


def own_path(wish: str | None, base: str = "") -> str:
    """Where to go on: the path of this app that was wished for, or its start; never another place."""
    path = wish or ""
    # Browsers read backslashes as slashes and leave tabs out: "/\evil" and "/<tab>/evil" are other places.
    safe = path.startswith(f"{base}/") and not path.startswith("//") and "\\" not in path
    if safe and path.isascii() and path.isprintable() and " " not in path and len(path) <= _LONGEST_PATH:
        return path
    return f"{base}/"


def login_page(
    language: str,
    *,
    here: str,
    next_path: str,
    action: str = "",
    has_form: bool = False,
    providers: Sequence[tuple[str, str]] = (),
    problem: str = "",
    name: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page, ready to be sent. `here` is the address that shows it again in the other language."""
    other = next(one for one in LANGUAGES if one != language)
    nonce = secrets.token_urlsafe(16)
    page = _template().render(
        language=language,
        words={word: text(f"login.{word}", language) for word in _WORDS}
        | {"name": text("app.name", language)},
        nonce=nonce,
        problem=problem,
        has_form=has_form,
        action=action,
        next=next_path,
        name=name,
        providers=providers,
        other=other,
        other_name=text(f"app.language_{other}", other),
        other_url=_in_language(here, other),
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        page,
        status,
        {
            "content-security-policy": policy,
            "cache-control": "no-store",
            # Under a stricter policy browsers hide in a form's request where it comes from.
            "referrer-policy": "same-origin",
            **(headers or {}),
        },
    )


def _in_language(path: str, language: str) -> str:
    parts = urlsplit(path)
    asked = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "lang": language}
    return f"{parts.path}?{urlencode(asked)}"
