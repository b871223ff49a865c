"""Personas on their page: the people of a card, what the team writes, its target, and what is gone."""

from journey.projects.store import Store
from journey.stages.segment import segments
from tests.pages.test_every_page import said

ID, GONE = "0123456789ab", "ba9876543210"


def settings_of(home, project):
    return Store(home).open(project).state.settings


def keep(home, project, **values):
    Store(home).open(project).apply({"op": "settings", "values": values})


def test_a_card_leads_to_its_people_its_target_and_other_pages(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "personas", project)
    assert at.subheader[0].value == "Champions"
    at.button(key="persona_people_0").click().run()
    listed = next(one.value for one in at.metric if one.label == "Customers")
    assert any(words.startswith(f"{listed} customers") for words in said(at))
    at.button(key="persona_goal_0").click().run()
    (one,) = segments(settings_of(home, project))
    assert settings_of(home, project)["goal.segment"] == one.id
    assert (one.name, one.rule) == ("Champions", {"rfm": {"groups": ["champions"]}})
    # What was saved is offered first now.
    assert at.subheader[0].value == "Champions"
    at.button(key="persona_comparison_0").click().run()
    assert settings_of(home, project)["comparison.segment_a"] == one.id
    assert not at.exception


def test_what_the_team_assumes_is_kept_and_a_lost_segment_is_told(app, sample_project, home):
    project = sample_project("en")
    bought = {"name": "산 사람", "rule": {"did": {"event": "결제 완료"}}}
    gone = {"name": "없는 <b> 단계", "rule": {"attribute": "없는 열", "values": ["x"]}}
    keep(home, project, **{f"segment.{ID}": bought, f"segment.{GONE}": gone})
    at = app("en", "personas", project)
    assert [one.value for one in at.subheader] == ["산 사람"]
    assert len(at.warning) == 1 and "없는" in at.warning[0].value
    at.text_area(key=f"{project}.persona.{ID}.fears").set_value("*늦은* 배송").run()
    assert not at.exception
    assert settings_of(home, project)[f"persona.{ID}.fears"] == "*늦은* 배송"
    assert any("\\*늦은\\* 배송" in words and "assumed" in words for words in said(at))
    next(one for one in at.button if str(one.key).startswith("pin.personas")).click().run()
    pinned = app("en", "notebook", project)
    assert not pinned.exception and not pinned.error
    assert any("산 사람" in words for words in said(pinned))
    hidden = app("en", "personas", project, demo="1")
    assert not hidden.exception and not [one for one in hidden.text_area if "persona" in str(one.key)]
    shown = app("en", "personas", project, show="1")
    assert not shown.exception and len(shown.subheader) == 1
