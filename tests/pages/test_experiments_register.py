"""The register of tests on its page: written down, changed in the form, decided, put away and deleted."""

import datetime as dt

import pytest

from journey.findings import Finding
from journey.i18n import text
from journey.projects.register import VERDICTS, decided, entries, planned
from journey.projects.store import Store
from journey.stages.experiment_plan import Arm, Metric, Plan
from tests.hostile import NAMES
from tests.pages.test_every_page import said
from tests.projects.real_files import brought, put

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
A, B, C = "a" * 12, "b" * 12, "c" * 12
PLAN = Plan(
    "Coupon", "They buy more", {"attribute": "기기"}, metrics=(Metric("m1", "conversion", {"stage": "s3"}),)
)


def kept(home, project):
    return entries(Store(home).open(project).state.settings)


@pytest.fixture
def written(home, sample_project):
    """written(language, plan): a project of the sample in which a test is written down and lies open."""

    def make(language, plan=PLAN, **more):
        project = sample_project(language)
        opened = Store(home).open(project)
        opened.apply(planned(A, plan, at=NOON, by="민지", **more))
        opened.apply({"op": "setting", "name": "experiments_register.open", "value": A})
        return project

    return make


def said_in_badges(at):
    return " ".join(one.value for one in at.markdown if "-badge[" in one.value)


def test_a_plan_is_made_in_its_form_field_by_field(app, sample_project, home):
    project = sample_project("en")
    at = app("en", "experiments_register", project)
    assert [one.value for one in at.info] == [text("experiments_register.empty", "en")]
    at.button(key="register.new.0").click().run()
    assert not at.exception
    (test,) = kept(home, project)
    assert (test.status, test.plan, test.owner) == ("", Plan(), test.by)
    field = f"{project}.plan.{test.id}"
    assert [one.value for one in at.warning] == [
        text("plan_form.few_arms", "en"),
        text("plan_form.no_metric", "en"),
    ]
    at.text_input(key=f"{field}.name").set_value("Coupon").run()
    at.button(key=f"{field}.arm.add").click().run()
    at.selectbox(key=f"{field}.metric.add").set_value(2).run()
    assert not at.warning
    at.selectbox(key=f"{field}.metric.m1.kind").set_value("ratio").run()
    at.selectbox(key=f"{field}.arm.0.label").set_value("B").run()
    at.number_input(key=f"{field}.arm.1.weight").set_value(3.0).run()
    at.number_input(key=f"{field}.smallest").set_value(2.0).run()
    at.segmented_control(key=f"{field}.is_relative").set_value(True).run()
    at.number_input(key=f"{field}.window").set_value(14.0).run()
    at.date_input(key=f"{field}.starts").set_value(dt.date(2024, 3, 5)).run()
    assert not at.exception and not at.error
    (test,) = kept(home, project)
    plan = test.plan
    assert (plan.name, plan.window, plan.starts) == ("Coupon", 14, dt.date(2024, 3, 5))
    assert plan.arms == (Arm("B"), Arm("A", weight=3.0))
    assert (plan.smallest, plan.is_relative) == (0.02, True)
    assert (plan.primary.kind, plan.primary.of["above"]) == ("ratio", {"stage": "s3"})
    at.button(key=f"{field}.arm.1.first").click().run()
    at.button(key=f"{field}.metric.m1.drop").click().run()
    (test,) = kept(home, project)
    assert ([one.label for one in test.plan.arms], test.plan.metrics) == (["A", "B"], ())


def test_decisions_are_added_and_a_test_is_put_away_or_deleted_after_asking(app, written, home):
    project = written("en")
    at = app("en", "experiments_register", project)
    key = f"{project}.register.{A}"
    at.text_area(key=f"{key}.learnings").set_value("They wait").run()
    at.selectbox(key=f"{key}.status").set_value("ended").run()
    assert text("experiments_register.status_ended", "en") in said_in_badges(at)
    at.selectbox(key=f"{key}.status").set_value("itself").run()
    assert text("experiments_register.status_running", "en") in said_in_badges(at)
    at.selectbox(key=f"{key}.status").set_value("ended").run()
    for verdict in ("extend", "ship"):
        at.segmented_control(key=f"{key}.verdict").set_value(verdict).run()
        at.text_area(key=f"{key}.why").set_value(f"because {verdict}").run()
        decide = next(one for one in at.button if str(one.key).startswith(f"register.decide.{A}"))
        decide.click().run()
        assert not at.exception
    (test,) = kept(home, project)
    assert [(one.verdict, one.why) for one in test.decisions] == [
        ("extend", "because extend"),
        ("ship", "because ship"),
    ]
    assert (test.status, test.learnings) == ("", "They wait")
    assert sum("because extend" in words for words in said(at)) == 1
    told = said(app("en", "history", project))
    assert [text(f"history.test_decided_{one}", "en", what="Coupon") in told for one in VERDICTS] == [
        True,
        False,
        True,
        False,
    ]
    at.session_state["dialog.asked"] = ("drop_test", A)
    at.run()
    assert text("experiments_register.drop_decisions", "en", n=2) in [one.value for one in at.warning]
    assert len(kept(home, project)) == 1
    next(one for one in at.button if str(one.key).startswith("drop_test.yes")).click().run()
    assert kept(home, project) == ()


