"""What do customers who got there have behind them more often than customers who did not?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.behind import Behind
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.odds import independence, odds_ratio

__all__ = ["Contrast", "compared", "contrast", "holders"]

_COLUMNS = ("kind", "name", "value")
# From so many values on, an attribute of numbers is told apart at its median.
_MANY_NUMBERS = 12
_COUNTED = ("visits", "days")
_LEFT = pd.DataFrame({name: pd.Series(dtype="str") for name in ("kind", "name", "value", "reason")})


@dataclass(frozen=True, eq=False)
class Contrast:
    """Customers with each feature, and those of them who reached the outcome. Parts of a log add up.

    counts       one row a feature: kind, name, value, customers, reached.
                 "attribute": the customer's own value; "first" and "last": the first known value of a row's
                 attribute, and the value at the last row that is looked at ("" is no value); "event" and
                 "stage": did it, was there; "visits" and "days": how many, as value
    n_customers  customers compared; n_reached of them reached the outcome
    left_out     kind, name, value, reason of features that were not counted
    """

    counts: pd.DataFrame
    n_customers: int
    n_reached: int
    left_out: pd.DataFrame = field(default_factory=_LEFT.copy)

    def __add__(self, other: Contrast) -> Contrast:
        both = pd.concat([self.counts, other.counts], ignore_index=True)
        left = pd.concat([self.left_out, other.left_out], ignore_index=True)
        return Contrast(
            both.groupby(list(_COLUMNS), sort=False, as_index=False)[["customers", "reached"]].sum(),
            self.n_customers + other.n_customers,
            self.n_reached + other.n_reached,
            left.drop_duplicates(ignore_index=True),
        )


def contrast(
    log: EventLog,
    stages: StageMap,
    *,
    among: np.ndarray,
    outcome: np.ndarray,
    until: np.ndarray | None = None,
    leave_out: Collection[str] = (),
    seen: Behind | None = None,
) -> Contrast:
    """Count what the customers of `among` have behind them, with and without the outcome (flags a customer).

    Only rows strictly before `until`, one instant a customer, are looked at; without it all rows. So that
    nobody has more time than others, take for everyone a moment that the outcome has no part in, such as the
    entry into the stage. `leave_out` names events that are the outcome itself: neither they nor their
    stages are counted. `seen` is what was looked at, where somebody has looked already.
    """
    seen = seen or Behind(log, stages, until)
    trivial = sorted(leave_out)
    hidden = set(stages.codes(trivial).tolist())
    places = dict(zip(log.event_names, stages.codes(log.event_names).tolist(), strict=True))
    rows: list[tuple[str, str, str, int, int]] = []
    left: list[tuple[str, str, str, str]] = [("event", name, "", "outcome") for name in trivial]

    for kind, name in (*seen.attributes, ("visits", ""), ("days", "")):
        codes, values = seen.codes(kind, name)
        inside = np.flatnonzero(among & (codes >= 0))
        pairs = codes.take(inside).astype(np.int64) * 2 + outcome.take(inside)
        both = np.bincount(pairs, minlength=2 * len(values)).reshape(-1, 2)
        for code in np.flatnonzero(both.any(axis=1)).tolist():
            rows.append((kind, name, values[code], int(both[code].sum()), int(both[code, 1])))

    asked: list[tuple[str, str, Collection[str]]] = [
        ("event", name, (name,)) for name in seen.events if name not in trivial
    ]
    for at, stage in enumerate(stages.stages):
        if at in hidden:
            left.append(("stage", stage.name, "", "outcome"))
        else:
            asked.append(("stage", stage.name, [name for name in seen.events if places[name] == at]))
    events = [own for _, _, own in asked]
    numbers = (seen.number_with(events, np.flatnonzero(some)) for some in (among, among & outcome))
    rows += [(kind, name, "", *both) for (kind, name, _), *both in zip(asked, *numbers, strict=True)]
    return Contrast(
        counts=pd.DataFrame(rows, columns=[*_COLUMNS, "customers", "reached"]).astype(_TYPES),
        n_customers=int(np.count_nonzero(among)),
        n_reached=int(np.count_nonzero(among & outcome)),
        left_out=pd.concat([_LEFT, pd.DataFrame(left, columns=[*_COLUMNS, "reason"], dtype="str")]),
    )


_TYPES = {"kind": "str", "name": "str", "value": "str", "customers": "int64", "reached": "int64"}


def holders(
    log: EventLog, stages: StageMap, seen: Behind, *, kind: str, name: str, value: str, above: float
) -> np.ndarray:
    """One flag a customer: does it have this feature of `compared`?"""
    if kind == "event":
        return seen.did((name,))
    if kind == "stage":
        at = stages.names.index(name)
        places = stages.codes(log.event_names)
        return seen.did([event for event, place in zip(log.event_names, places, strict=True) if place == at])
    codes, values = seen.codes(kind, name)
    if above == above:
        wanted = np.array([_number(one) > above for one in values] + [False])
    else:
        wanted = np.array([one == value for one in values] + [False])
    return wanted.take(codes)


def compared(counted: Contrast, *, alpha: float = 0.05, least: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each feature against all customers without it, and what was left out, with the reason.

    The first table: kind, name, value, above (where the feature is "more than that", else NaN), n_with and
    k_with (with the feature; of them with the outcome), n_without, k_without, share_with, share_without,
    odds_ratio, low, high, p, q (Benjamini and Hochberg over all rows of it), clear (q < alpha); clear ones
    first, of these those whose interval is furthest from 1. The second: kind, name, value, reason, features:
    "outcome" (is the outcome itself), "constant" (all have it, or nobody), "rare" (fewer than `least` have
    it, or have it not), "same" (says what another feature says); `value` is "" where several went.
    """
    found = _features(counted)
    n, k = counted.n_customers, counted.n_reached
    with_, hits = found["customers"], found["reached"]
    small = np.minimum(with_, n - with_)
    # All of those with it and nobody else, or the other way round: the outcome under another name.
    is_outcome = ((hits == with_) & (hits == k)) | ((hits == 0) & (n - with_ == k))
    reasons = [small == 0, is_outcome, found["same"], small < least]
    found["reason"] = np.select(reasons, ["constant", "outcome", "same", "rare"], "")
    kept = found[found["reason"] == ""]
    n_with, k_with = kept["customers"].to_numpy(), kept["reached"].to_numpy()
    n_without, k_without = n - n_with, k - k_with
    ratio, low, high = odds_ratio(k_with, n_with, k_without, n_without)
    p = independence(k_with, n_with, k_without, n_without)
    q = false_discovery(p)
    table = kept[[*_COLUMNS, "above"]].assign(
        n_with=n_with,
        k_with=k_with,
        n_without=n_without,
        k_without=k_without,
        share_with=k_with / n_with,
        share_without=k_without / n_without,
        odds_ratio=ratio,
        low=low,
        high=high,
        p=p,
        q=q,
        clear=q < alpha,
    )
    # The bound that is nearer to 1, so that three of three do not go before 500 of 1,000.
    sure = np.nan_to_num(np.where(ratio > 1, np.log(low), -np.log(high)), nan=-np.inf)
    order = np.lexsort((-n_with, -sure, ~(q < alpha)))
    return table.iloc[order].reset_index(drop=True), _left_out(counted, found)


