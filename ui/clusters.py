"""By what customers are grouped, how many groups are looked at, how sure they are, and in which picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.customer_table import FAMILIES, Offer
from journey.analysis.segments import Segments, default_features
from journey.charts.feature_words import category_words, family_words, feature_words
from journey.charts.segments import (
    cluster_choice,
    cluster_map,
    cluster_profile,
    cluster_silhouettes,
    cluster_tree,
    segments_chart,
)
from journey.charts.segments_words import cluster_name, value_words
from ui import demo, presenting, session
from ui.ask import ask
from ui.clusters_naming import named
from ui.tables import show_table
from ui.words import md, t

__all__ = ["chart_of", "choose", "looked_at", "prepared", "profile_table", "verdict"]

FEATURES = "segments.view.features"
_METHODS = ("kmeans", "ward")
_VIEWS: Mapping[str, Callable[..., Any]] = {
    "groups": segments_chart,
    "profile": cluster_profile,
    "map": cluster_map,
    "choice": cluster_choice,
    "fit": cluster_silhouettes,
    "tree": cluster_tree,
}
_NUMBER = "K:"
_COLOURS = {"clear": "green", "weak": "orange", "none": "gray"}
_ICONS = {"clear": "check_circle", "weak": "help", "none": "blur_on"}


def choose() -> dict[str, Any]:
    """By which features and method customers are grouped."""
    settings: dict[str, Any] = {}
    if features := _features():
        settings["features"] = features
    settings["method"] = st.selectbox(
        t("clusters.method"),
        _METHODS,
        format_func=lambda name: t(f"clusters.method_{name}"),
        help=t("clusters.method_help"),
        width=190,
        **session.kept("segments.view.method", "kmeans", _METHODS),
    )
    return settings


def _features() -> list[str]:
    """The features that people chose, family by family; none: those that the question takes by itself."""
    offers: tuple[Offer, ...] = ask("offered")
    known = {offer.name: offer for offer in offers}
    stored = session.state().settings.get(FEATURES)
    chosen = [name for name in (stored if isinstance(stored, list) else []) if name in known]
    shown = chosen or list(default_features(offers))
    families = {family: [one.name for one in offers if one.family == family] for family in FAMILIES}
    keys = {family: session.widget_key(f"{FEATURES}.{family}") for family in families}

    @session.later
    def keep() -> None:
        now = [name for family in families for name in session.widget(keys[family], ())]
        session.remember(FEATURES, now or None)

    language = session.current().language
    with st.popover(t("clusters.features", n=len(shown)), icon=":material/checklist:"):
        st.caption(t("clusters.features_help"))
        for family, names in families.items():
            if not names:
                continue
            session.put(keys[family], [name for name in names if name in shown])
            st.multiselect(
                family_words(family, language),
                names,
                format_func=lambda name: demo.covered(feature_words(known[name], language)),
                placeholder=t("clusters.features_none"),
                select_all=False,  # it speaks English only
                key=keys[family],
                on_change=keep,
            )
        if chosen:
            st.button(t("clusters.features_reset"), key="features_reset", on_click=_reset)
    return chosen


@session.later
def _reset() -> None:
    session.remember(FEATURES, None)


def looked_at(answer: Segments) -> Segments:
    """The number of clusters that is chosen, each with how sure it is, under the names that people gave."""
    if not answer.views:
        return answer
    clicked = session.picked("segments").id or ""
    if clicked.startswith(_NUMBER):
        session.remember("segments.view.k", int(clicked.removeprefix(_NUMBER)))
        session.pick("segments", None)
    verdicts = {k: view.verdict for k, view in answer.views.items()}
    options = [0, *answer.views]
    chosen = st.selectbox(
        t("clusters.number"),
        options,
        format_func=lambda k: (
            t("clusters.proposed", k=answer.proposed)
            if not k
            else t("clusters.number_said", k=k, said=t(f"clusters.verdict_{verdicts[k]}"))
        ),
        help=t("clusters.number_help"),
        width=200,
        **session.kept("segments.view.k", 0, options),
    )
    return named(answer.at(chosen or answer.proposed))


def verdict(answer: Segments) -> None:
    """Are there groups at all, in one word, and why that is said."""
    if answer.view is None:
        return
    said = answer.verdict
    row = answer.choice[answer.choice["k"] == answer.k].iloc[0]
    with st.container(horizontal=True, vertical_alignment="center", key="cluster_verdict"):
        st.badge(t(f"clusters.verdict_{said}"), icon=f":material/{_ICONS[said]}:", color=_COLOURS[said])
        if not presenting.is_on():
            why = {"rand": row["stability"], "jaccard": row["jaccard"], "k": answer.k}
            st.markdown(md(f"clusters.why_{said}", **why), width="stretch")


def chart_of(answer: Segments) -> Callable[..., Any]:
    """The picture that is looked at."""
    views = [name for name in _VIEWS if name != "tree" or answer.method == "ward"]
    if presenting.is_on():
        stored = session.state().settings.get("segments.view.look")
        return _VIEWS[stored if stored in views else "groups"]
    look = st.segmented_control(
        t("clusters.look"),
        views,
        format_func=lambda name: t(f"clusters.look_{name}"),
        label_visibility="collapsed",
        required=True,
        **session.kept("segments.view.look", "groups", views),
    )
    return _VIEWS[look]


def prepared(answer: Segments) -> None:
    """How each feature became a number that can be compared with the others."""
    if presenting.is_on() or (answer.prepared.empty and not answer.constant):
        return
    language = session.current().language
    base = answer.table.groupby("feature")["base"].first() if len(answer.table) else {}
    rows = []
    for row in answer.prepared.itertuples(index=False):
        offer = answer.offers[row.feature]
        is_number = offer.kind == "number"
        filled = ""
        if row.missing_share:
            filled = (
                value_words(answer, row.feature, row.imputed, language)
                if is_number
                else category_words(row.categories[int(row.imputed)], language)
            )
        scale = "log" if row.log else "plain" if is_number else "category"
        mean = value_words(answer, row.feature, float(base[row.feature]), language) if is_number else ""
        rows.append(
            (
                *(feature_words(offer, language), family_words(offer.family, language)),
                *(t(f"clusters.scale_{scale}"), mean, row.missing_share, filled),
            )
        )
    for feature in answer.constant:
        offer = answer.offers[feature]
        words = feature_words(offer, language), family_words(offer.family, language)
        rows.append((*words, t("clusters.scale_constant"), "", 0.0, ""))
    columns = ["feature", "family", "scaling", "mean", "missing_share", "imputed"]
    with st.expander(t("clusters.prepared", n=len(answer.prepared))):
        st.caption(t("clusters.prepared_help"))
        show_table(pd.DataFrame(rows, columns=columns), key="segments.prepared")


def profile_table(answer: Segments) -> pd.DataFrame:
    """The profile with groups and features in words."""
    language = session.current().language
    table = answer.table
    names = {one: cluster_name(answer, one, language) for one in table["cluster"].unique()}
    said = table.assign(
        cluster=[names[one] for one in table["cluster"]],
        feature=[feature_words(answer.offers[one], language) for one in table["feature"]],
        category=[category_words(one, language) if one else "" for one in table["category"]],
    )
    return said.drop(columns=["form", "base_median", "apart"])
