"""The files that a project without data waits for: how they will be read, and which columns they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from journey.errors import SettingWrong
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.remembered import recognised

__all__ = ["EXPECTED", "expected_files", "expected_of", "missing_files"]

# The setting of the project that lists them.
EXPECTED = "expected.files"
# There is nothing that could be read yet.
_NOTHING = "0" * 64


def expected_of(data: DataRef, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What to expect of these files, as plain JSON; each shape once, and those still missing after them.

    Names of files and of parts of a zip are not told: they may name a customer.
    """
    files = [*data.files, *missing_files(data, settings)]
    told = [
        {
            "choice": file.choice.to_json(),
            "how": replace(file.how, part=None).to_json(),
            "columns": list(file.columns or file.choice.columns),
        }
        for file in files
    ]
    return [entry for place, entry in enumerate(told) if entry not in told[:place]]


def expected_files(settings: Mapping[str, Any]) -> tuple[FileRef, ...]:
    """The files that the project's settings say will come; what is no description of one is passed over."""
    return tuple(_read(settings.get(EXPECTED)))


def missing_files(data: DataRef | None, settings: Mapping[str, Any]) -> tuple[FileRef, ...]:
    """Those of which the project has none of the same shape yet."""
    here = () if data is None else data.files
    return tuple(file for file in expected_files(settings) if not _is_here(file, here))


def _is_here(file: FileRef, here: tuple[FileRef, ...]) -> bool:
    found = recognised(file.columns, [one for one in here if one.kind == file.kind])
    return found is not None and found.exact


def _read(content: Any) -> Iterator[FileRef]:
    for number, entry in enumerate(content if isinstance(content, list) else ()):
        if isinstance(entry, dict) and set(entry) == {"choice", "how", "columns"}:
            try:
                yield FileRef.from_json({"id": f"{number:012x}", "name": "", "raw": _NOTHING, **entry})
            except SettingWrong:
                continue
