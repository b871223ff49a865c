"""The arms of experiments on the pages of journeys: which one, from when on, and what that leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.aggregates.arm_sources import ArmSource
from journey.i18n.formats import arm_name
from journey.stages.experiment_plan import Arm
from ui import demo, session
from ui.ask import ASSIGNED, experiments, filtered
from ui.veil import said, veiled
from ui.words import literal, t

__all__ = [
    "among",
    "arm_said",
    "assigned_to",
    "choice",
    "is_choice",
    "known",
    "label_shown",
    "name_said",
    "offered",
    "rule_of",
    "told",
]

# What stands before an experiment among the choices of a control, where attributes stand too.
_CHOICE = "experiment:"


def known() -> dict[str, ArmSource]:
    """The experiments with arms to look at, by what a control keeps of them."""
    return {choice(one.source): one for one in experiments()}


def offered() -> dict[str, str]:
    """The same experiments, as a control offers them among other things."""
    return {kept: t("journeys.arms_of", name=name_said(one)) for kept, one in known().items()}


def choice(source: Mapping[str, Any]) -> str:
    """An experiment as one of the choices of a control."""
    (kind, name), *_ = source.items()
    return f"{_CHOICE}{kind}:{name or ''}"


def is_choice(chosen: str | None) -> bool:
    """Is an experiment chosen, and not an attribute?"""
    return (chosen or "").startswith(_CHOICE)


def name_said(one: ArmSource) -> str:
    """What an experiment is called; one without a name by what it is."""
    return demo.covered(veiled(one.name)) if one.name else t("journeys.unnamed")


def arm_said(source: Mapping[str, Any], arm: Arm) -> str:
    """What an arm is called by the plan, else by the data; demo mode has its own words for hidden values."""
    name = source.get("attribute")
    if name and (stands_for := said(str(name))):
        # A test that was found in the disguised log has the labels of that.
        shown = arm.label if arm.label in stands_for.values() else demo.word("value")
        return stands_for.get(arm.label, shown)
    return veiled(arm_name(arm.name or arm.label, session.current().language))


def among(one: ArmSource) -> dict[str, str]:
    """The labels of the arms, the control first -> what they are called."""
    return {arm.label: arm_said(one.source, arm) for arm in one.arms}


def label_shown(one: ArmSource, arm: Arm) -> str:
    """The label of an arm as the log that is shown has it."""
    name = one.source.get("attribute")
    return said(str(name)).get(arm.label, arm.label) if name else arm.label


def arm_named(source: Mapping[str, Any], label: str) -> str:
    """An arm with its experiment, also where the data have neither any more."""
    one = known().get(choice(source))
    name = one.name if one else str(next(iter(source.values())) or "")
    called = {arm.label: arm for arm in one.arms} if one else {}
    arm = arm_said(source, called.get(label, Arm(label)))
    return t("journeys.arm_of", experiment=veiled(name) or t("journeys.unnamed"), arm=arm)


def rule_of(source: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The rule of those in an arm."""
    return {"arm": {"experiment": dict(source), "arm": label}}


def assigned_to(one: ArmSource, page: str) -> dict[str, Any]:
    """The setting that asks of those assigned to an experiment; the switch of the page says from when on."""
    since = False
    if one.has_times:
        since = st.toggle(
            t("journeys.since"),
            help=t("journeys.since_help"),
            **session.kept(f"{page}.since", True, (True, False)),
        )
    return {ASSIGNED: {"experiment": dict(one.source), "since": since}}


def told(settings: Mapping[str, Any]) -> None:
    """Whose journeys the page shows where it is about an experiment, and what is left out."""
    wanted = settings.get(ASSIGNED)
    one = known().get(choice(wanted["experiment"])) if wanted else None
    if one is None:
        return
    lines = [t("journeys.only", name=name_said(one))]
    by_session = settings.get("unit") == "session"
    since_on = "journeys.since_on_sessions" if by_session else "journeys.since_on"
    lines.append(t(since_on if wanted["since"] else "journeys.since_off"))
    if not one.has_times:
        lines[-1] = t("journeys.no_times")
    if filtered()[0]:
        lines.append(t("journeys.no_period"))
    st.caption(f":material/science: {literal(' '.join(lines))}")
