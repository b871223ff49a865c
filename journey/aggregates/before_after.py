"""Is it better since a day? One share among those who came before it and among those who came after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np

from journey.aggregates.nodes import nodes
from journey.aggregates.visits import NO_STAGE, visits
from journey.errors import SettingWrong
from journey.events.log import DAY, EventLog, day_start
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import newcombe, wilson

__all__ = ["HORIZON", "LEAST_DAYS", "MEASURES", "MOST_DAYS", "BeforeAfter", "Verdict", "before_after"]

# better, worse  the interval of the difference leaves out 0, on the side that is wished or on the other
# open           it holds 0: no difference can be told, which does not say that there is none
# few            under 30 customers on one side
# early          not enough days have passed since; `ready` is the first day on which it can be said
# without        the data begin too late for a comparison, or do not know what is measured
Verdict = Literal["better", "worse", "open", "few", "early", "without"]

MEASURES = ("stage", "event", "link", "friction")
# So many days a customer has to do it, and so many days of arrivals are compared: whole weeks, at most four.
HORIZON, LEAST_DAYS, MOST_DAYS = 7, 7, 28
_FEWEST = 30
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class BeforeAfter:
    """The share before and after, and their difference (after minus before) with its 95 % interval.

    n, k      customers who arrived in each window, and how many of them did what is measured within HORIZON
              days
    days      length of each window; the one before ends HORIZON days before the day, so that nothing of it
              reaches into the time after
    lower     a lower share is the better one (friction, and what is wished to be rarer)
    ready     the first day on which it can be said, where it is early
    """

    verdict: Verdict
    lower: bool = False
    days: int = 0
    k_before: int = 0
    n_before: int = 0
    k_after: int = 0
    n_after: int = 0
    ready: dt.date | None = None

    @property
    def before(self) -> tuple[float, float, float]:
        """Share before, with low and high (Wilson); NaN without anybody."""
        return _share(self.k_before, self.n_before)

    @property
    def after(self) -> tuple[float, float, float]:
        """Share after, with low and high (Wilson); NaN without anybody."""
        return _share(self.k_after, self.n_after)

    @property
    def difference(self) -> tuple[float, float, float]:
        """After minus before, with low and high (Newcombe, as if nobody came in both windows)."""
        low, high = newcombe(self.k_after, self.n_after, self.k_before, self.n_before)
        return self.after[0] - self.before[0], float(low), float(high)


def before_after(
    log: EventLog, stages: StageMap, link: Mapping[str, Any], since: dt.date | str
) -> BeforeAfter:
    """Compare a measure, written as the link of a card is, before and from the day `since` (or its ISO text).

    Who counts in a window, each customer once and with their first arrival in it; what counts within HORIZON
    days of it:
    stage     customers with a row in any stage; those who have one in the stage then or later
    event     customers with a row in any stage; those who do the event then or later
    link      customers who begin a visit of the first stage; those whose next visit is the second one
    friction  customers who begin a visit of the stage, or do the event; those who have no other visit after
              it, or do nothing else (lower is better); so it is with the drop-off of a stage
    More of it is better, of friction less; of the others too where the link says "better": "lower", as for an
    event that nobody wishes for.
    Both windows are equally long, in whole weeks, and every customer in them was observed for HORIZON days;
    where clocks go forward on the way, a window ends earlier by as much.
    A link to what the log does not know gives "without". Raises SettingWrong for a kind that has no measure.
    """
    since = dt.date.fromisoformat(since) if isinstance(since, str) else since
    if link.get("kind") == "stage" and link.get("measure") == "drop_off":
        link = {"kind": "friction", "of": "stage", "name": link["stage"]}
    kind = link.get("kind")
    if kind not in MEASURES:
        raise SettingWrong(setting="measure", value=str(kind)[:80], allowed=", ".join(MEASURES))
    stays = kind == "friction"
    lower = stays or link.get("better") == "lower"
    if log.is_empty or not _is_known(log, stages, link):
        return BeforeAfter("without", lower)
    first = log.days()[0]
    # The first day that is not seen to its end: those who come HORIZON days before it were observed so long.
    end = dt.datetime.fromtimestamp(log.observed[1] / 1e6, ZoneInfo(log.zone)).date()
    after = (end - since).days - HORIZON
    before = (since - first).days - HORIZON
    if before < LEAST_DAYS:
        return BeforeAfter("without", lower)
    if after < LEAST_DAYS:
        return BeforeAfter("early", lower, ready=_later(since, HORIZON + LEAST_DAYS))
    days = min(before, after, MOST_DAYS) // 7 * 7
    arrived, did = _arrivals(log, stages, link)
    sides = []
    for begin in (since - dt.timedelta(days=days + HORIZON), since):
        k, n = _counts(log, arrived, did, begin, days)
        sides += [n - k if stays else k, n]
    k_before, n_before, k_after, n_after = sides
    found = BeforeAfter("open", lower, days, k_before, n_before, k_after, n_after)
    if min(n_before, n_after) < _FEWEST:
        verdict: Verdict = "few"
    else:
        _, low, high = found.difference
        verdict = "open" if low <= 0 <= high else "better" if (low > 0) != lower else "worse"
    return BeforeAfter(verdict, lower, days, k_before, n_before, k_after, n_after)


def _share(k: int, n: int) -> tuple[float, float, float]:
    low, high = wilson(k, n)
    return (k / n if n else float("nan")), float(low), float(high)


def _later(day: dt.date, days: int) -> dt.date:
    """So many days later, or the last day that there is."""
    return day + dt.timedelta(days=min(days, (dt.date.max - day).days))


def _is_known(log: EventLog, stages: StageMap, link: Mapping[str, Any]) -> bool:
    known = {stage.id for stage in stages.stages}
    match link:
        case {"kind": "stage", "stage": stage}:
            return stage in known
        case {"kind": "link", "from": source, "to": target}:
            return source in known and target in known
        case {"kind": "event", "event": event} | {"kind": "friction", "of": "event", "name": event}:
            return event in log.event_names
        case {"kind": "friction", "name": stage}:
            return stage in known
        case _:
            return False


def _arrivals(
    log: EventLog, stages: StageMap, link: Mapping[str, Any]
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Customer and instant of everything that can be an arrival, in the order of the log; and of each the
    instant at which it did what is measured, the largest number where it never did."""
    place = {stage.id: code for code, stage in enumerate(stages.stages)}
    if link["kind"] in ("stage", "event"):
        codes = stages.codes(log.event_names).take(log.event)
        owner, mapped = log.customer_of_row(), codes < NO_STAGE
        if link["kind"] == "stage":
            hits = codes == place[link["stage"]]
        else:
            hits = np.asarray(log.event) == log.event_names.index(link["event"])
        rows = np.flatnonzero(mapped)
        return (owner.take(rows), log.time.take(rows)), _next_hit(log, hits).take(rows)
    group = "event" if link.get("of") == "event" else "stage"
    seen = visits(log, stages, nodes(log, stages, group))
    then = np.append(seen.first, _NEVER)[1:]
    then[seen.offsets[1:][np.diff(seen.offsets) > 0] - 1] = _NEVER
    if link["kind"] == "link":
        onward = np.append(seen.node[1:], -1)
        then = np.where(onward == place[link["to"]], then, _NEVER)
        base = seen.node == place[link["from"]]
    elif group == "stage":
        base = seen.node == place[link["name"]]
    else:
        base = seen.node == log.event_names.index(link["name"])
    at = np.flatnonzero(base)
    return (seen.customer.take(at), seen.first.take(at)), then.take(at)


