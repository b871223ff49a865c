"""Columns of an experiment's file as one number a unit."""

from __future__ import annotations

import numpy as np

from journey.aggregates.exposures import Exposures
from journey.aggregates.records import UNTIMED
from journey.errors import ColumnMissing
from journey.events.encode import Encoded
from journey.stages.experiment_plan import MetricKind

__all__ = ["column_before", "column_values", "segment_codes"]

# Larger numbers count as infinite: their squares could not be added up any more.
_LARGEST = 1e100


def column_values(found: Exposures, name: str, kind: MetricKind) -> tuple[np.ndarray, int]:
    """The outcome of each unit, NaN where its rows have none; and how many values were infinite.

    Several rows of a unit: of yes and no (conversion, retention) any yes, of times the first, else the sum.
    Conversion and retention are 1 for every number above 0. Raises ColumnMissing.
    """
    values, infinite = _finite(found, _column(found, name))
    if kind in ("conversion", "retention"):
        return _any(found, values), infinite
    return (_least(found, values) if kind == "time" else _sum(found, values)), infinite


def column_before(found: Exposures, name: str) -> np.ndarray:
    """What a column says of each unit from before; of several rows the largest number, as each tells all."""
    values, _ = _finite(found, _column(found, name))
    return -_least(found, -values)


def segment_codes(found: Exposures, column: Encoded) -> np.ndarray:
    """The value of each unit as a code (int32, -1 missing): of its rows that have one the first in time.

    Of rows of one time it is the first value in code-point order.
    """
    assert found.unit_of_row is not None and found.records is not None
    codes = np.full(len(found), -1, dtype=np.int32)
    rows = np.flatnonzero((found.unit_of_row >= 0) & (column.codes >= 0))
    who, what = found.unit_of_row.take(rows), column.codes.take(rows)
    codes[who] = what
    if (codes.take(who) != what).any():
        when = found.records.instants().take(rows)
        # A row without a time comes behind those that have one.
        inorder = np.lexsort((what, when, when == UNTIMED, who))[::-1]
        codes[who.take(inorder)] = what.take(inorder)
    return codes


def _column(found: Exposures, name: str) -> np.ndarray:
    if found.records is None or name not in found.records.outcomes:
        have = [] if found.records is None else list(found.records.outcomes)
        raise ColumnMissing(name=name, have=have, near="")
    return found.records.numbers(name)


def _finite(found: Exposures, values: np.ndarray) -> tuple[np.ndarray, int]:
    """A column with infinite numbers as missing ones, and how many they are in the rows of units."""
    infinite = np.flatnonzero(np.abs(values) > _LARGEST)
    if not len(infinite):
        return values, 0
    assert found.unit_of_row is not None
    made = values.copy()
    made[infinite] = np.nan
    return made, int(np.count_nonzero(found.unit_of_row.take(infinite) >= 0))


def _rows(found: Exposures, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The units and values of the rows that have both."""
    assert found.unit_of_row is not None
    rows = np.flatnonzero((found.unit_of_row >= 0) & (values == values))
    if len(rows) == len(values):
        return found.unit_of_row, values
    return found.unit_of_row.take(rows), values.take(rows)


def _alone(found: Exposures, who: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    """The values by unit where no unit has two rows, else None."""
    if found.duplicates:
        return None
    made = np.empty(len(found)) if len(who) == len(found) else np.full(len(found), np.nan)
    made[who] = values
    return made


def _any(found: Exposures, values: np.ndarray) -> np.ndarray:
    who, some = _rows(found, values)
    made = _alone(found, who, (some > 0).astype(float))
    if made is None:
        made = np.full(len(found), np.nan)
        made[who] = 0.0
        made[who.compress(some > 0)] = 1.0
    return made


def _sum(found: Exposures, values: np.ndarray) -> np.ndarray:
    who, some = _rows(found, values)
    made = _alone(found, who, some)
    if made is None:
        # In order of size, so that the sum does not hang on the order of the rows.
        inorder = np.lexsort((some, who))
        made = np.bincount(who.take(inorder), some.take(inorder), len(found)).astype(float)
        made[np.bincount(who, minlength=len(found)) == 0] = np.nan
    return made


def _least(found: Exposures, values: np.ndarray) -> np.ndarray:
    who, some = _rows(found, values)
    made = _alone(found, who, some)
    if made is None:
        made = np.full(len(found), np.inf)
        np.minimum.at(made, who, some)
        made[np.isinf(made)] = np.nan
    return made
