"""How long do the kind and the roles of a table's columns take to guess, and a very wide file to read?"""

from __future__ import annotations

import sys
from pathlib import Path

from journey.events.columns import guess_table
from journey.sources.files import read_table
from journey.sources.reading import read_file
from tests.bench.measure import report, timed


def main(file: Path, repeats: int, way: str = "guess") -> None:
    if way == "guess":
        raw = read_file(file, file.name)
        cpu, wall, guess = timed(lambda: guess_table(raw), repeats)
        report(cpu=cpu, wall=wall, kind=guess.kind)
    else:
        cpu, wall, raw = timed(lambda: read_table(file, file.name), repeats)
        report(cpu=cpu, wall=wall, columns=raw.frame.shape[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
