"""The journey map of the open project: which one is shown and how, its board, and the edits of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from journey.projects.maps import map_named, maps, written
from journey.stages.board import EVERYBODY, Board
from ui import demo, live, presenting, problems, session
from ui.ask import veiled
from ui.journey_map_model import map_model
from ui.words import t

__all__ = ["MAP", "PERSONA", "VERSION", "VIEW", "Shown", "board", "choose", "current", "every_map", "keep"]

# How somebody looks at the maps: the as-is of the map, its version, the persona, and board or table.
MAP, VERSION, PERSONA, VIEW = (
    "journey_map.map",
    "journey_map.version",
    "journey_map.persona",
    "journey_map.view",
)
_VIEWS = {"board": "view_kanban", "table": "table_rows"}
_PAGE = "journey_map"


@dataclass(frozen=True)
class Shown:
    """The map that is shown and its other version, if there is one; as whom, and in which view."""

    board: Board
    other: Board | None
    persona: str
    view: str


def every_map() -> dict[str, tuple[Board, Board | None]]:
    """The maps of the project by their id, as they are and as they should be, the oldest first.

    A to-be whose as-is is gone is a map by itself.
    """
    known = {board.id: board for board in maps(session.state().settings)}
    wished = {board.of: board for board in known.values() if board.of in known}
    return {board.id: (board, wished.get(board.id)) for board in known.values() if board.of not in known}


def current() -> Board | None:
    """The map that this person looks at, in the version they look at; None where there is none."""
    known = every_map()
    if not known:
        return None
    wanted = session.state().settings.get(MAP)
    as_is, to_be = known[wanted] if wanted in known else list(known.values())[-1]
    is_wished = to_be is not None and session.state().settings.get(VERSION) == "to_be"
    return to_be if is_wished else as_is


# ---- what is shown --------------------------------------------------------------------------------------


def choose() -> Shown:
    """The controls: which map, in which version, as whom, and as what."""
    known = every_map()
    names = {id_: veiled(as_is.name) for id_, (as_is, _) in known.items()}
    newest = list(known)[-1]
    chosen = st.selectbox(
        t("journey_map.map"),
        list(known),
        format_func=names.__getitem__,
        width=260,
        **session.kept(MAP, newest, list(known)),
    )
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
        **session.kept(VERSION, "as_is", list(names)),
    )
    return (to_be, as_is) if version == "to_be" else (as_is, to_be)


def _persona(board: Board) -> str:
    """As whom the map is looked at; no question where nobody is named."""
    if not board.personas:
        return EVERYBODY
    names = {EVERYBODY: t("journey_map.everybody")}
    names |= {one.id: veiled(one.name) for one in board.ordered_personas}
    chosen: str = st.selectbox(
        t("journey_map.persona"),
        list(names),
        format_func=names.__getitem__,
        width=180,
        **session.kept(PERSONA, EVERYBODY, list(names)),
    )
    return chosen


def _view() -> str:
    """Board or table; presenting is a switch of the tab that shows this page as well."""
    names = {one: f":material/{icon}: {t(f'journey_map.view_{one}')}" for one, icon in _VIEWS.items()}
    chosen: str = st.segmented_control(
        t("journey_map.view"),
        list(names),
        format_func=names.__getitem__,
        required=True,
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
        _board(shown)


def _board(shown: Shown) -> None:
    model = _model(shown)
    live.noted()
    stages = [stage["name"] for stage in model["stages"]]
    ids = [stage["id"] for stage in model["stages"]]
    rows = [
        [
            lane["name"],
            *(
                "\n".join(
                    card["text"]
                    for card in model["cards"]
                    if (card["lane"], card["stage"]) == (lane["id"], stage)
                )
                for stage in ids
            ),
        ]
        for lane in model["lanes"]
    ]
    st.table(pd.DataFrame(rows, columns=["", *stages]).set_index(""))


def _model(shown: Shown) -> dict[str, Any]:
    """What the board shows now."""
    now = session.state()
    own = map_named(now.settings, shown.board.id)
    other = None if shown.other is None else map_named(now.settings, shown.other.id)
    return map_model(
        own,
        now.stage_map,
        language=session.current().language,
        other=other,
        persona=shown.persona,
        revision=now.revision,
        number=now.head,
        read_only=demo.is_on() or presenting.is_on(),
        mode="present" if presenting.is_on() else "board",
    )
