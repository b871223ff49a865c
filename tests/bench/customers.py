"""The part of the benchmark about customers: what is known of each, as numbers."""

from __future__ import annotations

import argparse
import shutil

import numpy as np

from tests.bench.customers_ours import FEATURES, MORE_FEATURES
from tests.bench.runner import FEW_TIES, Runner, Target, machine

__all__ = ["CUSTOMERS", "customers"]

LONGEST = 2.0
CUSTOMERS = f"""- **Features of customers** is the table of one row a customer, from a log in memory with an
  amount at each purchase: {", ".join(FEATURES)}; then also
  {", ".join(MORE_FEATURES[len(FEATURES) :])}.
"""


def customers(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """Five features of each customer, and nine."""
    n = options.rows
    print(f"features of customers, {n:,} events")
    folder = runner.log(n, FEW_TIES)
    found = runner.ours("customers_ours", folder, runner.repeats)
    shutil.rmtree(folder)
    lines = ["| features | CPU seconds | wall seconds |", "|---|---|---|"]
    for name, (cpu, wall) in found["asked"].items():
        lines.append(f"| {name} | {min(cpu):.3f} | {min(wall):.3f} |")
    head = f"### Features of {found['customers']:,} customers, {n:,} events"
    five = min(found["asked"]["five"][0])
    target = Target(f"five features at {n:,} events: CPU seconds", five, most=LONGEST)
    return [machine({"numpy": np.__version__}), "", head, "", *lines, ""], [target]
