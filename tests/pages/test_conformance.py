"""Designed and actual on its page: the order belongs to all, or to a map, and lines name their people."""

import datetime as dt

from journey.projects.maps import removed, written
from journey.projects.store import Store
from journey.stages.board import Board
from journey.stages.segment import segments

A_MAP = Board(
    id="0123456789ab", name="바라는 길 *별*", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), of="ba9876543210"
)


def settings_of(home, project):
    return Store(home).open(project).state.settings


def test_the_order_is_shared_and_every_line_names_as_many_as_it_counts(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "conformance", project)
    steps = at.multiselect(key=f"{project}.design.project")
    kept = steps.value[:3]
    steps.set_value(kept).run()
    at.button(key="conformance_move_1_1").click().run()
    moved = [kept[0], kept[2], kept[1]]
    assert settings_of(home, project)["design.project"] == moved
    assert at.multiselect(key=f"{project}.design.project").value == moved
    at.button(key="conformance_all_stages").click().run()
    assert "design.project" not in settings_of(home, project)
    box = at.selectbox(key=f"{project}.conformance.pick")
    back = next(one for one in box.options if one.startswith("Stepped back from"))
    box.select(back).run()
    assert not at.exception and not at.error
    line = next(words.value for words in at.markdown if f"**{back}**" in words.value)
    assert f"· {at.metric[0].value} of the" in line
    at.button(key="segment_keep_conformance").click().run()
    (one,) = segments(settings_of(home, project))
    assert one.rule["design"]["kind"] == "back"


def test_a_map_has_an_order_of_its_own(app, sample_project, home):
    project = sample_project("en")
    opened = Store(home).open(project)
    own = [stage.id for stage in opened.state.stage_map.stages[:2]]
    values = {**written(A_MAP), "conformance.of": A_MAP.id, f"design.{A_MAP.id}": own}
    opened.apply({"op": "settings", "values": values})
    at = app("en", "conformance", project)
    chosen = at.selectbox(key=f"{project}.conformance.of")
    assert chosen.options == ["The project", "바라는 길 *별* · To-be"]
    assert at.multiselect(key=f"{project}.design.{A_MAP.id}").value == own
    assert not at.exception and not at.error
    found = settings_of(home, project)
    Store(home).open(project).apply({"op": "settings", "values": removed(found, A_MAP.id)})
    assert not [name for name in settings_of(home, project) if A_MAP.id in name]


def test_demo_mode_names_nobody_and_a_session_is_a_unit_too(app, sample_project, home):
    project = sample_project("en")
    Store(home).open(project).apply({"op": "settings", "values": {"unit": "session"}})
    at = app("en", "conformance", project, demo="1")
    box = at.selectbox(key=f"{project}.conformance.pick")
    box.select(next(one for one in box.options if one.startswith("Skipped"))).run()
    assert not at.exception and not at.error
    assert at.dataframe[0].value["Customer"].str.match(r"C-\w{8}$").all()
    shown = app("ko", "conformance", project, show="1")
    assert not shown.exception and not [one for one in shown.selectbox if "pick" in str(one.key)]
