"""Digits, dashes and signs that only look different: each as its plain ASCII twin, one for one."""

from __future__ import annotations

__all__ = ["folded"]

# Every twin is one character long, so that a place in the folded text is the same place in the text.
_TWINS = (
    {0xFF10 + digit: str(digit) for digit in range(10)}
    | dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u3161"), "-")
    | dict.fromkeys(map(ord, "\t\r\n\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")
    | {ord("＠"): "@", ord("．"): ".", ord("＋"): "+", ord("（"): "(", ord("）"): ")"}
)


def folded(text: str) -> str:
    """The text, as long as before, with full-width digits, dashes of all kinds and odd spaces made plain."""
    return text.translate(_TWINS)
