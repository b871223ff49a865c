"""The part of the benchmark about clusters: very many customers, and the same work as retentioneering."""

from __future__ import annotations

import argparse
import shutil

import numpy as np

from tests.bench.runner import FEW_TIES, Disagreement, Runner, Target, best, machine, same, times

__all__ = ["CLUSTERS", "clusters"]

LONGEST, CLICK, TIMES = 30.0, 1.5, 10
# Means over other samples of 2,000, and other local optima of k-means.
ALIKE = 0.1
CLUSTERS = """- **All numbers of clusters** is k-means for k = 2 to 8 of five features of made-up customers of
  four kinds, from the features to the whole answer: scales, gap (20 references), 30 bootstraps,
  silhouettes, profiles and rules for every k. A click on another k looks it up.
- **Beside retentioneering** is one log in memory to clusters: the visits of each stage, standardised, k-means
  for k = 3 to 5, silhouettes of 2,000. retentioneering counts rows, so it is given one row a visit. The
  visits are equal in both and the silhouettes alike, or the run fails.
"""


def clusters(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """A tenth as many customers as events, and a twentieth of them beside retentioneering."""
    n, rows = options.rows // 10, options.rows // 20
    print(f"clusters of {n:,} customers")
    alone = runner.ours("clusters_ours", "many", n, 1)
    page = [f"### All numbers of clusters, {n:,} customers", "", *times({"ours": alone}), ""]
    page += [f"A click on another number: {min(alone['clicked']):.4f} s.", ""]
    targets = [
        Target(f"k = 2 to 8 of {n:,} customers: wall seconds", min(alone["wall"]), most=LONGEST),
        Target("another number of clusters: wall seconds", min(alone["clicked"]), most=CLICK),
    ]
    print(f"clusters beside retentioneering, {rows // 10:,} customers")
    folder = runner.log(rows, FEW_TIES)
    found = {"ours": runner.ours("clusters_ours", "alike", folder, runner.repeats)}
    versions = {}
    if not options.fast:
        theirs = runner.peer("clusters_retentioneering", folder, 1)
        found["retentioneering"], versions = theirs, {"retentioneering": theirs["version"]}
        same(found, "visits")
        if not np.allclose(theirs["silhouettes"], found["ours"]["silhouettes"], atol=ALIKE):
            raise Disagreement("silhouettes: retentioneering")
        ratio = best(theirs) / best(found["ours"])
        targets.append(Target("clusters: times faster than retentioneering", ratio, least=TIMES))
    shutil.rmtree(folder)
    page += [f"### Clusters of {rows // 10:,} customers, k = 3 to 5", "", *times(found), ""]
    return [machine({"numpy": np.__version__, **versions}), "", *page], targets
