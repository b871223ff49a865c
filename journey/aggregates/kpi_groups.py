"""Who is counted in a KPI over some days, and for whom does it hold?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from journey.aggregates.active_days import ActiveDays, active_days, day_number, days_of
from journey.aggregates.bounces import Bounces, bounces, gaps, of_beginnings, session_units
from journey.aggregates.clicks import Clicks, clicks_of
from journey.aggregates.nodes import nodes
from journey.aggregates.orders import Purchases, purchases
from journey.aggregates.visits import active, visits
from journey.errors import SettingWrong
from journey.events.deeds import Deeds, deeds
from journey.events.log import DAY, EventLog, day_start
from journey.stages.stage_map import StageMap

__all__ = ["DROP_OFF", "KpiGroups", "Window", "groups", "window_of"]

# The card of a stage's drop-off is named by this and the stage's id.
DROP_OFF = "drop_off."
_LONGEST = 3650
# Flags that fit one word a customer.
_BITS = 64
_BUYERS = ("revenue", "orders", "aov", "arpu")


@dataclass(frozen=True)
class Window:
    """The calendar days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Window:
        """The equally long time that ends the day before."""
        return self.moved(-self.days)

    def moved(self, days: int) -> Window:
        step = dt.timedelta(days=days)
        return Window(self.first + step, self.last + step)

    def span(self, zone: str) -> tuple[int, int]:
        """Its first instant, and the one after its last."""
        return day_start(self.first, zone), day_start(self.last + dt.timedelta(days=1), zone)


def window_of(days: Sequence[str | dt.date]) -> Window:
    """Two days, as dates or in ISO's form. Raises SettingWrong."""
    wrong = SettingWrong(setting="days", value=str(days)[:40], allowed="2024-03-01, 2024-03-28")
    if isinstance(days, str) or len(days) != 2:
        raise wrong
    try:
        first, last = (day if isinstance(day, dt.date) else dt.date.fromisoformat(day) for day in days)
    except (TypeError, ValueError):
        raise wrong from None
    if first > last:
        raise wrong
    return Window(first, last)


