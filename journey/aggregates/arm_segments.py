"""Does an arm do differently from segment to segment, and are the segments the same in all arms?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from journey.aggregates.arm_evidence import ArmEvidence, Segment
from journey.aggregates.arm_figures import ArmFigures, Contrast, arm_figures, contrast
from journey.aggregates.arm_tables import COLUMNS, empty
from journey.statistics.corrections import false_discovery
from journey.statistics.heterogeneity import heterogeneity, interaction
from journey.statistics.mix import mixed_difference

__all__ = ["Mix", "mixes", "segments_tables"]

_FEWEST_UNITS, _FEWEST_EXPECTED, _FEWEST_HITS = 30, 5, 100
# A mix of segments that differs between the arms more than one draw in a thousand does.
_UNLIKELY = 0.001


@dataclass(frozen=True)
class Mix:
    """One attribute whose values are not spread alike over an arm and the control.

    plain, adjusted  the difference of the primary metric, and the same with one mix in both
    p                that both were drawn from one mix
    """

    attribute: str
    arm: int
    plain: float
    adjusted: float
    p: float

    @property
    def flips(self) -> bool:
        return self.plain * self.adjusted < 0


def segments_tables(evidence: ArmEvidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The segments of the primary metric, and before them the question whether they differ at all."""
    if not evidence.segments or len(evidence.arms) < 2:
        return empty("segments"), empty("interactions")
    metric, alpha = evidence.metrics[0], evidence.plan.alpha
    rows: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    for name, segment in evidence.segments.items():
        figures = arm_figures(segment.sums, [metric], evidence.first)
        for code in range(1, len(evidence.arms)):
            arm = {
                "arm": evidence.arms[code].label,
                "arm_name": evidence.arms[code].name or evidence.arms[code].label,
            }
            found = contrast(figures, code, 0, metric.kind, 1 - alpha)
            told = _told(segment, figures, code)
            asked.append({"attribute": name, **arm, **_interaction(figures, code, found, told)})
            rows += _segment_rows(name, segment, figures, found, code, arm)
    interactions = pd.DataFrame(asked).reindex(columns=list(COLUMNS["interactions"]))
    interactions["q"] = false_discovery(interactions["p"])
    interactions["is_clear"] = interactions["q"] < alpha
    table = pd.DataFrame(rows)
    small = table.pop("is_small").to_numpy(dtype=bool)
    q = np.where(small, np.nan, table["p"])
    table["q"] = false_discovery(q)
    clear = table.merge(interactions[["attribute", "arm", "is_clear"]], on=["attribute", "arm"], how="left")
    sign = 1 if metric.better == "higher" else -1
    sure = (table["q"] < alpha) & ((table["low"] > 0) | (table["high"] < 0))
    table["state"] = np.select(
        [
            small | table["p"].isna(),
            ~clear["is_clear"].to_numpy(dtype=bool),
            sure & (sign * table["difference"] > 0),
            sure,
        ],
        ["small", "untested", "better", "worse"],
        "open",
    )
    return table[list(COLUMNS["segments"])], interactions


def mixes(evidence: ArmEvidence) -> list[Mix]:
    """The attributes whose mix differs between an arm and the control by more than chance."""
    found = []
    tests = max(len(evidence.segments) * (len(evidence.arms) - 1), 1)
    for name, segment in evidence.segments.items():
        figures = arm_figures(segment.sums, [evidence.metrics[0]], evidence.first)
        for code in range(1, len(evidence.arms)):
            p = _same_mix(segment.sums.n[:, [0, code], 0].astype(float))
            if not p * tests < _UNLIKELY:
                continue
            plain = evidence.figures.value[0, code, 0] - evidence.figures.value[0, 0, 0]
            found.append(Mix(name, code, float(plain), _adjusted(figures, code), p))
    return found


def _told(segment: Segment, figures: ArmFigures, code: int) -> np.ndarray:
    """The values in which the difference can be estimated well enough to ask whether it is the same."""
    one, control = figures.pair(code, 0)
    told = np.minimum(one.n, control.n) >= _FEWEST_UNITS
    if one.is_share:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (one.hits + control.hits) / (one.n + control.n)
            told &= np.minimum(share, 1 - share) * np.minimum(one.n, control.n) >= _FEWEST_EXPECTED
    return told


def _interaction(figures: ArmFigures, code: int, found: Contrast, told: np.ndarray) -> dict[str, Any]:
    """Is it one effect in all values that can be told? Shares by their odds, other metrics by differences."""
    one, control = figures.pair(code, 0)
    if one.is_share:
        hits = np.column_stack([control.hits, one.hits])[told]
        asked = interaction(hits, np.column_stack([control.n, one.n])[told])
    else:
        asked = heterogeneity(found.difference, np.where(told, found.error, np.nan))
    return {"statistic": float(asked.statistic), "freedom": int(asked.freedom), "p": float(asked.p)}


def _segment_rows(
    name: str, segment: Segment, figures: ArmFigures, found: Contrast, code: int, arm: dict[str, str]
) -> list[dict[str, Any]]:
    one, control = figures.pair(code, 0)
    small = np.minimum(one.n, control.n) < _FEWEST_UNITS
    if one.is_share:
        small |= one.hits + control.hits < _FEWEST_HITS
    return [
        {
            **{
                "attribute": name,
                "value": value,
                **arm,
                "n": int(one.n[at]),
                "n_control": int(control.n[at]),
            },
            **{"value_arm": float(one.value[at]), "value_control": float(control.value[at])},
            **{"difference": float(found.difference[at]), "low": float(found.low[at])},
            **{"high": float(found.high[at]), "p": float(found.p[at]), "is_small": bool(small[at])},
        }
        for at, value in enumerate(segment.values)
    ]


def _same_mix(counts: np.ndarray) -> float:
    """The p-value of Pearson's chi-square that both columns have one mix; values with too few go together."""
    counts = counts[counts.sum(axis=1) > 0]
    total = counts.sum()
    if not total or (counts.sum(axis=0) == 0).any():
        return float("nan")
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    few = expected.min(axis=1) < _FEWEST_EXPECTED
    counts = np.vstack([counts[~few], counts[few].sum(axis=0, keepdims=True)]) if few.any() else counts
    counts = counts[counts.sum(axis=1) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / total
    if len(counts) < 2:
        return float("nan")
    return float(chdtrc(len(counts) - 1, ((counts - expected) ** 2 / expected).sum()))


def _adjusted(figures: ArmFigures, code: int) -> float:
    """The difference with one mix in both: the weights of Mantel and Haenszel."""
    one, control = figures.pair(code, 0)
    if one.is_share:
        return float(mixed_difference(one.hits, one.n, control.hits, control.n)[0])
    both = (one.n > 0) & (control.n > 0)
    weight = (one.n * control.n)[both] / (one.n + control.n)[both]
    if not weight.sum():
        return float("nan")
    return float((weight * (one.value - control.value)[both]).sum() / weight.sum())
