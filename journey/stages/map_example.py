"""A filled journey map of the sample shop, to look at and to change: what a team could have found out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from journey.i18n import text
from journey.stages.board import EVERYBODY, Board, Card, MapPersona, keys
from journey.stages.improvements import judged
from journey.stages.map_templates import from_map_template, kind_of
from journey.stages.stage_map import StageMap

__all__ = ["example_map"]


def example_map(
    stages: StageMap, events: Collection[str], *, id_: str, at: dt.datetime, by: str = "", language: str
) -> Board:
    """The example under the stages of a project: cards of stages that it does not have are left out.

    Cards about an event are bound to it where the data have it; all others are what they are: assumed, or
    said by somebody invented.
    """
    told = json.loads(resources.files(__package__).joinpath("map_example.json").read_text(encoding="utf-8"))
    ids = {kind: stage.id for stage in stages.stages if (kind := kind_of(stage.name))}
    name = text("map_example.name", language)
    board = from_map_template("shop", id_=id_, name=name, at=at, by=by, language=language)
    personas = [
        MapPersona(who, text(f"map_example.persona_{who}", language), key)
        for who, key in zip(told["personas"], keys(len(told["personas"])), strict=True)
    ]
    those = [one for one in told["cards"] if one["stage"] in ids]
    numbered = {one["text"]: f"c{number}" for number, one in enumerate(those, start=1) if "text" in one}
    lanes = {lane.kind: lane.id for lane in board.ordered_lanes}
    frame = _Frame(lanes, ids, numbered, events, language)
    cards = [
        replace(frame.card(one, f"c{number}", key, at.date()), at=at.isoformat(), by=by)
        for number, (one, key) in enumerate(zip(those, keys(len(those)), strict=True), start=1)
    ]
    felt = {
        who: {ids[kind]: float(value) for kind, value in curve.items() if kind in ids}
        for who, curve in told["felt"].items()
    }
    return replace(
        board,
        personas={one.id: one for one in personas},
        cards={card.id: card for card in cards},
        felt={who: curve for who, curve in felt.items() if curve},
    )


@dataclass(frozen=True)
class _Frame:
    """Where the cards of the example go: lanes and stages by their kind, other cards by what they say."""

    lanes: Mapping[str, str]
    stages: Mapping[str, str]
    cards: Mapping[str, str]
    events: Collection[str]
    language: str

    def card(self, told: Mapping[str, Any], id_: str, key: str, today: dt.date) -> Card:
        team, due = self._team(told.get("team", told.get("owner"))), told.get("due_in")
        words = self._said(f"map_example.card_{told['text']}") if "text" in told else team
        because = told.get("hypothesis")
        return Card(
            id=id_,
            lane=self.lanes[told["lane"]],
            stage=self.stages[told["stage"]],
            key=key,
            text=words,
            tags=tuple(self._said(f"map_example.tag_{tag}") for tag in told.get("tags", ())),
            owner=team if "owner" in told else "",
            status=told.get("status", ""),
            persona=told.get("persona", EVERYBODY),
            link=self._link(told),
            source=self._source(told, words),
            parent=self.cards.get(told.get("parent", ""), ""),
            hypothesis=self._said(f"map_example.because_{because}") if because else "",
            effort=told.get("effort", 0),
            impact=told.get("impact", 0),
            state=told.get("state", ""),
            due="" if due is None else (today + dt.timedelta(days=due)).isoformat(),
            since=told.get("since", today.isoformat() if "state" in told else ""),
            measure=self._measure(told.get("measure")),
        )

    def _link(self, told: Mapping[str, Any]) -> dict[str, str]:
        """What the card is bound to; nothing where the project has no such event or stage."""
        if told.get("to") in self.stages:
            return {"kind": "link", "from": self.stages[told["stage"]], "to": self.stages[told["to"]]}
        if told.get("of") in self.stages:
            return {"kind": "stage", "stage": self.stages[told["of"]]}
        return self._event(told.get("event"))

    def _event(self, name: str | None) -> dict[str, str]:
        return {"kind": "event", "event": name} if name is not None and name in self.events else {}

    def _measure(self, name: str | None) -> dict[str, str]:
        """What an improvement is measured by: an event of a pain point, which should become rarer."""
        event = self._event(name)
        return judged(event, lower=True) if event else {}

    def _source(self, told: Mapping[str, Any], words: str) -> dict[str, str]:
        if "source" not in told:
            return {}
        who, name = self._said(f"map_example.who_{told['who']}"), self._said("map_example.notes")
        return {"kind": told["source"], "name": name, "who": who, "quote": words.strip("“”")}

    def _team(self, team: str | None) -> str:
        return self._said(f"map_example.team_{team}") if team else ""

    def _said(self, key: str) -> str:
        return text(key, self.language)