@pytest.mark.parametrize("query", [{}, {"demo": "1"}, {"show": "1"}], ids=["plain", "demo", "shown"])
def test_the_list_says_who_decided_what_and_why_to_the_letter(app, written, home, query):
    hostile = "\n".join(NAMES)
    metrics = (Metric("m1", "mean", {"event": NAMES[0]}, NAMES[1]), Metric("m2", "time", {"stage": "gone"}))
    plan = Plan(NAMES[2], hostile, {"records": NAMES[3]}, (Arm(NAMES[4]), Arm("B")), metrics, planned=10)
    project = written("ko", plan, owner=NAMES[5], status="ended")
    opened = Store(home).open(project)
    now = opened.apply(planned(B, Plan(), at=NOON, by="", status="idea")).settings
    told = {"why": hostile, "at": NOON, "by": NAMES[0], "advised": "keep"}
    found = Finding("history.test_planned", {"what": NAMES[0]})
    opened.apply(decided(now, A, C, "stop", finding=found, **told))
    at = app("ko", "experiments_register", project, **query)
    assert not at.exception and not at.error
    words = "\n".join(said(at))
    assert text("experiments_register.verdict_stop", "ko") in words
    assert text("experiments_register.nameless", "ko") in words
    assert "<script>" not in words
    assert not app("ko", "history", project, **query).exception


def test_nothing_that_people_wrote_of_tests_names_anybody_in_demo_mode(app, home, sample_project):
    project = sample_project("ko")
    opened = Store(home).open(project)
    ids = opened.log().customer_ids.to_pylist()
    rows = "고객ID,실험군,전환\n" + "".join(
        f"{one},{'AB'[at % 2]},{at % 3 // 2}\n" for at, one in enumerate(ids[:90])
    )
    put(opened, [brought("한빛물산_비밀.csv", rows.encode())], opened.state.stage_map)
    source, metric = "한빛물산_비밀", Metric("m1", "conversion", {"column": "전환"}, f"{ids[0]} 전환")
    arms = (Arm("A"), Arm("B", f"{ids[1]} 안"))
    plan = Plan(source, ids[2], {"records": source}, arms, (metric,), accepted=f"{ids[3]} 봇")
    opened.apply(planned(A, plan, at=NOON, by="김비밀", owner="김비밀"))
    found = Finding("experiment.finding_one_arm", {"arm": ids[4]})
    told = {"why": ids[5], "at": NOON, "by": "김비밀", "finding": found}
    opened.apply(decided(opened.state.settings, A, C, "ship", **told))
    opened.apply({"op": "setting", "name": "comparison.by", "value": "arm"})
    for page in ("experiments_register", "experiment", "planner", "comparison"):
        at = app("ko", page, project, demo="1")
        offered = [option for box in at.selectbox for option in box.options]
        words = "\n".join([*said(at), *offered, *map(str, at.get("vega_lite_chart"))])
        assert not [one for one in (*ids[:6], "김비밀", source) if one in words], page


def test_tests_that_only_the_data_know_of_are_offered_and_written_down(app, home):
    opened = Store(home).create("여정")
    rows = b"customer,arm,bought\nC1,A,1\nC2,B,0\nC3,A,0\nC4,B,1\n"
    put(opened, [brought("coupon.csv", rows), brought("mail.csv", rows)])
    at = app("en", "experiments_register", opened.id)
    assert not at.exception and not at.error
    assert "**coupon**" in said(at) and "**mail**" in said(at)
    at.button(key="register.take.0.0").click().run()
    assert not at.exception
    (test,) = kept(home, opened.id)
    assert (test.plan.name, test.plan.source, test.status) == ("coupon", {"records": "coupon"}, "")
    assert [one.label for one in test.plan.arms] == ["A", "B"]
    assert [one.of for one in test.plan.metrics] == [{"column": "bought"}]
    # Its results are there, so it runs; nobody had to say so.
    assert text("experiments_register.status_running", "en") in said_in_badges(at)
    offered = [str(one.key) for one in at.button if str(one.key).startswith("register.take.")]
    assert len(offered) == 1
    for way, page in (("results", "experiment"), ("planner", "planner")):
        at = app("en", "experiments_register", opened.id)
        at.button(key=f"register.{way}.{test.id}.0").click().run()
        assert at.title[0].value == text(f"page.{page}.title", "en")
        assert test.id in [one.value for one in at.selectbox]
