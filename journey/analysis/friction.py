"""Where do customers get stuck, how many, and why?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.friction_scores import friction_scores, median_of_others, value_of_goal
from journey.aggregates.goal_revenue import goal_revenue
from journey.aggregates.links import Picture, picture
from journey.aggregates.loops import Loops
from journey.aggregates.stuck import MOST_VALUES, Firsts, met, stuck, walked
from journey.aggregates.time_in_stage import TimeInStage
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import wilson
from journey.statistics.odds import odds_ratio

__all__ = ["REASONS", "Friction", "friction"]

REASONS = ("drop_off", "back_steps", "waiting", "loops", "repeats", "none")
# A line is called slow, or full of loops, where it has so many times what the others have in the middle.
_TIMES = 1.5
# ... and where at least this share of its customers is concerned.
_LEAST_SHARE = 0.1
_SMALL = 30
# A value stands out where it is clear by the false-discovery rate, and by so much that it matters; by so much
# a line must lose more than its benchmark to be said to lose much.
_CLEAR = 0.05
_LEAST_GAP = 0.05
_MOST_WEIGHT = 10.0
# Of so many it is looked up what they meet there.
_MOST_EXPLAINED = 8
_NOTHING = ("", math.nan, math.nan)
_TRIED = ["attribute", "value", "customers", "stuck", "others", "others_stuck", "place"]


@dataclass(frozen=True)
class Friction:
    """One row a stage (or an event), the one with most friction first.

    table        name, customers (reach), share (of n_customers) with low and high (Wilson 95 %), exits and
                 drop_off (exits / customers) with drop_low and drop_high, benchmark (the drop-off that it is
                 measured by), score, reason (one of REASONS), median_seconds and p90_seconds (first row of a
                 visit to the first row of the next one, nearest rank) over `finished` visits, visits, loops
                 (visits of who had been there and left) with looped customers, back_steps (visits followed
                 by an earlier stage) with stepped_back customers, repeats (rows of the same event in a row)
                 with repeated customers, last_event (where most of the exits end) with dead_ends customers,
                 goal
    why          one finding a row, in the same order
    standouts    values of attributes whose customers get stuck at a stage or an event more often than the
                 others there, beyond chance: name, kind ("stage" or "event"), attribute, value, customers
                 (first time there, the visit over), stuck (after that visit back to an earlier stage, or
                 gone) with share, low, high, others and others_share, odds_ratio with odds_low and odds_high,
                 p, q; event that they meet in that visit more often than the others, event_share,
                 event_others
    outliers     one finding a row of it
    benchmark    the typed drop-off that all are measured by; None: the median of the others
    value        money that a customer at the goal is worth, or 1
    """

    table: pd.DataFrame
    why: tuple[Finding, ...]
    standouts: pd.DataFrame
    outliers: tuple[Finding, ...]
    colours: Mapping[str, str]
    n_customers: int
    group: str
    unit: str
    value: float
    benchmark: float | None
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    @property
    def has_value(self) -> bool:
        """Is the score money, and not customers?"""
        return self.value != 1


def friction(
    log: EventLog,
    stages: StageMap,
    *,
    group: str = "stage",
    unit: str = "customer",
    benchmark: float | None = None,
    revenue: bool = True,
    delay: float = 0.0,
    circles: float = 0.0,
    active_within_days: float = 30,
) -> Friction:
    """Rank the stages, or the events, by value x reach x max(0, drop-off - benchmark).

    The benchmark is a typed share, or for each line the median drop-off of the other ones that are not of the
    goal. With `revenue` the value is what a customer at the goal brought, else (and without amounts) 1. The
    exponents `delay` and `circles` weigh in the line's median time over the median of the lines' medians, and
    its visits per customer. Lines of the goal have no score: who ends there is done.
    Raises SettingWrong.
    """
    if group not in ("stage", "event"):
        raise SettingWrong(setting="group", value=group, allowed=["stage", "event"])
    if benchmark is not None and not 0 <= benchmark <= 1:
        raise SettingWrong(setting="benchmark", value=benchmark, allowed="0–1")
    for name, weight in (("delay", delay), ("circles", circles)):
        if not 0 <= weight <= _MOST_WEIGHT:
            raise SettingWrong(setting=name, value=weight, allowed=f"0–{_MOST_WEIGHT:g}")
    view = picture(log, stages, steps=1, group=group, unit=unit, active_within_days=active_within_days)
    counts, seconds, at_first = walked(view.log, stages, view.nodes, active_within=view.within)
    found = goal_revenue(view.log, stages) if revenue else None
    value = value_of_goal(found)
    table = _table(view, counts, seconds, value=value, benchmark=benchmark, delay=delay, circles=circles)
    standouts, n_tested = _standouts(view, at_first)
    finding, headline = _finding(view, counts, table, value)
    return Friction(
        table=table,
        why=tuple(_why(view, line) for line in table.itertuples(index=False)),
        standouts=standouts,
        outliers=tuple(_outlier(view, line) for line in standouts.itertuples(index=False)),
        colours=dict(zip(view.nodes.names, view.nodes.colours, strict=True)),
        n_customers=counts.n_customers,
        group=group,
        unit=unit,
        value=value,
        benchmark=benchmark,
        finding=finding,
        headline=headline,
        notes=_notes(
            view, counts, table, revenue=revenue, value=value, benchmark=benchmark, n_tested=n_tested
        ),
    )


# ---- the lines -------------------------------------------------------------------------------------------


def _table(
    view: Picture,
    counts: Loops,
    seconds: TimeInStage,
    *,
    value: float,
    benchmark: float | None,
    delay: float,
    circles: float,
) -> pd.DataFrame:
    names, used = view.nodes.names, np.asarray(view.nodes.used)
    reach, goal = counts.customers, _is_goal(view)
    median, p90 = seconds.seconds(0.5, 0.9)
    low, high = wilson(reach, counts.n_customers)
    drop_low, drop_high = wilson(counts.exits, reach)
    slowness = _ratio(median, np.nanmedian(median) if np.isfinite(median).any() else math.nan)
    rounds = _ratio(counts.visits, np.where(reach > 0, reach, np.nan))
    scores = friction_scores(
        reach,
        counts.exits,
        used & ~goal,
        value=value,
        benchmark=benchmark,
        slowness=slowness**delay,
        rounds=rounds**circles,
    )
    last_event, dead_ends = _dead_ends(view, counts)
    table = pd.DataFrame(
        {
            "name": pd.Series(names, dtype="str"),
            "customers": reach,
            "share": reach / (counts.n_customers or np.nan),
            "low": low,
            "high": high,
            "exits": counts.exits,
            "drop_off": scores.drop_off,
            "drop_low": drop_low,
            "drop_high": drop_high,
            "benchmark": np.where(goal, np.nan, scores.benchmark),
            "score": scores.score,
            "median_seconds": median,
            "p90_seconds": p90,
            "finished": seconds.finished,
            "visits": counts.visits,
            "loops": counts.loops,
            "looped": counts.looped,
            "back_steps": counts.back_steps,
            "stepped_back": counts.stepped_back,
            "repeats": counts.repeats,
            "repeated": counts.repeated,
            "last_event": pd.Series(last_event, dtype="str"),
            "dead_ends": dead_ends,
            "goal": goal,
        }
    )
    table.insert(11, "reason", pd.Series(_reasons(table), dtype="str"))
    # Of equal scores the one that surely loses more, then the one that stands earlier.
    ranks = [
        -np.nan_to_num(scores.score, nan=-1.0),
        -np.nan_to_num(np.where(goal, np.nan, drop_low), nan=-1.0),
        view.nodes.position,
    ]
    order = np.lexsort(ranks[::-1])
    return table.iloc[order[used[order] & ((reach > 0) | (view.nodes.group == "stage"))[order]]].reset_index(
        drop=True
    )


def _is_goal(view: Picture) -> np.ndarray:
    """One flag a node: is it the goal stage, or an event in it?"""
    goal = view.stages.goal_stage
    if goal is None:
        return np.zeros(len(view.nodes), dtype=bool)
    place = view.stages.stages.index(goal)
    own = (
        np.arange(len(view.nodes)) if view.nodes.group == "stage" else view.stages.codes(view.log.event_names)
    )
    flags: np.ndarray = own == place
    return flags


def _ratio(values: np.ndarray, to: Any) -> np.ndarray:
    """Values over `to`; 1, which weighs nothing, where that is not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(values, dtype=float) / to
    return np.where(np.isfinite(found), found, 1.0)


