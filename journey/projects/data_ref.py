"""Which files a project is about, how each was read, and where what was made of it is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from journey.errors import SettingWrong
from journey.events.kinds import TableChoice
from journey.findings import Finding
from journey.projects.kept_reading import KeptReading
from journey.projects.written_findings import are_findings, finding_to_json, findings_from_json
from journey.sources.how import How

__all__ = ["REASON", "REJECTED", "DataRef", "FileRef"]

# Tables that every file may have beside the typed ones of its kind.
REJECTED = "rejected"
REASON = "reason"

_ID = re.compile(r"[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TABLE = re.compile(r"[a-z][a-z_]{0,39}")
_LONGEST_NAME = 255
_MOST_FILES = 1000


@dataclass(frozen=True)
class FileRef:
    """One file of a project: how it was read, what was found, and the digests of what is kept of it.

    `raw` names the bytes kept (sha256), `upload` those that came; they differ where the file itself is not
    kept, only what is left without resident numbers (`is_scrubbed`). `columns` are the names in the file.
    `rows`, `used` and `customers` (distinct ids among the used rows) are None where an older version did
    not write them down; `names` counts the distinct event names of its `log`, None without one. `span` is its
    first and last instant in microseconds UTC. `log` is the fingerprint of the file's own log; `tables` are
    in the order of its kind. `matched` customers are in other files too; None where there are no others.
    `quality` groups findings as the card about the file shows them. `reading` is what else was found as the
    file was read, for when only its table is kept.
    """

    id: str
    name: str
    raw: str
    choice: TableChoice
    how: How = field(default_factory=How)
    upload: str = ""
    columns: tuple[str, ...] = ()
    rows: int | None = None
    used: int | None = None
    customers: int | None = None
    matched: int | None = None
    names: int | None = None
    span: tuple[int, int] | None = None
    log: str | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()
    quality: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    reading: KeptReading | None = None

    @property
    def kind(self) -> str:
        """Which of the six kinds of table it is."""
        return self.choice.kind

    @property
    def is_scrubbed(self) -> bool:
        """Are the kept bytes a table made from the file, not the file itself?"""
        return bool(self.upload) and self.upload != self.raw

    @property
    def kept_how(self) -> How:
        """How the kept bytes are read: a table that was made from the file needs no word about it."""
        return How() if self.is_scrubbed else self.how

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "raw": self.raw,
            "choice": self.choice.to_json(),
            "how": self.how.to_json(),
            "upload": self.upload,
            "columns": list(self.columns),
            "rows": self.rows,
            "used": self.used,
            "customers": self.customers,
            "matched": self.matched,
            "names": self.names,
            "span": None if self.span is None else list(self.span),
            "log": self.log,
            # As pairs: the first table is the one of the file's own rows, and JSON keeps no order of keys.
            "tables": [[name, digest] for name, digest in self.tables.items()],
            "notes": [finding_to_json(note) for note in self.notes],
            "quality": {name: [finding_to_json(f) for f in group] for name, group in self.quality.items()},
            "reading": None if self.reading is None else self.reading.to_json(),
        }

    @classmethod
    def from_json(cls, content: Any) -> FileRef:
        """Read what `to_json` made; raises SettingWrong for anything else."""
        if not isinstance(content, Mapping) or not {"id", "name", "raw", "choice"} <= set(content):
            raise SettingWrong(setting="data", value="", allowed="id, name, raw, choice, …")
        for name, value in content.items():
            if name not in _CHECKS or not _CHECKS[name](value):
                raise SettingWrong(setting="data", value=str(name)[:80], allowed=", ".join(_CHECKS))
        made = dict(content)
        made["choice"] = TableChoice.from_json(content["choice"])
        made["how"] = How.from_json(content.get("how", {}))
        made["columns"] = tuple(content.get("columns", ()))
        made["span"] = None if content.get("span") is None else tuple(content["span"])
        made["tables"] = dict(content.get("tables", ()))
        made["notes"] = findings_from_json(content.get("notes", ()))
        made["quality"] = {
            name: findings_from_json(group) for name, group in content.get("quality", {}).items()
        }
        reading = content.get("reading")
        made["reading"] = None if reading is None else KeptReading.from_json(reading)
        return cls(**made)


@dataclass(frozen=True)
class DataRef:
    """The files of a project in order, and the log that all of them together make.

    `fingerprint` names the joined log; None while no file has one, as when there is only a survey.
    """

    fingerprint: str | None
    files: tuple[FileRef, ...] = ()
    zone: str = "Asia/Seoul"

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values, as an edit keeps it."""
        return {
            "fingerprint": self.fingerprint,
            "files": [file.to_json() for file in self.files],
            "zone": self.zone,
        }

    @classmethod
    def from_json(cls, content: Any) -> DataRef:
        """Read what `to_json` made, in older versions too; raises SettingWrong for anything else."""
        if isinstance(content, Mapping) and "files" not in content:
            return _one_file(content)
        if not isinstance(content, Mapping) or set(content) != {"fingerprint", "files", "zone"}:
            raise SettingWrong(setting="data", value="", allowed="fingerprint, files, zone")
        fingerprint, files, zone = content["fingerprint"], content["files"], content["zone"]
        sound = (fingerprint is None or _is_digest(fingerprint)) and isinstance(zone, str)
        if not sound or not isinstance(files, list) or len(files) > _MOST_FILES:
            raise SettingWrong(setting="data", value="", allowed=f"<= {_MOST_FILES} files")
        refs = tuple(map(FileRef.from_json, files))
        if len({ref.id for ref in refs}) < len(refs):
            raise SettingWrong(setting="data", value="id", allowed="one file an id")
        return cls(fingerprint, refs, zone)

    def file(self, file_id: str) -> FileRef:
        """The file of this id; raises SettingWrong where there is none."""
        for ref in self.files:
            if ref.id == file_id:
                return ref
        raise SettingWrong(setting="file", value=str(file_id)[:80], allowed="")

    def of_kind(self, *kinds: str) -> tuple[FileRef, ...]:
        """The files of these kinds, in order."""
        return tuple(ref for ref in self.files if ref.kind in kinds)

    @property
    def has_customers(self) -> bool:
        """Does any file tell of customers: in a log, or in a table that names them?"""
        named = any(ref.customers for ref in self.of_kind("experiment"))
        return self.fingerprint is not None or named or bool(self.of_kind("customers", "survey", "reviews"))

    @property
    def has_experiments(self) -> bool:
        """Is there anything whose arms can be compared: results of experiments, or a log?"""
        return self.fingerprint is not None or bool(self.of_kind("experiment"))

    @property
    def name(self) -> str:
        """A name for exactly this log and these tables, for keys of what is made of them."""
        parts = [self.fingerprint, [[ref.id, ref.kind, sorted(ref.tables.items())] for ref in self.files]]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def digests(self) -> dict[str, frozenset[str]]:
        """Everything that it refers to: `raw` bytes, `logs` by fingerprint, `tables`."""
        logs = {self.fingerprint, *(ref.log for ref in self.files)} - {None}
        return {
            "raw": frozenset(ref.raw for ref in self.files),
            "logs": frozenset(str(log) for log in logs),
            "tables": frozenset(digest for ref in self.files for digest in ref.tables.values()),
        }


