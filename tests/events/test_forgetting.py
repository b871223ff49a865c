"""Which ids can be nothing else, and what of a text is one of them."""

from __future__ import annotations

import pytest

from journey.events.forgetting import COVER, cover_of, is_telling, without_customers
from journey.sources.files import read_table

NFD = "\u1109\u1169\u11ab\u1102\u1175\u11b7"


@pytest.mark.parametrize(
    ("id_", "told"),
    [
        ("C-12", True),
        ("C-1", False),
        ("1234567", False),
        ("12345678", True),
        ("purchase", False),
        ("kim@shop", True),
        ("김민지", True),
        ("손님", False),
        ("", False),
    ],
)
def test_only_what_can_be_nothing_else_is_telling(id_: str, told: bool) -> None:
    assert is_telling(id_) is told


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("C-123님께", f"{COVER}님께"),
        ("(C-123)/C-123", f"({COVER})/{COVER}"),
        ("C-1234, XC-123, C-12", "C-1234, XC-123, C-12"),
        ("c-123", "c-123"),
        (f"{NFD}A이 왔다", f"{COVER}이 왔다"),
        ("", ""),
    ],
)
def test_a_whole_id_is_covered_and_a_longer_one_stays(text: str, left: str) -> None:
    assert cover_of(["C-123", "손님A"])(text) == left


def test_a_row_of_totals_is_nobodys_and_moves_up() -> None:
    rows = [f"{number}.0,{number}" for number in range(1, 7)]
    raw = read_table("\n".join(["회원,금액", *rows, "합계,21", ""]).encode(), "a.csv")
    assert raw.total_row == 6
    done = without_customers(raw, ["2", "5"], customers=["회원"], measures=["금액"])
    assert (done.rows, sorted(done.found), done.raw.total_row) == (2, ["2", "5"], 4)
    assert done.raw.frame["회원"].tolist() == ["1.0", "3.0", "4.0", "6.0", "합계"]
    # What is not there leaves the very table.
    same = without_customers(raw, ["9"], customers=["회원"])
    assert not same.is_touched
    assert same.raw.frame.equals(raw.frame)
