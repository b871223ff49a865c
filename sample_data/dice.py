"""Chance for the generator: draws are made of uniform numbers, so no library's next version moves a file."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["Dice", "visit_moment"]

Item = TypeVar("Item")

# Visits by weekday (Monday first) and by hour: lunch and evening peaks, later and flatter at the weekend.
_WEEKDAYS = (1.12, 1.0, 0.98, 0.95, 0.86, 0.92, 1.17)
_WORKDAY_HOURS = (
    *(1.6, 0.8, 0.4, 0.3, 0.3, 0.5, 1.2, 2.6, 3.6, 3.8, 4.1, 4.6),
    *(6.9, 5.6, 4.4, 4.2, 4.0, 4.3, 5.0, 5.8, 7.4, 8.8, 8.6, 5.2),
)
_WEEKEND_HOURS = (
    *(2.6, 1.6, 0.9, 0.5, 0.4, 0.4, 0.7, 1.4, 2.6, 3.9, 5.2, 5.9),
    *(6.1, 6.2, 6.0, 5.8, 5.6, 5.5, 5.7, 6.2, 7.2, 7.9, 7.4, 4.6),
)


class Dice:
    """A seeded source of chance. Each customer has one: an effect planted on one moves nobody else."""

    def __init__(self, *seed: int) -> None:
        self._random = np.random.Generator(np.random.PCG64(list(seed))).random

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * float(self._random())

    def happens(self, chance: float) -> bool:
        return self.uniform() < chance

    def pick(self, items: Sequence[Item], weights: Sequence[float] | None = None) -> Item:
        if weights is None:
            return items[int(self.uniform() * len(items))]
        point = self.uniform() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            point -= weight
            if point < 0:
                return item
        return items[-1]

    def wait(self, mean: float) -> float:
        """An exponential waiting time."""
        return -mean * math.log(1.0 - self.uniform())

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self.uniform())


def visit_moment(dice: Dice, day: dt.date) -> dt.datetime:
    """A moment at which people do visit: on `day` or, when its weekday is a slow one, on a day after it."""
    while not dice.happens(_WEEKDAYS[day.weekday()] / max(_WEEKDAYS)):
        day += dt.timedelta(days=1)
    hours = _WEEKEND_HOURS if day.weekday() >= 5 else _WORKDAY_HOURS
    hour = dice.pick(range(24), hours)
    return dt.datetime(day.year, day.month, day.day, hour) + dt.timedelta(seconds=int(dice.uniform(0, 3600)))
