"""From a pain point to an opportunity, and from that to the test that tries it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from journey.stages.board import LARGEST_POINTS, Board, Card, between
from journey.stages.board_edits import card_to_json
from journey.stages.experiment_plan import Metric
from journey.stages.improvements import is_lower, is_of_leaving, judged, measure_of
from journey.stages.stage_map import StageMap

__all__ = [
    "EVERYBODY_WHO_COMES",
    "Trial",
    "came_out_of",
    "friction_of",
    "opportunity",
    "proposed_impact",
    "signed",
    "trial",
]

# Where people enter a test: as the planner has it, {"stage" | "event"}:NAME or this.
EVERYBODY_WHO_COMES = "all"
_GOAL = "goal"
Why = Literal["measure", "link", "place", "time", "feeling", "segment", "answer", "gone"]


@dataclass(frozen=True)
class Trial:
    """What the test of a card is judged by, where people enter it, and why.

    metric  None where neither the card nor the project has a goal
    why     measure   it shows whether the card helped      link     the card is bound to it
            place     the card is bound to nothing, so it is the stage that it stands in; the same
            time, feeling, segment, answer                  where it is bound to what no test is planned for
            gone      what it is bound to is not there any more, so it is the goal of the project
    """

    metric: Metric | None
    start: str = EVERYBODY_WHO_COMES
    why: Why = "link"


def came_out_of(board: Board, card: str) -> tuple[Card, ...]:
    """The cards that came out of this one: the opportunities of a pain point, by where they stand."""
    those = [one for one in board.cards.values() if one.parent == card != one.id]
    return tuple(sorted(those, key=lambda one: (one.stage, one.key, one.id)))


def opportunity(
    board: Board, pain: Card, *, id_: str, text: str, lane: str, impact: int = 0, at: str = "", by: str = ""
) -> dict[str, Any]:
    """The edit that makes an opportunity of a pain point: of the same stage, the same people and figure.

    It is put below the others in the lane of opportunities, which is shown, or made with the id `lane`. The
    event by which a pain point shows should become rarer.
    """
    edits: list[dict[str, Any]] = []
    home = board.lane_of("opportunities")
    if home is None:
        last = board.ordered_lanes[-1].key if board.lanes else ""
        new = {"id": lane, "kind": "opportunities", "key": between(last, ""), "name": "", "hidden": False}
        edits.append({"op": "add_lane", "lane": new})
    elif home.hidden:
        edits.append({"op": "set_lane", "id": home.id, "fields": {"hidden": False}})
    below = board.cell(home.id, pain.stage) if home else ()
    is_hurt = pain.lane in board.lanes and board.lanes[pain.lane].kind == "pains"
    made = Card(
        id=id_,
        lane=home.id if home else lane,
        stage=pain.stage,
        key=between(below[-1].key if below else "", ""),
        text=text,
        tags=pain.tags,
        persona=pain.persona,
        link=pain.link,
        parent=pain.id,
        impact=impact,
        measure=judged(pain.link, lower=True) if is_hurt and pain.link.get("kind") == "event" else {},
        at=at,
        by=by,
    )
    edits.append({"op": "add_card", "card": card_to_json(made)})
    return edits[0] if len(edits) == 1 else {"op": "many", "edits": edits}


def signed(edit: Mapping[str, Any], at: str, by: str) -> dict[str, Any]:
    """The edit with who wrote the cards that it adds, and when; a browser is not asked for either."""
    if edit.get("op") == "add_card" and isinstance(edit.get("card"), Mapping):
        return {**edit, "card": {**edit["card"], "at": at, "by": by}}
    if edit.get("op") == "many" and isinstance(edit.get("edits"), list | tuple):
        return {**edit, "edits": [signed(one, at, by) for one in edit["edits"]]}
    return dict(edit)


def friction_of(link: Mapping[str, Any]) -> tuple[str, str] | None:
    """Which line of the friction score a link is about: stage or event, and its id or name.

    A link between two stages is about the first one, where customers go on or not.
    """
    match link.get("kind"):
        case "stage":
            return "stage", str(link.get("stage", ""))
        case "event":
            return "event", str(link.get("event", ""))
        case "link":
            return "stage", str(link.get("from", ""))
        case "friction":
            of = link.get("of", "stage")
            return (of, str(link.get("name", ""))) if of in ("stage", "event") else None
        case _:
            return None


def proposed_impact(score: float, scores: Iterable[float]) -> int:
    """The fifth of the largest score that a score lies in, 1 to LARGEST_POINTS; 0 where there is no score.

    >>> [proposed_impact(one, [10, 4, 0]) for one in (10, 4, 0, math.nan)]
    [5, 2, 1, 0]
    """
    if math.isnan(score):
        return 0
    largest = max((one for one in scores if not math.isnan(one)), default=0.0)
    if score <= 0 or largest <= 0:
        return 1
    # What is a fifth on paper is a hair above it where the money of a customer has decimals.
    return min(LARGEST_POINTS, max(1, math.ceil(LARGEST_POINTS * score / largest - 1e-9)))


def trial(card: Card, stages: StageMap, events: Collection[str] | None = None) -> Trial:
    """How the project's own data judge what a card proposes: by what shows whether it helped, where it can.

    stage     does one come to the stage? of its drop-off: does one who is in it go on to the next one?
    link      does one who is in the first stage come to the second?
    event     does it happen to one?
    friction  does one who is in the stage go on to the next one, and whom the event happens to come to the
              goal?
    else      does one come to the stage that the card stands in?

    `events` are those that the data know, None without data. What is judged by a stage or an event that is
    not there is judged by the goal of the project.
    """
    measure = measure_of(card)
    asked = measure or card.link
    found = _trial(asked, card.stage, stages)
    known = {one.id for one in stages.stages}
    of = {} if found.metric is None else found.metric.of
    lost = any(
        (kind == "event" and events is not None and name not in events)
        or (kind == "stage" and name not in known)
        for kind, name in (*of.items(), _place(found.start))
    )
    if lost or found.metric is None:
        goal = stages.goal_stage
        return Trial(_metric("stage", goal.id, stages) if goal else None, why="gone")
    if measure:
        is_fewer = is_lower(measure) and not is_of_leaving(measure)
        metric = replace(found.metric, better="lower") if is_fewer else found.metric
        return replace(found, metric=metric, why="measure" if measure is card.measure else "link")
    return replace(found, why=_why(card.link))


def _trial(link: Mapping[str, Any], place: str, stages: StageMap) -> Trial:
    match link.get("kind"):
        case "event":
            return Trial(_metric("event", str(link.get("event", "")), stages))
        case "link":
            return _from(str(link.get("from", "")), str(link.get("to", "")), stages)
        case "friction" if link.get("of") == "event":
            goal = stages.goal_stage
            start = f"event:{link.get('name', '')}"
            return Trial(_metric("stage", goal.id, stages), start) if goal else Trial(None, start)
        case "friction":
            return _onwards(str(link.get("name", "")), stages)
        case "stage" if link.get("measure") == "drop_off":
            return _onwards(str(link.get("stage", "")), stages)
        case "stage":
            return Trial(_metric("stage", str(link.get("stage", "")), stages))
        case _:
            return Trial(_metric("stage", place, stages))


def _why(link: Mapping[str, Any]) -> Why:
    """Why a test is judged by reach though the card is bound to something else, or to nothing."""
    match link:
        case {"kind": "stage", "measure": "time" | "feeling" as measure}:
            return measure
        case {"kind": "segment" | "answer" as kind}:
            return kind
        case _:
            return "place"


def _place(start: str) -> tuple[str, str]:
    kind, _, name = start.partition(":")
    return kind, name


def _onwards(stage: str, stages: StageMap) -> Trial:
    """From a stage to the next one; whether one comes to it at all, where it is the last."""
    own = [one.id for one in stages.stages]
    at = own.index(stage) if stage in own else len(own)
    return _from(stage, own[at + 1], stages) if at + 1 < len(own) else Trial(_metric("stage", stage, stages))


def _from(first: str, then: str, stages: StageMap) -> Trial:
    known = {one.id for one in stages.stages}
    return Trial(_metric("stage", then, stages), f"stage:{first}" if first in known else EVERYBODY_WHO_COMES)


def _metric(kind: str, what: str, stages: StageMap) -> Metric | None:
    """The share of those to whom it happens; None for a stage that the project has no more."""
    name = what
    if kind == "stage":
        found = next((one for one in stages.stages if one.id == what), None)
        if found is None:
            return None
        name = found.name
    return Metric(_GOAL, "conversion", {kind: what}, name[:200], "primary") if what else None
