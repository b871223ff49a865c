"""Who sits at a tab: the word of the gate, which reaches the app with the tab's connection."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import OrderedDict

import streamlit as st

from journey.projects.person import LOCAL, Person
from ui.login_settings import LoginSettings
from ui.oidc import auth_section
from ui.seal import Seal

__all__ = ["BADGE", "TAB_OF", "Ended", "badge_of", "ended", "mode", "person_at", "person_here", "read_badge"]

# The gate takes this header from every request that bears it already, and writes it itself.
BADGE = "x-journey-person"
# Another one of the gate's: whose tab it is, and by which login. A tab that lost its connection is given back
# by Streamlit to the same only.
TAB_OF = "x-journey-tab-of"
# Good for this process only: the gate and the app are in one.
_SEAL = Seal(secrets.token_bytes(32), "badge")


class Ended:
    """Logins that somebody signed out of: tabs that are still open, and copies of the cookie, are out too."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._logins: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, login: str) -> None:
        """This login is over, for as long as the server runs."""
        with self._lock:
            self._logins[login] = None
            while len(self._logins) > self._most:
                self._logins.popitem(last=False)

    def __contains__(self, login: str) -> bool:
        return login in self._logins


# No cache, which can be emptied: those who signed out would be in again.
_ENDED = Ended()


def ended() -> Ended:
    """The logins of this server that are over."""
    return _ENDED


def badge_of(person: Person, until: float, login: str = "") -> str:
    """What the gate writes into the header for somebody whom it lets in by this login."""
    values = {"id": person.id, "name": person.name, "all": person.sees_all, "login": login}
    return _SEAL.sealed(values, until)


def read_badge(text: str | None) -> Person | None:
    """The person of a badge that this process wrote, whose time is not over and who did not sign out."""
    said = _SEAL.opened(text, time.time())
    if said is None or said["login"] in ended():
        return None
    return Person(said["id"], said["name"], said["all"])


def person_at(badge: str | None) -> Person | None:
    """Who sends what bears this badge; None where a login is needed and nobody came in by it any more."""
    return LOCAL if mode() == "none" else read_badge(badge)


def person_here() -> Person | None:
    """Who sits at this tab; None where a login is needed and nobody came in by it, or its time is over."""
    return person_at(st.context.headers.get(BADGE))


@st.cache_resource(max_entries=1, show_spinner=False)
def mode() -> str:
    """How people come in."""
    return LoginSettings.read(os.environ, auth_section()).mode
