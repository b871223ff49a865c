"""Ours: the bytes of a CSV file -> raw table -> sorted log, by the road that an upload takes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from journey.events.build import event_rows
from journey.events.columns import ColumnChoice
from journey.events.log import EventLog
from journey.sources.files import read_table
from journey.sources.limits import LIMITS
from tests.bench.measure import report, timed

COLUMNS = ColumnChoice(customer="customer", event="event", time="time")


def main(file: Path, repeats: int) -> None:
    data = file.read_bytes()
    limits = replace(LIMITS, bytes=10**10, rows=10**9)

    def load() -> EventLog:
        return event_rows(read_table(data, file.name, limits=limits), COLUMNS, zone="UTC")[0]

    cpu, wall, log = timed(load, repeats)
    report(cpu=cpu, wall=wall, rows=log.n_rows, customers=log.n_customers, checks=checks(log))


def checks(log: EventLog) -> list[int]:
    """Numbers that only a log in the right order has."""
    places = range(0, log.n_rows, max(1, log.n_rows // 7))
    return [int(log.time[at]) * 1_000 + int(log.event[at]) for at in places]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
