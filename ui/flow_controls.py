"""What the picture of flows is of: whose journeys, from where to where, drawn how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from journey.charts.flow_words import WEIGHTS
from journey.charts.flows import flows_chart
from journey.stages.stage_map import UNMAPPED
from ui import arms, session
from ui.ask import log
from ui.controls import offered, unit, value_said
from ui.flow_names import OWN_GROUPS
from ui.veil import said
from ui.words import t

__all__ = ["chart", "flow", "nodes_named", "side_by_side", "values_of"]

_STEPS = range(1, 13)
_BEFORE = range(0, 13)
_MOST = (0, 5, 8, 12, 20)  # 0: all of them
_MOST_BY_GROUP = {True: 0, False: 8}
_WAYS = ("whole", "start", "into", "through", "between")
_OCCURRENCES = ("first", "2", "3", "last")
_WHERE_AT = ("start", "end")


def chart() -> Any:
    """The chart of the flows with the numbers that were chosen."""
    return partial(flows_chart, weight=_chosen("flows.weight", WEIGHTS))


def side_by_side() -> str:
    """The attribute, or the experiment, by which pictures stand beside each other; "" for none."""
    return _chosen("flows.by", ["", *log().attributes, *arms.known()])


def _chosen(setting: str, allowed: Sequence[str]) -> str:
    stored = session.state().settings.get(setting)
    return stored if stored in allowed else allowed[0]


def values_of(group: str) -> Mapping[str, str]:
    """Value -> what stands for it in demo mode, where the nodes are values of an attribute that it hides."""
    return {} if group in OWN_GROUPS else said(group)


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
    values, _ = offered(log().attributes[group], ())
    return {value or "": value_said(value) for value in values}


def flow() -> dict[str, Any]:
    """The settings of the question `flows`, as this person looks at them."""
    attributes = [name for name in log().attributes if name not in OWN_GROUPS]
    groups = [*OWN_GROUPS, *(f"attribute:{name}" for name in attributes)]
    group_kept = session.kept("flows.group", "stage", groups)
    chosen = str(session.widget(group_kept["key"]))
    group = chosen.split(":", 1)[-1]
    names, shown_as = nodes_named(group), values_of(group)
    way, settings = _way(names, shown_as)
    st.selectbox(
        t("controls.group"),
        groups,
        format_func=lambda name: name.split(":", 1)[1] if ":" in name else t(f"controls.group_{name}"),
        help=t("controls.group_help"),
        width=150,
        **group_kept,
    )
    settings |= {"group": group} | unit()
    around = "through" in settings
    if around:
        settings["before"] = _steps("flows.steps_before", "flows.before", 3, _BEFORE)
    after = "flows.steps_after" if around else "controls.steps"
    settings["steps"] = _steps(after, "flows.steps", 6, _STEPS)
    with st.popover(_more_name(names, attributes, way, group), icon=":material/tune:"):
        settings |= _more(names, shown_as, attributes, settings)
    if way != "whole" and way not in settings:
        st.caption(t("flows.no_point"))
    return {name: value for name, value in settings.items() if value not in (None, "", [], {})}


def _steps(label: str, setting: str, usual: int, steps: range) -> int:
    chosen: int = st.slider(t(label), steps[0], steps[-1], width=150, **session.kept(setting, usual, steps))
    return chosen


def _way(names: Mapping[str, str], shown_as: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Where journeys begin, end or pass: the chosen way, and its settings where it has its points."""
    way: str = st.selectbox(
        t("flows.way"),
        _WAYS,
        format_func=lambda one: t(f"flows.way_{one}"),
        help=t("flows.way_help"),
        width=190,
        **session.kept("flows.way", "whole", _WAYS),
    )
    if way == "whole":
        return way, {}
    anchors = _some("flows.anchors", t(f"flows.anchors_{way}"), names, shown_as)
    if way != "between":
        return way, {way: anchors} if anchors else {}
    until = _some("flows.until", t("flows.until"), names, shown_as)
    return way, {"between": [anchors, until]} if anchors and until else {}


