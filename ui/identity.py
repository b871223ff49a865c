"""Who sits at a tab: the word of the gate, which reaches the app with the tab's connection."""

from __future__ import annotations

import os
import secrets
import time

import streamlit as st

from journey.projects.person import LOCAL, Person
from ui.login_settings import LoginSettings
from ui.oidc import auth_section
from ui.seal import Seal

__all__ = ["BADGE", "badge_of", "mode", "person_here", "read_badge"]

# The gate takes this header from every request that bears it already, and writes it itself.
BADGE = "x-journey-person"
# Good for this process only: the gate and the app are in one.
_SEAL = Seal(secrets.token_bytes(32), "badge")


def badge_of(person: Person, until: float) -> str:
    """What the gate writes into the header for somebody whom it lets in."""
    values = {"id": person.id, "name": person.name, "all": person.sees_all}
    return _SEAL.sealed(values, until)


def read_badge(text: str | None) -> Person | None:
    """The person of a badge that this process wrote and whose time is not over."""
    said = _SEAL.opened(text, time.time())
    return None if said is None else Person(said["id"], said["name"], said["all"])


def person_here() -> Person | None:
    """Who sits at this tab; None where a login is needed and nobody came in by it, or its time is over."""
    return LOCAL if mode() == "none" else read_badge(st.context.headers.get(BADGE))


@st.cache_resource(max_entries=1, show_spinner=False)
def mode() -> str:
    """How people come in."""
    return LoginSettings.read(os.environ, auth_section()).mode
