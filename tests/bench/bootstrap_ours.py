"""Ours: resampled means of two arms, by groups of near values; and the plain way, by drawing rows."""

from __future__ import annotations

import sys

import numpy as np

from journey.statistics.bootstrap import resampled_difference, resampled_means
from tests.bench.measure import report, timed


def arms(rows: int) -> list[np.ndarray]:
    """Amounts of which one in twenty is above 0, log-normal."""
    draw = np.random.default_rng(7)
    return [np.exp(10 + 1.5 * draw.standard_normal(rows)) * (draw.random(rows) < 0.05) for _ in range(2)]


def plain_means(values: list[np.ndarray], resamples: int) -> np.ndarray:
    draw = np.random.default_rng(8)
    return np.array(
        [[one[draw.integers(0, len(one), len(one))].mean() for _ in range(resamples)] for one in values]
    )


def main(way: str, rows: int, resamples: int, repeats: int) -> None:
    values = arms(rows)

    def work() -> float:
        drawn = (
            resampled_means(values, resamples=resamples)
            if way == "groups"
            else plain_means(values, resamples)
        )
        return resampled_difference(drawn[1], drawn[0]).error

    cpu, wall, error = timed(work, repeats)
    report(cpu=cpu, wall=wall, error=error)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
