"""Names of RFM groups and own cut points, which hold for everybody who sees the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.aggregates.rfm import GROUPS, MEASURES
from journey.stages.segment import writable
from ui import demo, presenting, session
from ui.ask import ask
from ui.rfm import CUTS, NAMES
from ui.words import t

__all__ = ["editor"]

_LONGEST = 40


def editor(settings: Mapping[str, Any]) -> None:
    """The field in which groups are named and cut points set."""
    if presenting.is_on():
        return
    with st.popover(t("rfm.edit"), icon=":material/tune:"):
        st.caption(t("rfm.edit_shared"))
        _cuts(settings)
        st.markdown(f"**{t('rfm.edit_names')}**")
        for code in GROUPS:
            _name(code)


def _name(code: str) -> None:
    key = session.widget_key(f"rfm.name.{code}")
    session.put(key, demo.covered(str(_kept(NAMES).get(code, ""))))

    @session.later
    def keep() -> None:
        typed = str(session.widget(key) or "").strip()[:_LONGEST]
        session.remember(NAMES, {**_without(_kept(NAMES), code), **({code: typed} if typed else {})} or None)

    st.text_input(
        t(f"rfm.group_{code}"),
        placeholder=t(f"rfm.group_{code}"),
        help=t(f"rfm.about_{code}"),
        max_chars=_LONGEST,
        disabled=demo.is_on(),
        key=key,
        on_change=keep,
    )


def _cuts(settings: Mapping[str, Any]) -> None:
    key = session.widget_key("rfm.own")
    session.put(key, bool(_kept(CUTS)))

    @session.later
    def turn() -> None:
        # Own points begin as the fifths are.
        fifths = ask("rfm", view="grid").cuts
        session.remember(CUTS, {name: list(fifths[name]) for name in fifths} if session.widget(key) else None)

    st.toggle(t("rfm.edit_cuts"), help=t("rfm.edit_cuts_help"), key=key, on_change=turn)
    for measure in MEASURES:
        points = _kept(CUTS).get(measure)
        if isinstance(points, list | tuple) and all(isinstance(one, int | float) for one in points):
            st.caption(t(f"rfm.cut_{measure}"))
            with st.container(horizontal=True):
                for at, point in enumerate(points):
                    _point(measure, at, float(point))


def _point(measure: str, at: int, point: float) -> None:
    key = session.widget_key(f"rfm.cut.{measure}.{at}")
    session.put(key, point)

    @session.later
    def keep() -> None:
        points = [*_kept(CUTS)[measure]]
        points[at] = float(session.widget(key) or 0.0)
        session.remember(CUTS, {**_kept(CUTS), measure: sorted(points)})

    st.number_input(
        t("rfm.cut_nth", measure=t(f"rfm.cut_{measure}"), n=at + 1),
        min_value=0.0,
        format="%.6g",
        label_visibility="collapsed",
        width=110,
        key=key,
        on_change=keep,
    )


def _kept(name: str) -> dict[str, Any]:
    found = session.state().settings.get(name)
    return dict(writable(found)) if isinstance(found, Mapping) else {}


def _without(kept: dict[str, Any], code: str) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name != code}
