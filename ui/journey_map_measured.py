"""What was measured of a journey map, in the words of the tab, as its board takes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from journey.aggregates.stage_measures import MEASURES
from journey.figures import Figure
from journey.reports.notebook import value_said
from journey.stages.board import Board, Card
from ui import session
from ui.ask import saved, veiled
from ui.journey_card_marks import test_marks
from ui.journey_map_model import Measures
from ui.map_measures import MapMeasures, has_data
from ui.words import t

__all__ = ["link_said", "measures_said", "value_alone"]

# What a measure of a stage is over, where that is not the customers.
_OVER = {"time": "visits", "feeling": "raters"}
_FEELING = "feeling"


def measures_said(board: Board, found: MapMeasures) -> Measures:
    """The figures of a map as sentences and numbers, with what changed since the map was seen last."""
    metrics = {
        stage: [_metric(found, stage, name) for name in MEASURES if name in of] for stage, of in _known(found)
    }
    cards = board.cards.values()
    return Measures(
        heads=metrics,
        kpi=metrics,
        figures={
            card.id: _figure(figure, found.was_card(card))
            for card in cards
            if (figure := found.cards.get(card.id)) is not None and figure.is_known
        },
        evidence={card.id: found.evidence(card) for card in cards},
        cells=_cells(board, found),
        felt=_felt(found),
        links={card.id: link_said(card.link) for card in cards if card.link},
        marks=test_marks(board),
    )


def link_said(link: Mapping[str, Any]) -> str:
    """What a card is bound to, by the name that it has now."""
    stages = {one.id: one.name for one in session.state().stage_map.stages}
    gone = t("journey_map.link_gone")
    match link:
        case {"kind": "stage", "stage": stage}:
            return stages.get(stage, gone)
        case {"kind": "event", "event": event}:
            return veiled(event)
        case {"kind": "link", "from": source, "to": target}:
            return f"{stages.get(source, gone)} → {stages.get(target, gone)}"
        case {"kind": "friction", "of": of, "name": name}:
            named = stages.get(name, gone) if of == "stage" else veiled(name)
            return t("journey_map.link_friction", name=named)
        case {"kind": "segment", "segment": id_}:
            known = {one.id: one.name for one in saved()} if has_data() else {}
            return known.get(id_, gone)
        case {"kind": "answer"}:
            return t("journey_map.link_answer")
        case _:
            return ""


def value_alone(figure: Figure) -> str:
    """The number without its interval and what it is over; a feeling with its sign."""
    if figure.code == "bound.feeling":
        return f"{figure.value:+.1f}".replace("-", "−")
    return value_said(replace(figure, n=0, low=math.nan, high=math.nan), session.current().language)


def _known(found: MapMeasures) -> list[tuple[str, Mapping[str, Figure]]]:
    """The stages with the measures of them that are known."""
    return [
        (stage, {name: figure for name, figure in of.items() if figure.is_known})
        for stage, of in found.heads.items()
    ]


def _metric(found: MapMeasures, stage: str, measure: str) -> dict[str, Any]:
    figure = found.heads[stage][measure]
    was = found.was_head(stage, measure)
    return {
        "key": measure,
        "label": t(f"bound.measure_{measure}"),
        "text": value_alone(figure),
        "n_text": _over(figure, _OVER.get(measure, "customers")),
        "range_text": _range(figure),
        **_change(was),
        "evidence": found.head_evidence(stage, measure),
    }


def _figure(figure: Figure, was: Figure | None) -> dict[str, Any]:
    return {"text": value_alone(figure), "n_text": _over(figure, "customers"), **_change(was)}


def _over(figure: Figure, what: str) -> str:
    match what:
        case "visits":
            return t("bound.n_visits", n=figure.n)
        case "raters":
            return t("bound.n_raters", n=figure.n)
        case _:
            return t("bound.n_customers", n=figure.n)


def _range(figure: Figure) -> str:
    if not figure.has_interval:
        return ""
    ends = {name: value_alone(replace(figure, value=getattr(figure, name))) for name in ("low", "high")}
    return t("bound.range", **ends)


def _change(was: Figure | None) -> dict[str, Any]:
    """Whether a number is another one since the map was seen last, and what it was."""
    if was is None:
        return {"changed": False, "was_text": ""}
    return {"changed": True, "was_text": value_alone(was) if was.is_known else t("journey_map.was_unknown")}


def _cells(board: Board, found: MapMeasures) -> dict[str, str]:
    held: dict[str, list[Card]] = {}
    for card in board.cards.values():
        held.setdefault(f"{card.lane}|{card.stage}", []).append(card)
    told: dict[str, str] = {place: found.cell(those) for place, those in held.items()}
    for lane in board.lanes.values():
        if lane.kind == "kpi":
            told |= {f"{lane.id}|{stage}": found.head_evidence(stage, MEASURES[0]) for stage in found.heads}
    return told


def _felt(found: MapMeasures) -> list[dict[str, Any]]:
    """The measured feelings, stage by stage; none where nobody rated anything."""
    return [
        {
            "stage": stage,
            "value": figure.value,
            "low": figure.low if figure.has_interval else figure.value,
            "high": figure.high if figure.has_interval else figure.value,
            "n": figure.n,
            "text": f"{value_alone(figure)} ({_over(figure, 'raters')})",
        }
        for stage, of in _known(found)
        if (figure := of.get(_FEELING)) is not None
    ]
