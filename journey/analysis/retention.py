"""Who comes back, who stays away, and what did they do last?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.calendar import Calendar, calendar, fitting_period
from journey.aggregates.cohorts import CohortSetting, cohorts
from journey.aggregates.last_visits import LastVisits, last_visits
from journey.aggregates.lifecycle import churn, lifecycle
from journey.aggregates.orders import purchase_rows
from journey.aggregates.presence import Presence, presence, presence_at
from journey.aggregates.repurchase import purchase_events, repurchase
from journey.errors import SettingWrong
from journey.events.log import DAY, EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe, wilson
from journey.statistics.survival import kaplan_meier, log_rank

__all__ = ["BRACKETS", "VIEWS", "WITHIN_DAYS", "Retention", "read_brackets", "retention"]

VIEWS = ("cohorts", "curve", "lifecycle", "repurchase", "churn", "path")
# Days after the first purchase at which the repurchase rate is said.
WITHIN_DAYS = (7, 14, 30, 60, 90, 180, 365)
BRACKETS = {"day": "1-3,4-7,8-14,15-30", "week": "1,2-4,5-8,9-13", "month": "1,2-3,4-6,7-12"}
_AGES = {"day": 30, "week": 26, "month": 24}
_MOST_VISITS = 3
_LONGEST_DAYS = 100_000
_ALPHA = 0.05
# Paths that fewer took, in both groups together, are neither tested nor shown; nor a curve over fewer.
_FEWEST = 10
_SMALL = 30
# A first cohort with more of all customers than this may hold many who came before the data begin.
_MUCH = 0.3


@dataclass(frozen=True)
class Retention:
    """One view of who comes back; `table` depends on it, and a period is told by its first day.

    cohorts     cohort, age, until (periods after the cohort's own, from and to), customers, returned, share
                (returned / customers) with low and high (Wilson 95 %), observed; returned and shares are NaN
                where the window does not see the cell to its end
    curve       age, until, cohorts, customers, returned, share, low, high: sums over the observed cells
    lifecycle   period, customers (with an event), new, returning, resurrected, dormant, observed
    repurchase  within_days, customers (watched so long), returned, share, low, high
    churn       period, customers (active before it), away, share, low, high
    path        route, silent, share_silent, stayed, share_stayed, difference, low, high, p, q, clear

    curve       the second of these tables, also beside the first
    survival    of the view repurchase: days, customers (at risk), share (who bought again by then), low, high
    purchase    what counts as a purchase there: a stage's name, or the names of events
    """

    table: pd.DataFrame
    view: str
    period: str
    mode: str
    colours: Mapping[str, str]
    n_customers: int
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())
    curve: pd.DataFrame | None = None
    survival: pd.DataFrame | None = None
    purchase: tuple[str, ...] = ()
    groups: tuple[int, int] = (0, 0)  # customers who fell silent, and who stayed, of the view path
    unit: str = "customer"


def retention(
    log: EventLog,
    stages: StageMap,
    *,
    view: str = "cohorts",
    period: str | None = None,
    mode: str = "n_day",
    brackets: str | None = None,
    first: str = "first",
    start_event: str | None = None,
    return_event: str | None = None,
    ages: int | None = None,
    within_days: int = 30,
    purchase: str | None = None,
    purchases: Sequence[str] | None = None,
    active_within_days: float = 30,
    last: int = 2,
) -> Retention:
    """Follow customers by calendar days, weeks or months. Raises SettingWrong and StageUnknown.

    Without `period` it is days for a window under three weeks, weeks under half a year, else months. Events
    are a stage (id or name), "event:NAME", or None for any; `brackets` is written "1-3,4-7". `within_days` is
    for the view repurchase, `active_within_days` for churn and path, `last` (visits) for path. Without
    `purchase` the events named `purchases` are purchases, without these those whose names or amounts say so,
    as on the KPI board, and where there are none the goal stage. An amount below 0 is a refund.
    """
    if view not in VIEWS:
        raise SettingWrong(setting="view", value=view, allowed=list(VIEWS))
    if not 1 <= within_days <= _LONGEST_DAYS:
        raise SettingWrong(setting="within_days", value=within_days, allowed="≥ 1")
    if not 0 < active_within_days <= _LONGEST_DAYS:
        raise SettingWrong(setting="active_within_days", value=active_within_days, allowed="> 0")
    if not 1 <= last <= _MOST_VISITS:
        raise SettingWrong(setting="last", value=last, allowed=f"1–{_MOST_VISITS}")
    chosen = period or fitting_period(log)
    own = calendar(log, chosen)
    setting = CohortSetting(
        mode=mode,
        ages=min(_AGES[chosen] if ages is None else ages, max(len(own) - 1, 1)),
        brackets=read_brackets(brackets or BRACKETS[chosen]) if mode == "bracket" else (),
        first=first,
        start_event=start_event,
        return_event=return_event,
    )
    base = Retention(
        table=pd.DataFrame(),
        view=view,
        period=chosen,
        mode=mode,
        colours={stage.name: stage.colour for stage in stages.stages},
        n_customers=log.n_customers,
        finding=Finding("retention.finding_no_rows"),
        notes=_of_log(log),
    )
    match view:
        case "lifecycle":
            return _lifecycle(base, log, own)
        case "repurchase":
            return _repurchase(base, log, stages, within_days, purchase, purchases)
        case "churn":
            return _churn(base, log, own, active_within_days)
        case "path":
            return _path(base, log, stages, last, active_within_days)
        case _:
            return _cohorts(base, log, stages, own, setting)


def read_brackets(written: str) -> tuple[tuple[int, int], ...]:
    """ "1,2-4" as pairs of numbers. Raises SettingWrong."""
    try:
        pairs = [[int(end) for end in part.split("-")] for part in written.split(",")]
    except ValueError:
        pairs = []
    if not pairs or any(len(pair) > 2 for pair in pairs):
        raise SettingWrong(setting="brackets", value=written, allowed="1-3,4-7,8-14")
    return tuple((pair[0], pair[-1]) for pair in pairs)


def _cohorts(
    base: Retention, log: EventLog, stages: StageMap, own: Calendar, setting: CohortSetting
) -> Retention:
    counts = cohorts(log, stages, own, setting)
    n, columns = len(own), setting.columns
    age, until = (np.array(ends, dtype=np.int64) for ends in zip(*columns, strict=True))
    cohort = np.arange(n)[:, None]
    observed = cohort + until < own.observed
    drawn = (cohort + age < n) & (counts.customers[:, None] > 0)
    sums = counts.customers @ observed, np.where(observed, counts.kept, 0).sum(axis=0)
    curve = pd.DataFrame(
        {
            "age": age,
            "until": until,
            "cohorts": (observed & drawn).sum(axis=0),
            "customers": sums[0],
            "returned": sums[1],
            **_shares(sums[1], sums[0]),
        }
    )
    at, place = np.nonzero(drawn)
    customers = counts.customers[at]
    returned = np.where(observed, counts.kept, np.nan)[at, place]
    known = ~np.isnan(returned)
    shares = _shares(np.where(known, returned, 0), np.where(known, customers, 0))
    cells = pd.DataFrame(
        {
            "cohort": _days(own.days[at]),
            "age": age[place],
            "until": until[place],
            "customers": customers,
            "returned": returned,
            **shares,
            "observed": known,
        }
    )
    curve = curve[curve["customers"] > 0].reset_index(drop=True)
    notes = list(base.notes)
    sizes = counts.customers[counts.customers > 0]
    if drawn.any() and not observed[drawn].all():
        notes.append(Finding("retention.note_unobserved", {"last": log.days()[1]}))
    if setting.first == "recurring":
        notes.append(Finding("retention.note_recurring"))
    elif len(sizes) > 2 and sizes[0] > _MUCH * sizes.sum():
        share = float(sizes[0] / sizes.sum())
        notes.append(Finding("retention.note_first_cohort", {"first": _days(own.days)[0], "share": share}))
    if small := int(np.count_nonzero(sizes < _SMALL)):
        notes.append(Finding("retention.note_small", {"n": small, "least": _SMALL}))
    back = curve[curve["age"] > 0]
    if not counts.customers.any():
        finding, headline = _said("retention.finding_nobody_begins"), None
    elif back.empty:
        finding, headline = _said("retention.finding_short", customers=int(counts.customers.sum())), None
    else:
        code = f"{setting.mode}_{own.period}"
        headline = _figure(f"retention.figure_{code}", back.iloc[0], "age", "until")
        finding = _from(f"retention.finding_{code}", headline, returned=int(back.iloc[0]["returned"]))
    table = cells if base.view == "cohorts" else curve
    return replace(base, table=table, curve=curve, finding=finding, headline=headline, notes=tuple(notes))


def _lifecycle(base: Retention, log: EventLog, own: Calendar) -> Retention:
    counts = lifecycle(presence(log, own), own)
    table = pd.DataFrame(
        {
            "period": _days(own.days[:-1]),
            "customers": counts.new + counts.returning + counts.resurrected,
            "new": counts.new,
            "returning": counts.returning,
            "resurrected": counts.resurrected,
            "dormant": counts.dormant,
            "observed": np.arange(len(own)) < own.observed,
        }
    )
    if log.is_empty:
        return replace(base, table=table.head(0))
    before = counts.returning + counts.dormant
    whole = np.flatnonzero(table["observed"] & (before > 0))
    if not len(whole):
        return replace(base, table=table, finding=_said("retention.finding_short", customers=log.n_customers))
    at = int(whole[-1])
    row = _row(int(counts.returning[at]), int(before[at]), period=table["period"][at])
    headline = _figure(f"retention.figure_lifecycle_{own.period}", row)
    finding = _from(
        f"retention.finding_lifecycle_{own.period}",
        headline,
        returned=row["returned"],
        day=row["period"],
        active=int(table["customers"][at]),
        new=int(counts.new[at]),
        back=int(counts.resurrected[at]),
    )
    notes = [] if table["observed"].all() else [Finding("retention.note_last_period")]
    return replace(base, table=table, finding=finding, headline=headline, notes=(*base.notes, *notes))


def _repurchase(
    base: Retention,
    log: EventLog,
    stages: StageMap,
    within_days: int,
    purchase: str | None,
    purchases: Sequence[str] | None,
) -> Retention:
    events, named = purchase_events(log, stages, purchase, purchases)
    days = calendar(log, "day")
    bought = presence_at(log, days, purchase_rows(log, events))
    asked = sorted({*WITHIN_DAYS, within_days})
    counts = repurchase(bought, days, within_days=asked)
    table = pd.DataFrame(
        {
            "within_days": np.array(asked, dtype=np.int64),
            "customers": counts.customers,
            "returned": counts.within,
            **_shares(counts.within, counts.customers),
        }
    )
    table = table[table["customers"] > 0].reset_index(drop=True)
    curve = kaplan_meier(np.arange(len(counts.again)), counts.again, counts.watched)
    # Of the few who were watched longest one more purchase would throw the curve about.
    enough = curve.at_risk >= _FEWEST
    survival = pd.DataFrame(
        {
            "days": curve.time.astype(np.int64),
            "customers": curve.at_risk,
            "share": 1 - curve.share,
            "low": 1 - curve.high,
            "high": 1 - curve.low,
        }
    )[enough]
    buyers = int(counts.again.sum() + counts.watched.sum())
    notes = list(base.notes)
    own = table[table["within_days"] == within_days]
    headline = None
    if not buyers:
        finding = _said("retention.finding_no_purchase", named=list(named))
    elif own.empty:
        finding = _said("retention.finding_repurchase_short", days=within_days, customers=buyers)
    else:
        headline = _figure("retention.figure_repurchase", own.iloc[0], "within_days")
        finding = _from("retention.finding_repurchase", headline, returned=int(own.iloc[0]["returned"]))
    if buyers:
        half = survival[survival["share"] >= 0.5]
        code = "retention.note_no_median" if half.empty else "retention.note_median"
        values = {"days": 0 if half.empty else int(half["days"].iloc[0])}
        values |= {"customers": int(counts.again.sum()), "of": buyers}
        notes.append(Finding("retention.note_purchase", {"names": list(named)}))
        notes.append(Finding("retention.note_board"))
        notes += [Finding(code, values), *_halves(bought, days, log.n_customers)]
    return replace(
        base,
        table=table,
        survival=survival,
        purchase=named,
        finding=finding,
        headline=headline,
        notes=tuple(notes),
    )


def _halves(bought: Presence, days: Calendar, n_customers: int) -> list[Finding]:
    """Do those who bought first in the later half of the customers buy again at another pace?"""
    at = bought.begins
    first = np.full(n_customers, -1, dtype=np.int64)
    first[bought.customer[at]] = bought.period[at]
    middle = int(np.sort(first[first >= 0])[(len(at) - 1) // 2])
    early, late = (
        repurchase(bought, days, within_days=(), among=among) for among in (first <= middle, first > middle)
    )
    _, p = log_rank((early.again, early.watched), (late.again, late.watched))
    if p != p:
        return []
    code = "retention.note_pace_changed" if p < _ALPHA else "retention.note_pace_same"
    return [Finding(code, {"day": _days(days.days)[middle], "p": f"{p:.3f}" if p >= 0.001 else "<0.001"})]


def _churn(base: Retention, log: EventLog, own: Calendar, active_within_days: float) -> Retention:
    days = calendar(log, "day")
    within = max(1, int(active_within_days))
    counts = churn(presence(log, days), days, own, within_days=within)
    before = own.days[:-1] - np.timedelta64(within, "D") >= days.days[0]
    shown = np.flatnonzero(before & (np.arange(len(own)) < own.observed) & (counts.customers > 0))
    customers, lost = counts.customers[shown], counts.lost[shown]
    table = pd.DataFrame(
        {
            "period": pd.Series(_days(own.days[shown]), dtype=object),
            "customers": customers,
            "away": lost,
            **_shares(lost, customers),
        }
    )
    if log.is_empty:
        return replace(base, table=table)
    if table.empty:
        return replace(base, table=table, finding=_said("retention.finding_short", customers=log.n_customers))
    headline = _figure(f"retention.figure_churn_{own.period}", table.iloc[-1])
    finding = _from(
        f"retention.finding_churn_{own.period}",
        headline,
        returned=int(lost[-1]),
        day=table["period"].iloc[-1],
        days=within,
    )
    notes = (*base.notes, Finding("retention.note_within", {"days": within}))
    notes = (*notes, Finding("retention.note_board"))
    return replace(base, table=table, finding=finding, headline=headline, notes=notes)


def _path(
    base: Retention, log: EventLog, stages: StageMap, last: int, active_within_days: float
) -> Retention:
    within = int(active_within_days * DAY)
    counts = last_visits(log, stages, most=last, within=within)
    n_silent, n_stayed = int(counts.silent.sum()), int(counts.stayed.sum())
    keys = np.flatnonzero(counts.silent + counts.stayed >= _FEWEST)
    silent, stayed = counts.silent[keys], counts.stayed[keys]
    p = np.asarray(two_shares(silent, n_silent, stayed, n_stayed), dtype=float).reshape(-1)
    q = false_discovery(p)
    low, high = newcombe(silent, n_silent, stayed, n_stayed)
    share, other = silent / (n_silent or np.nan), stayed / (n_stayed or np.nan)
    names = stages.names
    table = pd.DataFrame(
        {
            "route": pd.Series(
                [[names[place] for place in LastVisits.route(key)] for key in keys.tolist()], dtype=object
            ),
            "silent": silent,
            "share_silent": share,
            "stayed": stayed,
            "share_stayed": other,
            "difference": share - other,
            "low": low,
            "high": high,
            "p": p,
            "q": q,
            "clear": q < _ALPHA,
        }
    ).sort_values("difference", ascending=False, ignore_index=True, kind="stable")
    base = replace(base, table=table, groups=(n_silent, n_stayed))
    if not (n_silent and n_stayed):
        finding = _said("retention.finding_path_short", silent=n_silent, stayed=n_stayed)
        return replace(base, finding=_said("retention.finding_no_rows") if log.is_empty else finding)
    cut = log.observed[1] - min(within, (log.observed[1] - log.observed[0]) // 4)
    span = int((log.observed[1] - cut) // DAY)
    notes = (
        *base.notes,
        Finding("retention.note_silent", {"days": span, "silent": n_silent, "stayed": n_stayed}),
        Finding("retention.note_tested", {"n": len(table), "least": _FEWEST}),
        Finding("retention.note_associated"),
    )
    clear = table[table["clear"] & (table["difference"] > 0)]
    if clear.empty:
        said = _said("retention.finding_path_none", silent=n_silent, stayed=n_stayed)
        return replace(base, finding=said, notes=notes)
    top = clear.iloc[0]
    path = " → ".join(top["route"])
    headline = Figure(
        "retention.figure_path",
        float(top["difference"]),
        "points",
        n_silent + n_stayed,
        float(top["low"]),
        float(top["high"]),
        {"route": path},
    )
    values = {name: float(top[name]) for name in ("share_silent", "share_stayed", "low", "high")}
    counted = {"silent": n_silent, "stayed": n_stayed, "customers": int(top["silent"])}
    finding = Finding("retention.finding_path", {"route": path, **values, **counted})
    return replace(base, finding=finding, headline=headline, notes=notes)


def _of_log(log: EventLog) -> tuple[Finding, ...]:
    if not log.period:
        return ()
    first, last = log.days()
    return (Finding("notes.period", {"first": first, "last": last}),)


def _days(days: np.ndarray) -> list[dt.date]:
    found: list[dt.date] = days.astype("datetime64[D]").tolist()
    return found


def _shares(returned: np.ndarray, customers: np.ndarray) -> dict[str, np.ndarray]:
    low, high = wilson(returned, customers)
    return {"share": returned / np.where(customers > 0, customers, np.nan), "low": low, "high": high}


def _row(returned: int, customers: int, **more: Any) -> pd.Series:
    shares = {name: float(one) for name, one in _shares(np.array(returned), np.array(customers)).items()}
    return pd.Series({"returned": returned, "customers": customers, **shares, **more}, dtype=object)


def _figure(code: str, row: pd.Series, *told: str) -> Figure:
    """The share of a row of a table with its n and interval; `told` are columns that belong to its name."""
    values = {name: int(row[name]) for name in told}
    interval = float(row["low"]), float(row["high"])
    return Figure(code, float(row["share"]), "share", int(row["customers"]), *interval, values)


def _said(code: str, **values: Any) -> Finding:
    return Finding(code, values)


def _from(code: str, figure: Figure, **more: Any) -> Finding:
    """The finding that says a figure."""
    of = {"share": figure.value, "of": figure.n, "low": figure.low, "high": figure.high}
    return Finding(code, {**of, **figure.values, **more})
