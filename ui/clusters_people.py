"""Who is in each cluster, who fits badly into theirs, and the list of all to take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.analysis.segments import Segments
from journey.charts.segments_words import cluster_mark, cluster_name
from journey.reports.tables import to_csv
from ui import by_name, demo, presenting, session
from ui.ask import view
from ui.people import rule_panel
from ui.tables import file_name, show_table, worded
from ui.veil import masked
from ui.words import md, t

__all__ = ["labels_button", "odd_ones", "panel", "unpick_lost"]

_MOST_ODD = 200


def unpick_lost(answer: Segments) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("segments").id not in {cluster_mark(one) for one in range(answer.k)}:
        session.pick("segments", None)


def panel(answer: Segments) -> None:
    """The people of the cluster that was clicked or chosen by name."""
    if presenting.is_on() or answer.view is None:
        return
    language = session.current().language
    names = {cluster_mark(one): cluster_name(answer, one, language) for one in range(answer.k)}
    sizes = dict(zip(names, answer.clusters["n"], strict=True))
    sized = {one: t("clusters.head", name=names[one], n=int(sizes[one])) for one in names}
    with st.container(horizontal=True, vertical_alignment="bottom", key="cluster_people"):
        chosen = by_name.mark("segments", t("clusters.pick"), sized, t("clusters.pick_hint"))
        labels_button(
            answer.labels, {one: names[cluster_mark(one)] for one in range(answer.k)}, key="segments"
        )
    if chosen is None:
        return
    place = list(names).index(chosen)
    rule = {"cluster": {"model": dict(answer.model), "groups": [place]}}
    rule_panel(rule, names[chosen], of=answer.n, key="segments", of_name=t("clusters.of_grouped"))


def labels_button(labels: np.ndarray, names: Mapping[int, str], *, key: str) -> None:
    """Every customer with the group that they are in, as a file; ids are masked as everywhere."""
    language, found, codes = session.current().language, view(), masked()
    reveal = session.widget_key(f"reveal.labels.{key}")
    is_open = not demo.is_on() and bool(session.widget(reveal, False))

    def write() -> bytes:
        who = np.flatnonzero(labels >= 0)
        ids = found.customer_ids.take(pa.array(who)).to_pylist()
        table = pd.DataFrame(
            {
                "customer": ids if is_open else [codes[one] for one in ids],
                "cluster": [names[int(one)] for one in labels[who]],
            }
        )
        return to_csv(worded(table, language))

    st.download_button(
        t("clusters.labels"),
        data=session.download(write),
        file_name=file_name("clusters.labels_file", "csv"),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        help=t("clusters.labels_help"),
        key=f"{key}_labels",
    )
    if not demo.is_on():
        st.toggle(t("clusters.labels_open"), key=reveal)


def odd_ones(answer: Segments) -> None:
    """Those of the map's customers to whom another cluster is nearer than their own."""
    told = answer.silhouettes["silhouette"]
    if presenting.is_on() or answer.view is None:
        return
    odd = answer.points[answer.points["silhouette"] < 0].sort_values("silhouette", kind="stable")
    words = md("clusters.odd", n=int((told < 0).sum()), of=len(told), share=float((told < 0).mean()))
    if odd.empty:
        st.caption(words)
        return
    with st.expander(words):
        st.caption(t("clusters.odd_help", n=min(len(odd), _MOST_ODD)))
        language, codes = session.current().language, masked()
        some = odd.head(_MOST_ODD)
        ids = view().customer_ids.take(pa.array(some["customer"].to_numpy())).to_pylist()
        table: dict[str, Any] = {
            "customer": [codes[one] for one in ids],
            "cluster": [cluster_name(answer, int(one), language) for one in some["cluster"]],
            "silhouette": some["silhouette"].round(3).to_numpy(),
        }
        show_table(pd.DataFrame(table), key="segments.odd")
