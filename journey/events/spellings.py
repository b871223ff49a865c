"""Two files write one id in two ways: which difference keeps their customers apart?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.findings import Finding

__all__ = ["spelling"]

# A way of writing is named as the reason only where at least so much more of the ids would match.
_MORE = 0.05
_SAMPLE = 20_000

_Rewrite = Callable[[pa.Array], pa.Array]


def _without(pattern: str, instead: str = "") -> _Rewrite:
    return lambda texts: pc.replace_substring_regex(texts, pattern, instead)


_SPELLINGS: dict[str, _Rewrite] = {
    "case": pc.utf8_lower,
    "zeros": _without("^0+"),
    "point": _without(r"\.0+$"),
    "marks": _without(r"[\s\-_.()]+"),
    "phone": lambda texts: _without(r"^\+?82", "0")(_without(r"[\s\-_.()]+")(texts)),
}
_number = _without(r"^\D+")


def spelling(mine: pa.LargeStringArray, pool: pa.ChunkedArray, matched: int) -> Finding | None:
    """The way of writing that, made alike, lets most of `mine` match; None where none helps much.

    `matched` of them are in the `pool` as they stand. The finding's `share` divides by all of `mine`, of
    which a sample answers where they are many.
    """
    share = matched / max(1, len(mine))
    if not len(mine) or not len(pool) or share + _MORE > 1:
        return None
    if len(mine) > _SAMPLE:
        mine = mine.take(pa.array(np.linspace(0, len(mine) - 1, _SAMPLE).astype(np.int64)))
    best, most = None, share + _MORE
    for name, rewrite in _SPELLINGS.items():
        found = _shared(rewrite(mine), rewrite(pool))
        if found >= most:
            best, most = Finding(f"tables.match_{name}", {"share": found}), found + _MORE
    # "C-10" and "K-10" may be two; "C-10" and "10" hardly are.
    found = max(_shared(_number(mine), pool), _shared(mine, _number(pool)))
    return Finding("tables.match_letters", {"share": found}) if found >= most else best


def _shared(mine: pa.Array, pool: pa.ChunkedArray) -> float:
    there = pc.and_(pc.is_in(mine, value_set=pool), pc.greater(pc.utf8_length(mine), 0))
    return pc.mean(there.cast(pa.float64())).as_py() or 0.0
