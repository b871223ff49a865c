"""DuckDB's funnel on the sorted, encoded arrays: the latest start of a chain, one window a step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb

from tests.bench.data import STAGE_OF_EVENT
from tests.bench.measure import report, timed
from tests.bench.peers import FUNNEL, FUNNEL_DAYS, prepared

_SECONDS = FUNNEL_DAYS * 86_400


def _chains() -> str:
    """A step's row has the latest start of a chain through the steps before it, if that is in the window."""
    parts = ["s1 as (select *, case when stage = 0 then second end as begun_1 from kept)"]
    for step in range(2, FUNNEL + 1):
        before = f"max(begun_{step - 1}) over earlier"
        parts.append(
            f"s{step} as (select *, case when stage = {step - 1} and second - {before} <= {_SECONDS} "
            f"then {before} end as begun_{step} from s{step - 1} window earlier as "
            "(partition by customer order by second, stage rows between unbounded preceding and 1 preceding))"
        )
    return ", ".join(parts)


QUERY = f"""
with staged as (select customer, second, ($stages::utinyint[])[event + 1] as stage from log),
kept as (select * from staged where stage < {FUNNEL}),
{_chains()},
each as (
    select customer, {", ".join(f"count(begun_{step}) > 0 as got_{step}" for step in range(1, FUNNEL + 1))},
           min(case when begun_{FUNNEL} is not null then second end) as done,
           arg_min(begun_{FUNNEL}, second) filter (begun_{FUNNEL} is not null) as begun
    from s{FUNNEL} group by customer
)
select {", ".join(f"count(*) filter (got_{step})" for step in range(1, FUNNEL + 1))},
       quantile_disc(done - begun, 0.5), quantile_disc(done - begun, 0.9)
from each
"""


def main(folder: Path, repeats: int) -> None:
    given = prepared(folder)
    base = duckdb.connect()
    columns = {"customer": given.customer, "second": given.second, "event": given.event}
    base.register("given_log", columns)
    base.execute("create table log as select * from given_log")
    base.unregister("given_log")
    del given, columns

    def funnel() -> Any:
        return base.execute(QUERY, {"stages": list(STAGE_OF_EVENT)}).fetchone()

    cpu, wall, found = timed(funnel, repeats)
    report(cpu=cpu, wall=wall, version=duckdb.__version__, funnel=list(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
