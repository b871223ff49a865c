"""Columns of text -> codes: the distinct texts in code-point order, and each row's position among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events import numbered

__all__ = ["Encoded", "as_texts", "encode"]


class Encoded(NamedTuple):
    """`codes` (int32, one a row) are positions in `values`, which ascend in code-point order; -1 is missing."""

    codes: np.ndarray
    values: pa.LargeStringArray


def encode(
    column: pd.Series | pa.Array | pa.ChunkedArray,
    *,
    tidy: Callable[[pa.LargeStringArray], pa.LargeStringArray] | None = None,
) -> Encoded:
    """Which distinct texts does a column hold, and which one is in each row?

    `tidy` gets the distinct texts, each once, and returns as many: texts that it makes equal share a code, and
    what it makes null is missing, as nulls and empty texts are. Whole numbers of a numeric column lose ".0".
    Ids that share a prefix and end in digits ("u000123", "C-7", "42") take a road without a hash table
    (`numbered`); the result is the same.
    """
    texts = as_texts(column)
    found = numbered.encode(texts)
    codes, values = _plain(texts) if found is None else _with_rest(texts, found)
    if tidy is not None:
        tidied = pc.cast(tidy(values), pa.large_string())
        if not tidied.equals(values):
            codes, values = _mapped(codes, *_plain(pa.chunked_array([tidied])))
    if len(values) and not values[0].as_py():
        codes, values = codes - (codes >= 0), values[1:]  # the empty text comes first, and is missing
    return Encoded(codes, values)


def as_texts(column: pd.Series | pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as Arrow text, without a copy where it already is; missing values are null."""
    if isinstance(column, pd.Series):
        if column.dtype.kind == "f" and not isinstance(column.dtype, pd.CategoricalDtype):
            column = _whole(column)
        if column.dtype.kind in "iub" or isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype("str")
        column = _arrow(column)
    chunks = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    return chunks if pa.types.is_large_string(chunks.type) else chunks.cast(pa.large_string())


def _whole(column: pd.Series) -> pd.Series:
    known = column[column.notna()]
    return column.astype("Int64").astype("str") if (known == known.round()).all() else column.astype("str")


def _arrow(column: pd.Series) -> Any:
    try:
        return pa.array(column.array, type=pa.large_string(), from_pandas=True)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        # A column of objects that are not all text.
        return pa.array(
            [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)],
            pa.large_string(),
        )


def _plain(texts: pa.ChunkedArray) -> Encoded:
    """Any texts at all, by a hash table."""
    codes, found = pd.factorize(pd.Series(pd.array(texts, dtype="str")))  # type: ignore[call-overload]
    return _sorted(codes, as_texts(pd.Series(found)).combine_chunks())


def _sorted(codes: np.ndarray, values: pa.LargeStringArray) -> Encoded:
    order = pc.sort_indices(values)  # UTF-8 bytes ascend as code points do
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    place[-1] = -1
    return Encoded(place[codes], values.take(order))


def _mapped(codes: np.ndarray, onto: np.ndarray, values: pa.LargeStringArray) -> Encoded:
    place = np.append(onto, np.int32(-1))
    used = np.zeros(len(values), dtype=bool)
    used[onto[onto >= 0]] = True
    return Encoded(place[codes], values)


def _with_rest(texts: pa.ChunkedArray, found: numbered.Numbered) -> Encoded:
    """The numbered ids, merged with the few rows that hold another text."""
    if not len(found.rest):
        return Encoded(found.codes, found.values)
    codes, others = _plain(texts.take(pa.array(found.rest)))
    base = len(found.values)
    found.codes[found.rest] = np.where(codes >= 0, codes + base, -1)
    return _sorted(found.codes, pa.concat_arrays([found.values, others]))
