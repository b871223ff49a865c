"""Who went this way: the panel that opens at a click on a ribbon or a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.flows import Flows
from journey.analysis.people import People
from journey.charts.flow_words import FlowWords
from journey.charts.flows import PickedLink, PickedNode, link_id, node_id, parse_id
from journey.reports.tables import to_csv
from journey.statistics.intervals import wilson
from ui import by_name, demo, presenting, session
from ui.ask import ASSIGNED, again, ask, filters_now, later
from ui.flow_menu import menu
from ui.segments import save
from ui.tables import file_name, name_of, show_table, worded
from ui.veil import masked
from ui.words import literal, sentence, t

__all__ = [
    "answer_panel",
    "arm_panel",
    "compared_panel",
    "feature_panel",
    "funnel_panel",
    "panel",
    "rule_panel",
    "unpick_lost",
]

_MOST_SHOWN = 1000


def panel(answer: Flows, settings: Mapping[str, Any]) -> None:
    """How many, what share, and who, of the ribbon or stage that was clicked or chosen by name."""
    picked = by_name.mark("flows", t("page.flows.pick"), _names(answer), t("page.flows.pick_hint"))
    mark = parse_id(picked) if picked else None
    found = _link(answer, mark) if isinstance(mark, PickedLink) else _node(answer, mark) if mark else None
    if found is None:
        return
    heading, figures, place = found
    with st.spinner(t("page.flows.finding_people")):
        people: People = ask("people", limit=_MOST_SHOWN, **place, **settings)
        codes = masked()
    named = f"{heading} · {_step_name(answer, place['step'])}"
    with st.container(border=True):
        st.subheader(literal(named), anchor=False)
        _figures(answer, figures, people)
        if mark is not None:
            menu(mark, settings)
        if not presenting.is_on():
            _table(people, codes, later("people", **place, **settings), key="people")
            if not settings.get(ASSIGNED):  # a rule cannot say what was done since an exposure
                save({"link": {**place, **settings}}, name=named, key="flows")


def rule_panel(
    rule: Mapping[str, Any],
    heading: str,
    *,
    of: int,
    key: str,
    unit: str = "customer",
    filters: Mapping[str, Any] | None = None,
    of_name: str | None = None,
    whole: bool = False,
) -> None:
    """How many a rule picks (see stages.segment) of those whom the page counts, what share, and who they are.

    `heading` says in words whose list it is; `of` is how many there are in all, or of those that
    `of_name` calls by name; `key` is one of the page's own. `filters` stand in for those of the tab. A rule
    is about the log under these filters, or with `whole` about the whole log, as a saved segment is.
    """
    question = "picked_people" if whole else "rule_people"
    _listed(question, {"rule": dict(rule), "unit": unit}, rule, heading, of, key, filters, of_name)


def answer_panel(rule: Mapping[str, Any], heading: str, *, of: int, filters: Mapping[str, Any]) -> None:
    """The same for those who gave the answers of a card: `rule` is that of the card, with a box."""
    wanted = {name: rule["kpi"][name] for name in ("card", "days", "box")}
    _listed("answer_people", wanted, rule, heading, of, "kpi", filters)


def funnel_panel(place: Mapping[str, Any], settings: Mapping[str, Any], heading: str, *, of: int) -> None:
    """The same for those behind a bar of a funnel: `place` is its step and outcome; `of`: of how many."""
    wanted = {**settings, **place}
    rule = None if settings.get(ASSIGNED) else {"funnel": wanted}
    _listed("funnel_people", wanted, rule, heading, of, "funnel")


def arm_panel(
    settings: Mapping[str, Any], rule: Mapping[str, Any] | None, heading: str, *, of: int, of_name: str
) -> None:
    """The same for one arm of an experiment, or those of it to whom what a metric counts happened."""
    _listed(
        "arm_people", settings, rule, heading, of, "experiment", {**filters_now(), "period": None}, of_name
    )


def feature_panel(feature: Mapping[str, Any], heading: str, *, of: int, of_name: str) -> None:
    """The same for those who have a feature before an outcome: `feature` says also how they are compared.

    `of_name` says of whom the share is.
    """
    _listed("feature_people", feature, {"feature": dict(feature)}, heading, of, "drivers", of_name=of_name)


def compared_panel(
    settings: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    heading: str,
    *,
    of: int,
    of_name: str,
    key: str = "comparison",
) -> None:
    """The same for one group on a link, in a cell or at a measure of a comparison; `of`: of `of_name`.

    Without a rule there is nothing to save: periods to compare are no groups of customers.
    """
    _listed("compared_people", settings, rule, heading, of, key, of_name=of_name)


def _listed(
    question: str,
    settings: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    heading: str,
    of: int,
    key: str,
    filters: Mapping[str, Any] | None = None,
    of_name: str | None = None,
) -> None:
    under = filters_now() if filters is None else filters
    with st.spinner(t("page.flows.finding_people")):
        people: People = again(question, {"limit": _MOST_SHOWN, **settings}, under)
        codes = masked()
    with st.container(border=True):
        st.subheader(literal(heading), anchor=False)
        columns = st.columns(2)
        columns[0].metric(
            t(f"page.flows.metric_{people.unit}s"), t("page.flows.number", n=people.n_customers)
        )
        _of_all(columns[1], people, of, of_name)
        for note in people.notes:
            # What the count of a list itself needs to be told; the page says the rest.
            if note.code.startswith("people."):
                st.caption(sentence(note))
        if presenting.is_on():
            return
        _table(people, codes, later(question, filters=filters, **settings), key=f"people_{key}")
        if rule is not None:
            save(rule, name=heading, key=key)
            if people.unit == "session" or any(under.values()):
                st.caption(t("segments.save_whole"))


def unpick_lost(answer: Flows) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    picked = session.picked("flows").id
    if picked is not None and picked not in _names(answer):
        session.pick("flows", None)


def _names(answer: Flows) -> dict[str, str]:
    """Everything that can be picked, by its id, under a name that can be read and typed."""
    names, words = {}, FlowWords(answer, session.current().language)
    for row in answer.nodes.itertuples(index=False):
        said = t("page.flows.pick_node", name=_called(row.name, row.kind), step=words.step(row.step))
        names[node_id(row.step, row.kind, row.name)] = f"{said} · {_amount(answer, row.customers)}"
    for row in answer.links.itertuples(index=False):
        source, target = _called(row.source, row.source_kind), _called(row.target, row.target_kind)
        said = t("page.flows.pick_link", source=source, target=target, step=words.step(row.step))
        names[link_id(row)] = f"{said} · {_amount(answer, row.customers)}"
    return names


def _amount(answer: Flows, n: float) -> str:
    return t(f"charts.amount_{answer.unit}s", n=round(n))


def _step_name(answer: Flows, step: int) -> str:
    return FlowWords(answer, session.current().language).step(step)


def _link(answer: Flows, mark: PickedLink) -> tuple[str, pd.Series, dict[str, Any]] | None:
    place = asdict(mark)
    row = _row(answer.links, place)
    if row is None:
        return None
    source, target = _called(mark.source, mark.source_kind), _called(mark.target, mark.target_kind)
    return t("page.flows.from_to", source=source, target=target), row, place


def _node(answer: Flows, mark: PickedNode) -> tuple[str, pd.Series, dict[str, Any]] | None:
    row = _row(answer.nodes, asdict(mark))
    if row is None:
        return None
    place = {"step": mark.step, "source": mark.name, "source_kind": mark.kind}
    return _called(mark.name, mark.kind), row, place


def _row(frame: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.Series | None:
    rows = frame[(frame[list(wanted)] == pd.Series(wanted)).all(axis="columns")]
    return None if rows.empty else rows.iloc[0]


def _figures(answer: Flows, row: pd.Series, people: People) -> None:
    """The number, its share of where it starts (for a ribbon) and of all, each with its interval."""
    n, unit = people.n_customers, answer.unit
    columns = st.columns(3 if "share" in row else 2)
    columns[0].metric(t(f"page.flows.metric_{unit}s"), t("page.flows.number", n=n))
    if "share" in row:
        columns[1].metric(t("page.flows.metric_share"), t("page.flows.share", share=row["share"]))
        columns[1].caption(t("page.flows.interval", low=row["low"], high=row["high"]))
    _of_all(columns[-1], people, answer.n_customers)


def _of_all(column: Any, people: People, n_all: int, name: str | None = None) -> None:
    low, high = wilson(people.n_customers, n_all)
    share = people.n_customers / n_all if n_all else 0.0
    column.metric(name or t(f"page.flows.metric_all_{people.unit}s"), t("page.flows.share", share=share))
    if n_all:
        column.caption(t("page.flows.interval", low=float(low), high=float(high)))


def _table(people: People, codes: Mapping[str, str], whole: Callable[[], People], *, key: str) -> None:
    # In demo mode the log itself knows codes only.
    reveal = session.widget_key("reveal" if key == "people" else f"reveal.{key}")
    open_ids = not demo.is_on() and st.toggle(t("page.flows.reveal"), key=reveal)
    language = session.current().language

    def shown(frame: pd.DataFrame) -> pd.DataFrame:
        return frame if open_ids else frame.assign(customer=[codes[one] for one in frame["customer"]])

    if not open_ids:
        st.caption(t("page.flows.masked"))
    if people.n_customers > _MOST_SHOWN:
        st.caption(t(f"page.flows.first_{people.unit}s", n=people.n_customers, shown=_MOST_SHOWN))
    show_table(shown(people.table), key=f"{key}_table")
    st.download_button(
        t("page.flows.download_people"),
        data=session.download(lambda: to_csv(worded(shown(whole().table), language))),
        file_name=file_name("page.flows.people_file", "csv"),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"{key}_csv",
    )


def _called(name: str, kind: str) -> str:
    return name_of(name, kind, session.current().language)
