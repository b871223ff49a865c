"""The part of the benchmark about the bootstrap of two arms with revenue."""

from __future__ import annotations

import argparse

import numpy as np

from tests.bench.runner import Disagreement, Runner, Target, best, machine, times

__all__ = ["BOOTSTRAP", "bootstrap"]

ROWS, RESAMPLES, PLAIN = 100_000, 10_000, 400
LONGEST = 3.0
# So few resamples know their own error to about 4 %; both are wrong beyond this.
ALIKE = 0.15
BOOTSTRAP = """- **10,000 resamples** of two arms of 100,000 customers, one in twenty of whom bought, with
  amounts that have a long tail: from the values to the interval of the difference and of the lift.
- **Drawing rows** is NumPy that draws as many rows as there are for each resample; it is given 400 of them,
  so ours would be 25 times as many. The standard errors are alike, or the run fails.
"""


def bootstrap(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """Ours with 10,000 resamples, and rows drawn for 400."""
    print(f"bootstrap of {ROWS:,} rows an arm")
    found = {
        "ours": runner.ours("bootstrap_ours", "groups", ROWS, RESAMPLES, runner.repeats),
        f"drawing rows, {PLAIN} resamples": runner.ours("bootstrap_ours", "rows", ROWS, PLAIN, 1),
    }
    ours, rows = (each["error"] for each in found.values())
    if not np.isclose(ours, rows, rtol=ALIKE):
        raise Disagreement("standard errors: drawing rows")
    target = Target(
        f"{RESAMPLES:,} resamples of {ROWS:,} rows an arm: CPU seconds", best(found["ours"]), most=LONGEST
    )
    page = [f"### Bootstrap of two arms of {ROWS:,} rows, {RESAMPLES:,} resamples", "", *times(found), ""]
    return [machine({"numpy": np.__version__}), "", *page], [target]
