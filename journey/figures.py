"""One number of an answer: what it counts, over how many, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Figure", "Form"]

Form = Literal["share", "points", "count", "seconds", "amount", "score", "ratio"]


@dataclass(frozen=True)
class Figure:
    """A number with its name, so that screen, report, notebook and another day's answer mean the same one.

    code      a catalogue key: what is counted, with `values` in its holes; two figures are the same one when
              code and values are
    value     NaN where it cannot be said; a share is 0 to 1, and a difference of shares ("points") -1 to 1
    form      what kind of number it is
    n         over how many it is: customers, sessions, orders, answers
    low, high its 95 % interval, NaN where there is none
    """

    code: str
    value: float
    form: Form
    n: int = 0
    low: float = math.nan
    high: float = math.nan
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        return not (math.isnan(self.low) or math.isnan(self.high))

    def is_same_as(self, other: Figure) -> bool:
        """Do both count the same thing, whatever came out?"""
        return (self.code, self.form, dict(self.values)) == (other.code, other.form, dict(other.values))
