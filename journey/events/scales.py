"""On which scale are these scores? By the name of the question and by the scores themselves."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from journey.events.cells import Cells
from journey.findings import Finding

__all__ = ["Scores", "is_recommending", "scale_of", "scores"]

# The scales by their highest score; the lowest is 1, or 0 where noted.
_TOPS = (5, 7, 10, 100)
# So many of the scores must lie on a scale; the others are slips.
_MOST = 0.97
# Numbers that stand for "no answer" beside scores up to ten.
_NO_ANSWER = (-99.0, -9.0, -1.0, 88.0, 98.0, 99.0, 888.0, 998.0, 999.0, 9999.0)
_RANGE = re.compile(r"(?<![a-z\d])(\d{1,2})\s*(?:[-~–∼〜]|to)\s*(\d{1,3})(?!\d)")


@dataclass(frozen=True, eq=False)
class Scores:
    """One score a row, NaN where there is none on the `scale` ("1-5", "0-10", ...; None: on no known one)."""

    values: np.ndarray
    scale: str | None


def scores(cells: Cells, column: str) -> Scores:
    """The scores of a column, in numbers or words; those off its scale count as missing and are noted.

    0 on a scale that begins with 1 is "not applicable".
    """
    values = cells.numbers_or_words(column, _answers())[0].values
    scale = scale_of(column, values)
    if scale is None:
        if not np.isnan(values).all():
            cells.notes.append(Finding("tables.scale_unknown", {"column": column}))
        return Scores(values, None)
    low, high = map(int, scale.split("-"))
    zero = (values == 0) & (low > 0)
    off = ((values < low) | (values > high)) & ~zero
    for code, rows in (("zeros_missing", zero), ("scores_off_scale", off)):
        if rows.any():
            told = {"column": column, "n": int(rows.sum()), "scale": scale}
            cells.notes.append(Finding(f"tables.{code}", told))
    return Scores(np.where(zero | off, np.nan, values), scale)


def scale_of(name: str, values: np.ndarray) -> str | None:
    """The scale of a question's scores, NaN being none.

    A range in the name ("만족도(1-7)") or a word for recommending (0-10) decides; else the smallest of 1-5,
    1-7, 0-10 or 1-10 (by whether there is a 0) and 0-100 that holds 97 % of the scores. Only 0 and 1 are
    0-1.
    """
    known = values[~np.isnan(values)]
    rest = known[~np.isin(known, _NO_ANSWER)]
    if len(rest) and rest.max() <= 10:
        known = rest
    if not len(known):
        return None
    plain = unicodedata.normalize("NFKC", name).casefold()
    told = _RANGE.search(plain)
    if told and int(told[1]) in (0, 1) and int(told[1]) < int(told[2]) <= 100:
        return _held(f"{int(told[1])}-{int(told[2])}", known)
    if is_recommending(name):
        scale = _held("0-10", known)
        if scale is not None and (known.max() > 5 or not (known > 0).all()):
            return scale
    if np.isin(known, (0.0, 1.0)).all():
        return "0-1" if (known == 0).any() else "1-5"
    for top in _TOPS:
        if ((known >= 0) & (known <= top)).mean() >= _MOST:
            zero = top == 100 or (top == 10 and (known == 0).any())
            return f"{0 if zero else 1}-{top}"
    return None


def is_recommending(name: str) -> bool:
    """Does a question ask whether one would recommend?"""
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = re.split(r"[\W_]+", plain)
    return any(word in words if word.isascii() else word in plain for word in _words()["recommending"])


def _held(scale: str, known: np.ndarray) -> str | None:
    """The scale, unless one in ten scores is off it: then the name means something else."""
    high = int(scale.split("-")[1])
    return scale if ((known >= 0) & (known <= high)).mean() >= 0.9 else None


@cache
def _answers() -> dict[str, float]:
    """Answers in words, on a scale of five."""
    return {word: float(score) for score, words in _words()["answers"].items() for word in words}


@cache
def _words() -> dict[str, Any]:
    file = resources.files("journey.events").joinpath("score_words.json")
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
