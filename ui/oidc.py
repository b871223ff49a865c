"""What Streamlit knows of a login with an OpenID provider: its settings, its cookie, the way there."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from streamlit.auth_util import (
    get_cookie_with_chunks,
    get_origin_from_redirect_uri,
    get_secrets_auth_section,
)
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from journey.projects.members import identified
from journey.projects.person import Person
from ui.login_settings import LoginSettings

__all__ = ["COOKIE", "Refused", "auth_section", "claims_of", "login_url", "person_of"]

COOKIE = USER_COOKIE_NAME
_CLOCKS_DIFFER = 300
_ID = re.compile(r"[^\s@]+@[^\s@]+")
_LONGEST_ID, _LONGEST_NAME = 254, 80


class Refused(Exception):
    """The provider knows this person, who may not come in: `reason` is unverified, stranger or old."""

    def __init__(self, reason: str, who: str = "") -> None:
        super().__init__(reason)
        self.reason, self.who = reason, who


def auth_section() -> dict[str, Any]:
    """The [auth] section of the secrets; empty where there is none."""
    section = get_secrets_auth_section()
    return section.to_dict() if section else {}


def login_url(provider: str) -> str:
    """Where in this app the way to a provider begins; good for two minutes."""
    return generate_login_redirect_url(provider)


def claims_of(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """What the provider said of the person who has these cookies; None without a login that is ours."""
    secret = get_cookie_secret()

    def one(name: str) -> bytes | None:
        value = cookies.get(name)
        return (
            None if value is None else decode_signed_value(secret, name, value.encode("latin-1", "replace"))
        )

    found = get_cookie_with_chunks(one, COOKIE)
    if found is None:
        return None
    try:
        claims = json.loads(found)
    except ValueError:
        return None
    ours = isinstance(claims, dict) and claims.get("origin") == get_origin_from_redirect_uri()
    return claims if ours and claims.get("is_logged_in") is True else None


def person_of(claims: Mapping[str, Any], settings: LoginSettings, now: float) -> tuple[Person, float]:
    """The person of whom a provider said this, and until when the login is good.

    The id is the e-mail, which the provider must not call unverified; without one it is made of the
    provider's own number for the person. Raises Refused.
    """
    email = claims.get("email")
    if isinstance(email, str) and email.strip():
        if claims.get("email_verified") in (False, "false", "False", 0):
            raise Refused("unverified", identified(email))
        person_id = identified(email)
    else:
        person_id = _numbered(claims)
    if not _ID.fullmatch(person_id) or len(person_id) > _LONGEST_ID:
        raise Refused("unverified")
    if not settings.lets_in(person_id):
        raise Refused("stranger", person_id)
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or isinstance(issued, bool) or not math.isfinite(issued):
        raise Refused("old")
    until = issued + settings.hours * 3600
    if not issued - _CLOCKS_DIFFER <= now < until:
        raise Refused("old")
    name = claims.get("name")
    name = " ".join(name.split())[:_LONGEST_NAME] if isinstance(name, str) else ""
    return Person(person_id, name if name.isprintable() else ""), until


def _numbered(claims: Mapping[str, Any]) -> str:
    number, issuer = str(claims.get("sub") or ""), urlsplit(str(claims.get("iss") or "")).hostname
    if not number or not issuer:
        raise Refused("unverified")
    # Numbers that differ in capitals are two people, and none may look like another's e-mail.
    if identified(number) != number or "@" in number or " " in number:
        number = hashlib.sha256(number.encode()).hexdigest()[:32]
    return f"{number}@{issuer}"
