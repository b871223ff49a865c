"""How many get from step to step, where are they lost, and what do the lost do next?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.afterwards import Afterwards, afterwards, first_rows, first_times
from journey.aggregates.calendar import calendar
from journey.aggregates.contrast import Contrast, compared, contrast
from journey.aggregates.coverage import coverage_notes
from journey.aggregates.funnel import FunnelCounts, counts_by, funnel_counts
from journey.aggregates.funnel_attempts import Attempts, attempts
from journey.aggregates.funnel_plan import FunnelPlan, funnel_plan
from journey.aggregates.time_in_stage import TimeInStage
from journey.aggregates.visits import NO_STAGE
from journey.errors import SettingWrong
from journey.events.log import DAY, MINUTE, EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import newcombe, wilson

__all__ = ["Funnel", "funnel"]

_SMALL = 30
_NO_FEATURES = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("kind", "name", "value")}
    | {name: pd.Series(dtype="int64") for name in ("customers", "reached")}
)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
# Ends of the classes of the time from one step to the next, in seconds; above the last one is one more.
_ENDS = np.array(
    [
        _MINUTE,
        5 * _MINUTE,
        15 * _MINUTE,
        _HOUR,
        3 * _HOUR,
        12 * _HOUR,
        *(_DAY * d for d in (1, 2, 3, 7, 14, 30, 90)),
    ]
)
_ENDS_OF_DATES = np.array([_DAY * d for d in (0, 1, 2, 3, 5, 7, 14, 21, 30, 60, 90)])


@dataclass(frozen=True)
class Funnel:
    """One row a step, in their order, by every unit's best attempt.

    table      step (from 1), name (in the any order "2/4": so many distinct steps of all), customers,
               share_of_start (of all that began) with start_low and start_high, share_of_previous (those who
               came from the step before, of all there) with previous_low and previous_high, share_of_all
               with all_low and all_high, entered, lost (at the last step nobody), median_seconds and
               p90_seconds from the step before (nearest rank)
    times      step, name, from_seconds, to_seconds, customers, share: how the time from the step before is
               spread; a class holds its end, the last one has none
    after      step, name, group ("event" or "stage"), next, next_kind (that, "exit" or "active": nothing
               more, the latter with more to come), customers, share (of those lost there) with low and high
    trend      day (the first one of each period), customers (who began in it), completed, share with low
               and high, complete (could all of them have finished by the end?); without `every` empty
    breakdown  value, kind ("value", "missing", "other"), step, name, customers, share (of those of this
               value that began) with low and high, lost; without `by` empty
    compared   value, step, name, n (all units with this value of `by`), customers (of them those there),
               share with low and high, and for all but `base` the difference to it as `against`, with
               against_low and against_high (Newcombe 95 %); all divide by n; without `base` empty
    drivers    what those who continued from `driven` have behind them, see aggregates.contrast
    left_out   what was not looked at there, with the reason
    setting    what a rule needs to find the people of a step again
    """

    table: pd.DataFrame
    times: pd.DataFrame
    after: pd.DataFrame
    trend: pd.DataFrame
    breakdown: pd.DataFrame
    compared: pd.DataFrame
    drivers: pd.DataFrame
    left_out: pd.DataFrame
    colours: Mapping[str, str]
    setting: Mapping[str, Any]
    n_customers: int
    n_started: int
    n_completed: int
    unit: str
    driven: int | None
    headline: Figure | None
    finding: Finding
    notes: tuple[Finding, ...] = field(default=())


def funnel(
    log: EventLog,
    stages: StageMap,
    *,
    steps: Sequence[str] = (),
    order: str = "ordered",
    entry: str = "closed",
    window_days: float | None = 30,
    exclude: Sequence[str] = (),
    first: str = "matching",
    unit: str = "customer",
    by: str | None = None,
    most: int = 6,
    base: str | None = None,
    every: str | None = None,
    driven: int | None = None,
    active_within_days: float = 30,
) -> Funnel:
    """Follow the best attempt of every customer (or session) along the steps.

    steps    ids or names of stages, or "event:NAME"; none: all stages in their order
    order    "ordered" (others may come between), "strict" (nothing between) or "any"
    entry    "closed" (begins at the first step) or "open" (at any)
    window_days  from the first step of the attempt to each other one, inclusive; None: without end
    exclude  stages or events that void an attempt they come into
    first    "matching": any row of the first step may begin an attempt; "ever": only the first such row
    by       an attribute to tell apart: the customer's value, or that of the row the attempt begins with; the
             `most` most frequent values, the others together
    base     a value of `by`, an attribute of customers: each other value is compared with it at every step,
             by the shares of all who have the value, whether they began or not
    every    "day", "week" or "month": a trend by when attempts began
    driven   at this step, compare those who continued with those who did not
    """
    plan = funnel_plan(
        log,
        stages,
        steps=steps,
        order=order,
        entry=entry,
        window_days=window_days,
        exclude=exclude,
        first=first,
        unit=unit,
    )
    if by is not None and by not in log.attributes:
        raise SettingWrong(setting="by", value=by, allowed=list(log.attributes))
    if base is not None:
        _check_base(log, by, base)
    if not most >= 1:
        raise SettingWrong(setting="most", value=most, allowed="≥ 1")
    if driven is not None and not 1 <= driven < len(plan.steps):
        raise SettingWrong(setting="driven", value=driven, allowed=f"1–{len(plan.steps) - 1}")
    if not active_within_days >= 0:
        raise SettingWrong(setting="active_within_days", value=active_within_days, allowed="≥ 0")
    found = attempts(plan)
    counts = funnel_counts(found)
    within = int(min(active_within_days, 1e6) * DAY) if unit == "customer" else 30 * MINUTE
    spans = _spans(found)
    table = _table(plan, counts, spans)
    drivers, left_out = _drivers(plan, found, driven)
    return Funnel(
        table=table,
        times=_times(plan, spans),
        after=_after(plan, afterwards(plan, found, active_within=within)),
        trend=_trend(plan, found, every),
        breakdown=_breakdown(plan, found, by, most),
        compared=_compared(plan, found, by, base),
        drivers=drivers,
        left_out=left_out,
        colours={step.name: step.colour for step in plan.steps},
        setting={
            "steps": [step.key for step in plan.steps],
            "order": order,
            "entry": entry,
            "window_days": window_days,
            "exclude": list(exclude),
            "first": first,
            "unit": unit,
        },
        n_customers=counts.n_units,
        n_started=counts.n_started,
        n_completed=_completed(counts),
        unit=unit,
        driven=driven,
        headline=_headline(plan, counts),
        finding=_finding(plan, counts, table),
        notes=_notes(plan, found, counts, window_days),
    )


def _completed(counts: FunnelCounts) -> int:
    return int(counts.reached[-1]) if len(counts.reached) else 0


def _names(plan: FunnelPlan) -> list[str]:
    if plan.order == "any":
        return [f"{step}/{len(plan.steps)}" for step in range(1, len(plan.steps) + 1)]
    return [step.name for step in plan.steps]


def _texts(values: Sequence[str]) -> pd.Series:
    return pd.Series(values, dtype="str")


def _part(hits: np.ndarray, of: np.ndarray | int) -> np.ndarray:
    known = np.where(np.asarray(of) > 0, of, np.nan)
    return np.asarray(hits / known, dtype=float)


def _spans(found: Attempts) -> TimeInStage:
    """The microseconds from the step before, of all who came from it, by step."""
    n_steps = found.at.shape[1]
    node, spans = [], []
    for step in range(1, n_steps):
        on = np.flatnonzero((found.entry <= step) & (found.furthest > step))
        node.append(np.full(len(on), step))
        spans.append(found.at[on, step] - found.at[on, step - 1])
    empty = np.zeros(0, dtype=np.int64)
    return TimeInStage(
        np.concatenate([empty, *node]), np.concatenate([empty, *spans]), np.zeros(n_steps, dtype=np.int64)
    )


def _table(plan: FunnelPlan, counts: FunnelCounts, spans: TimeInStage) -> pd.DataFrame:
    reached, started = counts.reached, counts.n_started
    before = np.append(0, reached[:-1])[: len(reached)]
    low, high = wilson(reached, started)
    previous_low, previous_high = wilson(counts.continued, before)
    all_low, all_high = wilson(reached, counts.n_units)
    median, p90 = spans.seconds(0.5, 0.9)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(reached) + 1),
            "name": _texts(_names(plan)),
            "customers": reached,
            "share_of_start": _part(reached, started),
            "start_low": low,
            "start_high": high,
            "share_of_previous": _part(counts.continued, before),
            "previous_low": previous_low,
            "previous_high": previous_high,
            "share_of_all": _part(reached, counts.n_units),
            "all_low": all_low,
            "all_high": all_high,
            "entered": counts.entered,
            "lost": counts.lost,
            "median_seconds": median,
            "p90_seconds": p90,
        }
    )


def _times(plan: FunnelPlan, spans: TimeInStage) -> pd.DataFrame:
    ends = _ENDS_OF_DATES if plan.log.date_only else _ENDS
    n_classes = len(ends) + 1
    place = np.searchsorted(ends, spans.spans / 1e6)
    sizes = np.bincount(spans.node * n_classes + place, minlength=len(plan.steps) * n_classes)
    sizes = sizes.reshape(-1, n_classes)
    # The same classes for all steps, from the first to the last one in use.
    used = np.flatnonzero(sizes.sum(axis=0))
    classes = np.arange(used[0], used[-1] + 1) if len(used) else used
    steps = np.arange(1, len(plan.steps)) if len(used) else np.zeros(0, dtype=np.int64)
    step, column = (grid.ravel() for grid in np.meshgrid(steps, classes, indexing="ij"))
    names = np.array([*_names(plan), ""], dtype=object)
    lower, upper = np.append(0.0, ends), np.append(ends, np.inf)
    customers = sizes[step, column]
    return pd.DataFrame(
        {
            "step": step + 1,
            "name": _texts(names[step].tolist()),
            "from_seconds": lower[column],
            "to_seconds": upper[column],
            "customers": customers,
            "share": _part(customers, sizes.sum(axis=1)[step]),
        }
    )


def _after(plan: FunnelPlan, found: Afterwards) -> pd.DataFrame:
    rows: list[tuple[int, str, str, str, int]] = []
    named = {
        "event": (found.events, plan.log.event_names, found.active[0]),
        "stage": (found.stages, plan.stages.names, found.active[1]),
    }
    for step in range(len(plan.steps) - 1):
        for group, (counts, names, active) in named.items():
            here = counts[step]
            some = np.flatnonzero(here)
            ranked = some[np.lexsort((some, -here[some]))]
            rows += [(step, group, names[code], group, int(here[code])) for code in ranked]
            rest = int(found.lost[step] - here.sum())
            ends = (("exit", rest - int(active[step])), ("active", int(active[step])))
            rows += [(step, group, "", kind, n) for kind, n in ends if n]
    at = np.array([row[0] for row in rows], dtype=np.int64)
    customers = np.array([row[4] for row in rows], dtype=np.int64)
    low, high = wilson(customers, found.lost[at])
    names_of = _names(plan)
    return pd.DataFrame(
        {
            "step": at + 1,
            "name": _texts([names_of[step] for step in at]),
            "group": _texts([row[1] for row in rows]),
            "next": _texts([row[2] for row in rows]),
            "next_kind": _texts([row[3] for row in rows]),
            "customers": customers,
            "share": _part(customers, found.lost[at]),
            "low": low,
            "high": high,
        }
    )


def _begins(found: Attempts) -> tuple[np.ndarray, np.ndarray]:
    """The units with an attempt, and when it began."""
    who = np.flatnonzero(found.furthest)
    return who, found.at[who, found.entry[who] - 1]


def _trend(plan: FunnelPlan, found: Attempts, every: str | None) -> pd.DataFrame:
    days = np.zeros(0, dtype="datetime64[s]")
    customers = completed = np.zeros(0, dtype=np.int64)
    complete = np.zeros(0, dtype=bool)
    if every is not None and not plan.log.is_empty:
        periods = calendar(plan.log, every)
        who, began = _begins(found)
        place = np.clip(periods.of(began), 0, len(periods) - 1)
        days = periods.days[:-1].astype("datetime64[s]")
        customers = np.bincount(place, minlength=len(periods))
        done = found.furthest[who] == found.at.shape[1]
        completed = np.bincount(place[done], minlength=len(periods))
        complete = periods.starts[1:] + (plan.within or 0) <= plan.log.observed[1] + 1
    low, high = wilson(completed, customers)
    return pd.DataFrame(
        {
            "day": pd.Series(days),
            "customers": customers,
            "completed": completed,
            "share": _part(completed, customers),
            "low": low,
            "high": high,
            "complete": complete,
        }
    )


def _breakdown(plan: FunnelPlan, found: Attempts, by: str | None, most: int) -> pd.DataFrame:
    rows: list[pd.DataFrame] = []
    if by is not None and len(plan.steps):
        attribute = plan.log.attributes[by]
        who = np.flatnonzero(found.furthest)
        at = who if attribute.of == "customer" else first_rows(plan, found)[who]
        codes = attribute.codes.take(at)
        codes = np.where(codes < 0, len(attribute.categories), codes)
        sizes = np.bincount(codes, minlength=len(attribute.categories) + 1)
        ranked = np.argsort(-sizes, kind="stable")
        shown = ranked[: most if np.count_nonzero(sizes) > most + 1 else most + 1]
        shown = shown[sizes[shown] > 0]
        groups = [
            (attribute.categories[code], "value") if code < len(attribute.categories) else ("", "missing")
            for code in shown.tolist()
        ]
        place_of = np.full(len(sizes), len(shown))
        place_of[shown] = np.arange(len(shown))
        if sizes.sum() > sizes[shown].sum():
            groups.append(("", "other"))
        of_groups = counts_by(found, place_of.take(codes), len(groups))
        for (value, kind), counts in zip(groups, of_groups, strict=True):
            low, high = wilson(counts.reached, counts.n_started)
            rows.append(
                pd.DataFrame(
                    {
                        "value": value,
                        "kind": kind,
                        "step": np.arange(1, len(plan.steps) + 1),
                        "name": _texts(_names(plan)),
                        "customers": counts.reached,
                        "share": _part(counts.reached, counts.n_started),
                        "low": low,
                        "high": high,
                        "lost": counts.lost,
                    }
                ).astype({"value": "str", "kind": "str"})
            )
    columns = {"value": "str", "kind": "str", "step": "int64", "name": "str", "customers": "int64"}
    columns |= {"share": "float64", "low": "float64", "high": "float64", "lost": "int64"}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return pd.concat(rows, ignore_index=True) if rows else empty


def _check_base(log: EventLog, by: str | None, base: str) -> None:
    of_customers = [name for name, one in log.attributes.items() if one.of == "customer"]
    if by not in of_customers:
        raise SettingWrong(setting="by", value=by, allowed=of_customers)
    if base not in log.attributes[by].categories:
        raise SettingWrong(setting="base", value=base, allowed=list(log.attributes[by].categories))


def _compared(plan: FunnelPlan, found: Attempts, by: str | None, base: str | None) -> pd.DataFrame:
    """Every value beside the base, of all units that have it; those without a value are in none."""
    columns = {"value": "str", "step": "int64", "name": "str", "n": "int64", "customers": "int64"}
    columns |= dict.fromkeys(("share", "low", "high"), "float64")
    columns |= dict.fromkeys(("against", "against_low", "against_high"), "float64")
    rows = []
    if by is not None and base is not None and len(plan.steps):
        attribute = plan.log.attributes[by]
        who = np.flatnonzero(found.furthest)
        codes, n_values = attribute.codes.take(who), len(attribute.categories)
        codes = np.where(codes < 0, n_values, codes)
        sizes = np.bincount(attribute.codes[attribute.codes >= 0], minlength=n_values)
        reached = [one.reached for one in counts_by(found, codes, n_values + 1)]
        first = attribute.categories.index(base)
        order = [first, *(code for code in np.flatnonzero(sizes).tolist() if code != first)]
        for code in order:
            k, n = reached[code], int(sizes[code])
            low, high = wilson(k, n)
            apart = np.full((2, len(k)), np.nan)
            if code != first:
                apart = np.stack(newcombe(k, n, reached[first], int(sizes[first])))
            difference = _part(k, n) - _part(reached[first], int(sizes[first]))
            rows.append(
                pd.DataFrame(
                    {
                        "value": attribute.categories[code],
                        "step": np.arange(1, len(plan.steps) + 1),
                        "name": _texts(_names(plan)),
                        "n": n,
                        "customers": k,
                        "share": _part(k, n),
                        "low": low,
                        "high": high,
                        "against": difference if code != first else np.nan,
                        "against_low": apart[0],
                        "against_high": apart[1],
                    }
                )
            )
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return pd.concat(rows, ignore_index=True).astype(columns) if rows else empty


def _drivers(plan: FunnelPlan, found: Attempts, driven: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What those who continued had behind them when they first came to the step, against those who did not.

    Not when their best attempt came there: that is a later one where earlier ones failed, so that those who
    continued would have more behind them by the choice of the attempt alone.
    """
    if driven is None:
        return compared(Contrast(counts=_NO_FEATURES, n_customers=0, n_reached=0))
    # In the any order each of the steps may be the one that comes next.
    coming = plan.steps if plan.order == "any" else plan.steps[driven : driven + 1]
    flags = np.logical_or.reduce([step.events for step in coming])
    here = flags if plan.order == "any" else plan.steps[driven - 1].events
    counted = contrast(
        plan.log,
        plan.stages,
        among=found.members(driven, "reached"),
        outcome=found.members(driven, "continued"),
        until=first_times(plan, here),
        leave_out=[plan.log.event_names[code] for code in np.flatnonzero(flags)],
    )
    return compared(counted)


