"""Which event names does a search text mean, and is there a rule that takes just these?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from journey.stages.stage_map import Rule

__all__ = ["found", "rule_for"]


def found(event_names: Iterable[str], text: str) -> list[str]:
    """The names that hold the text, upper and lower case alike; with a star in it, those that fit it whole.

    An empty text finds nothing.

    >>> found(["/Cart", "/cart/add", "/pay"], "cart"), found(["/Cart", "/cart/add"], "/*/*")
    (['/Cart', '/cart/add'], ['/cart/add'])
    """
    wanted = _folded(text)
    if not wanted:
        return []
    if "*" not in wanted:
        return [name for name in event_names if wanted in _folded(name)]
    rule = Rule(wanted, "")
    return [name for name in event_names if rule.fits(_folded(name))]


def rule_for(event_names: Sequence[str], text: str) -> str | None:
    """The pattern that fits, to the letter, all that `found` finds and no other name; None when none does.

    Names in which the text is spelled in several ways (Cart, cart) have none.

    >>> rule_for(["/Cart/1", "/Cart/2", "/pay"], "cart")
    '*Cart*'
    """
    names = found(event_names, text)
    if not names:
        return None
    wanted = set(names)
    at = _folded(names[0]).find(_folded(text))
    spellings = [text, names[0][at : at + len(text)]] if at >= 0 else [text]
    for spelling in dict.fromkeys(spellings):
        rule = Rule(spelling if "*" in spelling else f"*{spelling}*", "")
        if {name for name in event_names if rule.fits(name)} == wanted:
            return rule.pattern
    return None


def _folded(text: str) -> str:
    """As the board in the browser compares: composed Hangul, lower case."""
    return unicodedata.normalize("NFC", text).lower()
