"""What is known of customers beside the log, and what is left of it for strangers."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from journey.events.disguise import disguised, disguised_tables
from journey.events.id_codes import mask_ids
from journey.events.other_tables import NO_TABLES, REGISTERED, OtherTables, called, other_tables, registered
from journey.events.summed import SUMS

_KEY = b"k" * 32


def _texts(*values: str | None) -> pa.Array:
    return pa.array(values, pa.large_string())


def _customers() -> pa.Table:
    return pa.table(
        {
            "customer": _texts("b", "a", "c"),
            "name": _texts("김민준", "이서연", "박도윤"),
            "income": _texts("1,200", "900", None),
            "grade": _texts("gold", None, "gold"),
        }
    )


def _survey() -> dict[str, pa.Table]:
    responses = pa.table(
        {
            "response": [0, 1],
            "customer": _texts("a", None),
            "time": pa.array([0, 1], pa.timestamp("us", "UTC")),
            "touchpoint": _texts("app", "web"),
            "comment": _texts("call me: Kim", "fine"),
        }
    )
    answers = pa.table(
        {
            "response": [0, 1],
            "question": _texts("NPS", "NPS"),
            "score": [9.0, 3.0],
            "scale": _texts("0-10", "0-10"),
        }
    )
    return {"responses": responses, "answers": answers}


@pytest.fixture
def tables() -> OtherTables:
    kept = {"lines": pa.table({"customer": _texts("a")})}
    return other_tables(
        [("customers", {"customers": _customers()}), ("survey", _survey()), ("orders", kept), ("events", {})]
    )


def test_tables_of_every_kind_are_found_and_of_others_none(tables):
    assert [table.num_rows for table in tables.customers] == [3]
    assert tables.answers["score"].tolist() == [9, 3]
    assert tables.answers["customer"].fillna("nobody").tolist() == ["a", "nobody"]
    assert [table.column_names for table in tables.lines] == [["customer"]]
    assert tables.reviews == ()
    assert other_tables([]).answers.empty


def _records() -> pa.Table:
    return pa.table(
        {
            "customer": _texts("a", "d", None),
            "experiment": _texts(None, "banner", None),
            "arm": _texts("A", "B", "B"),
            "time": pa.nulls(3, pa.timestamp("us", "UTC")),
            "bought": [1.0, 0.0, None],
            "name": _texts("김민준", "이서연", None),
        }
    )


def test_a_test_without_a_name_is_called_as_its_file():
    made = called({"records": _records()}, "무료배송 3월.xlsx")["records"]
    assert made.column("experiment").to_pylist() == ["무료배송 3월", "banner", "무료배송 3월"]
    assert made.drop(["experiment"]).equals(_records().drop(["experiment"]))


def test_results_are_records_or_sums():
    sums = SUMS.empty_table()
    found = other_tables([("experiment", {"sums": sums}), ("experiment", {"records": _records()})])
    assert [table.num_rows for table in found.records] == [3]
    assert found.sums == (sums,)
    assert registered(found).customer_ids.to_pylist() == ["a", "d"]


def test_strangers_see_the_arms_of_codes():
    whole = other_tables(
        [("experiment", {"records": _records()}), ("experiment", {"sums": SUMS.empty_table()})]
    )
    shown = disguised_tables(whole, _KEY, registered(whole).customer_ids, {})
    table = shown.records[0].to_pydict()
    assert table["customer"] == [*mask_ids(["a", "d"], _KEY), None]
    assert table["arm"] == ["A", "B", "B"]
    assert table["bought"] == [1.0, 0.0, None]
    assert table["name"] == [None, None, None]
    assert shown.sums[0].schema == SUMS


def test_whom_only_tables_know_stands_once_in_a_log_with_what_is_known(tables):
    log = registered(tables)
    assert log is not None
    assert log.customer_ids.to_pylist() == ["a", "b", "c"]
    assert log.event_names == (REGISTERED,)
    grade = log.attributes["grade"]
    assert (grade.of, grade.categories, grade.codes.tolist()) == ("customer", ("gold",), [-1, 0, 0])
    assert log.where("grade", ["gold"]).customer_ids.to_pylist() == ["b", "c"]


def test_nobody_known_is_no_log():
    assert registered(NO_TABLES) is None


def test_strangers_see_codes_stand_ins_and_no_words_of_anybody(tables):
    log = registered(tables)
    hidden = {"name": {"김민준": "Value 1", "박도윤": "Value 2", "이서연": "Value 3"}}
    shown = disguised_tables(tables, _KEY, log.customer_ids, hidden)
    codes = dict(zip("abc", mask_ids(log.customer_ids, _KEY), strict=True))
    # The same codes as the disguised log has, so that tables and log still meet.
    assert disguised(log, _KEY, attributes=["name"], word="Value").customer_ids.to_pylist() == list(
        codes.values()
    )
    table = shown.customers[0].to_pydict()
    assert table["customer"] == [codes["b"], codes["a"], codes["c"]]
    assert table["name"] == ["Value 1", "Value 3", "Value 2"]
    assert table["income"] == ["1,200", "900", None]
    assert table["grade"] == ["gold", None, "gold"]
    assert shown.answers["customer"].iloc[0] == codes["a"]
    assert pd.isna(shown.answers["customer"].iloc[1])
    assert shown.answers["score"].tolist() == [9, 3]
    assert shown.comments[0].column("comment").to_pylist() == [None, None]


def test_a_column_of_names_that_is_no_attribute_is_emptied(tables):
    shown = disguised_tables(tables, _KEY, registered(tables).customer_ids, {})
    assert shown.customers[0].column("name").to_pylist() == [None, None, None]
