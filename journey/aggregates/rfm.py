"""How lately, how often and for how much does each customer buy, and what are such customers called?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey.aggregates.orders import Purchases, purchases
from journey.aggregates.rfm_values import Counted, RfmValues, as_of_day, counted_by, rfm_of
from journey.errors import SettingWrong
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables

__all__ = [
    "GROUPS",
    "MEASURES",
    "NOBODY",
    "SCORES",
    "RfmScores",
    "Shop",
    "cell_of",
    "cut_points",
    "group_of_cell",
    "rfm_members",
    "rfm_scores",
    "shop",
]

# From the ones who buy most and latest to the ones who do not come any more.
GROUPS = ("champions", "loyal", "recent", "attention", "risk", "inactive")
# Who has not bought yet is in none of them.
NOBODY = "none"
MEASURES = ("recency", "frequency", "monetary")
SCORES = 5
_COUNTED = 1 << 16

_OF_SCORES = {"cuts", "mapping", "purchases", "on"}
_OF_RULE = {*_OF_SCORES, "groups", "cells", *MEASURES}


@dataclass(frozen=True, eq=False)
class Shop:
    """What was bought in a log, known once for all days that are asked for."""

    bought: Purchases
    purchases: tuple[str, ...]
    counted: Counted
    as_of: dt.date

    def values(self, as_of: dt.date | None = None) -> RfmValues:
        """The three values of each customer on a day; without one, after the last day of the window."""
        return rfm_of(self.bought, as_of or self.as_of, counted=self.counted, purchases=self.purchases)


@dataclass(frozen=True, eq=False)
class RfmScores:
    """One entry a customer; 0 (of `group` -1) for those who have not bought.

    scores  1 to 5 by measure, 5 is best; without amounts there is no "monetary"
    level   the whole part of FM = (F + M) / 2, 1 to 5; without amounts of F
    group   position in GROUPS
    cuts    the four cut points by measure
    """

    values: RfmValues
    scores: Mapping[str, np.ndarray]
    level: np.ndarray
    group: np.ndarray
    cuts: Mapping[str, tuple[float, ...]]


def shop(
    log: EventLog, *, purchases_named: Sequence[str] | None = None, tables: OtherTables = NO_TABLES
) -> Shop:
    """The purchases and refunds of a log; without names those events whose names or amounts say so."""
    known = deeds(log, purchases=purchases_named)
    return Shop(
        purchases(log, known.purchases, known.refunds),
        known.purchases,
        counted_by(known.purchases, tables),
        as_of_day(log),
    )


def cut_points(values: np.ndarray) -> tuple[float, ...]:
    """The four points that cut sorted values into fifths, linear between two values (type 7).

    The place of a point is a fraction of whole numbers, so that a point that falls on a value is that value
    to the last bit, and ties share a score on every machine.
    """
    n = len(values)
    if not n:
        return ()
    places = [divmod((n - 1) * fifth, SCORES) for fifth in range(1, SCORES)]
    wanted = sorted({min(place + step, n - 1) for place, _ in places for step in (0, 1)})
    ordered = dict(zip(wanted, _smallest(values, wanted), strict=True))
    found = []
    for place, rest in places:
        low, high = ordered[place], ordered[min(place + 1, n - 1)]
        found.append(low if low == high or not rest else (low * (SCORES - rest) + high * rest) / SCORES)
    return tuple(found)


def _smallest(values: np.ndarray, places: Sequence[int]) -> list[float]:
    """The values that would stand at these places if all were sorted."""
    if values.min() >= 0 and values.max() < _COUNTED and (values == values.astype(np.int64)).all():
        # Days and orders are small whole numbers: to count them is quicker than to put them apart.
        so_far = np.cumsum(np.bincount(values.astype(np.int64)))
        return [float(one) for one in np.searchsorted(so_far, places, side="right")]
    ordered = np.partition(values, places)
    return [float(ordered[place]) for place in places]


def rfm_scores(
    values: RfmValues,
    *,
    cuts: Mapping[str, Sequence[float]] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> RfmScores:
    """Scores and groups among those who have bought; equal values have equal scores.

    A score is 1 plus the cut points strictly below the value; recency counts from the other side. `cuts` are
    four own points of a measure, ascending; without them fifths. `mapping` puts cells ("5.3": R 5, FM from 3
    to below 4) into other groups than the usual ones. Raises SettingWrong.
    """
    own = _checked_cuts(cuts)
    buyers = np.flatnonzero(values.buyers)
    given = {"recency": values.recency, "frequency": values.frequency, "monetary": values.monetary}
    scores, points = {}, {}
    for measure, column in given.items():
        if column is None:
            continue
        of_buyers = column.take(buyers).astype(float)
        points[measure] = own.get(measure) or cut_points(of_buyers)
        # Four comparisons of a column cost a tenth of a search for each of its values.
        below = np.zeros(len(buyers), dtype=np.uint8)
        for point in points[measure]:
            below += of_buyers > point
        score = np.zeros(len(values.buyers), dtype=np.uint8)
        score[buyers] = SCORES - below if measure == "recency" else 1 + below
        scores[measure] = score
    money = scores.get("monetary", scores["frequency"])
    level = (scores["frequency"] + money) // 2
    cells = _cells(mapping)
    return RfmScores(
        values,
        scores,
        level,
        cells.take(scores["recency"].astype(np.intp) * (SCORES + 1) + level),
        points,
    )


def group_of_cell(recency: int, level: int, mapping: Mapping[str, str] | None = None) -> str:
    """The group of those with these scores: Klaviyo's six, unless the mapping says otherwise."""
    own = (mapping or {}).get(cell_of(recency, level))
    if own is not None:
        return own
    if recency >= 4:
        return "champions" if level >= 4 else "loyal" if level >= 3 else "recent"
    if recency == 3:
        return "loyal" if level >= 3 else "attention"
    return "risk" if level >= 3 else "inactive"


