"""An experiment whose units were summed before: sums of its arms as a whole, by look and by segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.arm_labels import arm_labels
from journey.aggregates.arm_sums import ArmSums
from journey.aggregates.metric_guesses import guessed_sums
from journey.aggregates.records import named_experiments, own_name
from journey.errors import ColumnMissing, MetricUnfit
from journey.events.other_tables import OtherTables
from journey.events.summed import SUMS
from journey.stages.experiment_plan import LONGEST_NAME, Arm, Metric, Plan

__all__ = ["SummedArms", "proposed_sums", "summed_arms"]

_MOST_LOOKS = 200
_NUMBERS = ("n", "x", "xx")
_NAMELESS = ""


@dataclass(frozen=True, eq=False)
class SummedArms:
    """Sums of the arms of one experiment, the control first, by the metrics of its plan.

    whole      one group: all units, as they were at the last look
    looked     all units up to each look, (looks, arms, metrics); None where the file has no times
    look_days  the day of each look (date), or the days since the beginning where the file counts these
    segments   by attribute: its values in code-point order, and the whole of each (values, arms, metrics)
    assigned   units of each arm: of its metrics the most
    left_out   "unknown_arm": units in arms that are not of the plan
    merged     (label, other spellings) that were taken for one arm
    Where nothing tells the spread of a metric, xx is NaN; of ratios xy always is.
    """

    arms: tuple[Arm, ...]
    metrics: tuple[Metric, ...]
    whole: ArmSums
    looked: ArmSums | None
    look_days: tuple[dt.date | float, ...]
    segments: Mapping[str, tuple[tuple[str, ...], ArmSums]]
    assigned: np.ndarray
    left_out: Mapping[str, int]
    merged: tuple[tuple[str, tuple[str, ...]], ...] = ()


def summed_arms(plan: Plan, tables: OtherTables, zone: str = "Asia/Seoul") -> SummedArms:
    """Read the sums of a plan whose source is "sums".

    Of cumulative rows the last one of an arm, metric and segment is the whole, and those before it are the
    looks; other rows are added up. Raises ExperimentMissing, ColumnMissing for a metric that the file lacks,
    and MetricUnfit for a metric that is no column.
    """
    rows = _rows(tables, plan.source["sums"])
    columns = [_sides(metric) for metric in plan.metrics]
    known = rows["metric"].unique().tolist()
    for name in (name for sides in columns for name in sides):
        if name not in known:
            raise ColumnMissing(name=name, have=known, near="")
    sizes = rows.groupby("arm", sort=False)["n"].max()
    labels = arm_labels(list(sizes.index), sizes.to_numpy().astype(np.int64), plan.arms)
    place = dict(zip(sizes.index, labels.place.tolist(), strict=True))
    rows = rows.assign(place=rows["arm"].map(place).astype(np.int64))
    strange = rows[rows["place"] >= len(labels.arms)]
    rows = rows[rows["place"] < len(labels.arms)]
    at = np.unique(rows["at"].dropna().to_numpy())
    at = at[np.unique(np.linspace(0, len(at) - 1, min(len(at), _MOST_LOOKS)).astype(int))] if len(at) else at

    def sums(some: pd.DataFrame, looks: np.ndarray | None = None) -> ArmSums:
        cubes = {
            name: _cubes(some[some["metric"] == name], len(labels.arms), looks) for name in _names(columns)
        }
        return _joined(cubes, columns)

    whole = sums(rows)
    texts = [name for name in map(str, rows) if name not in _OWN]
    return SummedArms(
        arms=labels.arms,
        metrics=plan.metrics,
        whole=whole,
        looked=sums(rows, at) if len(at) else None,
        look_days=_days(at, bool(rows["is_date"].any()), zone),
        segments={name: _by_value(rows, name, sums) for name in texts if rows[name].notna().any()},
        assigned=whole.n[0].max(axis=1, initial=0),
        left_out={"unknown_arm": _units(_last(strange))},
        merged=labels.merged,
    )


def proposed_sums(tables: OtherTables) -> tuple[Plan, ...]:
    """A plan for each experiment that there are sums of, in the order of the files."""
    return tuple(_proposed(tables, name) for name in named_experiments(tables.sums))


def _proposed(tables: OtherTables, name: str | None) -> Plan:
    rows = _rows(tables, name)
    sizes = rows.groupby("arm", sort=False)["n"].max()
    by_metric = {
        str(metric): (mine["n"].to_numpy(), mine["x"].to_numpy(), mine["xx"].to_numpy())
        for metric, mine in rows.groupby("metric", sort=False)
    }
    return Plan(
        name=(name or _NAMELESS)[:LONGEST_NAME],
        source={"sums": name},
        arms=arm_labels(list(sizes.index), sizes.to_numpy().astype(np.int64)).arms,
        metrics=guessed_sums(by_metric),
    )


# ---- rows -------------------------------------------------------------------------------------------------

_OWN = frozenset((*SUMS.names, "at", "is_date", "file", "place"))


def _rows(tables: OtherTables, name: str | None) -> pd.DataFrame:
    """The rows of an experiment, each with its file and its time (`at`: days, or microseconds)."""
    name = own_name(tables.sums, name)
    parts = []
    for number, table in enumerate(tables.sums):
        of = table.column("experiment")
        mine = pc.is_null(of) if name is None else pc.fill_null(pc.equal(of, name), False)
        mine = table.filter(pc.and_(mine, pc.is_valid(table.column("arm"))))
        frame = mine.to_pandas()
        instants = mine.column("time").cast(pa.int64()).cast(pa.float64()).to_pandas()
        dated = bool(instants.notna().any())
        at = instants.to_numpy() if dated else frame["day"].to_numpy()
        parts.append(frame.assign(at=at, is_date=dated, file=number))
    return pd.concat(parts, ignore_index=True)


def _sides(metric: Metric) -> tuple[str, ...]:
    """The columns of a metric: one, of a ratio that above and that below."""
    sides: Sequence[Mapping[str, Any]] = (
        (metric.of["above"], metric.of["below"]) if metric.kind == "ratio" else (metric.of,)
    )
    if not all("column" in side for side in sides):
        raise MetricUnfit(reason="sums")
    return tuple(str(side["column"]) for side in sides)


def _names(columns: Sequence[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(name for sides in columns for name in sides))


def _series(rows: pd.DataFrame) -> list[str]:
    """What tells rows apart that are not looks of the same units."""
    return ["file", "arm", "metric", *(name for name in map(str, rows) if name not in _OWN)]


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose sum is the whole: all but those of which a later one has all units too."""
    if not len(rows):
        return rows
    latest = rows.groupby(_series(rows), dropna=False, sort=False)["at"].transform("max")
    return rows[~rows["cumulative"].astype(bool) | rows["at"].isna() | (rows["at"] == latest)]


