"""The register of tests in a project: decisions stay, and people who write at once lose nothing."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from journey.errors import PlanGone, SettingWrong
from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import LANGUAGES, text
from journey.projects.notebook import written
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from journey.projects.register import (
    STATUSES,
    VERDICTS,
    Entry,
    archived,
    decided,
    drawn,
    entries,
    entry,
    entry_of,
    learned,
    owned,
    planned,
    progress,
    put_to,
    removed,
    replanned,
)
from journey.stages.experiment_plan import Arm, Metric, Plan
from tests.endurance import examples
from tests.hostile import NAMES

MINJI, JUNHO = Person("minji@a.kr", "민지"), Person("junho@a.kr", "준호")
NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 22)
A, B, C = "a" * 12, "b" * 12, "c" * 12
BOUGHT = Metric("m1", "conversion", {"stage": "s2"}, "구매", "primary")
PLAN = Plan(
    "쿠폰 실험",
    "쿠폰을 주면 더 사요",
    {"records": "coupon"},
    (Arm("A", "기존"), Arm("B", "쿠폰", 2.0)),
    (BOUGHT, Metric("m2", "ratio", {"above": {"revenue": True}, "below": {"event": "buy"}})),
    window=14,
    starts=dt.date(2024, 3, 1),
    planned=4000,
    smallest=0.05,
    is_relative=True,
)
LIFT = Figure("reach.finding_largest_drop_off", 0.02, "points", 4000, 0.01, 0.03, {"stage": "구매"})
SAID = Finding("history.test_planned", {"what": "쿠폰"})


def later(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def note(id_: str = A, plan: Plan = PLAN, minutes: int = 0) -> dict[str, Any]:
    return planned(id_, plan, at=later(minutes), by="민지", owner="민지")


def decision(now: Any, new: str, verdict: Any, minutes: int = 0, **more: Any) -> dict[str, Any]:
    told = {"why": "이유", "at": later(minutes), "by": "준호", **more}
    return decided(now, A, new, verdict, **told)


def the(project: Project, id_: str = A) -> Entry:
    found = entry(project.state.settings, id_)
    assert found is not None
    return found


@pytest.fixture
def minji(project: Project) -> Project:
    mine = project.for_(LOCAL)
    for person in (MINJI, JUNHO):
        mine.add_member(person.id, person.name)
    mine.for_(MINJI).apply(note())
    return project.for_(MINJI)


@pytest.fixture
def junho(minji: Project) -> Project:
    return minji.for_(JUNHO)


# ---- what an entry says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [PLAN, Plan(), Plan(name=NAMES[0], hypothesis="\n".join(NAMES))])
def test_a_test_comes_back_as_it_was_written_down(project: Project, plan: Plan) -> None:
    project.apply(note(plan=plan))
    assert entries(project.state.settings) == (Entry(A, plan, NOON, "민지", "", "민지"),)


@pytest.mark.parametrize("headline", [None, LIFT, replace(LIFT, low=math.nan, high=math.nan)])
def test_a_decision_comes_back_with_what_the_result_said_then(
    project: Project, headline: Figure | None
) -> None:
    project.apply(note())
    more = {"finding": SAID, "headline": headline, "advised": "keep"}
    project.apply(decision(project.state.settings, B, "ship", **more))
    found = the(project).decision
    assert found is not None
    assert (found.verdict, found.advised, found.why, found.by) == ("ship", "keep", "이유", "준호")
    assert (found.at, found.finding, repr(found.headline)) == (NOON, SAID, repr(headline))


def test_the_newest_stands_first_and_is_found_by_where_its_results_are(project: Project) -> None:
    project.apply(note(A))
    project.apply(note(B, replace(PLAN, name="다시"), minutes=5))
    project.apply(note(C, replace(PLAN, source={"sums": None}), minutes=9))
    now = project.state.settings
    assert [one.id for one in entries(now)] == [C, B, A]
    assert getattr(entry_of(now, {"records": "coupon"}), "id", None) == B
    now = project.apply(archived(now, B)).settings
    assert getattr(entry_of(now, {"records": "coupon"}), "id", None) == A
    assert entry_of(now, {"records": None}) is None


@pytest.mark.parametrize("value", [7, "글", [], {"plan": {}, "at": 7, "by": []}, [{"id": "m"}], 10**400])
def test_what_is_damaged_costs_no_more_than_itself(value: Any) -> None:
    name = f"experiment.{A}"
    good = note()["values"]
    damaged = {f"plan.{what}": value for what in ("arms", "metrics", "window", "starts", "unheard_of")}
    damaged |= {what: value for what in ("status", "learnings", "archived", f"decision.{B}")}
    damaged |= {"owner": 5, "draw": [value], "decision.x": {"verdict": "ship"}}
    (found,) = entries({**good, **{f"{name}.{what}": one for what, one in damaged.items()}})
    plan = replace(PLAN, window=None, starts=None)
    plan = replace(plan, arms=(), metrics=()) if value == [] else plan
    assert replace(found.plan, arms=plan.arms, metrics=plan.metrics) == replace(
        plan, window=found.plan.window
    )
    assert found.plan.window in (None, 7)
    assert (found.status, found.owner, found.learnings) == ("", "", "")
    assert (found.decisions, found.is_archived) == ((), False)


@pytest.mark.parametrize("value", [None, 7, "글", []])
def test_what_has_no_beginning_is_no_test(value: Any) -> None:
    settings = {**note()["values"], f"experiment.{A}": value, "experiment.view.metric": {"at": "x"}}
    assert entries(settings) == ()


def test_what_is_no_decision_and_what_is_gone_cannot_be_written(project: Project) -> None:
    now = project.apply(note()).settings
    with pytest.raises(SettingWrong):
        decision(now, B, "perhaps")
    with pytest.raises(SettingWrong):
        decision(now, "x y", "ship")
    with pytest.raises(SettingWrong):
        put_to(now, A, "lost")  # type: ignore[arg-type]
    with pytest.raises(SettingWrong):
        note("../x")
    for gone in (removed, archived, lambda on, id_: replanned(on, id_, PLAN, Plan())):
        with pytest.raises(PlanGone):
            gone(now, C)
    now = project.apply(decision(now, B, "ship")).settings
    with pytest.raises(SettingWrong):
        decision(now, B, "stop")


# ---- laws -----------------------------------------------------------------------------------------------


@given(some.lists(some.sampled_from(VERDICTS), max_size=6))
@settings(max_examples=examples(40))
def test_decisions_are_only_added_and_the_last_one_holds(taken: list[Any]) -> None:
    now: dict[str, Any] = dict(note()["values"])
    for at, verdict in enumerate(taken):
        before = entries(now)[0].decisions
        for op in (
            decision(now, f"{9 - at:012x}", verdict, -at % 3),
            replanned(now, A, PLAN, replace(PLAN, name=f"{at}")),
            learned(now, A, f"{at}", at=later(at), by=""),
            archived(now, A, at % 2 == 0),
        ):
            values = op["values"] if op["op"] == "settings" else {op["name"]: op["value"]}
            now = {name: one for name, one in {**now, **values}.items() if one is not None}
        (found,) = entries(now)
        assert found.decisions[:-1] == before
        assert found.decision is not None and found.decision.verdict == verdict
        assert progress(found, TODAY) == ("running" if verdict == "extend" else "decided")
    assert [one.verdict for one in entries(now)[0].decisions] == taken


DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("plan", "has_results", "far"),
    [
        (Plan(metrics=(BOUGHT,)), False, "idea"),
        (Plan(metrics=(BOUGHT,), planned=900), False, "planned"),
        (Plan(starts=TODAY + DAY), True, "planned"),
        (Plan(starts=TODAY), False, "running"),
        (Plan(starts=TODAY - DAY, ends=TODAY), False, "running"),
        (Plan(starts=TODAY - 2 * DAY, ends=TODAY - DAY), False, "ended"),
        (Plan(), True, "running"),
        (Plan(ended=True), True, "ended"),
    ],
)
def test_how_far_a_test_is_follows_from_its_plan_until_somebody_says_otherwise(
    project: Project, plan: Plan, has_results: bool, far: str
) -> None:
    project.apply(note(plan=plan))
    assert progress(the(project), TODAY, has_results=has_results) == far
    for said in STATUSES:
        project.apply(put_to(project.state.settings, A, said))
        assert progress(the(project), TODAY, has_results=has_results) == said
    project.apply(put_to(project.state.settings, A, None))
    assert progress(the(project), TODAY, has_results=has_results) == far
    # What was decided is later than what was said.
    project.apply(put_to(project.state.settings, A, "planned"))
    project.apply(decision(project.state.settings, B, "stop"))
    assert progress(the(project), TODAY) == "decided"


# ---- two people at once ---------------------------------------------------------------------------------


def test_two_people_who_write_at_once_lose_nothing(minji: Project, junho: Project) -> None:
    seen = minji.state.settings
    minji.apply(replanned(seen, A, PLAN, replace(PLAN, hypothesis="다른 가설", planned=None)))
    junho.apply(replanned(seen, A, PLAN, replace(PLAN, metrics=(BOUGHT,), window=7)))
    minji.apply(decision(seen, B, "extend", 1))
    junho.apply(decision(seen, C, "stop", 2))
    junho.apply(learned(seen, A, "배운 점", at=NOON, by="준호"))
    minji.apply(owned(seen, A, "준호"))
    found = the(junho)
    assert found.plan == replace(PLAN, hypothesis="다른 가설", planned=None, metrics=(BOUGHT,), window=7)
    assert [(one.id, one.verdict) for one in found.decisions] == [(B, "extend"), (C, "stop")]
    assert (found.learnings, found.learned_by, found.owner) == ("배운 점", "준호", "준호")
    assert progress(found, TODAY) == "decided"


def test_what_others_write_into_a_test_that_is_gone_brings_nothing_back(
    minji: Project, junho: Project
) -> None:
    seen = minji.state.settings
    minji.apply(removed(seen, A))
    junho.apply(learned(seen, A, "늦은 글", at=NOON, by="준호"))
    assert entries(minji.state.settings) == ()


# ---- history --------------------------------------------------------------------------------------------


def test_each_step_is_told_in_the_history(project: Project) -> None:
    verdicts = zip(VERDICTS, ("1" * 12, "2" * 12, "3" * 12, "4" * 12), strict=True)
    steps = [
        (lambda now: note(), "planned"),
        (lambda now: replanned(now, A, PLAN, replace(PLAN, name="새 이름")), "replanned"),
        *[(lambda now, status=one: put_to(now, A, status), f"status_{one}") for one in STATUSES],
        (lambda now: put_to(now, A, None), "status_itself"),
        (lambda now: drawn(now, A, {"salt": "x"}), "drawn"),
        (lambda now: learned(now, A, "글", at=NOON, by=""), "learned"),
        (lambda now: owned(now, A, "준호"), "changed"),
        (lambda now: archived(now, A), "archived"),
        (lambda now: archived(now, A, False), "unarchived"),
        *[
            (
                lambda now, new=new, one=one: decision(now, new, one, int(new[0])),
                f"decided_{one}",
            )
            for one, new in verdicts
        ],
        (lambda now: removed(now, A), "removed"),
    ]
    for op, code in steps:
        project.apply(op(project.state.settings))
        said = project.happened(1)[0].finding
        assert said.code == f"history.test_{code}"
        assert all(text(said.code, language, **said.values) for language in LANGUAGES)
    assert len(project.happened(99)) == len(steps) + 1


def test_nobody_takes_a_decision_back_and_undo_goes_past_it(project: Project) -> None:
    project.apply({"op": "add_stage", "name": "인지"})
    project.apply(written("a", "글", after=None, at=NOON, by=""))
    project.apply({"op": "add_stage", "name": "구매"})
    project.undo()
    project.apply(note())
    project.apply(decision(project.state.settings, B, "ship"))
    # What was undone before still comes back, and what is undone now is never the decision.
    assert project.state.can_redo
    assert project.redo().stage_map.names == ("인지", "구매")
    assert "notebook.cell.a" not in project.undo_notebook().settings
    assert not project.state.can_undo_notebook
    project.apply(put_to(project.state.settings, A, "ended"))
    assert "notebook.cell.a" in project.redo_notebook().settings
    assert the(project).decision is not None
