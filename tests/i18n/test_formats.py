import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.i18n import formats


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0.0%"),
        (1, "100.0%"),
        (0.3605, "36.1%"),
        (0.13850, "13.9%"),
        (1 / 3, "33.3%"),
        (0.0004, "<0.1%"),
        (0.0005, "0.1%"),
        (0.9996, ">99.9%"),
        (0.9994, "99.9%"),
        (float("nan"), "–"),
        (None, "–"),
    ],
)
def test_a_share_is_percent_with_one_digit_and_never_rounds_away_the_last_customer(value, said):
    assert formats.share(value, "ko") == formats.share(value, "en") == said


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_percent_is_the_decimal_rounded_half_up(pair):
    k, n = pair
    assert abs(formats.percent_of(k / n) - 100 * k / n) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (0.0321, "+3.2%p", "+3.2 points"),
        (-0.125, "−12.5%p", "−12.5 points"),
        (0.0001, "0.0%p", "0.0 points"),
        (float("nan"), "–", "–"),
        (None, "–", "–"),
    ],
)
def test_a_difference_of_shares_has_its_sign_and_points(value, korean, english):
    assert (formats.points(value, "ko"), formats.points(value, "en")) == (korean, english)
    assert formats.signed(value, "en") == english.removesuffix(" points")


def test_a_rate_has_two_digits_that_count():
    assert [formats.odds(q, "en") for q in (0.0004, 0.0342, 0.5, 1.0)] == ["<0.001", "0.034", "0.5", "1"]


def test_whole_numbers_are_grouped():
    assert formats.count(1234567, "ko") == "1,234,567"
    assert formats.count(float("nan"), "ko") == "–"
    said = [formats.amount(value, "en") for value in (5.4, 5, 1234.5, float("nan"))]
    assert said == ["5.40", "5", "1,234", "–"]
    assert formats.plain([1200, "a"], "en") == "1,200, a"
    assert formats.plain(True, "en") == "True"


def test_days_and_moments_are_native():
    at = dt.datetime(2024, 3, 5, 15, 7)
    assert formats.date(at.date(), "ko") == "2024년 3월 5일"
    assert formats.date(at.date(), "en") == "Mar 5, 2024"
    assert formats.moment(at, "ko") == "2024년 3월 5일 (화) 15:07"
    assert formats.moment(at, "en") == "Tue, Mar 5, 2024, 15:07"


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (0, "0초", "0 s"),
        (59.6, "1분", "1 min"),
        (93, "1분 33초", "1 min 33 s"),
        (3600, "1시간", "1 h"),
        (3 * 86400 + 4 * 3600 + 59, "3일 4시간", "3 d 4 h"),
        (86400 + 30, "1일", "1 d"),
        (400 * 86400, "400일", "400 d"),
        (float("nan"), "–", "–"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(seconds, korean, english):
    assert formats.span(seconds, "ko") == korean
    assert formats.span(seconds, "en") == english


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (0, "0B", "0 B"),
        (999, "999B", "999 B"),
        (1000, "1.0KB", "1.0 KB"),
        (12_900_000, "12.3MB", "12.3 MB"),
        (100 * 2**20, "100MB", "100 MB"),
        (1023 * 2**20, "1.0GB", "1.0 GB"),
        (5000 * 2**40, "5,000TB", "5,000 TB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits(value, korean, english):
    assert formats.size(value, "ko") == korean
    assert formats.size(value, "en") == english


def test_a_clock_has_two_digits():
    assert formats.clock(dt.datetime(2024, 3, 5, 7, 4), "ko") == "07:04"


@pytest.mark.parametrize(
    "name, korean, english",
    [
        ("3", "3번 안", "arm 3"),
        ("B", "B 안", "arm B"),
        ("gate_40", "gate_40 안", "gate_40"),
        ("새 안", "새 안", "새 안"),
        ("대조군", "대조군", "대조군"),
    ],
)
def test_an_arm_is_never_a_bare_number_in_a_sentence(name, korean, english):
    assert formats.arm(name, "ko") == korean
    assert formats.arm(name, "en") == english


def test_outside_of_sentences_only_numbers_need_a_word_beside_them():
    assert [formats.arm_name("3", one) for one in ("ko", "en")] == ["3번 안", "arm 3"]
    assert [formats.metric("1", one) for one in ("ko", "en")] == ["지표 1", "metric 1"]
    assert formats.arm_name("B", "en") == formats.metric("B", "ko") == "B"


def test_a_difference_of_shares_near_nothing_keeps_a_digit_that_tells_it_from_nothing():
    assert formats.moved(("share", 0.0005), "ko") == "+0.05%p"
    assert formats.moved(("share", -0.0005), "en") == "−0.05 points"
    assert formats.moved(("share", 0.002), "en") == "+0.2 points"
    assert formats.moved(("share", 0.0), "en") == "0.0 points"
