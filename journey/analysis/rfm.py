"""Who buys recently, often and for much, and how do they move between such groups?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.calendar import day_before
from journey.aggregates.rfm import (
    GROUPS,
    MEASURES,
    NOBODY,
    SCORES,
    RfmScores,
    Shop,
    group_of_cell,
    rfm_scores,
    shop,
)
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["MOST_STEPS", "PERIODS", "VIEWS", "Rfm", "fitting_movement", "rfm"]

VIEWS = ("grid", "groups", "movement")
PERIODS = ("week", "month", "quarter")
MOST_STEPS = 6
_STEPS = 3
_LONGEST_NAME = 80
# Fifths of fewer buyers say more about single people than about groups.
_SMALL = 50
_MONTH_FROM, _QUARTER_FROM = 60, 540  # days of the window
_GOOD, _GONE = ("champions", "loyal"), ("risk", "inactive")


@dataclass(frozen=True)
class Rfm:
    """One view of the groups of buyers by recency, frequency and money; `table` depends on it.

    grid      recency_score, fm_score (from this to below the next whole one), group, and as below
    groups    group, customers, share (of the buyers; Wilson 95 %), low, high; with amounts revenue and
              revenue_share; median_days since the last purchase, median_orders, with amounts median_money
    movement  step, day_before (a day, the last that counts), day, group_before ("none": had not bought yet),
              group, customers, share (of those who were in `group_before`), low, high

    Groups are told by their codes; where people gave some other names, columns that end in `_name` have them.

    groups, cells  the first two tables, beside every view
    cuts           four cut points by measure: days, orders, money
    as_of          the day after the last that counts; recency is 1 for those who bought on that last day
    names          what people call groups, by their code
    """

    table: pd.DataFrame
    view: str
    as_of: dt.date
    groups: pd.DataFrame
    cells: pd.DataFrame
    cuts: Mapping[str, tuple[float, ...]]
    n_customers: int
    n_buyers: int
    has_money: bool
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = ()
    counted: str = "orders"
    period: str = "month"
    names: Mapping[str, str] | None = None
    unit: str = "customer"


def rfm(
    log: EventLog,
    stages: StageMap,
    *,
    view: str = "grid",
    cuts: Mapping[str, Sequence[float]] | None = None,
    mapping: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    period: str | None = None,
    steps: int = _STEPS,
    fixed: bool = False,
    purchases: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> Rfm:
    """Sort the buyers into groups, as of the day after the last observed one. Raises SettingWrong.

    Scores 1 to 5 are fifths among the buyers, or own `cuts` by measure (four points each); `mapping` moves
    cells of the grid ("5.3") into other groups, `names` are other names of groups. Movement looks back
    `steps` times a `period` from the same day (None: what fits the window); each of these days has its own
    fifths, as the page would have shown them then, unless they are `fixed` as today's. `purchases` are names
    of events, as on the KPI board; with them lines of orders among the `tables` say whether an order is known
    by an id (else days with a purchase are counted).
    """
    _check(view, period, steps)
    names = _names(names)
    found = shop(log, purchases_named=purchases, tables=tables)
    scored = rfm_scores(found.values(), cuts=cuts, mapping=mapping)
    groups, cells = _tables(scored, mapping)
    values = scored.values
    has_money = values.monetary is not None
    base = Rfm(
        table=_called(cells if view == "grid" else groups, names),
        view=view,
        as_of=values.as_of,
        groups=_called(groups, names),
        cells=_called(cells, names),
        cuts=scored.cuts,
        n_customers=log.n_customers,
        n_buyers=int(values.buyers.sum()),
        has_money=has_money,
        finding=Finding("rfm.finding_no_purchases"),
        notes=_notes(log, scored, cuts, mapping),
        counted=values.counted,
        period=period or fitting_movement(log),
        names=names,
    )
    if not base.n_buyers:
        return replace(base, table=base.table.iloc[:0], notes=base.notes[:1] if log.period else ())
    if view == "movement":
        return _moved(base, found, scored, log, steps, fixed, cuts, mapping)
    top = groups.sort_values("revenue" if has_money else "customers", ascending=False, kind="stable").iloc[0]
    code = str(top["group"])
    headline = Figure(
        f"rfm.figure_{code}",
        float(top["share"]),
        "share",
        base.n_buyers,
        float(top["low"]),
        float(top["high"]),
    )
    told: dict[str, Any] = {name: float(top[name]) for name in ("share", "low", "high")} | {
        "customers": int(top["customers"]),
        "of": base.n_buyers,
    }
    if has_money and top["revenue"] > 0:
        said, told = f"rfm.finding_{code}", {**told, "revenue_share": float(top["revenue_share"])}
        if code in names:
            said, told = "rfm.finding_named", {"group": names[code], **told}
    else:
        said = f"rfm.size_{code}"
        if code in names:
            said, told = "rfm.size_named", {"group": names[code], **told}
    return replace(base, finding=Finding(said, told), headline=headline)


def fitting_movement(log: EventLog) -> str:
    """Weeks for a window under two months, months under one and a half years, else quarters."""
    first, last = log.days()
    span = (last - first).days + 1
    return "week" if span < _MONTH_FROM else "month" if span < _QUARTER_FROM else "quarter"


def _check(view: str, period: str | None, steps: int) -> None:
    if view not in VIEWS:
        raise SettingWrong(setting="view", value=view, allowed=list(VIEWS))
    if period is not None and period not in PERIODS:
        raise SettingWrong(setting="period", value=period, allowed=list(PERIODS))
    if not 1 <= steps <= MOST_STEPS:
        raise SettingWrong(setting="steps", value=steps, allowed=f"1–{MOST_STEPS}")


def _names(names: Mapping[str, str] | None) -> dict[str, str]:
    unknown = set(names or {}) - set(GROUPS)
    if unknown:
        raise SettingWrong(setting="names", value=", ".join(sorted(unknown))[:80], allowed=list(GROUPS))
    return {code: str(name)[:_LONGEST_NAME] for code, name in (names or {}).items() if str(name).strip()}


def _tables(scored: RfmScores, mapping: Mapping[str, str] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The groups, and the cells of the grid with the best ones first."""
    values = scored.values
    who = np.flatnonzero(values.buyers)
    money = None if values.revenue is None else values.revenue.take(who)
    of_group = scored.group.take(who)
    sizes = _sized(of_group, len(GROUPS), money)
    groups = pd.DataFrame({"group": pd.Series(GROUPS, dtype=object), **sizes})
    columns = {
        "median_days": values.recency,
        "median_orders": values.frequency,
        "median_money": values.monetary,
    }
    for name, column in columns.items():
        if column is not None:
            own = column.take(who)
            groups[name] = [_median(own[of_group == code]) for code in range(len(GROUPS))]
    level = scored.level.take(who).astype(np.intp) - 1
    place = (SCORES - scored.scores["recency"].take(who).astype(np.intp)) * SCORES + SCORES - 1 - level
    pairs = [(r, fm) for r in range(SCORES, 0, -1) for fm in range(SCORES, 0, -1)]
    cells = pd.DataFrame(
        {
            "recency_score": [r for r, _ in pairs],
            "fm_score": [fm for _, fm in pairs],
            "group": pd.Series([group_of_cell(*pair, mapping) for pair in pairs], dtype=object),
            **_sized(place, SCORES * SCORES, money),
        }
    )
    return groups, cells


