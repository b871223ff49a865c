"""What the data say about a journey map: the heads of its stages, its bound cards, and what is new of it.

A map is always about all customers and all days, whatever the filters of the tab are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from journey.aggregates.bound import Bound, Members, head_key
from journey.aggregates.stage_measures import MEASURES, StageMeasures
from journey.aggregates.voices import Voices
from journey.analysis.emotion import Emotion, held_against
from journey.errors import JourneyError, NotStored
from journey.figures import Figure
from journey.projects.map_seen import MapSeen, changes, link_key, map_seen, seen_name, taken, with_new
from journey.projects.notebook import cells
from journey.stages import evidence
from journey.stages.board import EVERYBODY, Board, Card
from journey.stages.evidence import Evidence
from ui import ask, demo, logs, notebook_today, session, veil

__all__ = [
    "MapMeasures",
    "emotion",
    "figure_of",
    "has_data",
    "map_measures",
    "mark_seen",
    "quotes",
    "stage_measures",
]

Link = Mapping[str, Any]


@dataclass(frozen=True)
class MapMeasures:
    """The figures of one map.

    heads    stage id -> measure (of MEASURES) -> figure; a stage without a measure does not have its key
    cards    card id -> figure of what it is bound to, None where that is not there; only bound cards
    goals    the same of what an improvement is to be measured by (`measure` of the card)
    changed  key (see `head_key` and `link_key`) -> what the figure was when the map was seen last
    """

    heads: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    cards: Mapping[str, Figure | None] = field(default_factory=dict)
    goals: Mapping[str, Figure | None] = field(default_factory=dict)
    changed: Mapping[str, Figure] = field(default_factory=dict)

    def evidence(self, card: Card) -> Evidence:
        """How sure a card is."""
        return evidence.of_card(card, self.cards.get(card.id))

    def cell(self, cards: Iterable[Card], number: Evidence = "") -> Evidence:
        """How sure the cards of a cell are together, and with them the number that it shows (KPI)."""
        return evidence.of_cell([*map(self.evidence, cards), number])

    def head_evidence(self, stage: str, measure: str) -> Evidence:
        """How sure a number in a stage's head is."""
        return evidence.of_figure(self.heads.get(stage, {}).get(measure))

    def was_head(self, stage: str, measure: str) -> Figure | None:
        """What it was, where it is another one since the map was seen last; else None."""
        return self.changed.get(head_key(stage, measure))

    def was_card(self, card: Card) -> Figure | None:
        """The same of what a card is bound to."""
        return self.changed.get(link_key(card.link)) if card.link and self.changed else None


def has_data() -> bool:
    """Does the open project have data that a map can be measured by?"""
    data = session.state().data
    return data is not None and data.has_customers


def map_measures(board: Board) -> MapMeasures:
    """The figures of a map as it is now; a map that is seen first counts as seen from then on."""
    if not has_data():
        return MapMeasures()
    now = _now(board)
    settings = session.state().settings
    before = map_seen(settings, board.id)
    seen = with_new(before, now.seen)
    if seen is not before and (before is None or seen != before):
        _keep(board, seen)
    return replace(now.measures, changed=changes(seen, now.seen))


def mark_seen(board: Board) -> None:
    """The people of the project know the figures of this map as they are now."""
    if has_data():
        session.remember(seen_name(board.id), _now(board).seen.to_json())


def figure_of(link: Link) -> Figure | None:
    """The figure of one thing that a card is, or may be, bound to; None where that is not there."""
    if not has_data() or not link:
        return None
    return _figure(link, _bound_now(), _members([link]))


def stage_measures() -> StageMeasures | None:
    """What stands in the heads of all stages; None without data."""
    return _bound_now().measures if has_data() else None


def emotion(board: Board, persona: str = EVERYBODY) -> Emotion:
    """What is felt along a map's journey, drawn and measured; of a persona that is a saved segment, by them.

    The ratings of other personas are those of everybody: nobody knows whose they are. Raises what questions
    raise; only with data.
    """
    told = board.personas.get(persona)
    rule = _rule_of(told.saved) if told is not None else None
    # It names stages alone, so that demo mode has nothing to hide, nor columns to lose that tell of them.
    settings = ask.kept("emotion", {} if rule is None else {"among": rule})
    answer: Emotion = ask.plainly("emotion", settings, ask.EVERYTHING)
    return held_against(answer, board.felt.get(persona, {}))


