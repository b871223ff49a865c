"""How wide is a text before anybody draws it, and how much of it fits?"""

from __future__ import annotations

import unicodedata

__all__ = ["fit", "plain_line", "text_width", "wrapped"]

# The widest of Noto Sans KR, NanumGothic and Liberation Sans (as wide as Arial), in ems.
_CLASSES = {
    " ijlI|',.:;": 0.31,
    "{}()-[]ft": 0.38,
    "r/!": 0.43,
    '"szcxvyJ': 0.54,
    "·–<>?L_ekauo#$*0123456789`ghnbdpqFTZ": 0.62,
    "=+^~BEKPSVXY": 0.68,
    "&ACDHNRU": 0.74,
    "OQGw": 0.86,
    "mM\\": 0.97,
    "W@%": 1.09,
}
_EMS = {char: width for chars, width in _CLASSES.items() for char in chars}
_ELLIPSIS = "…"


def text_width(text: str, size: float) -> float:
    """Pixels that `text` takes at most at this font size, in a sans-serif face.

    Estimated on the safe side of the common faces: Hangul is 0.95 em, whatever is no common letter (Han,
    kana, emoji, signs) one em, marks that combine are nothing.
    """
    return sum(_em(char) for char in text) * size


def _em(char: str) -> float:
    if char in _EMS:
        return _EMS[char]
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0.0
    if "가" <= char <= "힣":
        return 0.95
    # Signs and rarer letters, which many faces draw as wide as a syllable.
    return 0.75 if "à" <= char <= "ÿ" and char not in "æ÷" else 1.0


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


def wrapped(text: str, size: float, width: float) -> list[str]:
    """`text` in lines that each fit `width` pixels, parted between words; a longer word is parted within."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        together = f"{line} {word}" if line else word
        if text_width(together, size) <= width:
            line = together
            continue
        if line:
            lines.append(line)
        while (n := _beginning(word, size, width)) < len(word):
            lines.append(word[:n])
            word = word[n:]
        line = word
    return [*lines, line] if line else lines


def _beginning(word: str, size: float, width: float) -> int:
    """How many characters of a word fit, one at least."""
    ems = 0.0
    for n, char in enumerate(word):
        ems += _em(char)
        if ems * size > width:
            return max(n, 1)
    return len(word)


def plain_line(text: str) -> str:
    """`text` on one line, without control characters; half a character becomes '\\ufffd'."""
    clean = "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" else " " if ord(c) < 32 or c == "\x7f" else c for c in text
    )
    return " ".join(clean.split())
