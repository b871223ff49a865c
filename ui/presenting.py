"""For those who show the app to others: the switches of demo mode, and the view without chrome."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from journey.errors import ProjectDamaged
from ui import brand, demo, logs, session, veil
from ui.components.presenter import presenter
from ui.navigation import PAGES, page_named
from ui.words import t

__all__ = ["chart_height", "is_on", "key_of", "leaf", "looks", "mark", "popover", "view"]

_LOOKS = Path(__file__).with_name("presenting.css")
_ORDER = ("stages", *PAGES["explore"], *PAGES["map"], *PAGES["gather"])
# What stands above and below a chart: the band, the title, the sentence, and a little air.
_AROUND = 260
# The pages that are shown leaf by leaf: where each is open, and how many leaves it had when it was drawn.
_LEAF, _LEAVES = "book.leaf.", "book.leaves."
_LEAST, _MOST = 420, 1600
# A chart is laid out for a sheet of about this width, and shown so much larger as the screen is wider.
_SHEET, _LARGEST = 1100, 2.5


def is_on() -> bool:
    """Is this tab in the presentation view?"""
    return session.current().show


def key_of(controls: str) -> str:
    """The key of a container of controls, which is not seen in the presentation view."""
    return f"controls_away_{controls}" if is_on() else controls


def chart_height() -> dict[str, float]:
    """In the presentation view a chart is as high as the screen leaves room for; else as it is by itself."""
    screen = session.current().screen
    if not is_on() or screen is None:
        return {}
    return {"height": min(max((screen[1] - _AROUND) / _zoom(), _LEAST), _MOST)}


def _zoom() -> float:
    """How much larger charts are shown than they are drawn."""
    screen = session.current().screen
    return 1.0 if screen is None else round(min(max(screen[0] / _SHEET, 1.0), _LARGEST), 2)


def looks() -> None:
    """Leave out what is around a page, and enlarge what is on it."""
    if is_on():
        st.html(_LOOKS)
        st.html(f"<style>:root {{--journey-zoom: {_zoom()};}}</style>")


def popover() -> None:
    """The switches in the sidebar, and how the open project looks in front of a client."""
    with st.popover(t("demo.title"), icon=":material/co_present:", width="stretch", key="presenting"):
        _switch("demo", t("demo.mask"), t("demo.mask_help"))
        _switch("show", t("demo.show"), t("demo.show_help"))
        if session.project() is None:
            st.caption(t("demo.brand_later"))
            return
        brand.settings()
        _hidden()


def _switch(name: str, label: str, help: str) -> None:
    key = f"switch.{name}"
    session.put(key, getattr(session.current(), name))
    st.toggle(label, help=help, key=key, on_change=lambda: session.switch(name, session.widget(key)))


def _hidden() -> None:
    """Which attributes are hidden in demo mode: what was found, until somebody says otherwise."""
    data, attributes = session.state().data, []
    if data is not None and data.fingerprint is not None:
        # A log that is damaged is told by the page that needs it.
        with suppress(ProjectDamaged):
            attributes = list(logs.whole().attributes)
    if not attributes:
        return
    key = session.widget_key(veil.HIDDEN)
    session.put(key, veil.hidden())

    @session.later
    def keep() -> None:
        chosen = session.widget(key)
        session.remember(veil.HIDDEN, {name: name in chosen for name in attributes})

    st.multiselect(
        t("demo.hidden"),
        attributes,
        placeholder=t("demo.hidden_none"),
        help=t("demo.hidden_help"),
        select_all=False,  # it speaks English only
        key=key,
        on_change=keep,
    )


def mark() -> None:
    """The small sign that names are masked: without it they are not."""
    if demo.is_on():
        with st.container(key="demo_mark"):
            st.markdown(f":material/visibility_off: {t('demo.mark')}")


def leaf(n: int, page: str) -> int:
    """Which of the n leaves of a page is shown, 0 for the first one."""
    session.put(session.widget_key(f"{_LEAVES}{page}"), n)
    return max(0, min(session.widget(session.widget_key(f"{_LEAF}{page}"), 0), n - 1))


def _turned(page: str, by: int) -> bool:
    """On a page of several leaves the keys turn these first; False where there is no other."""
    n = session.widget(session.widget_key(f"{_LEAVES}{page}"), 0)
    to = leaf(n, page) + by
    if not 0 <= to < n:
        return False
    session.put(session.widget_key(f"{_LEAF}{page}"), to)
    return True


def view(page: str) -> None:
    """The keys and the quiet buttons of the presentation view; they lead on, back, and out of it."""
    if not is_on():
        return
    now = session.current()
    presses, now.presses = now.presses, []
    if "leave" in presses:
        session.switch("show", False)
        st.rerun()
    # Before the browser is told that they were heard: what it sends then has to come from where they lead.
    _turn(page, [1 if go == "next" else -1 for go in presses])
    words = {name: t(f"demo.{name}") for name in ("leave", "back", "next", "full")}
    screen = presenter(words, key="presenter", heard=now.heard, screen=now.screen, on_press=_hear)
    if screen is not None and screen != now.screen:
        now.screen = screen
        st.rerun()


def _hear(pressed: list[tuple[int, str]]) -> None:
    """Keep what was not heard yet until a run follows it."""
    now = session.current()
    for number, go in pressed:
        if number > now.heard:
            now.heard = number
            now.presses.append(go)


def _turn(page: str, presses: list[int]) -> None:
    """Leaf by leaf, and where these end to the pages beyond."""
    beyond = 0
    for by in presses:
        if beyond or not _turned(page, by):
            beyond += by
    place = _ORDER.index(page) if page in _ORDER else -1
    if beyond and 0 <= place + beyond < len(_ORDER):
        st.switch_page(page_named(_ORDER[place + beyond]))
