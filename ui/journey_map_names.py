"""What stages, lanes and all else of a journey map are called in a table, and what a file may call them."""

from __future__ import annotations

from journey.i18n import LANGUAGES, text
from journey.stages.board import SOURCES, STATES, STATUSES, Board
from journey.stages.board_table import COLUMNS, Names, distinct
from ui import session
from ui.journey_map_model import lane_name, lost_stages
from ui.words import t

__all__ = ["table_names"]


def table_names(board: Board) -> Names:
    """The names in the language of the tab; files may say them in any language."""
    language = session.current().language
    stages = session.state().stage_map
    lost = lost_stages(board, stages)
    lanes = {lane.id: lane_name(lane, language) for lane in board.ordered_lanes}
    own = {lane.kind: lane.id for lane in reversed(board.ordered_lanes) if not lane.name}
    also = {
        "lanes": {
            text(f"journey_map.lane_{kind}", one): id_ for kind, id_ in own.items() for one in LANGUAGES
        },
        "statuses": {_status(code, one): code for code in STATUSES if code for one in LANGUAGES},
        "states": {_state(code, one): code for code in STATES if code for one in LANGUAGES},
        "sources": {_source(code, one): code for code in SOURCES for one in LANGUAGES},
        "columns": {text(f"map_table.column_{name}", one): name for name in COLUMNS for one in LANGUAGES},
    }
    return Names(
        stages=distinct(
            {stage.id: stage.name for stage in stages.stages}
            | {id_: t("journey_map.lost_one", n=place) for place, id_ in enumerate(lost, 1)}
        ),
        lanes=distinct(lanes),
        personas=distinct({one.id: one.name for one in board.ordered_personas}),
        statuses={code: _status(code, language) for code in STATUSES if code},
        states={code: _state(code, language) for code in STATES if code},
        sources={code: _source(code, language) for code in SOURCES},
        columns={name: text(f"map_table.column_{name}", language) for name in COLUMNS},
        also=also,
    )


def _status(code: str, language: str) -> str:
    return text(f"journey_map.status_{code}", language)


def _state(code: str, language: str) -> str:
    return text(f"improvements.state_{code}", language)


def _source(code: str, language: str) -> str:
    return text(f"journey_map.source_{code}", language)