def _some(
    setting: str,
    label: str,
    names: Mapping[str, str],
    shown_as: Mapping[str, str],
    *,
    width: int | str = 210,
) -> list[str]:
    kept = session.kept(setting, [], names, said=shown_as)
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


# The settings behind the button that are empty, off or 0 at first.
_BEHIND = ("weight", "by", "occurrence", "hide", "join", "repeats", "expand", "where", "least", "opened")
_BESIDE = ("expand_by", "where_at", "where_by", "nodes", "before")


def _more_name(names: Mapping[str, str], attributes: Sequence[str], way: str, group: str) -> str:
    n = _changed(names, attributes, way, group)
    return t("flows.more_on", n=n) if n else t("flows.more")


def _changed(names: Mapping[str, str], attributes: Sequence[str], way: str, group: str) -> int:
    """How many of the settings behind the button change the picture; what is gone changes nothing."""
    looked = {name: session.state().settings.get(f"flows.{name}") for name in (*_BEHIND, *_BESIDE)}
    shown_as = values_of(group)

    def drawn(setting: str) -> int:
        stored = looked[setting] if isinstance(looked[setting], list) else [looked[setting]]
        return sum(shown_as.get(one, one) in names for one in stored if isinstance(one, str))

    usual = _MOST_BY_GROUP[group == "stage"]
    return sum(
        [
            looked["weight"] in WEIGHTS[1:],
            looked["by"] in [*attributes, *arms.known()],
            way != "whole" and looked["occurrence"] in _occurrences(way)[1:],
            drawn("hide") > 0,
            drawn("join") > 1,
            looked["repeats"] is True,
            bool(looked["expand"]) and drawn("expand") > 0 and bool(attributes),
            looked["where_at"] in _WHERE_AT and bool(looked["where"]) and bool(attributes),
            bool(looked["least"]),
            bool(_steps_opened()),
            looked["nodes"] in _MOST and looked["nodes"] != usual,
        ]
    )


