"""Which part of whose journeys does a flow draw, and from which visit on?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias, TypedDict

import numpy as np

from journey.aggregates.nodes import Nodes, nodes
from journey.aggregates.regrouped import regrouped
from journey.aggregates.visits import Visits, visits
from journey.errors import ColumnMissing, SettingWrong
from journey.events.log import DAY, MINUTE, EventLog
from journey.stages.stage_map import StageMap

__all__ = ["MOST_STEPS", "FlowSettings", "Names", "Picture", "picture"]

MOST_STEPS = 12
_LONGEST_DAYS = 1_000_000
_LAST = -1

# One node or several of them, by name (a stage also by id).
Names: TypeAlias = str | Sequence[str]


class FlowSettings(TypedDict, total=False):
    """The settings that flows, the people of a ribbon and a rule about a link share; see `picture`."""

    steps: int
    before: int
    start: Names | None
    into: Names | None
    through: Names | None
    between: Sequence[Names] | None
    occurrence: int | str | None
    group: str
    unit: str
    hide: Sequence[str]
    join: Sequence[Names]
    repeats: bool
    expand: Sequence[str] | None
    where: Mapping[str, Sequence[str | None]] | None
    where_at: str
    min_customers: int
    nodes: int | None
    opened: Sequence[int]
    active_within_days: float


@dataclass(frozen=True, eq=False)
class Picture:
    """The setting of a flow, checked against a log and its stages.

    log         its "customers" are the units that are followed: customers, or sessions
    within      how near to the end a last event leaves a unit active, in microseconds
    direction   "forward" from a visit on, "backward" up to a visit, "through": before and after a visit
    anchors     codes of the nodes whose visit journeys begin at, end at or are laid around; None: none is
    until       codes of the nodes at whose first visit after the anchor journeys end; None: none does
    occurrence  which of the anchors' visits counts: 1 the first, 2 the second, ..., -1 the last
    owners      position of each unit's customer in the log that was asked about; None: its own
    where       only units whose first (`where_at` "start") or last ("end") drawn visit has one of the values
    """

    log: EventLog
    stages: StageMap
    nodes: Nodes
    steps: int
    within: int
    unit: str = "customer"
    direction: str = "forward"
    before: int = 0
    anchors: tuple[int, ...] | None = None
    until: tuple[int, ...] | None = None
    occurrence: int = 1
    repeats: bool = False
    where: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    where_at: str = "whole"
    min_customers: int = 0
    most: int | None = None
    opened: frozenset[int] = frozenset()
    said_anchor: str = ""
    said_until: str = ""
    owners: np.ndarray | None = None

    def customers_of(self, units: np.ndarray) -> np.ndarray:
        """Positions of the units' customers in the log that was asked about, one a unit."""
        return units if self.owners is None else self.owners.take(units)

    def worded(self, code: str) -> str:
        """The catalogue key of a sentence about the units: sessions have their own words."""
        return code if self.unit == "customer" else f"{code}_sessions"

    @property
    def zero(self) -> int:
        """The step of the anchor's visit; without an anchor of the first visit."""
        return 1 if self.direction == "forward" else 0

    @property
    def columns(self) -> range:
        """The drawn steps from left to right: 1, 2, ... forward, ..., -1, 0 backward."""
        if self.direction == "backward":
            return range(1 - self.steps, 1)
        return (
            range(-self.before, self.steps + 1) if self.direction == "through" else range(1, self.steps + 1)
        )

    @property
    def whole(self) -> bool:
        """Are whole journeys from stage to stage drawn, with nothing hidden, joined, split or left out?"""
        changed = self.repeats or self.nodes.plain is not None or bool(self.where)
        return self.nodes.group == "stage" and self.anchors is None and not changed

    @cached_property
    def seen(self) -> Visits:
        """The visits of all units."""
        return visits(self.log, self.stages, self.nodes, repeats=self.repeats)