def _sized(place: np.ndarray, n: int, money: np.ndarray | None) -> dict[str, np.ndarray]:
    counts = np.bincount(place, minlength=n)
    found = {"customers": counts, **_shares(counts, len(place))}
    if money is not None:
        sums = np.bincount(place, money, n)
        whole = sums.sum()
        found |= {"revenue": sums, "revenue_share": sums / whole if whole > 0 else np.full(n, np.nan)}
    return found


def _median(values: np.ndarray) -> float:
    """The nearest rank: a value that somebody has; NaN of nobody."""
    if not len(values):
        return float("nan")
    middle = (len(values) + 1) // 2 - 1
    return float(np.partition(values, middle)[middle])


def _moved(
    base: Rfm,
    found: Shop,
    today: RfmScores,
    log: EventLog,
    steps: int,
    fixed: bool,
    cuts: Mapping[str, Sequence[float]] | None,
    mapping: Mapping[str, str] | None,
) -> Rfm:
    """Who was in which group on each of the days, and then; the last of them is that of the page."""
    last, begin = base.as_of - dt.timedelta(days=1), log.days()[0]
    days = [day for back in range(steps, 0, -1) if (day := day_before(last, base.period, back)) >= begin]
    kept = today.cuts if fixed else cuts
    seen: list[tuple[dt.date, np.ndarray]] = []
    for day in days:
        values = found.values(day + dt.timedelta(days=1))
        if values.buyers.any():
            seen.append((day, rfm_scores(values, cuts=kept, mapping=mapping).group))
    seen.append((last, today.group))
    n, parts = len(GROUPS), []
    for step, ((before, was), (day, now)) in enumerate(pairwise(seen), start=1):
        bought = np.flatnonzero(now >= 0)
        source = np.where(was.take(bought) < 0, n, was.take(bought)).astype(np.intp)
        pairs = np.bincount(source * n + now.take(bought), minlength=(n + 1) * n)
        all_of = pairs.reshape(n + 1, n).sum(axis=1).repeat(n)
        some = np.flatnonzero(pairs)
        parts.append(
            pd.DataFrame(
                {
                    "step": step,
                    "day_before": before,
                    "day": day,
                    "group_before": [(*GROUPS, NOBODY)[at // n] for at in some],
                    "group": [GROUPS[at % n] for at in some],
                    "customers": pairs[some],
                    **_shares(pairs[some], all_of[some]),
                }
            )
        )
    code = "rfm.note_fixed" if fixed or set(today.cuts) <= set(cuts or {}) else "rfm.note_own_fifths"
    base = replace(base, notes=(*base.notes, Finding(code), Finding("rfm.note_movement")))
    if not parts:
        short = Finding(f"rfm.finding_short_{base.period}", {"day": last})
        return replace(base, table=base.table.iloc[:0], finding=short)
    table = pd.concat(parts, ignore_index=True)
    base = replace(base, table=_called(table, base.names or {}))
    latest = table[table["step"] == table["step"].max()]
    good = latest[latest["group_before"].isin(_GOOD)]
    of, gone = int(good["customers"].sum()), int(good.loc[good["group"].isin(_GONE), "customers"].sum())
    again = latest["group_before"].isin(_GONE) & latest["group"].isin(_GOOD)
    told = {"first": latest["day_before"].iloc[0], "last": last, "of": of, "customers": gone}
    told["back"] = int(latest.loc[again, "customers"].sum())
    if not of:
        return replace(
            base, finding=Finding("rfm.finding_moved_none", {"first": told["first"], "last": last})
        )
    shares = {name: float(one) for name, one in _shares(np.array(gone), np.array(of)).items()}
    headline = Figure(
        f"rfm.figure_lost_{base.period}", shares["share"], "share", of, shares["low"], shares["high"]
    )
    code = "rfm.finding_moved"
    if set(base.names or {}) & {*_GOOD, *_GONE}:
        # The sentence calls these groups by their usual names.
        code = "rfm.finding_moved_named"
    return replace(base, finding=Finding(code, {**told, **shares}), headline=headline)


def _notes(
    log: EventLog,
    scored: RfmScores,
    cuts: Mapping[str, Sequence[float]] | None,
    mapping: Mapping[str, str] | None,
) -> tuple[Finding, ...]:
    values = scored.values
    n = int(values.buyers.sum())
    notes = []
    if log.period:
        first, last = log.days()
        notes.append(Finding("notes.period", {"first": first, "last": last}))
    notes.append(Finding("rfm.note_as_of", {"day": values.as_of}))
    notes.append(Finding(f"rfm.note_counted_{values.counted}", {"events": list(values.purchases)}))
    for measure in MEASURES:
        if points := scored.cuts.get(measure):
            kind = "own" if measure in (cuts or {}) else "fifths"
            notes.append(
                Finding(f"rfm.note_{kind}_{measure}", {"points": [f"{point:,.6g}" for point in points]})
            )
    if values.monetary is None:
        notes.append(Finding("rfm.note_no_money"))
    if values.clipped:
        notes.append(Finding("rfm.note_clipped", {"customers": values.clipped}))
    if rest := log.n_customers - n:
        notes.append(Finding("rfm.note_not_bought", {"customers": rest}))
    if mapping:
        notes.append(Finding("rfm.note_mapping", {"cells": len(mapping)}))
    if 0 < n < _SMALL:
        notes.append(Finding("rfm.note_small", {"customers": n}))
    return tuple(notes)


def _called(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The table with the names that people gave to groups, where they gave some."""
    if not names:
        return table
    own = [name for name in ("group_before", "group") if name in table]
    return table.assign(**{f"{name}_name": [names.get(code, "") for code in table[name]] for name in own})


def _shares(counts: Any, of: Any) -> dict[str, np.ndarray]:
    low, high = wilson(counts, of)
    return {"share": counts / np.where(np.asarray(of) > 0, of, np.nan), "low": low, "high": high}
