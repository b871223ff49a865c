"""What the picture of flows is of: whose journeys, from where to where, drawn how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from journey.charts.flow_words import WEIGHTS
from journey.charts.flows import flows_chart
from journey.stages.stage_map import UNMAPPED
from ui import session
from ui.ask import log, said
from ui.controls import unit
from ui.words import t

__all__ = ["chart", "flow", "nodes_named", "side_by_side"]

_STEPS = range(1, 13)
_BEFORE = range(0, 13)
_MOST = (0, 5, 8, 12, 20)  # 0: all of them
_MOST_BY_GROUP = {True: 0, False: 8}
_WAYS = ("whole", "start", "into", "through", "between")
_OCCURRENCES = ("", "first", "2", "3", "last")
_WHERE_AT = ("start", "end")
# Groupings of our own; an attribute of the same name can be filtered by, and not be told apart here.
_GROUPS = ("stage", "event")
_MOST_NAMES = 1000


def chart() -> Any:
    """The chart of the flows with the numbers that were chosen."""
    return partial(flows_chart, weight=_chosen("flows.weight", WEIGHTS))


def side_by_side() -> str:
    """The attribute by whose values pictures stand beside each other; "" for none."""
    return _chosen("flows.by", ["", *log().attributes])


def _chosen(setting: str, allowed: Sequence[str]) -> str:
    stored = session.state().settings.get(setting)
    return stored if stored in allowed else allowed[0]


def nodes_named(group: str) -> dict[str, str]:
    """The nodes that can stand in a column, as the settings call them -> as people read them."""
    stages = session.state().stage_map
    if group == "stage":
        # By id: a stage may bear a name that is another one's id.
        return {stage.id: stage.name for stage in stages.stages}
    if group == "event":
        codes = stages.codes(log().event_names)
        drawn = (name for name, code in zip(log().event_names, codes, strict=True) if code < UNMAPPED)
        return {name: name for name in drawn}
    values = log().attributes[group].categories if group in log().attributes else ()
    return {value: value for value in values[:_MOST_NAMES]}


def flow() -> dict[str, Any]:
    """The settings of the question `flows`, as this person looks at them."""
    attributes = [name for name in log().attributes if name not in _GROUPS]
    groups = [*_GROUPS, *(f"attribute:{name}" for name in attributes)]
    group_kept = session.kept("flows.group", "stage", groups)
    chosen = str(session.widget(group_kept["key"]))
    group = chosen.split(":", 1)[-1]
    names = nodes_named(group)
    settings: dict[str, Any] = _way(names)
    st.selectbox(
        t("controls.group"),
        groups,
        format_func=lambda name: name.split(":", 1)[1] if ":" in name else t(f"controls.group_{name}"),
        help=t("controls.group_help"),
        width=150,
        **group_kept,
    )
    settings |= {"group": group} | unit()
    settings["steps"] = st.slider(
        t("controls.steps"), _STEPS[0], _STEPS[-1], width=150, **session.kept("flows.steps", 6, _STEPS)
    )
    with st.popover(_more_name(), icon=":material/tune:"):
        settings |= _more(names, attributes, settings)
    return {name: value for name, value in settings.items() if value not in (None, "", [], {})}


def _way(names: Mapping[str, str]) -> dict[str, Any]:
    """Where journeys begin, end or pass."""
    way = st.selectbox(
        t("flows.way"),
        _WAYS,
        format_func=lambda one: t(f"flows.way_{one}"),
        help=t("flows.way_help"),
        width=190,
        **session.kept("flows.way", "whole", _WAYS),
    )
    if way == "whole" or not names:
        return {}
    anchors = _some("flows.anchors", t(f"flows.anchors_{way}"), names)
    if way != "between":
        return {way: anchors}
    until = _some("flows.until", t("flows.until"), names)
    return {"between": [anchors, until]} if anchors and until else {}


def _some(setting: str, label: str, names: Mapping[str, str], *, width: int | str = 210) -> list[str]:
    kept = session.kept(setting, [], names)
    chosen: list[str] = st.multiselect(
        label,
        list(names),
        format_func=lambda one: names.get(one, one),
        placeholder=t("flows.choose"),
        select_all=False,  # it speaks English only
        width=width,
        **kept,
    )
    return chosen


def _changed() -> int:
    """How many of the settings behind the button are not as they are at first."""
    looked = session.state().settings
    return sum(bool(looked.get(f"flows.{name}")) for name in _BEHIND)


# The settings behind the button; each is empty, off or 0 at first.
_BEHIND = ("hide", "join", "repeats", "expand", "where", "occurrence", "least", "opened", "by")


def _more_name() -> str:
    n = _changed()
    return t("flows.more_on", n=n) if n else t("flows.more")


def _more(names: Mapping[str, str], attributes: list[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    way = next((name for name in _WAYS if name in settings), "whole")
    if way in ("start", "into", "through"):
        found["occurrence"] = st.selectbox(
            t("flows.occurrence"),
            _OCCURRENCES,
            format_func=lambda one: t(f"flows.occurrence_{one or 'usual'}"),
            **session.kept("flows.occurrence", "", _OCCURRENCES),
        )
    if found.get("occurrence") in ("2", "3"):
        found["occurrence"] = int(found["occurrence"])
    if way == "through":
        found["before"] = st.slider(
            t("flows.before"), _BEFORE[0], _BEFORE[-1], **session.kept("flows.before", 3, _BEFORE)
        )
    found["nodes"] = _most(settings["group"] == "stage")
    found["min_customers"] = _least()
    found["hide"] = _some("flows.hide", t("flows.hide"), names, width="stretch")
    joined = _some("flows.join", t("flows.join"), names, width="stretch")
    found["join"] = [joined] if len(joined) > 1 else []
    found["repeats"] = st.toggle(
        t("flows.repeats"),
        help=t("flows.repeats_help"),
        **session.kept("flows.repeats", False, (True, False)),
    )
    found["expand"] = _expand(names, attributes)
    found |= _ends(attributes)
    st.selectbox(
        t("flows.weight"),
        WEIGHTS,
        format_func=lambda one: t(f"flows.weight_{one}"),
        help=t("flows.weight_help"),
        **session.kept("flows.weight", WEIGHTS[0], WEIGHTS),
    )
    by = ["", *attributes]
    st.selectbox(
        t("flows.by"),
        by,
        format_func=lambda one: one or t("flows.nothing"),
        help=t("flows.by_help"),
        **session.kept("flows.by", "", by),
    )
    found["opened"] = session.state().settings.get("flows.opened") or []
    if _changed():
        st.button(t("flows.reset"), icon=":material/restart_alt:", type="tertiary", on_click=_reset)
    return found


@session.later
def _reset() -> None:
    session.forget(*(f"flows.{name}" for name in _BEHIND), "flows.where_at", "flows.nodes", "flows.before")


def _most(by_stage: bool) -> int | None:
    usual = _MOST_BY_GROUP[by_stage]
    most = st.selectbox(
        t("controls.nodes"),
        _MOST,
        format_func=lambda n: t("controls.nodes_most", n=n) if n else t("controls.all"),
        help=t("controls.nodes_help"),
        **session.kept("flows.nodes", usual, _MOST),
    )
    return most or None


def _least() -> int:
    least: int = st.number_input(
        t("flows.least"), min_value=0, step=1, help=t("flows.least_help"), **session.kept("flows.least", 0)
    )
    return least


def _expand(names: Mapping[str, str], attributes: list[str]) -> list[str] | None:
    """One node and the attribute by which its visits are told apart."""
    if not attributes:
        return None
    node, attribute = st.columns(2)
    wanted = ["", *names]
    with node:
        chosen = st.selectbox(
            t("flows.expand"),
            wanted,
            format_func=lambda one: names[one] if one else t("flows.nothing"),
            **session.kept("flows.expand", "", wanted),
        )
    with attribute:
        by = st.selectbox(
            t("flows.expand_by"),
            attributes,
            disabled=not chosen,
            **session.kept("flows.expand_by", attributes[0], attributes),
        )
    return [chosen, by] if chosen else None


def _ends(attributes: list[str]) -> dict[str, Any]:
    """Only journeys whose first, or last, drawn visit has one of some values."""
    if not attributes:
        return {}
    at, by = st.columns(2)
    with at:
        where_at = st.selectbox(
            t("flows.where_at"),
            ["", *_WHERE_AT],
            format_func=lambda one: t(f"flows.where_{one}") if one else t("flows.nothing"),
            help=t("flows.where_help"),
            **session.kept("flows.where_at", "", ["", *_WHERE_AT]),
        )
    if not where_at:
        return {}
    with by:
        attribute = st.selectbox(
            t("flows.where_by"), attributes, **session.kept("flows.where_by", attributes[0], attributes)
        )
    values = list(log().attributes[attribute].categories[:_MOST_NAMES])
    chosen = st.multiselect(
        t("flows.where_values"),
        values,
        placeholder=t("controls.all"),
        select_all=False,
        **session.kept("flows.where", [], values, said=said(attribute)),
    )
    return {"where": {attribute: chosen}, "where_at": where_at} if chosen else {}
