"""Sums over the units of each arm and metric, from which every comparison of arms is made; they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # units propose plans from sums, which these are
    from journey.aggregates.arm_units import ArmUnits, Measured

__all__ = ["ArmSums", "arm_sums", "segment_sums"]

# So many cells of segments at once are counted in one pass; with more, each segment has a pass of its own.
_MOST_CELLS = 1 << 15


@dataclass(frozen=True, eq=False)
class ArmSums:
    """Sums over units of shape (groups, arms, metrics); those of parts with disjoint units add up.

    n, x, xx       units with a value, their values and squares; of a ratio x is the number above
    y, yy, xy      of a ratio the number below, its squares, and the products; 0 for other metrics
    b, bb, xb, yb  what was known before of the units with a value, and the products with x and y; 0 without
    n_missing      units without a value
    """

    n: np.ndarray
    x: np.ndarray
    xx: np.ndarray
    y: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    b: np.ndarray
    bb: np.ndarray
    xb: np.ndarray
    yb: np.ndarray
    n_missing: np.ndarray

    def __add__(self, other: ArmSums) -> ArmSums:
        return ArmSums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def __getitem__(self, groups: int | slice | np.ndarray) -> ArmSums:
        """The same of some groups; of one group it keeps its axis."""
        rows = slice(groups, groups + 1) if isinstance(groups, int) else groups
        return ArmSums(*(getattr(self, one.name)[rows] for one in fields(self)))

    @property
    def n_groups(self) -> int:
        return len(self.n)

    def whole(self) -> ArmSums:
        """All groups together, as one."""
        return ArmSums(*(getattr(self, one.name).sum(axis=0, keepdims=True) for one in fields(self)))

    def running(self) -> ArmSums:
        """Each group together with all before it: of days, what was known at the end of each."""
        return ArmSums(*(np.cumsum(getattr(self, one.name), axis=0) for one in fields(self)))


def arm_sums(units: ArmUnits, by: np.ndarray | None = None, n_groups: int = 1) -> ArmSums:
    """Add up the units by group, arm and metric; `by` is each unit's group, below 0 for none."""
    n_arms = len(units.arms)
    if by is None:
        cells = units.arm.astype(np.int64)
        kept = None
    else:
        cells = by * np.int64(n_arms) + units.arm
        kept = np.flatnonzero(by >= 0) if (by < 0).any() else None
        cells = cells if kept is None else cells.take(kept)
    shape = (n_groups, n_arms, len(units.measured))
    made = {
        one.name: np.zeros(shape, np.int64 if one.name.startswith("n") else float) for one in fields(ArmSums)
    }
    counts = np.bincount(cells, minlength=n_groups * n_arms)
    for at, measured in enumerate(units.measured):
        for name, sums in _sums(measured, cells, kept, counts).items():
            made[name][:, :, at] = sums.reshape(n_groups, n_arms)
    return ArmSums(**made)


def segment_sums(units: ArmUnits, names: Sequence[str]) -> Mapping[str, ArmSums]:
    """The sums by value of each of these segments; a last group holds the units without a value."""
    sizes = [len(units.segments[name][1]) + 1 for name in names]
    if not names:
        return {}
    if prod(sizes) * len(units.arms) > _MOST_CELLS:
        return {
            name: arm_sums(units, _with_missing(units, name), size)
            for name, size in zip(names, sizes, strict=True)
        }
    cell = np.zeros(len(units), dtype=np.int64)
    for name, size in zip(names, sizes, strict=True):
        cell *= size
        cell += _with_missing(units, name)
    fine = arm_sums(units, cell, prod(sizes))
    made = {}
    for at, name in enumerate(names):
        axes = tuple(axis for axis in range(len(sizes)) if axis != at)

        def margin(values: np.ndarray, axes: tuple[int, ...] = axes) -> np.ndarray:
            whole: np.ndarray = values.reshape(*sizes, *values.shape[1:]).sum(axis=axes)
            return whole

        made[name] = ArmSums(*(margin(getattr(fine, one.name)) for one in fields(ArmSums)))
    return made


def _with_missing(units: ArmUnits, name: str) -> np.ndarray:
    codes, values = units.segments[name]
    return np.where(codes < 0, len(values), codes) if (codes < 0).any() else codes


def _sums(
    measured: Measured, cells: np.ndarray, kept: np.ndarray | None, counts: np.ndarray
) -> dict[str, np.ndarray]:
    def of(values: np.ndarray) -> np.ndarray:
        return values if kept is None else values.take(kept)

    x, n_cells = of(measured.values), len(counts)
    some = x == x
    n, cell, there = counts, cells, None
    if not some.all():
        there = np.flatnonzero(some)
        cell, x = cells.take(there), x.take(there)
        n = np.bincount(cell, minlength=n_cells)

    def others(values: np.ndarray) -> np.ndarray:
        return of(values) if there is None else of(values).take(there)

    def added(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values, n_cells)

    first = added(x)
    is_flag = measured.metric.kind in ("conversion", "retention")
    made = {"n": n, "n_missing": counts - n, "x": first, "xx": first if is_flag else added(x * x)}
    y = None
    if measured.below is not None:
        y = others(measured.below)
        made |= {"y": added(y), "yy": added(y * y), "xy": added(x * y)}
    if measured.before is not None:
        b = others(measured.before)
        made |= {"b": added(b), "bb": added(b * b), "xb": added(x * b)}
        made |= {"yb": added(y * b)} if y is not None else {}
    return made
