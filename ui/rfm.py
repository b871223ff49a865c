"""The controls of the page of RFM groups, and what the project keeps about the groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.aggregates.rfm import GROUPS
from journey.analysis.rfm import MOST_STEPS, PERIODS, VIEWS, fitting_movement
from journey.stages.segment import writable
from ui import presenting, session
from ui.ask import view
from ui.veil import veiled
from ui.words import t

__all__ = ["CUTS", "MAPPING", "NAMES", "called", "chosen_view", "how_scored", "names", "settings"]

# What the project keeps for everybody: names by group, four cut points by measure, the group of some cells.
NAMES, CUTS, MAPPING = "rfm.names", "rfm.cuts", "rfm.mapping"


def chosen_view() -> str:
    """Which of the views is looked at."""
    if not presenting.is_on():
        st.segmented_control(
            t("rfm.view"),
            VIEWS,
            format_func=lambda name: t(f"rfm.view_{name}"),
            required=True,
            label_visibility="collapsed",
            **session.kept("rfm.view.view", VIEWS[0], VIEWS),
        )
    stored = session.state().settings.get("rfm.view.view")
    return stored if stored in VIEWS else VIEWS[0]


def settings(shown: str) -> dict[str, Any]:
    """What the view is of, with what the project keeps about the groups."""
    kept = session.state().settings
    chosen: dict[str, Any] = {"view": shown}
    for name, key in (("names", NAMES), ("cuts", CUTS), ("mapping", MAPPING)):
        if isinstance(kept.get(key), Mapping) and kept[key]:
            chosen[name] = writable(kept[key])
    if shown != "movement":
        return chosen
    own = t(f"rfm.period_{fitting_movement(view())}")
    chosen["period"] = (
        st.selectbox(
            t("rfm.period"),
            ["", *PERIODS],
            format_func=lambda name: t(f"rfm.period_{name}") if name else t("rfm.period_auto", period=own),
            width=200,
            **session.kept("rfm.view.period", "", ["", *PERIODS]),
        )
        or None
    )
    steps = range(1, MOST_STEPS + 1)
    chosen["steps"] = st.selectbox(
        t("rfm.steps"),
        steps,
        format_func=lambda n: t("rfm.steps_n", n=n),
        width=150,
        **session.kept("rfm.view.steps", 3, steps),
    )
    chosen["fixed"] = st.toggle(
        t("rfm.fixed"), help=t("rfm.fixed_help"), **session.kept("rfm.view.fixed", False)
    )
    return chosen


def how_scored() -> dict[str, Any]:
    """How the project scores, as settings of a rule that scores the same way another day."""
    kept = session.state().settings
    of = (("cuts", CUTS), ("mapping", MAPPING))
    how: dict[str, Any] = {
        name: kept[key] for name, key in of if isinstance(kept.get(key), Mapping) and kept[key]
    }
    if bought := kept.get("kpi.purchases"):
        how["purchases"] = list(bought)
    return how


def names() -> dict[str, str]:
    """What people of the project call groups, by code; demo mode covers what it hides."""
    kept = session.state().settings.get(NAMES)
    kept = writable(kept) if isinstance(kept, Mapping) else {}
    return {code: veiled(str(kept[code])) for code in GROUPS if kept.get(code)}


def called(code: str) -> str:
    """What a group is called here."""
    return names().get(code) or t(f"rfm.group_{code}")
