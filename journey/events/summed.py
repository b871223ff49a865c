"""Results of an experiment whose units were summed before: numbers and means of arms, day by day or not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cells import Cells, moments, numbers_of, texts_of
from journey.events.cleaned import Cleaned
from journey.events.encode import Encoded
from journey.events.kinds import TableChoice
from journey.events.summed_names import Measure, measures, says_cumulative, says_share
from journey.findings import Finding
from journey.sources.raw_table import RawTable

__all__ = ["SUMS", "summed"]

# The columns of table "sums"; further ones are attributes as text, of whose values each row is one.
#
#   experiment, arm, metric  text; the metric as the file calls it
#   time        the instant or day that the row is about, null where the file has none
#   day         days since the beginning of the test, where the file counts so; null else
#   cumulative  does the row sum all up to its time, and not only one day or period of it?
#   n           units
#   x           the sum of the metric over these units: n times the mean, or to how many it happened
#   xx          the sum of its squares, (n - 1) variance + n mean^2; null where nothing tells the spread.
#               Equal to x for what happened to a unit or did not.
SUMS = pa.schema(
    [
        ("experiment", pa.large_string()),
        ("arm", pa.large_string()),
        ("metric", pa.large_string()),
        ("time", pa.timestamp("us", "UTC")),
        ("day", pa.float64()),
        ("cumulative", pa.bool_()),
        ("n", pa.float64()),
        ("x", pa.float64()),
        ("xx", pa.float64()),
    ]
)
# How many times a group must have before their order can tell that they are cumulative, and how often they
# may go down: a few units are taken out of a test later.
_FEWEST_TIMES, _GOES_DOWN = 4, 0.05
# How far a variance may be from that of a share with the same mean, of what it is.
_LIKE_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class _Read:
    """The rows of one measure: which of the file they are, and what they sum up."""

    measure: Measure
    rows: np.ndarray
    n: np.ndarray
    x: np.ndarray
    xx: np.ndarray


def summed(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "sums" (see SUMS): a row for each row of the file, arm and metric that it tells of.

    Metrics stand in rows (a column of their names) or in columns, arms in rows or in the names of columns
    (count_c and count_t, 대조군_방문자수), or both: then the column of arms names that beside the control,
    whose numbers are taken once where several arms share them. Rows without units say nothing. A share is
    a number of units to whom something happened, or a mean that is called a rate or has the variance of one.
    """
    cells = Cells(raw, choice)
    arm, of, which = cells.texts("arm"), cells.texts("experiment"), cells.texts("metric")
    times, elapsed = cells.times(), cells.amounts("elapsed")
    attributes = cells.attributes(SUMS.names)
    found, left = measures(choice.roles)
    if left:
        cells.notes.append(Finding("tables.sums_apart", {"columns": list(left)[:5], "n": len(left)}))
    read = [_read(cells, one, which) for one in found]
    known = np.zeros(len(cells.reason), dtype=bool)
    for one in read:
        known[one.rows] = True
    if arm is not None:
        known &= arm.codes >= 0
    cells.leave_out("no_value", ~known)
    cells.leave_out_duplicates()
    used = np.zeros(len(known), dtype=bool)
    used[cells.used_rows("no_value")] = True
    read = [_kept(one, used[one.rows]) for one in read]

    rows = np.concatenate([one.rows for one in read])
    # As in the file: the measures of a row one after the other.
    inorder = np.argsort(rows, kind="stable")
    rows = rows[inorder]
    of_measure = np.repeat(np.arange(len(read)), [len(one.rows) for one in read])[inorder]
    n, x, xx = (np.concatenate([getattr(one, name) for one in read])[inorder] for name in ("n", "x", "xx"))
    table = {
        "experiment": texts_of(of, rows),
        "arm": _arms(found, of_measure, arm, rows),
        "metric": _metrics(found, of_measure, which, rows),
        "time": moments(None if times is None else times.values, rows),
        "day": numbers_of(elapsed, rows),
    }
    table |= {
        "cumulative": pa.nulls(len(rows), pa.bool_()),
        "n": pa.array(n),
        "x": pa.array(x),
        "xx": pa.array(xx, mask=np.isnan(xx)),
    }
    made = pa.table(table | {name: texts_of(one, rows) for name, one in attributes.items()})
    made = _shared_once(made, np.array([one.is_control for one in found])[of_measure], arm is not None)
    cumulative = _is_cumulative(made, choice)
    place = made.column_names.index("cumulative")
    made = made.set_column(place, "cumulative", pa.repeat(pa.scalar(cumulative), made.num_rows))
    if cumulative:
        cells.notes.append(Finding("tables.sums_cumulative"))
    _note_spreads(cells, made)
    return cells.done("experiment", {"sums": made})


# ---- numbers ----------------------------------------------------------------------------------------------


def _read(cells: Cells, measure: Measure, which: Encoded | None) -> _Read:
    """n, x and xx of each row that tells of this measure."""
    n = cells.numbers(measure.units).values
    kinds = np.zeros(len(n), dtype=np.int64) if which is None else which.codes.astype(np.int64) + 1
    if measure.total is not None:
        x, xx = cells.numbers(measure.total).values, np.full(len(n), np.nan)
    elif measure.converted is not None:
        x, xx = _converted(cells, measure.converted, n)
    else:
        assert measure.mean is not None
        x, xx = _means(cells, measure, n, kinds)
    x, xx = np.where(n == 0, 0.0, x), np.where(n == 0, 0.0, xx)
    rows = np.flatnonzero((n >= 0) & ~np.isnan(x) & ((kinds > 0) | (which is None)))
    return _Read(measure, rows, n[rows], x[rows], xx[rows])


