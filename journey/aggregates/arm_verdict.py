"""The written rule: what the figures of a test mean, and what should be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from journey.findings import Finding
from journey.stages.experiment_plan import Metric, Plan
from journey.statistics.corrections import false_discovery

__all__ = [
    "Decision",
    "Readiness",
    "Verdict",
    "form_of",
    "percent",
    "readiness",
    "rows_of",
    "states",
    "verdict",
]

Decision = Literal["ship", "keep", "extend", "stop"]
Readiness = Literal["blocked", "unplanned", "early", "final", "overrun"]

# Below this a mismatch of the arms leaves nothing to trust.
BLOCKING = 0.001
# Without days nobody knows how often it was looked at; at thirty looks a plan this is the first one.
_FIRST_LOOK = 1.02
_ORDER: tuple[Decision, ...] = ("ship", "extend", "keep", "stop")


@dataclass(frozen=True)
class Verdict:
    """What the written rule says: ship the arm, keep the control, extend the test, or stop it; and why.

    arm   the label of the arm that it is about; None: of none in particular
    arms  what the rule says of each arm on its own, by label
    stopped  why each of those is to be stopped that are
    """

    code: Decision
    finding: Finding
    arm: str | None = None
    arms: Mapping[str, Decision] = field(default_factory=dict)
    stopped: tuple[Finding, ...] = ()


def form_of(kind: str) -> str:
    """How a value of such a metric is written: as "share", "days" or "number"."""
    return {"conversion": "share", "retention": "share", "time": "days"}.get(kind, "number")


def percent(level: float) -> str:
    """A level as people write it: 95, or 97.5."""
    return f"{100 * level:.4g}"


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table by their columns."""
    return cast(list[dict[str, Any]], table.to_dict("records"))


def readiness(plan: Plan, n: int, mismatch: float, last: int | None = None) -> Readiness:
    """May the result be read as the final one? `n` units count, `last` of them came on the last day.

    A fixed interval errs as rarely as it says at one look only: at the first day that has the planned size.
    Looking on from there to 1.2 times that size calls 8 of 100 tests without any difference.
    """
    if mismatch < BLOCKING and plan.accepted is None:
        return "blocked"
    if plan.ended:
        return "final"
    if plan.planned is None:
        return "unplanned"
    if n < plan.planned:
        return "early"
    is_first = n <= _FIRST_LOOK * plan.planned if last is None else n - last < plan.planned
    return "final" if is_first else "overrun"


def _ends(stage: Readiness) -> str:
    """The interval that counts: that of one look, or that of all looks together."""
    return "difference" if stage == "final" else "anytime"


def states(table: pd.DataFrame, plan: Plan, stage: Readiness) -> list[str]:
    """What is called of each row of the table of results."""
    if stage != "overrun":
        return [_state(row, plan, stage) for row in rows_of(table)]
    decides = plan.primary
    first = (table["metric"] == (decides.id if decides else None)).to_numpy()
    others = ~first & (table["role"] != "guardrail").to_numpy()
    # Of many secondary comparisons some look clear by chance, at all looks together too.
    p = table["anytime_p"].to_numpy(dtype=float)
    is_sure = np.ones(len(table), dtype=bool)
    is_sure[others] = false_discovery(p[others]) < plan.alpha
    return [_state_beyond(row, sure) for row, sure in zip(rows_of(table), is_sure, strict=True)]


def _state_beyond(row: Mapping[str, Any], is_sure: bool) -> str:
    """What is called of a row beyond the plan, where only what holds at all looks together counts."""
    if row["is_control"]:
        return "control"
    if np.isnan(row["p"]):
        return "small"
    _, low, high = _oriented(row, "anytime")
    if not is_sure:
        return "open"
    is_worse = _is_harmed(row, "anytime") if row["role"] == "guardrail" else high < 0
    return "worse" if is_worse else "better" if low > 0 else "open"


def _state(row: Mapping[str, Any], plan: Plan, stage: Readiness) -> str:
    if row["is_control"]:
        return "control"
    if stage == "blocked":
        return "blocked"
    if np.isnan(row["p"]):
        return "small"
    decides = plan.primary is not None and row["metric"] == plan.primary.id
    if stage != "final":
        if row["role"] == "guardrail":
            return "worse" if _is_harmed(row, "anytime") else "early"
        return "worse" if decides and _oriented(row, "anytime")[2] < 0 else "early"
    if row["role"] == "guardrail" and row["harm"] > 0:
        if _is_harmed(row, "difference"):
            return "worse"
        return "better" if row["q"] < plan.alpha and _oriented(row, "difference")[1] > 0 else "open"
    _, low, high = _oriented(row, "difference")
    if not row["q"] < plan.alpha:
        return "open"
    return "better" if low > 0 else "worse" if high < 0 else "open"


def _oriented(row: Mapping[str, Any], ends: str) -> tuple[float, float, float]:
    """Estimate and interval with what is wished for upwards."""
    value, low, high = (float(row[name]) for name in ("difference", f"{ends}_low", f"{ends}_high"))
    return (value, low, high) if row["better"] == "higher" else (-value, -high, -low)


def _lifts(row: Mapping[str, Any], ends: str) -> tuple[float, float, float]:
    """The same relative to the control; NaN where that cannot be said."""
    names = ("lift", *(f"{'anytime_' if ends == 'anytime' else ''}lift_{end}" for end in ("low", "high")))
    value, low, high = (float(row[name]) for name in names)
    return (value, low, high) if row["better"] == "higher" else (-value, -high, -low)


