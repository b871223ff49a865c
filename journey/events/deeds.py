"""Which events are a purchase, a refund, a click or an impression? By their names, and by where money is."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from journey.events.log import EventLog
from journey.events.orders import ORDER_EVENTS

__all__ = ["Deeds", "deeds"]

# So many rows at once are looked at, which a processor's cache holds.
_BLOCK = 1 << 17


@dataclass(frozen=True)
class Deeds:
    """Names of events of a log by what they mean, each in code-point order; empty where there is none."""

    purchases: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    impressions: tuple[str, ...] = ()


def deeds(
    log: EventLog,
    *,
    purchases: Sequence[str] | None = None,
    clicks: Sequence[str] | None = None,
    impressions: Sequence[str] | None = None,
) -> Deeds:
    """What the names of a log's events say, unless they are given; given names that it lacks are left out.

    Where rows have amounts, only events that have some can be purchases: those of a file of orders before
    all others, else those whose name says so, else all. So nothing that stands in two files counts twice.
    Without amounts the names alone decide.
    """
    names = log.event_names
    paid = set(_paid(log))
    refunds = tuple(name for name in names if _says(name, "refunded", but=False))
    return Deeds(
        purchases=_known(names, purchases, _purchases(names, paid, refunds)),
        refunds=tuple(name for name in refunds if name in paid),
        clicks=_known(names, clicks, tuple(name for name in names if _says(name, "clicked"))),
        impressions=_known(
            names, impressions, tuple(name for name in names if _says(name, "shown", but=False))
        ),
    )


def _known(names: Sequence[str], given: Sequence[str] | None, guessed: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return guessed
    return tuple(name for name in names if name in set(given))


def _paid(log: EventLog) -> list[str]:
    """The events of which a row has an amount other than 0."""
    if log.amount is None:
        return []
    found = np.zeros(len(log.event_names), dtype=np.int64)
    for low in range(0, log.n_rows, _BLOCK):
        amount = log.amount[low : low + _BLOCK]
        rows = np.flatnonzero((amount != 0) & (amount == amount))
        found += np.bincount(log.event[low : low + _BLOCK].take(rows), minlength=len(found))
    return [log.event_names[code] for code in np.flatnonzero(found)]


def _purchases(names: Sequence[str], paid: set[str], refunds: Sequence[str]) -> tuple[str, ...]:
    own = [name for name in ORDER_EVENTS if name != "refund" and name in paid]
    if own:
        # Files of orders name all of theirs alike; one of them may hold no amount in this log.
        return tuple(name for name in names if name in ORDER_EVENTS and name != "refund")
    able = [name for name in names if name in paid] if paid else list(names)
    for word in ("bought", "maybe_bought"):
        found = tuple(name for name in able if name not in refunds and _says(name, word))
        if found:
            return found
    return tuple(name for name in able if name not in refunds) if paid else ()


def _says(name: str, word: str, *, but: bool = True) -> bool:
    """Is one of the words of the list in the name, as words of their own, and none that takes it back?"""
    tokens = _tokens(name)
    if but and any(_within(tokens, each) for each in _words()["undone"]):
        return False
    return any(_within(tokens, each) for each in _words()[word])


def _within(tokens: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    last = len(tokens) - len(wanted)
    if any(tokens[at : at + len(wanted)] == wanted for at in range(last + 1)):
        return True
    # Korean words are written together or apart: 결제완료, 결제 완료.
    whole, part = "".join(tokens), "".join(wanted)
    return not part.isascii() and part in whole


def _tokens(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", unicodedata.normalize("NFKC", name))
    return tuple(token for token in re.split(r"[\W_]+", spaced.casefold()) if token)


@cache
def _words() -> dict[str, tuple[tuple[str, ...], ...]]:
    written = resources.files("journey.events").joinpath("deed_words.json").read_text(encoding="utf-8")
    return {name: tuple(map(_tokens, words)) for name, words in json.loads(written).items()}
