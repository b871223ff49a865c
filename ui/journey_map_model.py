"""What the board of a journey map shows: the map as JSON, with what was measured beside what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journey.i18n import text
from journey.stages.board import EVERYBODY, SOURCES, STATUSES, Board, Card, Lane
from journey.stages.board_edits import card_to_json
from journey.stages.map_templates import kind_of, question
from journey.stages.stage_map import StageMap
from journey.theme import STAGE_COLOURS

__all__ = ["Measures", "lane_name", "lost_stages", "map_model"]

Metric = Mapping[str, Any]
_LOST_COLOUR = "#9A9A9A"
_COPIED = ("link", "source", "parent", "hypothesis", "effort", "impact")


@dataclass(frozen=True)
class Measures:
    """What the data say of a map, as the board takes it; nothing of all where there are no data.

    heads, kpi   stage id -> its metrics
    figures      card id -> {"text", "n_text", "changed", "was_text"}
    evidence     card id -> measured, partly or assumed
    cells        "<lane id>|<stage id>" -> the same of a whole cell
    felt         the measured feelings: {"stage", "value", "low", "high", "n", "text"}
    links        card id -> what it is bound to, in words
    marks        card id -> [{"icon", "text"}]: what became of it elsewhere
    """

    heads: Mapping[str, Sequence[Metric]] = field(default_factory=dict)
    kpi: Mapping[str, Sequence[Metric]] = field(default_factory=dict)
    figures: Mapping[str, Metric] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    felt: Sequence[Metric] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Sequence[Metric]] = field(default_factory=dict)


def map_model(
    board: Board,
    stages: StageMap,
    *,
    language: str,
    measures: Measures | None = None,
    other: Board | None = None,
    persona: str = EVERYBODY,
    revision: int = 0,
    number: int = 0,
    can_undo: bool = False,
    can_redo: bool = False,
    read_only: bool = False,
    mode: str = "board",
    at: int = -1,
) -> dict[str, Any]:
    """The map under the stages of the project, for people who look at `persona` and at stage `at`.

    `other` is the same map in its other version, whose curve is drawn behind. Cards of stages that the
    project has no more are shown in columns of their own, after all others. `at` -1 is the whole map.
    """
    measures = measures or Measures()
    shown = persona if persona in board.personas else EVERYBODY
    # What is drawn in a cell of these lanes answers its question.
    told = {
        "emotion": board.felt.get(shown, {}),
        "kpi": [id_ for id_, those in measures.kpi.items() if those],
    }
    kinds = {stage.id: kind_of(stage.name) for stage in stages.stages}
    return {
        "language": language,
        "map": board.id,
        "name": board.name,
        "version": board.version,
        "revision": revision,
        "number": number,
        "can_undo": can_undo,
        "can_redo": can_redo,
        "read_only": read_only,
        "mode": mode,
        "at": at,
        "stages": _stages(board, stages, measures, language),
        "lanes": [
            _lane(
                lane,
                {id_: kind for id_, kind in kinds.items() if id_ not in told.get(lane.kind, ())},
                language,
            )
            for lane in board.ordered_lanes
        ],
        "cards": [_card(card, measures, language) for card in board.cards.values()],
        "cells": dict(measures.cells),
        "kpi": {stage: [dict(one) for one in those] for stage, those in measures.kpi.items()},
        "personas": _personas(board),
        "persona": shown,
        "curve": {
            "felt": {who: dict(curve) for who, curve in board.felt.items()},
            "other": {} if other is None else dict(_curve(other, board, shown)),
            "measured": [dict(one) for one in measures.felt],
        },
        "colours": list(STAGE_COLOURS),
        "statuses": [
            {"id": one, "name": text(f"journey_map.status_{one}", language)} for one in STATUSES if one
        ],
        "owners": sorted({card.owner for card in board.cards.values() if card.owner}),
    }


def lost_stages(board: Board, stages: StageMap) -> list[str]:
    """Stages that cards stand in and the project has no more, in the order in which they were made."""
    known = {stage.id for stage in stages.stages}
    return sorted({card.stage for card in board.cards.values()} - known, key=lambda id_: (len(id_), id_))


def lane_name(lane: Lane, language: str) -> str:
    """What a lane is called: by its own name, else by its kind."""
    return lane.name or text(f"journey_map.lane_{lane.kind}", language)


def _stages(board: Board, stages: StageMap, measures: Measures, language: str) -> list[dict[str, Any]]:
    own = [
        {
            "id": stage.id,
            "name": stage.name,
            "colour": stage.colour,
            "lost": False,
            "head": [dict(one) for one in measures.heads.get(stage.id, ())],
        }
        for stage in stages.stages
    ]
    lost = lost_stages(board, stages)
    said = "journey_map.lost" if len(lost) == 1 else "journey_map.lost_one"
    return own + [
        {
            "id": id_,
            "name": text(said, language, n=place),
            "colour": _LOST_COLOUR,
            "lost": True,
            "head": [],
        }
        for place, id_ in enumerate(lost, 1)
    ]


def _lane(lane: Lane, kinds: Mapping[str, str], language: str) -> dict[str, Any]:
    """A lane with what is asked in its empty cells; `kinds` says of each stage of which kind it is."""
    hints = {stage: question(lane.kind, kind, language) for stage, kind in kinds.items()}
    return {
        "id": lane.id,
        "kind": lane.kind,
        "key": lane.key,
        "name": lane.name,
        "hidden": lane.hidden,
        "hints": {stage: said for stage, said in hints.items() if said},
    }


def _card(card: Card, measures: Measures, language: str) -> dict[str, Any]:
    return {
        "id": card.id,
        "lane": card.lane,
        "stage": card.stage,
        "key": card.key,
        "text": card.text,
        "colour": card.colour,
        "tags": list(card.tags),
        "owner": card.owner,
        "status": card.status,
        "persona": card.persona,
        "evidence": measures.evidence.get(card.id, "partly" if card.source else "assumed"),
        "figure": dict(measures.figures[card.id]) if card.id in measures.figures else None,
        "link_text": measures.links.get(card.id, ""),
        "source_text": _source(card, language),
        "marks": [dict(one) for one in measures.marks.get(card.id, ())],
        "more": _more(card),
    }


def _more(card: Card) -> dict[str, Any]:
    """What a copy of the card takes along beside what is seen; what came of the card stays with it alone."""
    told = card_to_json(card)
    return {name: told[name] for name in _COPIED if name in told}


def _source(card: Card, language: str) -> str:
    """Where a card came from: its kind, and who said it or in which file it stood."""
    if not card.source:
        return ""
    kind, by = card.source.get("kind", ""), card.source.get("who") or card.source.get("name") or ""
    said = text(f"journey_map.source_{kind}", language) if kind in SOURCES else ""
    return " · ".join(part for part in (said, by) if part)


def _personas(board: Board) -> list[dict[str, Any]]:
    """The personas with a colour each: those of the last stages, so that they are not taken for the first."""
    return [
        {"id": one.id, "name": one.name, "colour": STAGE_COLOURS[-1 - place % len(STAGE_COLOURS)]}
        for place, one in enumerate(board.ordered_personas)
    ]


def _curve(other: Board, board: Board, persona: str) -> Mapping[str, float]:
    """The curve of the other version for the same persona, who is another one there, by their name."""
    if persona == EVERYBODY:
        return other.felt.get(EVERYBODY, {})
    name = board.personas[persona].name
    there = [one.id for one in other.personas.values() if one.id == persona or one.name == name]
    return other.felt.get(there[0], {}) if there else {}
