import datetime as dt
import math
from dataclasses import dataclass, field

import pandas as pd
import pytest

from journey.charts.experiment_days import estimate_days
from journey.charts.experiment_segments import segment_rows
from journey.charts.experiment_split import split_bars
from journey.charts.experiment_spread import spread_boxes
from journey.charts.experiment_stages import stage_rows
from journey.charts.experiment_words import tone
from journey.i18n import LANGUAGES
from journey.stages.experiment_plan import Arm, Metric, Plan
from journey.theme import MUTED

NAN = math.nan
VIEWS = (segment_rows, stage_rows, estimate_days, spread_boxes, split_bars)
PLAN = Plan(
    arms=(Arm("A"), Arm("B")),
    metrics=(
        Metric("m1", "conversion", {"column": "전환"}, "전환", "primary"),
        Metric("m2", "revenue", {"column": "매출"}, "매출"),
    ),
)


def rows(names, *values):
    return pd.DataFrame(list(values), columns=names.split())


SEGMENTS = "attribute value arm arm_name n n_control value_arm value_control difference low high p q state"
DAYS = "metric arm arm_name day looked n difference low high"


@dataclass(frozen=True)
class FakeExperiment:
    segments: pd.DataFrame = field(
        default_factory=lambda: rows(
            SEGMENTS,
            ("기기", "앱", "B", "", 900, 900, 0.06, 0.04, 0.02, 0.005, 0.035, 0.01, 0.02, "better"),
            ("기기", "웹", "B", "", 900, 900, 0.04, 0.05, -0.01, -0.02, 0.002, 0.2, 0.2, "open"),
            (
                "지역 이름이 아주 길어요",
                "서울",
                "B",
                "",
                9,
                9,
                0.1,
                0.1,
                0.0,
                -0.3,
                0.3,
                NAN,
                NAN,
                "untested",
            ),
        )
    )
    interactions: pd.DataFrame = field(
        default_factory=lambda: rows("attribute q is_clear", ("기기", 0.01, True), ("지역", 0.7, False))
    )
    stages: pd.DataFrame = field(
        default_factory=lambda: rows(
            "stage arm arm_name assigned reached share difference low high from_before",
            ("인지", "A", "", 1000, 800, 0.8, NAN, NAN, NAN, NAN),
            ("인지", "B", "", 1000, 820, 0.82, 0.02, -0.01, 0.05, NAN),
            ("구매", "A", "", 1000, 40, 0.04, NAN, NAN, NAN, 0.05),
            ("구매", "B", "", 1000, 60, 0.06, 0.02, 0.001, 0.04, 0.073),
        )
    )
    days: pd.DataFrame = field(
        default_factory=lambda: rows(
            DAYS,
            *(
                ("m1", "B", "", dt.date(2026, 4, 20) + dt.timedelta(k), NAN, 100 * (k + 1), 0.01, -0.2, 0.2)
                for k in range(12)
            ),
        )
    )
    spread: pd.DataFrame = field(
        default_factory=lambda: rows(
            "metric arm arm_name n zeros min p5 p25 p50 p75 p95 p99 max",
            ("m2", "A", "", 1000, 0.6, 0, 0, 0, 0, 9e3, 4e4, 9e4, 9e6),
            ("m2", "B", "", 1000, 0.5, -5, 0, 0, 100, 9e3, 5e4, 9e4, 9e6),
        )
    )
    split: pd.DataFrame = field(
        default_factory=lambda: rows(
            "arm arm_name assigned expected share planned_share",
            ("A", "", 1000, 1100.0, 1000 / 2200, 0.5),
            ("B", "", 1200, 1100.0, 1200 / 2200, 0.5),
        )
    )
    plan: Plan = PLAN
    stage: str = "final"
    unit: str = "customer"
    control: str = "A"


def data(chart, name):
    return chart.to_dict()["datasets"].get(name, [])


@pytest.mark.parametrize("width", [340, 1100])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_words_and_marks_stay_on_the_sheet(view, language, width):
    chart = view(FakeExperiment(), language=language, width=width, dark=True)
    for one in data(chart, "words"):
        if width < one["needs"] or (one["most"] and width >= one["most"]):
            continue
        x, room = one["x_f"] * width + one["x_p"], one["room_f"] * width + one["room_p"]
        start = x - {"left": 0, "right": 1, "center": 0.5}[one["align"]] * min(one["wide"], room)
        assert start >= -1 and start + min(one["wide"], room) <= width + 1, one["text"]
    for name in ("dots", "spans", "rules", "bars", "bands", "curves"):
        assert all(-0.01 <= row["part"] <= 1.01 for row in data(chart, name))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_without_rows_each_says_why(view, language):
    whole = FakeExperiment()
    nothing = FakeExperiment(
        **{name: getattr(whole, name).iloc[:0] for name in ("segments", "stages", "days", "spread", "split")}
    )
    assert data(view(nothing, language=language), "words")


def test_segments_are_coloured_only_where_they_may_be_read():
    chart = segment_rows(FakeExperiment(), language="ko")
    assert [row["colour"] for row in data(chart, "dots")] == [tone("better", dark=False), MUTED, MUTED]
    said = {row["text"] for row in data(chart, "words")}
    assert any("달라요" in one for one in said) and any("너무 적" in one for one in said)


def test_stages_divide_by_everybody_who_was_assigned():
    chart = stage_rows(FakeExperiment(), language="en")
    said = [row["text"] for row in data(chart, "words")]
    assert "60 / 1,000" in said and "6.0%" in said and "7.3%" in said


def test_the_first_days_do_not_press_the_others_flat():
    wide = rows(
        DAYS,
        ("m1", "B", "", dt.date(2026, 4, 20), NAN, 9, 0.3, -9.0, 9.0),
        ("m1", "B", "", dt.date(2026, 4, 21), NAN, 900, 0.01, -0.01, 0.03),
    )
    band = data(estimate_days(FakeExperiment(days=wide), language="en"), "bands")
    assert band[1]["y"] - band[1]["y2"] > 10


def test_looks_without_dates_are_counted_and_other_metrics_can_be_followed():
    looks = rows(DAYS, *(("m2", "B", "", None, k + 0.5, 100 * k, 5.0, 1.0, 9.0) for k in range(1, 5)))
    chart = estimate_days(FakeExperiment(days=looks), language="en", metric="m2")
    assert [row["day"] for row in data(chart, "fields")] == ["day 1.5", "day 2.5", "day 3.5", "day 4.5"]
    assert not data(estimate_days(FakeExperiment(days=looks), language="en"), "curves")


def test_bars_of_the_split_are_grey_where_it_blocks_the_result():
    assert {
        row["colour"] for row in data(split_bars(FakeExperiment(stage="blocked"), language="ko"), "bars")
    } > {MUTED}
