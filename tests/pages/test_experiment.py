"""The result of a test on its page: read, planned, trusted or not, decided, and who is behind its figures."""

import datetime as dt
import json

import pytest

from journey.i18n import text
from journey.projects.register import entries, planned, progress, removed
from journey.projects.store import Store
from journey.stages.experiment_plan import Arm, Metric, Plan
from tests.hostile import NAMES
from tests.pages.test_every_page import said
from tests.projects.real_files import brought, put


def csv(sizes, bought, more=""):
    """Customers of arms of these sizes, of whom so many bought."""
    lines = [f"customer,arm,bought,paid{',device' if more else ''}\n"]
    number = 0
    for arm, n in sizes.items():
        for at in range(n):
            number += 1
            yes = at < bought[arm]
            device = f",{('app', 'web')[at % 2]}" if more else ""
            lines.append(f"C{number},{arm},{int(yes)},{100 + number % 7 if yes else 0}{device}\n")
    return "".join(lines).encode()


@pytest.fixture
def tested(home):
    """tested(name=rows): a project of files of tests only."""

    def make(**files):
        opened = Store(home).create("실험")
        put(opened, [brought(f"{name}.csv", rows) for name, rows in files.items()])
        return opened

    return make


def settings_of(opened):
    return opened.state.settings


def button(at, beginning):
    return next(one for one in at.button if str(one.key).startswith(beginning))


GOOD = csv({"A": 400, "B": 400}, {"A": 40, "B": 80})
MISMATCH = csv({"A": 500, "B": 380}, {"A": 50, "B": 40})


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_file_alone_is_read_and_nobody_wins_before_its_people_say_that_it_is_over(
    app, checked, tested, language
):
    opened = tested(coupon=GOOD)
    at = app(language, "experiment", opened.id)
    assert not at.exception and not at.error
    assert at.get("vega_lite_chart")
    words = said(at)
    assert any("10.0%" in one and "20.0%" in one for one in words)
    # Nobody planned a size, so nothing is shipped.
    assert any(text("arms.verdict_extend", language) in one for one in words)
    assert at.toggle(key=f"{opened.id}.experiment.ended.found").value is False


def test_a_test_that_ended_as_planned_is_called(app, tested):
    opened = tested(coupon=GOOD)
    at = app("en", "experiment", opened.id)
    at.toggle(key=f"{opened.id}.experiment.ended.found").set_value(True).run()
    assert not at.exception and not at.error
    (test,) = entries(settings_of(opened))
    assert test.plan.ended and test.plan.source == {"records": "coupon"}
    assert any(text("arms.verdict_ship", "en") in one for one in said(at))


def test_arms_that_were_not_filled_as_planned_are_grey_until_somebody_says_why(app, tested):
    opened = tested(banner=MISMATCH)
    at = app("en", "experiment", opened.id)
    assert len(at.error) == 1 and "not trust" in at.error[0].value
    key = next(str(one.key) for one in at.text_input if ".why." in str(one.key))
    at.text_input(key=key).set_value("*bots* left A").run()
    button(at, "experiment_accept").click().run()
    assert not at.exception and not at.error
    (test,) = entries(settings_of(opened))
    assert test.plan.accepted == "*bots* left A"
    assert any("\\*bots\\*" in one for one in said(at))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # Nobody is in one arm, which also is no split as planned: both are said, once each.
        ("실험군,방문자수,전환수\nA,0,0\nB,1000,140\n", ("대상이 하나도 없는", "믿지 마세요")),
        (
            "고객ID,실험군,전환\n" + "".join(f"C{at % 30},{'AB'[at // 30]},1\n" for at in range(60)),
            ("두 안 이상에",),
        ),
        # As long as a text may be.
        (
            "고객ID,실험군,전환\n" + "".join(f"C{at},{'긴' * 2000}{at % 2},1\n" for at in range(60)),
            ("100.0%",),
        ),
    ],
    ids=["nobody", "both", "long"],
)
def test_arms_that_nothing_can_be_said_of_are_answered_in_sentences(app, tested, rows, told):
    at = app("ko", "experiment", tested(odd=rows.encode()).id)
    assert not at.exception
    words = "\n".join([*said(at), *(one.value for one in at.warning)])
    assert all(one in words for one in told)


