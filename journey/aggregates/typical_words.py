"""Which words do some customers use that the others do not?"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.events.log import EventLog
from journey.events.masking import masked_texts
from journey.events.other_tables import OtherTables

__all__ = ["Wording", "wording"]

# A word of fewer customers could tell who they are.
_FEWEST = 3
_WORD = re.compile(r"[^\W\d_]{2,20}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
# Laughter and tears in letters that are no syllables say nothing about anything.
_LETTERS = re.compile(r"[\u3131-\u318e]")


@dataclass(frozen=True, eq=False)
class Wording:
    """Who of the log's customers wrote which words: one entry for each customer and word.

    writers  positions of the customers who wrote anything
    """

    customer: np.ndarray
    word: np.ndarray
    words: tuple[str, ...]
    writers: np.ndarray

    def typical(self, chosen: np.ndarray, most: int = 6) -> pd.DataFrame:
        """The words that the chosen customers (one flag each) use most beyond the others.

        word, customers and of (chosen ones who wrote it, who wrote anything), others and of_others; those
        first whose log odds against the others lie most standard errors above 0 (add one half to each cell;
        Agresti, Categorical Data Analysis, 3.1), and only those that lie at least two. A word that fewer than
        3 of the chosen wrote is not told.
        """
        inside = chosen.take(self.customer)
        a = np.bincount(self.word[inside], minlength=len(self.words))
        b = np.bincount(self.word[~inside], minlength=len(self.words))
        of_a = int(chosen.take(self.writers).sum())
        of_b = len(self.writers) - of_a
        cells = [count + 0.5 for count in (a, of_a - a, b, of_b - b)]
        odds = np.log(cells[0] / cells[1]) - np.log(cells[2] / cells[3])
        z = odds / np.sqrt(sum(1 / cell for cell in cells))
        told = np.flatnonzero((a >= _FEWEST) & (z >= 2))
        told = told[np.lexsort((np.array(self.words, dtype=object)[told], -z[told]))][:most]
        return pd.DataFrame(
            {
                "word": pd.Series([self.words[at] for at in told], dtype="str"),
                "customers": a[told],
                "of": of_a,
                "others": b[told],
                "of_others": of_b,
            }
        )


def wording(log: EventLog, tables: OtherTables) -> Wording:
    """The words of survey comments and reviews by customers of the log, each once a customer.

    Personal data are masked first; words with digits, particles of Korean nouns and words that everybody uses
    are left out. Korean is cut at spaces and freed of its particles, no more: "배송이" and "배송은" are one
    word, "늦어요" and "늦었어요" are two.
    """
    ids = {id_: at for at, id_ in enumerate(log.customer_ids.to_pylist())}
    said: dict[int, Counter[str]] = {}
    for table, column in [
        *((one, "comment") for one in tables.comments),
        *((one, "text") for one in tables.reviews),
    ]:
        texts = masked_texts(pa.chunked_array(table.column(column).chunks, pa.large_string()), column)
        for id_, words in zip(table.column("customer").to_pylist(), texts.to_pylist(), strict=True):
            if words is not None and id_ in ids:
                said.setdefault(ids[id_], Counter()).update(set(_words(words)))
    known = sorted({word for found in said.values() for word in found})
    places = {word: at for at, word in enumerate(known)}
    pairs = [(who, places[word]) for who in sorted(said) for word in said[who]]
    who, word = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Wording(who, word, tuple(known), np.array(sorted(said), dtype=np.int64))


def _words(text: str) -> Iterator[str]:
    listed = _lists()
    for piece in text.split():
        if "***" in piece or any(char.isdigit() for char in piece):
            continue
        for word in _WORD.findall(piece.casefold()):
            if _LETTERS.search(word):
                continue
            bare = _bare(word) if _HANGUL.fullmatch(word) else word
            if len(bare) > 1 and bare not in listed["common"]:
                yield bare


def _bare(word: str) -> str:
    """A Korean word without the particle at its end, as long as two syllables are left."""
    for particle in _lists()["particles"]:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word.removesuffix(particle)
    return word


@cache
def _lists() -> Mapping[str, tuple[str, ...]]:
    written = resources.files("journey.aggregates").joinpath("common_words.json").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in json.loads(written).items()}