def _is_harmed(row: Mapping[str, Any], ends: str) -> bool:
    """Does the whole interval lie beyond the harm that is put up with?"""
    lifts = _lifts(row, ends)
    if row["harm"] > 0 and not np.isnan(lifts).any():
        return lifts[2] < -row["harm"]
    control = abs(float(row["value"]) - float(row["raw_difference"]))
    return _oriented(row, ends)[2] < -row["harm"] * control


def verdict(
    table: pd.DataFrame, plan: Plan, stage: Readiness, units: tuple[str, int], mismatch: float
) -> Verdict | None:
    """The rule of docs/numbers.md; None without a metric that decides, or an arm beside the control.

    `units`  what they are, and how many count
    """
    metric = plan.primary
    if metric is None or len(plan.arms) < 2:
        return None
    if stage == "blocked":
        return Verdict("stop", Finding("experiment.verdict_stop_mismatch", {"p": mismatch}))
    rows = {row["arm"]: row for row in rows_of(table) if row["metric"] == metric.id}
    harmed = _harmed(table)
    said = {
        arm: _of_arm(row, plan, stage, harmed.get(arm)) for arm, row in rows.items() if not row["is_control"]
    }
    arms: dict[str, Decision] = {arm: code for arm, (code, _) in said.items()}
    # Of those with the first decision that any arm has, the one that does best.
    first = min(arms.values(), key=_ORDER.index)
    among = [arm for arm, code in arms.items() if code == first]
    best = max(among, key=lambda arm: _rank(rows[arm]))

    def told(arm: str) -> Finding:
        values = _values(rows[arm], metric, plan, stage, units) | _beside(harmed.get(arm), stage)
        return Finding(f"experiment.verdict_{said[arm][1]}", values)

    stopped = tuple(told(arm) for arm, code in arms.items() if code == "stop")
    return Verdict(first, told(best), best, arms, stopped)


def _rank(row: Mapping[str, Any]) -> float:
    value = _oriented(row, "difference")[0]
    return -np.inf if np.isnan(value) else value


def _harmed(table: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    """For each arm the first guardrail that it harms."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows_of(table[(table["role"] == "guardrail") & (table["state"] == "worse")]):
        found.setdefault(row["arm"], row)
    return found


def _of_arm(
    row: Mapping[str, Any], plan: Plan, stage: Readiness, harmed: Mapping[str, Any] | None
) -> tuple[Decision, str]:
    """The decision of one arm, and which sentence says it."""
    if harmed is not None:
        return "stop", "stop_guardrail"
    if row["state"] == "worse":
        return "stop", "stop_worse" if stage == "final" else "stop_worse_early"
    if row["state"] == "small":
        return "extend", "extend_small"
    if stage != "final" and np.isnan(row["anytime_low"]):
        return "extend", "extend_few"
    if stage in ("early", "unplanned"):
        return "extend", f"extend_{stage}"
    value, low, high = _oriented(row, _ends(stage))
    least = plan.smallest
    if least is not None and plan.is_relative:
        lifts = _lifts(row, _ends(stage))
        if np.isnan(lifts[0]):
            # A control of 0: any part of it is 0.
            least = 0.0
        else:
            value, low, high = lifts
    if row["state"] == "better":
        if least is None:
            return "ship", "ship"
        return ("ship", "ship_enough") if value >= least else ("keep", "keep_too_small")
    if least is not None and high < least:
        return "keep", "keep_small"
    if stage == "overrun":
        return "extend", "extend_overrun"
    if low > 0 or high < 0:
        # On the edge interval and test need not agree; then nothing is called.
        return "extend", "extend_edge"
    return "extend", "extend_open" if least is None else "extend_open_smallest"


def _values(
    row: Mapping[str, Any], metric: Metric, plan: Plan, stage: Readiness, units: tuple[str, int]
) -> dict[str, Any]:
    form = form_of(metric.kind)
    ends = _ends(stage)
    control = plan.arms[0]
    level = row["level"] if stage == "final" else 1 - plan.alpha / (len(plan.arms) - 1)
    found: dict[str, Any] = {
        **{"arm": row["arm_name"], "control": control.name or control.label},
        **{"metric": metric.name or metric.id, "difference": (form, float(row["difference"]))},
        **{"low": (form, float(row[f"{ends}_low"])), "high": (form, float(row[f"{ends}_high"]))},
        **{"level": percent(level), "q": float(row["q"]), "n": units, "planned": plan.planned or 0},
    }
    if plan.smallest is not None:
        sign = 1 if metric.better == "higher" else -1
        found["smallest"] = ("change" if plan.is_relative else form, sign * plan.smallest)
    return found


def _beside(harmed: Mapping[str, Any] | None, stage: Readiness) -> dict[str, Any]:
    """Of the guardrail that is harmed."""
    if harmed is None:
        return {}
    form, ends = form_of(harmed["kind"]), _ends(stage)
    return {
        "guardrail": harmed["name"],
        "harm": (form, float(harmed["difference"])),
        "harm_low": (form, float(harmed[f"{ends}_low"])),
        "harm_high": (form, float(harmed[f"{ends}_high"])),
    }
