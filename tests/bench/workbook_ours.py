"""Ours: a workbook on disk -> a table, by the road that an upload takes, its processes included."""

from __future__ import annotations

import sys
from pathlib import Path

from journey.sources.reading import read_file
from tests.bench.measure import report, timed
from tests.bench.table import checks_of_texts


def main(file: Path, repeats: int) -> None:
    cpu, wall, raw = timed(lambda: read_file(file, file.name), repeats)
    report(cpu=cpu, wall=wall, checks=checks_of_texts(raw.frame))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
