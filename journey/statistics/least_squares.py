"""How does a number change with each of several things at once, and what share of it does each explain?"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy.stats import t as student

__all__ = ["MOST_SHARED", "LeastSquares", "least_squares", "shares_explained"]

MOST_SHARED = 10


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """A linear regression: one coefficient a column, with two standard errors.

    error    under one variance for all rows
    robust   HC3, which holds where the variance differs (J. G. MacKinnon and H. White 1985)
    p        two-sided, of Student's t with the robust error and `freedom` degrees
    """

    coefficient: np.ndarray
    error: np.ndarray
    robust: np.ndarray
    p: np.ndarray
    freedom: int


def least_squares(x: np.ndarray, y: np.ndarray) -> LeastSquares:
    """Fit y to the columns of `x` as they are, by a QR decomposition.

    A constant must be one of the columns. Errors are NaN without more rows than columns. Raises ValueError
    for columns that depend on each other.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rows, columns = x.shape
    # Columns of one length: what differs by orders of magnitude is solved as exactly as what does not.
    length = np.sqrt((x * x).sum(axis=0))
    if rows < columns or np.any(length == 0):
        raise ValueError("columns that depend on each other")
    q, r = np.linalg.qr(x / length)
    if np.abs(np.diag(r)).min() < 1e-11:
        raise ValueError("columns that depend on each other")
    coefficient = np.linalg.solve(r, q.T @ y) / length
    freedom = rows - columns
    if freedom == 0:
        nothing = np.full(columns, np.nan)
        return LeastSquares(coefficient, nothing, nothing, nothing, 0)
    rest = y - x @ coefficient
    spread = np.linalg.inv(r) / length[:, None]
    error = np.sqrt((spread**2).sum(axis=1) * (rest @ rest) / freedom)
    leverage = (q * q).sum(axis=1)
    # A row that alone decides its own fit has no rest and says nothing of the variance.
    free = np.where(leverage < 1 - 1e-12, 1 - leverage, np.nan)
    pulled = (spread @ q.T) * np.nan_to_num(rest / free)
    robust = np.sqrt((pulled * pulled).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * student.sf(np.abs(coefficient / robust), freedom)
    return LeastSquares(coefficient, error, robust, p, freedom)


def shares_explained(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """What share of the variance of y each column explains, whatever the order of the columns.

    The mean of what a column adds to R squared over all orders (R. H. Lindeman, P. F. Merenda and R. Z. Gold
    1980; the Shapley value of the columns); they add up to the R squared of all. At most 10 columns, without
    a constant; `weight` is how often each row stands.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    columns = x.shape[1]
    if columns > MOST_SHARED:
        raise ValueError(f"columns <= {MOST_SHARED}")
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
    both = np.column_stack([x, y])
    centred = both - np.average(both, axis=0, weights=weight)
    spread = (centred * weight[:, None]).T @ centred
    scale = np.sqrt(np.diag(spread))
    # A column that does not vary explains nothing.
    scale[scale == 0] = np.inf
    related = spread / scale / scale[:, None]
    explained = np.zeros(1 << columns)
    for picked in range(1, 1 << columns):
        at = [column for column in range(columns) if picked >> column & 1]
        told, *_ = np.linalg.lstsq(related[np.ix_(at, at)], related[at, -1], rcond=1e-10)
        explained[picked] = related[at, -1] @ told
    found = np.zeros(columns)
    for picked in range(1 << columns):
        others = picked.bit_count()
        for column in range(columns):
            if not picked >> column & 1:
                orders = factorial(others) * factorial(columns - others - 1) / factorial(columns)
                found[column] += orders * (explained[picked | 1 << column] - explained[picked])
    return found