def cell_of(recency: int, level: int) -> str:
    """What a cell of the grid is called: 5.3."""
    return f"{recency}.{level}"


def rfm_members(log: EventLog, settings: Mapping[str, Any], tables: OtherTables = NO_TABLES) -> np.ndarray:
    """One flag a customer: is it in these RFM groups, cells or scores?

    {"groups": [..]}    of GROUPS, or "none": not bought yet
    {"cells": ["5.3"]}  R 5, FM from 3 to below 4
    {"recency": [4, 5]} scores from and to, likewise of "frequency" and "monetary"
    Several of them hold together. `cuts`, `mapping` and `purchases` as of the question; `on` is the last day
    that counts (an ISO day), without it that of the log's window. Raises SettingWrong.
    """
    which = [word for word in ("groups", "cells", *MEASURES) if word in settings]
    if not which or set(settings) - _OF_RULE:
        raise SettingWrong(setting="rfm", value=str(dict(settings))[:80], allowed="groups, cells, recency, …")
    found = shop(log, purchases_named=settings.get("purchases"), tables=tables)
    day = settings.get("on")
    as_of = None if day is None else dt.date.fromisoformat(day) + dt.timedelta(days=1)
    scored = rfm_scores(found.values(as_of), cuts=settings.get("cuts"), mapping=settings.get("mapping"))
    inside = np.ones(log.n_customers, dtype=bool)
    for word in which:
        wanted = settings[word]
        if word == "groups":
            names = np.array([*(name in wanted for name in GROUPS), NOBODY in wanted], dtype=bool)
            inside &= names.take(scored.group)
        elif word == "cells":
            pairs = (cell_of(r, level) in wanted for r in range(SCORES + 1) for level in range(SCORES + 1))
            place = scored.scores["recency"].astype(np.intp) * (SCORES + 1) + scored.level
            inside &= np.fromiter(pairs, dtype=bool).take(place) & scored.values.buyers
        else:
            low, high = (int(score) for score in wanted)
            score = scored.scores.get(word)
            inside &= scored.values.buyers if score is None else (score >= max(low, 1)) & (score <= high)
    return inside


def _cells(mapping: Mapping[str, str] | None) -> np.ndarray:
    """The position in GROUPS of each (recency, level); -1 where one of them is 0."""
    inside = range(1, SCORES + 1)
    known = {cell_of(recency, level) for recency in inside for level in inside}
    for cell, group in (mapping or {}).items():
        if cell not in known or group not in GROUPS:
            raise SettingWrong(setting="mapping", value=f"{cell}: {group}"[:80], allowed=list(GROUPS))
    found = np.full((SCORES + 1, SCORES + 1), -1, dtype=np.int8)
    for recency in inside:
        for level in inside:
            found[recency, level] = GROUPS.index(group_of_cell(recency, level, mapping))
    return found.ravel()


def _checked_cuts(cuts: Mapping[str, Sequence[float]] | None) -> dict[str, tuple[float, ...]]:
    found = {}
    for measure, given in (cuts or {}).items():
        good = measure in MEASURES and isinstance(given, list | tuple) and len(given) == SCORES - 1
        good = good and all(isinstance(point, int | float) and math.isfinite(point) for point in given)
        if not good or list(given) != sorted(given):
            raise SettingWrong(setting="cuts", value=f"{measure}: {given}"[:80], allowed="a ≤ b ≤ c ≤ d")
        found[measure] = tuple(float(point) for point in given)
    return found
