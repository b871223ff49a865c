"""The field of effort and impact: every opportunity stands once, in its cell, and says where it came from."""

from __future__ import annotations

import pytest

from journey.analysis.priorities import Opportunity, priorities
from journey.charts.priorities import priorities_chart
from journey.i18n import LANGUAGES, text


def datasets(opportunities, **look):
    return priorities_chart(priorities(opportunities), language="ko", **look).to_dict()["datasets"]


def test_every_opportunity_stands_once_inside_its_cell():
    given = [Opportunity(f"c{at}", f"일 {at}", 1 + at % 5, 1 + at // 5, at % 2 == 0) for at in range(25)]
    drawn = datasets(given)
    assert len(drawn["fields"]) == 25 and sorted(row["id"] for row in drawn["items"]) == sorted(
        one.id for one in given
    )
    cells = {(row["impact"], row["effort"]): row for row in drawn["items"]}
    tops = [cells[str(impact), "1"]["y0"] for impact in range(1, 6)]
    assert tops == sorted(tops, reverse=True), "more impact stands higher"
    lefts = [cells["3", str(effort)]["x_f"] for effort in range(1, 6)]
    assert lefts == sorted(lefts), "more effort stands further right"
    for item in drawn["items"]:
        assert any(
            field["y0"] <= item["y0"] and item["y1"] <= field["y1"] and field["x_f"] == item["x_f"]
            for field in drawn["fields"]
        )
    measured, judged = ({row["colour"] for row in drawn["items"] if row["from"] == said} for said in FROM)
    assert len(measured) == len(judged) == 1 and measured != judged


FROM = [text(f"improvements.impact_{one}", "ko") for one in ("measured", "judged")]


def test_of_many_in_one_cell_some_are_counted_and_hostile_text_is_text():
    drawn = datasets([Opportunity(f"c{at}", "<b>=1+1</b>\n|x|", 5, 1) for at in range(20)])
    assert len(drawn["items"]) == 6
    texts = [row["text"] for row in drawn["words"]]
    assert text("improvements.chart_more", "ko", n=14) in texts and "1. <b>=1+1</b> |x|" in texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_rated_one_a_sentence_says_so(language):
    chart = priorities_chart(priorities([Opportunity("a", "가")]), language=language)
    assert text("improvements.chart_empty", language) in str(chart.to_dict()["datasets"])
