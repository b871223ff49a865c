"""Polars on the sorted, encoded arrays: recency, frequency and money, scored by fifths of the buyers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench.data import EVENTS, amounts
from tests.bench.measure import report, timed
from tests.bench.peers import prepared

_DAY, _SCORES = 86_400, 5
_MEASURES = ("recency", "frequency", "monetary")


def main(folder: Path, repeats: int) -> None:
    given = prepared(folder)
    columns = {"customer": given.customer, "event": given.event, "second": given.second}
    log = pl.DataFrame({**columns, "amount": amounts(given.event)})
    customers, as_of = len(given.events_of), int(given.second.max()) // _DAY + 1
    del given, columns

    def score(measure: str) -> pl.Expr:
        value = pl.col(measure)
        above = sum(
            (value > value.quantile(fifth / _SCORES, "linear")).cast(pl.Int8) for fifth in range(1, 5)
        )
        return (_SCORES - above if measure == "recency" else 1 + above).alias(measure)

    def rfm() -> Any:
        day = pl.col("second") // _DAY
        scored = (
            log.lazy()
            .filter(pl.col("event") == EVENTS.index("purchase"))
            .group_by("customer")
            .agg(
                recency=as_of - day.max(),
                frequency=day.n_unique(),
                monetary=pl.col("amount").sum(),
            )
            .select(score(measure) for measure in _MEASURES)
            .collect()
        )
        return [
            [customers - len(scored), *((scored[measure] == one).sum() for one in range(1, _SCORES + 1))]
            for measure in _MEASURES
        ]

    cpu, wall, found = timed(rfm, repeats)
    report(cpu=cpu, wall=wall, version=pl.__version__, rfm=found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
