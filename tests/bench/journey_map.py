"""The part of the benchmark about the server's work for a journey map with many bound cards."""

from __future__ import annotations

import argparse

import numpy as np

from tests.bench.runner import FEW_TIES, Runner, Target, machine

__all__ = ["MAP", "journey_map"]

CARDS, EDITS = 300, 20
FIRST, EDIT, GROWTH = 1.0, 0.05, 1.5
MAP = f"""- **First look** is all that the server does for a map of which nothing was counted yet:
  {CARDS} cards in nine lanes and six stages, each bound to a measure of a stage, an event, a link, a line of
  friction or one of ten segments, with stage heads and KPI cells.
- **An edit of a card** is the edit stored and the map drawn again: the median of {EDITS}, each of another
  card. What is counted over rows is kept, so it costs as much with ten times the rows.
- Both run in Streamlit's own test of apps, which costs some of it; the frame around the map is not counted.
"""
ROWS = (("first", "first look"), ("edit", "an edit of a card"), ("stored", "stored"), ("drawn", "drawn"))


def journey_map(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """A fifth of the rows, and a tenth of those."""
    big, small = options.rows // 5, options.rows // 50
    print(f"journey map of {CARDS} cards, {big:,} and {small:,} events")
    found = {}
    for n in (big, small):
        folder = runner.log(n, FEW_TIES)
        each = [runner.ours("map_ours", folder, CARDS, EDITS) for _ in range(runner.repeats)]
        found[n] = {name: min(one[name] for one in each) for name, _ in ROWS}
    lines = [f"| CPU seconds | {big:,} events | {small:,} events |", "|---|---|---|"]
    lines += [f"| {words} | {found[big][name]:.3f} | {found[small][name]:.3f} |" for name, words in ROWS]
    targets = [
        Target(f"first look at {big:,} events: CPU seconds", found[big]["first"], most=FIRST),
        Target(f"an edit at {big:,} events: CPU seconds", found[big]["edit"], most=EDIT),
        Target(
            f"an edit: time at {big:,} over {small:,}", found[big]["edit"] / found[small]["edit"], most=GROWTH
        ),
    ]
    page = [f"### A map of {CARDS} bound cards", "", *lines, ""]
    return [machine({"numpy": np.__version__}), "", *page], targets
