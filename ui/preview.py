"""The first rows of a file as its columns are chosen now."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import streamlit as st

from journey.events.preview import Preview, preview
from journey.events.privacy import masked_frame
from ui import found
from ui.found import Understood
from ui.words import literal, t

__all__ = ["show"]

_ROWS = 50
# A cell may hold as much as a file; more letters than the screen shows.
_LOOKED_AT = 2_000
# So many rows are seen at once, the line of the names among them; the others are scrolled to.
_SEEN = 6
_ROW = 35  # pixels


def show(file: Understood) -> None:
    """The columns with a role first and by their roles; how the first time and amount were read."""
    hides = bool(file.personal) and (file.choice is None or file.choice.masked)
    chosen = "" if file.choice is None else json.dumps(file.choice.to_json(), sort_keys=True)
    made = _made(found.target(file), chosen, hides, file)
    said = [t("bring.preview_rows", rows=len(made.frame))]
    if made.time is not None:
        raw, read = made.time
        is_day = read.time() == dt.time() and ":" not in raw
        key = "bring.day_read" if is_day else "bring.time_read"
        # A time without a zone is read as one of this place: whoever looks here sees which.
        zone = {} if is_day or file.choice is None else {"zone": file.choice.zone}
        said.append(t(key, raw=literal(raw), read=read, **zone))
    if made.amount is not None and made.amount[0].strip() != f"{made.amount[1]:.10g}":
        said.append(t("bring.amount_read", raw=literal(made.amount[0]), read=f"{made.amount[1]:,.10g}"))
    st.caption(" · ".join(said))
    _table(made.frame, made.roles, file)


@st.cache_resource(max_entries=128, ttl="30m", show_spinner=False)
def _made(target: str, chosen: str, hides: bool, _file: Understood) -> Preview:
    head = _file.raw.frame.head(_ROWS).apply(lambda column: column.str.slice(0, _LOOKED_AT))
    made = preview(head, _file.choice)
    # Masked before it is cut for the screen: half a number is no number any more.
    return replace(made, frame=preview(masked_frame(head), _file.choice).frame) if hides else made


def _table(frame: pd.DataFrame, roles: dict[str, str], file: Understood) -> None:
    # Two columns may not share a name with a heading of ours, so columns are told apart by their places.
    labels = {
        str(place): f"{t(f'bring.role_{roles[name]}')}: {name}" if name in roles else str(name)
        for place, name in enumerate(frame.columns)
    }
    st.dataframe(
        frame.set_axis(list(labels), axis="columns"),
        hide_index=True,
        height=_SEEN * _ROW + 3,
        placeholder="",
        column_config={place: st.column_config.TextColumn(label) for place, label in labels.items()},
        key=f"{file.file.id}.preview",
    )
