import pytest

from journey.projects.own_steps import own_steps
from journey.projects.person import Person
from journey.projects.store import Store

MINA, JOON = Person("mina@example.com", "Mina"), Person("joon@example.com", "Joon")


@pytest.fixture
def both(tmp_path):
    mine = Store(tmp_path, MINA).create("x")
    mine.add_member(JOON.id, JOON.name)
    return mine, Store(tmp_path, JOON).open(mine.id)


@pytest.mark.parametrize("script", ["", "m", "mj", "mmU", "mmUU", "mmUUR", "mmjUjU", "mmUmU", "mjmUURR"])
def test_they_are_what_undo_and_redo_then_do(both, script):
    """After any script of edits, undo (U) and redo (R) of one's own, each step names what it changes."""
    mine, theirs = both
    for number, step in enumerate(script):
        if step in "mj":
            (mine if step == "m" else theirs).apply({"op": "add_stage", "name": f"{step}{number}"})
        elif step == "U":
            mine.undo()
        else:
            mine.redo()
    steps = own_steps(mine.history(), mine.happened(), MINA.key)
    before = set(mine.state.stage_map.names)
    assert (steps.redo is not None) == mine.can_redo
    if mine.can_redo:
        (brought,) = set(mine.redo().stage_map.names) - before
        assert steps.redo.finding.values["stage"] == brought
        mine.undo()
    if mine.can_undo:
        (taken,) = before - set(mine.undo().stage_map.names)
        assert steps.undo.finding.values["stage"] == taken
