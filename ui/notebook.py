"""The notebook of the open project: pinned answers on today's data, and words between them, in order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from journey.errors import JourneyError
from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import LANGUAGES, text
from journey.projects.again import Standing, standing
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
from journey.reports.html import Drawing, said
from journey.reports.marked import Block, Span, blocks
from journey.reports.notebook import Exhibit, drawings, notebook_page, value_said
from ui import ask, demo, moments, navigation, presenting, problems, session
from ui.answer import need_log, title
from ui.components.cell_list import cell_list, come_to, moved_to
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.tables import file_name
from ui.words import literal, sentence, t

__all__ = ["book", "heading", "toolbar"]

_AT_ONCE = 2  # cells that are counted before anybody has scrolled
_SEEN, _EDITING, _OUTLINE, _WHOLE = "book.seen", "book.editing", "book.list", "book.whole"
_END, _START = "end", "start"
_LEAST_HEIGHT, _VALUES_HEIGHT = 320, 130
# What joins names in a finding: those of a route, and of a node that is split by an attribute.
_JOINED = re.compile("( · | → )")
# Charts that a question has beside the one of its name.
_OTHER_PICTURES = frozenset({"step_matrix"})
_LOOKS: Mapping[str, tuple[str, str]] = {
    "same": ("check", "gray"),
    "within": ("waves", "gray"),
    "beyond": ("trending_up", "red"),
    "changed": ("sync", "orange"),
    "other": ("swap_horiz", "orange"),
    "gone": ("block", "red"),
}


@dataclass(frozen=True)
class _Today:
    """What became of a pinned answer: today's with its standing, or why there is none."""

    answer: Any
    standing: Standing | None
    why: Finding | None = None

    @property
    def verdict(self) -> str:
        return "gone" if self.standing is None else self.standing.verdict


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
            **once("notebook.undo", session.edit, {"op": "undo", "notebook": True}),
        )
        st.button(
            t("notebook.redo"),
            icon=":material/redo:",
            disabled=not now.can_redo_notebook,
            **once("notebook.redo", session.edit, {"op": "redo", "notebook": True}),
        )
        if found:
            _export(found)
    if session.widget(_key(_EDITING)) == _START:
        _editor(None, "")


def book() -> None:
    """The cells with their list beside them; while presenting one after the other."""
    found = _cells()
    if not found:
        return
    if presenting.is_on():
        at = presenting.leaf(len(found))
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
        return demo.covered(ask.veiled(cell.text)) or _source(cell.question)
    lines = [line for block in blocks(ask.veiled(cell.text)) for line in block.lines]
    return demo.covered("".join(span.text for span in lines[0]))[:200] if lines else t("notebook.text")


def _source(question: str) -> str:
    return t(f"page.{question}.title") if question in QUESTIONS else question


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
                _text(ask.veiled(cell.text))
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
    today = _today(cell)
    session.put(_key(f"book.flag.{cell.id}"), today.verdict)
    if today.answer is not None:
        st.markdown(f"**{sentence(today.answer.finding)}**")
        _chart(cell, today.answer)
    _beside(cell, today)


def _heading(cell: Cell) -> None:
    about = literal(" · ".join([_source(cell.question), *_filters_said(cell.filters)]))
    if cell.text:
        st.subheader(literal(ask.veiled(cell.text)), anchor=False)
        st.caption(about)
    else:
        st.subheader(literal(_source(cell.question)), anchor=False)
        if _filters_said(cell.filters):
            st.caption(literal(" · ".join(_filters_said(cell.filters))))


def _chart(cell: Cell, answer: Any) -> None:
    chart = _chart_of(cell)
    if chart is None or _is_empty(answer):
        return
    look = {"language": session.current().language, "dark": session.is_dark(), **presenting.chart_height()}
    if "height" in look:
        # Below the chart stand the two values, which are what a pinned answer is about.
        look["height"] = max(_LEAST_HEIGHT, look["height"] - _VALUES_HEIGHT)
    with st.container(key=f"chart_{cell.question}_{cell.id}"):
        st.altair_chart(chart(answer, **look), key=_key(f"book.chart.{cell.id}"), theme=None)


def _chart_of(cell: Cell) -> Callable[..., Any] | None:
    """The charts of a question stand in the module of its name; one that is gone gives way to the first."""
    if cell.question not in QUESTIONS:
        return None
    module = import_module(f"journey.charts.{cell.question}")
    is_one = cell.picture in _OTHER_PICTURES and cell.picture in module.__all__
    name = cell.picture if is_one else f"{cell.question}_chart"
    chart: Callable[..., Any] = getattr(module, name)
    return chart


