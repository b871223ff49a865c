"""The notebook in a project: its order, what two people do at once, and how each takes back their own."""

from __future__ import annotations

import datetime as dt
import math
from itertools import permutations
from typing import Any

import pytest

from journey.errors import SettingWrong, UndoHeld
from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import LANGUAGES, text
from journey.projects.notebook import (
    cell_name,
    cells,
    duplicated,
    moved,
    pinned,
    removed,
    reworded,
    written,
)
from journey.projects.person import LOCAL, Person
from journey.projects.project import Project
from tests.hostile import NAMES

MINJI, JUNHO = Person("minji@a.kr", "민지"), Person("junho@a.kr", "준호")
NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
HEADLINE = Figure("reach.finding_largest_drop_off", 0.4, "share", 120, 0.3, 0.5, {"stage": "구매"})

SAID = {
    "stage": "구매",
    "customers": 48,
    "of": 120,
    "share": 0.4,
    "low": 0.3,
    "high": 0.5,
    "day": dt.date(2024, 3, 5),
}


def later(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def answer(
    id_: str, line: str = "", at: dt.datetime = NOON, headline: Figure | None = None
) -> dict[str, Any]:
    found = Finding("reach.finding_largest_drop_off", SAID)
    filters = {"period": None, "where": {"channel": ["검색", None]}}
    return pinned(
        id_,
        "reach",
        {"unit": "customer"},
        filters,
        line=line,
        finding=found,
        headline=headline,
        at=at,
        by="민지",
    )


def note(id_: str, words: str = "글", after: str | None = None, at: dt.datetime = NOON) -> dict[str, Any]:
    return written(id_, words, after=after, at=at, by="준호")


def order(project: Project) -> str:
    return " ".join(cell.id for cell in cells(project.state.settings))


@pytest.fixture
def minji(project: Project) -> Project:
    mine = project.for_(LOCAL)
    for person in (MINJI, JUNHO):
        mine.add_member(person.id, person.name)
    for number, id_ in enumerate("abc"):
        mine.apply(answer(id_, at=later(number)))
    return project.for_(MINJI)


@pytest.fixture
def junho(minji: Project) -> Project:
    return minji.for_(JUNHO)


# ---- what a cell says -----------------------------------------------------------------------------------


@pytest.mark.parametrize("headline", [None, HEADLINE, Figure("x.y", math.nan, "count")])
def test_a_cell_comes_back_as_it_was_pinned(project: Project, headline: Figure | None) -> None:
    project.apply(answer("a", "결제가 막혀요", headline=headline))
    (cell,) = cells(project.state.settings)
    assert (cell.kind, cell.text, cell.at, cell.by) == ("answer", "결제가 막혀요", NOON, "민지")
    assert (cell.question, cell.settings) == ("reach", {"unit": "customer"})
    assert cell.filters == {"period": None, "where": {"channel": ["검색", None]}}
    assert cell.finding.values == SAID
    assert repr(cell.headline) == repr(headline)


def test_the_words_of_a_cell_are_kept_to_the_letter(project: Project) -> None:
    project.apply(note("a", "\n".join(NAMES)))
    project.apply(answer("b", NAMES[0]))
    assert [cell.text for cell in cells(project.state.settings)] == ["\n".join(NAMES), NAMES[0]]


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "글",
        [],
        {},
        {"kind": "image", "text": "x"},
        {"kind": "text", "text": 5},
        {"kind": "answer", "text": "x"},
        {"kind": "answer", "text": "x", "question": "reach", "settings": [], "filters": {}, "finding": {}},
        {"kind": "answer", "text": "", "question": "reach", "settings": {}, "filters": {}}
        | {"finding": {"code": "a.b", "values": {"x": {"day": "gestern"}}}},
    ],
)
def test_what_is_no_cell_is_left_out(value: Any) -> None:
    settings = {cell_name("a"): value, cell_name("ÄÖ/.."): {"kind": "text", "text": "x"}, "notebook.order": 5}
    assert cells(settings) == ()


