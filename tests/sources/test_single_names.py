"""Each name is handed out once, and stays as it is where it can."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from journey.sources import single_names
from journey.sources.single_names import SingleNames


def test_the_example_holds():
    assert doctest.testmod(single_names).failed == 0


@given(st.lists(st.sampled_from(["a", "a.1", "a.2", "a.1.1", "{name}", ""]), max_size=12))
def test_no_name_is_given_twice_and_the_first_of_each_that_is_free_stays(wanted):
    given_out = SingleNames(["a.1"]).all(wanted)
    assert len({"a.1", *given_out}) == len(wanted) + 1
    for place, name in enumerate(wanted):
        assert given_out[place].startswith(name)
        assert given_out[place] == name or name in ("a.1", *given_out[:place])


def test_a_hundred_thousand_columns_of_one_name_are_no_long_search():
    names = SingleNames(form="{name} ({copy})", first=2)
    given_out = names.all(["금액"] * 100_000)
    assert (given_out[0], given_out[1], given_out[-1]) == ("금액", "금액 (2)", "금액 (100000)")
