from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from journey.analysis.rfm import VIEWS, rfm
from journey.charts.rfm import cell_mark, group_mark, rfm_chart
from journey.charts.rfm_movement import link_mark, node_mark
from journey.i18n import LANGUAGES
from journey.stages.stage_map import StageMap
from tests.analysis.logs import DAY, event_log
from tests.analysis.oracle import Row

BOUGHT = [Row(f"c{n}", "사기", DAY * day) for n in range(30) for day in range(n, 90, n % 11 + 1)]


def sold(view="grid", *, priced=True, **how):
    log = event_log(BOUGHT)
    if priced:
        log = replace(log, amount=np.arange(1.0, log.n_rows + 1))
    return rfm(log, StageMap(), view=view, purchases=["사기"], **how)


@pytest.mark.parametrize(("language", "priced"), [*zip(LANGUAGES, (True, False), strict=True)])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_without_names_in_its_grammar(view, language, priced):
    answer = sold(view, priced=priced, names={"loyal": "<b>$.x[0]"})
    spec = rfm_chart(answer, language=language, dark=priced).to_dict()
    assert "<b>" not in str({key: part for key, part in spec.items() if key != "datasets"})
    assert all(spec["datasets"].values())


def test_all_25_cells_can_be_picked_and_those_with_buyers_bear_their_number():
    answer = sold()
    data = rfm_chart(answer, language="en", picked=cell_mark(5, 5)).to_dict()["datasets"]
    assert len({row["id"] for row in data["cells"]}) == 25
    numbers = [row["text"] for row in data["words"] if row["id"].startswith("C:") and row["size"] == 14]
    assert sum(map(int, numbers)) == answer.n_buyers
    assert len(numbers) == (answer.cells["customers"] > 0).sum()
    assert {row["id"] for row in data["chips"]} == {group_mark(code) for code in answer.groups["group"]}


def test_columns_of_the_movement_keep_one_order_and_boxes_are_as_high_as_their_groups():
    answer = sold("movement", period="month", steps=2)
    data = rfm_chart(answer, language="ko").to_dict()["datasets"]
    boxes = {row["id"]: row for row in data["boxes"]}
    last = int(answer.table["step"].max())
    for step in range(1, last + 2):
        known = [node_mark(step, code) for code in (*answer.groups["group"], "none")]
        places = [boxes[mark]["y0"] for mark in known if mark in boxes]
        assert places and places == sorted(places)
    for row in answer.groups[answer.groups["customers"] > 0].itertuples(index=False):
        assert boxes[node_mark(last + 1, row.group)]["who"].startswith(str(row.customers))
    drawn = {row["id"] for row in data["shapes"]}
    assert drawn == {
        link_mark(row.step, row.group_before, row.group) for row in answer.table.itertuples(index=False)
    }
