"""The answer for the terminal, for a program, or as a picture or workbook."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from journey.cli.problems import Usage
from journey.errors import SettingWrong
from journey.findings import Finding
from journey.i18n import text
from journey.reports.plain import aligned, plain
from journey.reports.tables import to_csv, to_xlsx

__all__ = [
    "as_json",
    "once",
    "one_line",
    "print_csv",
    "print_json",
    "print_text",
    "said",
    "sentence",
    "target",
    "write",
]

# Control characters, and those that turn the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PICTURES = (".png", ".svg", ".pdf")


def target(out: str | None, *, inputs: Iterable[str | None]) -> Path | None:
    """Where --out saves, once its ending is known to be one of those that can be written. No input is."""
    if out is None:
        return None
    path = Path(out)
    if path.suffix.lower() not in (*_PICTURES, ".xlsx"):
        raise SettingWrong(setting="--out", value=out, allowed=", ".join((*_PICTURES, ".xlsx")))
    if any(each is not None and _same(path, Path(each)) for each in inputs):
        raise Usage(what="out_is_input", option=out)
    return path


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # one of the two is not there
        return False


def write(path: Path, name: str, answer: Any, language: str) -> None:
    """Save the answer to a question: its table as a workbook, else its picture."""
    if path.suffix.lower() == ".xlsx":
        content = to_xlsx({name: answer.table})
    else:
        from journey.charts.export import render

        chart = getattr(importlib.import_module(f"journey.charts.{name}"), f"{name}_chart")
        content = render(chart(answer, language=language), format=path.suffix.lower()[1:])
    try:
        path.write_bytes(content)
    except OSError:
        raise Usage(what="out", option=str(path)) from None


def print_json(content: Any) -> None:
    """What cannot be computed is null; Hangul stands as itself."""
    print(json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False))


def print_csv(table: pd.DataFrame) -> None:
    """The table alone."""
    # Lines end as in the file that --out or a page would write; print would add another end.
    sys.stdout.write(to_csv(table, bom=False).decode("utf-8").replace("\r\n", "\n"))


def print_text(
    findings: Sequence[Finding], table: pd.DataFrame, notes: Sequence[Finding], language: str
) -> None:
    """Sentences, notes, and the table in columns of equal width."""
    for finding in findings:
        print(said(finding, language))
    for note in notes:
        print(f"- {said(note, language)}")
    if len(table):
        print()
        print(
            "\n".join(_STEERING.sub("\N{REPLACEMENT CHARACTER}", line) for line in aligned(table, language))
        )


def said(finding: Finding, language: str) -> str:
    """The sentence of a finding."""
    return sentence(finding.code, finding.values, language)


def sentence(key: str, values: Mapping[str, Any], language: str) -> str:
    """The sentence of the catalogue, in one line; findings among its values are put into words first."""
    return one_line(text(key, language, **{name: _worded(value, language) for name, value in values.items()}))


def one_line(written: str) -> str:
    """Text for a terminal: what a file calls its columns must neither break a line nor steer the screen."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", re.sub(r"\s+", " ", written))


def _worded(value: Any, language: str) -> Any:
    if isinstance(value, Finding):
        return said(value, language)
    if isinstance(value, list | tuple):
        return [_worded(item, language) for item in value]
    return value


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding or note as an object of its code and values."""
    values = {
        name: as_json(value) if isinstance(value, Finding) else value
        for name, value in finding.values.items()
    }
    return {"code": finding.code, "values": values}


def once(notes: Iterable[Finding]) -> list[Finding]:
    """The notes in their order, each said once."""
    said: list[Finding] = []
    for note in notes:
        if note not in said:
            said.append(note)
    return said
