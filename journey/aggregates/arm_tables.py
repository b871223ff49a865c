"""The tables of an experiment's answer, from the sums of its arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.arm_evidence import ArmEvidence
from journey.aggregates.arm_figures import Contrast, arm_figures, contrast, interval, looks
from journey.aggregates.arm_units import ArmUnits
from journey.stages.experiment_plan import Metric, Plan
from journey.statistics.best_arm import Best, best_mean, best_share
from journey.statistics.bootstrap import resampled_difference, resampled_means
from journey.statistics.corrections import false_discovery, holm, holm_levels
from journey.statistics.intervals import newcombe
from journey.statistics.mismatch import mismatch
from journey.statistics.sequential import TUNED

__all__ = [
    "COLUMNS",
    "NUMBERS",
    "days_table",
    "empty",
    "mismatch_of",
    "result_table",
    "split_days_table",
    "split_segments_table",
    "split_table",
    "spread_table",
    "stages_table",
]

# Kinds whose value of a unit is a number of its own, of which a spread can be shown.
NUMBERS = frozenset({"mean", "revenue", "time"})
# Kinds of which more units bring more: what a month brings can be told.
_ADDING = frozenset({"conversion", "mean", "revenue", "retention"})
_MONTH = 30
_ENDS = ("low", "high", "p", "lift_low", "lift_high")
_QUANTILES = {
    "min": 0.0,
    "p5": 0.05,
    "p25": 0.25,
    "p50": 0.5,
    "p75": 0.75,
    "p95": 0.95,
    "p99": 0.99,
    "max": 1.0,
}

# Columns of the tables of an answer, so that an empty one has them too.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "table": (
        *("metric", "name", "kind", "role", "better", "arm", "arm_name", "is_control", "n", "missing"),
        *("numerator", "denominator", "value", "value_low", "value_high", "difference", "difference_low"),
        *("difference_high", "error", "lift", "lift_low", "lift_high", "level", "p", "q", "method", "chance"),
        *("best", "loss", "anytime_low", "anytime_high", "anytime_p"),
        *("anytime_lift_low", "anytime_lift_high", "bootstrap_low", "bootstrap_high"),
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
    "spread": ("metric", "arm", "arm_name", "n", "zeros", *_QUANTILES),
}


def empty(name: str) -> pd.DataFrame:
    """That table without rows."""
    return pd.DataFrame({column: [] for column in COLUMNS[name]})


def _frame(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS[name])) if rows else empty(name)


# ---- the result --------------------------------------------------------------------------------------------


def result_table(evidence: ArmEvidence, seed: int) -> pd.DataFrame:
    """One row a metric and arm, without `state`; `seed` is that of the bootstrap."""
    rows: list[dict[str, Any]] = []
    for at, metric in enumerate(evidence.metrics):
        rows += _metric_rows(evidence, at, metric, seed)
    table = _frame("table", rows)
    if table.empty:
        return table
    tested, q = ~table["is_control"].astype(bool), table["p"].to_numpy(dtype=float).copy()
    decides = evidence.plan.primary
    first = (tested & (table["metric"] == (decides.id if decides else None))).to_numpy()
    guards = (table["role"] == "guardrail").to_numpy()
    others = (tested & ~first & ~guards).to_numpy()
    q[first], q[others] = holm(q[first]), false_discovery(q[others])
    table["q"] = q
    return table


def _metric_rows(evidence: ArmEvidence, at: int, metric: Metric, seed: int) -> list[dict[str, Any]]:
    alpha, decides = evidence.plan.alpha, metric is evidence.plan.primary
    figures, plain, whole = evidence.figures, evidence.plain, evidence.whole
    n_arms = len(evidence.arms)
    others = max(n_arms - 1, 1)
    first = [contrast(figures, arm, at, metric.kind) for arm in range(1, n_arms)]
    levels = np.full(n_arms - 1, 1 - alpha)
    if decides:
        levels = holm_levels([float(one.p[0]) for one in first], alpha)
    month = _units_a_month(evidence) if metric.kind in _ADDING else np.nan
    rows = []
    believed = _believed(evidence, at, metric)
    drawn = _drawn(evidence, at, seed) if metric.kind == "revenue" else None
    for code, arm in enumerate(evidence.arms):
        here = (0, code, at)
        low, high = interval(plain, code, at, 1 - alpha)
        row: dict[str, Any] = {
            **{
                "metric": metric.id,
                "name": metric.name or metric.id,
                "kind": metric.kind,
                "role": metric.role,
            },
            **{"better": metric.better, "arm": arm.label, "arm_name": arm.name or arm.label},
            **{"is_control": code == 0, "n": round(float(whole.n[here]))},
            **{"missing": round(float(whole.n_missing[here])), "numerator": float(whole.x[here])},
            "denominator": float(whole.y[here] if metric.kind == "ratio" else whole.n[here]),
            "value": float(plain.value[here]),
            **{"value_low": float(np.ravel(low)[0]), "value_high": float(np.ravel(high)[0])},
            **{"method": "", "is_adjusted": bool(evidence.theta.is_used[at])},
            "harm": metric.margin if metric.role == "guardrail" else np.nan,
            **{"chance": float(believed.beats[code]), "best": float(believed.chance[code])},
            "loss": float(believed.loss[code]),
        }
        if code:
            level = float(levels[code - 1])
            found = contrast(figures, code, at, metric.kind, level)
            row |= _of_contrast(found) | {"level": level, "p": float(first[code - 1].p[0])}
            row["raw_difference"] = float(plain.value[here] - plain.value[0, 0, at])
            # At all looks together, and with all arms: an equal part of alpha each.
            sure = 1 - alpha / (others if decides else 1)
            watched = looks(figures, code, at, metric.kind, sure, tuned_to(evidence, code))
            if not np.isnan(row["p"]):
                # Arms of one value each have no spread that any look could go by.
                row |= {f"anytime_{end}": float(getattr(watched, end)[0]) for end in _ENDS}
            if drawn is not None:
                again = resampled_difference(drawn[code], drawn[0], level)
                row |= {"bootstrap_low": again.low, "bootstrap_high": again.high}
            row |= {f"scaled{end}": row[f"difference{end}"] * month for end in ("", "_low", "_high")}
        rows.append(row)
    return rows


def _believed(evidence: ArmEvidence, at: int, metric: Metric) -> Best:
    """What is believed of the arms after the data, without any idea before."""
    lower, figures = metric.better == "lower", evidence.figures
    hits, n = figures.hits[0, :, at], figures.n[0, :, at]
    if not np.isnan(hits).any():
        return best_share(hits, n, lower=lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(figures.variance[0, :, at] / n)
    return best_mean(figures.value[0, :, at], error, lower=lower)


def _drawn(evidence: ArmEvidence, at: int, seed: int) -> np.ndarray | None:
    """The means of the arms, resampled; without what is known from before, where that is used."""
    units = evidence.units
    if units is None or len(evidence.arms) < 2:
        return None
    parts: Sequence[np.ndarray] = evidence.parts(at)
    measured = units.measured[at]
    if evidence.theta.is_used[at] and measured.before is not None:
        moved = evidence.theta.slope[at] * (measured.before - evidence.theta.centre[at])
        parts = evidence.ascending(measured.values - moved)
    drawn = resampled_means(parts, seed=seed)
    if evidence.theta.wider is None:
        return drawn
    # Drawn are sessions; what customers vary more is in the spread around what was seen.
    seen = evidence.figures.value[0, :, at, None]
    return seen + (drawn - seen) * np.sqrt(evidence.theta.wider[:, at, None])


def tuned_to(evidence: ArmEvidence, code: int) -> float:
    """The units of an arm and the control at which daily looks are to say most: those that were planned."""
    if evidence.plan.planned is None:
        return TUNED
    weights = _weights(evidence)
    return float(max(evidence.plan.planned * (weights[0] + weights[code]), 1))


def _of_contrast(found: Contrast) -> dict[str, Any]:
    return {
        **{"difference": float(found.difference[0]), "error": float(found.error[0])},
        **{"difference_low": float(found.low[0]), "difference_high": float(found.high[0])},
        **{"lift": float(found.lift[0]), "lift_low": float(found.lift_low[0])},
        **{"lift_high": float(found.lift_high[0]), "method": str(found.method[0])},
    }


def _units_a_month(evidence: ArmEvidence) -> float:
    """Units of all arms in 30 days, as many a day as between the first and the last exposure."""
    return evidence.n / evidence.span * _MONTH


# ---- who was assigned --------------------------------------------------------------------------------------


def _weights(evidence: ArmEvidence) -> np.ndarray:
    weights = np.array([one.weight for one in evidence.arms], dtype=float)
    return weights / weights.sum()


def mismatch_of(evidence: ArmEvidence) -> float:
    """The p-value that the arms were filled as planned; NaN with one arm, or without units."""
    if len(evidence.arms) < 2 or not evidence.assigned.sum():
        return float("nan")
    return float(mismatch(evidence.assigned, _weights(evidence)))


def split_table(evidence: ArmEvidence) -> pd.DataFrame:
    """How many units were assigned to each arm, and how many were to be."""
    assigned, weights = evidence.assigned, _weights(evidence)
    total = int(assigned.sum())
    return _frame(
        "split",
        [
            {
                **{"arm": arm.label, "arm_name": arm.name or arm.label, "assigned": int(assigned[at])},
                **{"expected": total * weights[at], "planned_share": weights[at]},
                "share": assigned[at] / total if total else np.nan,
            }
            for at, arm in enumerate(evidence.arms)
        ],
    )


def split_days_table(evidence: ArmEvidence) -> pd.DataFrame:
    """The same day by day; p is the day's."""
    return _split_parts(evidence, "split_days", evidence.by_day, [{"day": day} for day in evidence.days])


