"""Polars on the sorted, encoded arrays; ties sorted where they are, no window over customers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench.data import STAGE_OF_EVENT, STAGES
from tests.bench.measure import report, timed
from tests.bench.peers import STEPS, answer, masks, prepared


def main(folder: Path, repeats: int, reach: str = "own") -> None:
    given = prepared(folder)
    event = pl.Series("event", given.event).cast(pl.UInt32)
    begins, end = pl.Series("begins", given.begins), pl.Series("end", given.end)
    tied, tie = pl.Series("tied", given.tied).cast(pl.UInt32), pl.Series("tie", given.tie)
    customer, events_of = pl.Series("customer", given.customer), pl.Series("events_of", given.events_of)
    del given
    table = pl.Series("stage", STAGE_OF_EVENT, dtype=pl.UInt8)

    def drag() -> tuple[Any, Any]:
        stage = table.gather(event)
        repaired = pl.DataFrame({"tie": tie, "stage": stage.gather(tied)}).sort("tie", "stage")["stage"]
        stage = stage.scatter(tied, repaired)
        i = pl.int_range(pl.len(), dtype=pl.UInt32)
        here, ahead = pl.col("stage"), pl.col("begins").shift(-1, fill_value=True)
        to = pl.when(ahead).then(pl.col("end")).otherwise(here.shift(-1))
        step = (i - pl.when("begins").then(i).forward_fill()).clip(upper_bound=STEPS).cast(pl.UInt16)
        code = step * 256 + here.cast(pl.UInt16) * 16 + to.cast(pl.UInt16)
        links = (
            pl.DataFrame({"stage": stage, "begins": begins, "end": end})
            .lazy()
            .filter((here != here.shift(1)) | pl.col("begins"))
            .select(code=code)
            .group_by("code")
            .len()
            .collect()
        )
        if reach == "lent":
            return links, [int(((events_of & mask) != 0).sum()) for mask in masks()]
        # Rows of a customer lie together: of a stage's rows, those where the customer changes are counted.
        return links, [
            int((customer.filter(stage == own).diff() != 0).sum()) + bool((stage == own).any())
            for own in range(len(STAGES))
        ]

    cpu, wall, (links, reached) = timed(drag, repeats)
    report(
        cpu=cpu,
        wall=wall,
        version=pl.__version__,
        **answer(links["code"].to_numpy(), links["len"].to_numpy(), reached),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
