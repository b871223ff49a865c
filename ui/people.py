"""Who went this way: the panel that opens at a click on a ribbon or a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.flows import Flows
from journey.analysis.people import People
from journey.charts.flows import PickedLink, PickedNode, link_id, node_id, parse_id
from journey.reports.tables import to_csv
from journey.statistics.intervals import wilson
from ui import session
from ui.answer import name_of, pick_key, table
from ui.ask import ask, masked
from ui.words import literal, md, t

__all__ = ["panel"]

_MOST_SHOWN = 1000


def panel(answer: Flows, settings: Mapping[str, Any]) -> None:
    """How many, what share, and who, of the ribbon or stage that was clicked or chosen by name."""
    key = pick_key("flows")
    names = _names(answer)
    session.put(key, picked if (picked := session.widget(key)) in names else None)
    picked = st.selectbox(
        t("page.flows.pick"),
        list(names),
        index=None,
        format_func=lambda one: names[one],
        placeholder=t("page.flows.pick_hint"),
        label_visibility="collapsed",
        key=key,
    )
    mark = parse_id(picked) if picked else None
    found = _link(answer, mark) if isinstance(mark, PickedLink) else _node(answer, mark) if mark else None
    if found is None:
        return
    heading, figures, place = found
    people: People = ask("people", **place, **settings)
    with st.container(border=True):
        st.subheader(f"{heading} · {_step_name(place['step'])}", anchor=False)
        _figures(answer, figures, people)
        _table(people)


def _names(answer: Flows) -> dict[str, str]:
    """Everything that can be picked, by its id, under a name that can be read and typed."""
    names = {}
    for row in answer.nodes.itertuples(index=False):
        said = t("page.flows.pick_node", name=name_of(row.name, row.kind), step=_step_name(row.step))
        names[node_id(row.step, row.kind, row.name)] = f"{said} · {_amount(answer, row.customers)}"
    for row in answer.links.itertuples(index=False):
        source, target = name_of(row.source, row.source_kind), name_of(row.target, row.target_kind)
        said = t("page.flows.pick_link", source=source, target=target, step=_step_name(row.step))
        names[link_id(row)] = f"{said} · {_amount(answer, row.customers)}"
    return names


def _amount(answer: Flows, n: float) -> str:
    return t(f"charts.amount_{answer.unit}s", n=round(n))


def _step_name(step: int) -> str:
    return (
        t("page.flows.arrival")
        if step == 0
        else t("page.flows.step" if step > 0 else "page.flows.step_before", step=abs(step))
    )


def _link(answer: Flows, mark: PickedLink) -> tuple[str, pd.Series, dict[str, Any]] | None:
    place = asdict(mark)
    row = _row(answer.links, place)
    if row is None:
        return None
    source, target = name_of(mark.source, mark.source_kind), name_of(mark.target, mark.target_kind)
    return md("page.flows.from_to", source=source, target=target), row, place


def _node(answer: Flows, mark: PickedNode) -> tuple[str, pd.Series, dict[str, Any]] | None:
    row = _row(answer.nodes, asdict(mark))
    if row is None:
        return None
    place = {"step": mark.step, "source": mark.name, "source_kind": mark.kind}
    return literal(name_of(mark.name, mark.kind)), row, place


def _row(frame: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.Series | None:
    rows = frame[(frame[list(wanted)] == pd.Series(wanted)).all(axis="columns")]
    return None if rows.empty else rows.iloc[0]


def _figures(answer: Flows, row: pd.Series, people: People) -> None:
    """The number, its share of where it starts (for a ribbon) and of all, each with its interval."""
    n, unit = people.n_customers, answer.unit
    columns = st.columns(3)
    columns[0].metric(t(f"page.flows.metric_{unit}s"), t("page.flows.number", n=n))
    if "share" in row:
        columns[1].metric(t("page.flows.metric_share"), t("page.flows.share", share=row["share"]))
        columns[1].caption(t("page.flows.interval", low=row["low"], high=row["high"]))
    low, high = wilson(n, answer.n_customers)
    columns[2].metric(
        t(f"page.flows.metric_all_{unit}s"), t("page.flows.share", share=n / answer.n_customers)
    )
    columns[2].caption(t("page.flows.interval", low=float(low), high=float(high)))


def _table(people: People) -> None:
    open_ids = st.toggle(t("page.flows.reveal"), key=session.widget_key("reveal"))
    frame = people.table if open_ids else people.table.assign(customer=masked(people.table["customer"]))
    if not open_ids:
        st.caption(t("page.flows.masked"))
    if people.n_customers > _MOST_SHOWN:
        st.caption(t("page.flows.first_people", n=people.n_customers, shown=_MOST_SHOWN))
    st.dataframe(table(frame.head(_MOST_SHOWN)), hide_index=True, key="people_table")
    language = session.current().language
    st.download_button(
        t("page.flows.download_people"),
        data=lambda: to_csv(table(frame, language)),
        file_name="journey-people.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="people_csv",
    )
