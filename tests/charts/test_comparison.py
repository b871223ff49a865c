from __future__ import annotations

import numpy as np
import pytest

from journey.analysis.comparison import comparison
from journey.charts.comparison import comparison_chart, step_matrix
from journey.charts.flow_ids import PickedLink, parse_id
from journey.i18n import LANGUAGES, catalogue, formats, text
from journey.stages.stage_map import StageMap
from journey.theme import LESS, MORE, MUTED, TURNED
from tests.analysis.test_comparison import first_of, made, stones


def rows(chart, name):
    return chart.to_dict()["datasets"].get(name, [])


@pytest.fixture(scope="module")
def answer():
    """800 customers, of whom those of A buy far more often."""
    log, stages = made([(400, 0.5), (400, 0.2)])
    return comparison(log, stages, a=first_of(log, 400), names=["광고", "나머지 전부"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_clear_links_have_a_colour_and_say_how_much(answer, language):
    shapes = rows(comparison_chart(answer, language=language), "shapes")
    drawn = {
        (mark.source, mark.target or mark.target_kind): row for row in shapes if (mark := parse_id(row["id"]))
    }
    assert all(isinstance(parse_id(row["id"]), PickedLink) for row in shapes)
    clear = answer.links[answer.links["state"] == "clear"]
    colours = {
        (row.source, row.target if row.target_kind == "stage" else row.target_kind): MORE
        if row.difference > 0
        else LESS
        for row in clear.itertuples()
    }
    assert colours and {key: row["colour"] for key, row in drawn.items() if row["colour"] != MUTED} == colours
    bought = answer.links[answer.links["target"] == "Buy"].iloc[0]
    assert drawn["See", "Buy"]["a"] == text(
        "comparison.of_group", language, name="광고", share=bought["share_a"], k=bought["customers_a"], n=400
    )
    labels = [row["text"] for row in rows(comparison_chart(answer, language=language), "words")]
    assert formats.points(bought["difference"], language) in labels


def test_the_thickness_is_the_mean_share(answer):
    shapes = rows(comparison_chart(answer, language="en"), "shapes")
    heights = {row["id"]: row["y01"] - row["y00"] for row in shapes}
    means = {
        (row.source, row.target): row.mean_share
        for row in answer.links.itertuples()
        if row.target_kind == "stage"
    }
    bought = next(key for key in heights if parse_id(key).target == "Buy")
    exits = [key for key in heights if parse_id(key).source == "See" and key != bought]
    whole = heights[bought] + sum(heights[key] for key in exits)
    assert heights[bought] / whole == pytest.approx(means["See", "Buy"], abs=0.01)


@pytest.mark.parametrize("width", [350, 1100])
@pytest.mark.parametrize("draw", [comparison_chart, step_matrix])
def test_words_stay_on_the_sheet(answer, draw, width):
    chart = draw(answer, language="en", width=width)
    for row in [*rows(chart, "words"), *rows(chart, "meanings")]:
        left = row["x_f"] * width + row["x_p"]
        room = row["room_f"] * width + row["room_p"]
        shift = {"left": 0, "center": room / 2, "right": room}[row["align"]]
        assert left - shift >= -1 and left - shift + min(room, row["wide"]) <= width + 1


def test_a_cell_of_the_matrix_stands_for_each_place_at_each_step(answer):
    chart = step_matrix(answer, language="ko")
    assert len(rows(chart, "cells")) == len(answer.cells)
    texts = [row["text"] for row in rows(chart, "words")]
    assert catalogue("ko")["comparison.ended_exit"] in texts


def test_what_turns_around_with_the_mix_has_a_colour_of_its_own():
    log, stages, a = stones(times=20)
    answer = comparison(log, stages, a=a, weight_by="size")
    assert answer.n_turned
    chart = comparison_chart(answer, language="en")
    assert TURNED in {row["colour"] for row in rows(chart, "shapes")}
    assert catalogue("en")["comparison.legend_flips"] in [row["text"] for row in rows(chart, "meanings")]


@pytest.mark.parametrize("draw", [comparison_chart, step_matrix])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_draw_is_a_sentence(draw, language):
    log, _ = made([(5, 0.5)])
    empty = comparison(log, StageMap(), a=np.arange(5) < 2)
    said = [row["text"] for row in rows(draw(empty, language=language), "words")]
    assert said == [catalogue(language)["comparison.chart_empty"]]


def test_a_picked_ribbon_is_picked_from_the_beginning_and_both_pictures_can_be_clicked(answer):
    mark = rows(comparison_chart(answer, language="en"), "shapes")[0]["id"]
    params = comparison_chart(answer, language="en", picked=mark).to_dict()["params"]
    assert [one.get("value") for one in params if one["name"] == "pick"] == [[{"id": mark}]]
    assert "pick" in [
        one["name"] for one in step_matrix(answer, language="en", picked=mark).to_dict()["params"]
    ]


def test_boxes_and_cells_are_picked_by_the_id_of_their_place_and_ribbons_know_theirs(answer):
    flow, matrix = (draw(answer, language="en") for draw in (comparison_chart, step_matrix))
    shown, cells = {row["id"] for row in rows(flow, "boxes")}, {row["id"] for row in rows(matrix, "cells")}
    assert shown < cells and "" not in cells
    for shape in rows(flow, "shapes"):
        mark = parse_id(shape["id"])
        assert shape["begins"] in shown
        assert (shape["ends"] in shown) == (mark.target_kind == "stage" and mark.step < answer.steps)
    for picked in (min(shown), max(cells - shown)):
        spec = step_matrix(answer, language="en", picked=picked).to_dict()
        assert [{"id": picked}] in [param.get("value") for param in spec["params"]]
