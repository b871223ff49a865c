"""The plan that is being made: what a person has chosen so far, as a draft of their own until it is saved."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from journey.projects.register import Entry, entries, planned, replanned
from journey.stages.experiment_plan import MOST_ARMS, Arm, Metric, Plan
from ui import by_name, moments, session, toasts
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.veil import veiled
from ui.words import t

__all__ = ["DRAFT", "arms", "chosen_entry", "day", "keep", "kept", "stored"]

DRAFT = "planner."
_OPEN, _LOADED, _ARMS, _STARTS = "open", "loaded", "arms", "starts"
_LETTERS = "ABCDEFGHIJ"


def kept(name: str, default: Any, allowed: Collection[Any] | None = None) -> dict[str, Any]:
    """Arguments of a widget of the draft: kept by the project, or by the tab alone while none is open."""
    if session.project() is not None:
        return session.kept(f"{DRAFT}{name}", default, allowed)
    key = session.widget_key(f"{DRAFT}{name}")
    if session.widget(key) is None or (allowed is not None and session.widget(key) not in allowed):
        session.put(key, default)
    return {"key": key}


def stored(name: str, default: Any) -> Any:
    """What the draft says, before its widget is drawn."""
    if session.project() is None:
        return session.widget(session.widget_key(f"{DRAFT}{name}"), default)
    value = session.state().settings.get(f"{DRAFT}{name}", default)
    return value if type(value) is type(default) else default


def chosen_entry() -> Entry | None:
    """The test that is planned, of those that are written down; None for a new one."""
    known = {one.id: one for one in entries(session.state().settings) if not one.is_archived}
    if known:
        names = {id_: veiled(one.plan.name) for id_, one in known.items()}
        by_name.one_of(_OPEN, t("planner.open"), names, nothing=t("planner.new"), keep=kept)
    opened = known.get(stored(_OPEN, ""))
    if stored(_LOADED, "") != (opened.id if opened else ""):
        _load(opened)
    return opened


def _load(opened: Entry | None) -> None:
    """Let the controls show a plan that is written down; a new one begins with what they show."""
    values: dict[str, Any] = {_LOADED: opened.id if opened else ""}
    if opened is not None:
        values |= _of_plan(opened.plan)
    else:
        values |= {"name": None, "hypothesis": None}
    session.edit({"op": "settings", "values": {f"{DRAFT}{name}": one for name, one in values.items()}})


def _of_plan(plan: Plan) -> dict[str, Any]:
    primary = plan.primary
    values: dict[str, Any] = {
        "name": plan.name,
        "hypothesis": plan.hypothesis,
        "unit": plan.unit,
        _ARMS: [[one.label, one.weight] for one in plan.arms] or None,
        _STARTS: plan.starts and plan.starts.isoformat(),
        "relative": plan.is_relative,
        "window": None if plan.window is None else math.ceil(plan.window),
        "guardrails": [_goal_of(one) for one in plan.metrics if one.role == "guardrail"],
        "alpha": plan.alpha,
        "power": plan.power,
    }
    if primary is not None:
        values |= {"goal": _goal_of(primary), "better": primary.better}
    if plan.smallest is not None:
        is_share = primary is None or primary.kind in ("conversion", "retention")
        unit = 100.0 if plan.is_relative or is_share else 1.0
        which = (
            "smallest_relative" if plan.is_relative else "smallest_points" if is_share else "smallest_amount"
        )
        values[which] = round(plan.smallest * unit, 6)
    return values


def _goal_of(metric: Metric) -> str:
    """The metric as the choice of a goal has it; one of a file is typed in."""
    kind, what = next(iter(metric.of.items()))
    if kind in ("stage", "event"):
        return f"{kind}:{what}"
    if kind == "revenue":
        return "revenue"
    return "own_mean" if metric.kind in ("mean", "ratio", "time") else "own_share"


def arms() -> tuple[Arm, ...]:
    """The arms with their parts: the first one is the control."""
    rows = _arm_rows()
    with st.popover(t("planner.arms", n=len(rows)), icon=":material/call_split:"):
        st.caption(t("planner.arms_help"))
        for place, (label, weight) in enumerate(rows):
            with st.container(horizontal=True, vertical_alignment="bottom", key=f"planner_arm_{place}"):
                _arm(place, label, weight)
        with st.container(horizontal=True):
            if len(rows) < MOST_ARMS:
                grown = [*rows, [_free_label(rows), 1.0]]
                st.button(
                    t("planner.arm_more"), icon=":material/add:", **once("planner_more", _put_arms, grown)
                )
            if len(rows) > 2:
                less = rows[:-1]
                st.button(
                    t("planner.arm_less"), icon=":material/remove:", **once("planner_less", _put_arms, less)
                )
    return tuple(Arm(label, weight=weight) for label, weight in rows)


def _arm(place: int, label: str, weight: float) -> None:
    names, parts = (session.widget_key(f"{DRAFT}arm_{what}.{place}") for what in ("label", "weight"))
    session.put(names, label)
    session.put(parts, float(weight))

    @session.later
    def keep() -> None:
        rows = _arm_rows()
        typed = (session.widget(names) or "").strip()[:80]
        others = {one for at, (one, _) in enumerate(rows) if at != place}
        rows[place] = [
            typed if typed and typed not in others else rows[place][0],
            float(session.widget(parts)),
        ]
        _put_arms(rows)

    st.text_input(
        t("planner.arm_control" if place == 0 else "planner.arm_label", n=place),
        key=names,
        max_chars=80,
        on_change=keep,
        width=170,
    )
    st.number_input(
        t("planner.arm_weight"),
        min_value=0.1,
        max_value=100.0,
        step=0.5,
        key=parts,
        on_change=keep,
        width=130,
    )


def _arm_rows() -> list[list[Any]]:
    found = stored(_ARMS, [])
    good = isinstance(found, list) and 2 <= len(found) <= MOST_ARMS
    good = good and all(isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) for one in found)
    return [[label, float(weight)] for label, weight in found] if good else [["A", 1.0], ["B", 1.0]]


def _free_label(rows: list[list[Any]]) -> str:
    taken = {label for label, _ in rows}
    return next((one for one in _LETTERS if one not in taken), f"{len(rows) + 1}")


def _put_arms(rows: list[list[Any]]) -> None:
    if session.project() is None:
        session.put(session.widget_key(f"{DRAFT}{_ARMS}"), rows)
    else:
        session.remember(f"{DRAFT}{_ARMS}", rows)


def day() -> dt.date:
    """The first day of the test: a Monday where nothing was chosen, as weeks are whole."""
    key = session.widget_key(f"{DRAFT}{_STARTS}")
    today = moments.today()
    first = today + dt.timedelta(days=7 - today.weekday())
    text = stored(_STARTS, "")
    with suppress(TypeError, ValueError):
        first = dt.date.fromisoformat(text)
    shown = f"{key}.shown"
    session.put(shown, first)

    @session.later
    def keep() -> None:
        chosen = session.widget(shown)
        if chosen is None:
            return
        if session.project() is None:
            session.put(key, chosen.isoformat())
        else:
            session.remember(f"{DRAFT}{_STARTS}", chosen.isoformat())

    found: dt.date = st.date_input(
        t("planner.starts"),
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        key=shown,
        on_change=keep,
    )
    return found


def keep(opened: Entry | None, plan: Plan) -> None:
    """Write the plan down, or change what is written; only what was changed here is changed there."""

    def write() -> None:
        id_, (at, who) = new_id(), now_and_who()
        session.edit(planned(id_, plan, at=at, by=who, owner=who))
        # The first day too: the Monday that is shown where nobody chose one moves on from week to week.
        shown = {_OPEN: id_, _LOADED: id_, _STARTS: plan.starts and plan.starts.isoformat()}
        session.edit({"op": "settings", "values": {f"{DRAFT}{name}": one for name, one in shown.items()}})
        toasts.say(t("planner.saved"))

    def change() -> None:
        assert opened is not None
        session.edit(replanned(session.state().settings, opened.id, opened.plan, plan))
        toasts.say(t("planner.saved"))

    nameless = not plan.name.strip()
    if session.project() is None:
        st.caption(t("planner.save_no_project"))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if opened is None:
            st.button(
                t("planner.save"),
                type="secondary" if nameless else "primary",
                icon=":material/save:",
                disabled=nameless,
                **once("planner_save", write),
            )
        else:
            same = plan.to_json() == opened.plan.to_json()
            st.button(
                t("planner.change"),
                type="secondary" if same or nameless else "primary",
                icon=":material/save:",
                disabled=same or nameless,
                **once("planner_change", change),
            )
        if nameless:
            st.caption(t("planner.save_nameless"))


def merged(opened: Entry | None, fields: Mapping[str, Any]) -> Plan:
    """The plan with what this page knows, over what is written down of it elsewhere."""
    before = Plan() if opened is None else opened.plan
    return Plan.from_json({**before.to_json(), **fields})
