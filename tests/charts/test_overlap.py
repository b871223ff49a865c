"""The pictures of segments and whom they share: every mark has its people, and words stay on the sheet."""

import numpy as np
import pytest

from journey.analysis.overlap import overlap
from journey.charts.overlap import MOST_SETS, overlap_chart, pair_matrix, pair_of, segment_of, set_of
from journey.i18n import LANGUAGES
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row


def shared(n):
    random = np.random.default_rng(5)
    log = event_log([Row(f"{number:04d}", "보기", number) for number in range(400)])
    flags = [random.random(400) < 0.3 for _ in range(n)]
    return overlap(
        log, stage_map({}), rules=flags, names=[f"아주 긴 이름의 세그먼트 {one}" for one in range(n)]
    )


def rows(chart, field):
    return [row for data in chart.to_dict()["datasets"].values() for row in data if field in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize("draw", [overlap_chart, pair_matrix])
def test_words_stay_on_the_sheet_with_twelve_segments(draw, width, language):
    for row in rows(draw(shared(12), language=language, width=width), "text"):
        at = row["x_f"] * width + row["x_p"]
        room = min(row["wide"], row["room_f"] * width + row["room_p"])
        left = at - room / 2 if row["align"] == "center" else at
        assert left >= -1 and left + room <= width + 2, row["text"]


def test_every_segment_and_set_can_be_picked_and_those_in_none_are_always_drawn():
    answer = shared(6)
    ids = {row["id"] for row in rows(overlap_chart(answer, language="ko"), "what") if row.get("id")}
    assert {segment_of(place) for place in range(6)} | {set_of(())} <= ids
    assert len(ids) == 6 + MOST_SETS
    cells = {row["id"] for row in rows(pair_matrix(answer, language="en"), "what") if row.get("id")}
    assert cells == {pair_of(a, b) for a in range(6) for b in range(6) if a != b}


def test_nothing_to_draw_is_a_sentence():
    assert rows(overlap_chart(shared(0), language="ko"), "text")
    assert rows(pair_matrix(shared(1), language="ko"), "text")