def _headline(plan: FunnelPlan, counts: FunnelCounts) -> Figure | None:
    if not len(plan.steps) or not counts.n_started:
        return None
    done = _completed(counts)
    low, high = wilson(done, counts.n_started)
    return Figure(
        plan.worded("funnel.headline"),
        done / counts.n_started,
        "share",
        n=counts.n_started,
        low=float(low),
        high=float(high),
        values={"first": plan.steps[0].name, "last": plan.steps[-1].name},
    )


def _finding(plan: FunnelPlan, counts: FunnelCounts, table: pd.DataFrame) -> Finding:
    """Where the largest share is lost between two steps, by the lower bound, so that few do not hide many."""
    if not counts.n_units:
        return Finding("funnel.finding_no_rows")
    if not len(plan.steps):
        return Finding(plan.worded("funnel.finding_no_stages"), {"customers": counts.n_units})
    if not counts.n_started:
        values = {"name": plan.steps[0].name, "customers": counts.n_units}
        return Finding(plan.worded("funnel.finding_nobody"), values)
    started, done = counts.n_started, _completed(counts)
    values = {"of": started, "customers": done, "share": done / started}
    if len(plan.steps) == 1:
        one = {"name": table["name"].iloc[0], "customers": done, "of": counts.n_units}
        return Finding(plan.worded("funnel.finding_one_step"), one | {"share": done / counts.n_units})
    if not counts.lost.any():
        return Finding(plan.worded("funnel.finding_no_loss"), {"customers": started})
    low, high = wilson(counts.lost, counts.reached)
    worst = int(np.argmax(np.where(counts.lost > 0, low, -1.0)))
    values |= {
        "lost": int(counts.lost[worst]),
        "there": int(counts.reached[worst]),
        "lost_share": float(counts.lost[worst] / counts.reached[worst]),
        "low": float(low[worst]),
        "high": float(high[worst]),
    }
    if plan.order == "any":
        return Finding(plan.worded("funnel.finding_any_order"), {**values, "n": worst + 1})
    ends = {"before": table["name"].iloc[worst], "after": table["name"].iloc[worst + 1]}
    return Finding(plan.worded("funnel.finding_largest_loss"), values | ends)


