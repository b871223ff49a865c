"""Ours: a CSV file on disk -> table -> sorted log, by the road that an upload takes, its process included."""

from __future__ import annotations

import sys
from pathlib import Path

from journey.events.clean import cleaned
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.sources.reading import read_file
from tests.bench.load_ours import checks
from tests.bench.measure import report, timed
from tests.bench.table import ROLES


def main(file: Path, repeats: int) -> None:
    choice = TableChoice("events", ROLES, zone="UTC")

    def load() -> EventLog:
        log = cleaned(read_file(file, file.name), choice).log
        assert log is not None
        return log

    cpu, wall, log = timed(load, repeats)
    report(cpu=cpu, wall=wall, rows=log.n_rows, customers=log.n_customers, checks=checks(log))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
