"""The real files beside the project, each read once however many tests ask for what is in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from journey.sources.files import read_table
from journey.sources.raw_table import RawTable

__all__ = ["shared_table"]


@cache
def shared_table(folder: Path, name: str, **how: object) -> RawTable:
    """The table of a file, for looking at: nobody changes it."""
    return read_table(folder / name, name.rpartition("/")[2], **how)
