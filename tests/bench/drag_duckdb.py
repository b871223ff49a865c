"""DuckDB on the sorted, encoded arrays in a table of its own; streaming windows, as the rows are in order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tests.bench.data import STAGE_OF_EVENT
from tests.bench.measure import report, timed
from tests.bench.peers import STEPS, answer, masks, prepared

PLANS = {
    # The rows are in order: windows without ORDER BY stream over them, and only tied rows are sorted.
    "streaming": f"""
    with repaired as (
        select position, stage from (
            select row_number() over (order by tie, stage) as k, stage
            from (select tie, stages[event + 1] as stage from tied, (select $stages::utinyint[] as stages))
        ) join tied using (k)
    ), staged as (
        select coalesce(r.stage, ($stages::utinyint[])[event + 1]) as stage, begins, ending
        from log left join repaired r using (position)
    ), kept as (
        select stage, begins, ending from (
            select stage, begins, ending, lag(stage) over () as before from staged
        ) where begins or stage <> before
    ), counted as (
        select stage, begins, ending, row_number() over () as i, lead(stage) over () as after,
               lead(begins, 1, true) over () as last from kept
    ), stepped as (
        select stage, case when last then ending else after end as target,
               i - max(case when begins then i end) over so_far as step
        from counted window so_far as (rows between unbounded preceding and current row)
    )
    select (least(step, {STEPS}) * 256 + stage::int * 16 + target)::int as code, count(*) as n
    from stepped group by 1
    """,
    # The question as SQL asks it: windows over each customer, ordered by time, then stage.
    "partitioned": f"""
    with staged as (
        select customer, second, ($stages::utinyint[])[event + 1] as stage, ending from log
    ), kept as (
        select customer, second, stage, ending from (
            select *, lag(stage) over (partition by customer order by second, stage) as before from staged
        ) where before is null or stage <> before
    ), stepped as (
        select stage, coalesce(lead(stage) over visit, ending) as target, row_number() over visit - 1 as step
        from kept window visit as (partition by customer order by second, stage)
    )
    select (least(step, {STEPS}) * 256 + stage::int * 16 + target)::int as code, count(*) as n
    from stepped group by 1
    """,
}


def main(folder: Path, repeats: int, plan: str = "streaming") -> None:
    given = prepared(folder)
    base = duckdb.connect()
    columns = {
        "position": np.arange(len(given.event), dtype=np.int32),
        "customer": given.customer,
        "second": given.second,
        "event": given.event,
        "begins": given.begins,
        "ending": given.end,
    }
    base.register("given_log", columns)
    base.execute("create table log as select * from given_log")
    tied = {
        "k": np.arange(1, len(given.tied) + 1),
        "position": given.tied.astype(np.int32),
        "tie": given.tie,
        "event": given.event[given.tied],
    }
    base.register("given_tied", tied)
    base.execute("create table tied as select * from given_tied")
    base.register("given_customers", {"events_of": given.events_of})
    base.execute("create table customers as select * from given_customers")
    for name in ("given_log", "given_tied", "given_customers"):
        base.unregister(name)
    del given, columns, tied

    def drag() -> tuple[Any, Any]:
        links = base.execute(PLANS[plan], {"stages": list(STAGE_OF_EVENT)}).fetchnumpy()
        counts = ", ".join(f"count(*) filter (events_of & {mask} <> 0)" for mask in masks())
        return links, base.execute(f"select {counts} from customers").fetchone()

    cpu, wall, (links, reach) = timed(drag, repeats)
    report(cpu=cpu, wall=wall, version=duckdb.__version__, **answer(links["code"], links["n"], reach))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
