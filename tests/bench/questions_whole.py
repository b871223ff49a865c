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
        "reach": ("reach", {}),
        "routes": ("routes", {}),
        "funnel": ("funnel", {"window_days": 7}),
        "funnel, any order, by channel": ("funnel", {"order": "any", "by": "channel"}),
        "friction": ("friction", {}),
        "friction by event": ("friction", {"group": "event"}),
        "conformance": ("conformance", {}),
        "retention": ("retention", {}),
        "comparison of a channel with the rest": ("comparison", {"a": app}),
        "comparison of two periods": (
            "comparison",
            {"a": {"period": halves[0]}, "b": {"period": halves[1]}},
        ),
        "drivers": ("drivers", {"outcome": goal}),
        "kpi": ("kpi", {}),
    }


def asked_by_session(log: EventLog, stages: StageMap) -> dict[str, tuple[str, dict[str, Any]]]:
    """The same of questions that follow sessions."""
    wanted = (
        "flows",
        "reach",
        "routes",
        "funnel",
        "friction",
        "friction by event",
        "conformance",
        "comparison of a channel with the rest",
        "drivers",
    )
    every = asked(log, stages)
    return {name: (every[name][0], {**every[name][1], "unit": "session"}) for name in wanted}


def with_channels(log: EventLog) -> EventLog:
    """The log with an attribute of customers, drawn once."""
    from dataclasses import replace

    codes = np.random.default_rng(4).integers(0, len(CHANNELS), log.n_customers).astype(np.int32)
    return replace(log, attributes={"channel": Attribute(codes, CHANNELS, "customer")})


def main(folder: Path, unit: str, repeats: int, only: str = "") -> None:
    log, stages = with_channels(EventLog.open(folder)), stage_map()
    found = {}
    questions = asked_by_session if unit == "session" else asked
    for name, (question, settings) in questions(log, stages).items():
        if only not in ("", question):
            continue
        cpu, wall, _ = timed(lambda q=question, s=settings: QUESTIONS[q](log, stages, **s), repeats)
        found[name] = (min(cpu), min(wall))
    sessions = log.by_session().n_customers if unit == "session" else 0
    report(asked=found, sessions=sessions)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
