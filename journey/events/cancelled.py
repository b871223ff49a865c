"""Does the status of an order say that it came to nothing: cancelled, paid back or sent back?"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa

from journey.events.yes_words import yes_and_no

__all__ = ["cancelled_values"]


def cancelled_values(column: str, values: pa.LargeStringArray) -> np.ndarray:
    """One flag a value of the column: is an order of this status cancelled?

    One that is only asked for, refused or partial is not. Where the column itself is called so
    ("is_cancelled"), its values only say yes or no.
    """
    told = values.to_pylist()
    if _says_so(column):
        return np.array(
            [_says_so(one) or _plain(one) == "1" or yes_and_no().get(_plain(one)) == 1 for one in told], bool
        )
    return np.array([_says_so(one) for one in told], dtype=bool)


def _says_so(text: str) -> bool:
    words = _words()
    tokens = set(re.split(r"[^a-z]+", _plain(re.sub(r"([a-z])([A-Z])", r"\1 \2", text))))
    plain = _plain(text)

    def said(group: str) -> bool:
        return any(word in tokens if word.isascii() else word in plain for word in words[group])

    return said("cancelled") and not said("not_yet")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


@cache
def _words() -> dict[str, frozenset[str]]:
    file = resources.files("journey.events").joinpath("cancelled_words.json")
    return {group: frozenset(words) for group, words in json.loads(file.read_text(encoding="utf-8")).items()}
