"""Who is in an arm of an experiment, and to whom of them what a metric counts did or did not happen."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from journey.analysis.experiment import Experiment
from journey.charts.experiment import arm_mark
from journey.i18n import formats
from ui import by_name, presenting, session
from ui.people import arm_panel
from ui.words import t

__all__ = ["panel"]

_YES_OR_NO = ("conversion", "retention", "time")
_PAGE = "experiment"


def panel(answer: Experiment) -> None:
    """The list of the row that was clicked or chosen by name; results without ids have nobody to show."""
    if presenting.is_on() or answer.unit != "customer" or "sums" in answer.plan.source:
        return
    rows = {arm_mark(row.metric, row.arm): row for row in answer.table.itertuples(index=False)}
    if session.picked(_PAGE).id not in rows:
        session.pick(_PAGE, None)
    names = {id_: _said(row) for id_, row in rows.items()}
    picked = by_name.mark(_PAGE, t("arms.pick"), names, t("arms.pick_hint"))
    if picked is not None:
        _list(answer, rows[picked])


def _said(row: Any) -> str:
    return t("arms.pick_row", metric=_metric(row), arm=_arm(row))


def _metric(row: Any) -> str:
    return formats.metric(row.name or row.metric, session.current().language)


def _arm(row: Any) -> str:
    return formats.arm_name(row.arm_name or row.arm, session.current().language)


def _list(answer: Experiment, row: Any) -> None:
    names = {
        "all": "all",
        "yes": "yes" if row.kind in _YES_OR_NO else "above",
        "no": "no" if row.kind in _YES_OR_NO else "zero",
        **({"missing": "missing"} if row.missing else {}),
    }
    if row.kind == "ratio":
        names = {"all": "all"}
    box = st.segmented_control(
        t("arms.box"),
        list(names),
        format_func=lambda one: t(f"arms.box_{names[one]}"),
        required=True,
        label_visibility="collapsed",
        **session.kept("experiment.view.box", "all", list(names)),
    )
    arm, counted = _arm(row), int(row.n + row.missing)
    wanted: dict[str, Any] = {"plan": answer.plan.to_json(), "arm": row.arm, "box": box}
    heading, rule = t("arms.people_of", arm=arm), _rule(answer, row.arm, counted)
    if box != "all":
        wanted["metric"], rule = row.metric, None
        metric = _metric(row)
        heading = t("arms.people_box", arm=arm, metric=metric, box=t(f"arms.box_{names[box]}"))
    arm_panel(wanted, rule, heading, of=counted, of_name=t("arms.of_arm"))


def _rule(answer: Experiment, arm: str, counted: int) -> dict[str, Any] | None:
    """The arm as the rule of a segment, where that is about exactly those who count here."""
    split = answer.split[answer.split["arm"] == arm]
    if split.empty or int(split["assigned"].iloc[0]) != counted:
        return None
    source: dict[str, Any] = json.loads(json.dumps(dict(answer.plan.source)))
    return {"arm": {"experiment": source, "arm": arm}}
