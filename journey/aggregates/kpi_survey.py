"""How many answers to each question of a survey were good, middling or bad, over some days?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.kpi_groups import Window
from journey.errors import SettingWrong
from journey.events.scales import is_recommending

__all__ = ["BOXES", "SURVEY_KINDS", "Answers", "answers"]

# The kinds of cards that are about answers, and how these can be: from best to worst, as `Answers.boxes`.
SURVEY_KINDS = ("csat", "nps")
BOXES = ("high", "middle", "low")

# Lowest score of the highest boxes and of the middle ones, by scale.
_SATISFIED: Mapping[str, tuple[int, int]] = {"1-5": (4, 3), "1-7": (6, 4)}
_RECOMMENDING: Mapping[str, tuple[int, int]] = {"0-10": (9, 7)}
_MARK = 8


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers by the id of their card: kind ("csat" or "nps") and a mark made of the question.

    questions  the question of each card
    customer   who gave each; None where nobody knows
    box        2 high (promoters, satisfied), 1 middle, 0 low
    time       microseconds UTC; the smallest int64 where there is none
    undated    answers without a time, in surveys where others have one; they are in no window
    """

    questions: Mapping[str, str] = field(default_factory=dict)
    card: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=object))
    customer: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=object))
    box: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    time: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    undated: int = 0
    zone: str = "Asia/Seoul"

    def boxes(self, card: str, window: Window) -> tuple[int, int, int]:
        """How many answers of the days were high, middle and low; they add up over parts."""
        counts = np.bincount(self.box[self._inside(card, window)], minlength=3)
        return int(counts[2]), int(counts[1]), int(counts[0])

    def givers(self, card: str, window: Window, box: str) -> np.ndarray:
        """Who gave each of the answers of the days that are in this one of BOXES. Raises SettingWrong."""
        if box not in BOXES:
            raise SettingWrong(setting="box", value=box, allowed=", ".join(BOXES))
        found: np.ndarray = self.customer[self._inside(card, window) & (self.box == 2 - BOXES.index(box))]
        return found

    def _inside(self, card: str, window: Window) -> np.ndarray:
        low, high = window.span(self.zone)
        inside: np.ndarray = (self.card == card) & (self.time >= low) & (self.time < high)
        return inside


def answers(survey: pd.DataFrame | None, zone: str) -> Answers:
    """Answers of a table with time, question, score and scale; questions on other scales are left out.

    On 0-10 only a question about recommending is one of NPS; 1-5 and 1-7 are satisfaction (top two boxes).
    """
    if survey is None or survey.empty:
        return Answers(zone=zone)
    kinds: dict[tuple[str, str], str] = {}
    for question, scale in survey[["question", "scale"]].drop_duplicates().itertuples(index=False):
        if scale in _SATISFIED:
            kinds[question, scale] = "csat"
        elif scale in _RECOMMENDING and is_recommending(question):
            kinds[question, scale] = "nps"
    pairs = list(zip(survey["question"], survey["scale"], strict=True))
    known = np.array([pair in kinds for pair in pairs], dtype=bool)
    if not known.any():
        return Answers(zone=zone)
    used = survey[known]
    ids = {
        pair: f"{kind}.{hashlib.sha256(pair[0].encode()).hexdigest()[:_MARK]}" for pair, kind in kinds.items()
    }
    limits = np.array([{**_SATISFIED, **_RECOMMENDING}[scale] for scale in used["scale"]])
    score = used["score"].to_numpy(dtype=float)
    moments = pd.to_datetime(used["time"], utc=True)
    dated = moments.notna().to_numpy()
    time = np.full(len(used), np.iinfo(np.int64).min)
    time[dated] = moments[dated].dt.as_unit("us").astype("int64").to_numpy()
    return Answers(
        questions={id_: pair[0] for pair, id_ in ids.items()},
        card=np.array([ids[pair] for pair, one in zip(pairs, known, strict=True) if one], dtype=object),
        customer=used["customer"].astype(object).where(used["customer"].notna(), None).to_numpy(),
        box=(score >= limits[:, 0]).astype(np.int64) + (score >= limits[:, 1]),
        time=time,
        undated=int((~dated).sum()),
        zone=zone,
    )
