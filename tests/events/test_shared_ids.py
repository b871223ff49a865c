"""Customers that two files share, counted once each, and those that only look different."""

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from journey.events.shared_ids import distinct_ids, shared_ids
from journey.findings import Finding


def ids(*texts):
    return pa.array(texts, pa.large_string())


files = st.lists(st.sets(st.sampled_from(["1", "2", "3", "A1", "a1", "007"])).map(sorted), max_size=4)


@given(files)
def test_a_match_is_a_customer_of_any_other_file(brought):
    found = shared_ids([ids(*one) for one in brought])
    for place, one in enumerate(brought):
        others = {each for at, other in enumerate(brought) if at != place for each in other}
        assert found[place].customers == len(one)
        assert found[place].matched == len(set(one) & others)
        assert 0 <= found[place].share <= 1
        hint = found[place].hint
        assert hint is None or found[place].share + 0.05 <= hint.values["share"] <= 1


def test_ids_that_exports_wrote_in_another_way_are_told():
    one, other = shared_ids([ids("007", "012", "99"), ids("7", "12", "x")])
    assert (one.matched, one.customers) == (0, 3)
    assert one.hint == other.hint == Finding("tables.match_zeros", {"share": 2 / 3})
    assert [same.hint for same in shared_ids([ids("7", "12"), ids("12", "7")])] == [None, None]


def test_nobody_is_no_customer_and_spaces_do_not_make_another():
    column = pd.Series(["001", " 001 ", "", "-", "NULL", "2"], dtype="string[pyarrow]")
    assert sorted(distinct_ids(column).to_pylist()) == ["001", "2"]