def _dead_ends(view: Picture, counts: Loops) -> tuple[list[str], np.ndarray]:
    """For each node the event that most of its exits ended with, and how many; "" where nobody left."""
    names, ends = view.log.event_names, counts.dead_ends
    if view.nodes.group == "event":
        return [name if ends[code] else "" for code, name in enumerate(names)], ends
    codes = view.stages.codes(names)
    most: list[str] = []
    customers = np.zeros(len(view.nodes), dtype=np.int64)
    for node in range(len(view.nodes)):
        own = np.flatnonzero((codes == node) & (ends > 0))
        worst = own[np.argmax(ends[own])] if len(own) else None
        most.append("" if worst is None else names[worst])
        customers[node] = 0 if worst is None else ends[worst]
    return most, customers


def _reasons(table: pd.DataFrame) -> list[str]:
    """What each line has much more of than the others: the first of REASONS that fits."""
    reach = table["customers"].where(table["customers"] > 0)
    much = table["drop_off"] - table["benchmark"] >= _LEAST_GAP
    found = {"drop_off": (table["drop_low"] > table["benchmark"]) & much}
    slow = table["median_seconds"]
    found["waiting"] = slow >= 2 * median_of_others(slow.to_numpy(dtype=float, copy=True))
    for reason, column in (("back_steps", "stepped_back"), ("loops", "looped"), ("repeats", "repeated")):
        share = (table[column] / reach).to_numpy(dtype=float, copy=True)
        found[reason] = pd.Series((share >= _TIMES * median_of_others(share)) & (share >= _LEAST_SHARE))
    return [
        next((reason for reason in REASONS[:-1] if bool(found[reason][row]) and not goal), "none")
        for row, goal in enumerate(table["goal"])
    ]