def _headline(answer: Any) -> Figure | None:
    return getattr(answer, "headline", None)


def _is_empty(answer: Any) -> bool:
    return bool(answer.table.empty)


def _beside(cell: Cell, today: _Today | None) -> None:
    """Today's value beside the pinned one, and whether that is a change."""
    language, (then, headline) = session.current().language, _shown_then(cell)
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
            value = value_said(_headline(today.answer), language)
            st.markdown(literal(value) if value else sentence(today.answer.finding))
    with right:
        who = demo.called(cell.by)
        kept = t("notebook.kept_by" if who else "notebook.kept", at=moments.here(cell.at), who=who)
        st.caption(literal(f"{t('notebook.then')} · {kept}"))
        value = value_said(headline, language)
        st.markdown(literal(value) if value else sentence(then))
        if value and (today is None or today.verdict != "same"):
            st.caption(sentence(then))


def _because(today: _Today) -> str:
    found = today.standing
    ends = {}
    figure = _headline(today.answer)
    if found is not None and figure is not None and today.verdict in ("within", "beyond"):
        # How far two shares lie apart is no share.
        form = "points" if figure.form == "share" else figure.form
        ends = {
            name: value_said(Figure(figure.code, getattr(found, name), form), session.current().language)
            for name in ("low", "high")
        }
    return t(f"notebook.flag_help_{today.verdict}", **ends)


def _text(words: str) -> None:
    """Words with their marks: each piece is escaped, so that Markdown sees our marks only."""
    waiting: list[str] = []
    for block in blocks(words):
        if block.kind == "heading":
            _paragraphs(waiting)
            show = st.header if block.level == 1 else st.subheader
            show(_line(block.lines[0]), anchor=False)
        else:
            waiting.append(_said(block))
    _paragraphs(waiting)


def _paragraphs(waiting: list[str]) -> None:
    if waiting:
        st.markdown("\n\n".join(waiting))
        waiting.clear()


def _said(block: Block) -> str:
    lines = [_line(line) for line in block.lines]
    match block.kind:
        case "bullets":
            return "\n".join(f"- {line}" for line in lines)
        case "numbers":
            return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        case "quote":
            return "  \n".join(f"> {line}" for line in lines)
        case _:
            return "  \n".join(lines)


