"""Ours: five features of every customer, from a log with amounts to a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from journey.aggregates.customer_table import CustomerTable, customer_table
from journey.aggregates.rfm import MEASURES, SCORES, rfm_scores, shop
from journey.events.log import EventLog
from tests.bench.data import amounts
from tests.bench.drag_ours import stage_map
from tests.bench.measure import report, timed

__all__ = ["FEATURES", "MORE_FEATURES", "paid_log"]

FEATURES = ("rfm.recency", "rfm.frequency", "rfm.monetary", "journey.visits", "when.weekend")
# What else has a pass of its own over the rows.
MORE_FEATURES = (*FEATURES, "journey.active_days", "journey.loops", "journey.time:s1", "when.evening")


def paid_log(folder: Path) -> EventLog:
    """The log with an amount at each purchase."""
    log = EventLog.open(folder)
    return replace(log, amount=amounts(np.asarray(log.event)))


def scores(log: EventLog) -> list[list[int]]:
    """By measure how many customers have each score of recency, frequency and money, 0 without a purchase."""
    found = rfm_scores(shop(log).values()).scores
    return [np.bincount(found[measure], minlength=SCORES + 1).tolist() for measure in MEASURES]


def main(folder: Path, question: str, repeats: int) -> None:
    log, stages = paid_log(folder), stage_map()
    if question == "rfm":
        cpu, wall, counts = timed(lambda: scores(log), repeats)
        report(cpu=cpu, wall=wall, rfm=counts)
        return
    found: dict[str, Any] = {}
    for name, features in (("five", FEATURES), ("nine", MORE_FEATURES)):

        def made(features: tuple[str, ...] = features) -> CustomerTable:
            return customer_table(log, stages, features=features)

        found[name] = timed(made, repeats)[:2]
    report(cpu=found["five"][0], wall=found["five"][1], asked=found, customers=log.n_customers)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
