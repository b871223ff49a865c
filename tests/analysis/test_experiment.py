from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from journey.analysis.experiment import experiment
from journey.events.other_tables import NO_TABLES, OtherTables, nobody
from journey.stages.stage_map import StageMap


def records(frame: pd.DataFrame) -> OtherTables:
    """The records of one experiment, as the file's reader has them."""
    whole = {"customer": None, "experiment": None, "time": pd.NaT, **frame}
    made = pd.DataFrame(whole, index=range(len(frame)))
    return OtherTables(records=(pa.Table.from_pandas(made, preserve_index=False),))


def shares(**arms: tuple[int, int]) -> OtherTables:
    """So many conversions of so many units in each arm."""
    parts = [
        pd.DataFrame({"arm": arm, "bought": np.r_[np.ones(k), np.zeros(n - k)]})
        for arm, (k, n) in arms.items()
    ]
    return records(pd.concat(parts, ignore_index=True))


def test_two_shares_are_compared_as_in_o_01():
    found = experiment(nobody(), StageMap(), tables=shares(A=(200, 5000), B=(250, 5000)))
    row = found.table.iloc[1]
    assert row["p"] == pytest.approx(0.01586897, abs=1e-7)
    assert row["difference_low"] == pytest.approx(0.00186997, abs=1e-7)
    assert row["difference_high"] == pytest.approx(0.01817129, abs=1e-7)
    assert found.control == "A"


def test_without_any_test_it_says_so():
    found = experiment(nobody(), StageMap(), tables=NO_TABLES)
    assert found.finding.code == "experiment.finding_none"
    assert found.table.empty
    assert "state" in found.table.columns