def _line(spans: Sequence[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    """An invisible joiner at the marks: beside a sign or a syllable Markdown would not take them as marks."""
    marks = "**" if span.bold else "*" if span.italic else ""
    return f"{marks}\u2060{literal(span.text)}\u2060{marks}" if marks else literal(span.text)


# ---- what became of it ----------------------------------------------------------------------------------


def _today(cell: Cell) -> _Today:
    """Today's answer, or a sentence that says why it cannot be given any more."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        return _Today(None, None, Finding("notebook.why_data"))
    if cell.question not in QUESTIONS:
        return _Today(None, None, Finding("notebook.why_question"))
    if _where(cell.filters) != (cell.filters.get("where") or {}):
        return _Today(None, None, Finding("notebook.why_broken"))
    missing = [name for name in _where(cell.filters) if name not in ask.whole().attributes]
    if missing:
        return _Today(None, None, Finding("notebook.why_attribute", {"name": missing[0]}))
    try:
        answer = ask.again(cell.question, cell.settings, cell.filters)
    except problems.LOST:
        raise
    except JourneyError as problem:
        return _Today(None, None, Finding(problem.key, problem.values))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # Settings of another version, or of a hand.
        return _Today(None, None, Finding("notebook.why_broken"))
    then, headline = _shown_then(cell)
    return _Today(answer, standing(then, headline, answer.finding, _headline(answer)))


def _where(filters: Mapping[str, Any]) -> Mapping[str, list[str | None]]:
    """The attributes and values of pinned filters, as far as they are written like this."""
    where = filters.get("where")
    return {
        name: values
        for name, values in (where.items() if isinstance(where, Mapping) else ())
        if isinstance(values, list) and all(one is None or isinstance(one, str) for one in values)
    }


def _shown_then(cell: Cell) -> tuple[Finding, Figure | None]:
    """What was pinned, in demo mode with the names that the log bears there."""
    if not demo.is_on():
        return cell.finding, cell.headline
    names = _stand_ins()
    finding = replace(cell.finding, values=_disguised(cell.finding.values, names))
    headline = cell.headline
    if headline is not None:
        headline = replace(headline, values=_disguised(headline.values, names))
    return finding, headline


def _stand_ins() -> Mapping[str, str]:
    """Value -> what is said for it, of all attributes that are hidden."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        return {}
    stages = {stage.name for stage in session.state().stage_map.stages}
    return {
        value: shown
        for attribute in ask.hidden()
        for value, shown in ask.said(attribute).items()
        if value not in stages
    }


def _disguised(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [one(inner) for inner in value]
        if not isinstance(value, str):
            return value
        return demo.covered(ask.veiled("".join(names.get(part, part) for part in _JOINED.split(value))))

    return {name: one(value) for name, value in values.items()}


def _filters_said(filters: Mapping[str, Any], language: str | None = None) -> list[str]:
    """The pinned filters in words, a line each."""
    speak = language or session.current().language
    lines, period = [], filters.get("period")
    with suppress(TypeError, ValueError):
        first, last = (dt.date.fromisoformat(day) for day in period or ())
        lines.append(
            text("controls.one_day" if first == last else "controls.days", speak, first=first, last=last)
        )
    if filters.get("segment"):
        lines.append(text("notebook.segment", speak))
    for attribute, values in _where(filters).items():
        told = ask.said(attribute) if _has_data() else {}
        shown = [
            text("controls.missing", speak)
            if one is None
            else told.get(one, demo.word("value") if told else one)
            for one in values
        ]
        lines.append(text("controls.where", speak, attribute=attribute, values=", ".join(shown)))
    return [demo.covered(line) for line in lines]


def _has_data() -> bool:
    data = session.state().data
    return data is not None and data.fingerprint is not None


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
    chosen = st.menu_button(
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


# ---- taking it away -------------------------------------------------------------------------------------


def _export(found: Sequence[Cell]) -> None:
    """The one file; all cells are counted once somebody opens this."""
    with st.popover(
        t("notebook.export"), icon=":material/download:", key="notebook_export", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        language = st.radio(
            t("notebook.export_language"),
            LANGUAGES,
            index=LANGUAGES.index(session.current().language),
            format_func=lambda one: t(f"app.language_{one}"),
            horizontal=True,
            key=_key("notebook.export_language"),
        )
        st.caption(t("notebook.export_help"))
        told, figures = _made(found, language)
        facts = _facts(language)
        at, called = moments.here(dt.datetime.now(dt.UTC)), text("page.notebook.title", language)
        opened_name = session.project()
        named = called if opened_name is None else f"{opened_name.name} · {called}"

        lead = text("notebook.export_lead", language, n=len(told), at=at)

        def write() -> bytes:
            return notebook_page(
                told, language=language, title=named, lead=lead, facts=facts, figures=figures
            )

        st.download_button(
            t("notebook.export_yes"),
            data=session.download(write),
            file_name=file_name("page.notebook.title", "html"),
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
            key="book.html",
        )


def _made(found: Sequence[Cell], language: str) -> tuple[list[str | Exhibit], list[Drawing | None]]:
    """The cells counted on today's data and drawn, with a bar that says how far this is."""
    bar = st.progress(0.0, t("notebook.export_making", at=0, n=len(found)))
    told, figures = [_exhibit(cell, language) for cell in found], []
    for figure in drawings(told, language):
        figures.append(figure)
        done = len(figures)
        bar.progress(done / len(found), t("notebook.export_making", at=done, n=len(found)))
    bar.empty()
    return told, figures


def _exhibit(cell: Cell, language: str) -> str | Exhibit:
    """A cell as the page takes it: nothing of it is read from this tab any more."""
    if cell.kind == "text":
        return demo.covered(ask.veiled(cell.text))
    today = _today(cell)
    known = cell.question in QUESTIONS
    draw = today.answer is not None and not _is_empty(today.answer)
    return Exhibit(
        line=demo.covered(ask.veiled(cell.text)),
        source=text(f"page.{cell.question}.title", language) if known else cell.question,
        counted=text(f"page.{cell.question}.counted", language) if known else "",
        filters=" · ".join(_filters_said(cell.filters, language)),
        then=_shown_then(cell),
        at=moments.here(cell.at),
        who=demo.called(cell.by),
        now=today.answer,
        chart=_chart_of(cell) if draw else None,
        verdict=today.verdict,
        why=said(today.why, language) if today.why else "",
    )


def _facts(language: str) -> list[tuple[str, str]]:
    data = session.state().data
    names: Collection[str] = [] if data is None else [demo.covered(file.name) for file in data.files]
    return [
        (text("report.files", language), ", ".join(names)),
        (text("report.with", language), text("app.name", language)),
    ]
