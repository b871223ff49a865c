"""The same flows for each value of an attribute, beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from journey.analysis.flows import Flows
from ui import session
from ui.ask import ask, view
from ui.flow_controls import chart, side_by_side
from ui.words import literal, sentence, t

__all__ = ["coverage", "multiples"]

_MOST = 6
_SIZE = {"width": 560, "height": 300}


def coverage(answer: Flows) -> None:
    """How much of all journeys the picture shows under its own names."""
    covered = answer.coverage
    if covered.of:
        st.caption(t(f"flows.coverage_{answer.unit}", **_told(covered)))


def _told(covered: Any) -> dict[str, Any]:
    return {
        "links": covered.links,
        "all": covered.of_links,
        "customers": covered.customers,
        "of": covered.of,
        "share": covered.share,
    }


def multiples(settings: Mapping[str, Any]) -> None:
    """A small picture for each of the commonest values; all have the setting of the large one."""
    attribute = side_by_side()
    if not attribute:
        return
    values = _commonest(attribute)
    st.subheader(literal(t("flows.side_by_side", attribute=attribute)), anchor=False)
    look = {"language": session.current().language, "dark": session.is_dark()}
    columns = st.columns(2)
    for position, value in enumerate(values):
        where = {**(settings.get("where") or {}), attribute: [value]}
        own = {**settings, "where": where, "where_at": settings.get("where_at", "whole")}
        answer: Flows = ask("flows", **own)
        with columns[position % 2]:
            said = t(f"charts.amount_{answer.unit}s", n=answer.n_shown)
            st.markdown(f"**{literal(value)}** · {said}")
            if answer.table.empty:
                st.caption(sentence(answer.finding))
            else:
                st.altair_chart(chart()(answer, **look, **_SIZE), key=f"flows_of_{position}", theme=None)
    left = len(view().attributes[attribute].categories) - len(values)
    if left > 0:
        st.caption(t("flows.values_left", n=left))


def _commonest(attribute: str) -> list[str]:
    """The values of most rows, or customers, the commonest first."""
    own = view().attributes[attribute]
    rows = np.bincount(own.codes[own.codes >= 0], minlength=len(own.categories))
    order = np.argsort(-rows, kind="stable")[:_MOST]
    return [own.categories[code] for code in order if rows[code]]
