"""What was measured of a journey map, in the words of the tab, as its board takes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from journey.aggregates.stage_measures import MEASURES
from journey.analysis.emotion import ALL, Emotion
from journey.charts.bound_words import felt_text, measure_name, n_text, range_text, value_text
from journey.figures import Figure
from journey.projects.map_seen import link_key
from journey.stages.board import Board, Card
from journey.stages.evidence import Evidence
from ui import session
from ui.improvement_effects import improvement_marks
from ui.journey_card_marks import test_marks
from ui.journey_map_links import Called, link_short
from ui.journey_map_model import Measures
from ui.map_measures import MapMeasures
from ui.words import t

__all__ = ["measures_said"]

# What a measure of a stage is over, where that is not the customers.
_OVER = {"time": "visits", "feeling": "raters"}


def measures_said(
    board: Board, found: MapMeasures, answer: Emotion | None = None, source: str = ALL
) -> Measures:
    """The figures of a map as sentences and numbers, with what changed since the map was seen last.

    `answer` are the feelings that were measured, of which those of one `source` are drawn.
    """
    heads, kpi = (
        {
            stage: [_metric(found, stage, name, is_long=is_long) for name in MEASURES if name in of]
            for stage, of in _known(found)
        }
        for is_long in (False, True)
    )
    cards, language, called = board.cards.values(), session.current().language, Called()
    bound = {card.id: link_key(card.link) for card in cards if card.link}
    # What several cards are bound to is said once.
    of_key = {bound[card.id]: card for card in cards if card.link}
    links = {key: link_short(card.link, called) for key, card in of_key.items()}
    figures = {
        key: _figure(figure, found.was_card(card), language)
        for key, card in of_key.items()
        if (figure := found.cards.get(card.id)) is not None and figure.is_known
    }
    return Measures(
        heads=heads,
        kpi=kpi,
        figures={id_: figures[key] for id_, key in bound.items() if key in figures},
        evidence={card.id: found.evidence(card) for card in cards},
        cells=_cells(board, found),
        felt=_felt(answer, source),
        links={id_: links[key] for id_, key in bound.items()},
        marks=_marks(board),
    )


def _marks(board: Board) -> dict[str, list[dict[str, str]]]:
    """What became of cards elsewhere: their tests, their improvements, and what came of these."""
    tests, improved = test_marks(board), improvement_marks(board)
    return {id_: [*tests.get(id_, ()), *improved.get(id_, ())] for id_ in (*tests, *improved)}


def _known(found: MapMeasures) -> list[tuple[str, Mapping[str, Figure]]]:
    """The stages with the measures of them that are known."""
    return [
        (stage, {name: figure for name, figure in of.items() if figure.is_known})
        for stage, of in found.heads.items()
    ]


def _metric(found: MapMeasures, stage: str, measure: str, *, is_long: bool) -> dict[str, Any]:
    """A figure of a stage; in the narrow head with a short name, in a cell of its own with the whole one."""
    figure, language = found.heads[stage][measure], session.current().language
    n = (
        n_text(figure, language)
        if is_long
        else t(f"journey_map.n_{_OVER.get(measure, 'customers')}", n=figure.n)
    )
    return {
        "key": measure,
        "label": measure_name(measure, language) if is_long else t(f"journey_map.head_{measure}"),
        "text": value_text(figure, language),
        "n_text": n,
        "range_text": range_text(figure, language),
        **_change(found.was_head(stage, measure)),
        "evidence": found.head_evidence(stage, measure),
    }


def _figure(figure: Figure, was: Figure | None, language: str) -> dict[str, Any]:
    return {"text": value_text(figure, language), "n_text": n_text(figure, language), **_change(was)}


def _change(was: Figure | None) -> dict[str, Any]:
    """Whether a number is another one since the map was seen last, and what it was."""
    if was is None:
        return {"changed": False, "was_text": ""}
    language = session.current().language
    return {
        "changed": True,
        "was_text": value_text(was, language) if was.is_known else t("journey_map.was_unknown"),
    }


def _cells(board: Board, found: MapMeasures) -> dict[str, str]:
    held: dict[str, list[Card]] = {}
    for card in board.cards.values():
        held.setdefault(f"{card.lane}|{card.stage}", []).append(card)
    numbers: dict[str, Evidence] = {
        f"{lane.id}|{stage}": found.head_evidence(stage, MEASURES[0])
        for lane in board.lanes.values()
        if lane.kind == "kpi"
        for stage in found.heads
    }
    places = {**held, **numbers}
    return {place: found.cell(held.get(place, ()), numbers.get(place, "")) for place in places}


def _felt(answer: Emotion | None, source: str) -> list[dict[str, Any]]:
    """The measured feelings, stage by stage; none where nobody rated anything."""
    if answer is None:
        return []
    curve = answer.curve(source if source in answer.sources else ALL)
    return [
        {
            "stage": answer.ids[row.stage],
            "value": float(row.feeling),
            # There is none over too few, so that no gap is told by it.
            "low": None if math.isnan(row.low) else float(row.low),
            "high": None if math.isnan(row.high) else float(row.high),
            "n": int(row.raters),
            "text": f"{felt_text(row.feeling)} ({t('bound.n_raters', n=int(row.raters))})",
        }
        for row in curve.itertuples()
        if row.raters and not math.isnan(row.feeling)
    ]
