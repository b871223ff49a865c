"""Ours: an experiment of made-up customers, to the page's answer or to the sums; and pandas' groupby."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow as pa

from journey.aggregates.arm_sums import arm_sums, segment_sums
from journey.aggregates.arm_units import arm_units
from journey.analysis.experiment import experiment
from journey.events.other_tables import OtherTables, registered
from journey.stages.experiment_plan import Metric, Plan
from journey.stages.stage_map import StageMap
from tests.bench.data import numbered_ids
from tests.bench.measure import report, timed

ARMS, DAYS, BEGIN = ("A", "B", "C"), 28, 1_735_689_600
VALUES = (2, 3, 4, 5, 6)
FLAGS, MEANS = [f"flag{at}" for at in range(5)], [f"count{at}" for at in range(3)]


def plan() -> Plan:
    """10 metrics, the first one decides."""
    of = {"above": {"column": "count0"}, "below": {"column": "count1"}}
    return Plan(
        source={"records": "e"},
        metrics=(
            *(Metric(name, "conversion", {"column": name}) for name in FLAGS),
            *(Metric(name, "mean", {"column": name}) for name in MEANS),
            Metric("ratio", "ratio", of),
            Metric("paid", "revenue", {"column": "paid"}, before={"column": "before"}),
        ),
    )


def records(n: int) -> pa.Table:
    """One row a customer, in no order."""
    draw = np.random.default_rng(7)

    def texts(names: list[str]) -> pa.ChunkedArray:
        found = pa.array(names, pa.large_string()).take(pa.array(draw.integers(0, len(names), n)))
        return pa.chunked_array([found])

    ids = pa.array(numbered_ids(n), pa.large_string()).take(pa.array(draw.permutation(n)))
    second = BEGIN + draw.integers(0, DAYS * 86_400, n)
    before = np.exp(10 + 1.5 * draw.standard_normal(n)).round()
    paid = np.where(draw.random(n) < 0.05, (before * draw.gamma(2, 0.5, n)).round(), 0.0)
    columns: dict[str, Any] = {
        "customer": ids,
        "experiment": pa.array(["e"] * n, pa.large_string()),
        "arm": texts(list(ARMS)),
        "time": pa.array(second * 1_000_000, pa.timestamp("us", "UTC")),
        **{name: (draw.random(n) < 0.1).astype(float) for name in FLAGS},
        **{name: draw.poisson(2.0, n).astype(float) for name in MEANS},
        "paid": paid,
        "before": before,
        **{f"group{k}": texts([f"value {at}" for at in range(k)]) for k in VALUES},
    }
    return pa.table(columns)


def main(way: str, n: int, repeats: int) -> None:
    table = records(n)
    tables = OtherTables(records=(table,))
    log, stages = registered(tables), StageMap()
    assert log is not None
    shown = [*FLAGS, *MEANS, "paid"]

    def whole() -> list[list[float]]:
        answer = experiment(log, stages, plan=plan().to_json(), tables=tables)
        found = answer.table.assign(mean=answer.table["numerator"] / answer.table["n"])
        return [found[found["metric"] == name]["mean"].tolist() for name in shown]

    def sums() -> list[list[float]]:
        units = arm_units(log, stages, plan(), tables)
        assert units.day is not None
        found = arm_sums(units)
        arm_sums(units, units.day, int(units.day.max()) + 1)
        segment_sums(units, list(units.segments))
        ids = [one.metric.id for one in units.measured]
        return [(found.x / found.n)[0, :, ids.index(name)].tolist() for name in shown]

    frame = table.to_pandas()

    def grouped() -> list[list[float]]:
        by_arm = frame.groupby("arm")[[*shown, "before"]].agg(["count", "mean", "var"])
        for k in VALUES:
            frame.groupby([f"group{k}", "arm"])[shown[:1]].agg(["count", "mean", "var"])
        return [by_arm[name]["mean"].tolist() for name in shown]

    cpu, wall, means = timed({"whole": whole, "sums": sums, "pandas": grouped}[way], repeats)
    report(cpu=cpu, wall=wall, means=means)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
