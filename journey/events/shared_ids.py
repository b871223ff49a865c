"""How many customers of a file are in the others too, told before anything is cleaned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.identity import clean_ids
from journey.events.spellings import spelling
from journey.findings import Finding
from journey.sources.raw_table import as_text

__all__ = ["Shared", "distinct_ids", "shared_ids"]


@dataclass(frozen=True)
class Shared:
    """Of the distinct `customers` of a file `matched` are in at least one of the others.

    `hint` names the difference in spelling that keeps most of the others apart (see `spellings`).
    """

    customers: int
    matched: int
    hint: Finding | None = None

    @property
    def share(self) -> float:
        """Matched customers of all customers of the file; 0 without any."""
        return self.matched / self.customers if self.customers else 0.0


def distinct_ids(column: pd.Series) -> pa.LargeStringArray:
    """The customers of a column, each once, as they are cleaned for a log; nobody is left out."""
    # Distinct texts are few where rows are many; cleaning can make two of them one.
    texts = pa.chunked_array([pc.unique(as_text(column)).cast(pa.large_string())])
    return pc.unique(clean_ids(texts)).drop_null()


def shared_ids(files: Sequence[pa.LargeStringArray]) -> list[Shared]:
    """For each file of distinct ids: how many of them any other file has."""
    return [_shared(ids, [*files[:place], *files[place + 1 :]]) for place, ids in enumerate(files)]


def _shared(ids: pa.LargeStringArray, others: Sequence[pa.LargeStringArray]) -> Shared:
    pool = pa.chunked_array(others, pa.large_string())
    matched = pc.sum(pc.is_in(ids, value_set=pool)).as_py() or 0
    return Shared(len(ids), matched, spelling(ids, pool, matched))
