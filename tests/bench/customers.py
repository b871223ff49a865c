"""The part of the benchmark about customers: what is known of each, as numbers."""

from __future__ import annotations

import argparse
import shutil

import numpy as np

from tests.bench.customers_ours import FEATURES, MORE_FEATURES
from tests.bench.runner import FEW_TIES, Runner, Target, best, machine, same, times, versions_of

__all__ = ["CUSTOMERS", "customers"]

LONGEST, FASTER = 2.0, 2.0
CUSTOMERS = f"""- **Features of customers** is the table of one row a customer, from a log in memory with an
  amount at each purchase: {", ".join(FEATURES)}; then also
  {", ".join(MORE_FEATURES[len(FEATURES) :])}.
- **RFM** is from the rows to a score of each customer: which events are purchases, the days since the last
  one, the days with one, the money, and the fifths of the buyers by each. polars is told which event is a
  purchase, and does it in one query; how many customers have each score is equal, or the run fails.
"""


def customers(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """Five features of each customer, and nine; and RFM scores beside polars."""
    n = options.rows
    print(f"features of customers, {n:,} events")
    folder = runner.log(n, FEW_TIES)
    found = runner.ours("customers_ours", folder, "features", runner.repeats)
    scored = {
        "ours": runner.ours("customers_ours", folder, "rfm", runner.repeats * 2),
        "polars": runner.peer("customers_polars", folder, runner.repeats * 2),
    }
    same(scored, "rfm")
    shutil.rmtree(folder)
    lines = ["| features | CPU seconds | wall seconds |", "|---|---|---|"]
    for name, (cpu, wall) in found["asked"].items():
        lines.append(f"| {name} | {min(cpu):.3f} | {min(wall):.3f} |")
    head = f"### Features of {found['customers']:,} customers, {n:,} events"
    five = min(found["asked"]["five"][0])
    target = Target(f"five features at {n:,} events: CPU seconds", five, most=LONGEST)
    ratio = best(scored["polars"]) / best(scored["ours"])
    faster = Target(f"RFM at {n:,} events: times faster than polars", ratio, least=FASTER)
    title = f"### Recency, frequency and money by customer, scored by fifths, {n:,} events"
    page = [machine({"numpy": np.__version__, **versions_of(scored)}), "", head, "", *lines, ""]
    return [*page, title, "", *times(scored), ""], [target, faster]