def picture(
    log: EventLog,
    stages: StageMap,
    *,
    steps: int = 6,
    before: int = 0,
    start: Names | None = None,
    into: Names | None = None,
    through: Names | None = None,
    between: Sequence[Names] | None = None,
    occurrence: int | str | None = None,
    group: str = "stage",
    unit: str = "customer",
    hide: Sequence[str] = (),
    join: Sequence[Names] = (),
    repeats: bool = False,
    expand: Sequence[str] | None = None,
    where: Mapping[str, Sequence[str | None]] | None = None,
    where_at: str = "whole",
    min_customers: int = 0,
    nodes: int | None = None,
    opened: Sequence[int] = (),
    active_within_days: float = 30,
    gap_minutes: float = 30,
) -> Picture:
    """Check a flow's setting, which `analysis.flows` explains.

    In the unit "session" a session is active when its last event is at most the gap away from the end.
    Raises SettingWrong, StageUnknown, and ColumnMissing for an attribute of `where` that the log lacks.
    """
    _check_numbers(steps=steps, before=before, min_customers=min_customers, nodes=nodes, opened=opened)
    if not active_within_days >= 0:
        raise SettingWrong(setting="active_within_days", value=active_within_days, allowed="≥ 0")
    ways = {"start": start, "into": into, "through": through, "between": between}
    chosen = [name for name, value in ways.items() if value is not None]
    if len(chosen) > 1:
        raise SettingWrong(setting=chosen[1], value=ways[chosen[1]], allowed=" | ".join(ways))
    if before and through is None:
        raise SettingWrong(setting="before", value=before, allowed="through")
    if between is not None and (isinstance(between, str) or len(between) != 2):
        raise SettingWrong(setting="between", value=between, allowed="A, B")
    wanted = _values(log, where, where_at)
    # Above a quarter of the window it changes nothing, so a limit keeps "forever" a number of microseconds.
    within = int(min(active_within_days, _LONGEST_DAYS) * DAY)
    if unit == "session":
        within = int(gap_minutes * MINUTE)
    elif unit != "customer":
        raise SettingWrong(setting="unit", value=unit, allowed=["customer", "session"])
    gap = gap_minutes if unit == "session" else None
    log, owners = _units(log, wanted if where_at == "whole" else {}, gap)
    own = _nodes(log, stages, group, hide, join, expand)
    if where_at != "whole":
        own = replace(own, looked_at=tuple(sorted(wanted)))
    anchor = between[0] if between is not None else next((ways[name] for name in chosen), None)
    until = None if between is None else between[1]
    return Picture(
        log=log,
        stages=stages,
        nodes=own,
        steps=int(steps),
        within=within,
        unit=unit,
        direction="backward" if into is not None else "through" if through is not None else "forward",
        before=int(before),
        anchors=_codes(own, stages, anchor, (chosen or [""])[0]),
        until=_codes(own, stages, until, "between"),
        occurrence=_occurrence(occurrence, into is not None),
        repeats=bool(repeats),
        where=wanted if where_at != "whole" else {},
        where_at=where_at,
        min_customers=min_customers,
        most=nodes,
        opened=frozenset(int(step) for step in opened),
        said_anchor=_said(own, stages, anchor),
        said_until=_said(own, stages, until),
        owners=owners,
    )


def _units(
    log: EventLog, where: Mapping[str, Sequence[str | None]], gap_minutes: float | None
) -> tuple[EventLog, np.ndarray | None]:
    """The log of what is followed, and of each unit the position of its customer in the log asked about."""
    if not where and gap_minutes is None:
        return log, None
    # The filters of the question begin with this log, whatever those of the page have left out before.
    own = replace(log, origin=None, lineage=log.fingerprint)
    for name, values in where.items():
        own = own.where(name, values)
    if gap_minutes is not None:
        own = own.by_session(gap_minutes)
    owners = own.origin
    if log.origin is None:
        return own, owners
    return replace(own, origin=log.origin if owners is None else log.origin.take(owners)), owners


# The parameter `nodes` of a flow is how many are drawn.
_nodes_of: Callable[..., Nodes] = nodes


def _nodes(
    log: EventLog,
    stages: StageMap,
    group: str,
    hide: Sequence[str],
    join: Sequence[Names],
    expand: Sequence[str] | None,
) -> Nodes:
    own = _nodes_of(log, stages, group)
    return regrouped(own, log, stages, hide=hide, join=join, expand=expand)


def _check_numbers(
    *, steps: Any, before: Any, min_customers: float, nodes: int | None, opened: Sequence[int]
) -> None:
    if not _whole(steps) or not 1 <= steps <= MOST_STEPS:
        raise SettingWrong(setting="steps", value=steps, allowed=f"1–{MOST_STEPS}")
    if not _whole(before) or not 0 <= before <= MOST_STEPS:
        raise SettingWrong(setting="before", value=before, allowed=f"0–{MOST_STEPS}")
    if not min_customers >= 0:
        raise SettingWrong(setting="min_customers", value=min_customers, allowed="≥ 0")
    if nodes is not None and not nodes >= 1:
        raise SettingWrong(setting="nodes", value=nodes, allowed="≥ 1")
    if isinstance(opened, str) or not all(_whole(step) for step in opened):
        raise SettingWrong(setting="opened", value=opened, allowed="…, -1, 0, 1, 2, …")


def _whole(number: Any) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _occurrence(written: int | str | None, backward: bool) -> int:
    if written is None:
        return _LAST if backward else 1
    if written in ("first", "last"):
        return 1 if written == "first" else _LAST
    if not _whole(written) or int(written) < 1:
        raise SettingWrong(setting="occurrence", value=written, allowed="first, last, 1, 2, 3, …")
    return int(written)


def _values(
    log: EventLog, where: Mapping[str, Sequence[str | None]] | None, where_at: str
) -> Mapping[str, Sequence[str | None]]:
    if where_at not in ("whole", "start", "end"):
        raise SettingWrong(setting="where_at", value=where_at, allowed=["whole", "start", "end"])
    for name in where or {}:
        if name not in log.attributes:
            raise ColumnMissing(name=name, have=list(log.attributes), near="")
    return dict(where or {})


def _names(written: Any) -> list[str]:
    return [written] if isinstance(written, str) else list(written)


def _codes(own: Nodes, stages: StageMap, written: Any, setting: str) -> tuple[int, ...] | None:
    """The codes of the nodes that are named; None where none is asked for."""
    if written is None:
        return None
    if not _names(written):
        raise SettingWrong(setting=setting, value="", allowed=list(own.names))
    return tuple(dict.fromkeys(code for name in _names(written) for code in own.codes_of(name, stages)))


def _said(own: Nodes, stages: StageMap, written: Any) -> str:
    """The named nodes as they are drawn, for a sentence."""
    if written is None:
        return ""
    return " / ".join(dict.fromkeys(own.called(name, stages) for name in _names(written)))
