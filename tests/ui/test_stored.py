"""Stored tables as people may see them: in words, ids as codes, whatever their columns are called."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.events.privacy import mask_ids
from journey.i18n import text
from journey.reports.tables import to_csv
from ui.stored import rejected_frame, typed_frame

KEY = b"k" * 32
CHOICE = TableChoice("events", {"customer": ("who",), "time": ("when",)})


def mask(ids):
    return mask_ids(ids, KEY)


def rejected(reasons, customers, *, head=("row", "reason", "who", "when")):
    lines = list(range(2, len(reasons) + 2))
    columns = [pa.array(lines), pa.array(reasons, pa.string()), pa.array(customers, pa.string())]
    return pa.Table.from_arrays([*columns, pa.array(["x"] * len(lines), pa.string())], names=list(head))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_rejected_row_has_its_line_and_its_reason_in_words(language):
    frame = rejected_frame(rejected(["no_time"], ["C1"]), CHOICE, mask, language)
    assert list(frame.columns[:2]) == [
        text(f"brought.column_{name}", language) for name in ("line", "reason")
    ]
    assert frame.iloc[0, 0] == 2
    assert frame.iloc[0, 1] == text("quality.reason_no_time", language)


def test_every_reason_but_used_has_words():
    for reason in (*REASONS[1:], "fields"):
        assert text(f"quality.reason_{reason}", "ko") != text(f"quality.reason_{reason}", "en")


def test_what_stands_for_nobody_is_shown_as_it_is_and_ids_are_not():
    table = rejected(["no_customer", "no_time", "total", "duplicate"], ["-", "C1", "합계", " C1 "])
    frame = rejected_frame(table, CHOICE, mask, "en")
    (code,) = mask(["C1"])
    assert frame["who"].tolist() == ["-", code, "합계", code]


def test_a_torn_row_stands_as_text_where_the_first_column_is_and_has_no_number():
    table = rejected(["no_time", "fields"], ["C1", "C1,view"])
    table = table.set_column(0, "row", pa.array([2, None]))
    frame = rejected_frame(table, CHOICE, mask, "en")
    assert frame["who"].iloc[1] == "C1,view"
    assert to_csv(frame, bom=False).decode().splitlines()[1].startswith("2,")
    assert to_csv(frame, bom=False).decode().splitlines()[2].startswith(",")


def test_columns_of_the_file_may_bear_our_names():
    table = rejected(["no_time"], ["C1"], head=("row", "reason", "row.1", "Why"))
    choice = TableChoice("events", {"customer": ("row",), "time": ("Why",)})
    frame = rejected_frame(table, choice, mask, "en")
    assert frame.columns.tolist() == ["Row in the file", "Why", "row.1", "Why"]
    assert frame.iloc[0, 2] == mask(["C1"])[0]


@given(st.lists(st.tuples(st.sampled_from(REASONS[1:]), st.text(max_size=6)), max_size=20))
def test_no_id_of_a_customer_is_left_and_no_row_is_lost(rows):
    table = rejected([reason for reason, _ in rows], [f"id-{name}" for _, name in rows])
    frame = rejected_frame(table, CHOICE, mask, "ko")
    assert len(frame) == len(rows)
    for shown, (reason, name) in zip(frame["who"] if rows else [], rows, strict=True):
        assert (shown == f"id-{name}") == (reason in ("no_customer", "total"))


def test_a_typed_table_shows_clocks_of_its_zone_and_codes():
    table = pa.table(
        {
            "customer": pa.array(["C1", None], pa.large_string()),
            "time": pa.array([dt.datetime(2024, 5, 1, 15), None], pa.timestamp("us", tz="UTC")),
            "score": pa.array([4.0, None]),
            "점포": pa.array(["강남", None]),
            "category": pa.array([None, None], pa.large_string()),
        }
    )
    frame = typed_frame(table, "Asia/Seoul", mask, "en")
    assert frame.columns.tolist() == ["customer", "time", "score", "점포"]
    assert frame["customer"].iloc[0] == mask(["C1"])[0]
    assert frame["time"].iloc[0] == dt.datetime(2024, 5, 2)
    assert frame.iloc[1].isna().all()


def test_a_preview_changes_nothing_of_the_table():
    table = rejected(["no_time"], ["C1"])
    before = table.to_pylist()
    rejected_frame(table, CHOICE, mask, "ko")
    assert table.to_pylist() == before


def test_personal_data_that_were_left_in_a_table_are_masked_in_its_preview():
    table = pa.table({"customer": ["C1", "C2"], "comment": ["문의는 minji@example.com", None]})
    frame = typed_frame(table, "Asia/Seoul", mask, "ko")
    assert "minji@example.com" not in frame.to_string()
    assert frame.iloc[0, 1].startswith("문의는 ")


def test_the_text_of_a_torn_row_can_be_left_to_the_files():
    table = rejected(["no_time", "fields"], ["C1", "C1,view"])
    shown = rejected_frame(table, CHOICE, mask, "en", torn=False)
    assert "C1" not in shown.to_string()
    assert shown.iloc[:, 1].notna().all()
