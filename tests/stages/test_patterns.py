import doctest

from journey.stages import patterns as module
from journey.stages.patterns import patterns


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(module).failed == 0


def test_numbers_uuids_and_keys_are_parts_that_change():
    names = [f"level_{number}_start" for number in range(12)]
    names += [f"/u/{number:08x}-aaaa-bbbb-cccc-{number:012x}" for number in range(12)]
    names += [f"/k/{number:032x}" for number in range(12)]
    assert set(patterns(names).values()) == {"level_*_start", "/u/*", "/k/*"}


def test_a_few_names_of_one_form_stay_as_they_are():
    assert patterns([f"step_{number}" for number in range(9)]) == {}


def test_the_pages_of_a_site_are_not_one_page():
    assert patterns([f"/{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(200)]) == {}


def test_the_most_specific_pattern_comes_first():
    names = [f"/p/{number}" for number in range(10)] + [f"/p/{number}/review" for number in range(10)]
    assert list(dict.fromkeys(patterns(names).values())) == ["/p/*/review", "/p/*"]


def test_a_star_in_a_name_is_left_alone():
    assert patterns([f"*{number}" for number in range(20)]) == {}
