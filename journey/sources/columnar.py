"""Columns that know their kinds -> columns of text, as the same table would stand in a CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import FileBroken, FileEmpty
from journey.findings import Finding
from journey.sources.limits import Limits
from journey.sources.progress import tell
from journey.sources.single_names import SingleNames

__all__ = ["Columns", "clean_texts", "dropped_note", "read_parquet"]

_BATCH = 1 << 16
_DEEPEST = 5
_JOIN = ", "
_INDEX = re.compile(r"__index_level_\d+__")
_MARKS = r"[\x{200B}\x{2060}\x{FEFF}\x00]"
_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True)
class Columns:
    """Columns of large strings, missing ones ''; `numeric` are the names of those that were numbers."""

    table: pa.Table
    numeric: frozenset[str] = frozenset()
    notes: tuple[Finding, ...] = ()
    encoding: str = ""
    rejected: int = 0
    rejected_rows: tuple[str, ...] = ()


def read_parquet(data: bytes, limits: Limits) -> Columns:
    """Read a Parquet file. Its own count of rows and columns is looked at before a single page is unpacked.

    The fields of a struct become columns `a.b`, the entries of a map or of a list of keys and values
    columns `a.key`; a list of plain values becomes one text. Other nested columns and bytes that are no
    text are left out with a note. Times are ISO, with the offset of their zone where they have one. Raises
    FileTooLarge over the limits, FileBroken where it is no whole Parquet file.
    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        limits.check("rows", file.metadata.num_rows)
        limits.check("columns", file.metadata.num_columns)
        if not file.metadata.num_rows:
            raise FileEmpty()
        return _as_text(file.iter_batches(_BATCH, use_threads=False), file.metadata.num_rows, limits)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError, EOFError):
        # What the reader says of a damaged file may quote from it.
        raise FileBroken(reason="parquet") from None


def _as_text(batches: Iterator[pa.RecordBatch], rows: int, limits: Limits) -> Columns:
    found: dict[str, list[pa.Array]] = {}
    dropped: dict[str, None] = {}
    done = 0
    for batch in batches:
        # A struct's field may be called as a column is: both stay.
        leaves, names = dict[str, pa.Array](), SingleNames()
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if not _INDEX.fullmatch(name):
                for leaf, array in _leaves(name, column, dropped, limits):
                    leaves[names.of(leaf)] = array
        limits.check("columns", len(found.keys() | leaves.keys()))
        for leaf, array in leaves.items():
            missing = [pa.nulls(done, array.type)] if done and leaf not in found else []
            found.setdefault(leaf, missing).append(array)
        for leaf in found.keys() - leaves.keys():
            found[leaf].append(pa.nulls(batch.num_rows, found[leaf][0].type))
        done += batch.num_rows
        tell("reading", done, rows)
    numeric = frozenset(name for name, arrays in found.items() if _is_number(arrays[0].type))
    texts = {}
    for name in list(found):
        # What is text now is no longer needed as what it was.
        texts[name] = clean_texts(pc.fill_null(_texts(pa.chunked_array(found.pop(name))), ""))
    if not texts or not done:
        raise FileEmpty()
    return Columns(pa.table(texts), numeric, (dropped_note(tuple(dropped)),) if dropped else ())


def dropped_note(names: Sequence[str]) -> Finding:
    """Say which columns hold nothing that a cell can show."""
    return Finding("sources.columns_dropped", {"n": len(names), "names": list(names[:5])})


# ---- from nested to plain --------------------------------------------------------------------------------


