"""Do customers go the way that was designed, where do they leave it, and what goes with that?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.conformance import (
    DEVIATIONS,
    LEAST_DESIGNED,
    WAYS,
    Conformed,
    Design,
    conformed,
    design,
)
from journey.aggregates.coverage import coverage_notes
from journey.aggregates.goal_revenue import GoalRevenue, goal_revenue
from journey.errors import SettingWrong
from journey.events.log import DAY, MINUTE, EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe, wilson

__all__ = ["Conformance", "conformance"]

_SMALL = 30
_CLEAR = 0.05
_NAN = math.nan
_COLUMNS = {
    "way": "str",
    "step": "str",
    "target": "str",
    "customers": "int64",
    "n": "int64",
    "share": "float64",
    "low": "float64",
    "high": "float64",
    "times": "int64",
    "active": "int64",
    "departed": "int64",
    "at_goal": "int64",
    "goal_share": "float64",
    "compared": "int64",
    "compared_share": "float64",
    "gap": "float64",
    "gap_low": "float64",
    "gap_high": "float64",
    "q": "float64",
    "clear": "bool",
    "goals_short": "float64",
    "goals_low": "float64",
    "goals_high": "float64",
    "money_short": "float64",
}
_BLANK = {"str": "", "int64": 0, "float64": _NAN, "bool": False}


@dataclass(frozen=True)
class Conformance:
    """One row a way or a deviation, in this order of `way`.

    table      "began" with the first step, of all (`n`); of those who began, and of them each in exactly one:
               "followed" to the last step, "stopped" (followed as far as they got), "only_skipped",
               "only_back", "both"; of all: "elsewhere" (began with another step), "none" (has no marked one).
               Then parts of these: "stopped_at" a step, with those still `active`; "began_at" a step (of
               those who began elsewhere). Then the deviations of those who began, the most frequent ones
               first: "skipped" a step, "back" from a step to a `target`, and after them, as it follows from
               going back, "looped" (left a step and came back), a customer perhaps in several, with how many
               `times`.
               share = customers / n with low and high (Wilson 95 %). Of deviations `departed` are those who
               first left the order by it (that of who came back somewhere was going back), at_goal of them
               were at the goal since then, goal_share; `compared` are those who as surely came so far in
               order: of "back" those who then went on in order or no more, of "skipped" those who came past
               the step by it, with their compared_share at the goal since then. gap is goal_share -
               compared_share with gap_low and gap_high (Newcombe 95 %), q its false-discovery rate over all
               deviations, clear: below 5 % with 30 or more on both sides and 0 outside of the interval.
               goals_short = -gap x departed with goals_low and goals_high, and money_short that times the
               revenue per customer at the goal. NaN where the goal lies no further on, so that there is
               nothing to compare. Of ways at_goal is of all their customers, since they began
    steps      the keys of the marked steps, and `names` what they are called, in their order
    said       one finding a deviation, as they stand in the table; `costs` what goes with each but loops
    value      money that a customer at the goal brought; NaN where it is not known
    """

    table: pd.DataFrame
    steps: tuple[str, ...]
    names: tuple[str, ...]
    said: tuple[Finding, ...]
    costs: tuple[Finding | None, ...]
    n_customers: int
    n_began: int
    n_followed: int
    unit: str
    value: float
    goal: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    @property
    def deviations(self) -> pd.DataFrame:
        """The rows that are deviations."""
        return self.table[self.table["way"].isin(["skipped", "back", "looped"])].reset_index(drop=True)


def conformance(
    log: EventLog,
    stages: StageMap,
    *,
    steps: Sequence[str] = (),
    unit: str = "customer",
    active_within_days: float = 30,
) -> Conformance:
    """Hold the way of every customer (or session) against an order of steps that was marked.

    steps    ids or names of stages, or "event:NAME", in the intended order; none: all stages in theirs
    A way lasts from the first row of a marked step to the first one of the last step. Raises SettingWrong
    and StageUnknown.
    """
    if not active_within_days >= 0:
        raise SettingWrong(setting="active_within_days", value=active_within_days, allowed="≥ 0")
    plan = design(log, stages, steps=steps, unit=unit)
    within = int(min(active_within_days, 1e6) * DAY) if unit == "customer" else 30 * MINUTE
    counts = conformed(plan, active_within=within)
    found = goal_revenue(plan.log, stages)
    value = _value(found)
    table = _table(plan, counts, value)
    lines = _rows_of(table[table["way"].isin(DEVIATIONS)])
    return Conformance(
        table=table,
        steps=tuple(step.key for step in plan.steps),
        names=plan.names,
        said=tuple(_said(plan, line) for line in lines),
        costs=tuple(_cost(plan, line) for line in lines),
        n_customers=counts.n_units,
        n_began=counts.n_began,
        n_followed=int(counts.ways[0, 0]),
        unit=unit,
        value=value,
        goal=plan.goal_name,
        finding=_finding(plan, counts, lines),
        headline=_headline(plan, counts),
        notes=_notes(plan, stages, counts, lines, value, within),
    )


def _rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(_COLUMNS, row, strict=True)) for row in table.itertuples(index=False)]


def _value(found: GoalRevenue) -> float:
    return found.revenue / found.customers if found.customers and found.revenue > 0 else _NAN


def _table(plan: Design, counts: Conformed, value: float) -> pd.DataFrame:
    if len(plan.steps) < LEAST_DESIGNED or not counts.n_units:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    names, began, everybody = plan.names, counts.n_began, counts.n_units
    outside = int(counts.elsewhere.sum())
    rows: list[dict[str, Any]] = [
        {"way": "began", "customers": began, "n": everybody, "at_goal": int(counts.ways[:, 1].sum())}
    ]
    rows += [
        {"way": way, "customers": int(n), "n": began, "at_goal": int(goal)}
        for way, (n, goal) in zip(WAYS, counts.ways, strict=True)
    ]
    rows.append({"way": "elsewhere", "customers": outside, "n": everybody})
    rows.append({"way": "none", "customers": everybody - began - outside, "n": everybody})
    rows += [
        {"way": "stopped_at", "step": name, "customers": int(n), "n": began, "active": int(active)}
        for name, (n, active) in zip(names, counts.stops, strict=True)
        if n
    ]
    rows += [
        {"way": "began_at", "step": name, "customers": int(n), "n": outside}
        for name, n in zip(names, counts.elsewhere, strict=True)
        if n
    ]
    blank = {name: _BLANK[kind] for name, kind in _COLUMNS.items()}
    table = pd.DataFrame(
        [{**blank, **row} for row in [*rows, *_deviations(plan, counts)]], columns=list(blank)
    )
    k, n = table["customers"].to_numpy(dtype=float), table["n"].to_numpy(dtype=float)
    table["share"] = k / np.where(n > 0, n, np.nan)
    table["low"], table["high"] = wilson(k, n)
    return _with_costs(table.astype(_COLUMNS), plan, value)


def _deviations(plan: Design, counts: Conformed) -> list[dict[str, Any]]:
    """The deviations that occur: those by which the order is left, the most frequent first, then loops."""
    names, n, found = plan.names, len(plan.steps), []
    for place in range(n):
        own = {"step": names[place], "n": counts.n_began}
        by_it = counts.came[place + 1] if place + 1 < n else (0, 0)
        skipped = {"way": "skipped", "customers": int(counts.skipped[place])}
        found.append({**own, **skipped, **_departed(plan, place + 1, counts.jumped[place], by_it)})
        for target in range(place):
            customers, times = counts.back[place, target].tolist()
            told = {"way": "back", "target": names[target], "customers": customers, "times": times}
            ended = _departed(plan, place, counts.turned[place, target], counts.kept[place])
            found.append({**own, **told, **ended})
        customers, times = counts.looped[place].tolist()
        found.append({**own, "way": "looped", "customers": customers, "times": times})
    # A step that everybody who passed it by came to later is in no line of those who skipped it.
    known = [row for row in found if row["customers"]]
    known.sort(key=lambda row: (row["way"] == "looped", -row["customers"], DEVIATIONS.index(row["way"])))
    return known


def _departed(plan: Design, at: int, left: Sequence[int], others: Sequence[int]) -> dict[str, Any]:
    """Those who first left the order so, and beside them those who came as far in order.

    Who was at the goal to get there has nothing to gain or lose: then nothing is compared.
    """
    (n1, k1), (n2, k2) = map(int, left), map(int, others)
    found: dict[str, Any] = {"departed": n1}
    if n1 and n2 and at < plan.goal_at and plan.goal.any():
        found |= {"at_goal": k1, "goal_share": k1 / n1, "compared": n2, "compared_share": k2 / n2}
    return found


def _with_costs(table: pd.DataFrame, plan: Design, value: float) -> pd.DataFrame:
    known = (table["compared"] > 0).to_numpy()
    n1, k1, n2 = (table[name].to_numpy(dtype=float) for name in ("departed", "at_goal", "compared"))
    k2 = np.round(table["compared_share"].to_numpy(dtype=float) * n2)
    of_ways = table["way"].isin(["began", *WAYS]) & (table["customers"] > 0) & bool(plan.goal.any())
    table.loc[of_ways, "goal_share"] = table["at_goal"] / table["customers"].where(of_ways)
    n1, k1, n2, k2 = (np.where(known, one, 0.0) for one in (n1, k1, n2, k2))
    table["gap"] = table["goal_share"].where(known) - table["compared_share"]
    table["gap_low"], table["gap_high"] = newcombe(k1, n1, k2, n2)
    table["q"] = false_discovery(np.where(known, two_shares(k1, n1, k2, n2), _NAN))
    outside = (table["gap_low"] > 0) | (table["gap_high"] < 0)
    table["clear"] = (table["q"] < _CLEAR) & outside & (n1 >= _SMALL) & (n2 >= _SMALL)
    for name, of, sign in (
        ("goals_short", "gap", -1),
        ("goals_low", "gap_high", -1),
        ("goals_high", "gap_low", -1),
    ):
        table[name] = sign * table[of] * table["departed"] + 0.0
    table["money_short"] = table["goals_short"] * value
    return table


# ---- words -----------------------------------------------------------------------------------------------


def _worded(plan: Design, code: str) -> str:
    return code if plan.unit == "customer" else f"{code}_sessions"


def _headline(plan: Design, counts: Conformed) -> Figure | None:
    if not counts.n_began:
        return None
    followed, n = int(counts.ways[0, 0]), counts.n_began
    low, high = wilson(followed, n)
    return Figure(
        _worded(plan, "conformance.headline"),
        followed / n,
        "share",
        n=n,
        low=float(low),
        high=float(high),
        values={"first": plan.names[0], "last": plan.names[-1]},
    )


def _finding(plan: Design, counts: Conformed, lines: Sequence[Mapping[str, Any]]) -> Finding:
    if plan.log.is_empty:
        return Finding("conformance.finding_no_rows")
    if len(plan.steps) < LEAST_DESIGNED:
        return Finding("conformance.finding_few_steps")
    if not counts.n_began:
        values = {"customers": counts.n_units, "first": plan.names[0]}
        return Finding(_worded(plan, "conformance.finding_nobody"), values)
    followed, n = int(counts.ways[0, 0]), counts.n_began
    low, high = wilson(followed, n)
    values = {
        "customers": followed,
        "of": n,
        "share": followed / n,
        "low": float(low),
        "high": float(high),
        "first": plan.names[0],
        "last": plan.names[-1],
    }
    if not lines:
        return Finding(_worded(plan, "conformance.finding_no_deviation"), values)
    most = lines[0]
    values |= {"step": most["step"], "deviated": most["customers"], "part": most["share"]}
    if most["way"] == "back":
        values["target"] = most["target"]
    return Finding(_worded(plan, f"conformance.finding_{most['way']}"), values)


def _said(plan: Design, line: Mapping[str, Any]) -> Finding:
    values = {name: line[name] for name in ("step", "customers", "share", "low", "high")}
    values["of"] = line["n"]
    if line["way"] == "back":
        values["target"] = line["target"]
    if line["way"] != "skipped":
        values["times"] = line["times"]
    return Finding(_worded(plan, f"conformance.said_{line['way']}"), values)


def _cost(plan: Design, line: Mapping[str, Any]) -> Finding | None:
    if line["way"] == "looped":
        return None
    if not line["departed"]:
        return Finding("conformance.cost_later")
    if not line["compared"]:
        at = plan.names.index(line["step"]) + (line["way"] == "skipped")
        is_ahead = at < plan.goal_at and bool(plan.goal.any())
        return Finding("conformance.cost_alone" if is_ahead else "conformance.cost_none")
    values = {
        "departed": line["departed"],
        "share": line["goal_share"],
        "than": line["compared_share"],
        "n": line["compared"],
        "gap": line["gap"],
        "low": line["gap_low"],
        "high": line["gap_high"],
    }
    if not line["clear"]:
        small = min(line["departed"], line["compared"]) < _SMALL
        return Finding(_worded(plan, f"conformance.cost_{'small' if small else 'unclear'}"), values)
    side = "lower" if line["gap"] < 0 else "higher"
    values |= {"goals": abs(line["goals_short"])}
    values |= {"goals_low": min(abs(line["goals_low"]), abs(line["goals_high"]))}
    values |= {"goals_high": max(abs(line["goals_low"]), abs(line["goals_high"]))}
    if not math.isnan(line["money_short"]):
        return Finding(
            _worded(plan, f"conformance.cost_{side}_money"), {**values, "money": abs(line["money_short"])}
        )
    return Finding(_worded(plan, f"conformance.cost_{side}"), values)


def _notes(
    plan: Design,
    stages: StageMap,
    counts: Conformed,
    lines: Sequence[Mapping[str, Any]],
    value: float,
    within: int,
) -> tuple[Finding, ...]:
    notes = list(
        coverage_notes(
            plan.log,
            stages,
            n_customers=counts.n_units,
            n_visitors=counts.n_units,
            unit=plan.unit,
        )
    )
    if active := int(counts.stops[:, 1].sum()) if len(counts.stops) else 0:
        values = {"customers": active, "seconds": _span(plan, within)}
        notes.append(Finding(_worded(plan, "conformance.note_active"), values))
    if compared := [line for line in lines if line["compared"]]:
        wanted = stages.goal_stage
        if wanted is not None and wanted.name != plan.goal_name:
            notes.append(Finding("conformance.note_goal", {"stage": wanted.name, "goal": plan.goal_name}))
        notes.append(Finding("conformance.note_mix", {"goal": plan.goal_name, "n": len(compared)}))
        if not math.isnan(value):
            notes.append(Finding(_worded(plan, "conformance.note_value"), {"amount": value}))
    return tuple(notes)


def _span(plan: Design, within: int) -> float:
    start, end = plan.log.observed
    return min(within, (end - start) // 4) / 1e6
