"""Tables that are kept with a project, as people may see them: in words, without names and ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.events.cleaned import REASONS
from journey.events.identity import NO_CUSTOMER
from journey.events.kinds import TableChoice
from journey.i18n import catalogue, text

__all__ = ["ROWS", "Mask", "rejected_frame", "show_stored", "typed_frame"]

# Rows of a preview.
ROWS = 20
_LETTERS = 500
# Rows that are left out for these reasons have no customer whose id could be masked.
_OF_NOBODY = frozenset(("no_customer", "total"))
_ROW, _REASON = "row", "reason"

# Ids in, codes out.
Mask = Callable[[Sequence[str]], list[str]]


def rejected_frame(table: pa.Table, choice: TableChoice, mask: Mask, language: str) -> pd.DataFrame:
    """Rows that could not be used, with the line and the reason in words and the file's own column names.

    `table` has them as `events.quality.rejected` gives them, without personal data. Ids of customers become
    codes. A column of the file may bear any name, ours too.
    """
    customer = choice.one("customer")
    reasons = table[_REASON].to_pylist()
    columns: dict[int, list[Any]] = {}
    for place, name in enumerate(table.column_names):
        values = table[place].to_pylist()
        if place == table.column_names.index(_REASON):
            values = [text(f"brought.reason_{one}", language) if one in REASONS else one for one in values]
        elif name == customer and place > 1:
            values = _masked(values, [reason in _OF_NOBODY for reason in reasons], mask)
        columns[place] = values
    frame = pd.DataFrame(columns)
    ours = {_ROW: text("brought.column_line", language), _REASON: text("brought.column_reason", language)}
    frame.columns = [ours.get(n, n) if place < 2 else n for place, n in enumerate(table.column_names)]
    return frame


def typed_frame(table: pa.Table, zone: str, mask: Mask, language: str) -> pd.DataFrame:
    """Rows of a typed table with our columns in words, times as clocks in `zone` show them, ids as codes."""
    words = catalogue(language)
    frame = table.to_pandas()
    for name in frame.columns:
        if pa.types.is_timestamp(table.schema.field(name).type):
            moments = pd.to_datetime(frame[name], utc=True)
            frame[name] = moments.dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None)
    if "customer" in frame:
        ids = [None if one is None or one != one else one for one in frame["customer"]]
        frame["customer"] = _masked(ids, [False] * len(ids), mask)
    return frame.rename(columns={name: words.get(f"brought.table_{name}", name) for name in frame.columns})


def _masked(ids: Sequence[str | None], spared: Sequence[bool], mask: Mask) -> list[str | None]:
    """The ids as codes; what names nobody stays as it stands."""
    stay = [
        is_spared or one is None or one.strip().lower() in NO_CUSTOMER
        for one, is_spared in zip(ids, spared, strict=True)
    ]
    codes = iter(mask([str(one).strip() for one, stays in zip(ids, stay, strict=True) if not stays]))
    return [one if stays else next(codes) for one, stays in zip(ids, stay, strict=True)]


def show_stored(frame: pd.DataFrame, *, key: str) -> None:
    """The table on the screen; texts are cut, and two columns may have one name."""
    labels = {str(place): str(name) for place, name in enumerate(frame.columns)}
    shown = frame.set_axis(list(labels), axis="columns")
    texts = shown.select_dtypes(["object", "string"]).columns
    shown = shown.assign(**{name: shown[name].astype("string").str.slice(0, _LETTERS) for name in texts})
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        column_config={name: st.column_config.Column(label) for name, label in labels.items()},
        key=key,
    )