def split_segments_table(evidence: ArmEvidence) -> pd.DataFrame:
    """The same in each segment; p is the segment's."""
    parts = [
        _split_parts(
            evidence,
            "split_segments",
            segment.assigned,
            [{"attribute": name, "value": value} for value in segment.values],
        )
        for name, segment in evidence.segments.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty("split_segments")


def _split_parts(
    evidence: ArmEvidence, name: str, assigned: np.ndarray, keys: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    if not len(keys) or len(evidence.arms) < 2:
        return empty(name)
    weights = _weights(evidence)
    p = mismatch(assigned, weights)
    return _frame(
        name,
        [
            {
                **key,
                **{"arm": arm.label, "assigned": int(assigned[row, at])},
                **{"expected": float(assigned[row].sum() * weights[at]), "p": float(p[row])},
            }
            for row, key in enumerate(keys)
            for at, arm in enumerate(evidence.arms)
        ],
    )


# ---- over time, along the stages, and how values spread ----------------------------------------------------


def days_table(evidence: ArmEvidence) -> pd.DataFrame:
    """The estimate of each metric as units came in, with the interval that holds at all looks together."""
    if evidence.looked is None or len(evidence.arms) < 2:
        return empty("days")
    figures = arm_figures(evidence.looked, evidence.metrics, evidence.theta)
    sure = 1 - evidence.plan.alpha
    parts = []
    for at, metric in enumerate(evidence.metrics):
        level = 1 - (1 - sure) / (len(evidence.arms) - 1) if metric is evidence.plan.primary else sure
        for code in range(1, len(evidence.arms)):
            watched = looks(figures, code, at, metric.kind, level, tuned_to(evidence, code))
            arm = evidence.arms[code]
            one, control = figures.pair(code, at)
            parts.append(
                pd.DataFrame(
                    {
                        **{"metric": metric.id, "arm": arm.label, "arm_name": arm.name or arm.label},
                        **{"day": list(evidence.look_days), "looked": np.arange(1, len(one.n) + 1)},
                        "n": (one.n + control.n).astype(np.int64),
                        **{"difference": one.value - control.value, "low": watched.low, "high": watched.high},
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)[list(COLUMNS["days"])] if parts else empty("days")


def stages_table(plan: Plan, units: ArmUnits) -> pd.DataFrame:
    """How many of all who were assigned reached each stage after it; the metrics of `units` are the stages.

    The share of those from the stage before divides by units that the arm itself picked: it says nothing of
    what the arm does.
    """
    arm, n_arms = units.arm, len(units.arms)
    flags = [one.values == 1 for one in units.measured]
    known = [np.bincount(arm[~one.missing], minlength=n_arms) for one in units.measured]
    hits = [np.bincount(arm[flag], minlength=n_arms) for flag in flags]
    if not units.measured or not max(each.sum() for each in known):
        return empty("stages")
    names = [one.metric.name for one in units.measured]
    rows = []
    for at, stage in enumerate(names):
        both = np.bincount(arm[flags[at] & flags[at - 1]], minlength=n_arms) if at else None
        for code, one in enumerate(units.arms):
            k, n = int(hits[at][code]), int(known[at][code])
            row: dict[str, Any] = {
                **{"stage": stage, "arm": one.label, "arm_name": one.name or one.label},
                **{"assigned": n, "reached": k, "share": k / n if n else np.nan},
            }
            if both is not None and hits[at - 1][code]:
                row["from_before"] = both[code] / hits[at - 1][code]
            if code and n and known[at][0]:
                c, m = int(hits[at][0]), int(known[at][0])
                row["low"], row["high"] = newcombe(k, n, c, m, 1 - plan.alpha)
                row["difference"] = k / n - c / m
            rows.append(row)
    return _frame("stages", rows)


def spread_table(evidence: ArmEvidence) -> pd.DataFrame:
    """Nearest ranks of the values of each metric that is a number of the unit."""
    rows = []
    for at, metric in enumerate(evidence.metrics):
        if metric.kind not in NUMBERS:
            continue
        for arm, values in zip(evidence.arms, evidence.parts(at), strict=False):
            n = len(values)
            row: dict[str, Any] = {"metric": metric.id, "arm": arm.label, "arm_name": arm.name or arm.label}
            row |= {"n": n, "zeros": np.count_nonzero(values == 0) / n if n else np.nan}
            if n:
                ranks = {name: max(int(np.ceil(share * n)), 1) - 1 for name, share in _QUANTILES.items()}
                row |= {name: float(values[rank]) for name, rank in ranks.items()}
            rows.append(row)
    return _frame("spread", rows)
