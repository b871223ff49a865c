"""Codes for texts: the road without a hash table gives what sorting plain Python texts gives."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.events import numbered
from journey.events.encode import encode
from journey.events.log import EventLog

DIGITS = st.text("0123456789", min_size=1, max_size=20)
ODD = st.sampled_from(
    [
        None,
        "",
        "u",
        "-1",
        "u-1",
        "0",
        "00",
        "u0",
        "u00",
        "NULL",
        "u1 ",
        " u1",
        "U1",
        "u１",
        "٣",
        "u12a",
        "ü7",
        "고객1",
    ]
)


def numbered_like(prefix: str, tails: list[str], odd: list[str | None], seed: int) -> list[str | None]:
    # Enough of one form that the fast road is taken, and a few of another.
    texts: list[str | None] = [prefix + tail for tail in tails] * (1 + 30 * len(odd) // len(tails))
    texts += odd
    random.Random(seed).shuffle(texts)
    return texts


NUMBERED = st.builds(
    numbered_like,
    st.sampled_from(["", "u", "C-", "고객", "customer_number_", "2024-", "a\x00b", "0x"]),
    st.lists(DIGITS, min_size=1, max_size=40),
    st.lists(ODD, max_size=3),
    st.integers(0, 99),
)
ANY = st.lists(st.one_of(st.none(), st.text(max_size=6), DIGITS, ODD), max_size=40)


def column(texts: list[str | None], pieces: int = 1) -> pa.ChunkedArray:
    """Arrow text in several chunks, each a slice of a longer one, as readers of files hand it over."""
    cuts = np.linspace(0, len(texts), pieces + 1).astype(int)
    return pa.chunked_array(
        [
            pa.array(["99", None, *texts[low:high], "x"], pa.large_string()).slice(2, high - low)
            for low, high in itertools.pairwise(cuts)
        ],
        pa.large_string(),
    )


def plainly(texts: list[str | None]) -> tuple[list[int], list[str]]:
    values = sorted({text for text in texts if text})
    return [values.index(text) if text else -1 for text in texts], values


@settings(deadline=None)
@given(st.one_of(NUMBERED, ANY), st.integers(1, 3))
def test_codes_are_positions_among_the_distinct_texts_in_code_point_order(texts, pieces):
    codes, values = encode(column(texts, pieces))
    assert (codes.tolist(), values.to_pylist()) == plainly(texts)
    assert codes.dtype == np.int32


@settings(deadline=None)
@given(NUMBERED, st.integers(0, 99))
def test_a_log_is_the_same_by_either_road(texts, seed):
    draw = np.random.default_rng(seed)
    if not any(texts):
        texts = [*texts, "u1"]
    frame = pd.DataFrame(
        {
            "customer": pd.Series(texts, dtype="str"),
            "event": draw.choice(["view", "buy", "ask"], len(texts)),
            "time": pd.Timestamp("2025-01-01") + pd.to_timedelta(draw.integers(0, 9, len(texts)), unit="s"),
        }
    )
    fast = EventLog.from_frame(frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbered, "encode", lambda texts: None)
        plain = EventLog.from_frame(frame)
    assert fast.fingerprint == plain.fingerprint
    assert fast.notes == plain.notes


@pytest.mark.parametrize(
    "texts",
    [
        ["u000123", "u000124", "u123"],
        ["C-7", "C-70", "C-8", "C-007"],
        ["10", "9", "009", "0", "00"],
        ["고객1", "고객22"],
        [f"x{10**17 + k}" for k in range(50)],
        ["7"],
    ],
)
def test_numbered_ids_need_no_hash_table(texts):
    found = numbered.encode(column(texts))
    assert found is not None
    assert not len(found.rest)
    assert found.values.to_pylist() == sorted(set(texts))
    assert [found.values[code].as_py() for code in found.codes] == texts


@pytest.mark.parametrize(
    "texts",
    [[], [None, None], ["", ""], ["kim", "lee"], ["a1", "b2", "c3"], ["9" * 19, "8" * 19], ["x" * 70 + "1"]],
)
def test_other_ids_are_not_taken_for_numbered_ones(texts):
    assert numbered.encode(column(texts)) is None


def test_rows_that_hold_no_numbered_id_are_handed_back():
    texts = [f"u{k:04d}" for k in range(200)]
    texts[3], texts[150], texts[170] = "NULL", None, "u" + "1" * 19
    found = numbered.encode(column(texts, 3))
    assert found is not None
    assert found.rest.tolist() == [3, 170]
    assert np.flatnonzero(found.codes < 0).tolist() == [3, 150, 170]


def test_texts_that_tidying_makes_equal_share_a_code_and_null_is_missing():
    seen: list[int] = []

    def tidy(texts: pa.LargeStringArray) -> pa.LargeStringArray:
        seen.append(len(texts))
        trimmed = pc.utf8_trim_whitespace(texts)
        return pc.if_else(pc.equal(trimmed, "-"), pa.scalar(None, pa.large_string()), trimmed)

    codes, values = encode(column(["b", " b", "-", "a", "b ", " ", None, "a"]), tidy=tidy)
    assert values.to_pylist() == ["a", "b"]
    assert codes.tolist() == [1, 1, -1, 0, 1, -1, -1, 0]
    assert seen == [6]  # each distinct text once


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series([10, 9, 10]), ["10", "9"]),
        (pd.Series([10.0, np.nan, 9.0]), ["10", "9"]),
        (pd.Series([1.5, 2.0]), ["1.5", "2.0"]),
        (pd.Series(["b", None, "a"], dtype=object), ["a", "b"]),
        (pd.Series(["b", None, "a"], dtype="category"), ["a", "b"]),
        (pd.Series([True, False]), ["False", "True"]),
    ],
)
def test_columns_that_are_not_text_are_read_as_text(values, texts):
    codes, found = encode(values)
    assert found.to_pylist() == texts
    assert (codes < 0).tolist() == values.isna().tolist()


@settings(deadline=None)
@given(st.lists(DIGITS.filter(lambda text: len(text) <= 18), min_size=1, max_size=30))
def test_widely_scattered_numbers_take_the_same_codes(tails):
    # A range too wide for a table of cells goes through integers in a hash table.
    texts = ["p" + tail for tail in tails] + ["p" + "9" * 18, "p0"]
    codes, values = encode(column(texts))
    assert (codes.tolist(), values.to_pylist()) == plainly(texts)