def _one_file(content: Mapping[str, Any]) -> DataRef:
    """The data of a project that was written when a project had one file, with events."""
    text: Callable[[Any], bool] = lambda value: value is None or isinstance(value, str)  # noqa: E731
    checks: dict[str, Callable[[Any], bool]] = {
        "fingerprint": _is_digest,
        "raw": _is_digest,
        "file_name": _is_text,
        "columns": lambda value: isinstance(value, Mapping),
        "sheet": text,
        "encoding": text,
        "delimiter": text,
        "header": lambda value: value is None or isinstance(value, int),
        "date_order": text,
        "zone": _is_text,
        "drop_duplicates": lambda value: isinstance(value, bool),
    }
    if not {"fingerprint", "raw", "file_name"} <= set(content):
        raise SettingWrong(setting="data", value="", allowed="fingerprint, files, zone")
    for name, value in content.items():
        if name not in checks or not checks[name](value):
            raise SettingWrong(setting="data", value=str(name)[:80], allowed=", ".join(checks))
    columns = content.get("columns", {})
    roles = {role: [columns[role]] for role in ("customer", "event", "time", "session") if columns.get(role)}
    zone = content.get("zone", "Asia/Seoul")
    choice = {
        "kind": "events",
        "roles": {**roles, "attributes": columns.get("attributes") or []},
        "zone": zone,
        "drop_duplicates": content.get("drop_duplicates", False),
        "date_order": content.get("date_order"),
        # What was read then was not masked.
        "masked": False,
    }
    how = {name: content.get(name) for name in ("sheet", "encoding", "delimiter", "header")}
    ref = FileRef(
        id=content["raw"][:12],
        name=content["file_name"],
        raw=content["raw"],
        choice=TableChoice.from_json(choice),
        how=How.from_json({name: value for name, value in how.items() if value is not None}),
        upload=content["raw"],
        log=content["fingerprint"],
    )
    return DataRef(content["fingerprint"], (ref,), zone)


# ---- what may stand in the JSON -------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return value is None or (_is_whole(value) and value >= 0)


def _is_span(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and len(value) == 2 and all(map(_is_whole, value)) and value[0] <= value[1]


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and _TABLE.fullmatch(value[0]) is not None
        and _is_digest(value[1])
    )


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "id": lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
    "name": lambda value: isinstance(value, str) and len(value) <= _LONGEST_NAME,
    "raw": _is_digest,
    "choice": lambda value: isinstance(value, Mapping),
    "how": lambda value: isinstance(value, Mapping),
    "upload": lambda value: value == "" or _is_digest(value),
    "columns": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "rows": _is_count,
    "used": _is_count,
    "customers": _is_count,
    "matched": _is_count,
    "names": _is_count,
    "span": _is_span,
    "log": lambda value: value is None or _is_digest(value),
    "tables": lambda value: isinstance(value, list) and all(map(_is_table, value)),
    "notes": are_findings,
    "quality": lambda value: isinstance(value, Mapping) and all(map(are_findings, value.values())),
    "reading": lambda value: value is None or isinstance(value, Mapping),
}
