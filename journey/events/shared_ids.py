"""How many customers of a file are in the others too, told before anything is cleaned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.identity import clean_ids
from journey.sources.files import as_text

__all__ = ["Shared", "distinct_ids", "folded", "shared_ids"]


@dataclass(frozen=True)
class Shared:
    """Of the distinct `customers` of a file `matched` are in at least one of the others.

    `near` would be if only letters, digits and case counted and leading zeros did not.
    """

    customers: int
    matched: int
    near: int

    @property
    def share(self) -> float:
        """Matched customers of all customers of the file; 0 without any."""
        return self.matched / self.customers if self.customers else 0.0

    @property
    def near_share(self) -> float:
        """The same, with ids that only look different counted as one."""
        return self.near / self.customers if self.customers else 0.0


def distinct_ids(column: pd.Series) -> pa.LargeStringArray:
    """The customers of a column, each once, as they are cleaned for a log; nobody is left out."""
    # Distinct texts are few where rows are many; cleaning can make two of them one.
    texts = pa.chunked_array([pc.unique(as_text(column)).cast(pa.large_string())])
    return pc.unique(clean_ids(texts)).drop_null()


def folded(ids: pa.LargeStringArray) -> pa.LargeStringArray:
    """Ids without what exports change: case, marks between the letters, leading zeros, a trailing ".0"."""
    plain = pc.replace_substring_regex(pc.utf8_lower(ids), r"\.0+$", "")
    plain = pc.replace_substring_regex(plain, r"[^\p{L}\p{N}]+", "")
    return pc.replace_substring_regex(plain, r"^0+(.)", r"\1")


def shared_ids(files: Sequence[pa.LargeStringArray]) -> list[Shared]:
    """For each file of distinct ids: how many of them any other file has."""
    plain = [folded(ids) for ids in files]
    return [
        Shared(len(ids), _among(ids, files, place), _among(plain[place], plain, place))
        for place, ids in enumerate(files)
    ]


def _among(ids: pa.Array, files: Sequence[pa.Array], place: int) -> int:
    others = [other for at, other in enumerate(files) if at != place and len(other)]
    if not others or not len(ids):
        return 0
    known = pa.concat_arrays(others)
    return int(pc.sum(pc.is_in(ids, value_set=pc.unique(known))).as_py() or 0)
