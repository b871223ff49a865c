"""How many a test needs and what it can see: against statsmodels, the rows O-18 to O-21, and each other."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from journey.aggregates.traffic import Traffic
from journey.analysis.power import power, today
from journey.charts.power import curve, power_chart
from journey.errors import SettingWrong
from journey.i18n import LANGUAGES
from journey.stages.experiment_plan import Arm
from tests.analysis.logs import DAY, event_log, rows, speak, stage_map
from tests.endurance import examples

TWO = (Arm("A"), Arm("B"))
MONDAY = dt.date(2026, 11, 30)
SHARES = st.floats(0.02, 0.6)
WEIGHTS = st.lists(st.sampled_from([1, 2, 3, 0.5]), min_size=2, max_size=4)


def arms_of(weights):
    return [Arm(str(place), weight=weight) for place, weight in enumerate(weights)]


def a_week(n):
    """Traffic as somebody types it: so many a week, all of them new."""
    return Traffic("customer", np.array([n]))


def drawn(answer):
    """Both pictures, as the grammar of charts takes them."""
    for language in LANGUAGES:
        for chart in (power_chart, curve):
            chart(answer, language=language, dark=True).to_dict()


@pytest.mark.parametrize(
    ("base", "target", "n"), [(0.10, 0.12, 3841), (0.05, 0.06, 8158), (0.20, 0.25, 1094), (0.04, 0.05, 6745)]
)
def test_o_18_units_an_arm_for_two_shares(base, target, n):
    answer = power(kind="share", base=base, smallest=target - base)
    assert answer.sizes["n"].tolist() == [n, n] and answer.n == 2 * n
    one_fewer = power(kind="share", base=base, weeks=1, traffic=a_week(2 * (n - 1)))
    assert one_fewer.effect > target - base


def test_o_19_power_at_the_planned_number():
    answer = power(kind="share", base=0.1, smallest=0.02)
    at = answer.curve.iloc[(answer.curve["effect"] - 0.02).abs().argmin()]
    assert at["power"] == pytest.approx(0.80001653, abs=1e-5)


def test_o_20_smallest_difference_of_shares():
    answer = power(kind="share", base=0.04, weeks=1, traffic=a_week(10_000))
    assert answer.effect == pytest.approx(0.01171937, abs=1e-6)
    assert answer.relative == pytest.approx(0.01171937 / 0.04, abs=1e-4)


def test_rare_things_keep_their_digits_and_a_base_of_nothing_has_no_part():
    rare = speak(power(kind="share", base=0.00012, smallest=0.000012, traffic=a_week(10_000)))[:2]
    assert all("0.012%" in one and "(10.0%)" in one for one in rare)
    nothing = power(kind="share", base=0.0, smallest=0.01, traffic=a_week(10_000))
    assert not any("–" in one or "()" in one for one in speak(nothing)[:2])
    for picture in (power_chart, curve):
        spec = picture(nothing, language="ko").to_dict()
        assert "%p" in str(spec["layer"][-1]["encoding"])
        largest = max(row.get("effect", row.get("at")) for row in spec["datasets"]["points"])
        assert 0.05 < largest < 5


def test_weeks_that_see_too_little_are_drawn_all_the_same():
    answer = power(kind="share", base=0.001, smallest=0.0001, traffic=a_week(10_000))
    points = power_chart(answer, language="en").to_dict()["datasets"]["points"]
    assert len(points) > 50 and min(row["effect"] for row in points) == answer.table["relative"].min()


def test_o_21_means_by_the_noncentral_t():
    assert power(kind="mean", base=10, spread=2, smallest=1).sizes["n"].tolist() == [64, 64]
    assert power(kind="mean", base=10, spread=1, smallest=0.2).sizes["n"].tolist() == [394, 394]
    answer = power(kind="mean", base=10, spread=3, weeks=2, traffic=a_week(1000))
    assert answer.effect == pytest.approx(3 * 0.12535081, abs=1e-4)


def test_an_unequal_split_is_that_of_statsmodels():
    answer = power(kind="mean", base=10, spread=2, smallest=0.5, arms=arms_of([3, 1]))
    n = TTestIndPower().solve_power(0.25, alpha=0.05, power=0.8, ratio=1 / 3)
    assert answer.sizes["n"].tolist() == [math.ceil(n), math.ceil(n / 3)]


@settings(max_examples=examples(40), deadline=None)
@given(SHARES, st.floats(0.05, 0.5), WEIGHTS, st.sampled_from(["higher", "lower"]), st.integers(50, 10**5))
def test_the_size_for_an_effect_sees_that_effect_and_no_week_less_does(base, part, weights, better, weekly):
    effect = base * part
    answer = power(
        kind="share",
        base=base,
        smallest=effect,
        traffic=a_week(weekly),
        arms=arms_of(weights),
        better=better,
        starts=MONDAY,
    )
    assert answer.level == 0.05 / (len(weights) - 1)
    assert answer.sizes["n"].sum() == answer.n
    assert answer.weeks == math.ceil(answer.n / weekly)
    if answer.weeks <= 104:
        assert answer.last == MONDAY + dt.timedelta(days=7 * int(answer.weeks) - 1)
        back = power(
            kind="share",
            base=base,
            weeks=int(answer.weeks),
            traffic=a_week(weekly),
            arms=arms_of(weights),
            better=better,
        )
        assert back.effect <= effect * (1 + 0.02)
        if answer.weeks > 1:
            less = answer.table[answer.table["week"] == answer.weeks - 1].iloc[0]
            assert less["power"] < 0.8 + 1e-3 and less["smallest"] > effect * (1 - 1e-3)
    speak(answer)


@settings(max_examples=examples(40), deadline=None)
@given(SHARES, st.floats(0.05, 0.5), WEIGHTS, st.sampled_from(["higher", "lower"]), st.integers(5, 10**4))
def test_another_week_never_sees_less(base, part, weights, better, k):
    # Each arm gets a whole number of units: where a few are cut off, the split is another each week.
    weekly = k * round(2 * sum(weights))
    table = power(
        kind="share",
        base=base,
        smallest=base * part,
        traffic=a_week(weekly),
        arms=arms_of(weights),
        better=better,
    ).table
    assert (table["n"] == weekly * table["week"]).all()
    assert (np.diff(table["power"].dropna()) >= -1e-9).all()
    assert (np.diff(table["smallest"].dropna()) <= 1e-9).all()


@settings(max_examples=examples(8), deadline=None)
@given(st.floats(-100, 1000), st.floats(0.1, 1000), st.floats(0.01, 100), WEIGHTS)
def test_a_smaller_effect_more_power_a_stricter_level_or_an_arm_more_never_need_fewer(
    base, spread, effect, weights
):
    def n(**other):
        wanted = {"smallest": effect, "arms": arms_of(weights), **other}
        return power(kind="mean", base=base, spread=spread, **wanted).n

    first = n()
    assert n(smallest=effect / 2) >= first
    assert n(wished=0.9) >= first
    assert n(alpha=0.01) >= first
    assert n(arms=arms_of([*weights, min(weights)])) >= first


def test_what_to_beware_of_is_said():
    def codes(**given):
        answer = power(**{"kind": "share", "base": 0.1, "smallest": 0.02, "starts": MONDAY, **given})
        speak(answer)
        return {note.code.removeprefix("planner.") for note in answer.notes}

    assert "warn_long_seen" in codes(traffic=a_week(900))
    assert "warn_long_seen" not in codes(traffic=a_week(1000))
    assert "warn_short" in codes(traffic=a_week(9000)) and "warn_short" not in codes(traffic=a_week(8900))
    assert "warn_few" in codes(n_known=99) and "warn_few" not in codes(n_known=100)
    assert "warn_rare" in codes(base=0.001, smallest=0.2)
    assert "warn_tails" in codes(kind="mean", base=1, spread=4)
    assert {"note_arms", "note_unequal"} <= codes(arms=arms_of([2, 1, 1]))


def test_days_are_whole_weeks_and_the_last_one_is_observed_to_the_end():
    answer = power(
        kind="share",
        base=0.1,
        smallest=0.02,
        traffic=a_week(4000),
        n_known=1000,
        starts=MONDAY,
        window=7,
    )
    assert (answer.weeks, answer.weeks_low, answer.weeks_high) == (2, 2, 2)
    assert answer.last == dt.date(2026, 12, 13) and answer.done == dt.date(2026, 12, 21)
    assert answer.table["ends"].iloc[1] == answer.last


def test_guardrails_say_how_small_a_harm_would_be_seen():
    one = {"name": "결제", "kind": "share", "base": 0.3, "margin": 0.05, "better": "higher"}
    money = {"name": "매출", "kind": "mean", "base": 50.0, "spread": 100.0, "margin": 0.0, "better": "higher"}
    answer = power(kind="share", base=0.1, smallest=0.02, guardrails=[one, money])
    rows = answer.guardrails
    assert rows["name"].tolist() == ["결제", "매출"]
    alone = power(kind="share", base=0.3, weeks=1, traffic=a_week(answer.n), better="lower")
    assert rows["smallest"][0] == pytest.approx(alone.relative, rel=1e-6)
    assert 0 < rows["power"][0] < 1 and math.isnan(rows["power"][1])


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "share", "base": 0.6, "smallest": 0.5},
        {"kind": "share", "base": 0.1, "smallest": 0.2, "better": "lower"},
        {"kind": "mean", "base": 5, "spread": 0, "smallest": 1},
        {"kind": "share", "base": 0.99, "weeks": 1, "traffic": a_week(20)},
        {"kind": "share", "base": 0.1, "weeks": 1, "traffic": a_week(0)},
        {"kind": "share", "base": 0.0, "weeks": 1, "traffic": a_week(1)},
    ],
)
def test_what_cannot_be_seen_is_an_answer_too(given):
    answer = power(starts=MONDAY, **given)
    assert answer.finding.code.startswith("planner.finding_impossible") and answer.headline is None
    speak(answer)
    drawn(answer)


@pytest.mark.parametrize("weekly", [None, 0])
def test_without_traffic_there_is_a_number_and_no_day(weekly):
    comes = None if weekly is None else a_week(weekly)
    answer = power(kind="share", base=0.1, smallest=0.02, traffic=comes, starts=MONDAY)
    assert answer.n == 7682 and math.isnan(answer.weeks) and answer.done is None
    assert answer.table["week"].isna().all()
    speak(answer)
    drawn(answer)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"smallest": 0.1, "weeks": 2},
        {"smallest": 0.0},
        {"smallest": 0.1, "base": 1.2},
        {"smallest": 0.1, "arms": [Arm("A")]},
        {"smallest": 0.1, "alpha": 0},
        {"smallest": 0.1, "wished": 0.2},
        {"weeks": 0, "traffic": a_week(10)},
        {"smallest": math.nan},
        {"smallest": 1, "kind": "mean"},
    ],
)
def test_settings_that_mean_nothing_are_refused(given):
    with pytest.raises(SettingWrong):
        power(**{"kind": "share", "base": 0.1, **given})


def test_who_comes_again_is_not_counted_twice_so_weeks_grow_faster_than_sizes():
    answer = power(
        kind="share",
        base=0.1,
        smallest=0.02,
        starts=MONDAY,
        traffic=Traffic("customer", np.array([4000, 6000, 7000])),
        n_known=1000,
    )
    assert answer.n == 7682 and answer.weeks == 4
    assert answer.table["n"].tolist()[:4] == [4000, 6000, 7000, 8500]
    assert answer.weeks_low == 4 and answer.weeks_high >= 4


def test_traffic_that_dries_up_never_brings_the_number():
    answer = power(
        kind="share", base=0.1, smallest=0.02, traffic=Traffic("customer", np.array([400, 400, 400]))
    )
    assert math.isnan(answer.weeks) and "planner.warn_never" in {note.code for note in answer.notes}
    speak(answer)
    drawn(answer)


PLACED = {"보기": "고려", "사기": "구매"}


@settings(max_examples=examples(30), deadline=None)
@given(rows(), st.sampled_from([None, "고려"]), st.sampled_from([1, 14, 60]))
def test_today_is_the_share_of_those_who_could_be_watched_to_the_end(found, start, window):
    log, stages = event_log(found), stage_map(PLACED)
    metric = {"id": "goal", "kind": "conversion", "of": {"stage": stages.named("구매").id}}
    answer = today(
        log, stages, metric=metric, start=start and {"stage": stages.named(start).id}, window=window
    )
    last = max(row.minute for row in found)
    since = max(min(row.minute for row in found), last - (window + 56) * DAY)
    watched = {who: at for who, at in entered(found, start, since).items() if at <= last - window * DAY}
    bought = [
        who
        for who, at in watched.items()
        if any(
            row.customer == who and PLACED.get(row.event) == "구매" and at <= row.minute <= at + window * DAY
            for row in found
        )
    ]
    assert answer.n == len(watched)
    if watched:
        assert answer.base == pytest.approx(len(bought) / len(watched))
        assert answer.low <= answer.base <= answer.high
    assert (answer.first, answer.last) == log.days()


def entered(found, start, since):
    """When each customer came by first, from a minute on."""
    first = {}
    for row in found:
        if row.minute >= since and (start is None or PLACED.get(row.event) == start):
            first[row.customer] = min(first.get(row.customer, row.minute), row.minute)
    return first