def test_a_damaged_headline_or_moment_costs_no_more_than_itself() -> None:
    value = answer("a", headline=HEADLINE)["value"]
    for headline in ({}, {**value["headline"], "form": "x"}, {**value["headline"], "low": "x"}, [1]):
        (cell,) = cells(
            {cell_name("a"): {**value, "headline": headline, "at": "gestern", "by": 7, "after": 7}}
        )
        assert (cell.headline, cell.by, cell.after, cell.at.year) == (None, "", None, 1970)


# ---- the order ------------------------------------------------------------------------------------------


def test_any_order_can_be_made_by_moving(minji: Project) -> None:
    for wanted in permutations("abc"):
        for place, id_ in enumerate(wanted):
            minji.apply(moved(minji.state.settings, id_, place))
        assert order(minji) == " ".join(wanted)


def test_a_new_cell_stands_where_it_was_put(minji: Project) -> None:
    minji.apply(note("first", after=""))
    minji.apply(note("mid", after="a"))
    minji.apply(note("end"))
    minji.apply(note("lost", after="gone", at=later(9)))
    assert order(minji) == "first a mid end b c lost"


def test_texts_between_stay_where_they_are_when_the_cell_before_them_goes(minji: Project) -> None:
    minji.apply(note("x", after="a"))
    minji.apply(note("y", after="x", at=later(7)))
    minji.apply(removed(minji.state.settings, "a"))
    assert order(minji) == "x y b c"
    minji.undo_notebook()
    assert order(minji) == "a x y b c"


def test_cells_that_stand_behind_each_other_end_all_the_same() -> None:
    ring = {cell_name(one): note(one, after=other)["value"] for one, other in ("ab", "bc", "ca")}
    assert sorted(cell.id for cell in cells(ring)) == ["a", "b", "c"]


def test_a_copy_stands_behind_its_cell_and_keeps_what_was_pinned(minji: Project) -> None:
    minji.apply(duplicated(minji.state.settings, "a", "z", at=later(60), by="준호"))
    found = {cell.id: cell for cell in cells(minji.state.settings)}
    assert order(minji) == "a z b c"
    assert (found["z"].finding, found["z"].at, found["z"].by) == (found["a"].finding, NOON, "민지")


@pytest.mark.parametrize("change", [moved, removed, reworded, duplicated])
def test_a_cell_that_is_gone_cannot_be_changed(minji: Project, change: Any) -> None:
    more = {moved: [0], reworded: ["x"], duplicated: ["z"]}.get(change, [])
    named = {"at": NOON, "by": ""} if change is duplicated else {}
    with pytest.raises(SettingWrong):
        change(minji.state.settings, "gone", *more, **named)


# ---- two people at once ---------------------------------------------------------------------------------


def test_two_people_in_different_cells_lose_nothing(minji: Project, junho: Project) -> None:
    seen = minji.state.settings
    minji.apply(reworded(seen, "a", "하나"))
    junho.apply(reworded(seen, "b", "둘"))
    minji.apply(answer("m", at=later(5)))
    junho.apply(note("j", after="a", at=later(5)))
    # An order that was made before the others' cells were seen leaves them where they were put.
    junho.apply(moved(seen, "c", 0))
    minji.apply(removed(seen, "b"))
    assert order(minji) == "c a j m"
    assert {cell.id: cell.text for cell in cells(junho.state.settings)}["a"] == "하나"


# ---- history --------------------------------------------------------------------------------------------


