"""What is asked of the drivers: whose outcome, from which moment on, and what was not tested."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.drivers import Drivers
from journey.charts.drivers import feature_name, mark_of
from journey.events.log import DAY
from ui import by_name, demo, presenting, session
from ui.ask import log, saved
from ui.controls import unit
from ui.people import feature_panel
from ui.veil import hidden
from ui.words import t

__all__ = ["can_be_picked", "chosen", "left_out", "people", "unpick_lost"]

_LOOK = (0, 1, 3, 7, 14, 30)
_WITHIN = (0, 1, 3, 7, 14, 30, 60, 90)  # 0: what fits the data
# An attribute of more values is no group that somebody would call an outcome.
_MOST_VALUES = 12
_REACHED = {"reached": True, "not": False, "all": None}
_STAGE, _EVENT, _SEGMENT, _VALUE = "stage:", "event:", "segment:", "value:"


def chosen() -> dict[str, Any]:
    """The outcome, who is compared from when on, what is looked at, and how long the outcome counts."""
    names = _names()
    values = _values()
    segments = {f"{_SEGMENT}{one.id}": one for one in saved()}
    outcomes = ["goal", *_own(), *names, *segments, *values]
    outcome = st.selectbox(
        t("drivers.outcome"),
        outcomes,
        format_func=lambda one: _outcome_said(one, {**names, **{id_: s.name for id_, s in segments.items()}}),
        help=t("drivers.outcome_help"),
        width=260,
        **session.kept("drivers.outcome", "goal", outcomes),
    )
    start = by_name.one_of(
        "drivers.start",
        t("drivers.start"),
        {one: t("drivers.start_came", name=name) for one, name in names.items() if one != outcome},
        nothing=t("drivers.start_everyone"),
        help=t("drivers.start_help"),
        disabled=outcome == "repurchase",
        width=260,
    )
    settings: dict[str, Any] = {"outcome": outcome, "start": start or None, **unit()}
    if outcome == "repurchase":
        settings |= {"start": None, "unit": "customer"}
    if outcome in segments:
        one = segments[outcome]
        settings |= {"outcome": "rule", "rule": {"segment": one.id}, "called": demo.covered(one.name)}
    elif outcome in values:
        attribute, value = values[outcome]
        rule = {"attribute": attribute, "values": [value]}
        settings |= {"outcome": "rule", "rule": rule, "called": f"{attribute}: {value}"}
    return settings | _among(segments) | _times(settings)


def _among(segments: dict[str, Any]) -> dict[str, Any]:
    if not segments:
        return {}
    names, everybody = {id_: one.name for id_, one in segments.items()}, t("segments.everybody")
    among = by_name.one_of("drivers.among", t("drivers.among"), names, nothing=everybody, width=200)
    return {"among": {"segment": segments[among].id}} if among else {}


def _times(settings: dict[str, Any]) -> dict[str, Any]:
    """Days to look at, and days in which the outcome counts; a session has neither, and a group no second."""
    if settings["unit"] == "session":
        return {}
    look = st.selectbox(
        t("drivers.look"),
        _LOOK,
        format_func=lambda n: t("drivers.look_days", n=n) if n else t("drivers.look_none"),
        help=t("drivers.look_help"),
        width=200,
        **session.kept("drivers.look", 0, _LOOK),
    )
    if settings["outcome"] == "rule":
        return {"look_days": look}
    first, last = log().observed
    fitting = [n for n in _WITHIN if n * DAY <= (last - first) // 2]
    within = st.selectbox(
        t("drivers.within"),
        fitting,
        format_func=lambda n: t("drivers.within_days", n=n) if n else t("drivers.within_fitting"),
        help=t("drivers.within_help"),
        width=250,
        **session.kept("drivers.within", 0, fitting),
    )
    return {"look_days": look, "within_days": within or None}


def _names() -> dict[str, str]:
    stages = {f"{_STAGE}{stage.id}": stage.name for stage in session.state().stage_map.stages}
    return stages | {f"{_EVENT}{name}": name for name in log().event_names}


def _own() -> list[str]:
    amount = log().amount
    return ["repurchase"] if amount is not None and bool((amount > 0).any()) else []


def _values() -> dict[str, tuple[str, str]]:
    """Values of customers that may be an outcome, such as "cancelled: yes"; none that demo mode hides."""
    away = set(hidden()) if demo.is_on() else set()
    return {
        f"{_VALUE}{at}:{code}": (name, value)
        for at, (name, attribute) in enumerate(log().attributes.items())
        if attribute.of == "customer" and name not in away and len(attribute.categories) <= _MOST_VALUES
        for code, value in enumerate(attribute.categories)
    }


def _outcome_said(outcome: str, names: dict[str, str]) -> str:
    if outcome in names:
        kind = outcome.partition(":")[0]
        return t(f"drivers.outcome_{kind}", name=demo.covered(names[outcome]))
    if outcome.startswith(_VALUE):
        name, value = _values()[outcome]
        return t("drivers.outcome_value", name=name, value=value)
    goal = session.state().stage_map.goal_stage
    return t(f"drivers.outcome_{outcome}", name="" if goal is None else demo.covered(goal.name))


def _marks(answer: Drivers) -> dict[str, str]:
    """Every feature of the table by its id, under a name that can be read and typed."""
    language = session.current().language
    found = {}
    for row in answer.table.itertuples(index=False):
        said = feature_name(row.kind, row.name, row.value, row.above, language)
        amount = t(f"charts.amount_{answer.unit}s", n=int(row.n_with))
        found[mark_of(row.kind, row.name, row.value)] = f"{said} · {amount}"
    return found


def can_be_picked(answer: Drivers) -> bool:
    """Is any feature drawn? Where all got to the outcome, or nobody, there is nothing to compare."""
    return bool(answer.table["odds_ratio"].notna().any())


def unpick_lost(answer: Drivers) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("drivers").id not in _marks(answer):
        session.pick("drivers", None)


def people(answer: Drivers, settings: Mapping[str, Any]) -> None:
    """Who has the feature that was clicked or chosen by name: those who got there, those who did not."""
    if not can_be_picked(answer):
        return
    names = _marks(answer)
    picked = by_name.mark("drivers", t("drivers.pick"), names, t("drivers.pick_hint"))
    if picked is None:
        return
    side = _side()
    kind, name, value = json.loads(picked)
    table = answer.table
    row = table[(table["kind"] == kind) & (table["name"] == name) & (table["value"] == value)].iloc[0]
    above, within = float(row["above"]), answer.within_days
    stages = session.state().stage_map
    feature = {
        **{name: one for name, one in settings.items() if name != "called"},
        # What was chosen as fitting here means the same days when the data grow.
        **({"within_days": within} if within == within else {}),
        "kind": kind,
        "name": stages.named(name).id if kind == "stage" else name,
        "value": value,
        "above": above if above == above else None,
        "reached": _REACHED[side],
    }
    said = feature_name(kind, name, value, above, session.current().language)
    of, among = (answer.n_compared, "compared") if side == "all" else (int(row["n_with"]), "with")
    feature_panel(feature, f"{said} · {t(f'drivers.side_{side}')}", of=of, of_name=t(f"drivers.of_{among}"))


def _side() -> str:
    options = list(_REACHED)
    if not presenting.is_on():
        st.segmented_control(
            t("drivers.side"),
            options,
            format_func=lambda one: t(f"drivers.side_{one}"),
            label_visibility="collapsed",
            **session.kept("drivers.side", options[0], options),
        )
    stored = session.state().settings.get("drivers.side")
    return stored if stored in _REACHED else options[0]


def left_out(answer: Drivers) -> None:
    """What was not tested, and why."""
    if presenting.is_on() or answer.left_out.empty:
        return
    language = session.current().language
    table = answer.left_out
    names = [
        feature_name(row.kind, row.name, row.value, float("nan"), language)
        if row.features == 1 and row.kind not in ("visits", "days")
        else t(f"drivers.family_{row.kind}", name=row.name)
        for row in table.itertuples(index=False)
    ]
    with st.expander(t("drivers.left_out", n=int(table["features"].sum()))):
        shown = pd.DataFrame(
            {
                t("column.feature"): names,
                t("drivers.left_reason"): [t(f"drivers.reason_{reason}") for reason in table["reason"]],
                t("drivers.left_features"): table["features"],
            }
        )
        st.dataframe(shown, hide_index=True, key="drivers.left_out")