# ---- values that stand out -------------------------------------------------------------------------------


def _standouts(view: Picture, found: Firsts) -> tuple[pd.DataFrame, int]:
    """The values whose customers get stuck at a place more often than the others, and how many were tried.

    Tried are values with 30 customers or more beside as many others, at stages before the last that are not
    the goal and at their events. Corrected over all of them. A stage and its events tell of one thing, so of
    each stage and value only the place where the difference is clearest is kept.
    """
    log, stages = view.log, view.stages
    place_stage = np.r_[np.arange(found.n_stages), stages.codes(log.event_names)].astype(np.int64)
    goal = -1 if stages.goal_stage is None else stages.stages.index(stages.goal_stage)
    asked = (place_stage < found.n_stages - 1) & (place_stage != goal)
    tables = [_by_value(log, found, name, asked) for name in log.attributes]
    table = pd.concat([part for part in tables if part is not None] or [pd.DataFrame(columns=_TRIED)])
    k1, n1, k2, n2 = (
        table[name].to_numpy(dtype=np.int64) for name in ("stuck", "customers", "others_stuck", "others")
    )
    low, high = wilson(k1, n1)
    odds, odds_low, odds_high = odds_ratio(k1, n1, k2, n2)
    p = two_shares(k1, n1, k2, n2)
    shares = {"share": k1 / n1, "low": low, "high": high, "others_share": k2 / n2}
    table = table.assign(
        **shares, odds_ratio=odds, odds_low=odds_low, odds_high=odds_high, p=p, q=false_discovery(p)
    )
    n_tested, table["stage_code"] = len(table), place_stage.take(table["place"].to_numpy(dtype=np.int64))
    table = table[(table["q"] < _CLEAR) & (table["share"] - table["others_share"] >= _LEAST_GAP)]
    table = table.sort_values(["p", "place"], kind="stable")
    table = table.drop_duplicates(["stage_code", "attribute", "value"])
    beyond = table["customers"] * (table["share"] - table["others_share"])
    table = table.iloc[np.argsort(-beyond.to_numpy(), kind="stable")].reset_index(drop=True)
    places, names = table["place"].to_numpy(dtype=np.int64), (*stages.names, *log.event_names)
    met_there = [
        _met_more(view, found, str(name), int(place), str(value)) if rank < _MOST_EXPLAINED else _NOTHING
        for rank, (name, place, value) in enumerate(
            zip(table["attribute"], places, table["value"], strict=True)
        )
    ]
    kinds = np.where(places < found.n_stages, "stage", "event")
    table.insert(0, "name", pd.Series([names[place] for place in places], dtype="str"))
    table.insert(1, "kind", pd.Series(kinds, dtype="str"))
    table["event"] = pd.Series([one[0] for one in met_there], dtype="str")
    table["event_share"] = pd.Series([one[1] for one in met_there], dtype=float)
    table["event_others"] = pd.Series([one[2] for one in met_there], dtype=float)
    return table.drop(columns=["place", "stage_code", "others_stuck"]), n_tested


