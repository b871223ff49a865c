"""What reading a file found beside its table, for files of which only the table is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import SettingWrong
from journey.findings import Finding
from journey.projects.written_findings import are_findings, finding_to_json, findings_from_json
from journey.sources.raw_table import RawTable

__all__ = ["KeptReading"]

_TORN = "fields"


@dataclass(frozen=True)
class KeptReading:
    """The fields of a RawTable that the table alone does not tell; see there what each means."""

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 1
    sheet: str | None = None
    part: str | None = None
    rejected: int = 0
    rejected_lines: tuple[int, ...] = ()
    total_row: int | None = None
    aside: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, raw: RawTable) -> KeptReading:
        """What is to be written down of a reading."""
        told = {name: getattr(raw, name) for name in _CHECKS}
        return cls(**{**told, "numeric": tuple(sorted(raw.numeric))})

    def told_of(self, raw: RawTable, left: pa.Table | None) -> RawTable:
        """The kept table with what was known of its file; `left` are the file's rows that were not used.

        The text of torn rows comes from there, with personal data masked.
        """
        torn: list[str] = []
        if left is not None and left.num_columns > 2:
            torn = left.filter(pc.equal(left["reason"], _TORN)).column(2).to_pylist()
        told = {name: getattr(self, name) for name in _CHECKS}
        return replace(raw, **{**told, "numeric": frozenset(self.numeric), "rejected_rows": tuple(torn)})

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {name: _plain(getattr(self, name)) for name in _CHECKS}

    @classmethod
    def from_json(cls, content: Any) -> KeptReading:
        """Read what `to_json` made; raises SettingWrong for anything else."""
        if not isinstance(content, Mapping):
            raise SettingWrong(setting="reading", value="", allowed=", ".join(_CHECKS))
        made: dict[str, Any] = {}
        for name, value in content.items():
            if name not in _CHECKS or not _CHECKS[name](value):
                raise SettingWrong(setting="reading", value=str(name)[:80], allowed=", ".join(_CHECKS))
            made[name] = tuple(value) if isinstance(value, list) else value
        if "notes" in made:
            made["notes"] = findings_from_json(made["notes"])
        return cls(**made)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [finding_to_json(one) if isinstance(one, Finding) else one for one in value]
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _each(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _maybe(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "kind": _is_text,
    "encoding": _is_text,
    "delimiter": _is_text,
    "header_line": _is_count,
    "sheet": _maybe(_is_text),
    "part": _maybe(_is_text),
    "rejected": _is_count,
    "rejected_lines": _each(_is_count),
    "total_row": _maybe(_is_count),
    "aside": _each(_is_text),
    "numeric": _each(_is_text),
    "notes": are_findings,
}
