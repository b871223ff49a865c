"""What does the thing that a card is bound to come to now: a stage, an event, a link, a line of friction?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from journey.aggregates.event_counts import event_counts
from journey.aggregates.friction_scores import FrictionScores, friction_scores, value_of_goal
from journey.aggregates.goal_revenue import goal_revenue
from journey.aggregates.loops import loops
from journey.aggregates.nodes import nodes
from journey.aggregates.stage_measures import MEASURES, StageMeasures, measured_from
from journey.aggregates.steps import EXIT, Steps, steps
from journey.aggregates.visits import NO_STAGE, stage_blocks
from journey.events.log import DAY, EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["Bound", "Members", "bound", "head_key", "heads_of"]

Link = Mapping[str, Any]
# Id of a segment -> what it is called, and one flag a customer of the log; None where nobody can tell.
Members = Mapping[str, tuple[str, np.ndarray | None]]

_NO_MEMBERS: Members = {}


@dataclass(frozen=True)
class _Lines:
    """The lines of the friction page by stages' ids, or by events: scores, who came, and who left there."""

    scores: FrictionScores
    customers: np.ndarray
    exits: np.ndarray
    places: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Bound:
    """Figures of one log under one stage map; each is counted when it is first asked for, and kept.

    All customers count, over all days, as on the pages of reach and friction without filters and with their
    first settings: the friction score is that of customers, measured by the median of the others, in money
    where amounts are known.
    """

    log: EventLog
    stages: StageMap
    tables: OtherTables = NO_TABLES
    active_within_days: float = 30

    def figure(self, link: Link, members: Members = _NO_MEMBERS) -> Figure | None:
        """The figure of what a card is bound to (see stages.board.LINKS); None where that is not there.

        What the log of today does not have may be there again tomorrow: the card stays bound.

        stage     {"stage"}, and {"measure"}: one of MEASURES, by default the share of customers who came
        event     share of customers with a row of it
        link      share of the customers of {"from"} whose visit there is followed by one in {"to"}, ever
        friction  its score, with the interval of its drop-off carried through
        segment   share of customers who are in it, of the `members` that are handed over
        The kind "answer" is none of the log's: what a cell of the notebook says is known there.
        """
        if link.get("kind") == "segment":
            return self._segment(str(link.get("segment")), members)
        # Every edit of a map asks for the same figures again.
        key = frozenset(link.items())
        if key not in self._known:
            self._known[key] = self._counted(link)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[frozenset[tuple[str, Any]], Figure | None]:
        return {}

    def _counted(self, link: Link) -> Figure | None:
        match link:
            case {"kind": "stage", "stage": stage}:
                return self.measures.figure(stage, link.get("measure", MEASURES[0]))
            case {"kind": "event", "event": name}:
                return self._event(name)
            case {"kind": "link", "from": source, "to": target}:
                return self._link(source, target)
            case {"kind": "friction", "of": "stage" | "event" as of, "name": name}:
                return self._friction(of, name)
            case _:
                return None

    @cached_property
    def measures(self) -> StageMeasures:
        """What stands in the heads of the stages."""
        return measured_from(self.log, self.stages, self._steps, self.tables)

    @cached_property
    def event_customers(self) -> Mapping[str, int]:
        """Customers with a row of each event."""
        counts = event_counts(self.log)
        return dict(zip(counts.names, counts.customers.tolist(), strict=True))

    @cached_property
    def link_customers(self) -> np.ndarray:
        """Customers by [source, target]: with a visit to the one right before a visit to the other."""
        n = len(self.stages.stages)
        found = np.zeros((n, n), dtype=np.int64)
        for block in stage_blocks(self.log, self.stages):
            goes_on = np.flatnonzero(~block.begins[1:])
            who = (np.cumsum(block.begins) - 1).take(goes_on)
            pair = block.stage.take(goes_on).astype(np.int64) * n + block.stage.take(goes_on + 1)
            once = np.unique(who * n * n + pair)
            found += np.bincount(once % (n * n), minlength=n * n).reshape(n, n)
        return found

    @cached_property
    def _steps(self) -> Steps:
        return steps(self.log, self.stages, steps=1, active_within=self._within)

    @property
    def _within(self) -> int:
        return int(self.active_within_days * DAY)

    @cached_property
    def _value(self) -> float:
        return value_of_goal(goal_revenue(self.log, self.stages))

    @cached_property
    def _stage_lines(self) -> _Lines:
        n = len(self.stages.stages)
        reach, exits = self._steps.reach[:n], self._steps.transitions[:n, EXIT]
        is_goal = np.array([stage == self.stages.goal_stage for stage in self.stages.stages], dtype=bool)
        scores = friction_scores(reach, exits, ~is_goal, value=self._value)
        return _Lines(scores, reach, exits, {stage.id: at for at, stage in enumerate(self.stages.stages)})

    @cached_property
    def _event_lines(self) -> _Lines:
        own = nodes(self.log, self.stages, "event")
        counts = loops(self.log, self.stages, own, active_within=self._within)
        codes, goal = self.stages.codes(self.log.event_names), self.stages.goal_stage
        is_goal = codes == (NO_STAGE if goal is None else self.stages.stages.index(goal))
        compared = np.asarray(own.used) & ~is_goal
        scores = friction_scores(counts.customers, counts.exits, compared, value=self._value)
        return _Lines(scores, counts.customers, counts.exits, {name: at for at, name in enumerate(own.names)})

    def _event(self, name: str) -> Figure | None:
        if name not in self.event_customers:
            return None
        return self._share("bound.event", self.event_customers[name], self.log.n_customers, event=name)

    def _link(self, source: str, target: str) -> Figure | None:
        place = {stage.id: at for at, stage in enumerate(self.stages.stages)}
        if source not in place or target not in place or source == target:
            return None
        first, then = place[source], place[target]
        names = self.stages.names
        k, n = int(self.link_customers[first, then]), int(self._steps.reach[first])
        return self._share("bound.link", k, n, source=names[first], target=names[then])

    def _friction(self, of: str, name: str) -> Figure | None:
        found = self._stage_lines if of == "stage" else self._event_lines
        if name not in found.places:
            return None
        at = found.places[name]
        n = int(found.customers[at])
        low, high = found.scores.between(at, *map(float, wilson(int(found.exits[at]), n)))
        called = self.stages.named(name).name if of == "stage" else name
        is_money = self._value != 1
        return Figure(
            code="friction.score_amount" if is_money else "friction.score_customers",
            value=float(found.scores.score[at]),
            form="amount" if is_money else "score",
            n=n,
            low=low,
            high=high,
            values={"stage": called},
        )

    def _segment(self, id_: str, members: Members) -> Figure | None:
        name, flags = members.get(id_, ("", None))
        if flags is None:
            return None
        return self._share("bound.segment", int(np.count_nonzero(flags)), len(flags), segment=name)

    def _share(self, code: str, k: int, n: int, **values: str) -> Figure:
        low, high = (float(end) for end in wilson(k, n))
        return Figure(code, k / n if n else np.nan, "share", n, low, high, values)


def bound(
    log: EventLog,
    stages: StageMap,
    link: Link,
    *,
    tables: OtherTables = NO_TABLES,
    members: Members = _NO_MEMBERS,
) -> Figure | None:
    """One figure; see `Bound.figure`."""
    return Bound(log, stages, tables).figure(link, members)


def head_key(stage: str, measure: str) -> str:
    """By what the figure of a stage's head is told apart from those of cards."""
    return f"head.{stage}.{measure}"


def heads_of(found: Bound, measures: Iterable[str] = MEASURES) -> dict[str, Figure]:
    """The figures of all stage heads by their keys; what a stage does not have is left out."""
    heads = {
        head_key(stage.id, measure): found.measures.figure(stage.id, measure)
        for stage in found.stages.stages
        for measure in measures
    }
    return {key: figure for key, figure in heads.items() if figure is not None}