def test_a_decision_is_kept_with_what_the_rule_said(app, tested):
    opened = tested(coupon=GOOD)
    at = app("en", "experiment", opened.id)
    verdict = next(str(one.key) for one in at.segmented_control if ".verdict." in str(one.key))
    at.segmented_control(key=verdict).set_value("keep").run()
    because = next(str(one.key) for one in at.text_area if ".because." in str(one.key))
    at.text_area(key=because).set_value("too dear").run()
    button(at, "experiment_decide").click().run()
    assert not at.exception and not at.error
    (test,) = entries(settings_of(opened))
    (taken,) = test.decisions
    assert (taken.verdict, taken.advised, taken.why) == ("keep", "extend", "too dear")
    assert taken.headline is not None and progress(test, dt.date.today()) == "decided"
    assert any("too dear" in one for one in said(at))


def test_two_who_decide_at_once_decide_one_test_and_its_end_is_told(app, tested):
    opened = tested(coupon=GOOD)
    first, second = app("en", "experiment", opened.id), app("en", "experiment", opened.id)
    for at in (first, second):
        button(at, "experiment_decide").click().run()
        assert not at.exception and not at.error
    (test,) = entries(settings_of(opened))
    assert len(test.decisions) == 2
    opened.apply(removed(settings_of(opened), test.id))
    button(second, "experiment_decide").click().run()
    assert not second.exception and [one.value for one in second.error] == [text("errors.plan_gone", "en")]


def test_a_test_whose_results_are_gone_is_not_taken_for_another(app, tested):
    opened = tested(coupon=GOOD)
    opened.apply(
        planned("a" * 12, Plan("Old", source={"records": "gone"}), at=dt.datetime.now(dt.UTC), by="")
    )
    opened.apply({"op": "setting", "name": "experiment.view.test", "value": "a" * 12})
    at = app("en", "experiment", opened.id)
    assert not at.exception and not at.error
    assert text("arms.test_gone", "en", name="Old").replace(".", "\\.") in said(at)


def test_of_several_tests_one_is_looked_at_and_the_view_is_ones_own(app, tested):
    opened = tested(banner=MISMATCH, coupon=GOOD)
    at = app("en", "experiment", opened.id)
    chooser = at.selectbox(key=f"{opened.id}.experiment.view.test")
    chooser.set_value(json.dumps({"records": "coupon"})).run()
    assert not at.error and not at.exception
    before = said(at)
    at.selectbox(key=f"{opened.id}.experiment.view.baseline").set_value("B").run()
    assert not at.exception and said(at) != before
    for scale in ("relative", "scaled"):
        at.segmented_control(key=f"{opened.id}.experiment.view.scale").set_value(scale).run()
        assert not at.exception and at.get("vega_lite_chart")
    assert not entries(settings_of(opened))


def test_the_rule_judges_against_the_control_alone_and_another_arm_can_become_it(app, tested):
    opened = tested(coupon=csv({"A": 400, "B": 400}, {"A": 80, "B": 40}))
    plan = Plan("Coupon", source={"records": "coupon"}, arms=(Arm("A"), Arm("B")), ended=True)
    opened.apply(planned("a" * 12, plan, at=dt.datetime.now(dt.UTC), by=""))
    at = app("en", "experiment", opened.id)
    assert not at.exception and not at.error
    advised = text("arms.advised", "en", verdict="").split(":")[0]

    def advice():
        return [one for one in said(at) if advised in one]

    ship, stop = (text(f"arms.verdict_{code}", "en") for code in ("ship", "stop"))
    assert stop in advice()[0]
    at.selectbox(key=f"{opened.id}.experiment.view.baseline").set_value("B").run()
    assert not at.exception and not advice()
    assert not [one for one in at.button if str(one.key).startswith("experiment_decide")]
    button(at, "experiment_control").click().run()
    assert not at.exception and not at.error
    (entry,) = entries(settings_of(opened))
    assert [arm.label for arm in entry.plan.arms] == ["B", "A"]
    assert ship in advice()[0]


