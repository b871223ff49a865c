"""The notebook of the open project: pinned answers on today's data, and words between them, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from journey.figures import Figure
from journey.i18n import text
from journey.projects.notebook import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Cell,
    cells,
    duplicated,
    moved,
    removed,
    reworded,
    written,
)
from journey.questions import QUESTIONS
from journey.reports.marked import blocks
from journey.reports.notebook import value_said
from ui import demo, moments, navigation, presenting, problems, session, veil
from ui.answer import need_log, title
from ui.components.cell_list import cell_list, come_to, moved_to
from ui.notebook_file import export
from ui.notebook_today import (
    Today,
    chart_of,
    filters_said,
    headline_of,
    is_empty,
    shown_then,
    source_of,
    today_of,
)
from ui.notebook_words import show_words
from ui.once import once, pressed
from ui.picture import picture
from ui.pinning import new_id, now_and_who
from ui.words import literal, sentence, t

__all__ = ["book", "heading", "toolbar"]

_AT_ONCE = 2  # cells that are counted before anybody has scrolled
_SEEN, _EDITING, _OUTLINE, _WHOLE = "book.seen", "book.editing", "book.list", "book.whole"
_END, _START = "end", "start"
_LEAST_HEIGHT, _VALUES_HEIGHT = 320, 130
_LOOKS: Mapping[str, tuple[str, str]] = {
    "same": ("check", "gray"),
    "within": ("waves", "gray"),
    "beyond": ("trending_up", "red"),
    "changed": ("sync", "orange"),
    "other": ("swap_horiz", "orange"),
    "gone": ("block", "red"),
}


def heading() -> None:
    """The title of the page; whoever presents shows the cells alone."""
    if not (presenting.is_on() and _cells()):
        title("notebook")


def toolbar() -> None:
    """Write, take back, and take away; not while presenting, and with nothing in it what to do."""
    found = _cells()
    data = session.state().data
    if not found and (session.project() is None or data is None or data.fingerprint is None):
        need_log()
    if not found and not session.state().can_undo_notebook:
        st.info(t("notebook.empty"), icon=":material/keep:")
        with st.container(horizontal=True):
            for page in QUESTIONS:
                st.page_link(navigation.page_named(page))
        st.caption(t("notebook.empty_text"))
    if presenting.is_on():
        return
    now = session.state()
    with st.container(horizontal=True, key="controls"):
        st.button(
            t("notebook.add_first"),
            icon=":material/notes:",
            disabled=demo.is_on(),
            **once("book.add", _edit, _START),
        )
        st.button(
            t("notebook.undo"),
            icon=":material/undo:",
            disabled=not now.can_undo_notebook,
            **once("notebook.undo", session.edit, {"op": "undo", "area": "notebook"}),
        )
        st.button(
            t("notebook.redo"),
            icon=":material/redo:",
            disabled=not now.can_redo_notebook,
            **once("notebook.redo", session.edit, {"op": "redo", "area": "notebook"}),
        )
        if found:
            export(found)
    if session.widget(_key(_EDITING)) == _START:
        _editor(None, "")


def book() -> None:
    """The cells with their list beside them; while presenting one after the other."""
    found = _cells()
    if not found:
        return
    if presenting.is_on():
        at = presenting.leaf(len(found), "notebook")
        st.caption(t("notebook.cell_of", at=at + 1, n=len(found)))
        _cell(found[at].id)
        return
    session.put(_key(_WHOLE), False)
    if len(found) > 1:
        side, middle = st.columns([1, 4], gap="medium")
        with side, st.container(key="notebook_outline"):
            _outline(found)
    else:
        middle = st.container()
    with middle:
        for cell in found:
            st.fragment(key=_fragment(cell.id))(_cell)(cell.id)
        if session.widget(_key(_EDITING)) == _END:
            _editor(None, None)
        elif not demo.is_on():
            st.button(
                t("notebook.add_text"),
                icon=":material/notes:",
                type="tertiary",
                **once("book.add_last", _edit, _END),
            )
    session.put(_key(_WHOLE), True)


def _cells() -> tuple[Cell, ...]:
    return cells(session.state().settings)


def _key(name: str) -> str:
    return session.widget_key(name)


def _fragment(id_: str) -> str:
    return f"notebook_{id_}"


# ---- the list -------------------------------------------------------------------------------------------


def _outline(found: Sequence[Cell]) -> None:
    key = _key(_OUTLINE)

    @session.later
    def move() -> None:
        wanted = moved_to(session.widget(key))
        if wanted is not None:
            _change(lambda settings: moved(settings, *wanted))

    def seen() -> None:
        known = {cell.id for cell in found}
        new = [id_ for id_ in come_to(session.widget(key)) if id_ in known and id_ not in _seen()]
        session.put(_key(_SEEN), _seen() | set(new))
        # A page that is still being drawn must not be cut off for some cells: it is drawn again as a whole.
        if new and session.widget(_key(_WHOLE)):
            with suppress(StreamlitAPIException):
                st.rerun([_fragment(id_) for id_ in new])

    standings = {cell.id: session.widget(_key(f"book.flag.{cell.id}"), "") for cell in found}
    cell_list(
        [{"id": cell.id, "name": _name(cell), "flag": standings[cell.id]} for cell in found],
        {
            "label": t("notebook.outline"),
            "hint": t("notebook.drag"),
            "place": text("notebook.place", session.current().language, at="{at}", n="{n}", name="{name}"),
        },
        key=key,
        on_move=move,
        on_seen=seen,
    )


def _seen() -> set[str]:
    seen: set[str] = session.widget(_key(_SEEN), set())
    return seen


def _name(cell: Cell) -> str:
    """A cell in one line of plain text."""
    if cell.kind == "answer":
        return demo.covered(veil.veiled(cell.text)) or source_of(cell.question)
    lines = [line for block in blocks(veil.veiled(cell.text)) for line in block.lines]
    return demo.covered("".join(span.text for span in lines[0]))[:200] if lines else t("notebook.text")


def _change(op: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Do an operation that is made for the notebook as it is now."""
    session.edit(op(session.state().settings))


