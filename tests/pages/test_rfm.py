"""RFM groups on their page: the people behind them, and what the team changes for everybody."""

import re

from journey.projects.store import Store
from journey.stages.segment import segments


def settings_of(home, project):
    return Store(home).open(project).state.settings


def opened(at, project, begins):
    """Choose the first mark that begins so; how many it says."""
    box = at.selectbox(key=f"{project}.rfm.pick")
    label = next(one for one in box.options if one.startswith(begins))
    box.select(label).run()
    assert not at.exception and not at.error
    return re.search(r"([\d,]+) customers", label)[1]


def test_groups_cells_and_ribbons_open_as_many_as_they_count_and_can_be_kept(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "rfm", project)
    assert opened(at, project, "R 5 · FM 1 · Recent") == at.metric[0].value
    at.button(key="segment_keep_rfm").click().run()
    (one,) = segments(settings_of(home, project))
    assert one.rule == {"rfm": {"cells": ["5.1"]}}
    at.button_group[0].set_value("movement").run()
    for begins in (
        "Champions on May 31, 2024 → Loyal",
        "Not bought yet on May 31, 2024 ·",
        "Inactive on Jun",
    ):
        assert opened(at, project, begins) == at.metric[0].value


def test_names_cut_points_and_the_group_of_a_cell_are_the_projects_own(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "rfm", project)
    at.text_input(key=f"{project}.rfm.name.inactive").set_value("Sleepers <b>").run()
    assert any(one.startswith("Sleepers <b>") for one in at.selectbox(key=f"{project}.rfm.pick").options)
    opened(at, project, "R 5 · FM 1 · Recent")
    at.selectbox(key=f"{project}.rfm.mapping.5.1").set_value("loyal").run()
    assert at.selectbox(key=f"{project}.rfm.pick").value == "C:5.1"
    at.toggle(key=f"{project}.rfm.own").set_value(True).run()
    at.number_input(key=f"{project}.rfm.cut.recency.0").set_value(400.0).run()
    assert not at.exception
    kept = settings_of(home, project)
    assert "R 5 · FM 1 · Loyal" in [header.value for header in at.subheader]
    assert kept["rfm.names"] == {"inactive": "Sleepers <b>"} and kept["rfm.mapping"] == {"5.1": "loyal"}
    points = kept["rfm.cuts"]["recency"]
    assert points == sorted(points) and points[-1] == 400.0
    hidden = app("en", "rfm", project, demo="1")
    assert hidden.text_input(key=f"{project}.rfm.name.inactive").disabled
    hidden.toggle(key=f"{project}.rfm.own").set_value(False).run()
    assert "rfm.cuts" not in settings_of(home, project)
