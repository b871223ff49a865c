"""Korean particles that follow the sound a word ends with."""

from __future__ import annotations

__all__ = ["with_josa"]

# How the last character is read aloud in Korean decides: does it close with a consonant, and is it ㄹ?
_DIGIT_ENDS = dict(zip("0123456789", ["ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""], strict=True))
_LETTER_ENDS = {"l": "ㄹ", "r": "ㄹ", "m": "ㅁ", "n": "ㄴ"}
_SIGN_ENDS = {"%": "", "원": "ㄴ"}


def _ending(word: str) -> str | None:
    """The closing consonant of the last sounded character: '' if none, None if nobody can tell."""
    for char in reversed(word.rstrip()):
        if "가" <= char <= "힣":
            last = (ord(char) - 0xAC00) % 28
            return "" if last == 0 else "ㄹ" if last == 8 else "x"
        if char in _DIGIT_ENDS:
            return _DIGIT_ENDS[char]
        if char in _SIGN_ENDS:
            return _SIGN_ENDS[char]
        if char.isascii() and char.isalpha():
            return _LETTER_ENDS.get(char.lower(), "")
        if char.isalpha():
            return None
    return None


def with_josa(word: str, pair: str) -> str:
    """`word` with the fitting one of a pair, consonant form first: 은/는, 이/가, 을/를, 으로/로.

    >>> with_josa("구매", "은/는"), with_josa("서울", "으로/로"), with_josa("3단", "을/를")
    ('구매는', '서울로', '3단을')
    """
    closed, open_ = pair.split("/")
    ending = _ending(word)
    if ending is None:
        return f"{word}{closed}({open_})"
    if closed.startswith("으") and ending == "ㄹ":
        return word + open_
    return word + (closed if ending else open_)
