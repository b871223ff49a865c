"""Ours: the pass behind every drag."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from journey.aggregates.steps import EXIT, steps
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from tests.bench.data import EVENTS, STAGE_OF_EVENT, STAGES
from tests.bench.measure import report, timed

STEPS = 10


def stage_map() -> StageMap:
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event, stage in zip(EVENTS, STAGE_OF_EVENT, strict=True):
        stages = stages.place(event, stages.stages[stage].id)
    return stages


def main(folder: Path, repeats: int) -> None:
    log, stages = EventLog.open(folder), stage_map()
    once, _, _ = timed(lambda: steps(log, stages, steps=STEPS), 1)
    cpu, wall, counts = timed(lambda: steps(log, stages, steps=STEPS), repeats)
    exits = counts.transitions[:, EXIT]
    report(
        cpu=cpu,
        wall=wall,
        first=once[0],
        links=counts.links.ravel().tolist(),
        reach=np.asarray(counts.reach)[: len(STAGES)].tolist(),
        exits=exits[: len(STAGES)].tolist(),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
