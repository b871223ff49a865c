"""Are these the same customers? How many of each file are in the others, and what keeps the rest apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cleaned import Cleaned
from journey.events.spellings import spelling
from journey.findings import Finding

__all__ = ["Match", "matches"]


@dataclass(frozen=True)
class Match:
    """How many of the `customers` of one file, and of its `rows` that have a customer, are elsewhere too.

    Elsewhere is the log, for a file that is part of the log all other files, and without any log all others.
    `alone` says that there is no elsewhere. `hint` names the difference in spelling that keeps most of the
    others apart: with it out of the way its `share` of the customers would match.
    """

    customers: int
    matched: int
    rows: int
    rows_matched: int
    alone: bool = False
    hint: Finding | None = None

    @property
    def share(self) -> float | None:
        """Matched customers of all customers of the file; None where there is nothing to match."""
        return None if self.alone or not self.customers else self.matched / self.customers


def matches(parts: Sequence[Cleaned]) -> tuple[Match, ...]:
    """One match a part, in the order of the parts."""
    return tuple(_match(part, _elsewhere(part, parts)) for part in parts)


def _elsewhere(part: Cleaned, parts: Sequence[Cleaned]) -> list[Cleaned]:
    others = [other for other in parts if other is not part]
    logs = [other for other in others if other.log is not None]
    return logs if logs and part.log is None else others


def _match(part: Cleaned, others: Sequence[Cleaned]) -> Match:
    mine = part.customer_ids
    rows = _rows(part)
    if not others:
        return Match(len(mine), 0, int(rows.sum()), 0, alone=True)
    pool = pa.chunked_array([other.customer_ids for other in others], pa.large_string())
    there = pc.is_in(mine, value_set=pool).to_numpy(zero_copy_only=False)
    matched = int(there.sum())
    hint = spelling(mine, pool, matched)
    return Match(len(mine), matched, int(rows.sum()), int(rows[there].sum()), hint=hint)


def _rows(part: Cleaned) -> np.ndarray:
    """How many rows each customer of the part has; of orders, how many orders."""
    if part.log is not None:
        return np.diff(part.log.offsets)
    # A table that hangs on another one, as answers do on responses, names no customer of its own.
    table = next((table for table in part.tables.values() if "customer" in table.column_names), None)
    if table is None:
        return np.zeros(len(part.customer_ids), dtype=np.int64)
    places = pc.index_in(table.column("customer"), value_set=part.customer_ids).drop_null()
    return np.bincount(places.to_numpy(), minlength=len(part.customer_ids))
