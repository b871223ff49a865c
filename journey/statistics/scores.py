"""What do answers on a scale add up to, and how far could the true figure be from it?"""

from __future__ import annotations

import math

from scipy.special import ndtri

from journey.statistics.intervals import wilson

__all__ = ["csat", "nps"]


def nps(
    promoters: float, passives: float, detractors: float, level: float = 0.95
) -> tuple[float, float, float]:
    """Net promoter score (-100 to 100) with its interval; NaN without answers.

    Promoters answered 9-10, passives 7-8, detractors 0-6. The interval is the adjusted Wald one: three more
    answers, of which 3/4 are promoters and 3/4 detractors. Source: B. Rocks, Interval estimation for the net
    promoter score, The American Statistician 70 (2016) 365-372; chosen by MeasuringU as the best of five.
    """
    n = promoters + passives + detractors
    if not n:
        return math.nan, math.nan, math.nan
    more = n + 3
    high, low = (promoters + 0.75) / more, (detractors + 0.75) / more
    centre = high - low
    half = float(ndtri(0.5 + level / 2)) * math.sqrt((high + low - centre * centre) / more)
    score = (promoters - detractors) / n
    # Where everybody agrees the adjusted middle moves so far in that the score would lie outside.
    return (
        100 * score,
        100 * max(-1.0, min(centre - half, score)),
        100 * min(1.0, max(centre + half, score)),
    )


def csat(satisfied: float, n: float, level: float = 0.95) -> tuple[float, float, float]:
    """Share of answers in the two highest boxes, with Wilson's interval; NaN without answers."""
    low, high = wilson(satisfied, n, level)
    return (satisfied / n if n else math.nan), float(low), float(high)