def _notes(
    plan: FunnelPlan, found: Attempts, counts: FunnelCounts, window_days: float | None
) -> tuple[Finding, ...]:
    notes: list[Finding] = []
    if len(plan.steps) and counts.n_started:
        notes += _against_reach(plan, counts, window_days)
        if plan.excluded.any():
            free = funnel_counts(attempts(replace(plan, excluded=np.zeros_like(plan.excluded))))
            gone = free.n_started - counts.n_started
            if gone:
                notes.append(Finding(plan.worded("funnel.note_void"), {"customers": gone}))
        open_ = _still_open(plan, found)
        if open_:
            values = {"customers": open_, "of": int(counts.lost.sum())}
            notes.append(Finding(plan.worded("funnel.note_still_open"), values))
        if counts.n_started < _SMALL:
            notes.append(Finding(plan.worded("funnel.note_small"), {"customers": counts.n_started}))
    seen = int(np.count_nonzero(_with_rows(plan, plan.stages.codes(plan.log.event_names) < NO_STAGE)))
    notes += coverage_notes(
        plan.log, plan.stages, n_customers=counts.n_units, n_visitors=seen, unit=plan.unit
    )
    return tuple(notes)


def _still_open(plan: FunnelPlan, found: Attempts) -> int:
    """Units that were lost before the end of their window was seen."""
    if plan.within is None:
        return 0
    who, began = _begins(found)
    late = began + plan.within > plan.log.observed[1]
    return int(np.count_nonzero(late & (found.furthest[who] < found.at.shape[1])))


