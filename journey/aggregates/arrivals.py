"""Who comes in, who gets to an outcome after that, and who of them had a feature before?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from journey.aggregates.behind import Behind
from journey.aggregates.calendar import calendar
from journey.aggregates.contrast import holders
from journey.aggregates.orders import purchase_rows
from journey.aggregates.picture import Picture, picture
from journey.errors import ColumnMissing, SettingWrong, StageUnknown
from journey.events.deeds import deeds
from journey.events.log import DAY, EventLog
from journey.stages.stage_map import StageMap

__all__ = ["EVENT", "STAGE", "Arrivals", "arrivals"]

EVENT, STAGE = "event:", "stage:"
_DAYS = 30
_LONGEST_DAYS = 36_500
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Flags a unit (customer or session), about one moment of each unit after its start.

    came         has a start; of these early: got there by the moment, late: is not observed for long enough
    inside       the rest, who are compared; of these reached: got there after the moment, in time
    goal         the events that are the outcome
    seen         what each unit had behind it at the moment
    within_days  for how long the outcome counts; NaN: to the end of a session, or no limit
    """

    view: Picture
    came: np.ndarray
    early: np.ndarray
    late: np.ndarray
    inside: np.ndarray
    reached: np.ndarray
    goal: frozenset[str]
    seen: Behind
    within_days: float

    def having(
        self, *, kind: str, name: str = "", value: str = "", above: float | None = None, reached: bool | None
    ) -> np.ndarray:
        """One flag a unit: compared, with this feature of `aggregates.contrast`, and with that outcome.

        `reached` None: whatever the outcome. Raises ColumnMissing and StageUnknown where it is gone.
        """
        number = float("nan") if above is None else above
        view = self.view
        if kind == "stage":
            name = view.stages.named(name).name
        elif kind not in ("event", "visits", "days") and name not in view.log.attributes:
            raise ColumnMissing(name=name, have=list(view.log.attributes), near="")
        flags = self.inside & holders(
            view.log, view.stages, self.seen, kind=kind, name=name, value=value, above=number
        )
        return flags if reached is None else flags & (self.reached == reached)


def arrivals(
    log: EventLog,
    stages: StageMap,
    *,
    outcome: str = "goal",
    flags: np.ndarray | None = None,
    among: np.ndarray | None = None,
    start: str | None = None,
    look_days: float = 0,
    within_days: float | None = None,
    purchases: Sequence[str] | None = None,
    unit: str = "customer",
) -> Arrivals:
    """Tell who is compared and who of them got there; the settings are those of the question `drivers`.

    `flags` (for the outcome "rule") and `among` are one flag a customer of the log.
    Raises SettingWrong and StageUnknown.
    """

    def need(setting: str, given: object, holds: bool, allowed: str) -> None:
        if not holds:
            raise SettingWrong(setting=setting, value=given, allowed=allowed)

    need("look_days", look_days, 0 <= look_days <= _LONGEST_DAYS, f"0–{_LONGEST_DAYS}")
    fits = within_days is None or 0 < within_days <= _LONGEST_DAYS
    need("within_days", within_days, fits, f"0 < within_days ≤ {_LONGEST_DAYS}")
    need("unit", unit, outcome != "repurchase" or unit == "customer", "customer")
    need("rule", None, outcome != "rule" or flags is not None, "segment")
    view = picture(log, stages, unit=unit)
    units = view.log
    chosen = _of_units(log, units, among)
    bought = _purchases(units, purchases) if outcome == "repurchase" else np.zeros(0, dtype=np.int64)
    goal = _outcome_events(units, stages, outcome, bought)
    began = _entry(units, stages, outcome, start, goal, bought)
    follow = _follow(log, outcome, within_days, unit)
    moment = np.where(began < _NEVER, began, 0) + int(look_days * DAY)
    came = chosen & (began < _NEVER)
    if outcome == "rule":
        early = late = came & False
        inside, reached = came, came & _of_units(log, units, flags)
    else:
        # On its way in nobody can have been out: of rows at one time the start is the first.
        after = moment - 1 if start is not None and look_days == 0 else moment
        hits = _outcome_rows(units, outcome, goal, bought)
        early = came & (_first(units, hits, None) <= after)
        arrived = _first(units, hits, after)
        late = came & ~early & (moment + follow > units.observed[1]) if unit == "customer" else came & False
        inside = came & ~early & ~late
        reached = inside & (arrived <= moment + follow)
    return Arrivals(
        view=view,
        came=came,
        early=early,
        late=late,
        inside=inside,
        reached=reached,
        goal=goal,
        seen=Behind(units, stages, moment + 1),
        within_days=float("nan") if outcome == "rule" or unit == "session" else follow / DAY,
    )


