"""How much may be brought before reading it is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from journey.errors import FileTooLarge, SettingWrong

__all__ = ["LIMITS", "VARIABLES", "Limits"]

_MB = 2**20

# Variable of the environment -> the field that it sets, and how many of the field's units one of it is.
VARIABLES: Mapping[str, tuple[str, int]] = {
    "JOURNEY_MAX_FILE_MB": ("bytes", _MB),
    "JOURNEY_MAX_ROWS": ("rows", 1),
    "JOURNEY_MAX_COLUMNS": ("columns", 1),
    "JOURNEY_MAX_UNPACKED_MB": ("unpacked", _MB),
    "JOURNEY_MAX_SESSION_MB": ("session_bytes", _MB),
    "JOURNEY_MAX_SESSION_FILES": ("session_files", 1),
    "JOURNEY_MAX_SERVER_MB": ("server_bytes", _MB),
    "JOURNEY_MAX_PROJECT_MB": ("project_bytes", _MB),
    "JOURNEY_READERS": ("readers", 1),
    "JOURNEY_READER_MEMORY_MB": ("child_memory", _MB),
    "JOURNEY_READER_SECONDS": ("child_seconds", 1),
}
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Limits:
    """Upper limits, each inclusive: what equals a limit is still read.

    `bytes` is the file as uploaded, `unpacked` the sum of a workbook's parts as its directory declares
    them, or what really comes out of a gz or of one member of a zip, and `packing` unpacked divided by
    packed bytes (looked at only above 64 MiB unpacked: small parts pack well). `parts` counts the entries of
    a zip. `cells` counts filled cells of one worksheet on the slow path. `child_memory` (bytes of address
    space) and `child_seconds` (of processor time, and of waiting) bound each process that reads a file;
    `readers` files are read at the same time, further ones wait. `session_bytes` and `session_files` bound
    the uploads that one session holds, `server_bytes` what the uploads of all sessions may take in memory
    before they are written to disk, `project_bytes` what one project keeps.
    """

    bytes: int = 200 * _MB
    rows: int = 20_000_000
    columns: int = 2_000
    unpacked: int = 2 * 2**30
    packing: int = 150
    parts: int = 10_000
    cells: int = 20_000_000
    child_memory: int = 4 * 2**30
    child_seconds: int = 120
    readers: int = 2
    session_bytes: int = 2**30
    session_files: int = 30
    server_bytes: int = 2 * 2**30
    project_bytes: int = 4 * 2**30

    def check(self, what: str, size: int) -> None:
        """Refuse a `size` over the limit called `what`, one of the fields."""
        most = getattr(self, what)
        if size > most:
            raise FileTooLarge(what=what, size=size, most=most)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Limits:
        """The defaults with what the variables of the environment say, see `VARIABLES`.

        A variable that is empty counts as not set. Raises SettingWrong naming the variable for anything that
        is not a whole number from 1.
        """
        told: dict[str, int] = {}
        for variable, (field, unit) in VARIABLES.items():
            value = environment.get(variable, "").strip()
            if not value:
                continue
            if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS and int(value)):
                wrong = SettingWrong(setting=variable, value=value, allowed="1, 2, 3, ...")
                # A server that does not start shows no page: its operator reads the traceback.
                wrong.add_note(f"{variable} must be a whole number from 1, not {value!r}")
                raise wrong
            told[field] = int(value) * unit
        return cls(**told)


LIMITS = Limits.from_environment(os.environ)
