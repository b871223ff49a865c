from __future__ import annotations

import json

import pandas as pd
import pytest

from journey.charts.flow_ids import link_id, node_id, parse_id
from journey.charts.flows import flows_chart
from journey.i18n import LANGUAGES, catalogue
from journey.theme import stage_colour
from tests.charts.answers import (
    EN,
    KO,
    LINK_COLUMNS,
    NODE_COLUMNS,
    FakeFlows,
    counted,
    journeys,
    nothing,
    sampled,
)


def rows(chart, field):
    """All inline rows of a chart that have a field."""
    spec = chart.to_dict()
    return [row for data in spec["datasets"].values() for row in data if field in row]


def test_every_link_and_node_is_drawn_once_with_its_id():
    answer = sampled(800, 5, 5)
    chart = flows_chart(answer, language="ko")
    shapes = [row["id"] for row in rows(chart, "y00")]
    assert sorted(shapes) == sorted(link_id(row) for row in answer.links.itertuples())
    boxes = [row["id"] for row in rows(chart, "y0")]
    assert sorted(boxes) == sorted(node_id(r.step, r.kind, r.name) for r in answer.nodes.itertuples())


def test_one_selection_is_for_picking_and_every_mark_can_be_asked_for_its_id():
    spec = flows_chart(sampled(800, 5, 5), language="ko").to_dict()
    assert [p["name"] for p in spec["params"]] == ["pick", "hover"]
    assert all("id" in row for data in spec["datasets"].values() for row in data)


def test_a_stage_has_its_own_colour_and_an_exit_is_grey():
    answer = sampled(800, 5, 5)
    for row in rows(flows_chart(answer, language="ko"), "y0"):
        picked = parse_id(row["id"])
        assert row["colour"] == stage_colour(KO.index(picked.name))
    ends = {row["end"]: row["colour"] for row in rows(flows_chart(answer, language="ko"), "end")}
    assert ends["exit"] != ends["active"] and ends["exit"] not in {stage_colour(i) for i in range(12)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_tooltips_speak_the_language(language):
    answer = counted([[0, 1]] * 1500 + [[0]] * 500, ("인지", "구매"), steps=3, active_of=0)
    tips = {row["id"]: row for row in rows(flows_chart(answer, language=language), "span")}
    tip = tips["L:1:stage:인지→stage:구매"]
    assert tip["what"] == "인지 → 구매"
    assert tip["who"] == {"ko": "1,500명", "en": "1,500 customers"}[language]
    assert tip["part"] == {"ko": "75.0% (인지 기준)", "en": "75.0% (of 인지)"}[language]
    gone = tips["L:1:stage:인지→exit:"]
    assert gone["what"] == {"ko": "인지 → 이탈", "en": "인지 → Exit"}[language]


@pytest.mark.parametrize(
    "name",
    ["a:b", "a.b", "col[0]", "count()", "금액:Q", "a\\b", "'\"", "<script>alert(1)</script>", "__proto__"],
)
def test_names_from_a_file_are_text_and_never_grammar(name):
    answer = counted([[0, 1], [0]], (name, "ok"), steps=2)
    spec = flows_chart(answer, language="en").to_dict()
    grammar = json.dumps({key: value for key, value in spec.items() if key != "datasets"})
    assert json.dumps(name)[1:-1] not in grammar
    assert any(row.get("name") == name for data in spec["datasets"].values() for row in data)


def test_nothing_to_draw_is_said_in_a_sentence():
    for language in LANGUAGES:
        spec = flows_chart(nothing(), language=language).to_dict()
        texts = [row["text"] for data in spec["datasets"].values() for row in data]
        assert texts == [catalogue(language)["charts.flows_empty"]]
        assert [p["name"] for p in spec["params"]] == ["pick", "hover"]


def test_a_crowd_of_nodes_is_joined_and_said_so():
    names = tuple(f"event {i:03d}" for i in range(200))
    answer = counted(journeys(3000, 200, stay=0.9), names, steps=6)
    flooded = counted([[i, (i * 7) % 200, (i * 11) % 200] for i in range(200)] * 2, names, steps=3)
    for crowd in (answer, flooded):
        chart = flows_chart(crowd, language="en")
        shapes, boxes = rows(chart, "y00"), rows(chart, "y0")
        assert len(shapes) <= 600 and len(boxes) <= 14 * crowd.steps
    joined = [row for row in rows(flows_chart(flooded, language="en"), "y0") if row["id"] == ""]
    first = [row for row in joined if row["when"] == "Step 1"]
    assert [row["who"] for row in first] == ["374 customers"], "400 customers but for 13 nodes of two"
    texts = [row["text"] for row in rows(flows_chart(flooded, language="en"), "text")]
    assert any("14 largest" in text for text in texts)


def test_backward_columns_are_told_in_plain_words():
    chart = flows_chart(sampled(2000, 6, 3, names=EN, backward=True), language="en")
    heads = [row["text"].split(" · ")[0] for row in rows(chart, "text") if row["id"] == ""]
    assert heads == ["2 steps before", "1 step before", "Arrival"]


def test_unknown_kinds_have_words_too():
    links = pd.DataFrame(
        [
            (1, "", "other", "", "missing", 3, 1.0, 0.4, 1.0),
            (2, "", "missing", "", "exit", 3, 1.0, 0.4, 1.0),
        ],
        columns=LINK_COLUMNS,
    )
    nodes = pd.DataFrame([(1, "", "other", 3, 9), (2, "", "missing", 3, 10)], columns=NODE_COLUMNS)
    chart = flows_chart(FakeFlows(links, nodes, {}, 3), language="ko")
    assert {row["name"] for row in rows(chart, "y0")} == {"기타", "값 없음"}


def test_sessions_are_called_sessions():
    answer = sampled(100, 3, 3)
    sessions = FakeFlows(answer.links, answer.nodes, answer.colours, 100, unit="session")
    assert all("세션" in row["who"] for row in rows(flows_chart(sessions, language="ko"), "y00"))


def test_input_is_not_changed():
    answer = sampled(300, 4, 4)
    links, nodes = answer.links.copy(), answer.nodes.copy()
    flows_chart(answer, language="ko")
    pd.testing.assert_frame_equal(answer.links, links)
    pd.testing.assert_frame_equal(answer.nodes, nodes)


def test_headings_are_not_shortened_by_a_remark():
    names = tuple(f"event {i:03d}" for i in range(200))
    crowd = counted([[i, (i * 7) % 200] for i in range(200)], names, steps=2)
    heads = [row for row in rows(flows_chart(crowd, language="en"), "text") if row["text"].startswith("Step")]
    assert len(heads) == 2
    assert all(row["wide"] <= row["room_f"] * 1100 for row in heads)
