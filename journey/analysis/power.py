"""How many customers does a test need, how small an effect can it see, and how is it today?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from journey.aggregates.traffic import Traffic
from journey.aggregates.traffic import base as measured_base
from journey.aggregates.traffic import traffic as counted_traffic
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.figures import Figure, Form
from journey.findings import Finding
from journey.stages.experiment_plan import MOST_ARMS, Arm, Plan
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson
from journey.statistics.sample_sizes import (
    power_of_means,
    power_of_shares,
    smallest_mean,
    smallest_share,
    units_for_means,
    units_for_shares,
)

__all__ = ["LONG_WEEKS", "MOST_WEEKS", "Kind", "Power", "Today", "power", "today"]

Kind = Literal["share", "mean"]

# A test of more weeks is rarely left alone until its end, and the world changes under it.
LONG_WEEKS = 8
MOST_WEEKS = 104
_FEW = 10
# A mean that is so much smaller than its spread is none that anything could be relative to.
_NOTHING = 1e-9
_SHOWN_WEEKS = 12
_CURVE = 41
_STEPS = 12


@dataclass(frozen=True, eq=False)
class Power:
    """What a plan needs, or what it can see.

    table       one row a number of units: week (NaN without traffic), n (of all arms), ends (the last day on
                which units come), smallest (the smallest effect that is found with the wished power) and its
                relative size, power (of finding `effect`)
    curve       effect, relative, power with the planned n
    sizes       arm, name, planned (share), n
    guardrails  name, base, harm (the relative harm that is put up with), power (of finding a harm of that
                size), smallest (relative, the least harm that is found with the wished power)
    n           units of all arms that the plan needs; NaN where no number is enough
    effect      absolute, towards what is wished; `relative` to the base
    weekly      units that come in a week (the last one); NaN without traffic
    weeks       whole weeks in which so many come; NaN without traffic, and where they never do
    weeks_low, weeks_high  the same where as many more or fewer come as chance alone explains (Poisson, 95 %),
                where it was counted
    level       the level at which each arm is compared with the control: alpha by the number of comparisons
    last, done  the last day on which units come, and the day from which all of them are observed
    """

    kind: Kind
    mode: Literal["size", "effect"]
    table: pd.DataFrame
    curve: pd.DataFrame
    sizes: pd.DataFrame
    guardrails: pd.DataFrame
    base: float
    spread: float
    n: float
    effect: float
    relative: float
    weekly: float
    weeks: float
    weeks_low: float
    weeks_high: float
    level: float
    wished: float
    better: Literal["higher", "lower"]
    starts: dt.date | None
    last: dt.date | None
    done: dt.date | None
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Test:
    """One comparison of the smallest arm with the control: what is common to all its sizes."""

    kind: Kind
    base: float
    spread: float
    sign: int
    level: float

    def power(self, effect: ArrayLike, n_control: ArrayLike, n_arm: ArrayLike) -> Any:
        """The chance of finding an absolute effect; NaN for shares beyond 0 or 1."""
        if self.kind == "mean":
            return power_of_means(self._standard(effect), n_control, n_arm, self.level)
        return power_of_shares(self.base, self._other(effect), n_control, n_arm, self.level)

    def size(self, effect: float, power: float, ratio: float) -> float:
        """Units of the control with which an effect is found; the other arm has `ratio` as many."""
        if self.kind == "mean":
            return float(units_for_means(self._standard(effect), power, self.level, ratio))
        return float(units_for_shares(self.base, self._other(effect), power, self.level, ratio))

    def smallest(self, n_control: ArrayLike, n_arm: ArrayLike, power: float) -> Any:
        """The least absolute effect that is found; NaN where none is."""
        if self.kind == "mean":
            found = smallest_mean(n_control, n_arm, power, self.level)
            return found * self.spread if self.spread > 0 else found * math.nan
        found = smallest_share(self.base, n_control, n_arm, power, self.level, lower=self.sign < 0)
        return np.abs(found)

    def relative(self, effect: ArrayLike) -> np.ndarray:
        """An effect as a part of the base; NaN where the base is as good as none."""
        size = abs(self.base) if abs(self.base) > _NOTHING * self.spread else math.nan
        return np.asarray(effect, dtype=float) / size

    def _other(self, effect: ArrayLike) -> np.ndarray:
        return self.base + self.sign * np.asarray(effect, dtype=float)

    def _standard(self, effect: ArrayLike) -> np.ndarray:
        """In standard deviations; without any spread there is nothing that a test would be about."""
        wide = self.spread if self.spread > 0 else math.nan
        return np.asarray(effect, dtype=float) / wide


@dataclass(frozen=True, eq=False)
class Today:
    """How it is without any test: what a plan is made from.

    base, low, high  the share of units or their mean, with its interval (Wilson, or normal, 95 %)
    spread           the standard deviation of a unit's value
    n                units that were observed for the whole window; n_unobserved those that were not
    traffic          how many units come in how many weeks
    first, last      the days of the rows that all this was counted from
    """

    kind: Kind
    base: float
    low: float
    high: float
    spread: float
    n: int
    n_unobserved: int
    traffic: Traffic
    first: dt.date
    last: dt.date


def today(
    log: EventLog,
    stages: StageMap,
    *,
    metric: Mapping[str, Any],
    start: Mapping[str, Any] | None = None,
    window: float = 14,
    unit: Literal["customer", "session"] = "customer",
    purchases: Sequence[str] | None = None,
) -> Today:
    """Count how a metric (as Plan.to_json has it) comes out now, and how many come by at `start`.

    Everybody who comes at all where `start` is None. Raises as `aggregates.traffic.base` does.
    """
    measured = Plan.from_json({"metrics": [dict(metric)]}).metrics[0]
    found = measured_base(log, stages, measured, start=start, window=window, unit=unit, purchases=purchases)
    n, mean = int(found.sums.n), found.mean
    kind: Kind = "share" if measured.kind in ("conversion", "retention") else "mean"
    if kind == "share":
        low, high = (float(end) for end in wilson(found.sums.x, n))
    else:
        wide = 1.96 * found.deviation / math.sqrt(n) if n else math.nan
        low, high = mean - wide, mean + wide
    first, last = log.days()
    comes = counted_traffic(log, stages, start=start, unit=unit)
    return Today(kind, mean, low, high, found.deviation, n, found.n_unobserved, comes, first, last)


def power(
    *,
    kind: Kind,
    base: float,
    spread: float | None = None,
    smallest: float | None = None,
    weeks: int | None = None,
    traffic: Traffic | None = None,
    n_known: int | None = None,
    arms: Sequence[Arm] = (Arm("A"), Arm("B")),
    better: Literal["higher", "lower"] = "higher",
    alpha: float = 0.05,
    wished: float = 0.8,
    starts: dt.date | None = None,
    window: float = 0,
    guardrails: Sequence[Mapping[str, Any]] = (),
    unit: str = "customer",
) -> Power:
    """Plan a test from what is known: for the `smallest` effect worth having, or for a number of `weeks`.

    `base` is the share of units, or the mean with the standard deviation `spread`; `smallest` is absolute.
    `traffic` says how many come, all arms together; `n_known` is over how many units the base was counted,
    `window` the days in which a unit is observed. Every arm is compared with the first one at alpha divided
    by the number of comparisons (Bonferroni, which Holm's rule of the result never falls below), and what
    is said holds for the comparison with the smallest of them. Two-sided tests: the pooled z of two shares,
    the noncentral t of two means of one spread. A guardrail is {"name", "kind", "base", "spread", "margin",
    "better"}. Raises SettingWrong.
    """
    asked = _checked(kind, base, spread, smallest, weeks, arms, alpha, wished)
    level = alpha / (len(arms) - 1)
    test = _Test(kind, base, asked, 1 if better == "higher" else -1, level)
    total = sum(arm.weight for arm in arms)
    shares = np.array([arm.weight / total for arm in arms])
    control, least = float(shares[0]), float(shares[1:].min())
    comes = traffic or Traffic("customer", np.zeros(0))
    if weeks is not None:
        each, needed = np.floor(np.round(comes.units_in(weeks) * shares, 6)), float(weeks)
        effect = float(test.smallest(each[0], each[1:].min(), wished))
        n = float(each.sum())
    else:
        effect = float(smallest or 0)
        exact = test.size(effect, wished, least / control) / control
        each = np.ceil(np.round(exact * shares, 6))
        n = float(each.sum())
        needed = _whole(comes.weeks_for(n))
    planned = float(each[0]), float(each[1:].min())
    relative = float(test.relative(effect))
    # What somebody types has no chance in it.
    chance = 1.96 / math.sqrt(comes.a_week) if n_known is not None and comes.a_week > 4 else math.nan
    last, done = _days(starts, needed, window)
    table = _table(test, shares, effect=effect, n=n, traffic=comes, starts=starts, wished=wished)
    found = Power(
        kind=kind,
        mode="effect" if weeks is not None else "size",
        table=table,
        curve=_curve(test, *planned, effect),
        sizes=_sizes(arms, shares, each),
        guardrails=_guardrails(guardrails, *planned, level, wished),
        base=base,
        spread=test.spread,
        n=n,
        effect=effect,
        relative=relative,
        weekly=comes.a_week,
        weeks=needed,
        weeks_low=_whole(comes.weeks_for(n / (1 + chance))) if weeks is None else math.nan,
        weeks_high=_whole(comes.weeks_for(n / (1 - chance))) if weeks is None else math.nan,
        level=level,
        wished=wished,
        better=better,
        starts=starts,
        last=last,
        done=done,
        unit=unit,
        finding=Finding(""),
    )
    return replace(found, finding=_finding(found), headline=_headline(found), notes=_notes(found, n_known))


def _checked(
    kind: Kind,
    base: float,
    spread: float | None,
    smallest: float | None,
    weeks: int | None,
    arms: Sequence[Arm],
    alpha: float,
    wished: float,
) -> float:
    """The spread of the metric, once everything has been looked at."""
    if (smallest is None) == (weeks is None):
        raise SettingWrong(setting="smallest", value=str(smallest), allowed="smallest | weeks")
    allowed: list[tuple[str, Any, bool, str]] = [
        ("arms", len(arms), 2 <= len(arms) <= MOST_ARMS, f"2–{MOST_ARMS}"),
        ("base", base, math.isfinite(base) and (kind == "mean" or 0 <= base <= 1), "0–1"),
        ("smallest", smallest, smallest is None or (math.isfinite(smallest) and smallest > 0), "> 0"),
        ("weeks", weeks, weeks is None or 1 <= weeks <= MOST_WEEKS, f"1–{MOST_WEEKS}"),
        ("alpha", alpha, 0 < alpha <= 0.5, "0–0.5"),
        ("power", wished, 0.5 <= wished < 1, "0.5–1"),
    ]
    if kind == "mean":
        good = spread is not None and math.isfinite(spread) and spread >= 0
        allowed.append(("spread", spread, good, "≥ 0"))
    for setting, value, good, right in allowed:
        if not good:
            raise SettingWrong(setting=setting, value=str(value), allowed=right)
    return float(spread or 0) if kind == "mean" else math.sqrt(base * (1 - base))


def _whole(weeks: float) -> float:
    """Whole weeks, so that every day of the week counts alike; NaN where it is never."""
    return float(max(1, math.ceil(weeks - 1e-9))) if math.isfinite(weeks) else math.nan


def _days(starts: dt.date | None, weeks: float, window: float) -> tuple[dt.date | None, dt.date | None]:
    """The last day on which units come, and the day from which the last of them was observed to the end."""
    if starts is None or not weeks <= MOST_WEEKS:
        return None, None
    last = starts + dt.timedelta(days=7 * int(weeks) - 1)
    return last, last + dt.timedelta(days=1 + math.ceil(window))


def _table(
    test: _Test,
    shares: np.ndarray,
    *,
    effect: float,
    n: float,
    traffic: Traffic,
    starts: dt.date | None,
    wished: float,
) -> pd.DataFrame:
    """What can be seen week by week; without traffic with the parts and the multiples of the planned n."""
    if traffic.a_week > 0:
        until = _whole(traffic.weeks_for(n)) if n == n else math.nan
        until = until if until == until else _SHOWN_WEEKS
        week = np.arange(1.0, min(max(until * 1.5, _SHOWN_WEEKS), MOST_WEEKS) + 1)
        comes = np.array([traffic.units_in(one) for one in week])
    else:
        steps = np.arange(1, 2 * _STEPS + 1) / _STEPS
        comes = n * steps if n == n else np.array([])
        week = np.full(len(comes), math.nan)
    each = np.floor(np.round(np.outer(shares, comes), 6))
    units, first, least = each.sum(axis=0), each[0], each[1:].min(axis=0)
    smallest = np.asarray(test.smallest(first, least, wished), dtype=float)
    return pd.DataFrame(
        {
            "week": week,
            "n": units,
            "ends": pd.Series([_days(starts, one, 0)[0] for one in week], dtype=object),
            "smallest": smallest,
            "relative": test.relative(smallest),
            "power": np.asarray(test.power(effect, first, least), dtype=float),
        }
    )


def _curve(test: _Test, n_control: float, n_arm: float, effect: float) -> pd.DataFrame:
    """The chance of finding effects from none to twice the one that the plan is for."""
    is_known = effect == effect and n_control == n_control
    rows = pd.DataFrame({"effect": np.linspace(0, 2 * effect, _CURVE) if is_known else np.zeros(0)})
    rows["relative"] = test.relative(rows["effect"].to_numpy())
    rows["power"] = np.asarray(test.power(rows["effect"].to_numpy(), n_control, n_arm), dtype=float)
    return rows[rows["power"].notna()].reset_index(drop=True)


def _sizes(arms: Sequence[Arm], shares: np.ndarray, each: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "arm": pd.Series([arm.label for arm in arms], dtype="str"),
            "name": pd.Series([arm.name for arm in arms], dtype="str"),
            "planned": shares,
            "n": each,
        }
    )


def _guardrails(
    guardrails: Sequence[Mapping[str, Any]], n_control: float, n_arm: float, level: float, wished: float
) -> pd.DataFrame:
    """How small a harm the planned n shows; one is compared for every arm, as the goal is."""
    rows = []
    for one in guardrails:
        base, spread = float(one["base"]), one.get("spread")
        sign = -1 if one.get("better", "higher") == "higher" else 1
        test = _Test(one["kind"], base, float(spread or 0), sign, level)
        harm = float(one.get("margin") or 0)
        least = float(test.smallest(n_control, n_arm, wished))
        rows.append(
            {
                "name": str(one["name"]),
                "base": base,
                "harm": harm,
                "power": float(test.power(harm * abs(base), n_control, n_arm)) if harm else math.nan,
                "smallest": float(test.relative(least)),
            }
        )
    return pd.DataFrame(rows, columns=["name", "base", "harm", "power", "smallest"])


def _finding(answer: Power) -> Finding:
    if math.isnan(answer.n) or math.isnan(answer.effect):
        return Finding(f"planner.finding_impossible_{answer.mode}")
    ending = "_sessions" if answer.unit == "session" else ""
    values = {
        "n": int(answer.n),
        "arm": int(answer.sizes["n"].max()),
        "base": answer.base,
        "effect": answer.effect,
        "points": answer.effect * 100,
        "relative": answer.relative,
        "power": answer.wished,
    }
    code = f"planner.finding_{answer.mode}_{answer.kind}"
    if math.isnan(answer.weeks):
        return Finding(f"{code}_untimed{ending}", values)
    values |= {"weeks": int(answer.weeks)}
    if answer.done is None:
        return Finding(f"{code}{ending}", values)
    return Finding(f"{code}_until{ending}", {**values, "done": answer.done})


def _headline(answer: Power) -> Figure | None:
    if math.isnan(answer.n) or math.isnan(answer.effect):
        return None
    if answer.mode == "size":
        return Figure("planner.figure_n", answer.n, "count", n=int(answer.n))
    form: Form = "points" if answer.kind == "share" else "amount"
    return Figure("planner.figure_smallest", answer.effect, form, n=int(answer.n))


def _long(answer: Power) -> Finding:
    """That the test takes too long, and where it is known what could be seen in time."""
    values = {"weeks": int(answer.weeks), "most": LONG_WEEKS}
    seen = answer.table.loc[answer.table["week"] == LONG_WEEKS, "relative"]
    if answer.mode == "size" and len(seen) and math.isfinite(seen.iloc[0]):
        return Finding("planner.warn_long_seen", {**values, "seen": float(seen.iloc[0])})
    return Finding("planner.warn_long", values)


def _notes(answer: Power, n_known: int | None) -> tuple[Finding, ...]:
    notes = []
    if answer.weeks > LONG_WEEKS:
        notes.append(_long(answer))
    if answer.mode == "size" and answer.weekly > 0 and math.isnan(answer.weeks) and answer.n == answer.n:
        notes.append(Finding("planner.warn_never"))
    if answer.mode == "size" and answer.n < answer.weekly * 6 / 7:
        notes.append(Finding("planner.warn_short", {"days": max(1, math.ceil(7 * answer.n / answer.weekly))}))
    if answer.kind == "share" and n_known is not None and (known := answer.base * n_known) < _FEW:
        notes.append(Finding("planner.warn_few", {"n": round(known), "of": n_known}))
    if answer.kind == "share" and (each := answer.base * answer.sizes["n"].min()) < _FEW:
        notes.append(Finding("planner.warn_rare", {"n": round(each)}))
    if answer.kind == "mean" and answer.spread > 3 * abs(answer.base):
        notes.append(Finding("planner.warn_tails"))
    if len(answer.sizes) > 2:
        notes.append(Finding("planner.note_arms", {"n": len(answer.sizes) - 1, "level": answer.level}))
    if answer.sizes["planned"].nunique() > 1:
        notes.append(Finding("planner.note_unequal"))
    notes.append(Finding(f"planner.note_{answer.kind}", {"power": answer.wished}))
    return tuple(notes)