def _of_units(log: EventLog, units: EventLog, flags: np.ndarray | None) -> np.ndarray:
    """One flag a unit: is its customer picked?"""
    if flags is None:
        return np.ones(units.n_customers, dtype=bool)
    return flags if units is log or units.owner is None else flags.take(units.owner)


def _named_events(log: EventLog, stages: StageMap, named: str) -> frozenset[str]:
    """The events of a stage, by its id or name (perhaps after "stage:"), or the one after "event:"."""
    if named.startswith(EVENT):
        event = named.removeprefix(EVENT)
        if event not in log.event_names:
            raise StageUnknown(name=event, have=list(log.event_names))
        return frozenset({event})
    stage = stages.named(named.removeprefix(STAGE))
    return frozenset(event for event in log.event_names if stages.stage_of(event) == stage.id)


def _outcome_events(log: EventLog, stages: StageMap, outcome: str, bought: np.ndarray) -> frozenset[str]:
    if outcome == "rule":
        return frozenset()
    if outcome == "repurchase":
        return frozenset(log.event_names[code] for code in np.unique(log.event.take(bought)))
    if outcome == "goal":
        goal = stages.goal_stage
        return frozenset() if goal is None else _named_events(log, stages, goal.id)
    return _named_events(log, stages, outcome)


def _purchases(log: EventLog, named: Sequence[str] | None) -> np.ndarray:
    """The rows of purchases, as everywhere; refused where there are none."""
    found = deeds(log, purchases=named).purchases
    if not found:
        raise SettingWrong(setting="outcome", value="repurchase", allowed="goal | event:…")
    return purchase_rows(log, found)


def _rows_of(log: EventLog, events: Collection[str]) -> np.ndarray:
    hit = np.array([name in events for name in log.event_names], dtype=bool)
    return np.flatnonzero(hit.take(log.event)) if hit.any() else np.zeros(0, dtype=np.int64)


def _entry(
    log: EventLog, stages: StageMap, outcome: str, start: str | None, goal: frozenset[str], bought: np.ndarray
) -> np.ndarray:
    """When each customer comes in; _NEVER for those who do not. The outcome itself is no way in."""
    if outcome == "repurchase":
        return _first(log, bought, None)
    if start is None:
        return log.time.take(log.offsets[:-1])
    return _first(log, _rows_of(log, _named_events(log, stages, start) - goal), None)


def _outcome_rows(log: EventLog, outcome: str, goal: frozenset[str], bought: np.ndarray) -> np.ndarray:
    if outcome != "repurchase":
        return _rows_of(log, goal)
    rows = bought
    who = log.customer_of_row().take(rows)
    day = calendar(log, "day").of(log.time.take(rows))
    first = np.ones(len(rows), dtype=bool)
    first[1:] = who[1:] != who[:-1]
    began = np.flatnonzero(first)
    return rows[day > day[began].take(np.cumsum(first) - 1)] if len(rows) else rows


def _first(log: EventLog, rows: np.ndarray, after: np.ndarray | None) -> np.ndarray:
    """The instant of each customer's first of these rows, after an instant of its own; _NEVER without one."""
    who, when = log.customer_of_row().take(rows), log.time.take(rows)
    if after is not None:
        later = np.flatnonzero(when > after.take(who))
        who, when = who.take(later), when.take(later)
    new = np.ones(len(who), dtype=bool)
    new[1:] = who[1:] != who[:-1]
    found = np.full(log.n_customers, _NEVER)
    found[who[new]] = when[new]
    return found


def _follow(log: EventLog, outcome: str, within_days: float | None, unit: str) -> int:
    """For how long after the moment the outcome counts, in microseconds."""
    if unit == "session" or outcome == "rule":
        return _LONGEST_DAYS * DAY
    start, end = log.observed
    return int(within_days * DAY) if within_days is not None else min(_DAYS * DAY, (end - start) // 4)
