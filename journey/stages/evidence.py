"""How sure is what a map says: measured, partly, or assumed? Told by what is known, never typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from journey.figures import Figure
from journey.stages.board import NOTES, Card

__all__ = ["LEAST_MEASURED", "LEVELS", "Evidence", "of_card", "of_cell", "of_figure"]

Evidence = Literal["measured", "partly", "assumed", ""]
# From the surest to the least sure.
LEVELS: tuple[Evidence, ...] = ("measured", "partly", "assumed")

# So many a figure must be over, to be called measured.
LEAST_MEASURED = 30
# What a card may be bound to that is counted from the log now; a pinned answer is what was said once.
_COUNTED = ("stage", "event", "link", "friction", "segment")


def of_figure(figure: Figure | None) -> Evidence:
    """Measured where it is known and over LEAST_MEASURED or more, partly over fewer, "" where nothing is."""
    if figure is None or not figure.is_known or figure.n <= 0:
        return ""
    return "measured" if figure.n >= LEAST_MEASURED else "partly"


def of_card(card: Card, figure: Figure | None) -> Evidence:
    """Measured: bound to something whose figure is measured. Partly: bound to one over fewer, to a pinned
    answer, or out of an interview, a usability test, or an import with a quote. Else assumed."""
    if card.link.get("kind") in _COUNTED and (told := of_figure(figure)):
        return told
    if card.link.get("kind") == "answer" and figure is not None and figure.is_known:
        return "partly"
    source = card.source.get("kind")
    is_told = source in NOTES or (source == "import" and bool(card.source.get("quote")))
    return "partly" if is_told else "assumed"


def of_cell(cards: Iterable[Evidence]) -> Evidence:
    """Of a cell by its cards: measured or assumed where all of them are, else partly; "" without any."""
    found = {one for one in cards if one}
    return found.pop() if len(found) == 1 else "partly" if found else ""