def _left_out(counted: Contrast, found: pd.DataFrame) -> pd.DataFrame:
    gone = pd.concat([counted.left_out, found.loc[found["reason"] != "", list(counted.left_out)]])
    by = gone.groupby(["kind", "name", "reason"], sort=False)["value"]
    table = by.agg(value="first", features="size").reset_index()
    table["value"] = table["value"].where(table["features"] == 1, "")
    return table[[*_COLUMNS, "reason", "features"]].astype({"features": "int64"})


def _features(counted: Contrast) -> pd.DataFrame:
    """The counted features as they are compared: numbers as "above the median", with `same` for repeats."""
    counts = counted.counts.assign(above=np.nan, same=False)
    parts: list[pd.DataFrame] = []
    for (kind, name), rows in counts.groupby(["kind", "name"], sort=False):
        if kind == "event":
            parts.append(rows)
            continue
        if kind == "stage":
            # Whoever did one of its events was there: as many customers are the same ones.
            events = counts.loc[counts["kind"] == "event", ["customers", "reached"]]
            has = events.eq(rows[["customers", "reached"]].iloc[0]).all(axis=1).any()
            parts.append(rows.assign(same=bool(has)))
            continue
        first = counts[(counts["kind"] == "first") & (counts["name"] == name)] if kind == "last" else rows[:0]
        if _alike(rows, first):
            parts.append(rows.iloc[:1].assign(value="", same=True))
            continue
        numbers = rows["value"].map(_number)
        if kind in _COUNTED or (numbers.notna().sum() >= _MANY_NUMBERS and _are_numbers(rows, numbers)):
            rows = _above_median(rows, numbers)
        elif len(rows) == 2:
            # With two values, having the one is not having the other: the rarer one tells of both.
            rows = rows.assign(same=np.arange(2) == int(np.argmax(rows["customers"].to_numpy())))
        parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else counts


def _alike(rows: pd.DataFrame, others: pd.DataFrame) -> bool:
    columns = ["value", "customers", "reached"]
    return len(rows) == len(others) and bool((rows[columns].to_numpy() == others[columns].to_numpy()).all())


def _are_numbers(rows: pd.DataFrame, numbers: pd.Series) -> bool:
    """Of customers with a value nearly all have a number; a few cells may hold a mark for none."""
    known = rows["value"] != ""
    odd = int(rows.loc[known & numbers.isna(), "customers"].sum())
    return odd <= 0.05 * int(rows.loc[known, "customers"].sum())


def _above_median(rows: pd.DataFrame, numbers: pd.Series) -> pd.DataFrame:
    """One feature: more than the median (nearest rank) of the customers with a number."""
    known = rows.assign(number=numbers).dropna(subset="number").sort_values("number")
    so_far = known["customers"].cumsum()
    middle = float(known["number"].iloc[int((2 * so_far >= so_far.iloc[-1]).to_numpy().argmax())])
    more = known[known["number"] > middle]
    customers, reached = int(more["customers"].sum()), int(more["reached"].sum())
    one = known.iloc[:1].drop(columns="number")
    return one.assign(value="", above=middle, customers=customers, reached=reached)


def _number(written: str) -> float:
    """The number that a value is, or NaN."""
    try:
        number = float(written.replace(",", ""))
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan
