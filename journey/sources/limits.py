"""How much one file may hold before reading it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from journey.errors import FileTooLarge

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True)
class Limits:
    """Upper limits, each inclusive: what equals a limit is still read.

    `bytes` is the file as uploaded, `unpacked` the sum of a workbook's parts as its directory declares
    them, and `packing` unpacked divided by packed bytes (looked at only above 64 MiB unpacked: small parts
    pack well). `cells` counts filled cells of one worksheet on the slow path. `child_memory` (bytes of
    address space) and `child_seconds` (of processor time, and of waiting) bound the process that reads a
    workbook. `project_bytes` is all that one project keeps.
    """

    bytes: int = 200 * 2**20
    rows: int = 20_000_000
    columns: int = 2_000
    unpacked: int = 2 * 2**30
    packing: int = 150
    parts: int = 10_000
    cells: int = 20_000_000
    child_memory: int = 4 * 2**30
    child_seconds: int = 120
    project_bytes: int = 4 * 2**30

    def check(self, what: str, size: int) -> None:
        """Refuse a `size` over the limit called `what` (bytes, rows, columns, unpacked, parts or cells)."""
        most = getattr(self, what)
        if size > most:
            raise FileTooLarge(what=what, size=size, most=most)


LIMITS = Limits()
