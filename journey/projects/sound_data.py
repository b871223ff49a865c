"""Are the tables and logs of an exported project such as this app would have made?

Their bytes are what the export says, but anybody may have made the export. What a page relies on is looked
at here; whether a table says what its raw file says is not: see docs/adr/0013-portable-file.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from journey.errors import FileTooLarge, Misuse, ProjectDamaged, ProjectFileWrong
from journey.events.build import check_zone
from journey.events.cleaned import REASONS
from journey.events.log import EventLog
from journey.events.summed import SUMS
from journey.projects.data_files import DataFiles, digest_of
from journey.projects.data_ref import REASON, REJECTED, DataRef, FileRef
from journey.projects.portable_form import is_instant
from journey.projects.written_findings import can_be_said
from journey.sources.limits import Limits

__all__ = ["check_data"]

_TEXT, _NUMBER, _WHOLE = pa.large_string(), pa.float64(), pa.int64()
_MOMENT = pa.timestamp("us", "UTC")
# The tables that a file of a kind has beside its log; results of an experiment may be summed already.
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "events": (),
    "orders": ("orders", "lines"),
    "survey": ("responses", "answers"),
    "reviews": ("reviews",),
    "experiment": ("records",),
    "customers": ("customers",),
}
_WITH_LOG = ("events", "orders")
# The columns that a table begins with; further ones bear the names of the file's own.
_COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "orders": {
        "customer": _TEXT,
        "order": _TEXT,
        "time": _MOMENT,
        "event": _TEXT,
        "amount": _NUMBER,
        "lines": _WHOLE,
    },
    "lines": {
        "customer": _TEXT,
        "order": _TEXT,
        "time": _MOMENT,
        "product": _TEXT,
        "category": _TEXT,
        "quantity": _NUMBER,
        "unit_price": _NUMBER,
        "amount": _NUMBER,
    },
    "responses": {
        "response": _WHOLE,
        "customer": _TEXT,
        "time": _MOMENT,
        "touchpoint": _TEXT,
        "comment": _TEXT,
    },
    "answers": {"response": _WHOLE, "question": _TEXT, "score": _NUMBER, "scale": _TEXT},
    "reviews": {
        "customer": _TEXT,
        "time": _MOMENT,
        "text": _TEXT,
        "rating": _NUMBER,
        "scale": _TEXT,
        "product": _TEXT,
        "touchpoint": _TEXT,
    },
    "records": {"customer": _TEXT, "experiment": _TEXT, "arm": _TEXT, "time": _MOMENT},
    "sums": dict(zip(SUMS.names, SUMS.types, strict=True)),
    "customers": {"customer": _TEXT},
    REASON: {REASON: pa.uint8()},
    REJECTED: {"row": _WHOLE, "reason": _TEXT},
}
_WITHOUT_MORE = ("lines", "answers", REASON)
_REASONS_SHOWN = pa.array([*REASONS, "fields"], _TEXT)
# What Arrow and numpy make of bytes that are not theirs; errors of the disk have a number.
_TORN = (pa.ArrowException, ValueError, LookupError, TypeError, AttributeError, EOFError, OverflowError)


def check_data(folder: Path, data: DataRef | None, members: frozenset[str], limits: Limits) -> None:
    """Raise ProjectFileWrong where what was unpacked into the folder is not what `data` refers to.

    `members` are the names of all files there, such as raw/DIGEST.
    """
    digests = {} if data is None else data.digests
    meant = {f"{kind}/{digest}" for kind, found in digests.items() for digest in found}
    if meant != {"/".join(name.split("/")[:2]) for name in members}:
        raise _wrong("members")
    if data is None:
        return
    try:
        for name in sorted(members):
            # A digest names the content of a file, and an upload is found again by it.
            if not name.startswith("logs/") and digest_of(folder / name) != name.rpartition("/")[2]:
                raise ProjectFileWrong(reason="damaged")
        _check_logs(folder, data, members, limits)
        room = limits.project_bytes
        for file in data.files:
            room = _check_tables(folder, file, room, limits)
    except Misuse as error:
        # A time zone that is none.
        raise _wrong("zone") from error
    except _TORN as error:
        raise ProjectFileWrong(reason="damaged") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise ProjectFileWrong(reason="damaged") from error


# ---- tables ---------------------------------------------------------------------------------------------


def _check_tables(folder: Path, file: FileRef, room: int, limits: Limits) -> int:
    """Look at every table of a file; returns how many of `room` bytes are left for those of others."""
    own = tuple(name for name in file.tables if name not in (REASON, REJECTED))
    is_summed = file.kind == "experiment" and own == ("sums",)
    if own != _OF_KIND[file.kind] and not is_summed:
        raise _wrong("tables")
    rows: dict[str, int] = {}
    used = 0
    for name, digest in file.tables.items():
        with pq.ParquetFile(folder / "tables" / digest) as content:
            limits.check("rows", content.metadata.num_rows)
            limits.check("columns", content.metadata.num_columns)
            if not _is_made_like(name, content.schema_arrow):
                raise _wrong(name)
            rows[name] = 0
            for batch in content.iter_batches():
                batch.validate(full=True)
                room -= batch.nbytes
                if room < 0:
                    most = limits.project_bytes
                    raise FileTooLarge(what="project_file", size=most + 1, most=most)
                _check_batch(name, batch)
                rows[name] += batch.num_rows
                used += 0 if name != REASON else int((batch.column(0).to_numpy() == 0).sum())
    if REASON in rows and (file.rows, file.used) != (rows[REASON], used):
        raise _wrong("rows")
    return room


def _is_made_like(name: str, schema: pa.Schema) -> bool:
    """Are the table's own columns first in the schema, and only such as it may have after them?"""
    begin, names = _COLUMNS[name], schema.names
    more = schema.types[len(begin) :]
    allowed = (_TEXT, _NUMBER) if name == "records" else (_TEXT,)
    return (
        names[: len(begin)] == list(begin)
        and schema.types[: len(begin)] == list(begin.values())
        and len(set(names)) == len(names)
        and not (more and name in _WITHOUT_MORE)
        and all(kind in allowed for kind in more)
    )


