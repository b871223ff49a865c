"""The first rows of a file as its columns are chosen now."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from journey.events.preview import preview
from journey.events.privacy import masked_frame
from ui.found import Understood
from ui.words import literal, t

__all__ = ["show"]

_ROWS = 50


def show(file: Understood) -> None:
    """The columns with a role first and by their roles; how the first time and amount were read."""
    head = file.raw.frame.head(_ROWS)
    made = preview(head, file.choice)
    said = [t("bring.preview_rows", rows=len(head))]
    if made.time is not None:
        said.append(t("bring.time_read", raw=literal(made.time[0]), read=made.time[1]))
    if made.amount is not None:
        said.append(t("bring.amount_read", raw=literal(made.amount[0]), read=f"{made.amount[1]:,.10g}"))
    st.caption(" · ".join(said))
    hides = file.choice is None or file.choice.masked
    _table(masked_frame(made.frame) if hides and file.personal else made.frame, made.roles, file)


def _table(frame: pd.DataFrame, roles: dict[str, str], file: Understood) -> None:
    # Two columns may not share a name with a heading of ours, so columns are told apart by their places.
    labels = {
        str(place): f"{t(f'bring.role_{roles[name]}')}: {name}" if name in roles else str(name)
        for place, name in enumerate(frame.columns)
    }
    st.dataframe(
        frame.set_axis(list(labels), axis="columns"),
        hide_index=True,
        height=280,
        placeholder="",
        column_config={place: st.column_config.TextColumn(label) for place, label in labels.items()},
        key=f"{file.file.id}.preview",
    )
