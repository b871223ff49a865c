import itertools
import math
from dataclasses import dataclass, field, replace

import pandas as pd
import pytest

from journey.charts.experiment import arm_mark, differences, experiment_chart
from journey.charts.experiment_sheet import WIDE, axis_over
from journey.charts.experiment_words import SCALES, scale_of, tone, valued
from journey.findings import Finding
from journey.i18n import LANGUAGES, text
from journey.theme import MUTED

NAN = math.nan
LONG = "아주 긴 이름을 가진 세 번째 안이라서 다 들어가지 않아요"
NUMBERS = (
    *("difference", "difference_low", "difference_high", "lift", "lift_low", "lift_high", "p", "q"),
    *(
        "chance",
        "method",
        "loss",
        "anytime_low",
        "anytime_high",
        "anytime_p",
        "anytime_lift_low",
        "anytime_lift_high",
        "scaled",
        "scaled_low",
        "scaled_high",
        "harm",
    ),
)


@dataclass(frozen=True)
class FakeExperiment:
    table: pd.DataFrame
    stage: str = "final"
    unit: str = "customer"
    finding: Finding = field(default_factory=lambda: Finding("experiment.finding_none"))


def control(metric="m1", kind="conversion", role="primary", value=0.04, **more):
    row = dict.fromkeys(NUMBERS, NAN) | {"metric": metric, "name": metric, "kind": kind, "role": role}
    row |= {"better": "higher", "arm": "A", "arm_name": "", "is_control": True, "n": 5000}
    return row | {"numerator": 5000 * value, "value": value, "state": "control"} | more


def arm(by=0.01, around=0.008, state="better", name="B", of=0.04, **more):
    row = control(value=of + by, arm=name, is_control=False, state=state)
    for what, size in (("difference", 1.0), ("lift", 1 / of), ("scaled", 30_000.0)):
        low, high = (by - around) * size, (by + around) * size
        row |= {what: by * size, f"{what}_low": low, f"{what}_high": high}
    for name, size in (("anytime", 1.0), ("anytime_lift", 1 / of)):
        row |= {f"{name}_low": (by - 1.6 * around) * size, f"{name}_high": (by + 1.6 * around) * size}
    row |= {"method": "z"}
    return row | {"p": 0.016, "q": 0.032, "anytime_p": 0.4, "chance": 0.99, "loss": 0.0004} | more


def answer(*rows, **more):
    return FakeExperiment(pd.DataFrame(rows), **more)


THREE = answer(
    control(),
    arm(),
    arm(by=-0.001, state="open", name=LONG),
    control("매출", "revenue", "secondary", 12_000.0),
    arm(by=-900.0, around=400.0, state="worse", of=12_000.0, metric="매출", kind="revenue", role="secondary"),
    control("환불", "conversion", "guardrail", 0.02, better="lower", harm=0.1),
    arm(by=0.001, of=0.02, state="open", metric="환불", role="guardrail", better="lower", harm=0.1),
)


