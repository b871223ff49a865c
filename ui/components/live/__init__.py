"""An ear in the page: it hears that somebody else has changed the project, and says so to Python.

Python to browser: ``address`` of the route (ui/live_route.py), the ``ticket`` for it, the ``number`` that
the page shows, and the sentence ``lost`` for when neither socket nor questions get through. Browser to
Python: the trigger ``news``, the number that was heard, or 0 when the ticket holds no longer. Nothing else is
drawn.

What shows the project without a run of the whole page listens to the event ``journey-look`` on the window: it
puts the number that it shows into ``detail.number`` if that is the newer one, and prevents the event while a
run would disturb it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

__all__ = ["live"]

_HERE = Path(__file__).parent


def _script() -> str:
    """The script without the indents and comments that a browser has no use for."""
    lines = (line.strip() for line in (_HERE / "live.js").read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


# Sent inline, as the board is: docs/adr/0003-stage-board-component.md.
_mount = st.components.v2.component(
    "journey_lab_live", js=_script(), css=(_HERE / "live.css").read_text("utf-8")
)


def live(*, address: str, ticket: str, number: int, lost: str, key: str) -> None:
    """Listen from the browser; news let the page run again."""
    data = {"address": address, "ticket": ticket, "number": number, "lost": lost}
    _mount(key=key, data=data, on_news_change=_run_again)


def _run_again() -> None:
    """The run that follows reads the project anew, as every run does."""
