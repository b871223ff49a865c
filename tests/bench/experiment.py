"""The part of the benchmark about the result of an experiment with very many customers."""

from __future__ import annotations

import argparse

import numpy as np

from tests.bench.runner import Disagreement, Runner, Target, best, machine, times

__all__ = ["EXPERIMENT", "experiment"]

WHOLE, UNITS = 1.5, 0.7
EXPERIMENT = """- **Result of an experiment** is a file of one row a customer, in memory as it is stored, to
  the whole answer of the page: 3 arms, 10 metrics (5 yes or no, 3 means, 1 ratio, 1 revenue with its
  bootstrap and what was paid before), 5 attributes, 28 days. "Units and sums" is its first half: who is in
  which arm, every metric of each, and the sums by arm, day and attribute, from which the rest is arithmetic.
- **pandas** is given the same table and asked for number, mean and variance of each metric by arm, and of the
  first one by arm and attribute. Means are equal, or the run fails.
"""


def experiment(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """A tenth as many customers as events."""
    n = options.rows // 10
    print(f"experiment of {n:,} customers")
    found = {
        "ours": runner.ours("experiment_ours", "whole", n, runner.repeats),
        "ours, units and sums alone": runner.ours("experiment_ours", "sums", n, runner.repeats),
        "pandas, groupby": runner.ours("experiment_ours", "pandas", n, runner.repeats),
    }
    ours, sums, theirs = (np.array(each["means"]) for each in found.values())
    if not (np.allclose(sums, theirs, rtol=1e-9) and np.allclose(ours, theirs, rtol=1e-9)):
        raise Disagreement("means of arms: pandas")
    whole, first, _ = found.values()
    targets = [
        Target(f"experiment of {n:,} customers: CPU seconds of the whole answer", best(whole), most=WHOLE),
        Target(f"experiment of {n:,} customers: CPU seconds of units and sums", best(first), most=UNITS),
    ]
    page = [f"### Result of an experiment, {n:,} customers, 3 arms, 10 metrics", "", *times(found), ""]
    return [machine({"numpy": np.__version__}), "", *page], targets
