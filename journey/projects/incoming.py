"""A file on its way into a project, and what the project writes down about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cleaned import Cleaned
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects.data_ref import REASON, REJECTED
from journey.projects.kept_reading import KeptReading
from journey.sources.how import How

__all__ = ["Incoming", "bytes_of", "file_id", "ids_of", "span_of"]


@dataclass(frozen=True, eq=False)
class Incoming:
    """A file that was read, understood and cleaned, to be kept with a project.

    `source` is what is kept: the file as it came (a path is copied in pieces), or, where resident numbers
    were taken out, the table without them as Parquet; `upload` (sha256 of what came) must then be given.
    `columns` are the names in the file. `rejected` are the rows that could not be used. `notes` say what was
    repaired, by default those of `made`; `quality` groups findings as the card about the file shows them.
    `reading` is what else was found as the file was read.
    """

    name: str
    source: Path | bytes
    choice: TableChoice
    made: Cleaned
    how: How = field(default_factory=How)
    columns: tuple[str, ...] = ()
    rejected: pa.Table | None = None
    upload: str = ""
    notes: tuple[Finding, ...] | None = None
    quality: Mapping[str, Sequence[Finding]] = field(default_factory=dict)
    reading: KeptReading | None = None

    @property
    def tables(self) -> dict[str, pa.Table]:
        """All tables that are kept: those of its kind, the rejected rows, and why each row is not used."""
        tables = {**self.made.tables, REASON: pa.table({REASON: pa.array(self.made.reason)})}
        return tables if self.rejected is None else {**tables, REJECTED: self.rejected}


def file_id() -> str:
    """A new name for a file of a project: 12 random hex digits."""
    return secrets.token_hex(6)


def span_of(made: Cleaned) -> tuple[int, int] | None:
    """The first and last instant of what a file says, in microseconds UTC; None where nothing has a time."""
    if made.log is not None:
        return int(made.log.time.min()), int(made.log.time.max())
    times = [table["time"] for table in made.tables.values() if "time" in table.column_names]
    ends = [pc.min_max(time.cast(pa.int64())).as_py() for time in times if time.null_count < len(time)]
    if not ends:
        return None
    return min(end["min"] for end in ends), max(end["max"] for end in ends)


def ids_of(log: EventLog | None, tables: Mapping[str, pa.Table]) -> pa.LargeStringArray:
    """The distinct customer ids of a file's log or, without one, of its tables; in code-point order."""
    if log is not None:
        return log.customer_ids
    columns = [table["customer"] for table in tables.values() if "customer" in table.column_names]
    chunks = [chunk.cast(pa.large_string()) for column in columns for chunk in column.chunks]
    ids = pc.unique(pa.chunked_array(chunks, pa.large_string())).drop_null()
    return ids.take(pc.sort_indices(ids))


def bytes_of(log: EventLog) -> int:
    """About how many bytes a log takes on the disk."""
    columns = [log.offsets, log.event, log.time, *(attribute.codes for attribute in log.attributes.values())]
    columns += [column for column in (log.session, log.amount) if column is not None]
    return sum(column.nbytes for column in columns) + int(log.customer_ids.nbytes)
