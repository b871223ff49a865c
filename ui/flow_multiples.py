"""The same flows for each value of an attribute, beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import streamlit as st

from journey.aggregates.arm_sources import ArmSource
from journey.analysis.flows import Flows
from ui import arms, session
from ui.ask import ASSIGNED, again, filters_now, view
from ui.controls import value_said
from ui.flow_controls import chart, side_by_side
from ui.picture import picture
from ui.veil import said
from ui.words import literal, t

__all__ = ["coverage", "multiples"]

_MOST = 6
_BESIDE = 2
_SIZE = {"width": 560, "height": 360}


def coverage(answer: Flows) -> None:
    """How much of all journeys the picture shows under its own names."""
    covered = answer.coverage
    if not covered.of:
        return
    whole = "_whole" if covered.links == covered.of_links else ""
    st.caption(t(f"flows.coverage_{answer.unit}{whole}", **asdict(covered)))


def multiples(settings: Mapping[str, Any]) -> None:
    """A small picture for each of the commonest values; all have the setting of the large one."""
    attribute = side_by_side()
    if not attribute:
        return
    if arms.is_choice(attribute):
        _by_arm(arms.known()[attribute], settings)
        return
    values, left = _commonest(attribute)
    st.subheader(literal(t("flows.side_by_side", attribute=attribute)), anchor=False)
    several = view().attributes[attribute].of == "event"
    st.caption(t("flows.by_scale") + (" " + t("flows.by_several") if several else ""))
    found = [(value, _answer(attribute, value, settings)) for value in values]
    # Nobody with such a value goes the way that is drawn.
    answers = [one for one in found if not one[1].table.empty]
    left += len(found) - len(answers)
    answers.sort(key=lambda one: -one[1].n_shown)
    _pictures([(value_said(value), answer) for value, answer in answers])
    if left:
        st.caption(t("flows.values_left", n=left))


def _pictures(named: list[tuple[str, Flows]]) -> None:
    """Pair by pair, so that on a phone they stand below each other in the same order."""
    for first in range(0, len(named), _BESIDE):
        for place, column in enumerate(st.columns(_BESIDE), first):
            if place < len(named):
                with column:
                    _one(place, *named[place])


def _by_arm(one: ArmSource, settings: Mapping[str, Any]) -> None:
    """The arms of an experiment, the control first, each of all who were assigned to it."""
    st.subheader(literal(t("flows.side_by_side", attribute=arms.name_said(one))), anchor=False)
    st.caption(t("flows.by_scale"))
    asked = settings[ASSIGNED]
    found = [
        (name, again("flows", {**settings, ASSIGNED: {**asked, "arm": label}}, filters_now()))
        for label, name in arms.among(one).items()
    ]
    _pictures(found)
    st.caption(t("journeys.descriptive"))


def _answer(attribute: str, value: str | None, settings: Mapping[str, Any]) -> Flows:
    """The flows of what has one value, besides what the filters leave already."""
    filters = filters_now()
    meant = {shown: own for own, shown in said(attribute).items()}
    where = {**filters["where"], attribute: [meant.get(value, value) if value is not None else None]}
    answer: Flows = again("flows", settings, {**filters, "where": where})
    return answer


def _one(place: int, name: str, answer: Flows) -> None:
    shown = t(f"charts.amount_{answer.unit}s", n=answer.n_shown)
    if answer.n_shown < answer.n_customers:
        shown = t(f"journeys.shown_{answer.unit}s", n=answer.n_shown, of=answer.n_customers)
    st.markdown(f"**{literal(name)}** · {shown}")
    look = {"language": session.current().language, "dark": session.is_dark()}
    with st.container(key=f"beside_flows_{place}"):
        picture(chart()(answer, **look, **_SIZE), key=f"flows_of_{place}")


def _commonest(attribute: str) -> tuple[list[str | None], int]:
    """The values of most rows, or customers, and how many values are left.

    Customers without a value are a group like another one; events without one are only the rest.
    """
    own = view().attributes[attribute]
    rows = np.bincount(own.codes + 1, minlength=len(own.categories) + 1)
    if own.of == "event":
        rows[0] = 0
    present = int(np.count_nonzero(rows))
    order = np.argsort(-rows, kind="stable")[: min(_MOST, present)]
    return [own.categories[code - 1] if code else None for code in order], present - len(order)
