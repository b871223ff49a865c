"""The result of an experiment on the page: which test, how it is looked at, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.experiment import Experiment
from journey.charts.experiment import experiment_chart
from journey.charts.experiment_words import SCALES
from journey.i18n import text
from ui import session
from ui.answer import show
from ui.navigation import page_named
from ui.words import sentence, t

__all__ = ["picture", "result", "table"]

_COLUMNS = (
    *("metric", "role", "arm", "n", "missing", "numerator", "denominator", "value", "value_low"),
    *("value_high", "moved", "moved_low", "moved_high", "relative", "relative_low", "relative_high"),
    *("p", "corrected", "method", "chance", "loss", "anytime_low", "anytime_high", "anytime_p"),
    *("bootstrap_low", "bootstrap_high", "scaled", "scaled_low", "scaled_high", "verdict"),
)
_ENDS = ("", "_low", "_high")


def picture() -> Callable[..., Any]:
    """The chart with differences as they are, relative to the baseline, or for a month of everybody."""
    scale = st.segmented_control(
        t("arms.scale"),
        SCALES,
        format_func=lambda name: t(f"arms.scale_{name}"),
        required=True,
        **session.kept("experiment.view.scale", SCALES[0], SCALES),
    )
    return partial(experiment_chart, scale=scale)


def result(chart: Callable[..., Any], answer: Experiment) -> None:
    """The sentence and the chart; without arms to compare, what to do."""
    if answer.table.empty:
        st.info(sentence(answer.finding), icon=":material/info:")
        st.page_link(page_named("data"))
        st.stop()
    show(chart, answer, key="experiment", clickable=True)


def table(answer: Experiment) -> pd.DataFrame:
    """The answer's table with the names of metrics and arms, and roles, methods and states in words."""
    language = session.current().language
    found = answer.table
    # Headings of other tables mean other things by these names.
    ours = {"difference": "moved", "lift": "relative"}
    found = found.rename(columns={f"{old}{end}": f"{new}{end}" for old, new in ours.items() for end in _ENDS})
    named = found.rename(columns={"q": "corrected"}).assign(
        metric=found["name"].where(found["name"] != "", found["metric"]),
        arm=found["arm_name"].where(found["arm_name"] != "", found["arm"]),
        role=[text(f"arms.role_{role}", language) for role in found["role"]],
        verdict=[text(f"arms.state_{state}", language) for state in found["state"]],
        method=[text(f"arms.method_{method}", language) if method else "" for method in found["method"]],
    )
    return named[list(_COLUMNS)]
