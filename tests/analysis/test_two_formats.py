"""The same data in two files of different kinds give the same answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from journey.analysis.flows import flows
from journey.analysis.reach import reach
from journey.analysis.routes import routes
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.sources.files import read_table
from journey.stages.suggest import suggest

pytestmark = pytest.mark.needs_shared_data


def log_of(file, zone=None):
    raw = read_table(file, file.name)
    choice = guess_table(raw).choice()
    return cleaned(raw, replace(choice, zone=zone or choice.zone)).log


def answers(log):
    stages = suggest(log.event_names, log.event_rows.tolist(), language="en").stage_map
    return [question(log, stages).table for question in (flows, reach, routes)]


def test_a_log_of_permits_as_csv_and_as_parquet(shared_data):
    csv = log_of(shared_data / "events/receipt.csv")
    parquet = log_of(shared_data / "events/receipt.parquet")
    assert (csv.n_customers, csv.n_rows) == (parquet.n_customers, parquet.n_rows) == (1434, 8577)
    for one, other in zip(answers(csv), answers(parquet), strict=True):
        # The clock changes in some journeys, and only the text file says so.
        times = [name for name in one if "seconds" in name]
        pd.testing.assert_frame_equal(one.drop(columns=times), other.drop(columns=times))


def test_in_the_zone_that_the_text_file_names_both_are_one_log(shared_data):
    csv = log_of(shared_data / "events/receipt.csv", "Europe/Amsterdam")
    parquet = log_of(shared_data / "events/receipt.parquet", "Europe/Amsterdam")
    assert csv.event_names == parquet.event_names
    assert csv.customer_ids.equals(parquet.customer_ids)
    for part in ("offsets", "event", "time"):
        assert np.array_equal(getattr(csv, part), getattr(parquet, part)), part
    for one, other in zip(answers(csv), answers(parquet), strict=True):
        pd.testing.assert_frame_equal(one, other)
