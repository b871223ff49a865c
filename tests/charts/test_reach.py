from __future__ import annotations

import pytest

from journey.charts.reach import reach_chart
from journey.i18n import LANGUAGES, catalogue
from tests.charts.answers import EN, REACH_COLUMNS, FakeReach, reached


def rows(chart, field):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if field in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bar_for_reach_and_one_for_drop_off_but_none_at_the_goal(language):
    chart = reach_chart(reached(5, of=1000), language=language)
    bars = rows(chart, "y0")
    assert len(bars) == 9
    texts = [row["text"] for row in rows(chart, "text")]
    assert catalogue(language)["charts.reach_goal"] in texts
    assert any(text.startswith("90.0%") and "900" in text for text in texts)


def test_bars_are_proportional_to_reach():
    bars = [row for row in rows(reach_chart(reached(3), language="en"), "y0") if row["colour"] != "#9A9A9A"]
    widths = [(row["x2_f"] - row["x_f"]) * 1100 + row["x2_p"] - row["x_p"] for row in bars]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("width", [360, 1100])
def test_texts_stay_on_the_sheet(width):
    for row in rows(reach_chart(reached(12, names=EN), language="en", width=width), "text"):
        left = row["x_f"] * width + row["x_p"]
        assert left >= 0 and left + row["wide"] <= width + 1


def test_no_stages_is_a_sentence():
    import pandas as pd

    empty = FakeReach(pd.DataFrame(columns=REACH_COLUMNS))
    assert [row["text"] for row in rows(reach_chart(empty, language="en"), "text")] == [
        catalogue("en")["charts.reach_empty"]
    ]


def test_nobody_at_a_stage_is_drawn_without_an_interval():
    answer = reached(3)
    answer.table.loc[1, ["customers", "share", "low", "high", "drop_off", "drop_low", "drop_high"]] = [
        0, 0.0, 0.0, 0.02, float("nan"), float("nan"), float("nan"),
    ]  # fmt: skip
    texts = [row["text"] for row in rows(reach_chart(answer, language="ko"), "text")]
    assert "–" in texts and "0.0% · 0" in texts
