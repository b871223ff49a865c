"""Which customers are alike? Groups by an attribute, of which each is compared on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["MOST_STRATA", "Strata", "pooled"]

MOST_STRATA = 50


@dataclass(frozen=True, eq=False)
class Strata:
    """The stratum of each unit, for each part of what is compared; one for all without an attribute.

    Rare values beyond the limit are one stratum, the last; `n_pooled` says how many they are.
    """

    of: tuple[np.ndarray, ...]
    n: int = 1
    n_pooled: int = 0


def pooled(codes: Sequence[np.ndarray], n_values: int) -> Strata:
    """Strata of the values of each part's units, 0 to `n_values` - 1; the frequent ones have their own."""
    counts = np.sum([np.bincount(each, minlength=n_values) for each in codes], axis=0)
    used = np.flatnonzero(counts)
    kept = np.sort(used[np.argsort(-counts[used], kind="stable")][: MOST_STRATA - 1])
    place = np.full(n_values, len(kept), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    n_pooled = len(used) - len(kept)
    return Strata(tuple(place.take(each) for each in codes), max(len(kept) + bool(n_pooled), 1), n_pooled)
