"""Which sample data can be opened with one click, and what do their columns mean?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from journey.errors import Unreadable

__all__ = ["FOLDER", "SAMPLES", "Sample", "SampleMissing"]

# Beside the package in a clone; an installed package carries no samples, and says so when one is asked for.
FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


class SampleMissing(Unreadable):
    """The sample `file` is not in `folder`; `python sample_data/generate.py` of a clone writes it."""

    code = "sample_missing"

    @property
    def key(self) -> str:
        """Its sentence stands with those of the samples."""
        return "samples.missing"


@dataclass(frozen=True)
class Sample:
    """One table of events with everything that a user would else have to say about it.

    columns   the role of each column: customer, event, time, session (a name or None) and attributes (names)
    zone      the time zone of naive times
    template  the name of the stage template that fits its trade
    language  the language of its event names
    tables    other tables of the same customers: what they hold -> file name
    """

    name: str
    file: str
    columns: Mapping[str, Any]
    zone: str
    template: str
    language: str
    tables: Mapping[str, str]

    @property
    def title(self) -> str:
        """The catalogue key of its title."""
        return f"samples.{self.name}_title"

    @property
    def description(self) -> str:
        """The catalogue key of the line that says what is in it."""
        return f"samples.{self.name}_description"

    @property
    def path(self) -> Path:
        """Where its event table stands."""
        return FOLDER / self.file

    def read(self, table: str | None = None) -> bytes:
        """The bytes of the event table, or of the linked `table`; SampleMissing where the file is absent."""
        file = self.file if table is None else self.tables[table]
        try:
            return (FOLDER / file).read_bytes()
        except FileNotFoundError as missing:
            raise SampleMissing(file=file, folder=str(FOLDER)) from missing


def _registered() -> dict[str, Sample]:
    told = json.loads(resources.files(__package__).joinpath("samples.json").read_text(encoding="utf-8"))
    for sample in told.values():
        sample["columns"]["attributes"] = tuple(sample["columns"]["attributes"])
    return {name: Sample(name=name, **sample) for name, sample in told.items()}


SAMPLES: Mapping[str, Sample] = _registered()
