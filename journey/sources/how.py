"""How a file is to be read, where its own content does not decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from journey.errors import SettingWrong

__all__ = ["ALL_SHEETS", "How"]

ALL_SHEETS = "*"


@dataclass(frozen=True)
class How:
    """What was said about a file; None where the reader's own guess is taken.

    `part` names one file of a zip. `sheet` names a sheet of a workbook; `ALL_SHEETS` stacks the sheets whose
    columns are the same. `header` is the line of the column names, from 1; 0 means that there are none.
    """

    part: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None

    @property
    def key(self) -> str:
        """These choices as part of a cache's key or of a widget's."""
        return json.dumps(astuple(self))

    def to_json(self) -> dict[str, Any]:
        """The choices as plain JSON values, without those that were not made."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, content: Any) -> How:
        """Read what `to_json` made; raises SettingWrong for anything else."""
        kinds = {field.name: int if field.name == "header" else str for field in fields(cls)}
        if not isinstance(content, Mapping):
            raise SettingWrong(setting="how", value="", allowed=", ".join(kinds))
        for name, value in content.items():
            if name not in kinds or isinstance(value, bool) or not isinstance(value, kinds[name] | None):
                raise SettingWrong(setting="how", value=str(name), allowed=", ".join(kinds))
        return cls(**content)