def test_each_step_is_told_undone_and_done_again(project: Project) -> None:
    steps = [
        (lambda now: answer("a", "결제가 막혀요"), "history.notebook_line_added", "a"),
        (lambda now: answer("b", at=later(1)), "history.notebook_answer_added", "a b"),
        (lambda now: note("t", after="a", at=later(2)), "history.notebook_text_added", "a t b"),
        (lambda now: reworded(now, "t", "다른 글"), "history.notebook_text_reworded", "a t b"),
        (
            lambda now: duplicated(now, "a", "z", at=later(3), by=""),
            "history.notebook_line_copied",
            "a z t b",
        ),
        (lambda now: moved(now, "b", 0), "history.notebook_ordered", "b a z t"),
        (lambda now: removed(now, "b"), "history.notebook_answer_removed", "a z t"),
    ]
    states = [project.state]
    for op, code, ids in steps:
        states.append(project.apply(op(project.state.settings)))
        assert (project.happened(1)[0].finding.code, order(project)) == (code, ids)
    for state in reversed(states[:-1]):
        assert project.undo_notebook().settings == state.settings
    assert not project.state.can_undo_notebook
    for state in states[1:]:
        assert project.redo_notebook().settings == state.settings
    assert not project.state.can_redo_notebook
    for line in project.happened(50):
        assert all(text(line.finding.code, language, **line.finding.values) for language in LANGUAGES)


def test_the_stages_and_the_notebook_are_taken_back_each_on_their_page(project: Project) -> None:
    project.apply({"op": "add_stage", "name": "인지"})
    project.apply(answer("a"))
    project.apply({"op": "add_stage", "name": "구매"})
    project.apply(answer("b", at=later(1)))
    assert project.undo().stage_map.names == ("인지",)
    assert order(project) == "a b"
    project.undo_notebook()
    assert (order(project), project.state.can_redo) == ("a", True)
    assert project.redo().stage_map.names == ("인지", "구매")
    project.redo_notebook()
    assert order(project) == "a b"


def test_each_takes_back_their_own_cells(minji: Project, junho: Project) -> None:
    minji.apply(answer("m", at=later(5)))
    junho.apply(note("j", at=later(6)))
    minji.undo_notebook()
    assert order(minji) == "a b c j"
    junho.apply(reworded(junho.state.settings, "a", "준호의 것"))
    minji.redo_notebook()
    minji.apply(reworded(minji.state.settings, "a", "민지의 것"))
    junho.apply(reworded(junho.state.settings, "a", "다시 준호"))
    with pytest.raises(UndoHeld) as held:
        minji.undo_notebook()
    assert held.value.values == {"who": "준호"}
    assert order(minji) == "a b c m j"


def test_others_are_told_and_a_look_at_a_page_is_no_edit(minji: Project, junho: Project) -> None:
    head = minji.head
    junho.apply({"op": "setting", "name": "notebook.view.outline", "value": "closed"})
    assert (minji.head, "notebook.view.outline" in minji.state.settings) == (head, False)
    junho.apply(note("j"))
    assert minji.head == head + 1


@pytest.mark.parametrize(
    ("about", "kept"),
    [
        ({"finding": {"code": "of.tomorrow", "values": {}}}, ("notebook.then_unknown", True)),
        (
            {"finding": {"code": "reach.finding_largest_drop_off", "values": {}}},
            ("notebook.then_unknown", True),
        ),
        ({"headline": {"code": "x", "values": {}, "form": "share", "n": 1, "value": 1e308}}, ("same", False)),
        ({"headline": {"code": "x", "values": {}, "form": "count", "n": 10**300}}, ("same", False)),
        ({"at": "9999-12-31T23:59:59+00:00", "put": "0001-01-01T00:00:00"}, ("same", True)),
    ],
    ids=["unknown", "holes", "endless", "countless", "times"],
)
def test_what_nobody_could_have_pinned_is_read_as_something_that_can_be_shown(project, about, kept):
    op = answer("a", headline=HEADLINE)
    project.apply({**op, "value": {**op["value"], **about}})
    (cell,) = cells(project.state.settings)
    code = op["value"]["finding"]["code"] if kept[0] == "same" else kept[0]
    assert (cell.finding.code, cell.headline is not None) == (code, kept[1])
    for language in LANGUAGES:
        assert text(cell.finding.code, language, **cell.finding.values)
    assert 1 < cell.at.year < dt.MAXYEAR
