"""Yes and no, in the words of either language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["yes_and_no"]


@cache
def yes_and_no() -> Mapping[str, float]:
    """1 for each word that means yes and 0 for each that means no, in lower case."""
    file = resources.files("journey.events").joinpath("yes_words.json")
    words = json.loads(file.read_text(encoding="utf-8"))
    return {word: value for value, group in ((1.0, "yes"), (0.0, "no")) for word in words[group]}
