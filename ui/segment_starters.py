"""Groups that nearly every team asks for first, made of what the project's data can tell."""

from __future__ import annotations

from journey.events.scales import is_recommending
from journey.stages.segment import Segment
from ui import arms, session
from ui.ask import choices, experiments, log
from ui.words import t

__all__ = ["starters"]

_LATELY = 30
# Those of other tests, and what is more than these, are among the conditions.
_MOST_ARMS = 4


def starters() -> tuple[Segment, ...]:
    """Rules that may be looked at, changed and saved; their ids are no ids of saved ones."""
    can, found = choices(), {}
    if can.orders:
        found["ordered_once"] = {"orders": {"what": "count", "from": 1, "to": 1}}
        found["ordered_again"] = {"orders": {"what": "count", "from": 2}}
        found["ordered_lately"] = {"orders": {"what": "days_since", "to": _LATELY}}
    stages = session.state().stage_map
    goal = stages.goal_stage
    # Where no event of the data leads to the goal, everybody would be one of those.
    met = goal is not None and stages.stages.index(goal) in stages.codes(log().event_names)
    if can.journey and met and stages.stages[0] != goal:
        found["not_at_goal"] = {"not": {"did": {"stage": goal.id}}}
    for question, scale in can.questions.items():
        if is_recommending(question) and scale == (0, 10):
            found["detractors"] = {"score": {"question": question, "from": 0, "to": 6}}
            found["promoters"] = {"score": {"question": question, "from": 9, "to": 10}}
            break
    if can.rating is not None and can.rating == (1, 5):
        found["low_rating"] = {"rating": {"from": 1, "to": 2}}
    named = [Segment(f"starter.{name}", t(f"segments.starter_{name}"), rule) for name, rule in found.items()]
    tested = [(one, arm) for one in experiments()[:1] for arm in one.arms]
    for place, (one, arm) in enumerate(tested[:_MOST_ARMS]):
        name = arms.arm_named(one.source, arm.label)
        named.append(Segment(f"starter.arm_{place}", name, arms.rule_of(one.source, arm.label)))
    return tuple(named)
