"""How many clusters are looked at, how sure they are, and their figures as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.segments import Segments
from journey.charts.feature_words import category_words, feature_words
from journey.charts.segments import cluster_name
from ui import session
from ui.words import t

__all__ = ["choose", "looked_at", "profile_table"]

_METHODS = ("kmeans", "ward")


def choose() -> dict[str, Any]:
    """By which method customers are grouped."""
    method = st.selectbox(
        t("clusters.method"),
        _METHODS,
        format_func=lambda name: t(f"clusters.method_{name}"),
        help=t("clusters.method_help"),
        width=220,
        **session.kept("segments.view.method", "kmeans", _METHODS),
    )
    return {"method": method}


def looked_at(answer: Segments) -> Segments:
    """The number of clusters that is chosen, each with how sure it is."""
    if not answer.views:
        return answer
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
        width=260,
        **session.kept("segments.view.k", 0, options),
    )
    return answer.at(chosen or answer.proposed)


def profile_table(answer: Segments) -> pd.DataFrame:
    """The profile with groups and features in words."""
    language = session.current().language
    table = answer.table
    said = table.assign(
        cluster=[cluster_name(one, language) for one in table["cluster"]],
        feature=[feature_words(answer.offers[one], language) for one in table["feature"]],
        category=[category_words(one, language) for one in table["category"]],
    )
    return said.drop(columns=["form", "base_median", "apart"])
