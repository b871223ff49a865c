"""The people behind what is picked on the pages of retention are as many as it says."""

import re

import numpy as np

from journey.analysis.drivers import drivers
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row
from ui.drivers import can_be_picked

BARS = [
    ("lifecycle", "2024-03-11 · New"),
    ("lifecycle", "2024-03-11 · Came again"),
    ("lifecycle", "2024-03-11 · Came back after a break"),
    ("lifecycle", "2024-03-11 · Came the period before, not then"),
    ("churn", "2024-03-11 · Stayed away"),
    ("repurchase", "Bought again within 60 days of the first purchase"),
    ("path", ""),
]


def test_a_bar_of_retention_opens_as_many_customers_as_it_counts(app, sample_project):
    project = sample_project("en")
    at = app("en", "retention", project)
    for view, line in BARS:
        at.button_group[0].set_value(view).run()
        box = at.selectbox(key=f"{project}.retention.pick")
        label = next(one for one in box.options if one.startswith(line))
        box.select(label).run()
        assert not at.exception and not at.error
        assert at.metric[0].value == re.search(r"([\d,]+) (customers|of)", label)[1], line


def test_features_of_an_outcome_that_nobody_reached_are_no_picture_to_pick_from():
    found = [Row(f"c{who}", "보기", minute, None, None) for who in range(8) for minute in (0, 9)]
    log, stages = (
        event_log([*found, *(Row(f"c{who}", "찜", 0, None, None) for who in range(4))]),
        stage_map({}),
    )
    rule = np.zeros(log.n_customers, dtype=bool)
    nobody, some = (
        drivers(log, stages, outcome="rule", rule=flags, least=1)
        for flags in (rule, log.offsets[1:] % 3 == 0)
    )
    assert len(nobody.table) and not can_be_picked(nobody)
    assert can_be_picked(some)