def rows(chart, name):
    return chart.to_dict()["datasets"].get(name, [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scale", SCALES)
def test_a_row_an_arm_can_be_picked_and_tells_all_of_its_figures(language, scale):
    fields = rows(experiment_chart(THREE, language=language, scale=scale), "fields")
    assert [row["id"] for row in fields] == [
        arm_mark(row.metric, row.arm) for row in THREE.table.itertuples()
    ]
    assert "4.0%" in fields[0]["value"] and fields[0]["difference"] == "–"
    said = {"absolute": "+1.00", "relative": "+25.0%", "scaled": "+300"}[scale]
    assert "5.0%" in fields[1]["value"] and said in fields[1]["difference"]
    assert "+25.0%" in fields[1]["lift"] and fields[1]["chance"] == "99.0%"


def test_colours_say_what_is_clear_and_only_that():
    dots = rows(experiment_chart(THREE, language="ko"), "dots")
    good, bad = tone("better", dark=False), tone("worse", dark=False)
    assert [row["colour"] for row in dots] == [good, MUTED, bad, MUTED]
    assert tone("better", dark=True) != good and tone("early", dark=True) == MUTED


def test_before_the_planned_size_the_interval_that_may_be_looked_at_any_time_is_the_one_drawn():
    few = answer(control(), arm(state="early"), stage="early")
    read = differences(list(few.table.itertuples()), "absolute", is_over=False)[1]
    assert (read.low, read.high) == pytest.approx((0.01 - 0.0128, 0.01 + 0.0128))
    over = differences(list(few.table.itertuples()), "absolute", is_over=True)[1]
    assert (over.low, over.high) == over.fixed == pytest.approx((0.002, 0.018))
    spans = rows(experiment_chart(few, language="en"), "spans")
    # The p-value, too, is the one that may be looked at; the planned interval is a thicker line within.
    assert rows(experiment_chart(few, language="en"), "fields")[1]["p"] == "0.4"
    assert len(spans) == 2 and spans[0]["part"] < spans[1]["part"]


@pytest.mark.parametrize("scale", SCALES)
def test_the_anytime_interval_follows_the_scale(scale):
    read = differences(list(answer(control(), arm()).table.itertuples()), scale, is_over=False)[1]
    times = {"absolute": 1.0, "relative": 25.0, "scaled": 30_000.0}[scale]
    assert (read.low, read.high) == pytest.approx((-0.0028 * times, 0.0228 * times))


@pytest.mark.parametrize("width", [340, 700, 1100])
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_stay_on_the_sheet_and_do_not_meet_within_a_line(width, language):
    words = rows(experiment_chart(THREE, language=language, width=width), "words")
    seen = [one for one in words if width >= one["needs"] and (not one["most"] or width < one["most"])]
    lines = {}
    for one in seen:
        x = one["x_f"] * width + one["x_p"]
        room = min(one["wide"], one["room_f"] * width + one["room_p"])
        start = x - {"left": 0, "right": 1, "center": 0.5}[one["align"]] * room
        assert start >= -0.5 and start + room <= width + 0.5, one["text"]
        lines.setdefault(one["y"], []).append((start, start + room, one["text"]))
    for line in lines.values():
        line.sort()
        for before, after in itertools.pairwise(line):
            assert before[1] <= after[0] + 1, (before, after)


def test_figures_stay_on_the_lane_and_wide_sheets_are_tables():
    chart = experiment_chart(THREE, language="ko")
    for name in ("dots", "spans", "rules", "bars"):
        assert all(-0.01 <= row["part"] <= 1.01 for row in rows(chart, name))
    assert {row["most"] for row in rows(chart, "words")} == {0, WIDE}


def test_the_harm_that_a_guardrail_puts_up_with_is_drawn_on_its_side():
    bars = rows(experiment_chart(THREE, language="ko"), "bars")
    wide, *slim = bars
    assert (wide["needs"], wide["most"]) == (WIDE, 0)
    # Beside texts it is as short as the line of no difference.
    assert slim and all(row["most"] == WIDE and row["y1"] - row["y0"] == 28 for row in slim)
    zero = next(row for row in reversed(rows(experiment_chart(THREE, language="ko"), "rules")))
    assert bars[0]["part"] > zero["part"] or bars[0]["part"] > 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_without_arms_is_a_sentence(language):
    nothing = replace(THREE, table=THREE.table.iloc[:0])
    assert rows(experiment_chart(nothing, language=language), "words")


def test_what_was_not_computed_is_a_dash_and_no_mark():
    odd = arm(state="small", difference=NAN, difference_low=NAN, difference_high=NAN, p=NAN, q=NAN)
    odd |= {"value": NAN, "anytime_low": NAN, "anytime_high": NAN, "chance": NAN, "loss": NAN, "lift": NAN}
    chart = experiment_chart(answer(control(value=0.0), odd | {"numerator": 0.0}), language="en")
    assert not rows(chart, "dots") and rows(chart, "fields")[1]["p"] == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interval_without_ends_is_said_to_be_unknown_and_not_replaced_by_another(language):
    ends = {f"{name}_{end}": NAN for name in ("lift", "anytime", "anytime_lift") for end in ("low", "high")}
    few = answer(control(), arm(state="early", **ends), stage="early")
    unknown = text("arms.span_unknown", language)
    fields = rows(experiment_chart(few, language=language), "fields")
    assert unknown in fields[1]["difference"] and unknown in fields[1]["lift"]
    assert not rows(experiment_chart(few, language=language), "spans")


def test_digits_follow_the_intervals():
    assert scale_of("conversion", "absolute", [0.002, 0.018], "ko").said(0.01) == "+1.00%p"
    assert scale_of("conversion", "absolute", [-0.2, 0.3], "ko").said(0.1) == "+10.0%p"
    assert scale_of("revenue", "absolute", [-1500.0, 2500.0], "ko").said(-900.0) == "−900"
    assert scale_of("mean", "absolute", [0.001, 0.004], "en").said(0.0021) == "+0.00210"
    assert scale_of("mean", "relative", [0.01], "en").said(0.0) == "0.00%"
    assert scale_of("time", "absolute", [-1.0, 2.0], "en").said(1.5) == "+1.50 d"


def test_a_loss_that_is_not_0_is_never_rounded_to_0():
    lost = scale_of("conversion", "absolute", [-0.2, 0.3], "ko")
    assert [lost.plain(one) for one in (0.0, 0.0002, 0.02)] == ["0.0%p", "<0.1%p", "2.0%p"]
    assert scale_of("time", "absolute", [-1.0, 2.0], "en").plain(0.0001) == "<0.01 d"
    assert valued(0.19, "retention", "ko") == "19.0%" and valued(NAN, "mean", "ko") == "–"
    assert valued(-3.25, "mean", "en") == "−3.25" and valued(0.0, "mean", "en") == "0"


def test_an_axis_holds_everything_and_has_a_few_round_ticks():
    axis = axis_over([-0.003, 0.018])
    assert axis.low < -0.003 and axis.high > 0.018 and 0.0 in axis.ticks and 3 <= len(axis.ticks) <= 6
    assert axis_over([]).part(0.0) == pytest.approx(0.5, abs=0.5)
    assert axis_over([math.inf, NAN, 5.0]).high < 6