def _next_hit(log: EventLog, hits: np.ndarray) -> np.ndarray:
    """For each row the instant of its customer's next hit, one of the same instant included; else _NEVER."""
    time, n = np.asarray(log.time), log.n_rows
    begins = np.ones(n, dtype=bool)
    begins[1:] = time[1:] != time[:-1]
    begins[log.offsets[:-1]] = True
    # The first row of the same customer and instant: what is tied has no order.
    first = np.maximum.accumulate(np.where(begins, np.arange(n), 0))
    rows = np.flatnonzero(hits)
    found = np.append(rows, n).take(np.searchsorted(rows, first))
    ends = np.repeat(log.offsets[1:], np.diff(log.offsets))
    return np.where(found < ends, np.append(time, _NEVER).take(found), _NEVER)


def _counts(
    log: EventLog, arrived: tuple[np.ndarray, np.ndarray], did: np.ndarray, begin: dt.date, days: int
) -> tuple[int, int]:
    """How many did it in time, and how many arrived, in the window of so many days from this day on."""
    low, high, end = (day_start(begin + dt.timedelta(days=n), log.zone) for n in (0, days, days + HORIZON))
    # Where clocks go forward on the way, HORIZON days of hours would reach beyond that day.
    high = min(high, end - HORIZON * DAY)
    owner, time = arrived
    inside = np.flatnonzero((time >= low) & (time < high))
    _, first = np.unique(owner.take(inside), return_index=True)
    own = inside.take(first)
    # The difference would overflow where there is no instant.
    in_time = did.take(own) <= time.take(own) + HORIZON * DAY
    return int(in_time.sum()), len(own)
