"""What can be done at a ribbon or a node of the flows: each button changes what the picture is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from journey.aggregates.nodes import NAMED
from journey.charts.flow_ids import PickedLink, PickedNode
from ui import navigation, presenting, session
from ui.ask import log
from ui.flow_controls import nodes_named
from ui.words import literal, t

__all__ = ["menu"]

_OTHER = "other"


def menu(mark: PickedLink | PickedNode, settings: Mapping[str, Any]) -> None:
    """The buttons below what was picked; nothing to do while presenting."""
    if presenting.is_on():
        return
    own = {shown: named for named, shown in nodes_named(str(settings["group"])).items()}
    with st.container(horizontal=True, key="flow_menu"):
        if isinstance(mark, PickedNode):
            _of_node(mark, own.get(mark.name), settings)
        else:
            _of_link(mark, own.get(mark.source), own.get(mark.target), settings)


def _of_node(mark: PickedNode, named: str | None, settings: Mapping[str, Any]) -> None:
    if mark.kind == _OTHER:
        opened = [*(settings.get("opened") or []), mark.step]
        _button("open", "unfold_more", {"flows.opened": sorted(set(opened))})
        return
    if mark.kind == "part":
        _button("together", "join_inner", {"flows.expand": None})
    if mark.kind == "joined":
        _button("apart", "call_split", {"flows.join": None})
    if named is None or mark.kind not in NAMED:
        return
    _button("start", "line_start", _anchored("start", named))
    _button("into", "line_end", _anchored("into", named))
    _button("through", "align_horizontal_center", _anchored("through", named))
    _button("hide", "visibility_off", {"flows.hide": [*(settings.get("hide") or []), named]})
    attributes = list(log().attributes)
    if attributes:
        with st.popover(t("flows.do_expand"), icon=":material/call_split:"):
            for position, attribute in enumerate(attributes):
                chosen = {"flows.expand": named, "flows.expand_by": attribute}
                _button("expand_by", "label", chosen, named=attribute, key=f"expand_{position}")
    _to_funnel([named], settings)


def _of_link(mark: PickedLink, source: str | None, target: str | None, settings: Mapping[str, Any]) -> None:
    if source is not None and target is not None:
        between = {"flows.way": "between", "flows.anchors": [source], "flows.until": [target]}
        _button("between", "arrow_range", between)
    if source is not None:
        _button("start", "line_start", _anchored("start", source), called=mark.source)
    if target is not None:
        _button("into", "line_end", _anchored("into", target), called=mark.target)
        _button(
            "hide",
            "visibility_off",
            {"flows.hide": [*(settings.get("hide") or []), target]},
            called=mark.target,
        )
    _to_funnel([one for one in (source, target) if one is not None], settings)


def _anchored(way: str, named: str) -> dict[str, Any]:
    return {"flows.way": way, "flows.anchors": [named], "flows.until": None, "flows.occurrence": None}


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