def _converted(cells: Cells, column: str, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """To how many it happened; percentages are shares of the units."""
    found = cells.numbers(column)
    x = found.values * n if found.percent else found.values
    more = (n >= 0) & ((x > n) | (x < 0))
    if more.any():
        # More clicks than visitors: a number that each unit may have several of, and no share.
        cells.notes.append(Finding("tables.sums_more", {"column": column, "n": int(more.sum())}))
        return x, np.full(len(x), np.nan)
    return x, x.copy()


def _means(cells: Cells, measure: Measure, n: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sums behind means, and the sums of squares behind their spread."""
    assert measure.mean is not None
    found = cells.numbers(measure.mean)
    mean = found.values
    is_rate = says_share(measure.mean) or found.percent > 0
    if is_rate and "%" in measure.mean and not found.percent:
        mean = mean / 100
    x = n * mean
    possible = (mean >= 0) & (mean <= 1)
    if measure.spread is None:
        are_shares = is_rate and (possible | np.isnan(mean)).all()
        return x, x.copy() if are_shares else np.full(len(x), np.nan)
    spread = cells.numbers(measure.spread).values
    variance = spread if measure.is_variance else np.square(spread)
    variance = np.where(spread < 0, np.nan, variance)
    xx = (n - 1) * variance + n * np.square(mean)
    # One unit alone has no variance, and its square is known.
    xx = np.where(n == 1, np.square(mean), xx)
    told = (n > 1) & ~np.isnan(variance) & ~np.isnan(mean)
    share = mean * (1 - mean)
    alike = np.isclose(variance, share, rtol=_LIKE_SHARE, atol=0)
    alike |= np.isclose(variance * (n - 1), share * n, rtol=_LIKE_SHARE, atol=0)
    unlike = np.unique(kinds[told & ~(possible & alike)])
    is_share = np.isin(kinds, np.setdiff1d(np.unique(kinds[told]), unlike)) & possible
    return x, np.where(is_share, x, xx)


def _note_spreads(cells: Cells, made: pa.Table) -> None:
    """Which metrics cannot be tested at all, and how many sums of the others cannot."""
    lacking = made["xx"].is_null()
    every = made["metric"].unique().to_pylist()
    told = set(made.filter(pc.invert(lacking))["metric"].unique().to_pylist())
    never = [name for name in every if name not in told]
    if never:
        cells.notes.append(Finding("tables.sums_no_spread", {"metrics": never[:5], "n": len(never)}))
    some = pc.sum(
        pc.and_(lacking, pc.is_in(made["metric"], pa.array(sorted(told), pa.large_string())))
    ).as_py()
    if some:
        cells.notes.append(Finding("tables.sums_spread_missing", {"n": some}))


def _kept(read: _Read, used: np.ndarray) -> _Read:
    return _Read(read.measure, read.rows[used], read.n[used], read.x[used], read.xx[used])


def _is_cumulative(table: pa.Table, choice: TableChoice) -> bool:
    """Do the units of each arm hardly ever become fewer in time, or does a name or the owner say so?"""
    if choice.cumulative is not None:
        return choice.cumulative
    if any(says_cumulative(name) for name in choice.columns):
        return True
    frame = table.to_pandas()
    at = frame["day"].where(frame["day"].notna(), frame["time"].astype("int64").where(frame["time"].notna()))
    if at.isna().any():
        return False
    groups = [name for name in frame if name not in ("time", "day", "cumulative", "n", "x", "xx")]
    inorder = frame.assign(at=at).sort_values("at", kind="stable")
    steps = inorder.groupby(groups, dropna=False, sort=False)["n"].diff()
    times = inorder.groupby(groups, dropna=False, sort=False)["at"].nunique()
    if not (times >= _FEWEST_TIMES).any():
        return False
    known = steps.dropna()
    return bool((known < 0).mean() <= _GOES_DOWN and (known > 0).any())


# ---- words ------------------------------------------------------------------------------------------------


def _arms(
    found: tuple[Measure, ...], of_measure: np.ndarray, arm: Encoded | None, rows: np.ndarray
) -> pa.LargeStringArray:
    """The arm of each row: what a column says, what the names of columns say, or both."""
    said = texts_of(arm, rows)
    labels = [one.arm for one in found]
    if all(label is None for label in labels):
        return said
    named = pa.array(labels, pa.large_string()).take(pa.array(of_measure))
    if arm is None:
        return named
    others = {one.arm for one in found if not one.is_control}
    if len(others) < len(set(labels)) and len(others) == 1:
        control = np.array([one.is_control for one in found])[of_measure]
        return pc.if_else(pa.array(control), named, said)
    return pc.binary_join_element_wise(said, named, " ")


def _metrics(
    found: tuple[Measure, ...], of_measure: np.ndarray, which: Encoded | None, rows: np.ndarray
) -> pa.LargeStringArray:
    """The metric of each row: what a column says, what the names of columns say, or both."""
    plain = pa.array([one.metric for one in found], pa.large_string()).take(pa.array(of_measure))
    if which is None:
        return plain
    said = texts_of(which, rows)
    if len({one.metric for one in found}) == 1:
        return said
    return pc.binary_join_element_wise(said, plain, " ")


def _shared_once(table: pa.Table, control: np.ndarray, has_arms: bool) -> pa.Table:
    """The numbers of a control that stand beside each of several arms, once."""
    if not has_arms or not control.any():
        return table
    again = table.to_pandas().duplicated().to_numpy() & control
    return table.filter(pa.array(~again))
