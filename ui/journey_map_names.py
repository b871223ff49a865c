"""What stages, lanes and all else of a journey map are called in a table, and what a file may call them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

from journey.aggregates.stage_measures import MEASURES
from journey.i18n import LANGUAGES, text
from journey.projects.register import entries
from journey.stages.board import SOURCES, STATES, STATUSES, Board
from journey.stages.board_rows import COLUMNS, Names, distinct, link_code
from ui import session
from ui.ask import counts, saved
from ui.journey_map_links import Called, link_said
from ui.journey_map_model import lane_name, lost_stages
from ui.map_measures import has_data
from ui.veil import veiled
from ui.words import t

__all__ = ["table_names"]

# Rare ones are bound in the dialog of a card.
_MOST_EVENTS = 300


def table_names(board: Board, *, reading: bool = False, writing: bool = False) -> Names:
    """The names in the language of the tab; files may say them in any language.

    Where one is read, a card may be bound to more than what cards of the map are bound to already. Where one
    is only written, what another language calls these is of no use.
    """
    language = session.current().language
    stages = session.state().stage_map
    lost = lost_stages(board, stages)
    lanes = {lane.id: lane_name(lane, language) for lane in board.ordered_lanes}
    own = {lane.kind: lane.id for lane in reversed(board.ordered_lanes) if not lane.name}
    bound = [dict(card.link) for card in board.cards.values() if card.link]
    also = {
        "lanes": {
            text(f"journey_map.lane_{kind}", one): id_ for kind, id_ in own.items() for one in LANGUAGES
        },
        "statuses": {_status(code, one): code for code in STATUSES if code for one in LANGUAGES},
        "states": {_state(code, one): code for code in STATES if code for one in LANGUAGES},
        "sources": {_source(code, one): code for code in SOURCES for one in LANGUAGES},
        "links": {
            said: code
            for one in (() if writing else LANGUAGES)
            for code, said in _links(bound + (_offered() if reading else []), one).items()
        },
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
        links=_links(bound, language),
        tests=_tests(),
        also=also,
    )


def _links(found: Iterable[Mapping[str, Any]], language: str) -> dict[str, str]:
    """What cards are bound to, by its code; what another is called as well bears its own names behind."""
    called = Called()
    said = {link_code(link): link_said(link, language, called) for link in found}
    gone, twice = text("map_card.link_gone", language), Counter(said.values())
    return {
        code: words if twice[words] == 1 and gone not in words else f"{words} [{code}]"
        for code, words in said.items()
    }


def _offered() -> list[dict[str, str]]:
    """What a file may bind a card to by its words: stages, links and friction of them, common events."""
    stages = [stage.id for stage in session.state().stage_map.stages]
    found: list[dict[str, str]] = [
        *({"kind": "stage", "stage": id_, "measure": measure} for id_ in stages for measure in MEASURES),
        *({"kind": "link", "from": source, "to": target} for source, target in permutations(stages, 2)),
        *({"kind": "friction", "of": "stage", "name": id_} for id_ in stages),
    ]
    if has_data():
        known = counts()
        names = [name for _, name in sorted(zip(known.rows, known.names, strict=True), reverse=True)]
        found += [{"kind": "event", "event": name} for name in names[:_MOST_EVENTS]]
        found += [{"kind": "segment", "segment": one.id} for one in saved()]
    return found


def _tests() -> dict[str, str]:
    """What the tests of the register are called; of one name several bear a piece of their ids behind."""
    found = {one.id: veiled(one.plan.name).strip() for one in entries(session.state().settings)}
    twice = Counter(found.values())
    nameless = t("experiments_register.nameless")
    return {
        id_: name if name and twice[name] == 1 else f"{name or nameless} [{id_[:6]}]"
        for id_, name in found.items()
    }


def _status(code: str, language: str) -> str:
    return text(f"journey_map.status_{code}", language)


def _state(code: str, language: str) -> str:
    return text(f"improvements.state_{code}", language)


def _source(code: str, language: str) -> str:
    return text(f"journey_map.source_{code}", language)
