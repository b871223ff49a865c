"""Ours: every question as a page asks it, from the log to the answer."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import numpy as np

from journey.events.log import Attribute, EventLog
from journey.questions import QUESTIONS
from journey.stages.stage_map import StageMap
from tests.bench.drag_ours import stage_map
from tests.bench.measure import report, timed

CHANNELS = ("app", "mail", "search", "shop", "video")


def asked(log: EventLog, stages: StageMap) -> dict[str, tuple[str, dict[str, Any]]]:
    """A name for each measurement -> question and settings."""
    goal = stages.stages[3].id
    app = {"attribute": "channel", "values": ["app"]}
    first, last = log.days()
    middle = first + (last - first) / 2
    halves = [[str(first), str(middle)], [str(middle + dt.timedelta(1)), str(last)]]
    return {
        "flows": ("flows", {}),
        "flows by event, from an event": ("flows", {"group": "event", "start": "search", "nodes": 12}),
        "flows of sessions": ("flows", {"unit": "session"}),
        "reach": ("reach", {}),
        "routes": ("routes", {}),
        "funnel": ("funnel", {"window_days": 7}),
        "funnel, any order, by channel": ("funnel", {"order": "any", "by": "channel"}),
        "friction": ("friction", {}),
        "friction by event": ("friction", {"group": "event"}),
        "retention": ("retention", {}),
        "comparison of a channel with the rest": ("comparison", {"a": app}),
        "comparison of two periods": (
            "comparison",
            {"a": {"period": halves[0]}, "b": {"period": halves[1]}},
        ),
        "drivers": ("drivers", {"outcome": goal}),
        "kpi": ("kpi", {}),
        **{
            f"{name} by session": (question, {**setting, "unit": "session"})
            for name, question, setting in (
                ("reach", "reach", {}),
                ("routes", "routes", {}),
                ("funnel", "funnel", {}),
                ("friction", "friction", {}),
                ("friction by event", "friction", {"group": "event"}),
                ("comparison of a channel with the rest", "comparison", {"a": app}),
                ("drivers", "drivers", {"outcome": goal}),
            )
        },
    }


def with_channels(log: EventLog) -> EventLog:
    """The log with an attribute of customers, drawn once."""
    from dataclasses import replace

    codes = np.random.default_rng(4).integers(0, len(CHANNELS), log.n_customers).astype(np.int32)
    return replace(log, attributes={"channel": Attribute(codes, CHANNELS, "customer")})


def main(folder: Path, repeats: int) -> None:
    log, stages = with_channels(EventLog.open(folder)), stage_map()
    found = {}
    for name, (question, settings) in asked(log, stages).items():
        cpu, wall, _ = timed(lambda q=question, s=settings: QUESTIONS[q](log, stages, **s), repeats)
        found[name] = (min(cpu), min(wall))
    report(asked=found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