def _with_rows(plan: FunnelPlan, events: np.ndarray) -> np.ndarray:
    """One flag a unit: has it a row of one of these events?"""
    log = plan.log
    if log.is_empty:
        return np.zeros(0, dtype=bool)
    return np.logical_or.reduceat(events.take(log.event), log.offsets[:-1])


def _against_reach(plan: FunnelPlan, counts: FunnelCounts, window_days: float | None) -> list[Finding]:
    """Why the last step has fewer than the stage's reach: setting after setting, each with how many it takes.

    From all who reached the stage at all, each setting is added to the ones before it.
    """
    if plan.order == "any":
        return []
    last = plan.steps[-1]
    here, reach = _completed(counts), int(np.count_nonzero(_with_rows(plan, last.events)))
    if here == reach:
        return [Finding(plan.worded("funnel.note_as_reach"), {"name": last.name, "customers": here})]
    nothing = np.zeros_like(plan.excluded)
    loose = replace(plan, order="ordered", within=None, excluded=nothing, first="matching")
    taken = [("order", loose)]
    if plan.order == "strict":
        taken.append(("strict", loose := replace(loose, order="strict")))
    if plan.within is not None:
        taken.append(("window", loose := replace(loose, within=plan.within)))
    if plan.first == "ever":
        taken.append(("first", loose := replace(loose, first="ever")))
    if plan.excluded.any():
        taken.append(("exclude", replace(loose, excluded=plan.excluded)))
    values: dict[str, Any] = {"name": last.name, "reach": reach, "customers": here}
    notes = [Finding(plan.worded("funnel.note_reach"), values)]
    before = reach
    for place, (setting, own) in enumerate(taken):
        after = here if place == len(taken) - 1 else _completed(funnel_counts(attempts(own)))
        if after < before:
            whole = window_days is not None and window_days % 1 == 0
            days = int(window_days) if whole and window_days is not None else window_days
            more: dict[str, Any] = {"days": days} if setting == "window" else {}
            code = plan.worded(f"funnel.note_reach_{setting}")
            notes.append(Finding(code, {"customers": before - after, **more}))
        before = after
    return notes
