"""All that an experiment's answer is counted from: sums of its arms, by look and by segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from journey.aggregates.arm_clusters import wider
from journey.aggregates.arm_figures import ArmFigures, Theta, arm_figures, theta_of
from journey.aggregates.arm_sums import ArmSums, arm_sums, segment_sums
from journey.aggregates.arm_units import ArmUnits
from journey.aggregates.summed_arms import SummedArms
from journey.errors import SettingWrong
from journey.stages.experiment_plan import Arm, Metric, Plan

__all__ = ["ArmEvidence", "Segment", "evidence_of_sums", "evidence_of_units", "primary_first", "rebased"]

_MOST_LOOKS = 200
_MOST_SEGMENTS, _FEWEST_VALUES, _MOST_VALUES = 5, 2, 12


@dataclass(frozen=True, eq=False)
class Segment:
    """One attribute that was known before: its values, and the sums of the primary metric (values, arms, 1).

    assigned  units of (values, arms) that were assigned, observed for long enough or not
    """

    values: tuple[str, ...]
    sums: ArmSums
    assigned: np.ndarray


@dataclass(frozen=True, eq=False)
class ArmEvidence:
    """The arms of an experiment, the control first, and their sums.

    plan       with these arms, and its metrics with the primary one first
    unit       "customer", "session" or "row"
    assigned   units of each arm that were assigned; n those of all arms that count
    whole      one group
    looked     sums of all units up to each look, (looks, arms, metrics); None without times
    look_days  the day of each look, or the time since the start where there are no dates
    by_day     units assigned by (day, arm), for the days `days`; empty without dates
    units      what each unit did; None where only sums are known
    """

    plan: Plan
    unit: str
    assigned: np.ndarray
    n: int
    whole: ArmSums
    theta: Theta
    looked: ArmSums | None
    look_days: tuple[dt.date | float, ...]
    by_day: np.ndarray
    days: tuple[dt.date, ...]
    segments: Mapping[str, Segment]
    units: ArmUnits | None

    @property
    def arms(self) -> tuple[Arm, ...]:
        return self.plan.arms

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return self.plan.metrics

    @property
    def n_last(self) -> int | None:
        """How many of the units came with the last look; None where nothing tells when they came."""
        if self.looked is None or not self.looked.n.size:
            return None
        seen = (self.looked.n + self.looked.n_missing).sum(axis=1)[:, 0]
        return int(seen[-1] - (seen[-2] if len(seen) > 1 else 0))

    @cached_property
    def figures(self) -> ArmFigures:
        """Of all units; adjusted where something is known from before."""
        return arm_figures(self.whole, self.metrics, self.theta)

    @cached_property
    def plain(self) -> ArmFigures:
        """The same without any adjustment."""
        nothing = np.full(len(self.metrics), np.nan)
        return arm_figures(self.whole, self.metrics, Theta(nothing, nothing, self.theta.wider))

    def parts(self, at: int) -> tuple[np.ndarray, ...]:
        """The values of a metric in each arm, ascending, without those that are missing."""
        if self.units is None:
            return ()
        if at not in self._parts:
            self._parts[at] = self.ascending(self.units.measured[at].values)
        return self._parts[at]

    def ascending(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """One value a unit as the values of each arm, as `parts` has them."""
        order, ends = self._by_arm
        parts = (np.sort(part) for part in np.split(values.take(order), ends))
        return tuple(part[: len(part) - np.count_nonzero(np.isnan(part))] for part in parts)

    @cached_property
    def _parts(self) -> dict[int, tuple[np.ndarray, ...]]:
        """What `parts` found before: quantiles, resamples and single units are all read off it."""
        return {}

    @cached_property
    def _by_arm(self) -> tuple[np.ndarray, np.ndarray]:
        """The units arm by arm, and where each arm but the last ends."""
        assert self.units is not None
        arm = self.units.arm
        return np.argsort(arm, kind="stable"), np.cumsum(np.bincount(arm, minlength=len(self.arms)))[:-1]

    @property
    def span(self) -> float:
        """Days from the first exposure to the last one, both with; NaN where nobody knows when they were."""
        if self.units is not None and self.units.day is not None and (self.units.day >= 0).any():
            dated = self.units.day[self.units.day >= 0]
            return float(dated.max() - dated.min() + 1)
        if self.units is not None or not self.look_days:
            return float("nan")
        begin, end = self.look_days[0], self.look_days[-1]
        if isinstance(begin, dt.date) and isinstance(end, dt.date):
            return float((end - begin).days + 1)
        return float(end) if isinstance(end, float) and end > 0 else float("nan")

    @property
    def first(self) -> Theta:
        """The adjustment of the primary metric alone."""
        wider = None if self.theta.wider is None else self.theta.wider[:, :1]
        return Theta(self.theta.slope[:1], self.theta.centre[:1], wider)


def primary_first(metrics: Sequence[Metric], primary: Metric | None) -> tuple[Metric, ...]:
    """The metric that decides before the secondary ones, guardrails at the end."""
    rest = [one for one in metrics if one is not primary]
    rest.sort(key=lambda one: one.role == "guardrail")
    return tuple(rest) if primary is None else (primary, *rest)


def rebased(units: ArmUnits, baseline: str | None) -> ArmUnits:
    """The same units with the arm of that label as control."""
    order = _order([one.label for one in units.arms], baseline)
    place = np.argsort(order).astype(units.arm.dtype)
    everyone = replace(units.everyone, arm=place[units.everyone.arm])
    return replace(units, arms=tuple(units.arms[at] for at in order), arm=place[units.arm], everyone=everyone)


def evidence_of_units(units: ArmUnits, plan: Plan, by: Sequence[str] | None) -> ArmEvidence:
    """Sum up units that were measured by the plan's metrics in their order (more may follow).

    `by` names attributes to look into; None: at most 5 of those with 2 to 12 values.
    """
    metrics = plan.metrics
    measured = units.measured[: len(metrics)]
    units = replace(units, measured=measured)
    whole = arm_sums(units)
    theta = theta_of(whole, metrics, [one.before is not None for one in measured])
    theta = replace(theta, wider=wider(units, theta))
    looked, look_days = _looks(units)
    by_day = units.everyone.by_day()
    days: tuple[dt.date, ...] = ()
    if units.first_day is not None:
        days = tuple(units.first_day + dt.timedelta(days=at) for at in range(len(by_day)))
    return ArmEvidence(
        plan=replace(plan, arms=units.arms),
        unit=units.unit,
        assigned=units.assigned,
        n=len(units),
        whole=whole,
        theta=theta,
        looked=looked,
        look_days=look_days,
        by_day=by_day[: len(days)],
        days=days,
        segments=_segments(units, by),
        units=units,
    )


def evidence_of_sums(
    summed: SummedArms, plan: Plan, baseline: str | None, by: Sequence[str] | None
) -> ArmEvidence:
    """The same of units that were summed before; who was assigned on which day is not known of them."""
    order = _order([one.label for one in summed.arms], baseline)
    whole = _reordered(summed.whole, order)
    looked = None if summed.looked is None else _reordered(summed.looked, order)
    fitting = [name for name, (values, _) in summed.segments.items() if len(values) >= _FEWEST_VALUES]
    first = np.array([0])
    segments = {}
    for name in _chosen(fitting, list(summed.segments), by) if plan.metrics else ():
        values, sums = summed.segments[name]
        alone = ArmSums(*(getattr(_reordered(sums, order), one.name)[..., first] for one in fields(ArmSums)))
        segments[name] = Segment(values, alone, alone.n[..., 0].astype(np.int64))
    assigned = np.rint(summed.assigned[order]).astype(np.int64)
    nothing = np.full(len(plan.metrics), np.nan)
    return ArmEvidence(
        plan=replace(plan, arms=tuple(summed.arms[at] for at in order)),
        unit="row",
        assigned=assigned,
        n=int(assigned.sum()),
        whole=whole,
        theta=Theta(nothing, nothing),
        looked=looked,
        look_days=summed.look_days,
        by_day=np.zeros((0, len(order)), dtype=np.int64),
        days=(),
        segments=segments,
        units=None,
    )


def _order(labels: Sequence[str], baseline: str | None) -> list[int]:
    """The positions of the arms with that one first."""
    if baseline is None:
        return list(range(len(labels)))
    if baseline not in labels:
        raise SettingWrong(setting="baseline", value=baseline, allowed=list(labels))
    first = list(labels).index(baseline)
    return [first, *(at for at in range(len(labels)) if at != first)]


def _reordered(sums: ArmSums, order: Sequence[int]) -> ArmSums:
    return ArmSums(*(getattr(sums, one.name)[:, order] for one in fields(ArmSums)))


def _looks(units: ArmUnits) -> tuple[ArmSums | None, tuple[dt.date | float, ...]]:
    """One look at the end of each day, or of several days where there are very many."""
    if units.day is None or units.first_day is None or not len(units) or units.day.max() < 0:
        return None, ()
    last = int(units.day.max())
    step = -(-(last + 1) // _MOST_LOOKS)
    n_looks = last // step + 1
    codes = np.where(units.day < 0, -1, units.day // step).astype(np.int32)
    sums = arm_sums(units, codes, n_looks).running()
    ends = (min((at + 1) * step - 1, last) for at in range(n_looks))
    return sums, tuple(units.first_day + dt.timedelta(days=end) for end in ends)


def _segments(units: ArmUnits, by: Sequence[str] | None) -> dict[str, Segment]:
    fitting = [
        name
        for name, (codes, names) in units.segments.items()
        if _FEWEST_VALUES <= len(names) <= _MOST_VALUES and codes.max(initial=-1) > 0
    ]
    chosen = _chosen(_apart(units, fitting) if by is None else fitting, list(units.segments), by)
    if not units.measured:
        return {}
    alone = replace(units, measured=units.measured[:1])
    found = segment_sums(alone, chosen)
    return {
        name: Segment(
            units.segments[name][1],
            found[name][: len(units.segments[name][1])],
            units.everyone.by_segment(name),
        )
        for name in chosen
    }


def _apart(units: ArmUnits, names: Sequence[str]) -> list[str]:
    """The attributes without those that part the units as another one does: asked twice, one is a test more.

    Of two the shorter name stays: the same column of a second file is called "name.1".
    """
    sizes = {name: np.bincount(units.segments[name][0] + 1) for name in names}
    like = {name: tuple(np.sort(n[n > 0])) for name, n in sizes.items()}
    kept: list[str] = []
    for name in names:
        twin = next((one for one in kept if like[one] == like[name] and _is_one(units, one, name)), None)
        if twin is None:
            kept.append(name)
        elif len(name) < len(twin):
            kept[kept.index(twin)] = name
    return kept


def _is_one(units: ArmUnits, one: str, other: str) -> bool:
    """Does each value of one attribute stand with one value of the other alone, and missing with missing?"""
    (codes, names), (others, _) = units.segments[one], units.segments[other]
    together = np.unique((codes.astype(np.int64) + 1) + (len(names) + 1) * (others.astype(np.int64) + 1))
    missing, is_missing = together % (len(names) + 1) == 0, together // (len(names) + 1) == 0
    each = len(np.unique(codes)), len(np.unique(others))
    return each == (len(together),) * 2 and bool((missing == is_missing).all())


def _chosen(fitting: Sequence[str], known: Sequence[str], by: Sequence[str] | None) -> list[str]:
    """The attributes to look into: those that were asked for, else the first that fit."""
    if by is None:
        return list(fitting[:_MOST_SEGMENTS])
    for name in by:
        if name not in known:
            raise SettingWrong(setting="by", value=name, allowed=list(known))
    return list(dict.fromkeys(by))
