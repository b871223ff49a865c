import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from journey.events.session_ids import SessionIds

CUSTOMERS = ["가", "b", "c"]


def written(owner):
    return [f"{CUSTOMERS[one]}\x1f{owner[: at + 1].count(one)}" for at, one in enumerate(owner)]


@given(st.lists(st.integers(0, 2), max_size=8).map(sorted), st.data())
def test_ids_are_the_same_whether_all_or_only_some_are_written(owner, data):
    ids = SessionIds(pa.array(CUSTOMERS, pa.large_string()), np.array(owner, dtype=np.int32))
    assert len(ids) == len(owner)
    assert ids.to_pylist() == written(owner)
    some = data.draw(st.lists(st.integers(0, len(owner) - 1), max_size=5)) if owner else []
    low, high = sorted(data.draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    for places in (np.array(some, dtype=np.int64), pa.array(some, pa.int64())):
        assert ids.take(places).to_pylist() == [written(owner)[one] for one in some]
    assert ids[low:high].to_pylist() == written(owner)[low:high]
    assert ids[low:].take([0] if len(owner) > low else []).to_pylist() == written(owner)[low : low + 1]


def test_sessions_of_what_are_sessions_already_keep_both_numbers():
    days = SessionIds(pa.array(CUSTOMERS, pa.large_string()), np.array([0, 0, 1]))
    ids = SessionIds(days, np.array([0, 1, 1, 2]))
    assert ids.to_pylist() == ["가\x1f1\x1f1", "가\x1f2\x1f1", "가\x1f2\x1f2", "b\x1f1\x1f1"]