def quotes(stage: str, *, order: str = "low", most: int = 50) -> Voices:
    """What customers wrote at the stage of this id, with codes for ids and personal data covered.

    In demo mode there is nothing: what people wrote themselves is not shown there.
    """
    found: Voices = ask.again(
        "emotion_quotes", {"stage": stage, "order": order, "most": most}, ask.EVERYTHING
    )
    codes = veil.masked()
    return replace(
        found,
        table=found.table.assign(
            text=[veil.veiled(words) for words in found.table["text"]],
            customer=[codes.get(one, "") for one in found.table["customer"]],
        ),
    )


def _rule_of(saved: str) -> dict[str, Any] | None:
    """The rule of the segment that a persona of the project is, where it is one that can be told."""
    found = next((one for one in ask.saved() if saved and one.id == saved), None)
    if found is None:
        return None
    try:
        ask.members(found.rule)
    except JourneyError:
        return None
    return dict(found.rule)


@dataclass(frozen=True)
class _Now:
    measures: MapMeasures
    seen: MapSeen


def _now(board: Board) -> _Now:
    found = _bound_now()
    ids = [stage.id for stage in found.stages.stages]
    every = {(stage, measure): found.measures.figure(stage, measure) for stage in ids for measure in MEASURES}
    heads = {
        stage: {name: figure for name in MEASURES if (figure := every[stage, name]) is not None}
        for stage in ids
    }
    cards = board.cards.values()
    bound = {card.id: link_key(card.link) for card in cards if card.link}
    meant = {card.id: link_key(card.measure) for card in cards if card.measure}
    # What several cards are bound to is counted once.
    links = {bound[card.id]: card.link for card in cards if card.link}
    links |= {meant[card.id]: card.measure for card in cards if card.measure}
    members = _members(links.values())
    by_link = {key: _figure(link, found, members) for key, link in links.items()}
    keyed = {head_key(*key): figure for key, figure in every.items()} | by_link
    measures = MapMeasures(
        heads=heads,
        cards={id_: by_link[key] for id_, key in bound.items()},
        goals={id_: by_link[key] for id_, key in meant.items()},
    )
    return _Now(measures, taken(_data_name(), found.stages, keyed))


def _data_name() -> str:
    """The fingerprint of the data, tables beside the log included."""
    data = session.state().data
    return "" if data is None else data.name


def _keep(board: Board, seen: MapSeen) -> None:
    # Whoever looks at a map sees it all the same where nothing can be written.
    with suppress(NotStored):
        session.remember(seen_name(board.id), seen.to_json())


def _figure(link: Link, found: Bound, members: Members) -> Figure | None:
    if link.get("kind") == "answer":
        return _answer(str(link.get("cell", "")))
    figure = found.figure(link, members)
    return _veiled(figure) if figure is not None and demo.is_on() else figure


def _members(links: Iterable[Link]) -> Members:
    """The segments that links name; one whose rule cannot be told any more has nobody to show."""
    wanted = {str(link.get("segment")) for link in links if link.get("kind") == "segment"}
    if not wanted:
        return {}
    found, members = {}, ask.finder()
    for one in ask.saved():
        if one.id in wanted:
            try:
                found[one.id] = (one.name, members(one.rule))
            except JourneyError:
                found[one.id] = (one.name, None)
    return found


def _answer(cell_id: str) -> Figure | None:
    """What the pinned answer of this cell says today; what it said then where it cannot be told any more."""
    known = next((one for one in cells(session.state().settings) if one.id == cell_id), None)
    if known is None or known.kind != "answer":
        return None
    today = notebook_today.today_of(known)
    if today.answer is not None:
        return notebook_today.headline_of(today.answer)
    return notebook_today.shown_then(known)[1]


def _veiled(figure: Figure) -> Figure:
    told = {
        name: veil.veiled(value) if isinstance(value, str) else value for name, value in figure.values.items()
    }
    return replace(figure, values=told)


def _bound_now() -> Bound:
    return logs.bound(*logs.source(), session.state().stage_map.to_json())
