import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from journey.aggregates import event_counts as module
from journey.aggregates.event_counts import event_counts
from journey.events.log import EventLog

ROWS = st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from(["보기", "담기", "사기"])), min_size=1)


@given(ROWS, st.sampled_from([1, 2, 3, 1 << 17]), st.sampled_from([0, 40, 70]))
def test_counts_equal_a_loop_over_the_rows_whatever_the_block(rows, block, more):
    # A log has sets of events for up to 64 names only.
    rows = [*rows, *(("z", f"event {number}") for number in range(more))]
    frame = pd.DataFrame(rows, columns=["customer", "event"])
    frame["time"] = pd.date_range("2024-01-01", periods=len(rows), freq="h")
    before, module._BLOCK_ROWS = module._BLOCK_ROWS, block
    try:
        counts = event_counts(EventLog.from_frame(frame))
    finally:
        module._BLOCK_ROWS = before
    for name, n_rows, n_customers in zip(counts.names, counts.rows, counts.customers, strict=True):
        assert n_rows == sum(event == name for _, event in rows)
        assert n_customers == len({customer for customer, event in rows if event == name})


def test_a_log_that_a_filter_emptied_counts_zero_everywhere():
    frame = pd.DataFrame(
        {"customer": ["a"], "event": ["x"], "time": pd.to_datetime(["2024-01-01"]), "k": ["v"]}
    )
    log = EventLog.from_frame(frame, attributes=["k"]).where("k", [])
    counts = event_counts(log)
    assert counts.names == ("x",)
    assert np.array_equal(counts.rows, [0]) and np.array_equal(counts.customers, [0])
