"""What can be done at a ribbon or a node of the flows: each button changes what the picture is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from journey.aggregates.nodes import NAMED
from journey.charts.flow_ids import PickedLink, PickedNode
from ui import navigation, presenting, session
from ui.ask import log
from ui.flow_controls import nodes_named, values_of
from ui.tables import name_of
from ui.words import literal, t

__all__ = ["menu"]

_OTHER = "other"


def menu(mark: PickedLink | PickedNode, settings: Mapping[str, Any]) -> None:
    """The buttons below what was picked; nothing to do while presenting."""
    if presenting.is_on():
        return
    with st.container(horizontal=True, key="flow_menu"):
        if isinstance(mark, PickedNode):
            _of_node(mark, settings)
        else:
            _of_link(mark, settings)


def _points(name: str, kind: str, settings: Mapping[str, Any]) -> list[str]:
    """The nodes that a drawn one stands for, as the settings call them; none for an end or *other*."""
    if kind == "joined":
        return [one for group in settings.get("join") or [] for one in group]
    if kind == "part":
        # Of joined nodes a part is one of them all, whichever of them was split.
        joined = [one for group in settings.get("join") or [] for one in group]
        node = settings["expand"][0]
        return joined if node in joined else [node]
    if kind == "missing":
        return [""]
    if kind not in NAMED:
        return []
    group = str(settings["group"])
    return [named for named, shown in nodes_named(group).items() if named and shown == name][:1]


def _of_node(mark: PickedNode, settings: Mapping[str, Any]) -> None:
    opened = settings.get("opened") or []
    if mark.kind == _OTHER:
        _button("open", "unfold_more", {"flows.opened": sorted({*opened, mark.step})})
        return
    if mark.kind == "part":
        _button("together", "join_inner", {"flows.expand": None})
    if mark.kind == "joined":
        _button("apart", "call_split", {"flows.join": None})
    if mark.step in opened:
        left = [step for step in opened if step != mark.step]
        _button("close", "unfold_less", {"flows.opened": left or None})
    points = _points(mark.name, mark.kind, settings)
    if not points:
        return
    _button("start", "line_start", _anchored("start", points, settings))
    _button("into", "line_end", _anchored("into", points, settings))
    _button("through", "align_horizontal_center", _anchored("through", points, settings))
    _button("hide", "visibility_off", _hidden(points, settings))
    attributes = [name for name in log().attributes if name != settings["group"]]
    if attributes and mark.kind == "stage":
        with st.popover(t("flows.do_expand"), icon=":material/call_split:"):
            for position, attribute in enumerate(attributes):
                chosen = {"flows.expand": _kept(points, settings)[0], "flows.expand_by": attribute}
                _button("expand_by", "label", chosen, named=attribute, key=f"expand_{position}")
    if len(points) == 1:
        _to_funnel(points, settings)


def _of_link(mark: PickedLink, settings: Mapping[str, Any]) -> None:
    source = _points(mark.source, mark.source_kind, settings)
    target = _points(mark.target, mark.target_kind, settings)
    shown = {"language": session.current().language}
    if source and target:
        between = {"flows.anchors": _kept(source, settings), "flows.until": _kept(target, settings)}
        _button("between", "arrow_range", {**_anchored("between", source, settings), **between})
    if source:
        called = name_of(mark.source, mark.source_kind, **shown)
        _button("start", "line_start", _anchored("start", source, settings), called=called)
    if target:
        called = name_of(mark.target, mark.target_kind, **shown)
        _button("into", "line_end", _anchored("into", target, settings), called=called)
        _button("hide", "visibility_off", _hidden(target, settings), called=called)
    if len(source) < 2 and len(target) < 2:
        _to_funnel([*source, *target], settings)


def _kept(points: list[str], settings: Mapping[str, Any]) -> list[str]:
    """The names of nodes as a project keeps them, also where demo mode shows others."""
    meant = {shown: value for value, shown in values_of(str(settings["group"])).items()}
    return [meant.get(point, point) for point in points]


def _anchored(way: str, points: list[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    anchors = _kept(points, settings)
    return {"flows.way": way, "flows.anchors": anchors, "flows.until": None, "flows.occurrence": None}


def _hidden(points: list[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Left out besides what is left out already; journeys cannot begin or end there any more."""
    hidden = [*(settings.get("hide") or []), *points]
    values: dict[str, Any] = {"flows.hide": _kept(hidden, settings)}
    looked = session.state().settings
    for end in ("flows.anchors", "flows.until"):
        if stored := looked.get(end):
            values[end] = [one for one in stored if one not in values["flows.hide"]] or None
    return values


def _button(
    what: str,
    icon: str,
    values: Mapping[str, Any],
    *,
    called: str | None = None,
    named: str | None = None,
    key: str | None = None,
) -> None:
    label = t(f"flows.do_{what}") if named is None else named
    if called is not None:
        label = t(f"flows.do_{what}_named", name=called)
    st.button(literal(label), icon=f":material/{icon}:", key=f"flow_{key or what}", on_click=_setting(values))


def _setting(values: Mapping[str, Any]) -> Callable[[], None]:
    @session.later
    def change() -> None:
        session.edit({"op": "settings", "values": dict(values)})

    return change


def _to_funnel(steps: list[str], settings: Mapping[str, Any]) -> None:
    """A funnel that begins here: the node, or both ends of the ribbon, then the stages that follow."""
    group = settings["group"]
    if group not in ("stage", "event") or not steps:
        return
    wanted = [f"event:{one}" for one in steps] if group == "event" else steps
    if group == "stage":
        ids = [stage.id for stage in session.state().stage_map.stages]
        wanted += [one for one in ids[ids.index(steps[-1]) + 1 :] if one not in steps]

    @session.later
    def go() -> None:
        session.remember("funnel.steps", wanted)
        navigation.go("funnel")

    st.button(t("flows.do_funnel"), icon=":material/filter_alt:", key="flow_funnel", on_click=go)
