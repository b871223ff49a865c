"""From a table whose columns are chosen to what a project keeps of it."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from journey.events.clean import cleaned
from journey.events.kinds import TableChoice
from journey.events.privacy import masked_raw, without_number
from journey.events.quality import quality, rejected
from journey.projects.incoming import Incoming
from journey.projects.kept_reading import KeptReading
from journey.sources.how import How
from journey.sources.raw_table import RawTable

__all__ = ["arriving", "as_parquet", "is_seen_whole"]


def arriving(
    raw: RawTable, choice: TableChoice, name: str, source: Path | bytes, how: How, upload: str
) -> Incoming:
    """The table masked, as its `choice` says, and cleaned; `source` is what is kept of it."""
    made = cleaned(masked_raw(raw, choice), choice, now=dt.datetime.now(dt.UTC))
    card, left = quality(raw, made, choice=choice), rejected(raw, made)
    return Incoming(
        name=without_number(name),
        source=source,
        choice=choice,
        made=made,
        how=_without_numbers(how),
        columns=tuple(map(str, raw.frame.columns)),
        rejected=left if left.num_rows else None,
        upload=upload,
        quality={name: getattr(card, name) for name in ("repaired", "dropped", "odd", "told")},
        reading=KeptReading.of(raw),
    )


def is_seen_whole(raw: RawTable) -> bool:
    """Was everything that is in the file looked at? Only then may it be kept byte for byte.

    What nobody has looked at may hold resident numbers: other files of a zip, other sheets and comments of a
    workbook, the lines above the header, torn rows beyond the first thousand.
    """
    return (
        raw.kind == "csv"
        and not raw.parts
        and raw.header_line <= 1
        and raw.rejected == len(raw.rejected_rows)
    )


def as_parquet(raw: RawTable) -> bytes:
    """The table as it is kept where the file itself may not be."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(raw.frame, preserve_index=False), sink, compression="zstd")
    return sink.getvalue()


def _without_numbers(how: How) -> How:
    """A part or a sheet may bear a resident number in its name, which then is not kept either."""
    part, sheet = (said and without_number(said) for said in (how.part, how.sheet))
    return replace(how, part=part, sheet=sheet)
