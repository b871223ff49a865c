"""Ours: the aggregates of the questions that peers are asked too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from journey.aggregates.bounces import bounces
from journey.aggregates.calendar import calendar
from journey.aggregates.cohorts import CohortSetting, cohorts
from journey.aggregates.funnel import funnel_counts
from journey.aggregates.funnel_attempts import attempts
from journey.aggregates.funnel_plan import funnel_plan
from journey.aggregates.nodes import nodes
from journey.aggregates.routes import route_counts
from journey.aggregates.time_in_stage import time_in_stage
from journey.events.log import EventLog
from tests.bench.drag_ours import stage_map
from tests.bench.measure import report, timed
from tests.bench.peers import FUNNEL, FUNNEL_DAYS, GAP, ROUTES


def ranked(values: np.ndarray, part: float) -> int:
    """The value of nearest rank."""
    place = int(np.ceil(len(values) * part)) - 1
    return int(np.partition(values, place)[place])


def main(folder: Path, question: str, repeats: int) -> None:
    log, stages = EventLog.open(folder), stage_map()
    first_stages = [stage.id for stage in stages.stages[:FUNNEL]]

    def funnel() -> Any:
        found = attempts(funnel_plan(log, stages, steps=first_stages, window_days=FUNNEL_DAYS))
        done = found.at[found.furthest == FUNNEL]
        spans = (done[:, -1] - done[:, 0]) // 1_000_000
        return [*funnel_counts(found).reached.tolist(), ranked(spans, 0.5), ranked(spans, 0.9)]

    def endless() -> Any:
        plan = funnel_plan(log, stages, steps=first_stages, window_days=None)
        return funnel_counts(attempts(plan)).reached.tolist()

    def in_stage() -> Any:
        found = time_in_stage(log, stages, nodes(log, stages))
        return [found.finished.tolist(), *found.seconds(0.5, 0.9).astype(int).tolist()]

    def routes() -> Any:
        return route_counts(log, stages, nodes(log, stages), limit=ROUTES).customers.tolist()

    def in_weeks() -> Any:
        weeks = calendar(log, "week")
        found = cohorts(log, stages, weeks, CohortSetting(ages=len(weeks)))
        first, after = np.nonzero(found.kept)
        return [first.tolist(), after.tolist(), found.kept[first, after].tolist()]

    def sessions() -> Any:
        found = bounces(log, GAP / 60)
        return [found.sessions, found.bounced]

    questions: dict[str, Callable[[], Any]] = {
        "funnel": funnel,
        "endless": endless,
        "time_in_stage": in_stage,
        "cohorts": in_weeks,
        "routes": routes,
        "sessions": sessions,
    }
    first, _, _ = timed(questions[question], 1)
    cpu, wall, found = timed(questions[question], repeats)
    report(cpu=cpu, wall=wall, first=first[0], **{question: found})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
