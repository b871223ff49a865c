"""A closer look at the result of an experiment: segments, stages, days, the spread, and the split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.experiment import Experiment
from journey.charts.experiment_days import estimate_days
from journey.charts.experiment_segments import segment_rows
from journey.charts.experiment_split import split_bars
from journey.charts.experiment_spread import spread_boxes
from journey.charts.experiment_stages import stage_rows
from journey.charts.export import render
from journey.i18n.formats import arm_name
from journey.i18n.formats import metric as metric_name
from ui import by_name, presenting, session
from ui.files import PICTURES, file_buttons, table_writers
from ui.picture import picture
from ui.words import t

__all__ = ["closer"]

_PARTS: dict[str, Callable[..., Any]] = {
    "segments": segment_rows,
    "stages": stage_rows,
    "days": estimate_days,
    "spread": spread_boxes,
    "split": split_bars,
}
# More segments than fit into one look.
_MOST_ROWS = 12


def closer(answer: Experiment) -> None:
    """One of the parts, with what it may be read for; those that the data cannot tell of are left out."""
    parts = [name for name in _PARTS if not getattr(answer, name).empty]
    if not parts:
        return
    st.subheader(t("arms.closer"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment_closer"):
        part = st.segmented_control(
            t("arms.closer_part"),
            parts,
            format_func=lambda name: t(f"arms.closer_{name}"),
            required=True,
            label_visibility="collapsed",
            **session.kept("experiment.view.part", parts[0], parts),
        )
        if part == "segments":
            answer = _of_attribute(answer)
        metric = _metric(answer) if part == "days" else None
        chart = partial(_PARTS[part], metric=metric) if metric else _PARTS[part]
        if not presenting.is_on():
            _take(part, answer, chart, metric)
    st.caption(t(f"arms.read_{part}"))
    picture(
        chart(answer, language=session.current().language, dark=session.is_dark()), key=f"experiment_{part}"
    )


def _take(part: str, answer: Experiment, chart: Callable[..., Any], metric: str | None) -> None:
    """The part as a picture, and its figures as a table."""
    language, named = session.current().language, t("arms.closer_file", part=t(f"arms.closer_{part}"))
    frame = _table(part, answer, metric)

    def drawn(format_: str) -> Callable[[], bytes]:
        return lambda: render(chart(answer, language=language, dark=False), format=format_)

    with st.popover(t("app.download"), icon=":material/download:"):
        table = {"csv": table_writers(frame, named)["csv"]}
        file_buttons({ending: drawn(ending) for ending in PICTURES} | table, named, key=f"experiment.{part}")


def _table(part: str, answer: Experiment, metric: str | None) -> pd.DataFrame:
    """The figures of a part under headings that other tables share, with arms by what people call them."""
    language, found = session.current().language, getattr(answer, part)
    if metric is not None:
        found = found[found["metric"] == metric]
    ends = "anytime" if part == "days" else "moved"
    ours = {"difference": "moved", "low": f"{ends}_low", "high": f"{ends}_high", "p50": "median"}
    named = found.assign(
        arm=[
            arm_name(name or label, language)
            for name, label in zip(found["arm_name"], found["arm"], strict=True)
        ]
    )
    if "metric" in named:
        names = {one.id: metric_name(one.name or one.id, language) for one in answer.plan.metrics}
        named = named.assign(metric=named["metric"].map(names))
    if "state" in named:
        named["verdict"] = [t(f"arms.state_{state}") for state in named.pop("state")]
    # Where the file has days, they say more than how many there were before.
    left = [
        name for name in ("arm_name", "looked") if name in named and (name != "looked" or _has_days(found))
    ]
    return named.drop(columns=left).rename(columns=ours)


def _has_days(found: pd.DataFrame) -> bool:
    return "day" in found and bool(found["day"].notna().all())


def _of_attribute(answer: Experiment) -> Experiment:
    """The answer with the segments of one attribute; where there are many, at first that which tells most."""
    asked = answer.interactions.dropna(subset=["q"]).sort_values("q", kind="stable")
    names = list(dict.fromkeys([*asked["attribute"], *answer.segments["attribute"]]))
    if len(names) < 2:
        return answer
    first = "" if len(answer.segments) <= _MOST_ROWS else names[0]
    chosen = by_name.one_of(
        "experiment.view.attribute",
        t("arms.attribute"),
        {name: name for name in names},
        first,
        nothing=t("arms.attribute_all"),
        label_visibility="collapsed",
        width=220,
    )
    if not chosen:
        return answer
    of = {name: getattr(answer, name) for name in ("segments", "interactions")}
    return replace(answer, **{name: table[table["attribute"] == chosen] for name, table in of.items()})


def _metric(answer: Experiment) -> str:
    """Which metric is followed over time: the primary one at first."""
    language = session.current().language
    counted = set(answer.days["metric"])
    names = {
        one.id: metric_name(one.name or one.id, language) for one in answer.plan.metrics if one.id in counted
    }
    primary = answer.plan.primary
    first = primary.id if primary and primary.id in names else next(iter(names))
    if len(names) < 2:
        return first
    return by_name.one_of(
        "experiment.view.metric", t("arms.metric"), names, first, label_visibility="collapsed", width=220
    )
