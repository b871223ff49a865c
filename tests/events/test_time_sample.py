"""A look at a time column before the log is built."""

import pandas as pd
import pytest

from journey.events.time_sample import time_sample


def column(*cells):
    return pd.Series(list(cells), dtype="str")


def test_what_cannot_be_read_is_counted_and_empty_cells_are_not():
    found = time_sample(column("2024-03-05 10:00", "soon", "", "2024-02-30 10:00"))
    assert (found.rows, found.unread, found.unit, found.mostly_dates) == (4, 2, "text", False)


@pytest.mark.parametrize(("cell", "unit"), [("1709600000", "seconds"), ("20240305", "day_number")])
def test_the_unit_of_numbers_is_told(cell, unit):
    assert time_sample(column(cell, cell)).unit == unit


def test_a_long_column_is_looked_at_evenly_from_end_to_end():
    cells = ["2024-03-05 10:00"] * 500 + ["later"] * 500
    found = time_sample(column(*cells), most=100)
    assert (found.rows, found.unread) == (100, 50)
    assert time_sample(column(*cells[:101]), most=100).rows == 51


def test_an_ambiguous_order_is_told_unless_any_row_of_the_whole_column_settles_it():
    cells = ["01/02/2024", "03/02/2024"] * 50
    found = time_sample(column(*cells), most=10)
    assert found.ambiguous.values["example"] == "01/02/2024"
    assert set(found.ambiguous.values["readings"]) == {"mdy", "dmy"}
    assert time_sample(column(*cells, "31/01/2024", *cells), most=10).ambiguous is None