def test_who_is_behind_a_figure_is_listed_by_arm_and_outcome(app, home, sample_project):
    project = sample_project("en")
    opened = Store(home).open(project)
    rows = ["고객ID,실험군,전환\n"] + [
        f"C{number:04d},{'AB'[number % 2]},{int(number % 5 == 0)}\n" for number in range(1, 401)
    ]
    put(opened, [brought("coupon.csv", "".join(rows).encode())], opened.state.stage_map)
    at = app("en", "experiment", project)
    assert not at.exception and not at.error
    pick = at.selectbox(key=f"{project}.experiment.pick")
    pick.set_value(json.dumps(["m1", "B"])).run()
    assert not at.exception
    everybody = next(one.value for one in at.metric)
    assert everybody == "200"
    at.segmented_control(key=f"{project}.experiment.view.box").set_value("yes").run()
    assert next(one.value for one in at.metric) == "40"
    for part in ("stages", "split"):
        at.segmented_control(key=f"{project}.experiment.view.part").set_value(part).run()
        assert not at.exception


def test_a_result_is_pinned_and_leads_to_the_journeys_of_its_arms(app, home, sample_project):
    project = sample_project("en")
    opened = Store(home).open(project)
    metrics = (Metric("m1", "conversion", {"stage": "s3"}),)
    plan = Plan(source={"attribute": "기기"}, metrics=metrics, accepted="no test at all")
    opened.apply(planned("a" * 12, plan, at=dt.datetime(2024, 3, 5, tzinfo=dt.UTC), by="민지"))
    at = app("en", "experiment", project)
    assert not at.exception and not at.error
    button(at, "pin.experiment").click().run()
    at.button(key="experiment_to_comparison").click().run()
    assert not at.exception and not at.error
    assert opened.state.settings["comparison.by"] == "arm"
    notes = app("en", "notebook", project)
    assert not notes.exception and not notes.error
    # Hidden values of the attribute that the arms are have their stand-ins, on both pages.
    opened.apply({"op": "setting", "name": "demo.hidden", "value": {"기기": True}})
    for page in ("experiment", "notebook"):
        hidden = app("en", page, project, demo="1")
        assert not hidden.exception and not hidden.error
        assert "iPhone" not in "\n".join(said(hidden))


@pytest.mark.parametrize("query", [{}, {"demo": "1"}, {"show": "1"}], ids=["plain", "demo", "shown"])
def test_names_of_the_file_stay_text(app, checked, tested, query):
    arms = {NAMES[0]: 60, NAMES[1]: 60}
    rows = csv(arms, dict.fromkeys(arms, 12), more="device") if "," not in "".join(arms) else GOOD
    opened = tested(hostile=rows)
    at = app("en", "experiment", opened.id, **query)
    assert not at.exception and not at.error
    assert "<script>" not in "\n".join(said(at))


def test_the_sample_brings_its_own_test_where_none_is_found(app, sample_project):
    project = sample_project("en")
    at = app("en", "experiments_register", project)
    assert at.button(key="sample_tests").label == text("arms.sample_bring", "en")
    at = app("en", "experiment", project)
    at.button(key="sample_tests").click().run()
    assert not at.exception and not at.error
    assert at.query_params["project"] == project
    assert at.get("vega_lite_chart")
    assert not [one for one in at.button if one.key == "sample_tests"]


def test_whoever_has_no_test_opens_the_sample_with_its_own(app):
    at = app("ko", "experiment")
    at.button(key="sample_tests").click().run()
    assert not at.exception and not at.error
    assert at.get("vega_lite_chart")
