from journey.projects.compared import Compared, compared
from journey.projects.state import ProjectState
from journey.stages.edits import apply
from journey.stages.stage_map import StageMap


def of(*ops):
    made = StageMap()
    for op in ops:
        made = apply(made, op)
    return ProjectState(stage_map=made)


FIRST = ({"op": "add_stage", "name": "a"}, {"op": "add_stage", "name": "b"})


def test_nothing_is_different_from_itself():
    assert compared(of(*FIRST), of(*FIRST)) == Compared()


def test_stages_and_cards_are_counted_once_each():
    now = of(
        *FIRST, {"op": "place", "event": "x", "to": "s1"}, {"op": "add_rule", "pattern": "/p/*", "to": "s2"}
    )
    then = of(*FIRST, {"op": "place", "event": "x", "to": "s2"}, {"op": "add_stage", "name": "c"})
    found = compared(now, then)
    assert (found.stages, found.cards) == (1, 2)


def test_the_way_there_and_the_way_back_are_as_large():
    now, then = (
        of(*FIRST),
        of(*FIRST, {"op": "place", "event": "x", "to": "s1"}, {"op": "move_stage", "stage": "s1", "at": 1}),
    )
    there, back = compared(now, then), compared(then, now)
    assert (there.stages, there.cards, there.is_reordered) == (back.stages, back.cards, back.is_reordered)
    assert there.is_reordered