# ---- one cell -------------------------------------------------------------------------------------------


def _cell(id_: str) -> None:
    """One cell, drawn alone where only it changes."""
    with problems.told("notebook"):
        session.refresh()
        found = _cells()
        cell = next((one for one in found if one.id == id_), None)
        if cell is None:
            return
        # A name that the presentation's style does not know as a chart.
        with st.container(border=cell.kind == "answer" and not presenting.is_on(), key=f"cell_{id_}"):
            _drawn(cell, found)
        if session.widget(_key(_EDITING)) == f"after:{id_}":
            _editor(None, id_)


def _drawn(cell: Cell, found: Sequence[Cell]) -> None:
    # What is typed is shown as it is, so nobody types in demo mode.
    is_edited = session.widget(_key(_EDITING)) == cell.id and not demo.is_on()
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(gap="xsmall", width="stretch"):
            if is_edited:
                _editor(cell, None)
            elif cell.kind == "text":
                show_words(veil.veiled(cell.text))
            else:
                _heading(cell)
        if not presenting.is_on():
            _menu(cell, found)
    if cell.kind == "text":
        return
    at_once = [one.id for one in found if one.kind == "answer"][:_AT_ONCE]
    if not presenting.is_on() and len(found) > 1 and cell.id not in at_once and cell.id not in _seen():
        st.caption(t("notebook.waiting"))
        _beside(cell, None)
        st.container(height=320, border=False, key=f"wait_{cell.id}")
        return
    today = today_of(cell)
    session.put(_key(f"book.flag.{cell.id}"), today.verdict)
    if today.answer is not None:
        st.markdown(f"**{sentence(today.answer.finding)}**")
        _chart(cell, today.answer)
    _beside(cell, today)


def _heading(cell: Cell) -> None:
    about = literal(" · ".join([source_of(cell.question), *filters_said(cell.filters)]))
    if cell.text:
        st.subheader(literal(veil.veiled(cell.text)), anchor=False)
        st.caption(about)
    else:
        st.subheader(literal(source_of(cell.question)), anchor=False)
        if filters_said(cell.filters):
            st.caption(literal(" · ".join(filters_said(cell.filters))))


def _chart(cell: Cell, answer: Any) -> None:
    chart = chart_of(cell)
    if chart is None or is_empty(answer):
        return
    look = {"language": session.current().language, "dark": session.is_dark(), **presenting.chart_height()}
    if "height" in look:
        # Below the chart stand the two values, which are what a pinned answer is about.
        look["height"] = max(_LEAST_HEIGHT, look["height"] - _VALUES_HEIGHT)
    with st.container(key=f"chart_{cell.question}_{cell.id}"):
        picture(chart(answer, **look), key=_key(f"book.chart.{cell.id}"))