def _by_value(log: EventLog, found: Firsts, name: str, asked: np.ndarray) -> pd.DataFrame | None:
    """Everything that is tried of one attribute, one row a place and value; None where it has no groups."""
    values = log.attributes[name].categories
    if not 2 <= len(values) <= MOST_VALUES:
        return None
    counts = stuck(log, found, name)
    n, k = counts.customers.sum(axis=1, keepdims=True), counts.stuck.sum(axis=1, keepdims=True)
    own = counts.customers[:, :-1]
    enough = (np.minimum(own, n - own) >= _SMALL) & (k > 0) & (k < n) & asked[:, None]
    place, value = np.nonzero(enough)
    stuck_here = counts.stuck[place, value]
    return pd.DataFrame(
        {
            "attribute": pd.Series([name] * len(place), dtype="str"),
            "value": pd.Series([values[code] for code in value], dtype="str"),
            "customers": own[place, value],
            "stuck": stuck_here,
            "others": n[place, 0] - own[place, value],
            "others_stuck": k[place, 0] - stuck_here,
            "place": place,
        }
    )


def _met_more(view: Picture, found: Firsts, name: str, place: int, value: str) -> tuple[str, float, float]:
    """The event that customers of the value meet in that visit more often than the others, beyond chance.

    With the share of both; no event where none is clear among all events of the stage.
    """
    counts = met(view.log, found, name, place)
    of_place = stuck(view.log, found, name).customers[place]
    code = view.log.attributes[name].categories.index(value)
    n1, n2 = int(of_place[code]), int(of_place.sum() - of_place[code])
    k1 = counts[:, code]
    k2 = counts.sum(axis=1) - k1
    there = np.flatnonzero(k1 + k2)
    q = false_discovery(two_shares(k1[there], np.full(len(there), n1), k2[there], np.full(len(there), n2)))
    gap = np.where(q < _CLEAR, k1[there] / n1 - k2[there] / n2, 0.0)
    if gap.max() < _LEAST_GAP:
        return _NOTHING
    most = there[int(gap.argmax())]
    return view.log.event_names[most], float(k1[most] / n1), float(k2[most] / n2)


# ---- what is said ----------------------------------------------------------------------------------------


def _outlier(view: Picture, line: Any) -> Finding:
    values = {
        "stage": line.name,
        "attribute": line.attribute,
        "value": line.value,
        "customers": int(line.stuck),
        "of": int(line.customers),
        "share": float(line.share),
        "low": float(line.low),
        "high": float(line.high),
        "others": float(line.others_share),
        "odds": round(float(line.odds_ratio), 1),
    }
    if not line.event:
        return Finding(view.worded("friction.outlier"), values)
    met = {"event": line.event, "event_share": line.event_share, "event_others": line.event_others}
    return Finding(view.worded("friction.outlier_event"), values | met)