def _more(
    names: Mapping[str, str],
    shown_as: Mapping[str, str],
    attributes: Sequence[str],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """What is needed less often: the numbers first, then whose journeys, then how nodes are drawn."""
    group = str(settings["group"])
    way = next((name for name in _WAYS if name in settings), "whole")
    _weight()
    found = _beside(attributes)
    if way != "whole":
        found["occurrence"] = _occurrence(way)
    found |= _ends(attributes)
    points = _points(settings)
    others = {named: shown for named, shown in names.items() if named not in points}
    found["hide"] = _some("flows.hide", t("flows.hide"), others, shown_as, width="stretch")
    left = {named: shown for named, shown in names.items() if named not in found["hide"]}
    joined = _some("flows.join", t("flows.join"), left, shown_as, width="stretch")
    found["join"] = [joined] if len(joined) > 1 else []
    found["expand"] = _expand(left, shown_as, attributes)
    found["repeats"] = st.toggle(
        t("flows.repeats"),
        help=t("flows.repeats_help"),
        **session.kept("flows.repeats", False, (True, False)),
    )
    found["nodes"] = _most(group == "stage")
    found["min_customers"] = _least()
    found["opened"] = _opened()
    if _changed(names, attributes, way, group):
        st.button(t("flows.reset"), icon=":material/restart_alt:", type="tertiary", on_click=_reset)
    return found


@session.later
def _reset() -> None:
    session.forget(*(f"flows.{name}" for name in (*_BEHIND, *_BESIDE)))


def _points(settings: Mapping[str, Any]) -> set[str]:
    """The nodes at which journeys begin, end or pass: without them there is no picture."""
    if between := settings.get("between"):
        return {*between[0], *between[1]}
    return {one for way in _WAYS for one in settings.get(way, ())}


def _weight() -> None:
    st.selectbox(
        t("flows.weight"),
        WEIGHTS,
        format_func=lambda one: t(f"flows.weight_{one}"),
        help=t("flows.weight_help"),
        **session.kept("flows.weight", WEIGHTS[0], WEIGHTS),
    )


def _beside(attributes: Sequence[str]) -> dict[str, Any]:
    """By what pictures stand beside each other; where these are arms, all is about those assigned."""
    tested, tests = arms.known(), arms.offered()
    by = ["", *attributes, *tests]
    if len(by) < 2:
        return {}
    chosen = st.selectbox(
        t("flows.by"),
        by,
        format_func=lambda one: tests.get(one, one) or t("flows.nothing"),
        help=t("flows.by_help"),
        **session.kept("flows.by", "", by),
    )
    return arms.assigned_to(tested[chosen], "flows") if chosen in tested else {}


def _occurrences(way: str) -> list[str]:
    """Which of the visits to a point counts; the usual one is the first here."""
    usual = "last" if way == "into" else "first"
    return [usual, *(one for one in _OCCURRENCES if one != usual)]


def _occurrence(way: str) -> str | int | None:
    allowed = _occurrences(way)
    chosen: str = st.selectbox(
        t("flows.occurrence"),
        allowed,
        format_func=lambda one: t(f"flows.occurrence_{one}"),
        help=t("flows.occurrence_help"),
        **session.kept("flows.occurrence", allowed[0], allowed),
    )
    if chosen == allowed[0]:
        return None
    return int(chosen) if chosen.isdecimal() else chosen


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


def _steps_opened() -> list[int]:
    stored = session.state().settings.get("flows.opened")
    return sorted({step for step in stored if type(step) is int}) if isinstance(stored, list) else []


def _opened() -> list[int]:
    """The steps whose *other* is drawn open; shown only where there is one, to be closed again."""
    opened = _steps_opened()
    if not opened:
        return []
    chosen: list[int] = st.multiselect(
        t("flows.opened"),
        opened,
        format_func=lambda step: t("flows.opened_step", n=step),
        select_all=False,
        **session.kept("flows.opened", [], opened),
    )
    return chosen


def _expand(
    names: Mapping[str, str], shown_as: Mapping[str, str], attributes: Sequence[str]
) -> list[str] | None:
    """One node and the attribute by which its visits are told apart."""
    if not attributes:
        return None
    node, attribute = st.columns(2)
    wanted = ["", *(name for name in names if name)]
    with node:
        chosen: str = st.selectbox(
            t("flows.expand"),
            wanted,
            format_func=lambda one: names[one] if one else t("flows.nothing"),
            **session.kept("flows.expand", "", wanted, said=shown_as),
        )
    with attribute:
        by: str = st.selectbox(
            t("flows.expand_by"),
            attributes,
            disabled=not chosen,
            **session.kept("flows.expand_by", attributes[0], attributes),
        )
    return [chosen, by] if chosen else None


def _ends(attributes: Sequence[str]) -> dict[str, Any]:
    """Only journeys whose first, or last, drawn visit has one of some values."""
    if not attributes:
        return {}
    where_at = st.selectbox(
        t("flows.where_at"),
        ["", *_WHERE_AT],
        format_func=lambda one: t(f"flows.where_{one}") if one else t("controls.all"),
        help=t("flows.where_help"),
        **session.kept("flows.where_at", "", ["", *_WHERE_AT]),
    )
    if not where_at:
        return {}
    by, of = st.columns(2)
    with by:
        attribute = st.selectbox(
            t("flows.where_by"), attributes, **session.kept("flows.where_by", attributes[0], attributes)
        )
    stored = session.state().settings.get("flows.where")
    shown_as = said(attribute)
    values, _ = offered(
        log().attributes[attribute], [shown_as.get(one, one) for one in stored] if stored else []
    )
    with of:
        chosen = st.multiselect(
            t("flows.where_values"),
            values,
            format_func=value_said,
            placeholder=t("flows.choose"),
            select_all=False,
            **session.kept("flows.where", [], values, said=shown_as),
        )
    return {"where": {attribute: chosen}, "where_at": where_at} if chosen else {}
