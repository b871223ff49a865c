"""The part of the benchmark about questions: a few of them beside peers, and every one of them alone."""

from __future__ import annotations

import argparse
import shutil
from typing import Any

import numpy as np

from tests.bench.runner import FEW_TIES, Runner, Target, best, machine, same, times, versions_of

__all__ = ["QUESTIONS", "alone", "questions"]

LONGEST = 1.5
# question -> its peers: how they are called, module, arguments, and how many times faster ours must be.
PEERS: dict[str, list[tuple[str, str, tuple[str, ...], float]]] = {
    "funnel": [
        ("DuckDB", "questions_duckdb", (), 3),
        ("retentioneering", "questions_retentioneering", (), 5),
    ],
    "time_in_stage": [("polars", "questions_polars", ("time_in_stage",), 10)],
    "cohorts": [
        ("polars", "questions_polars", ("cohorts_grouped",), 20),
        ("polars, told that rows are in order", "questions_polars", ("cohorts",), 0),
    ],
    "routes": [
        ("polars", "questions_polars", ("routes_listed",), 7),
        ("polars, routes as numbers like ours", "questions_polars", ("routes",), 0),
    ],
    "sessions": [("polars", "questions_polars", ("sessions",), 1)],
}
TITLES = {
    "funnel": "Funnel of four stages within 7 days, with median and p90 of the time it takes",
    "time_in_stage": "Time in stage: visits, median and p90 by stage",
    "cohorts": "Weekly cohorts",
    "routes": "The 20 commonest routes",
    "sessions": "Sessions by a gap of 30 minutes, and those of one event",
}
QUESTIONS = """- **Beside peers**: every contender is given the same sorted, encoded arrays in memory and says
  the same, or the run fails. DuckDB and ours follow the windowed funnel with the times; retentioneering's
  funnel knows neither a window nor times, so it is asked for the endless counts, against which ours are
  checked too, and its figure stands beside ours with window and times. polars gets tied rows in the order
  of stages, ours puts them in order itself. "polars" is the query that its documentation teaches, groups
  over customers; a second line that is told that the rows of a customer lie together, as ours knows, has
  no target.
- **Alone**: what a page asks, whole answer and all, on the same log. `make bench BENCH=--question=funnel`
  tells the rows of that question, and leaves this page as it is.
- **By session**: sessions are what is followed, in a log as large where rows come in bursts, about five at
  once and minutes apart, and then none for days. In the log of the other questions the rows lie so far
  apart that nearly each is a session of its own: as many units as there can be, and like no log of a shop.
  What that costs stands in the last table, without a target.
"""
# What is measured alone: the kind of log, who is followed, and the heading.
EXTREME = "Every question by session, where nearly each row is one"
ALONE = (
    ("log", "customer", "Every question alone"),
    ("sessions", "session", "Every question by session"),
    ("log", "session", EXTREME),
)


def questions(options: argparse.Namespace, runner: Runner) -> tuple[list[str], list[Target]]:
    """The questions beside their peers, every question alone, and how both grow."""
    big = options.rows
    page: list[str] = []
    targets: list[Target] = []
    versions: dict[str, str] = {}
    folder = runner.log(big, FEW_TIES)
    for question, peers in PEERS.items():
        print(f"{question}, {big:,} events")
        found = _beside(runner, folder, question, peers, fast=options.fast)
        versions |= versions_of(found)
        page += [f"### {TITLES[question]}, {big:,} events", "", *times(found), ""]
        for name, _, _, least in peers:
            if name in found and least:
                ratio = best(found[name]) / best(found["ours"])
                targets.append(Target(f"{question} at {big:,}: times faster than {name}", ratio, least=least))
    more, judged = alone(options, runner)
    for log in runner.folder.glob(f"*_{FEW_TIES}"):
        shutil.rmtree(log)
    return [machine({"numpy": np.__version__, **versions}), "", *page, *more], [*targets, *judged]


def alone(options: argparse.Namespace, runner: Runner, only: str = "") -> tuple[list[str], list[Target]]:
    """Every question alone, or `only` one of them, by customer and by session, and how each grows."""
    small, big = options.rows // 10, options.rows
    page: list[str] = []
    targets: list[Target] = []
    for kind, unit, head in ALONE:
        both = [runner.log(n, FEW_TIES, kind) for n in (big, small)]
        print(f"{only or 'every question'} by {unit}, {big:,} and {small:,} events")
        asked = (unit, runner.repeats, *([only] if only else []))
        whole, tenth = (runner.ours("questions_whole", one, *asked) for one in both)
        judged = head != EXTREME
        lines = ["| question | CPU seconds | wall seconds | times the tenth |", "|---|---|---|---|"]
        for name, (cpu, wall) in whole["asked"].items():
            growth = cpu / tenth["asked"][name][0]
            lines.append(f"| {name} | {cpu:.3f} | {wall:.3f} | {growth:.1f} |")
            if judged:
                of = name if unit == "customer" else f"{name} by session"
                targets.append(Target(f"{of} at {big:,}: CPU seconds", cpu, most=LONGEST))
        units = f", {whole['sessions']:,} sessions" if whole["sessions"] else ""
        page += [f"### {head}, {big:,} events{units}", "", *lines, ""]
    return page, targets


def _beside(
    runner: Runner, folder: Any, question: str, peers: list[Any], *, fast: bool
) -> dict[str, dict[str, Any]]:
    found = {"ours": runner.ours("questions_ours", folder, question, runner.repeats * 2)}
    for name, module, arguments, _ in peers:
        slow = name == "retentioneering"
        if slow and fast:
            continue
        told = runner.peer(module, folder, *arguments, 1 if slow else runner.repeats * 2)
        if slow:
            endless = runner.ours("questions_ours", folder, "endless", 1)
            same({"ours": endless, name: told}, "endless")
        else:
            same({"ours": found["ours"], name: told}, question)
        found[name] = told
    return found
