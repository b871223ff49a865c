"""What do the columns of an experiment's file measure? By their names and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from journey.aggregates.arm_labels import experiment_words, plain
from journey.events.log import EventLog
from journey.events.other_tables import REGISTERED
from journey.stages.experiment_plan import LONGEST_NAME, MOST_METRICS, Metric, MetricKind
from journey.stages.stage_map import StageMap

__all__ = ["guessed_metrics", "guessed_of_log", "guessed_sums", "says_experiment"]

_GAPS = re.compile(r"[\W_]+")
_LONGEST_ID = 32


def guessed_metrics(columns: Mapping[str, np.ndarray]) -> tuple[Metric, ...]:
    """A metric for each column of numbers, NaN missing; what is known from before belongs to its metric.

    Numbers that are all 0 or 1 are conversion, or retention where the name says so; other numbers are
    revenue, time or a mean by their names. The primary one is the first conversion, else the first retention,
    else the first revenue, else the first of all.
    """
    before = _before(list(columns))
    named = [name for name in columns if name not in before]
    covered = {metric: name for name, metric in before.items() if metric is not None}
    kinds = {name: _kind(name, columns[name]) for name in named}
    return _with_primary(_metrics(named, kinds, covered))


def guessed_sums(sums: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[Metric, ...]:
    """The same for metrics of which n, x and xx of several rows are known: equal x and xx are yes and no."""
    kinds: dict[str, MetricKind] = {}
    for name, (n, x, xx) in sums.items():
        are_shares = bool(((x == xx) & (x >= 0) & (x <= n)).all())
        kinds[name] = _kind(name, np.array([1.0]) if are_shares else np.array([2.0]))
    return _with_primary(_metrics(list(sums), kinds, {}))


def guessed_of_log(log: EventLog, stages: StageMap) -> tuple[Metric, ...]:
    """What a log can tell of units where a file has no outcomes: the goal, and money where there is any."""
    if log.is_empty or log.event_names == (REGISTERED,):
        return ()
    goal = stages.goal_stage
    reached = (
        [] if goal is None else [Metric("goal", "conversion", {"stage": goal.id}, goal.name[:LONGEST_NAME])]
    )
    money = [] if log.amount is None else [Metric("revenue", "revenue", {"revenue": True})]
    return _with_primary([*reached, *money])


def says_experiment(name: str) -> bool:
    """Does the name of an attribute say that it holds arms?"""
    return _says(name, "experiment")


def _metrics(
    names: Sequence[str], kinds: Mapping[str, MetricKind], covered: Mapping[str, str]
) -> list[Metric]:
    ids = _ids(names)
    return [
        Metric(
            id=ids[name],
            kind=kinds[name],
            of={"column": name},
            name=name[:LONGEST_NAME],
            better="lower" if _is_lower(name) else "higher",
            before={"column": covered[name]} if name in covered else None,
        )
        for name in names[:MOST_METRICS]
    ]


def _with_primary(metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    wanted: Sequence[MetricKind] = ("conversion", "retention", "revenue")
    first = next(
        (one for kind in wanted for one in metrics if one.kind == kind), metrics[0] if metrics else None
    )
    return tuple(replace(one, role="primary") if one is first else one for one in metrics)


def _before(columns: Sequence[str]) -> dict[str, str | None]:
    """Columns from before the exposure, and the metric that each belongs to (None: to none).

    "pre_revenue" says it by a word of its own. Of words that are written together, as Korean has them, it is
    only taken for that where the rest is a column too: an order in advance is an outcome.
    """
    keys = {_tokens_text(name): name for name in columns}
    found: dict[str, str | None] = {}
    for name in columns:
        tokens, whole = _tokens(name), _tokens_text(name)
        for word in experiment_words()["before"]:
            if len(tokens) > 1 and word in (tokens[0], tokens[-1]):
                rest = "".join(tokens[1:] if tokens[0] == word else tokens[:-1])
                found[name] = keys.get(rest)
            elif whole.startswith(word) and whole[len(word) :] in keys:
                found[name] = keys[whole[len(word) :]]
            else:
                continue
            break
    # Where nothing would be left to compare by, nothing is from before.
    return found if len(found) < len(columns) else {}


def _kind(name: str, values: np.ndarray) -> MetricKind:
    known = values[values == values]
    if len(known) and ((known == 0) | (known == 1)).all():
        return "retention" if _says(name, "retention") else "conversion"
    if _says(name, "revenue"):
        return "revenue"
    return "time" if _says(name, "time") else "mean"


def _is_lower(name: str) -> bool:
    return _says(name, "lower") or _says(name, "time")


def _says(name: str, meaning: str) -> bool:
    """Does a word of the list stand in the name: as words of its own, or Korean words anywhere?"""
    tokens, whole = _tokens(name), _tokens_text(name)
    padded = f"_{'_'.join(tokens)}_"
    return any(
        f"_{word}_" in padded or (not word.isascii() and word in whole)
        for word in experiment_words()[meaning]
    )


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [token for token in _GAPS.split(plain(spaced, spaces=True)) if token]


def _tokens_text(name: str) -> str:
    return "".join(_tokens(name))


def _ids(names: Sequence[str]) -> dict[str, str]:
    """An id for each column, from its name where that has letters of ASCII."""
    found: dict[str, str] = {}
    for at, name in enumerate(names, 1):
        slug = "_".join(_tokens(name))[:_LONGEST_ID]
        fits = re.fullmatch(r"[a-z0-9_]+", slug) and slug not in found.values()
        found[name] = slug if fits else f"m{at}"
    return found
