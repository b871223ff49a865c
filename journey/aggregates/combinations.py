"""In which groups is each customer at once?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["MOST_GROUPS", "combinations", "joint"]

# So many fit one small number a customer, and one picture.
MOST_GROUPS = 12


def combinations(flags: Sequence[np.ndarray], n_customers: int) -> np.ndarray:
    """How many customers are in exactly these groups and no other? One count for each set of groups.

    A set is a number: bit i stands for group i, and 0 for nobody's group. Counts of parts with disjoint
    customers add up. `flags` holds one flag a customer for each of at most MOST_GROUPS groups.
    """
    sets = np.zeros(n_customers, dtype=np.uint16)
    for place, flag in enumerate(flags):
        sets |= np.left_shift(flag.astype(np.uint16), place, dtype=np.uint16)
    return np.bincount(sets, minlength=1 << len(flags))


def joint(counts: np.ndarray, n_groups: int) -> np.ndarray:
    """Customers in both of two groups, whatever else they are in; on the diagonal those in the one group."""
    sets = np.arange(len(counts))
    inside = (sets[None, :] >> np.arange(n_groups)[:, None]) & 1
    found: np.ndarray = (inside * counts) @ inside.T
    return found
