"""One file, understood: its typed tables, its own log, and which rows could not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from journey.events.log import EventLog
from journey.findings import Finding

__all__ = ["REASONS", "Cleaned"]

# Why a row of a file is not used, by its code in `Cleaned.reason`.
REASONS = ("used", "total", "no_customer", "no_event", "no_time", "no_value", "duplicate")


@dataclass(frozen=True, eq=False)
class Cleaned:
    """What one file of a `kind` says.

    `tables` are typed and named as `events.clean` documents for each kind; events have none of their own,
    their `log` is all. `log` is there for events and orders. `customer_ids` are the distinct ids of the used
    rows, ascending in code-point order. `reason` has one code a row of the file (see REASONS; 0 is used);
    rows that could not even be split into fields are not among them (`RawTable.rejected` counts those).
    """

    kind: str
    tables: Mapping[str, pa.Table]
    log: EventLog | None
    customer_ids: pa.LargeStringArray
    reason: np.ndarray
    notes: tuple[Finding, ...] = field(default=())

    @property
    def rows(self) -> int:
        """How many rows the file has, used or not."""
        return len(self.reason)

    @property
    def used(self) -> int:
        """How many of them are used."""
        return int((self.reason == 0).sum())
