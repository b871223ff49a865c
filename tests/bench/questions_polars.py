"""Polars on the sorted, encoded arrays: time in stage, cohorts, routes, sessions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench.measure import report, timed
from tests.bench.peers import GAP, ROUTES, WEEK, first_monday, prepared, staged


def main(folder: Path, question: str, repeats: int) -> None:
    given = prepared(folder)
    log = pl.DataFrame(
        {
            "customer": given.customer,
            "event": given.event,
            "second": given.second,
            "begins": given.begins,
            # Given in the order of ties that ours finds by itself.
            "in_order": staged(given),
        }
    )
    monday = first_monday(given)
    del given
    here = pl.col("stage")

    def visits() -> pl.LazyFrame:
        return (
            log.lazy()
            .select("customer", "second", "begins", stage=pl.col("in_order"))
            .filter((here != here.shift(1)) | pl.col("begins"))
        )

    def time_in_stage() -> Any:
        ahead = pl.col("begins").shift(-1, fill_value=True)
        span = (pl.col("second").shift(-1) - pl.col("second")).alias("span")
        n = pl.len().cast(pl.Float64)

        def rank(part: float) -> pl.Expr:
            return pl.col("span").sort().get((n * part).ceil().cast(pl.Int64) - 1)

        found = (
            visits()
            .select("stage", span, ahead.alias("last"))
            .filter(~pl.col("last"))
            .group_by("stage")
            .agg(pl.len().alias("n"), rank(0.5).alias("median"), rank(0.9).alias("p90"))
            .sort("stage")
            .collect()
        )
        return [found[name].cast(pl.Int64).to_list() for name in ("n", "median", "p90")]

    def cohorts() -> Any:
        # The rows are in order: a customer's weeks do not fall, so a change begins the next one.
        week = ((pl.col("second") - monday) // WEEK).cast(pl.Int16)
        begun = pl.when("begins").then(pl.col("week")).forward_fill()
        found = (
            log.lazy()
            .select("begins", week=week)
            .with_columns(first=begun)
            .filter((pl.col("week") != pl.col("week").shift(1)) | pl.col("begins"))
            .group_by("first", pl.col("week") - pl.col("first"))
            .len()
            .sort("first", "week")
            .collect()
        )
        return [found[name].cast(pl.Int64).to_list() for name in ("first", "week", "len")]

    def cohorts_grouped() -> Any:
        week = ((pl.col("second") - monday) // WEEK).cast(pl.Int16)
        active = log.lazy().select("customer", week=week).unique()
        first = active.group_by("customer").agg(first=pl.col("week").min())
        found = (
            active.join(first, on="customer")
            .group_by("first", pl.col("week") - pl.col("first"))
            .len()
            .sort("first", "week")
            .collect()
        )
        return [found[name].cast(pl.Int64).to_list() for name in ("first", "week", "len")]

    def routes() -> Any:
        # A route as a number: a sum of what stands where, as a list of every route would be slower.
        i = pl.int_range(pl.len(), dtype=pl.UInt64)
        place = i - pl.when("begins").then(i).forward_fill()
        word = (place * 16 + here.cast(pl.UInt64) + 1).hash(7)
        found = (
            visits()
            .with_columns(word=word)
            .group_by("customer", maintain_order=False)
            .agg(pl.col("word").sum())
            .group_by("word")
            .len()
            .sort("len", descending=True)
            .head(ROUTES)
            .collect()
        )
        return sorted(found["len"].to_list(), reverse=True)

    def routes_listed() -> Any:
        found = (
            visits()
            .group_by("customer")
            .agg("stage")
            .group_by("stage")
            .len()
            .sort("len", descending=True)
            .head(ROUTES)
            .collect()
        )
        return sorted(found["len"].to_list(), reverse=True)

    def sessions() -> Any:
        gap = pl.col("second") - pl.col("second").shift(1) > GAP
        begins = (gap | pl.col("begins")).fill_null(True)
        alone = begins & begins.shift(-1, fill_value=True)
        return list(log.lazy().select(a=begins.sum(), b=alone.sum()).collect().row(0))

    questions: dict[str, Callable[[], Any]] = {
        "time_in_stage": time_in_stage,
        "cohorts": cohorts,
        "cohorts_grouped": cohorts_grouped,
        "routes": routes,
        "routes_listed": routes_listed,
        "sessions": sessions,
    }
    cpu, wall, found = timed(questions[question], repeats)
    report(
        cpu=cpu,
        wall=wall,
        version=pl.__version__,
        **{question.removesuffix("_grouped").removesuffix("_listed"): found},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
