"""How far a test of the register is today, by its plan, its days, its results and its decisions."""

from __future__ import annotations

from journey.aggregates.arm_labels import plain
from journey.projects.register import Entry, Status, progress
from ui import moments, session
from ui.ask import plans

__all__ = ["status_of"]


def status_of(one: Entry) -> Status:
    """What somebody said, else what follows; the data are looked into only where they can tell."""
    today = moments.today()
    found = progress(one, today)
    if one.status or found not in ("idea", "planned"):
        return found
    return progress(one, today, has_results=_has_results(one))


def _has_results(one: Entry) -> bool:
    """Are there data of this test? A place without a name is its own only where it has its arms."""
    plan, data = one.plan, session.state().data
    if data is None or not data.has_experiments:
        return False
    place = plans().place(plan.source)
    if place is None:
        return False
    if not plan.arms:
        return next(iter(plan.source.values())) is not None
    return {plain(arm.label) for arm in plan.arms} <= {plain(label) for label in place.labels}
