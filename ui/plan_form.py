"""The form of a plan: what is tried on whom, what decides, how long, and what is still wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, get_args

import streamlit as st

from journey.aggregates.arm_labels import plain
from journey.aggregates.plan_choices import Place, PlanChoices, plan_gaps
from journey.errors import PlanGone, SettingWrong
from journey.projects.register import entry, replanned
from journey.stages.experiment_plan import MOST_ARMS, Arm, Plan, Unit
from ui import demo, session
from ui.ask import plans
from ui.plan_metrics import metric_fields
from ui.words import sentence, t

__all__ = ["PARTS", "Change", "draft", "draft_form", "gaps", "plan_form", "saved_form", "source_said"]

# Of the form, in the order in which they stand.
PARTS = ("about", "arms", "metrics", "size", "days")
Edit = Callable[[Plan], Plan]
Change = Callable[[Edit], None]

_LONGEST_NAME, _LONGEST_TEXT = 200, 5_000
_FAR = dt.timedelta(days=3660)
_SHARES = ("conversion", "retention")


def draft_form(setting: str, beginning: Plan, *, parts: Collection[str] = PARTS) -> Plan:
    """Edit a plan that is kept under a personal setting until it is saved."""

    def change(edit: Edit) -> None:
        session.remember(setting, edit(draft(setting, beginning)).to_json())

    return plan_form(draft(setting, beginning), change, key=setting, parts=parts)


def draft(setting: str, beginning: Plan) -> Plan:
    """The plan that is kept there; the beginning where there is none that can be read."""
    try:
        return Plan.from_json(session.state().settings[setting])
    except (KeyError, SettingWrong):
        return beginning


def saved_form(id_: str, *, parts: Collection[str] = PARTS) -> Plan:
    """Edit the plan of a test of the register; what others change meanwhile stays."""

    def change(edit: Edit) -> None:
        before = _saved(id_)
        session.edit(replanned(session.state().settings, id_, before, edit(before)))

    return plan_form(_saved(id_), change, key=id_, parts=parts)


def _saved(id_: str) -> Plan:
    found = entry(session.state().settings, id_)
    if found is None:
        raise PlanGone
    return found.plan


def _checked(plan: Plan) -> Plan:
    return Plan.from_json(plan.to_json())


def plan_form(plan: Plan, change: Change, *, key: str, parts: Collection[str] = PARTS) -> Plan:
    """Draw the fields of a plan and what is wrong with it; returns the plan as it stands.

    `change` is called with what is to be done to the plan, which may be another one by then. It stands in a
    container that is no expander, since each metric is one.
    """
    if demo.is_on():
        st.caption(t("plan_form.demo"))
        return plan
    form = _Form(plan, change, key, plans())
    with st.container(key=f"plan_form_{key.replace('.', '_')}"):
        for part in PARTS:
            if part in parts:
                _DRAWN[part](form)
        gaps(plan)
    return plan


def gaps(plan: Plan) -> bool:
    """Say what is wrong with a plan and what it lacks; is nothing wrong?"""
    found = plan_gaps(plan, plans(), session.state().stage_map)
    for one in found.wrong:
        st.warning(sentence(one), icon=":material/warning:")
    if found.missing:
        st.caption(" ".join(sentence(one) for one in found.missing))
    return not found.wrong


@dataclass(frozen=True)
class _Form:
    """The plan that is drawn, and how its fields change it."""

    plan: Plan
    change: Change
    key: str
    choices: PlanChoices

    @property
    def place(self) -> Place | None:
        return self.choices.place(self.plan.source)

    def kept(self, name: str, value: Any, edit: Callable[[Plan, Any], Plan]) -> dict[str, Any]:
        """Arguments of a widget that shows a part of the plan and changes it."""
        full = session.widget_key(f"plan.{self.key}.{name}")
        session.put(full, value)

        def keep() -> None:
            self.change(lambda plan: _checked(edit(plan, session.widget(full))))

        return {"key": full, "on_change": session.later(keep)}

    def button(self, name: str, edit: Edit) -> dict[str, Any]:
        """The same of a button."""
        full = session.widget_key(f"plan.{self.key}.{name}")
        return {
            "key": full,
            "on_click": session.later(lambda: self.change(lambda plan: _checked(edit(plan)))),
        }


# ---- what it is about -----------------------------------------------------------------------------------


def _about(form: _Form) -> None:
    plan = form.plan
    st.text_input(
        t("plan_form.name"),
        max_chars=_LONGEST_NAME,
        placeholder=t("plan_form.name_hint"),
        **form.kept("name", plan.name, lambda now, text: replace(now, name=text.strip())),
    )
    st.text_area(
        t("plan_form.hypothesis"),
        max_chars=_LONGEST_TEXT,
        placeholder=t("plan_form.hypothesis_hint"),
        **form.kept("hypothesis", plan.hypothesis, lambda now, text: replace(now, hypothesis=text.strip())),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _where(form)
        st.selectbox(
            t("plan_form.unit"),
            get_args(Unit),
            format_func=lambda one: t(f"plan_form.unit_{one}"),
            width=200,
            **form.kept("unit", plan.unit, lambda now, one: replace(now, unit=one)),
        )


def _where(form: _Form) -> None:
    """Where the arms stand; a plan is mostly older than its results."""
    here, place = dict(form.plan.source), form.place
    options = [dict(one.source) for one in form.choices.places]
    shown = dict(place.source) if place is not None else here
    if shown not in options:
        options = [shown, *options]
    names = [source_said(one) for one in options]

    def moved(now: Plan, at: int) -> Plan:
        other = form.choices.place(options[at])
        labels = {plain(label) for label in other.labels} if other else set()
        lost = not now.arms or not any(plain(arm.label) in labels for arm in now.arms)
        arms = tuple(map(Arm, other.labels[:MOST_ARMS])) if other and lost else now.arms
        return replace(now, source=options[at], arms=arms)

    st.selectbox(
        t("plan_form.source"),
        range(len(options)),
        format_func=names.__getitem__,
        help=t("plan_form.source_help"),
        width=320,
        **form.kept("source", options.index(shown), moved),
    )


def source_said(source: Any) -> str:
    """Where arms stand, in words."""
    kind, name = next(iter(source.items()))
    if plans().place(source) is None:
        return t("plan_form.source_later", name=name) if name else t("plan_form.source_none")
    return t(f"plan_form.source_{kind}", name=name) if name else t("plan_form.source_nameless")


# ---- arms -----------------------------------------------------------------------------------------------


def _arms(form: _Form) -> None:
    st.markdown(f"**{t('plan_form.arms')}**")
    arms = form.plan.arms
    if not arms:
        st.caption(t("plan_form.arms_of_data"))
    total = sum(one.weight for one in arms)
    for at, arm in enumerate(arms):
        _arm(form, at, arm, arm.weight / total)
    with st.container(horizontal=True):
        if len(arms) < MOST_ARMS:
            icon = ":material/add:"
            st.button(
                t("plan_form.add_arm"), icon=icon, type="tertiary", **form.button("arm.add", _added(form))
            )
        if arms and len({arm.weight for arm in arms}) > 1:
            st.button(t("plan_form.evenly"), type="tertiary", **form.button("arm.evenly", _evenly))


def _arm(form: _Form, at: int, arm: Arm, share: float) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"plan_arm_{form.key}_{at}"):
        of_data = form.place.labels if form.place else ()
        labels = list(dict.fromkeys([*(one.label for one in form.plan.arms), *of_data]))
        st.selectbox(
            t("plan_form.label"),
            labels,
            format_func=demo.covered,
            accept_new_options=True,
            help=t("plan_form.label_help"),
            width=150,
            **form.kept(
                f"arm.{at}.label",
                arm.label,
                lambda now, one: _with_arm(now, at, label=(one or "")[:_LONGEST_NAME]),
            ),
        )
        st.text_input(
            t("plan_form.arm_name"),
            max_chars=_LONGEST_NAME,
            placeholder=arm.label,
            width=180,
            **form.kept(f"arm.{at}.name", arm.name, lambda now, one: _with_arm(now, at, name=one.strip())),
        )
        st.number_input(
            t("plan_form.weight", share=share),
            min_value=0.0001,
            max_value=1e6,
            step=1.0,
            format="%g",
            help=t("plan_form.weight_help"),
            width=150,
            **form.kept(f"arm.{at}.weight", arm.weight, lambda now, one: _with_arm(now, at, weight=one)),
        )
        if at == 0:
            st.badge(t("plan_form.control"), icon=":material/flag:")
        else:
            st.button(
                t("plan_form.make_control"),
                type="tertiary",
                **form.button(f"arm.{at}.first", lambda now: _without(now, at, first=True)),
            )
        st.button(
            "",
            icon=":material/close:",
            type="tertiary",
            help=t("plan_form.drop_arm"),
            **form.button(f"arm.{at}.drop", lambda now: _without(now, at)),
        )


def _with_arm(plan: Plan, at: int, **changed: Any) -> Plan:
    if at >= len(plan.arms) or not changed.get("label", True):
        return plan
    arms = list(plan.arms)
    for other, arm in enumerate(arms):
        if arm.label == changed.get("label"):
            # Two arms cannot have one label, so they swap theirs.
            arms[other] = replace(arm, label=arms[at].label)
    arms[at] = replace(arms[at], **changed)
    return replace(plan, arms=tuple(arms))


def _without(plan: Plan, at: int, *, first: bool = False) -> Plan:
    """The plan without this arm, or with it as the control."""
    if at >= len(plan.arms):
        return plan
    rest = plan.arms[:at] + plan.arms[at + 1 :]
    return replace(plan, arms=(plan.arms[at], *rest) if first else rest)


def _added(form: _Form) -> Edit:
    """One more arm: the next that the data have, else a letter; the first click on an empty plan adds two."""
    labels = [*(form.place.labels if form.place else ()), *"ABCDEFGHIJKL"]

    def add(plan: Plan) -> Plan:
        keys = {plain(one.label) for one in plan.arms}
        free = [label for label in labels if plain(label) not in keys]
        n = 1 if plan.arms else max(2, len(form.place.labels) if form.place else 2)
        return replace(plan, arms=(*plan.arms, *map(Arm, free[:n]))[:MOST_ARMS])

    return add


def _evenly(plan: Plan) -> Plan:
    return replace(plan, arms=tuple(replace(one, weight=1.0) for one in plan.arms))


# ---- metrics, size and days -----------------------------------------------------------------------------


def _metrics(form: _Form) -> None:
    st.markdown(f"**{t('plan_form.metrics')}**")
    metric_fields(form.plan, form.choices, form.kept, form.button)


def _size(form: _Form) -> None:
    plan, primary = form.plan, form.plan.primary
    is_share = primary is not None and primary.kind in _SHARES
    times = 100.0 if plan.is_relative or is_share else 1.0
    st.markdown(f"**{t('plan_form.size')}**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            t("plan_form.smallest"),
            min_value=0.0,
            value=None,
            step=0.1,
            format="%g",
            help=t("plan_form.smallest_help"),
            width=240,
            **form.kept(
                "smallest",
                None if plan.smallest is None else round(plan.smallest * times, 9),
                lambda now, one: replace(now, smallest=one / times if one else None),
            ),
        )
        units = {False: "points" if is_share else "absolute", True: "relative"}
        st.segmented_control(
            t("plan_form.smallest_of"),
            [False, True],
            format_func=lambda one: t(f"plan_form.smallest_{units[one]}"),
            required=True,
            label_visibility="collapsed",
            **form.kept("is_relative", plan.is_relative, lambda now, one: _relative(now, one, is_share)),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            t("plan_form.planned"),
            min_value=1,
            max_value=10**12,
            value=None,
            step=100,
            help=t("plan_form.planned_help"),
            width=200,
            **form.kept("planned", plan.planned, lambda now, one: replace(now, planned=one)),
        )
        levels = {"alpha": (0.01, 0.05, 0.1), "power": (0.8, 0.9, 0.95)}
        for name, usual in levels.items():
            value = getattr(plan, name)
            st.selectbox(
                t(f"plan_form.{name}"),
                sorted({*usual, value}),
                format_func=lambda one: t("plan_form.share", share=one),
                help=t(f"plan_form.{name}_help"),
                width=150,
                **form.kept(name, value, lambda now, one, name=name: replace(now, **{name: one})),
            )


def _relative(plan: Plan, is_relative: bool, is_share: bool) -> Plan:
    """What was typed stays what is read: 2 points become 2 percent, and 2 of a mean become 2 percent."""
    if plan.smallest is None or is_relative == plan.is_relative or is_share:
        return replace(plan, is_relative=is_relative)
    return replace(plan, is_relative=is_relative, smallest=plan.smallest * (0.01 if is_relative else 100))


def _days(form: _Form) -> None:
    plan = form.plan
    st.markdown(f"**{t('plan_form.days')}**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            t("plan_form.window"),
            min_value=0.01,
            max_value=3660.0,
            value=None,
            step=1.0,
            format="%g",
            placeholder=t("plan_form.window_none"),
            help=t("plan_form.window_help"),
            width=240,
            **form.kept(
                "window",
                None if plan.window is None else float(plan.window),
                lambda now, one: replace(now, window=one),
            ),
        )
        today = dt.date.today()
        for name in ("starts", "ends"):
            value = getattr(plan, name)
            st.date_input(
                t(f"plan_form.{name}"),
                value=None,
                min_value=min(value or today, today - _FAR),
                max_value=max(value or today, today + _FAR),
                format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
                width=170,
                **form.kept(name, value, lambda now, one, name=name: replace(now, **{name: one})),
            )


_DRAWN: dict[str, Callable[[_Form], None]] = {
    "about": _about,
    "arms": _arms,
    "metrics": _metrics,
    "size": _size,
    "days": _days,
}