def _check_batch(name: str, batch: pa.RecordBatch) -> None:
    if "time" in batch.schema.names and batch.schema.field("time").type == _MOMENT:
        ends = pc.min_max(batch["time"].cast(_WHOLE)).as_py()
        if not all(end is None or is_instant(end) for end in ends.values()):
            raise _wrong("time")
    if name == REASON and (batch.column(0).null_count or (batch.column(0).to_numpy() >= len(REASONS)).any()):
        raise _wrong(REASON)
    known = name != REJECTED or pc.all(pc.is_in(batch["reason"], value_set=_REASONS_SHOWN)).as_py()
    if known is False:
        raise _wrong(REASON)
    if name == "sums":
        told = [batch[column] for column in ("n", "x", "cumulative")]
        numbers = [column.drop_null().to_numpy() for column in (*told[:2], batch["xx"])]
        sound = all(np.isfinite(values).all() for values in numbers) and bool((numbers[0] >= 0).all())
        if any(column.null_count for column in told) or not sound:
            raise _wrong("sums")
    if name == "customers" and batch["customer"].null_count:
        raise _wrong("customers")


# ---- logs -----------------------------------------------------------------------------------------------


def _check_logs(folder: Path, data: DataRef, members: frozenset[str], limits: Limits) -> None:
    for file in data.files:
        if (file.log is not None) != (file.kind in _WITH_LOG):
            raise _wrong("logs")
    if (data.fingerprint is None) != all(file.log is None for file in data.files):
        raise _wrong("logs")
    kept, files = DataFiles(folder), {file.log: file for file in data.files}
    for fingerprint in sorted(data.digests["logs"]):
        try:
            log = kept.log(fingerprint)
        except ProjectDamaged as error:
            raise ProjectFileWrong(reason="damaged") from error
        limits.check("rows", log.n_rows)
        here = {name.rpartition("/")[2] for name in members if name.startswith(f"logs/{fingerprint}/")}
        # The name of a log is made of all that it holds.
        own_name = replace(log, lineage="").fingerprint
        if here != _files_of(log) or own_name != fingerprint or not _is_log_of_ours(log):
            raise _wrong("logs")
        of = files.get(fingerprint)
        if of is not None and of.names not in (None, len(log.event_names)):
            raise _wrong("names")


def _files_of(log: EventLog) -> set[str]:
    arrays = ["offsets", "event", "time"]
    arrays += [name for name in ("session", "amount") if getattr(log, name) is not None]
    arrays += [f"attribute_{position}" for position in range(len(log.attributes))]
    return {"meta.json", "customers.arrow", *(f"{name}.npy" for name in arrays)}


def _is_log_of_ours(log: EventLog) -> bool:
    """Has everything in the log the type and the order that whoever asks it counts on?"""
    check_zone(log.zone)
    texts = [log.event_names, *(attribute.categories for attribute in log.attributes.values())]
    columns = [(log.offsets, "int64"), (log.time, "int64")]
    columns += [(attribute.codes, "int32") for attribute in log.attributes.values()]
    columns += [] if log.session is None else [(log.session, "int32")]
    columns += [] if log.amount is None else [(log.amount, "float64")]
    ids = log.customer_ids
    later = (np.diff(log.time) >= 0) | log.start[1:]
    return (
        not log.is_empty
        and ids.type == _TEXT
        and pc.all(pc.greater(ids[1:], ids[:-1])).as_py() is not False
        and all(map(_is_ascending, texts))
        and all(name and isinstance(name, str) for name in log.attributes)
        and all(attribute.of in ("event", "customer") for attribute in log.attributes.values())
        and log.event.dtype.name in ("uint8", "uint16", "uint32")
        and all(column.ndim == 1 and column.dtype.name == kind for column, kind in columns)
        and log.event.ndim == 1
        and bool(later.all())
        and (log.amount is None or not np.isinf(log.amount).any())
        and len(log.observed) == 2
        and all(map(is_instant, (*log.observed, int(log.time.min()), int(log.time.max()))))
        and log.observed[0] <= log.observed[1]
        and log.period is False
        and type(log.date_only) is bool
        and can_be_said(log.notes)
    )


def _is_ascending(texts: tuple[str, ...]) -> bool:
    return all(isinstance(text, str) for text in texts) and all(
        before < after for before, after in pairwise(texts)
    )


def _wrong(part: str) -> ProjectFileWrong:
    return ProjectFileWrong(reason="content", part=part)
