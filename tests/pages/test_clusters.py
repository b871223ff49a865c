"""Clusters on their page: looked at, named, saved as a model with segments, and held against today."""

import json

import numpy as np
import pytest

from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.projects.arriving import arriving
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.stages.clustering import clusterings
from journey.stages.segment import segments
from journey.stages.stage_map import StageMap
from tests.pages.test_every_page import said

HEADINGS = ("고객번호", "이름", "나이", "점수", "등급")


@pytest.fixture(scope="module")
def people():
    """Three groups of 40 customers by age and score; both have more values than a group of customers has."""
    draw = np.random.default_rng(3)
    centres = ((25, 800), (60, 200), (60, 800))
    lines = [
        f"c{at:03d}-zq,김가{chr(0xAC00 + at)},{age:.1f},{score:.0f},{'VIP' if at % 2 else '일반'}"
        for at, (age, score) in enumerate(
            (draw.normal(age, 2), draw.normal(score, 30)) for age, score in centres for _ in range(40)
        )
    ]
    return "\n".join([",".join(HEADINGS), *lines]) + "\n"


@pytest.fixture
def project(home, people):
    """The id of a project that has nothing but a table of customers."""
    choice = TableChoice("customers", {"customer": HEADINGS[:1], "attributes": HEADINGS[1:]}, masked=False)
    raw = read_table(people.encode(), "people.csv")
    incoming = [arriving(raw, choice, "people.csv", people.encode(), How(), "")]
    with Store(home).begun("가게") as made:
        made.put_files(incoming, joined([incoming[0].made]), stage_map=StageMap())
        made.apply(
            {"op": "setting", "name": "segments.view.features", "value": ["attribute:나이", "attribute:점수"]}
        )
    return made.id


def settings_of(home, project):
    return Store(home).open(project).state.settings


def pressed(at, begins):
    next(button for button in at.button if str(button.key).startswith(begins)).click().run()
    assert not at.exception and not at.error


def test_clusters_are_named_merged_saved_filtered_by_and_taken_away(app, home, project):
    at = app("en", "segments", project)
    assert not at.exception and not at.error
    assert any("3 clear groups" in words for words in said(at))
    at.text_input(key=f"{project}.clusters.names.0").set_value("젊은 <b>분들</b>").run()
    at.selectbox(key=f"{project}.clusters.with.2").set_value("1").run()
    at.color_picker(key=f"{project}.clusters.colours.1").set_value("#ee0000").run()
    pressed(at, "clusters_save")
    (model,) = clusterings(settings_of(home, project))
    kept = segments(settings_of(home, project))
    assert [group.clusters for group in model.groups] == [(0,), (1, 2)]
    assert model.groups[0].name == "젊은 <b>분들</b>" and len(kept) == 2
    assert {one.colour for one in kept} >= {model.groups[1].colour} and model.groups[1].colour != "#ee0000"
    # What it is called holds for everybody who looks at the same groups.
    assert any("젊은" in option for option in at.selectbox(key=f"{project}.segments.pick").options)
    pressed(at, f"clustering_drift_{model.id}")
    assert any("nearly the same" in words for words in said(at))
    narrowed = Store(home).open(project)
    narrowed.apply({"op": "setting", "name": "segment", "value": model.groups[1].segment})
    at = app("en", "segments", project)
    assert not at.exception and not at.error
    assert any("changed much" in words for words in said(at))
    pressed(at, f"clustering_remove_{model.id}")
    now = settings_of(home, project)
    assert clusterings(now) == () and segments(now) == () and not now.get("segment")


def test_demo_mode_groups_by_the_same_numbers_and_names_nobody(app, home, project):
    plain = app("en", "segments", project)
    shown = app("en", "segments", project, demo="1")
    assert not shown.exception and not shown.error
    finding = [words for words in said(plain) if "clear groups" in words]
    assert finding and finding == [words for words in said(shown) if "clear groups" in words]
    counted = []
    for at in (plain, shown):
        at.selectbox(key=f"{project}.segments.pick").set_value("C:0").run()
        assert not at.exception and not at.error
        counted.append([metric.value for metric in at.metric])
    assert counted[0] == counted[1] and counted[0][0] == "40"
    drawn = json.dumps([one.proto.spec for one in shown.get("vega_lite_chart")], ensure_ascii=False)
    for words in (*said(shown), drawn):
        assert "-zq" not in words and "김가" not in words


@pytest.mark.parametrize("look", ["profile", "map", "choice", "fit", "tree"])
def test_every_picture_is_drawn_of_another_number_of_groups(app, checked, home, project, look):
    Store(home).open(project).apply(
        {
            "op": "settings",
            "values": {"segments.view.look": look, "segments.view.k": 5, "segments.view.method": "ward"},
        }
    )
    at = app("en", "segments", project)
    assert not at.exception and not at.error
    assert at.get("vega_lite_chart")
    assert any("5 groups" in words for words in said(at))
