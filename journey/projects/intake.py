"""From incoming files to what a project keeps of them, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

from journey.errors import NotStored
from journey.events.cleaned import Cleaned
from journey.events.joined import Joined
from journey.events.log import EventLog
from journey.projects.access import ProjectFile, writing
from journey.projects.contents import referred
from journey.projects.data_files import DataFiles
from journey.projects.data_ref import REASON, REJECTED, DataRef, FileRef
from journey.projects.disk import told
from journey.projects.incoming import Incoming, bytes_of, file_id, ids_of, span_of
from journey.projects.state import canonical

__all__ = ["Intake", "cleaned_of", "room_for"]

_LONGEST_FILE_NAME = 255


class Intake:
    """Keeps what one edit brings, and knows what of it was not there before (`fresh`, by kind)."""

    def __init__(self, files: DataFiles) -> None:
        self._files = files
        self._known = files.kept()
        self.fresh: dict[str, set[str]] = {kind: set() for kind in self._known}

    def file(self, arriving: Incoming) -> FileRef:
        """Keep a file's bytes, log and tables; returns what is to be known about it."""
        made = arriving.made
        raw = self._noted("raw", self._files.put_raw(arriving.source))
        ref = FileRef(
            id=file_id(),
            name=arriving.name[-_LONGEST_FILE_NAME:],
            raw=raw,
            choice=arriving.choice,
            how=arriving.how,
            upload=arriving.upload or raw,
            columns=tuple(arriving.columns),
            rows=made.rows,
            used=made.used,
            customers=len(made.customer_ids),
            names=None if made.log is None else len(made.log.event_names),
            span=span_of(made),
            log=None if made.log is None else self._log(made.log),
            tables={name: self._table(table) for name, table in arriving.tables.items()},
            notes=made.notes if arriving.notes is None else arriving.notes,
            quality={name: tuple(group) for name, group in arriving.quality.items()},
            reading=arriving.reading,
        )
        # Seen at once as everybody will see it who opens the project.
        return FileRef.from_json(json.loads(canonical(ref.to_json(), "data")))

    def data(self, refs: Sequence[FileRef], joined: Joined, zone: str) -> DataRef:
        """These files, and the log they make together, which is kept; `zone` is for those without one."""
        log = joined.log
        matched = tuple(
            dataclasses.replace(ref, matched=None if match.alone else match.matched)
            for ref, match in zip(refs, joined.matches, strict=True)
        )
        if log is None:
            return DataRef(None, matched, zone)
        return DataRef(self._log(log), matched, log.zone)

    def taken_back(self, file: ProjectFile) -> None:
        """Remove what was kept for an edit that was not made, unless another edit means it by now."""
        # What cannot be removed now only takes up room.
        with suppress(NotStored), writing(file) as connection:
            meant = referred(connection)
            self._files.forget({kind: found - meant[kind] for kind, found in self.fresh.items()})

    def _log(self, log: EventLog) -> str:
        return self._noted("logs", self._files.put_log(log))

    def _table(self, table: pa.Table) -> str:
        return self._noted("tables", self._files.put_table(table))

    def _noted(self, kind: str, digest: str) -> str:
        if digest not in self._known[kind]:
            self.fresh[kind].add(digest)
        return digest


def cleaned_of(ref: FileRef, files: DataFiles) -> Cleaned:
    """A kept file as it was when it had been cleaned; ProjectDamaged when something of it is gone."""
    log = None if ref.log is None else files.log(ref.log)
    tables = {name: files.table(digest) for name, digest in ref.tables.items() if name != REJECTED}
    reason = tables.pop(REASON, None)
    if reason is None:
        # An older version did not write down which rows were not used.
        used = np.zeros(0 if log is None else log.n_rows, dtype=np.uint8)
    else:
        used = reason[REASON].to_numpy()
    return Cleaned(ref.kind, tables, log, ids_of(log, tables), used, ref.notes)


def room_for(incoming: Sequence[Incoming], log: EventLog | None, files: DataFiles) -> int:
    """At most how many bytes an edit adds to a project; a table counts as large as in memory."""
    coming = 0 if log is None or files.has_log(log.fingerprint) else bytes_of(log)
    for arriving in incoming:
        made = arriving.made
        if made.log is not None and made.log is not log:
            coming += bytes_of(made.log)
        coming += sum(table.nbytes for table in arriving.tables.values())
        with told():
            coming += _size(arriving.source)
    return coming


def _size(source: bytes | Path) -> int:
    return len(source) if isinstance(source, bytes) else source.stat().st_size
