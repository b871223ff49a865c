"""A search is forgiving; a rule made of it takes what was found, to the name, or is not made."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from journey.stages.search import found, rule_for
from journey.stages.stage_map import Rule

NAMES = st.lists(st.text("aAbB/*가", max_size=5), max_size=8, unique=True)


def test_case_and_composition_do_not_matter():
    apart = unicodedata.normalize("NFD", "장바구니 보기")
    assert found([apart, "Cart View", "pay"], "장바구니") == [apart]
    assert found([apart, "Cart View", "pay"], "cART") == ["Cart View"]
    assert found(["a"], "") == []


def test_a_star_asks_for_the_whole_name():
    names = ["/p/1", "/p/1/review", "/P/2"]
    assert found(names, "/p/*") == names
    assert found(names, "*/review") == ["/p/1/review"]
    assert rule_for(names, "*/review") == "*/review"


def test_a_rule_takes_the_spelling_of_the_names():
    assert rule_for(["Cart_1", "Cart_2"], "cart") == "*Cart*"
    assert rule_for(["Cart_1", "cart_2"], "cart") is None
    assert rule_for(["pay"], "cart") is None


@given(NAMES, st.text("abAB/*가", max_size=3))
def test_the_rule_takes_just_what_was_found(names, text):
    pattern = rule_for(names, text)
    if pattern is not None:
        rule = Rule(pattern, "s1")
        assert [name for name in names if rule.fits(name)] == found(names, text)
