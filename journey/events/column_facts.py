"""What do the values of a column look like? Facts of a sample that is small enough to be taken at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.identity import NO_CUSTOMER
from journey.events.times import parse_times
from journey.sources.raw_table import as_text

__all__ = ["Facts", "Rows", "facts_of", "sampled_rows", "with_times"]

_MOST_ROWS = 20_000
_MOST_CELLS = 400_000
_FEWEST_ROWS = 200
_BLOCKS = 50
_MOST_CHARACTERS = 200
_LOOKED_AT = 1_000
_LOOKED_AT_WIDE = 50
_READ_AS_TIMES = 500
_FEW_VALUES = 24
# What cannot be a time at a glance is not read as one.
_TIME_LIKE = (
    r"^\s*(\d{1,4}\s*[-./\x{B144}]\s*\d{1,2}|\d{1,2}:\d\d|\d{5}(\.\d+)?$|\d{8,19}(\.\d+)?$"
    r"|[A-Za-z]{3,9}\.? \d{1,2}|\d{1,2}[ -][A-Za-z]{3})|\d\s*[\x{C77C}\x{C6D4}]|[\x{FF10}-\x{FF19}]"
)
_NUMERIC = r"^[-+\x{2212}\x{25B3}\x{25B2}(]?\s*[\x{20A9}$\x{20AC}]?\s*[\d,]*\.?\d+\s*[%\x{C6D0})]?$"
_WHOLE = r"^-?\d{1,4}(\.0+)?$"
_STAMP = r"^((19|20)\d{6}(\d{4}(\d\d)?)?|1\d{9}(\.\d+)?|1\d{12}|1\d{15}|1\d{18})$"
_SPACED = r"\S\s+\S+\s+\S"
_PATH = r"\S\s*(>|\x{2192})\s*\S"
_PERSONAL = r"^\S+@\S+\.\w+$|^(\+82[- ]?|0)1[016789][- .]?\d{3,4}[- .]?\d{4}$|^\d{6}-[1-8]\d{6}$"


@dataclass(frozen=True)
class Facts:
    """What the sampled rows of a column hold. Shares divide by the sampled rows, or by the filled ones.

    Of the rows: `filled`, and `named` (not a word for nobody). Of the filled rows: `times` read as times,
    `spaced` of three words or more, `numeric` (of those that do not say null or -), `whole` numbers of up to
    four digits, `stamped` numbers that look like a day or an epoch, `paths` ("a > b"), `personal` (e-mail,
    mobile, resident number). `years` says that the times lie between 1980 and 2100; before `with_times` was
    asked `times` is the share that looks like one. `length` is the mean number of characters (of 200 at
    most), `repeats` the rows per distinct value. `values` are the distinct values in lower case where they
    are few, else empty; `low` and `high` the ends of few whole numbers.
    """

    name: str
    rows: int
    filled: float = 0.0
    named: float = 0.0
    distinct: int = 0
    repeats: float = 0.0
    times: float = 0.0
    years: bool = False
    length: float = 0.0
    spaced: float = 0.0
    numeric: float = 0.0
    whole: float = 0.0
    stamped: float = 0.0
    paths: float = 0.0
    personal: float = 0.0
    values: frozenset[str] = frozenset()
    low: float | None = None
    high: float | None = None

    @property
    def is_unique(self) -> bool:
        """Every filled row has a value of its own, and there are enough of them to say so."""
        return self.distinct >= 10 and self.repeats < 1.02


@dataclass(frozen=True)
class Rows:
    """Which rows are looked at: blocks (first row, number of rows); the first one is half of the sample."""

    blocks: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        return sum(length for _, length in self.blocks)


def sampled_rows(rows: int, columns: int) -> Rows:
    """All rows of a small table; else the first ones and as many again in blocks spread over the others.

    At most 20,000 rows and, of a wide table, so few that it has 400,000 cells, but 200 rows.
    """
    most = max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_CELLS // max(1, columns)))
    if rows <= most:
        return Rows(((0, rows),))
    first = most // 2
    blocks = min(_BLOCKS, max(1, first // 10))
    length = (most - first) // blocks
    starts = np.linspace(first, rows - length, blocks).astype(int)
    return Rows(((0, first), *((int(start), length) for start in starts)))


def facts_of(column: pd.Series, name: str, rows: Rows) -> Facts:
    """The facts of one column, by its distinct values: what repeats is looked at once."""
    texts = _sample(column, rows)
    count = len(texts)
    if not count:
        return Facts(name, 0)
    tally = texts.value_counts()
    values, weights = tally.field("values"), tally.field("counts").to_numpy()
    trimmed = pc.utf8_trim_whitespace(values)
    filled = pc.not_equal(trimmed, "").to_numpy(zero_copy_only=False)
    full = int(weights[filled].sum())
    if not full:
        return Facts(name, count)
    lower = pc.utf8_lower(trimmed)
    nobody = _is_nobody(lower)
    distinct = int(filled.sum())
    looked = _spread(np.flatnonzero(filled), _LOOKED_AT_WIDE if rows.count <= _FEWEST_ROWS else _LOOKED_AT)
    some, weight = trimmed.take(pa.array(looked)), weights[looked]
    share = _shares(some, weight)
    silent = nobody[looked]
    said = 1 - int(weight[silent].sum()) / int(weight.sum())
    numeric = min(1.0, share(_NUMERIC) / said) if said > 0 else 0.0
    whole = share(_WHOLE) if numeric > 0.5 else 0.0
    few = distinct <= _FEW_VALUES
    low = high = None
    if few and whole > 0.98:
        numbers = [float(text) for text in some.to_pylist() if text.replace(".", "").isdecimal()]
        low, high = (min(numbers), max(numbers)) if numbers else (None, None)
    like = share(_TIME_LIKE)
    worded = numeric < 0.5
    return Facts(
        name=name,
        rows=count,
        filled=full / count,
        named=1 - float(weights[nobody].sum()) / count,
        distinct=distinct,
        repeats=max(full / distinct, _block_repeats(texts, rows, distinct)),
        times=like,
        years=like > 0.3,
        length=int((pc.utf8_length(some).to_numpy(zero_copy_only=False) * weight).sum()) / int(weight.sum()),
        spaced=share(_SPACED) if worded else 0.0,
        numeric=numeric,
        whole=whole,
        stamped=share(_STAMP) if numeric > 0.5 else 0.0,
        paths=share(_PATH) if worded else 0.0,
        personal=share(_PERSONAL),
        values=frozenset(pc.utf8_lower(some).to_pylist()) if few else frozenset(),
        low=low,
        high=high,
    )


def _sample(column: pd.Series, rows: Rows) -> pa.LargeStringArray:
    """The sampled cells, each cut to its first characters; missing ones are empty."""
    if not hasattr(column.array, "__arrow_array__"):
        column = column.iloc[np.concatenate([np.arange(at, at + n) for at, n in rows.blocks])].astype("str")
        rows = Rows(((0, len(column)),))
    whole = as_text(column)
    pieces = [chunk for at, n in rows.blocks for chunk in whole.slice(at, n).chunks]
    texts = pa.chunked_array(pieces, type=pa.large_string()).combine_chunks()
    texts = texts if isinstance(texts, pa.LargeStringArray) else pa.concat_arrays(texts.chunks)
    texts = pc.fill_null(texts, "") if texts.null_count else texts
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return pc.utf8_slice_codeunits(texts, 0, _MOST_CHARACTERS) if longest > _MOST_CHARACTERS else texts


def _block_repeats(texts: pa.LargeStringArray, rows: Rows, distinct: int) -> float:
    """Rows per distinct value in the first block: the events of a customer may stand together."""
    if len(rows.blocks) == 1 or distinct <= 1:
        return 0.0
    block = texts.slice(0, rows.blocks[0][1])
    if len(block) <= _FEWEST_ROWS:
        cells = [text for text in block.to_pylist() if text]
        return len(cells) / max(1, len(set(cells)))
    block = block.filter(pc.not_equal(block, ""))
    return len(block) / max(1, pc.count_distinct(block).as_py())


def with_times(facts: Facts, column: pd.Series, rows: Rows) -> Facts:
    """The facts with the share of the values that do read as times, and when their middle one is."""
    tally = _sample(column, rows).value_counts()
    values, weights = pc.utf8_trim_whitespace(tally.field("values")), tally.field("counts").to_numpy()
    filled = pc.not_equal(values, "").to_numpy(zero_copy_only=False)
    looked = _spread(np.flatnonzero(filled), _READ_AS_TIMES)
    if not len(looked):
        return facts
    texts, weight = values.take(pa.array(looked)), weights[looked]
    times = parse_times(pd.Series(texts.to_pandas()), zone="UTC").values
    read = ~np.isnat(times)
    if not read.any():
        return replace(facts, times=0.0, years=False)
    # Which of the values comes first must not matter.
    middle = np.sort(times[read])[int(read.sum()) // 2].astype("datetime64[Y]").astype(int)
    return replace(facts, times=int(weight[read].sum()) / int(weight.sum()), years=bool(10 <= middle <= 130))


def _spread(places: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the places, evenly spread."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(int)]


def _shares(texts: pa.LargeStringArray, weight: np.ndarray) -> Callable[[str], float]:
    """The weight of the texts that match a pattern; a few are matched without Arrow, which is faster."""
    few = texts.to_pylist() if len(texts) <= _LOOKED_AT_WIDE else None
    # Whole numbers add up to the same in any order.
    total = int(weight.sum())

    def share(pattern: str) -> float:
        if few is None:
            hit = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        else:
            search = _compiled(pattern).search
            hit = np.array([search(text) is not None for text in few])
        return int(weight[hit].sum()) / total

    return share


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    characters = re.sub(r"\\x\{(\w+)\}", lambda match: chr(int(match.group(1), 16)), pattern)
    return re.compile(characters, re.ASCII)


def _is_nobody(lower: pa.LargeStringArray) -> np.ndarray:
    """Which texts are words for nobody? Of a few Python knows it before Arrow has begun."""
    if len(lower) <= _FEWEST_ROWS:
        return np.array([text in NO_CUSTOMER for text in lower.to_pylist()], dtype=bool)
    return pc.is_in(lower, _nobody()).to_numpy(zero_copy_only=False)


@cache
def _nobody() -> pa.LargeStringArray:
    return pa.array(sorted(NO_CUSTOMER), pa.large_string())
