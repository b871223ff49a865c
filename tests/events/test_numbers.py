"""Amounts as people write them: exact, and never guessed."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events.numbers import parse_number, parse_numbers


def numbers(*cells):
    return parse_numbers(pd.Series(list(cells), dtype="str"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,234원", "1234"),
        ("₩1,234", "1234"),
        ("￦1,234", "1234"),
        ("₩-1,234", "-1234"),
        ("-₩1,234", "-1234"),
        ("$1,234.50", "1234.5"),
        ("1234 KRW", "1234"),
        ("35%", "0.35"),
        ("12.5 %", "0.125"),
        ("3만5천", "35000"),
        ("3만 5천원", "35000"),
        ("1억 2,000만원", "120000000"),
        ("1.5억", "150000000"),
        ("3천5백만", "35000000"),
        ("5천원", "5000"),
        ("만원", "10000"),
        ("1만500원", "10500"),
        ("(1,234)", "-1234"),
        ("(1,234원)", "-1234"),
        ("△500", "-500"),
        ("▲500", "-500"),
        ("−500", "-500"),
        ("-500", "-500"),
        ("+3", "3"),
        ("0.1", "0.1"),
        (".5", "0.5"),
        ("1,234,567.89", "1234567.89"),
        ("00123", "123"),
        ("１，２３４", "1234"),
        ("12명", "12"),
        ("337,300.00", "337300"),
    ],
)
def test_exact_values(cell, expected):
    assert parse_number(cell) == Decimal(expected)
    assert numbers(cell, "1").values.tolist() == [float(expected), 1.0]


@pytest.mark.parametrize(
    "cell",
    [
        "1,23",
        "12,34,567",
        "1e5",
        "1.234,56",
        "1 234",
        "3만5",
        "1만 1만",
        "1-2",
        "--5",
        "abc",
        "inf",
        "1,234,56",
        "()",
        "%",
        "원",
    ],
)
def test_what_would_be_a_guess_is_flagged(cell):
    found = numbers(cell, "1", cell)
    assert parse_number(cell) is None
    assert np.isnan(found.values).tolist() == [True, False, True]
    assert (found.invalid, found.missing) == (2, 0)
    assert found.invalid_examples == (cell,)


@pytest.mark.parametrize("cell", ["", "-", "NA", "null", " ", "없음"])
def test_missing(cell):
    found = numbers(cell, "1,000원")
    assert (found.missing, found.invalid) == (1, 0)
    assert math.isnan(found.values[0])


def test_percent_is_counted():
    assert numbers("35%", "1", "2%").percent == 2


def test_plain_columns_take_the_fast_way():
    found = numbers("1", "", "-2.5", "1234567890")
    assert found.values[2:].tolist() == [-2.5, 1234567890.0]
    assert (found.missing, found.invalid) == (1, 0)


def test_number_columns_of_pandas_are_taken_too():
    found = parse_numbers(pd.Series([1.5, float("inf"), float("nan")]))
    assert found.values[0] == 1.5
    assert np.isnan(found.values[1:]).all()
    assert (found.missing, found.invalid) == (1, 1)


@given(st.decimals(-(10**12), 10**12, places=2))
def test_written_with_commas_a_number_stays_itself(number):
    assert parse_number(f"{number:,}") == number
    assert parse_number(f"{number:,}원") == number


@given(st.integers(1, 10**15))
def test_written_in_myriads_a_number_stays_itself(number):
    rest, words = number, ""
    for unit, size in (("조", 10**12), ("억", 10**8), ("만", 10**4)):
        part, rest = divmod(rest, size)
        words += f"{part:,}{unit} " if part else ""
    if rest >= 10 or not words:
        words += str(rest)
    else:
        number -= rest
    assert parse_number(words + "원") == number


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_text_is_either_read_or_counted(cells):
    found = numbers(*cells)
    assert int(np.isnan(found.values).sum()) == found.invalid + found.missing
