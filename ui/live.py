"""What others do to the open project comes to this tab: the page runs again once it shows what was."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import streamlit as st

from journey.projects.happened import Happened
from journey.projects.store import Project
from ui import session
from ui.components.live import live
from ui.live_route import PATH, ticket
from ui.veil import veiled_change
from ui.words import literal, md, sentence, t

__all__ = ["noted", "watch"]

_KEY = "live"
_MOST_LINES = 3
_MOST_LOOKED_AT = 50


def watch(page: str) -> None:
    """Follow the open project from the page of this address, once a run of the whole page."""
    opened = session.project()
    if opened is None:
        return
    noted()
    # No fragment: after the server was started anew it would not know the fragment that is to run.
    with st.sidebar:
        live(
            address=f"{_base(page)}{PATH}/{opened.id}",
            ticket=ticket(opened.id, session.person()),
            number=session.state().head,
            lost=t("live.lost"),
            key=_KEY,
        )


def noted() -> None:
    """The page shows the open project as this run has found it; what others did meanwhile is told."""
    opened, now = session.project(), session.current()
    if opened is None:
        return
    before, found = now.shown, session.state()
    now.shown = session.Shown(opened.id, found.head, found.revision)
    said, now.said = now.said, []
    others: list[Happened] = []
    if before is not None and before.project_id == opened.id and before.head < found.head:
        said = [*said, *opened.overridden(before.revision)]
        others = _of_others(opened, before.head)
    for one in said:
        st.toast(sentence(veiled_change(one)), icon=":material/call_split:", duration="long")
    # One each: of a long one Streamlit shows the beginning, and a button with a word of its own.
    for line in _lines(others):
        st.toast(line, icon=":material/group:")


def _of_others(opened: Project, since: int) -> list[Happened]:
    """What others did after this edit, the first one first.

    Those who share this machine without a name are one person to the history. What one of them did in another
    window is known by the browser having heard of it: a tab hears of its own edits only after it shows them.
    """
    me = session.person()
    unnamed = me.sees_all and not me.name
    heard = (session.widget(_KEY) or {}).get("news") is not None
    new = [one for one in opened.happened(_MOST_LOOKED_AT) if one.number > since and one.over is None]
    return [one for one in reversed(new) if one.person != me.key or (unnamed and heard)]


def _lines(happened: Sequence[Happened]) -> list[str]:
    """A line each of the latest, in Markdown, and how many there were before them."""
    lines = [
        md("live.by", who=one.name, what=_plain(one)) if one.name else md("live.elsewhere", what=_plain(one))
        for one in happened[-_MOST_LINES:]
    ]
    more = len(happened) - len(lines)
    return [*lines, literal(t("live.more", n=more))] if more > 0 else lines


def _plain(one: Happened) -> str:
    said = veiled_change(one.finding)
    return t(said.code, **said.values)


def _base(page: str) -> str:
    """Where the app stands on its host, as the browser sees it; a proxy may have put it elsewhere."""
    path = urlsplit(st.context.url or "").path.rstrip("/").removesuffix(f"/{page}")
    return quote(path, safe="/%")
