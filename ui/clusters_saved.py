"""The clusterings that the project keeps: looked at again, renamed, taken away, and held against today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from journey.analysis.segments import Drifted
from journey.charts.segments_drift import drift_bars, drifted_name
from journey.charts.segments_words import cluster_mark
from journey.errors import JourneyError
from journey.stages.clustering import Clustering, clusterings, users_of_model
from journey.stages.segment import OF_MODELS
from ui import demo, presenting, session
from ui.ask import ask, saved
from ui.clusters import FEATURES
from ui.clusters_naming import DRAFT
from ui.clusters_people import labels_button
from ui.people import rule_panel
from ui.picture import picture
from ui.tables import show_table
from ui.veil import veiled, veiled_model
from ui.words import literal, md, sentence, t

__all__ = ["shelf"]

_LOOKED_AT = "segments.view.saved"
_LONGEST = 80


def shelf() -> None:
    """The saved clusterings in a list, and below it the one whose customers of today are looked at."""
    known = clusterings(session.state().settings)
    if not known or presenting.is_on():
        return
    st.subheader(t("clusters.saved", n=len(known)), anchor=False)
    for one in known:
        _row(one)
    looked_at = session.state().settings.get(_LOOKED_AT)
    found = next((one for one in known if one.id == looked_at), None)
    if found is not None:
        _today(found)


def _row(one: Clustering) -> None:
    key, used = session.widget_key(f"clustering.name.{one.id}"), users_of_model(one.id, saved())
    session.put(key, demo.covered(veiled(one.name)))
    with st.container(border=True, key=f"clustering_{one.id}"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                t("clusters.title"),
                max_chars=_LONGEST,
                label_visibility="collapsed",
                disabled=demo.is_on(),
                width=320,
                key=key,
                on_change=_rename(one, key),
            )
            st.button(
                t("clusters.drift"),
                key=f"clustering_drift_{one.id}",
                icon=":material/update:",
                help=t("clusters.drift_help"),
                on_click=session.later(lambda: _look(one)),
            )
            st.button(
                t("clusters.open"),
                key=f"clustering_open_{one.id}",
                icon=":material/open_in_new:",
                help=t("clusters.open_help"),
                type="tertiary",
                on_click=session.later(lambda: _open(one)),
            )
            with st.popover(t("clusters.remove"), icon=":material/delete:", type="tertiary"):
                st.markdown(md("clusters.remove_sure", name=veiled(one.name)))
                if used:
                    names = ", ".join(other.name for other in used)
                    st.markdown(md("clusters.remove_used", n=len(used), names=names))
                st.button(
                    t("clusters.remove_yes"),
                    key=f"clustering_remove_{one.id}",
                    on_click=session.later(lambda: _remove(one)),
                )
        said = md("clusters.saved_facts", k=one.k, n=int(sum(one.model["sizes"])), day=one.saved or "–")
        groups = ", ".join(literal(veiled(group.name)) for group in one.groups)
        st.caption("  \n".join(part for part in (said, groups, literal(veiled(one.about))) if part))


def _rename(one: Clustering, key: str) -> Any:
    @session.later
    def keep() -> None:
        name, content = str(session.widget(key) or "").strip(), _content(one)
        if name and content:
            session.remember(f"{OF_MODELS}{one.id}", {**content, "name": name[:_LONGEST]})

    return keep


def _content(one: Clustering) -> Mapping[str, Any]:
    found = session.state().settings.get(f"{OF_MODELS}{one.id}")
    return found if isinstance(found, Mapping) else {}


def _look(one: Clustering) -> None:
    now = session.state().settings.get(_LOOKED_AT)
    session.remember(_LOOKED_AT, None if now == one.id else one.id)
    session.pick("drift", None)


def _open(one: Clustering) -> None:
    """Ask again as it was asked when it was saved."""
    values = {
        FEATURES: list(one.features) or None,
        "segments.view.method": one.method,
        "segments.view.k": one.k,
        DRAFT: None,
    }
    session.edit({"op": "settings", "values": values})


def _remove(one: Clustering) -> None:
    """Take the model away, with the segments that are its groups and nothing else; others say it is gone."""
    own = {group.segment for group in one.groups}
    settings = session.state().settings
    values: dict[str, Any] = {f"{OF_MODELS}{one.id}": None}
    for other in users_of_model(one.id, saved()):
        rule = other.rule.get("cluster")
        if other.id in own and rule is not None:
            values[f"segment.{other.id}"] = None
            if settings.get("segment") == other.id:
                values["segment"] = None
    session.edit({"op": "settings", "values": values})


def _today(one: Clustering) -> None:
    """The customers whom the filters leave, as the saved model puts them, against those of then."""
    with st.container(border=True, key="drift"):
        st.subheader(t("clusters.drift_title", name=literal(veiled(one.name))), anchor=False)
        try:
            answer: Drifted = ask("cluster_drift", model=dict(veiled_model(one.model)))
        except JourneyError as problem:
            st.warning(sentence(problem), icon=":material/warning:")
            return
        names = {place: veiled(name) for place, name in one.names.items()}
        answer = replace(answer, names=names, colours=one.colours)
        language = session.current().language
        called = {place: drifted_name(answer, place, language) for place in range(one.k)}
        values = answer.finding.values
        st.markdown(f"**{md(answer.finding.code, **{**values, 'cluster': called[values['cluster'] - 1]})}**")
        for note in answer.notes:
            st.caption(sentence(note))
        shown = session.picked("drift")
        drawn_as = f"drift.{shown.turn}"

        def keep() -> None:
            picks = session.widget(drawn_as).selection.get("pick") or [{}]
            session.pick("drift", picks[0].get("id"), by_click=True)

        chart = drift_bars(answer, language=language, dark=session.is_dark(), picked=shown.first)
        picture(chart, key=drawn_as, on_select=keep, selection_mode="pick")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            labels_button(answer.labels, called, key="drift")
        with st.expander(t("app.table")):
            table = answer.table.assign(cluster=[called[place] for place in answer.table["cluster"]])
            show_table(table, key="drift.table")
        marks = {cluster_mark(place): place for place in called}
        if shown.id in marks:
            place = marks[shown.id]
            rule = {"cluster": {"model": one.id, "groups": [place]}}
            rule_panel(rule, called[place], of=answer.n, key="drift", of_name=t("clusters.of_grouped"))