def _leaves(
    name: str, array: pa.Array, dropped: dict[str, None], limits: Limits, depth: int = 0
) -> Iterator[tuple[str, pa.Array]]:
    """The plain columns in a column; what has none is named in `dropped`."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if _is_plain(kind):
        yield name, array
    elif pa.types.is_struct(kind) and depth < _DEEPEST:
        for place, inner in enumerate(array.flatten()):
            yield from _leaves(f"{name}.{kind.field(place).name}", inner, dropped, limits, depth + 1)
    elif _is_pairs(kind):
        yield from _pairs(name, array, limits)
    elif _is_list(kind) and _is_plain(kind.value_type):
        yield name, _joined(array)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        text = _decoded(array)
        if text is None:
            dropped[name] = None
        else:
            yield name, text
    else:
        dropped[name] = None


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_plain(kind: pa.DataType) -> bool:
    return (
        _is_number(kind)
        or _is_text(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_time(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_duration(kind)
        or pa.types.is_null(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _is_pairs(kind: pa.DataType) -> bool:
    """A map, or a list of structs of a key and a value, as GA4 exports the parameters of an event."""
    if pa.types.is_map(kind):
        return _is_text(kind.key_type) and (_is_plain(kind.item_type) or pa.types.is_struct(kind.item_type))
    if not _is_list(kind) or not pa.types.is_struct(kind.value_type):
        return False
    names = {kind.value_type.field(i).name for i in range(kind.value_type.num_fields)}
    return names == {"key", "value"} and _is_text(kind.value_type.field("key").type)


def _owners(array: pa.Array) -> np.ndarray:
    """For each value in a column of lists the row that it belongs to."""
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return np.repeat(np.arange(len(array)), lengths)


def _pairs(name: str, array: pa.Array, limits: Limits) -> Iterator[tuple[str, pa.Array]]:
    if pa.types.is_map(array.type):
        array = array.cast(
            pa.list_(pa.struct([("key", array.type.key_type), ("value", array.type.item_type)]))
        )
    owners, pairs = _owners(array), pc.list_flatten(array)
    keys = pc.struct_field(pairs, "key")
    values = _one_text(pc.struct_field(pairs, "value"))
    distinct = [key for key in pc.unique(keys).to_pylist() if key is not None]
    limits.check("columns", len(distinct))
    for key in distinct:
        places = np.flatnonzero(pc.fill_null(pc.equal(keys, key), False).to_numpy(zero_copy_only=False))
        at = np.full(len(array), -1)
        at[owners[places]] = places
        yield f"{name}.{key}", pc.take(values, pa.array(at, mask=at < 0))


def _one_text(values: pa.Array) -> pa.Array:
    """The value of a pair as text; of a struct with a field for each kind, the one that is filled."""
    if not pa.types.is_struct(values.type):
        return _whole(_texts(pa.chunked_array([values])))
    filled = [
        _whole(_texts(pa.chunked_array([inner]))) for inner in values.flatten() if _is_plain(inner.type)
    ]
    return pc.coalesce(*filled) if filled else pa.nulls(len(values), pa.large_string())


def _joined(array: pa.Array) -> pa.Array:
    texts = pc.fill_null(_whole(_texts(pa.chunked_array([pc.list_flatten(array)]))), "")
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    lists = pa.LargeListArray.from_arrays(pa.array(ends, pa.int64()), texts)
    return pc.binary_join(lists, pa.scalar(_JOIN, pa.large_string()))


def _decoded(array: pa.Array) -> pa.Array | None:
    try:
        return array.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return None


def _whole(chunked: pa.ChunkedArray) -> pa.Array:
    whole = chunked.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


# ---- from values to text ---------------------------------------------------------------------------------


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Large strings; what is missing, or is no number, stays missing."""
    kind = column.type
    if pa.types.is_floating(kind):
        column = _floats(column)
    elif pa.types.is_decimal(kind):
        column = _decimals(column)
    elif pa.types.is_timestamp(kind):
        column = _moments(column)
    elif pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    elif _is_text(kind):
        return _valid(column)
    return column.cast(pa.large_string())


def _valid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        # A file may call text what is none.
        raw = column.cast(pa.large_binary()).to_pylist()
        texts = [None if value is None else value.decode("utf-8", "replace") for value in raw]
        return pa.chunked_array([texts], pa.large_string())


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A whole number without a point, and no number with an exponent: an id is told by its digits."""
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    # Compared as doubles: a limit of 2 ** 63 is exact there, in single precision too.
    whole = pc.and_(pc.equal(pc.trunc(column), column), pc.less(pc.abs(column), float(2**63)))
    numbers = pc.if_else(whole, column, pa.scalar(None, column.type)).cast(pa.int64()).cast(pa.large_string())
    if pc.all(whole).as_py() in (True, None):
        return numbers
    texts = column.cast(pa.large_string())
    if pc.any(pc.match_substring(texts, "e")).as_py():
        spelled = [_spelled(text) for text in texts.to_pylist()]
        texts = pa.chunked_array([spelled], pa.large_string())
    return pc.if_else(whole, numbers, texts)


def _spelled(text: str | None) -> str | None:
    return format(Decimal(text), "f") if text is not None and "e" in text else text


def _decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type.scale < 0:
        column = column.cast(pa.decimal256(76, 0))
    texts = column.cast(pa.large_string())
    if column.type.scale > 0 and pc.all(pc.match_substring_regex(texts, r"\.0+$")).as_py():
        texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    return texts


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """ISO text in the coarsest unit that loses nothing, in the column's own zone and with its offset."""
    zone, unit = column.type.tz, column.type.unit
    ticks = column.cast(pa.int64())
    for coarser in _UNITS[: _UNITS.index(unit)]:
        step = 1000 ** (_UNITS.index(unit) - _UNITS.index(coarser))
        if pc.all(pc.equal(pc.multiply(pc.divide(ticks, step), step), ticks)).as_py() in (True, None):
            column = column.cast(pa.timestamp(coarser, zone))
            break
    if zone is None:
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    try:
        texts = pc.strftime(column, format="%Y-%m-%d %H:%M:%S%z")
    except pa.ArrowInvalid:
        # A zone that this system does not know: the same moments, told in UTC.
        texts = pc.strftime(column.cast(pa.timestamp(column.type.unit, "UTC")), format="%Y-%m-%d %H:%M:%S%z")
    return pc.replace_substring_regex(texts, r"([+-]\d\d)(\d\d)$", r"\1:\2")


def clean_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as a text file would give it: NFC, without zero-width marks and NUL."""
    if pc.any(pc.match_substring_regex(column, _MARKS)).as_py():
        column = pc.replace_substring_regex(column, _MARKS, "")
    if pc.all(pc.string_is_ascii(column)).as_py():
        return column
    return pc.utf8_normalize(column, "NFC")
