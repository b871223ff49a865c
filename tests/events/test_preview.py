"""The first rows as a choice of columns reads them: nothing lost, roles first, nothing changed."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from journey.events.kinds import KINDS, TableChoice
from journey.events.preview import preview

HEAD = pd.DataFrame(
    {
        "memo": ["x" * 900, ""],
        "금액": ["", "1,234원"],
        "at": ["soon", "2024-03-05 10:00"],
        "id": ["007", "008"],
    },
    dtype="string[pyarrow]",
)
ORDERS = TableChoice("orders", {"customer": ("id",), "time": ("at",), "amount": ("금액",)})


def test_roles_come_first_and_the_first_that_can_be_read_is_shown():
    made = preview(HEAD, ORDERS)
    assert list(made.frame.columns) == ["id", "at", "금액", "memo"]
    assert made.roles == {"id": "customer", "at": "time", "금액": "amount"}
    assert made.time[0] == "2024-03-05 10:00" and made.time[1].isoformat() == "2024-03-05T10:00:00+09:00"
    assert made.amount == ("1,234원", 1234.0)


def test_without_a_choice_the_file_is_shown_as_it_stands():
    made = preview(HEAD, None)
    assert list(made.frame.columns) == list(HEAD.columns)
    assert (made.roles, made.time, made.amount) == ({}, None, None)


def test_a_choice_of_columns_that_are_gone_breaks_nothing():
    made = preview(HEAD[["memo"]], ORDERS)
    assert list(made.frame.columns) == ["memo"]
    assert made.time is None and made.amount is None


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_every_column_is_shown_once_and_the_table_is_left_alone(kind, data):
    names = data.draw(st.permutations(list(HEAD.columns)))
    roles = [role.name for role in KINDS[kind]]
    choice = TableChoice(kind, {role: (name,) for role, name in zip(roles, names, strict=False)})
    before = HEAD.copy()
    made = preview(HEAD, choice, rows=1)
    assert sorted(made.frame.columns) == sorted(HEAD.columns)
    assert len(made.frame) == 1
    assert int(made.frame["memo"].str.len().max()) == 500
    pd.testing.assert_frame_equal(HEAD, before)
