"""The first rows of a file as its columns are chosen now."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from journey.events.preview import preview
from journey.events.privacy import masked_frame, without_rrn
from ui.found import Understood
from ui.words import literal, t

__all__ = ["show"]

_ROWS = 50
# A cell may hold as much as a file; more letters than the screen shows.
_LOOKED_AT = 2_000


def show(file: Understood) -> None:
    """The columns with a role first and by their roles; how the first time and amount were read."""
    # 주민등록번호 are never shown, masked or not.
    first = file.raw.frame.head(_ROWS).apply(lambda column: column.str.slice(0, _LOOKED_AT))
    head = without_rrn(replace(file.raw, frame=first, total_row=None)).frame
    made = preview(head, file.choice)
    said = [t("bring.preview_rows", rows=len(head))]
    if made.time is not None:
        said.append(t("bring.time_read", raw=literal(made.time[0]), read=made.time[1]))
    if made.amount is not None:
        said.append(t("bring.amount_read", raw=literal(made.amount[0]), read=f"{made.amount[1]:,.10g}"))
    st.caption(" · ".join(said))
    hides = file.choice is None or file.choice.masked
    # Masked before it is cut for the screen: half a number is no number any more.
    shown = preview(masked_frame(head), file.choice).frame if hides and file.personal else made.frame
    _table(shown, made.roles, file)


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