def _why(view: Picture, line: Any) -> Finding:
    """Why a line stands where it stands, with the number of people."""
    values: dict[str, Any] = {"name": line.name, "of": int(line.customers)}

    def said(reason: str, **more: Any) -> Finding:
        return Finding(view.worded(f"friction.why_{reason}"), values | more)

    def some(customers: int) -> dict[str, Any]:
        return {"customers": int(customers), "share": customers / line.customers}

    if not line.customers:
        return said("nobody")
    match line.reason:
        case "drop_off":
            lost = {"low": line.drop_low, "high": line.drop_high, "benchmark": line.benchmark}
            return said(
                "drop_off", **some(line.exits), **lost, event=line.last_event, last=int(line.dead_ends)
            )
        case "waiting":
            return said(
                "waiting", seconds=line.median_seconds, p90=line.p90_seconds, visits=int(line.finished)
            )
        case "back_steps":
            return said("back_steps", **some(line.stepped_back))
        case "loops":
            return said("loops", **some(line.looped), visits=int(line.visits))
        case "repeats":
            return said("repeats", **some(line.repeated), rows=int(line.repeats))
        case _:
            return said("goal" if line.goal else "none", **some(line.exits))


def _finding(
    view: Picture, counts: Loops, table: pd.DataFrame, value: float
) -> tuple[Finding, Figure | None]:
    """The line with the highest score, and the score with its interval.

    The interval is that of the drop-off, carried through the formula; the benchmark counts as given.
    """
    if not counts.n_customers:
        return Finding("friction.finding_no_rows"), None
    if not len(view.stages.stages):
        return Finding(view.worded("friction.finding_no_stages"), {"customers": counts.n_customers}), None
    if not counts.n_visitors:
        return Finding(
            view.worded("friction.finding_no_mapped_events"), {"customers": counts.n_customers}
        ), None
    worst = table.iloc[0]
    if not worst["score"] > 0:
        return Finding(view.worded("friction.finding_none"), {"customers": counts.n_visitors}), None
    # The weights beside the drop-off stay what they are.
    per_share = worst["score"] / (worst["drop_off"] - worst["benchmark"])
    low, high = (max(0.0, per_share * (worst[end] - worst["benchmark"])) for end in ("drop_low", "drop_high"))
    values = {
        "stage": worst["name"],
        "customers": int(worst["exits"]),
        "of": int(worst["customers"]),
        "share": float(worst["drop_off"]),
        "low": float(worst["drop_low"]),
        "high": float(worst["drop_high"]),
        "benchmark": float(worst["benchmark"]),
    }
    figure = Figure(
        code="friction.score_amount" if value != 1 else view.worded("friction.score_customers"),
        values={"stage": worst["name"]},
        value=float(worst["score"]),
        form="amount" if value != 1 else "score",
        n=int(worst["customers"]),
        low=float(low),
        high=float(high),
    )
    return Finding(view.worded("friction.finding_most"), values), figure


def _notes(
    view: Picture,
    counts: Loops,
    table: pd.DataFrame,
    *,
    revenue: bool,
    value: float,
    benchmark: float | None,
    n_tested: int,
) -> tuple[Finding, ...]:
    notes: list[Finding] = []
    if n_tested:
        notes.append(Finding("friction.note_tested", {"n": n_tested}))
    if value != 1:
        notes.append(Finding(view.worded("friction.note_value"), {"amount": round(value)}))
    elif revenue and not table.empty:
        notes.append(Finding("friction.note_no_amount"))
    if benchmark is not None:
        notes.append(Finding("friction.note_typed", {"benchmark": benchmark}))
    if view.nodes.group == "event":
        notes.append(Finding("friction.note_event"))
    if not table.empty and table["benchmark"].isna().all() and counts.n_visitors:
        notes.append(Finding("friction.note_no_benchmark"))
    notes += coverage_notes(
        view.log,
        view.stages,
        n_customers=counts.n_customers,
        n_visitors=counts.n_visitors,
        unit=view.unit,
        within=view.within,
    )
    return tuple(notes)
