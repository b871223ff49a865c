"""The journey map of the open project: which one is shown and how, its board, and the edits of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from journey.analysis.emotion import ALL, Emotion
from journey.projects.maps import area, written
from journey.stages.board import EVERYBODY, Board
from journey.stages.board_actions import signed
from ui import (
    answer,
    by_name,
    demo,
    journey_card,
    journey_map_felt,
    journey_map_files,
    own_maps,
    presenting,
    problems,
    room,
    session,
)
from ui.boards import ask_frame, latest, let_frame_draw
from ui.components.journey_board import journey_board
from ui.journey_card_fields import open_card
from ui.journey_map_measured import measures_said
from ui.journey_map_model import map_model
from ui.journey_map_table import table
from ui.journey_map_veiled import veiled_board
from ui.map_measures import emotion, has_data, map_measures, mark_seen
from ui.once import once
from ui.pinning import now_and_who
from ui.veil import veiled
from ui.words import literal, sentence, t

__all__ = [
    "MAP",
    "PERSONA",
    "VERSION",
    "VIEW",
    "Shown",
    "board",
    "choose",
    "current",
    "every_map",
    "heading",
    "keep",
]

# How somebody looks at the maps: the as-is of the map, its version, the persona, and board or table.
MAP, VERSION, PERSONA, VIEW = (
    "journey_map.map",
    "journey_map.version",
    "journey_map.persona",
    "journey_map.view",
)
# By what the feelings of its map are measured.
FELT_BY = "journey_map.felt_by"
_VIEWS = {"board": "view_kanban", "table": "table_rows"}


@dataclass(frozen=True)
class Shown:
    """The map that is shown and its other version, if there is one; as whom, and in which view."""

    board: Board
    other: Board | None
    persona: str
    view: str


@dataclass(frozen=True)
class _Now:
    """A map as it is, its feelings where there are data, and how many figures changed since it was seen."""

    own: Board
    felt: Emotion | None
    changed: int


def every_map() -> dict[str, tuple[Board, Board | None]]:
    """The maps of the project by their id, as they are and as they should be, the oldest first.

    A to-be whose as-is is gone, is none, or has another to-be is a map by itself: none is out of reach.
    """
    known = {board.id: board for board in own_maps.every_one()}
    own = {id_ for id_, board in known.items() if board.of not in known}
    wished = {board.of: board for board in reversed(known.values()) if board.of in own}
    beside = {board.id for board in wished.values()}
    return {id_: (board, wished.get(id_)) for id_, board in known.items() if id_ not in beside}


def current() -> Board | None:
    """The map that this person looks at, in the version they look at; None where there is none."""
    known = every_map()
    if not known:
        return None
    wanted = session.state().settings.get(MAP)
    as_is, to_be = known[wanted if isinstance(wanted, str) and wanted in known else list(known)[-1]]
    is_wished = to_be is not None and session.state().settings.get(VERSION) == "to_be"
    return to_be if is_wished else as_is


def heading() -> None:
    """What the page is for; while presenting, the name of the map that is shown."""
    shown = current()
    if shown is None or not presenting.is_on():
        answer.title("journey_map")
    else:
        st.title(literal(veiled(shown.name)), anchor=False)
    room.told()


# ---- what is shown --------------------------------------------------------------------------------------


def choose() -> Shown:
    """The controls: which map, in which version, as whom, and as what."""
    known = every_map()
    names = {id_: demo.covered(veiled(as_is.name)) for id_, (as_is, _) in known.items()}
    newest = list(known)[-1]
    chosen = by_name.one_of(MAP, t("journey_map.map"), names, newest, width=240, label_visibility="collapsed")
    as_is, to_be = known[chosen]
    shown, other = _version(as_is, to_be)
    persona = _persona(shown)
    return Shown(shown, other, persona, _view())


def _version(as_is: Board, to_be: Board | None) -> tuple[Board, Board | None]:
    if to_be is None:
        return as_is, None
    names = {one: t(f"journey_map.version_{one}") for one in ("as_is", "to_be")}
    version = st.segmented_control(
        t("journey_map.version"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        label_visibility="collapsed",
        **session.kept(VERSION, "as_is", list(names)),
    )
    return (to_be, as_is) if version == "to_be" else (as_is, to_be)


def _persona(board: Board) -> str:
    """As whom the map is looked at; no question where nobody is named."""
    if not board.personas:
        return EVERYBODY
    names = {EVERYBODY: t("journey_map.everybody")}
    names |= {one.id: demo.covered(veiled(one.name)) for one in board.ordered_personas}
    return by_name.one_of(PERSONA, t("journey_map.persona"), names, width=170, label_visibility="collapsed")


def _view() -> str:
    """Board or table; presenting is a switch of the tab that shows this page as well."""
    names = {one: f":material/{icon}: {t(f'journey_map.view_{one}')}" for one, icon in _VIEWS.items()}
    chosen: str = st.segmented_control(
        t("journey_map.view"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        label_visibility="collapsed",
        **session.kept(VIEW, "board", list(_VIEWS)),
    )
    st.button(
        t("journey_map.view_present"),
        icon=":material/co_present:",
        key="map_present",
        on_click=session.switch,
        args=("show", True),
    )
    return chosen


def keep(*boards: Board) -> None:
    """Store new maps, and look at the first of them from now on."""
    session.edit(
        {"op": "settings", "values": {name: value for one in boards for name, value in written(one).items()}}
    )
    first = boards[0]
    look = {MAP: first.of or first.id, VERSION: first.version, PERSONA: EVERYBODY, VIEW: "board"}
    session.edit({"op": "settings", "values": look})


# ---- the board ------------------------------------------------------------------------------------------


@st.fragment
def board(shown: Shown) -> None:
    """Draw the map; an edit is stored and comes back with what it changed, without drawing the page again."""
    with problems.told("journey_map"):
        session.refresh()
        let_frame_draw()
        _board(shown)


def _board(shown: Shown) -> None:
    id_ = shown.board.id
    model, now = latest(f"map.{id_}", partial(_model, shown))
    if now is not None and not presenting.is_on():
        _beside(shown, now, model)
        if shown.view == "table":
            table(now.own, model)
            return
    journey_board(
        model,
        key=session.widget_key(f"map.board.{id_}"),
        on_ops=partial(_apply, id_),
        seen=lambda client: session.opened_project().seen(client),
        on_open=partial(_open, id_),
        on_gap=partial(_gap, id_, model["persona"]),
    )
    if now is not None:
        # What a team wishes for is not held against what customers feel today.
        if now.own.version == "as_is":
            journey_map_felt.panel(now.felt, session.state().settings.get(FELT_BY, ALL))
        _counted(now.felt)


def _beside(shown: Shown, now: _Now, model: Mapping[str, Any]) -> None:
    """What comes into the map and what is taken out of it, and that new data changed its figures."""
    own, felt = now.own, now.felt
    with st.container(horizontal=True, vertical_alignment="bottom", key="map_beside"):
        journey_map_files.bring(own)
        journey_map_files.take(own, model)
        if shown.view == "board":
            _source(felt if felt is None or shown.persona == EVERYBODY else emotion(own))
        if now.changed and not model["read_only"]:
            _changed(own.id, now.changed)
    journey_map_files.panel(own)


def _source(felt: Emotion | None) -> str:
    """By what feelings are measured, where customers told them in several ways."""
    sources = () if felt is None else felt.sources
    if len(sources) < 2:
        return ALL
    names = {
        one: t("journey_map.felt_by_source", source=t(f"emotion.source_{one}")) for one in (ALL, *sources)
    }
    return by_name.one_of(FELT_BY, t("journey_map.felt_by"), names, width=270, label_visibility="collapsed")


def _counted(felt: Emotion | None) -> None:
    """How the figures of a map were counted, where there are any."""
    if presenting.is_on() or felt is None:
        return
    with st.expander(t("app.how_counted")):
        st.markdown(t("page.journey_map.counted"))
        for note in felt.notes:
            st.markdown(f"- {sentence(note)}")


def _model(shown: Shown) -> tuple[dict[str, Any], _Now]:
    """What the board shows now, and what it was made of."""
    now = session.state()
    own = own_maps.named(shown.board.id)
    felt = emotion(own, shown.persona) if has_data() else None
    other = None if shown.other is None else own_maps.named(shown.other.id)
    found = map_measures(own)
    can_undo, can_redo = session.opened_project().steps(area(own.id))
    model = map_model(
        veiled_board(own),
        now.stage_map,
        language=session.current().language,
        measures=measures_said(own, found, felt, session.state().settings.get(FELT_BY, ALL)),
        other=other,
        persona=shown.persona,
        revision=now.revision,
        number=now.head,
        can_undo=can_undo,
        can_redo=can_redo,
        read_only=demo.is_on() or presenting.is_on(),
        mode="present" if presenting.is_on() else "board",
    )
    return model, _Now(own, felt, len(found.changed))


def _changed(id_: str, n: int) -> None:
    """That new data changed figures of the map, until somebody says that they know."""
    with st.container(horizontal=True, vertical_alignment="center", width="content", key="map_changed"):
        st.markdown(f":material/fiber_new: {t('journey_map.changed', n=n)}", width="content")
        st.button(
            t("journey_map.seen"),
            icon=":material/done_all:",
            type="tertiary",
            help=t("journey_map.seen_help"),
            **once("map.seen", _seen, id_),
        )


def _seen(id_: str) -> None:
    mark_seen(own_maps.named(id_))


def _apply(id_: str, client: str, ops: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Store the edits of the board; returns why one of them could not be done, by its number."""
    session.refresh()
    done = session.opened_project().apply_ops(client, [_of_map(id_, op) for op in ops])
    session.current().said += [said for _, said in done.over]
    return {refusal.seq: t(refusal.error.key, **refusal.error.values) for refusal in done.refused}


def _of_map(id_: str, op: Mapping[str, Any]) -> dict[str, Any]:
    """An operation of the project: the edit of a board, or a step through what was done on it."""
    beside = {name: op[name] for name in ("seq", "base") if name in op}
    if op["op"] in ("undo", "redo"):
        return {"op": op["op"], "area": area(id_), **beside}
    edit = {name: value for name, value in op.items() if name not in beside}
    at, by = now_and_who()
    return {"op": "board", "map": id_, "edit": signed(edit, at.isoformat(), by), **beside}


def _open(id_: str, card: str) -> None:
    """From the board: the dialog of a card."""
    open_card(id_, card)
    ask_frame()


def _gap(id_: str, persona: str, stage: str) -> None:
    """From the board: what customers said at a stage where the team felt otherwise."""
    journey_card.quotes(id_, stage, persona)
    ask_frame()