def _beside(cell: Cell, today: Today | None) -> None:
    """Today's value beside the pinned one, and whether that is a change."""
    language, (then, headline) = session.current().language, shown_then(cell)
    if today is not None:
        icon, colour = _LOOKS[today.verdict]
        st.badge(
            t(f"notebook.flag_{today.verdict}"),
            icon=f":material/{icon}:",
            color=colour,
            help=_because(today),  # type: ignore[arg-type]
        )
        if today.why:
            st.caption(sentence(today.why))
    left, right = st.columns(2)
    if today is not None and today.answer is not None:
        with left:
            st.caption(t("notebook.today"))
            value = value_said(headline_of(today.answer), language)
            st.markdown(literal(value) if value else sentence(today.answer.finding))
    with right:
        who = demo.called(cell.by)
        kept = t("notebook.kept_by" if who else "notebook.kept", at=moments.here(cell.at), who=who)
        st.caption(literal(f"{t('notebook.then')} · {kept}"))
        value = value_said(headline, language)
        st.markdown(literal(value) if value else sentence(then))
        if value and (today is None or today.verdict != "same"):
            st.caption(sentence(then))


def _because(today: Today) -> str:
    found = today.standing
    ends = {}
    figure = headline_of(today.answer)
    if found is not None and figure is not None and today.verdict in ("within", "beyond"):
        # How far two shares lie apart is no share.
        form = "points" if figure.form == "share" else figure.form
        ends = {
            name: value_said(Figure(figure.code, getattr(found, name), form), session.current().language)
            for name in ("low", "high")
        }
    return t(f"notebook.flag_help_{today.verdict}", **ends)


# ---- changing cells -------------------------------------------------------------------------------------


def _menu(cell: Cell, found: Sequence[Cell]) -> None:
    at = [one.id for one in found].index(cell.id)
    kind = "text" if cell.kind == "text" else "answer"
    ways = {
        "up": at > 0,
        "down": at < len(found) - 1,
        f"edit_{kind}": not demo.is_on(),
        "text_behind": not demo.is_on(),
        "copy": True,
        "remove": True,
    }
    chosen = pressed(
        st.menu_button,
        "",
        [way for way, is_there in ways.items() if is_there],
        format_func=lambda way: t(f"notebook.menu_{way}"),
        help=t("notebook.menu"),
        icon=":material/more_vert:",
        type="tertiary",
        key=f"cell_menu_{cell.id}",
    )
    if chosen is None:
        return
    _do(chosen, cell, at)
    st.rerun()


def _do(way: str, cell: Cell, at: int) -> None:
    settings = session.state().settings
    match way:
        case "up" | "down":
            session.edit(moved(settings, cell.id, at + (1 if way == "down" else -1)))
        case "copy":
            at_, who = now_and_who()
            session.edit(duplicated(settings, cell.id, new_id(), at=at_, by=who))
        case "remove":
            session.edit(removed(settings, cell.id))
        case "text_behind":
            _edit(f"after:{cell.id}")
        case _:
            _edit(cell.id)


def _edit(what: str | None) -> None:
    """Which words are being written: of a cell by its id, "after:<id>", "end", or none."""
    session.put(_key(_EDITING), what)


def _editor(cell: Cell | None, after: str | None) -> None:
    """The field for the words of a cell, or of a new text behind another one."""
    is_line = cell is not None and cell.kind == "answer"
    where = _END if after is None else after or _START
    name = f"book.words.{cell.id if cell else where}"

    def keep() -> None:
        words = str(session.widget(_key(name)) or "").strip()
        at, who = now_and_who()
        if cell is not None:
            if words != cell.text and (words or is_line):
                _change(lambda settings: reworded(settings, cell.id, words))
        elif words:
            session.edit(written(new_id(), words, after=after, at=at, by=who))
        _edit(None)

    with st.form(f"{name}.form", border=False):
        before = cell.text if cell else ""
        if is_line:
            st.text_input(t("notebook.pin_line"), before, max_chars=LONGEST_LINE, key=_key(name))
        else:
            st.text_area(t("notebook.words"), before, max_chars=LONGEST_TEXT, height=180, key=_key(name))
            st.caption(literal(t("notebook.words_help")))
        with st.container(horizontal=True):
            if st.form_submit_button(t("notebook.save"), type="primary", **once(f"{name}.save", keep)):
                st.rerun()
            if st.form_submit_button(t("notebook.cancel"), **once(f"{name}.cancel", _edit, None)):
                st.rerun()
