"""How people come in: what the environment and the secrets say, read once, or one reason why it cannot be."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journey.errors import LoginWrong
from journey.projects.members import identified

__all__ = ["MODES", "VARIABLES", "LoginSettings"]

MODES = ("none", "oidc", "passphrase", "proxy")
VARIABLES = (
    "JOURNEY_LOGIN",
    "JOURNEY_ALLOW_OPEN",
    "JOURNEY_LOGIN_HOURS",
    "JOURNEY_PEOPLE",
    "JOURNEY_PASSPHRASE",
    "JOURNEY_PASSPHRASE_FILE",
    "JOURNEY_PROXY_HEADER",
    "JOURNEY_PROXY_NAME_HEADER",
    "JOURNEY_TRUSTED_PROXIES",
)
_LEAST_LETTERS = 8
_MOST_HOURS = 24 * 365
_OF_A_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_OF_ALL = ("redirect_uri", "cookie_secret")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_PERSON = re.compile(r"[^\s@]*@[^\s@]+")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class LoginSettings:
    """`mode` is one of MODES; the other fields are about it.

    `people` are e-mails and "@domains" in their one form; empty lets in whomever the provider or the proxy
    lets in. `providers` are the names of the sections of the secrets, "default" for [auth] itself. `is_open`
    allows to listen beyond this machine without a login.
    """

    mode: str = "none"
    is_open: bool = False
    hours: float = 168
    people: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    passphrase: str = field(default="", repr=False)
    header: str = "x-forwarded-email"
    name_header: str = ""
    proxies: tuple[Network, ...] = ()

    def lets_in(self, person_id: str) -> bool:
        """May somebody of this id come in?"""
        name, _, domain = person_id.rpartition("@")
        return not self.people or person_id in self.people or bool(name and f"@{domain}" in self.people)

    def trusts(self, address: str | None) -> bool:
        """Is this the address of a proxy whose word counts?"""
        try:
            found = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self.proxies)

    @classmethod
    def read(cls, environment: Mapping[str, str], auth: Mapping[str, Any]) -> LoginSettings:
        """What the variables and the [auth] section of the secrets say; a variable that is empty is not set.

        Raises LoginWrong for a value that is not allowed and for a login that lacks a part.
        """
        said = {name: environment.get(name, "").strip() for name in VARIABLES}
        mode = said["JOURNEY_LOGIN"] or _usual(said, auth)
        if mode not in MODES:
            raise LoginWrong(reason="mode", value=mode, allowed=", ".join(MODES))
        if said["JOURNEY_ALLOW_OPEN"] not in ("", "0", "1"):
            raise LoginWrong(reason="allow_open", value=said["JOURNEY_ALLOW_OPEN"])
        return cls(
            mode=mode,
            is_open=said["JOURNEY_ALLOW_OPEN"] == "1",
            hours=_hours(said["JOURNEY_LOGIN_HOURS"]),
            people=_people(said["JOURNEY_PEOPLE"]),
            providers=_providers(auth) if mode == "oidc" else (),
            passphrase=_passphrase(said) if mode == "passphrase" else "",
            header=_header("JOURNEY_PROXY_HEADER", said["JOURNEY_PROXY_HEADER"] or cls.header),
            name_header=_header("JOURNEY_PROXY_NAME_HEADER", said["JOURNEY_PROXY_NAME_HEADER"]),
            proxies=_networks(said["JOURNEY_TRUSTED_PROXIES"] or "127.0.0.1, ::1"),
        )


def _usual(said: Mapping[str, str], auth: Mapping[str, Any]) -> str:
    if auth:
        return "oidc"
    return "passphrase" if said["JOURNEY_PASSPHRASE"] or said["JOURNEY_PASSPHRASE_FILE"] else "none"


def _hours(value: str) -> float:
    if not value:
        return LoginSettings.hours
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value) and 0 < float(value) <= _MOST_HOURS:
        return float(value)
    raise LoginWrong(reason="hours", value=value, most=_MOST_HOURS)


def _people(value: str) -> tuple[str, ...]:
    said = [one.strip() for one in value.split(",") if one.strip()]
    for one in said:
        if not _PERSON.fullmatch(identified(one)):
            raise LoginWrong(reason="people", value=one)
    return tuple(map(identified, said))


def _passphrase(said: Mapping[str, str]) -> str:
    value, path = said["JOURNEY_PASSPHRASE"], said["JOURNEY_PASSPHRASE_FILE"]
    if path and not value:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise LoginWrong(reason="passphrase_file", path=path) from None
    # What a Mac types as parts of a syllable is what others type as a syllable.
    value = unicodedata.normalize("NFKC", value)
    if not value:
        raise LoginWrong(reason="passphrase_missing")
    if len(value) < _LEAST_LETTERS:
        raise LoginWrong(reason="passphrase_short", least=_LEAST_LETTERS)
    return value


def _providers(auth: Mapping[str, Any]) -> tuple[str, ...]:
    if not auth:
        raise LoginWrong(reason="auth_missing")
    sections = {name: value for name, value in auth.items() if isinstance(value, Mapping)}
    sections.pop("client_kwargs", None)
    if not sections or "client_id" in auth:
        sections = {"default": auth, **sections}
    missing = [key for key in _OF_ALL if not auth.get(key)]
    for name, section in sections.items():
        place = "" if name == "default" else f"{name}."
        missing += [f"{place}{key}" for key in _OF_A_PROVIDER if not section.get(key)]
        # Streamlit keeps the name between underscores.
        if "_" in name:
            raise LoginWrong(reason="auth_underscore", name=name)
    if missing:
        raise LoginWrong(reason="auth_incomplete", names=", ".join(missing))
    if not str(auth["redirect_uri"]).endswith("/oauth2callback"):
        raise LoginWrong(reason="auth_redirect")
    return tuple(sections)


def _header(variable: str, value: str) -> str:
    if value and not _HEADER.fullmatch(value):
        raise LoginWrong(reason="header", variable=variable, value=value)
    return value.lower()


def _networks(value: str) -> tuple[Network, ...]:
    found = []
    for one in filter(None, (part.strip() for part in value.split(","))):
        try:
            found.append(ipaddress.ip_network(one))
        except ValueError:
            raise LoginWrong(reason="proxies", value=one) from None
    return tuple(found)
