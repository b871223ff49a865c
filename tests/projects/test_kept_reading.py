"""What is known of a file outlives the file: torn rows, the line of the names, totals, notes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from journey.errors import SettingWrong
from journey.events.clean import cleaned
from journey.events.kinds import TableChoice
from journey.events.quality import quality, rejected
from journey.findings import Finding
from journey.projects.kept_reading import KeptReading
from journey.sources.files import read_table
from journey.sources.raw_table import RawTable

LINES = ["보고서,,", "고객,금액,일시", *[f"c{n % 4},{n},2024-05-{n + 1:02d}" for n in range(28)]]
TEXT = "\n".join([*LINES, "c9,2024-05-01", "합계,378,"])
CHOICE = TableChoice("orders", {"customer": ("고객",), "time": ("일시",), "amount": ("금액",)})


def kept(raw: RawTable) -> RawTable:
    """The same after only the table and the JSON were kept."""
    reading = KeptReading.from_json(json.loads(json.dumps(KeptReading.of(raw).to_json())))
    left = rejected(raw, cleaned(raw, CHOICE))
    return reading.told_of(RawTable(raw.frame, raw.name, "parquet"), left)


def test_a_file_of_which_the_table_is_kept_says_the_same_as_the_file():
    raw = read_table(TEXT.encode(), "보고서.csv")
    assert (raw.header_line, raw.rejected, raw.rejected_lines, raw.total_row) == (2, 1, (31,), 28)
    again = kept(raw)
    for name in ("kind", "encoding", "delimiter", "header_line", "rejected", "total_row", "notes"):
        assert getattr(again, name) == getattr(raw, name), name
    assert again.rejected_rows == raw.rejected_rows == ("c9,2024-05-01",)
    made, remade = cleaned(raw, CHOICE), cleaned(again, CHOICE)
    assert quality(again, remade) == quality(raw, made)
    assert rejected(again, remade).equals(rejected(raw, made))


def test_without_rejected_rows_there_is_nothing_to_tell():
    raw = RawTable(pd.DataFrame({"a": ["1"]}), "a.xlsx", "xlsx", sheet="May", numeric=frozenset("a"))
    again = KeptReading.of(raw).told_of(RawTable(raw.frame, "a.xlsx", "parquet"), None)
    assert (again.kind, again.sheet, again.numeric, again.rejected_rows) == ("xlsx", "May", {"a"}, ())


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"kind": 1},
        {"header_line": -1},
        {"header_line": True},
        {"rejected_lines": ["1"]},
        {"notes": [{"code": "x"}]},
        {"frame": []},
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(SettingWrong):
        KeptReading.from_json(content)


def test_notes_keep_their_values():
    reading = KeptReading(notes=(Finding("sources.rows_rejected", {"n": 3}),))
    assert KeptReading.from_json(reading.to_json()) == reading
