"""The last word when something goes wrong: one sentence on the page, and nothing of the data in the log."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from journey.errors import JourneyError, ProjectDamaged, ProjectMissing, ProjectNewer
from ui import session
from ui.navigation import page_named
from ui.words import literal, sentence, t

__all__ = ["LOST", "tell", "tell_of", "told"]

log = logging.getLogger("journey.app")

# What no other try makes better: such a project cannot be opened at all.
LOST = (ProjectMissing, ProjectDamaged, ProjectNewer)


@contextmanager
def told(place: str) -> Iterator[None]:
    """What goes wrong inside is said in one sentence, and so is what went wrong in a widget's callback.

    Every run of a page is inside, and every fragment of it once more: the fragment runs alone after a click
    in it, and what it does not catch itself Streamlit answers in its own words.
    """
    try:
        earlier = session.take_problem()
        if earlier is not None:
            tell(earlier)
        yield
    except JourneyError as problem:
        tell(problem)
    except Exception as problem:
        # Only the kind of problem and where it happened are logged: its message may hold what a customer did.
        mark = uuid.uuid4().hex[:8]
        places = "".join(traceback.format_tb(problem.__traceback__))
        log.error("problem %s on %s: %s\n%s", mark, place, type(problem).__name__, places)
        st.error(t("app.broken", mark=mark), icon=":material/error:")


def tell(problem: JourneyError) -> None:
    """Say what went wrong, where the page stands now."""
    st.error(sentence(problem), icon=":material/error:")
    if isinstance(problem, LOST):
        st.page_link(page_named("home"), label=t("app.go_home"))


def tell_of(name: str, problem: JourneyError) -> None:
    """Say what is wrong with a file, by its name."""
    st.error(f"**{literal(name)}**: {sentence(problem)}", icon=":material/error:")
