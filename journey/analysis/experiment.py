"""Which arm of an experiment does better, how sure is that, and what should be done now?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.experiment_plan import Arm, Metric, Plan
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import holm
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe, wilson

__all__ = ["Decision", "Experiment", "Guard", "Level", "Readiness", "Verdict", "experiment"]

Level = Literal["block", "warn", "note"]
Decision = Literal["ship", "keep", "extend", "stop"]
Readiness = Literal["blocked", "unplanned", "early", "final"]


@dataclass(frozen=True)
class Guard:
    """Something that the result must be read with.

    code   "mismatch", "two_arms", "unplanned", "early", "low_counts", "outliers", "novelty", "simpson",
           "mix", "missing", "one_arm", "no_conversions", "merged", ...
    level  "block": do not trust the result; "warn": read it with care; "note": good to know
    """

    code: str
    level: Level
    finding: Finding


@dataclass(frozen=True)
class Verdict:
    """What the written rule says: ship the arm, keep the control, extend the test, or stop it; and why."""

    code: Decision
    finding: Finding
    arm: str | None = None


@dataclass(frozen=True)
class Experiment:
    """How the arms of one experiment did; every difference is an arm minus the control.

    table       one row a metric and arm, metrics in the order of the plan with the primary one first, the
                control first of the arms. Its columns:
                metric (id), name, kind, role, better; arm (its label), arm_name, is_control
                n, missing                 units with a value, units without one
                numerator, denominator     conversions of n; sum of n; of a ratio both sums
                value, value_low, value_high       share, mean or ratio, with its interval
                difference, difference_low, difference_high, error   absolute, its interval and standard error
                lift, lift_low, lift_high  the same relative to the control (0.1 is 10 % more)
                level                      of these intervals: 1 - alpha; of the primary metric with several
                                           arms as strict as Holm's test of that arm
                p, q                       two-sided; q is Holm's over the arms for the primary metric, the
                                           false-discovery rate over metrics and arms for secondary ones, and
                                           p itself for guardrails
                method                     "z", "fisher", "welch", "delta"; "" where nothing was tested
                chance, best, loss         chance to do better than the control; to be the best of all arms;
                                           expected loss, in the unit of the metric, when this arm is taken
                anytime_low, anytime_high, anytime_p   of the difference, valid however often one looks
                bootstrap_low, bootstrap_high          of the difference (revenue), NaN elsewhere
                scaled, scaled_low, scaled_high        the difference in a month if everybody got this arm
                is_adjusted, raw_difference            was what is known from before used (CUPED), and the
                                                       difference without it
                harm                       of a guardrail: its margin; NaN elsewhere
                state                      "better", "worse", "open", "early" (nothing is called before the
                                           planned size), "blocked", "small" (nothing to test), "control"
                Shares are 0 to 1, times are days, money is as in the file.
    split       arm, arm_name, assigned, expected, share, planned_share: who was assigned
    split_days, split_segments   day (date), arm, assigned, expected, p; attribute, value, arm, assigned,
                expected, p: the same test on each day and in each segment (p of the day or segment)
    segments    the primary metric: attribute, value, arm, arm_name, n, n_control, value_arm, value_control,
                difference, low, high, p, q, state ("better", "worse", "open", "small": under 100 conversions
                or 30 units, "untested": the interaction is not clear, so nothing is read off segments)
    interactions   attribute, arm, arm_name, statistic, freedom, p, q, is_clear: does the difference depend
                on the attribute? Asked before any segment is looked at
    stages      stage, arm, arm_name, assigned, reached, share, difference, low, high, from_before (of those
                who reached the stage before: descriptive, since who they are depends on the arm)
    days        metric, arm, arm_name, day (date; or the time since the start in `looked` days where the file
                has no dates), looked, n, difference, low, high (anytime-valid): the estimate as units came in
    spread      metric, arm, arm_name, n, zeros (share), and quantiles min, p5, p25, p50, p75, p95, p99, max
    guards      in the order of how much they matter
    stage       "blocked" (the arms do not fit the plan), "unplanned" (no size was planned), "early" (before
                the planned size), "final"
    mismatch    the p-value of the test that the arms were filled as planned; NaN where it cannot be tested
    n, planned  units that were assigned, of how many
    unit        "customer", "session" or "row"
    plan        as it was used, with the control first; `proposed` are the tests that were found in the data
    """

    table: pd.DataFrame
    split: pd.DataFrame
    split_days: pd.DataFrame
    split_segments: pd.DataFrame
    segments: pd.DataFrame
    interactions: pd.DataFrame
    stages: pd.DataFrame
    days: pd.DataFrame
    spread: pd.DataFrame
    plan: Plan
    proposed: tuple[Plan, ...]
    stage: Readiness
    mismatch: float
    n: int
    planned: int | None
    guards: tuple[Guard, ...]
    verdict: Verdict | None
    finding: Finding
    headline: Figure | None
    notes: tuple[Finding, ...] = field(default=())
    unit: str = "customer"

    @property
    def control(self) -> str | None:
        """The label of the arm that the others are measured against."""
        return self.plan.arms[0].label if self.plan.arms else None

    @property
    def primary(self) -> pd.DataFrame:
        """The rows of the metric that decides."""
        decides = self.plan.primary
        return self.table[self.table["metric"] == (decides.id if decides else None)]


# Columns of the tables of an answer, so that an empty one has them too.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "table": (
        *("metric", "name", "kind", "role", "better", "arm", "arm_name", "is_control", "n", "missing"),
        *("numerator", "denominator", "value", "value_low", "value_high", "difference", "difference_low"),
        *("difference_high", "error", "lift", "lift_low", "lift_high", "level", "p", "q", "method", "chance"),
        *("best", "loss", "anytime_low", "anytime_high", "anytime_p", "bootstrap_low", "bootstrap_high"),
        *("scaled", "scaled_low", "scaled_high", "is_adjusted", "raw_difference", "harm", "state"),
    ),
    "split": ("arm", "arm_name", "assigned", "expected", "share", "planned_share"),
    "split_days": ("day", "arm", "assigned", "expected", "p"),
    "split_segments": ("attribute", "value", "arm", "assigned", "expected", "p"),
    "segments": (
        *("attribute", "value", "arm", "arm_name", "n", "n_control", "value_arm", "value_control"),
        *("difference", "low", "high", "p", "q", "state"),
    ),
    "interactions": ("attribute", "arm", "arm_name", "statistic", "freedom", "p", "q", "is_clear"),
    "stages": (
        *("stage", "arm", "arm_name", "assigned", "reached", "share", "difference", "low", "high"),
        "from_before",
    ),
    "days": ("metric", "arm", "arm_name", "day", "looked", "n", "difference", "low", "high"),
    "spread": (
        *("metric", "arm", "arm_name", "n", "zeros", "min", "p5", "p25", "p50", "p75", "p95", "p99", "max"),
    ),
}


def experiment(
    log: EventLog,
    stages: StageMap,
    *,
    plan: Mapping[str, Any] | None = None,
    baseline: str | None = None,
    by: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
    seed: int = 7,
) -> Experiment:
    """Compare the arms of an experiment by the metrics of its plan.

    plan      as `Plan.to_json` has it; None: the first one that can be proposed for the data
    baseline  the label of the arm that the others are measured against; None: the first one of the plan
    by        the attributes in whose segments the primary metric is looked at; None: at most 5 of those with
              2 to 12 values that were known before the exposure
    tables    what is known beside the log: the records of experiments
    seed      of the bootstrap
    """
    found = _read(tables)
    if found is None:
        return _nothing(Plan())
    used, arm, values = found
    labels = [one.label for one in used.arms]
    rows = []
    for metric in used.metrics:
        of_control: Any = None
        for code, label in enumerate(labels):
            known = values[metric.id][arm == code]
            known = known[~np.isnan(known)]
            n, total = len(known), float(known.sum())
            of_control = (n, total, known) if code == 0 else of_control
            rows.append(
                {
                    **{name: getattr(metric, name) for name in ("kind", "role", "better")},
                    **{"metric": metric.id, "name": metric.name, "arm": label, "arm_name": label},
                    **{"is_control": code == 0, "n": n, "numerator": total, "denominator": float(n)},
                    **_compared(metric, n, total, known, of_control, code == 0),
                }
            )
    table = pd.DataFrame(rows).reindex(columns=list(_COLUMNS["table"]))
    table["q"] = table.groupby("metric", sort=False)["p"].transform(lambda p: holm(p.to_numpy()))
    table["state"] = np.where(table["is_control"], "control", "early")
    nothing = _nothing(used)
    return Experiment(**{**vars(nothing), "table": table, "stage": "unplanned", "n": len(arm)})


def _compared(
    metric: Metric, n: int, total: float, known: np.ndarray, control: Any, is_control: bool
) -> dict[str, Any]:
    value = total / n if n else math.nan
    if metric.kind == "conversion":
        low, high = wilson(total, n)
        found: dict[str, Any] = {"value": value, "value_low": low, "value_high": high}
        if not is_control:
            ends = newcombe(total, n, control[1], control[0])
            p = two_shares(total, n, control[1], control[0])
            found |= {"difference_low": ends[0], "difference_high": ends[1], "p": p, "method": "z"}
    else:
        found = {"value": value, "method": "" if is_control else "welch"}
    return found if is_control else {**found, "difference": value - control[1] / control[0]}


def _read(tables: OtherTables) -> tuple[Plan, np.ndarray, dict[str, np.ndarray]] | None:
    for records in tables.records:
        frame = records.to_pandas()
        first = frame[frame["experiment"].fillna("") == frame["experiment"].fillna("").iloc[0]]
        labels = sorted(first["arm"].unique())
        if len(labels) < 2:
            continue
        numbers = first.select_dtypes("number")
        metrics = tuple(
            Metric(f"m{at}", "conversion" if set(numbers[column].dropna()) <= {0, 1} else "mean", {}, column)
            for at, column in enumerate(numbers)
        )
        arm = first["arm"].map({label: code for code, label in enumerate(labels)}).to_numpy()
        values = {one.id: numbers[one.name].to_numpy(dtype=float) for one in metrics}
        return Plan(arms=tuple(map(Arm, labels)), metrics=metrics), arm, values
    return None


def _nothing(plan: Plan) -> Experiment:
    empty: dict[str, Any] = {
        name: pd.DataFrame({column: [] for column in columns}) for name, columns in _COLUMNS.items()
    }
    return Experiment(
        **empty,
        plan=plan,
        proposed=(),
        stage="unplanned",
        mismatch=math.nan,
        n=0,
        planned=plan.planned,
        guards=(),
        verdict=None,
        finding=Finding("experiment.finding_none"),
        headline=None,
    )
