"""The controls of personas."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.personas import Personas
from journey.charts.persona_words import fact_words
from ui import session
from ui.ask import log
from ui.words import t

__all__ = ["settings", "table"]

# More values are no segments that anybody would describe one by one.
_MOST_VALUES = 12


def settings() -> dict[str, Any]:
    """Whose personas are shown: by the values of an attribute of customers, or of everybody as one."""
    found = log().attributes.items()
    names = [name for name, one in found if one.of == "customer" and len(one.categories) <= _MOST_VALUES]
    by = st.selectbox(
        t("personas.by"),
        ["", *names],
        format_func=lambda name: name or t("personas.everybody"),
        **session.kept("personas.view.by", names[0] if names else "", ["", *names]),
    )
    return {"by": by or None}


def table(answer: Personas) -> pd.DataFrame:
    """Every fact as it is said, with how many it is known of and how well."""
    language = session.current().language
    rows = [
        (
            one.name,
            fact_words(fact, answer.offers, language),
            fact.n,
            fact.of,
            t(f"personas.evidence_{fact.evidence}"),
        )
        for one in answer.personas
        for fact in one.facts
    ]
    return pd.DataFrame(rows, columns=["persona", "fact", "n", "of", "evidence"])
