"""Columns of text -> codes: the distinct texts in code-point order, and each row's position among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events import numbered
from journey.events.blocks import looked_up

__all__ = ["Encoded", "encode"]


class Encoded(NamedTuple):
    """`codes` (int32, one a row) are positions in `values`, ascending in code-point order; -1 is missing."""

    codes: np.ndarray
    values: pa.LargeStringArray


def encode(
    column: pd.Series | pa.ChunkedArray,
    *,
    tidy: Callable[[pa.LargeStringArray], pa.LargeStringArray] | None = None,
) -> Encoded:
    """Which distinct texts does a column hold, and which one is in each row?

    `tidy` gets the distinct texts, each once, and returns as many: texts that it makes equal share a code,
    and what it makes null is missing, as nulls and empty texts are. Whole numbers lose ".0".
    Ids that share a prefix and end in digits ("u000123", "C-7", "42") go without a hash table (`numbered`);
    what comes out is the same.
    """
    if isinstance(column, pd.Series) and column.dtype != "str":
        codes, values = _values(column)
    else:
        texts = column if isinstance(column, pa.ChunkedArray) else _texts(column)
        found = numbered.encode(texts)
        codes, values = _by_hash(texts) if found is None else _with_rest(texts, found)
    if tidy is not None:
        tidied = tidy(values)
        if not tidied.equals(values):
            codes, values = _mapped(codes, tidied)
    if len(values) and not values[0].as_py():
        # The empty text comes first in order, and is missing.
        codes, values = codes - (codes >= 0), values[1:]
    return Encoded(codes, values)


def _texts(column: pd.Series) -> pa.ChunkedArray:
    """The texts of a column, without a copy where they are Arrow's already; missing values are null."""
    texts = pa.array(column.array, type=pa.large_string(), from_pandas=True)
    return texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])


def _values(column: pd.Series) -> Encoded:
    """Values that are not text: each distinct one as text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, distinct = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, distinct = pd.factorize(column)
    whole = distinct.dtype.kind == "f" and all(float(value).is_integer() for value in distinct)
    texts = [str(int(value) if whole else value) for value in distinct]
    return _mapped(codes, pa.array(texts, pa.large_string()))


def _by_hash(texts: pa.ChunkedArray) -> Encoded:
    """Any texts at all."""
    codes, distinct = pd.factorize(pd.Series(pd.array(texts, dtype="str")))
    return _sorted(codes, _texts(pd.Series(distinct)).combine_chunks())


def _sorted(codes: np.ndarray, values: pa.LargeStringArray) -> Encoded:
    order = pc.sort_indices(values)  # UTF-8 bytes ascend as code points do
    place = np.full(len(order) + 1, -1, dtype=np.int32)
    place[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    return Encoded(looked_up(place, codes), values.take(order))


def _mapped(codes: np.ndarray, texts: pa.LargeStringArray) -> Encoded:
    """Codes into `texts`, which may repeat or be null, as codes into the distinct ones."""
    onto, values = _by_hash(pa.chunked_array([texts]))
    return Encoded(looked_up(np.append(onto, np.int32(-1)), codes), values)


def _with_rest(texts: pa.ChunkedArray, found: numbered.Numbered) -> Encoded:
    """The numbered ids, merged with the few rows that hold another text."""
    if not len(found.rest):
        return Encoded(found.codes, found.values)
    rest = np.zeros(len(texts), dtype=bool)
    rest[found.rest] = True
    codes, others = _by_hash(texts.filter(pa.array(rest)))
    found.codes[found.rest] = codes + len(found.values)
    return _sorted(found.codes, pa.concat_arrays([found.values, others]))