class KpiGroups:
    """The customers of a log by card and days.

    within_days  time that a new customer has to come back, and a first buyer to buy again
    lost_days    how recent an active customer is: churned are those who then stay away for the whole window
    """

    def __init__(
        self, log: EventLog, stages: StageMap, *, done: Deeds, within_days: int = 30, lost_days: int = 30
    ) -> None:
        # Windows cut rows out of it: what no KPI looks at need not come along, nor a name for each.
        self.log = replace(log, attributes={}, lineage="kpi")
        self.stages, self.deeds = stages, done
        self.within_days, self.lost_days = within_days, lost_days
        self.observed = Window(*log.days())
        self._part: tuple[Window, EventLog, np.ndarray] | None = None
        self._watched: tuple[list[int], np.ndarray] = ([], np.zeros(0, dtype=np.uint64))

    @cached_property
    def clicks(self) -> Clicks:
        return clicks_of(self.log, self.deeds.clicks, self.deeds.impressions)

    @cached_property
    def _day(self) -> np.ndarray:
        """The calendar day of each row."""
        return days_of(self.log.time, self.log)

    @cached_property
    def _who(self) -> np.ndarray:
        return self.log.customer_of_row()

    @cached_property
    def _gaps(self) -> np.ndarray:
        return gaps(self.log)

    @cached_property
    def activity(self) -> ActiveDays:
        return active_days(self.log, self._day)

    @cached_property
    def purchases(self) -> Purchases:
        return purchases(self.log, self.deeds.purchases, self.deeds.refunds)

    @cached_property
    def _first_purchases(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.purchases.first_days()

    @cached_property
    def _returns(self) -> tuple[np.ndarray, np.ndarray]:
        return self.activity.first_days(), self.activity.returns()

    def returned(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """New customers whose `within_days` end in the window, and those of them who were back by then."""
        first, after = self._returns
        of = self._ends_in(first + self.within_days, window)
        return of, of & (after > 0) & (after <= self.within_days)

    def rebought(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """First buyers whose `within_days` end in the window, and those with another purchase day by then."""
        first, second, _ = self._first_purchases
        of = (first >= 0) & self._ends_in(first + self.within_days, window)
        return of, of & (second >= 0) & (second - first <= self.within_days)

    def churned(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Customers active in the `lost_days` before the window, and those of them without a row in it.

        Nobody where the log does not reach so far back.
        """
        since = window.first - dt.timedelta(days=self.lost_days)
        if since < self.observed.first:
            nobody = np.zeros(self.log.n_customers, dtype=bool)
            return nobody, nobody
        of = self.active(since, window.first - dt.timedelta(days=1))
        return of, of & ~self.active(window.first, window.last)

    def waits(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """First buyers of the window who were seen before they bought, and for how many microseconds."""
        _, _, bought = self._first_purchases
        low, high = window.span(self.log.zone)
        waited = bought - self.purchases.begun
        of = (bought >= low) & (bought < high) & (waited > 0)
        return of, waited.compress(of)

    def watch(self, windows: Sequence[Window]) -> None:
        """Look through all rows once for who is active in which of these windows, and before each."""
        back = dt.timedelta(days=self.lost_days)
        firsts = {day_number(day) for one in windows for day in (one.first, one.first - back)}
        edges = sorted(firsts | {day_number(one.last) + 1 for one in windows})
        if len(edges) >= _BITS or not self.log.n_rows:
            return
        bits = np.left_shift(np.uint64(1), np.arange(len(edges) + 1, dtype=np.uint64))
        low, high = int(self._day.min()), int(self._day.max())
        of_day = bits.take(np.searchsorted(edges, np.arange(low, high + 1), side="right"))
        words = np.bitwise_or.reduceat(of_day.take(self._day - low), self.log.offsets[:-1])
        self._watched = edges, words

    def active(self, first: dt.date, last: dt.date) -> np.ndarray:
        """One flag a customer: was there a row on these days, both included?"""
        edges, words = self._watched
        low, high = day_number(first), day_number(last) + 1
        if low not in edges or high not in edges:
            return self.activity.active(first, last)
        wanted = sum(1 << (at + 1) for at in range(edges.index(low), edges.index(high)))
        found: np.ndarray = (words & np.uint64(wanted)) != 0
        return found

    def part(self, window: Window) -> EventLog:
        """The rows of the window, as a period filter leaves them, but without names of customers.

        Not by the filter itself: many windows are cut out of one log, and most of their cost is what is not
        needed here.
        """
        if self._part is not None and self._part[0] == window:
            return self._part[1]
        low, high = (day_number(day) for day in (window.first, window.last))
        rows = np.flatnonzero((self._day >= low) & (self._day <= high))
        who = self._who.take(rows)
        begins = np.flatnonzero(who[1:] != who[:-1]) + 1
        edges = np.concatenate([[0], begins, [len(who)]]) if len(who) else np.zeros(1)
        session = self.log.session
        part = replace(
            self.log,
            customer_ids=self.log.customer_ids[:0],
            offsets=edges.astype(np.int64),
            event=self.log.event.take(rows),
            time=self.log.time.take(rows),
            session=None if session is None else session.take(rows),
            amount=None,
            owner=None,
            origin=who.take(edges[:-1].astype(np.int64)) if len(who) else who,
            observed=window.span(self.log.zone),
            period=True,
        )
        self._part = (window, part, rows)
        return part

    def bounces(self, window: Window) -> Bounces:
        """Sessions of the window, and those of one row; one that goes on beyond it is cut at its ends."""
        part = self.part(window)
        return bounces(part) if part.session is not None else of_beginnings(self._begins(part))

    def sessions(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """The same sessions one by one: the customer in the window's part, and the number of rows."""
        part = self.part(window)
        if part.session is not None:
            return session_units(part)
        at = np.flatnonzero(self._begins(part))
        return part.customer_of_row().take(at), np.diff(at, append=part.n_rows)

    def _begins(self, part: EventLog) -> np.ndarray:
        """One flag a row of the part that was cut out last: does a session begin?"""
        assert self._part is not None
        # Whether a session ends between two rows hangs on no window.
        new = self._gaps.take(self._part[2])
        new[part.offsets[:-1]] = True
        return new

    def members(self, card: str, window: Window) -> np.ndarray:
        """One flag a customer: is this one of those that the card is about?

        Of shares those for whom they hold (converted, churned, came back), of money and orders the buyers.
        Raises SettingWrong for a card that is about nobody (answers to a survey).
        """
        low, high = window.span(self.log.zone)
        if card == "customers":
            return self.active(window.first, window.last)
        if card in _BUYERS:
            return self.purchases.buyers(low, high)
        if card == "clv":
            return self.purchases.buyers(np.iinfo(np.int64).min, high)
        if card == "time_to_purchase":
            return self.waits(window)[0]
        cohorts = {"retention": self.returned, "repurchase": self.rebought, "churn": self.churned}
        if card in cohorts:
            return cohorts[card](window)[1]
        part = self.part(window)
        if card == "conversion" and self.stages.goal_stage is not None:
            goal = self.stages.stages.index(self.stages.goal_stage)
            there = self.stages.codes(part.event_names) == goal
            return self._of_rows(part, there.take(part.event))
        if card == "ctr":
            clicks = np.array([name in self.deeds.clicks for name in part.event_names], dtype=bool)
            return self._of_rows(part, clicks.take(part.event))
        if card == "bounce":
            owner, sizes = self.sessions(window)
            return self._of(part, np.isin(np.arange(part.n_customers), owner[sizes == 1]))
        if card.startswith(DROP_OFF) and any(card == DROP_OFF + stage.id for stage in self.stages.stages):
            return self._of(part, self._left(part, card.removeprefix(DROP_OFF)))
        raise SettingWrong(setting="card", value=card, allowed="customers, conversion, …")

    def _ends_in(self, day: np.ndarray, window: Window) -> np.ndarray:
        """Do days lie in the window, and before the records end? Later ones are not watched to the end."""
        last = min(window.last, self.observed.last)
        inside: np.ndarray = (day >= day_number(window.first)) & (day <= day_number(last))
        return inside

    def _left(self, part: EventLog, stage: str) -> np.ndarray:
        seen = visits(part, self.stages, nodes(part, self.stages, "stage"))
        sizes = np.diff(seen.offsets)
        last = np.full(part.n_customers, -1, dtype=np.int64)
        last[sizes > 0] = seen.node.take(seen.offsets[1:][sizes > 0] - 1)
        code = self.stages.stages.index(self.stages.named(stage))
        left: np.ndarray = (last == code) & ~active(part, self.lost_days * DAY)
        return left

    def _of_rows(self, part: EventLog, hit: np.ndarray) -> np.ndarray:
        flags = np.zeros(part.n_customers, dtype=bool)
        flags[part.customer_of_row().compress(hit)] = True
        return self._of(part, flags)

    def _of(self, part: EventLog, flags: np.ndarray) -> np.ndarray:
        """Flags of the customers of a window as flags of those of the whole log."""
        whole = np.zeros(self.log.n_customers, dtype=bool)
        assert part.origin is not None
        whole[part.origin.compress(flags)] = True
        return whole


def groups(
    log: EventLog,
    stages: StageMap,
    *,
    within_days: int = 30,
    active_within_days: int = 30,
    purchases: Sequence[str] | None = None,
    clicks: Sequence[str] | None = None,
    impressions: Sequence[str] | None = None,
) -> KpiGroups:
    """The groups of a log, with events that mean something guessed where they are not given."""
    for name, days in (("within_days", within_days), ("active_within_days", active_within_days)):
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _LONGEST:
            raise SettingWrong(setting=name, value=days, allowed=f"1–{_LONGEST}")
    done = deeds(log, purchases=purchases, clicks=clicks, impressions=impressions)
    return KpiGroups(log, stages, done=done, within_days=within_days, lost_days=active_within_days)