def _units(rows: pd.DataFrame) -> int:
    """How many units these arms have: of each one's metrics the most."""
    return int(rows.groupby(["arm", "metric"])["n"].sum().groupby("arm").max().sum())


def _cubes(rows: pd.DataFrame, n_arms: int, looks: np.ndarray | None) -> dict[str, np.ndarray]:
    """n, x and xx of one metric, of shape (looks, arms); without looks of shape (1, arms)."""
    if looks is None:
        return _added(_last(rows), np.zeros(len(_last(rows)), dtype=np.int64), 1, n_arms)
    # What came between two looks that are kept belongs to the later one.
    undated = rows["at"].isna()
    look = np.searchsorted(looks, rows["at"].fillna(looks[0]).to_numpy())
    rolling = rows["cumulative"].astype(bool).to_numpy() & ~undated.to_numpy()
    each = _added(rows[~rolling], look[~rolling], len(looks), n_arms)
    made = {name: np.cumsum(values, axis=0) for name, values in each.items()}
    moving = rows[rolling].assign(look=look[rolling]).sort_values("at", kind="stable")
    moving = moving.drop_duplicates([*_series(rows), "look"], keep="last")
    for _, mine in moving.groupby(_series(rows), dropna=False, sort=False):
        # The last row at or before each look; before the first one nobody was there.
        reached = np.searchsorted(mine["look"].to_numpy(), np.arange(len(looks)), side="right")
        for name in _NUMBERS:
            made[name][:, int(mine["place"].iloc[0])] += np.append(0.0, mine[name]).take(reached)
    return made


def _added(rows: pd.DataFrame, look: np.ndarray, n_looks: int, n_arms: int) -> dict[str, np.ndarray]:
    cells = look * n_arms + rows["place"].to_numpy()

    def added(name: str) -> np.ndarray:
        found = np.bincount(cells, rows[name].to_numpy(dtype=float), n_looks * n_arms)
        return found.astype(float).reshape(n_looks, n_arms)

    return {name: added(name) for name in _NUMBERS}


def _joined(cubes: Mapping[str, Mapping[str, np.ndarray]], columns: Sequence[tuple[str, ...]]) -> ArmSums:
    """The metrics side by side."""
    shape = next(iter(cubes.values()))["n"].shape if cubes else (1, 0)
    made = {one.name: np.zeros((*shape, len(columns))) for one in fields(ArmSums)}
    for at, sides in enumerate(columns):
        above = cubes[sides[0]]
        for name in _NUMBERS:
            made[name][:, :, at] = above[name]
        if len(sides) > 1:
            below = cubes[sides[1]]
            made["y"][:, :, at], made["yy"][:, :, at] = below["x"], below["xx"]
            made["xy"][:, :, at] = np.nan
    for name in ("n", "n_missing"):
        made[name] = made[name].astype(np.int64)
    return ArmSums(**made)


def _by_value(rows: pd.DataFrame, name: str, sums: Any) -> tuple[tuple[str, ...], ArmSums]:
    values = tuple(sorted(rows[name].dropna().unique().tolist()))
    parts = [sums(rows[rows[name] == value]) for value in values]
    stacked = (np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(ArmSums))
    return values, ArmSums(*stacked)


def _days(at: np.ndarray, are_dates: bool, zone: str) -> tuple[dt.date | float, ...]:
    if not are_dates:
        return tuple(float(one) for one in at)
    where = ZoneInfo(zone)
    return tuple(dt.datetime.fromtimestamp(one / 1e6, where).date() for one in at.tolist())
