import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from journey.aggregates import event_counts as module
from journey.aggregates.event_counts import customers_of, event_counts
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


def counted(rows):
    """The counts of these (customer, event, minute), by event."""
    frame = pd.DataFrame(rows, columns=["customer", "event", "minute"])
    frame["time"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["minute"], unit="min")
    return event_counts(EventLog.from_frame(frame))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["보기", "담기", "사기"]), st.integers(0, 9)),
        min_size=1,
    ),
    st.permutations("z9가B"),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(rows, ids, random):
    new = dict(zip("abcd", ids, strict=True))
    other = [(new[customer], event, minute) for customer, event, minute in rows]
    random.shuffle(other)
    one, two = counted(rows), counted(other)
    assert one.names == two.names
    assert np.array_equal(one.rows, two.rows) and np.array_equal(one.customers, two.customers)


@given(ROWS, st.sets(st.sampled_from("abcdefg")))
def test_counts_of_disjoint_customers_add_up(rows, chosen):
    frame = pd.DataFrame(rows, columns=["customer", "event"])
    frame["time"] = pd.date_range("2024-01-01", periods=len(rows), freq="h")
    log = EventLog.from_frame(frame)
    part = np.array([one in chosen for one in log.customer_ids.to_pylist()])
    whole, one, other = (
        event_counts(some) for some in (log, log.of_customers(part), log.of_customers(~part))
    )
    assert whole.names == one.names == other.names
    assert np.array_equal(whole.rows, one.rows + other.rows)
    assert np.array_equal(whole.customers, one.customers + other.customers)


def test_a_log_that_a_filter_emptied_counts_zero_everywhere():
    frame = pd.DataFrame(
        {"customer": ["a"], "event": ["x"], "time": pd.to_datetime(["2024-01-01"]), "k": ["v"]}
    )
    log = EventLog.from_frame(frame, attributes=["k"]).where("k", [])
    counts = event_counts(log)
    assert counts.names == ("x",)
    assert np.array_equal(counts.rows, [0]) and np.array_equal(counts.customers, [0])


@given(ROWS, st.lists(st.integers(-1, 1), min_size=3, max_size=3))
def test_customers_of_a_group_are_counted_once(rows, groups):
    frame = pd.DataFrame(rows, columns=["customer", "event"])
    frame["time"] = pd.date_range("2024-01-01", periods=len(rows), freq="h")
    log = EventLog.from_frame(frame)
    group = dict(zip(log.event_names, groups, strict=False))
    counted = customers_of(log, np.array([group[name] for name in log.event_names]), 2)
    assert counted.tolist() == [len({who for who, event in rows if group[event] == at}) for at in (0, 1)]
