"""The curve of feelings as it is drawn."""

from __future__ import annotations

import pytest

from journey.analysis.emotion import emotion
from journey.charts.emotion import emotion_chart, source_name
from journey.i18n import LANGUAGES, catalogue
from tests.aggregates.test_voices import reviews
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row

_LOG = event_log([Row(f"c{at}", "가입", 0) for at in range(9)] + [Row("c0", "보기", 60)])
_STAGES = stage_map({"가입": "인지", "보기": "고려"})


def _answer(felt):
    stars = [(f"c{at}", 10, None, "글", 4 + at % 2) for at in range(9)] + [("c0", 90, None, "글", 1)]
    ids = [stage.id for stage in _STAGES.stages]
    drawn = dict(zip(ids, felt, strict=False))
    return emotion(_LOG, _STAGES, tables=reviews(stars), felt=drawn)


def _rows(chart, name):
    return chart.to_dict()["datasets"][name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_curves_their_intervals_and_the_gap(language):
    chart = emotion_chart(_answer([-1.0, 1.0]), language=language)
    dots = [row for row in _rows(chart, "dots") if row["what"]]
    assert [row["what"] for row in dots] == ["인지", "인지", "고려", "고려"]
    good, felt = dots[0], dots[1]
    assert good["y"] < felt["y"], "better stands higher"
    assert good["said"] == "+1.4" and good["drawn"] == "−1.0" and good["gap"] == "−2.4"
    thick = [row for row in _rows(chart, "rules") if row["thick"] > 5]
    assert len(thick) == 1, "one rating is no interval, so only the first stage has a gap"
    assert sum(row["dash"] for row in _rows(chart, "rules")) == 1


@pytest.mark.parametrize("width", [340, 1100])
def test_texts_stay_on_the_sheet(width):
    chart = emotion_chart(_answer([0.0, 2.0]), language="ko", width=width)
    for row in _rows(chart, "words"):
        at = row["x_f"] * width + row["x_p"]
        room = row["room_f"] * width + row["room_p"]
        left = at - room / 2 if row["align"] == "center" else at
        assert left >= -1 and left + min(room, row["wide"]) <= width + 1


def test_nothing_to_draw_is_a_sentence_and_a_drawing_alone_is_a_curve():
    nothing = emotion_chart(emotion(_LOG, _STAGES), language="ko")
    assert [row["text"] for row in _rows(nothing, "words")] == [catalogue("ko")["emotion.chart_empty"]]
    ids = [stage.id for stage in _STAGES.stages]
    drawn = emotion_chart(emotion(_LOG, _STAGES, felt={ids[0]: 1.0}), language="ko")
    assert [row["drawn"] for row in _rows(drawn, "dots") if row["what"]] == ["+1.0"]
    chosen = emotion_chart(_answer([]), language="en", source="review", dark=True)
    assert len([row for row in _rows(chosen, "dots") if row["what"]]) == 2


def test_each_source_has_a_name():
    assert source_name("nps", "ko") == "추천 의향(NPS)" and source_name("all", "en") == "All ratings"
