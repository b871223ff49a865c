"""Stamps read from bytes: the same instants as Arrow reads, and nothing else is taken for a stamp."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.events import blocks
from journey.events.time_stamps import FIRST, LAST, read

SECONDS = st.integers(FIRST.astype("datetime64[s]").astype(int), LAST.astype("datetime64[s]").astype(int) - 1)


def column(*chunks):
    return pa.chunked_array([pa.array(chunk, pa.large_string()) for chunk in chunks], pa.large_string())


@given(st.lists(SECONDS, min_size=1, max_size=30), st.sampled_from([" ", "T"]))
def test_stamps_of_one_century_are_read_as_arrow_reads_them(seconds, gap):
    instants = np.array(seconds, dtype="datetime64[s]")
    texts = column([str(instant).replace("T", gap) for instant in instants])
    found = read(texts)
    if len({str(instant)[:2] for instant in instants}) == 1:
        assert found.dtype == "datetime64[us]"
        assert found.tolist() == pc.cast(texts, pa.timestamp("us")).to_pylist()
    else:
        assert found is None


def test_chunks_and_slices_and_blocks_follow_one_another(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 2)
    texts = [f"2025-01-0{day} 00:00:0{day}" for day in range(1, 8)]
    sliced = pa.array(["no time", *texts[:4], "no time"], pa.large_string())[1:5]
    found = read(pa.chunked_array([sliced, pa.array(texts[4:], pa.large_string())]))
    assert found.tolist() == [np.datetime64(text, "us").item() for text in texts]
    assert read(column([])).tolist() == []


@pytest.mark.parametrize(
    "cell",
    [
        *("2025-02-29 00:00:00", "2025-13-01 00:00:00", "2025-00-01 00:00:00", "2025-01-00 00:00:00"),
        *("2025-01-01 24:00:00", "2025-01-01 00:60:00", "2025-01-01 00:00:60", "2025-01-01 99:99:99"),
        *("1900-12-31 00:00:00", "2262-01-01 00:00:00", "0025-01-01 00:00:00", "20x5-01-01 00:00:00"),
        *("x025-01-01 00:00:00", "2025/01/01 00:00:00", "2025-01-01_00:00:00", "2025-01-01 00.00.00"),
        *("2025-01-01 00:00", "2025-01-01", "2025-01-01 00:00:00Z", "2025-01-01 00:00:0:", "", None),
        *("2025-01-01 00:00:\u00e9", "2025-01-01T00:00:00", "1925-01-01 00:00:00"),
        *("2025-01-:1 00:00:00", "2025-01-01 0/:00:00", "2025-01-01 00:00:0\x7f"),
    ],
)
def test_a_column_with_another_cell_is_handed_back(cell):
    assert read(column(["2025-01-01 00:00:00", cell, "2025-01-01 00:00:00"])) is None


def test_a_leap_day_is_a_day():
    assert read(column(["2000-02-29 23:59:59"])).tolist() == [
        np.datetime64("2000-02-29T23:59:59", "us").item()
    ]
    assert read(column(["2100-02-29 00:00:00"])) is None
