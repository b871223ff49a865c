"""Tables that are kept with a project, as people may see them: in words, without names and ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.events.identity import NO_CUSTOMER
from journey.events.kinds import TableChoice
from journey.events.privacy import masked_frame
from journey.i18n import catalogue, text

__all__ = ["ROWS", "Mask", "rejected_frame", "show_stored", "typed_frame"]

# Rows of a preview.
ROWS = 20
_LETTERS = 500
# Rows that are left out for these reasons have no cell with an id that could be masked.
_OF_NOBODY = frozenset(("no_customer", "total", "fields"))
_HEAD = {"row": "brought.column_line", "reason": "brought.column_reason"}

# Ids in, codes out.
Mask = Callable[[Sequence[str]], list[str]]


def rejected_frame(
    table: pa.Table, choice: TableChoice, mask: Mask, language: str, *, torn: bool = True
) -> pd.DataFrame:
    """Rows that could not be used, with the line and the reason in words and the file's own column names.

    `table` has them as `events.quality.rejected` gives them, without personal data. Ids of customers become
    codes; in the text of a row that was `torn` they cannot be told, so that a screen can do without. A column
    of the file may bear any name, ours too.
    """
    names, reasons = table.column_names, table["reason"].to_pylist()
    customer = _place(choice.one("customer"), names)
    columns: dict[int, list[Any]] = {place: column.to_pylist() for place, column in enumerate(table.columns)}
    columns[1] = [text(f"quality.reason_{reason}", language) for reason in reasons]
    if not torn:
        pairs = zip(columns[2], reasons, strict=True)
        columns[2] = [None if reason == "fields" else cell for cell, reason in pairs]
    if customer is not None:
        columns[customer] = _masked(columns[customer], [one in _OF_NOBODY for one in reasons], mask)
    frame = pd.DataFrame(columns)
    # A row that was torn has no number; the numbers of the others stay whole.
    frame[0] = pd.array(columns[0], dtype="Int64")
    frame.columns = [*(text(key, language) for key in _HEAD.values()), *names[2:]]
    return frame


def _place(customer: str | None, names: Sequence[str]) -> int | None:
    """Where the column of customers stands; one of the file's own that bears our name is numbered."""
    if customer is None:
        return None
    own = [place for place, name in enumerate(names) if place > 1 and name == customer]
    numbered = [place for place, name in enumerate(names) if name.startswith(f"{customer}.")]
    return next(iter(own or (numbered if customer in _HEAD else [])), None)


def typed_frame(table: pa.Table, zone: str, mask: Mask, language: str) -> pd.DataFrame:
    """Rows of a typed table with our columns in words, times as clocks in `zone` show them, ids as codes.

    Personal data are masked even where their owner left them in the table. Columns in which nothing stands
    are left out: the file had none for them.
    """
    words = catalogue(language)
    filled = [name for name in table.column_names if table[name].null_count < table.num_rows]
    table = table.select(filled)
    frame = table.to_pandas()
    for name in frame.columns:
        if pa.types.is_timestamp(table.schema.field(name).type):
            moments = pd.to_datetime(frame[name], utc=True)
            frame[name] = moments.dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None)
    if "customer" in frame:
        ids = [None if one is None or one != one else one for one in frame["customer"]]
        frame["customer"] = _masked(ids, [False] * len(ids), mask)
    texts = [name for name in filled if name != "customer" and _is_text(table.schema.field(name).type)]
    frame = masked_frame(frame, texts)
    return frame.rename(columns={name: words.get(f"brought.table_{name}", name) for name in frame.columns})


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


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
