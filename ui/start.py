"""What must be right before the server listens: one clear sentence where it is not, and no server."""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit import config

from journey.errors import LoginWrong
from journey.i18n import LANGUAGES, text
from journey.projects.store import Store
from ui.login_settings import LoginSettings
from ui.oidc import auth_section

__all__ = ["gate_options", "refuse_open", "sentences"]

_MISUSE = 2
_SECRET_BYTES = 32


def gate_options(address: str | None) -> dict[str, object]:
    """What the gate of a server at this address is built with.

    Ends the program where the login is set up wrongly, or without one the address is open to others.
    """
    try:
        settings = LoginSettings.read(os.environ, auth_section())
        refuse_open(settings, address)
        secret = _secret() if settings.mode == "passphrase" else b""
    except LoginWrong as wrong:
        sys.stderr.write(sentences(wrong))
        raise SystemExit(_MISUSE) from None
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return {"settings": settings, "secret": secret, "base": f"/{base}" if base else ""}


def sentences(wrong: LoginWrong) -> str:
    """What is wrong, in every language: nobody knows yet which one its reader speaks."""
    return "".join(text(wrong.key, language, **wrong.values) + "\n" for language in LANGUAGES)


def refuse_open(settings: LoginSettings, address: str | None) -> None:
    """Raises LoginWrong where everybody in the network would come in without a login."""
    if settings.mode == "none" and not settings.is_open and not _is_loopback(address or ""):
        raise LoginWrong(reason="open" if address else "open_everywhere", address=address or "")


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(address).is_loopback
    return False


def _secret() -> bytes:
    """What this server signs with: what its settings say, else a file that only this user can read."""
    if config.is_manually_set("server.cookieSecret"):
        return str(st.get_option("server.cookieSecret")).encode()
    path = Store().home / "login_secret"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _write(path, secrets.token_hex(_SECRET_BYTES))
        found = path.read_bytes().strip()
    except OSError:
        raise LoginWrong(reason="secret", path=str(path)) from None
    if len(found) < _SECRET_BYTES:
        raise LoginWrong(reason="secret", path=str(path))
    return found


def _write(path: Path, text_: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text_)
        file.flush()
        os.fsync(file.fileno())
