"""What a team does with a persona: compare it, look at its flows and its KPIs, make it the target."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from journey.stages.segment import BEGINNING, Segment, checked
from ui import navigation, session, toasts
from ui.ask import choices, saved
from ui.personas import Group
from ui.segments import save
from ui.veil import real
from ui.words import t

__all__ = ["buttons", "is_goal"]

_GOAL, _LONGEST = "goal.segment", 80


def is_goal(group: Group) -> bool:
    """Is it the segment that the project is after?"""
    known = _kept(group)
    return known is not None and session.state().settings.get(_GOAL) == known.id


def buttons(place: int, group: Group, *, is_suggested: bool) -> None:
    """The ways on from a card; what is neither saved nor a value of an attribute can be saved first."""
    known = _kept(group)
    # Of customers of tables alone there are no flows and no figures to be after.
    is_journey = choices().journey
    if is_journey and not is_goal(group):
        st.button(
            t("personas.goal_keep"),
            icon=":material/flag:",
            key=f"persona_goal_{place}",
            type="primary" if is_suggested else "secondary",
            on_click=session.later(_aimed(group)),
        )
    if known is None and group.value is None:
        save(group.rule or {}, name=group.shown, key=f"persona_{place}")
    if not is_journey or (known is None and group.value is None):
        return
    for page, icon in (
        ("comparison", "compare_arrows"),
        ("flows", "account_tree"),
        ("kpi", "monitoring"),
    ):
        st.button(
            t(f"personas.open_{page}"),
            icon=f":material/{icon}:",
            key=f"persona_{page}_{place}",
            on_click=session.later(_opened(page, group, known)),
        )


def _kept(group: Group) -> Segment | None:
    """The saved segment of these customers."""
    rule = None if group.rule is None else dict(group.rule)
    return next((one for one in saved() if one.id == group.id or dict(one.rule) == rule), None)


def _aimed(group: Group) -> Callable[[], None]:
    """Make it the project's target, saved as a segment where it is none yet."""

    def aim() -> None:
        known, values = _kept(group), {}
        id_ = secrets.token_hex(6) if known is None else known.id
        if known is None and group.rule is not None:
            content = {"name": group.name[:_LONGEST], "rule": dict(checked(real(group.rule)))}
            values = {f"{BEGINNING}{id_}": content}
        session.edit({"op": "settings", "values": {**values, _GOAL: id_}})
        toasts.say(t("personas.goal_kept", name=group.shown))

    return aim


def _opened(page: str, group: Group, known: Segment | None) -> Callable[[], None]:
    """Go to a page that looks at these customers alone, or beside the rest."""

    def opened() -> None:
        change = _compared if page == "comparison" else _narrowed
        session.edit({"op": "settings", "values": change(group, known)})
        navigation.go(page)

    return opened


def _compared(group: Group, known: Segment | None) -> dict[str, Any]:
    if known is not None:
        values = {"by": "segment", "segment_a": known.id, "segment_b": ""}
    else:
        assert group.value is not None
        attribute, value = group.value
        values = {
            "by": "attribute",
            "attribute": attribute,
            "values_a": {attribute: [value]},
            "values_b": None,
        }
    return {f"comparison.{name}": value for name, value in values.items()}


def _narrowed(group: Group, known: Segment | None) -> dict[str, Any]:
    if known is not None:
        return {"segment": known.id}
    assert group.value is not None
    attribute, value = group.value
    where = session.state().settings.get("where") or {}
    return {"where": {**where, attribute: [value]}}
