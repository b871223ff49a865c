"""How wide is a text before anybody draws it, and how much of it fits?"""

from __future__ import annotations

import unicodedata

__all__ = ["fit", "plain_line", "text_width"]

_NARROW = frozenset("iljftrI.,:;'|!()[] ·")
_WIDE = frozenset("mwMW@%—…→←")
_ELLIPSIS = "…"


def text_width(text: str, size: float) -> float:
    """Pixels that `text` takes at most at this font size, in a sans-serif face.

    Estimated on the safe side from the width classes of Unicode: a full-width character (Hangul, Han, kana,
    emoji) is one em, marks that combine are nothing. Measured faces are 3-15 % narrower.
    """
    return sum(_em(char) for char in text) * size


def _em(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in _NARROW:
        return 0.36
    if char in _WIDE or ord(char) > 0x2000:
        return 1.0
    if char.isupper():
        return 0.72
    return 0.6


def fit(text: str, size: float, width: float) -> str:
    """`text`, or as much of its beginning as fits `width` pixels with an ellipsis; '' when nothing would."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width(_ELLIPSIS, size)
    kept = ""
    for char in text:
        room -= _em(char) * size
        if room < 0:
            break
        kept += char
    return kept.rstrip() + _ELLIPSIS if kept.strip() else ""


def plain_line(text: str) -> str:
    """`text` on one line, fit for a screen: control characters and half characters become spaces or '\\ufffd'."""
    clean = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else " " if ord(c) < 32 or c == "\x7f" else c for c in text)
    return " ".join(clean.split())
