"""What personal data looks like inside a text, and what is shown of it instead.

Each shape is a regular expression of bounded parts, so that a text takes time in proportion to its length.
Registration numbers of businesses are public and no personal data; names and addresses have no shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from journey.events.lookalikes import folded

__all__ = ["KINDS", "PLAIN", "WORTH", "Seen", "column_kind", "is_card_number", "masked_text"]

KINDS = ("rrn", "email", "card", "phone", "licence", "account", "passport")

_NINE_DIGITS = re.compile(r"[0-9][0-9 ().+\-]{7,60}[0-9]")
_LONG_DIGITS = re.compile(r"[0-9][0-9 \-]{11,30}[0-9]")
_LOCAL = r"0-9A-Za-z._%+\-"
_LABEL = r"[0-9A-Za-z가-힣](?:[0-9A-Za-z가-힣-]{0,62})\."
# A shape that ends in letters of a file is the name of a picture: logo@2x.png.
_EMAIL = re.compile(
    rf"(?:(?<![{_LOCAL}])[{_LOCAL}]++|(?<![가-힣])[가-힣]++)@(?:{_LABEL}){{1,8}}"
    r"(?!(?:png|jpe?g|gif|svg|webp)(?![A-Za-z]))(?:[A-Za-z]{2,24}|한국|닷컴|닷넷)"
)
_CARD = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][-.,])"
    r"(?:[0-9]{4}([- ])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1?[0-9]{1,3})?"
    r"|3[0-9]{3}([- ])[0-9]{6}\2[0-9]{4,5}|[0-9]{13,19})"
    r"(?![0-9A-Za-z])(?![-.,][0-9])"
)
# The first digits of the networks, and how many follow.
_NETWORK = re.compile(
    r"4[0-9]{15}|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}|9[0-9]{15}|3[47][0-9]{13}"
    r"|35[0-9]{14}|3(?:0[0-5]|[689][0-9])[0-9]{11}|6(?:011|5[0-9]{2}|2[0-9]{2})[0-9]{12}"
)
_BEFORE = r"(?:(?<![0-9A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=[Hh][Pp]))(?<![0-9][-.])"
_AFTER = r"(?![0-9A-Za-z])(?![-.][0-9])"
_AREA = r"(?:2|[3-6][1-5]|70|50[2-8]?|1[016789])"
_SEP = r"[-. ]{1,2}"
_PHONES = (
    rf"(?:\(?0{_AREA}(?:{_SEP}|\) ?)[0-9]{{3,4}}{_SEP}[0-9]{{4}}"
    r"|(?:010|070)[1-9][0-9]{7}"
    rf"|(?:\+|00)?82(?:{_SEP})?(?:\(0\))?0?{_AREA}(?:{_SEP})[0-9]{{3,4}}(?:{_SEP})[0-9]{{4}}"
    r"|\+82 ?0?(?:1[016789][0-9]{7,8}|70[0-9]{8}|(?:2|[3-6][1-5])[0-9]{7,8})"
    r"|\+[1-9][0-9]{9,14}"
    rf"|\+[1-9][0-9]{{0,2}}(?:{_SEP}|(?:{_SEP})?\()[0-9]{{2,4}}(?:{_SEP}|\){_SEP}?)"
    rf"[0-9]{{3,4}}(?:{_SEP})[0-9]{{2,4}})"
)
_PHONE = re.compile(rf"{_BEFORE}{_PHONES}{_AFTER}")
_LICENCES = r"(?:1[1-9]|2[0-8])[- ][0-9]{2}[- ][0-9]{6}[- ][0-9]{2}"
_LICENCE = re.compile(rf"(?<![0-9])(?<![0-9]-){_LICENCES}(?![0-9])(?!-[0-9])")
_BANKS = "계좌|은행|뱅크|농협|신협|우체국|새마을금고|입금|송금|account|iban"
_ACCOUNT = re.compile(
    rf"(?:{_BANKS})[^0-9]{{0,20}}"
    r"(?P<it>[0-9]{1,6}-[0-9]{2,6}-[0-9]{2,8}(?:-[0-9]{1,3})?|[0-9]{10,14})(?![0-9]|[-.,][0-9]| ?원)",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?:여권|passport)[^0-9]{0,20}?(?<![A-Z])(?P<it>[MSRODG](?:[0-9]{8}|[0-9]{3}[A-Z][0-9]{4}))(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# For RE2, which has no look-around: what a text must hold one of to be worth a closer look. One pattern of
# all would be too large for it to be quick. Digits beside a sign that is not ASCII may be any shape, folded.
WORTH = (
    "[@＠０-９]",
    r"[0-9][^ -~]{1,2}[(0-9]|＋.*[0-9]",
    _PHONES,
    _LICENCES,
    r"[0-9]{4}[- ][0-9]{4}[- ][0-9]{4}[- ][0-9]{4}|3[0-9]{3}[- ][0-9]{6}[- ][0-9]{4}",
    "[0-9]{14,16}",
    rf"(?i)(?:{_BANKS}|여권|passport).*[0-9]",
)


# For RE2: whole cells that are one plain address or phone, and what masks them as `masked_text` does.
_HEAD = r"^(0(?:2|[3-6][1-5]|70|1[016789]))([-. ])"
PLAIN = (
    ("phone", rf"{_HEAD}[0-9]{{4}}([-. ])([0-9]{{4}})$", r"\1\2****\3\4"),
    ("phone", rf"{_HEAD}[0-9]{{3}}([-. ])([0-9]{{4}})$", r"\1\2***\3\4"),
    ("phone", r"^(010|070)[1-9][0-9]{3}([0-9]{4})$", r"\1****\2"),
    (
        "email",
        rf"^([{_LOCAL}])[{_LOCAL}]+@(?:[0-9A-Za-z][0-9A-Za-z-]*\.)+(com|net|org|kr|jp|io|edu)$",
        r"\1***@***.\2",
    ),
)


class Seen(NamedTuple):
    """A masked text, the kinds found in it, and whether the text was nothing else."""

    text: str
    kinds: tuple[str, ...]
    whole: bool


def masked_text(text: str, of: str = "") -> Seen:
    """The text with all personal data in it masked (but 주민등록번호), and what was found.

    `of` is what the name of its column says that each cell is (see `column_kind`). A masked text comes back
    as it is: what one round leaves is looked at again until nothing is found.
    """
    found: list[str] = []
    whole = False
    while True:
        length = len(text.strip())
        text, masked = _once(text, of)
        if not masked:
            return Seen(text, tuple(dict.fromkeys(found)), whole)
        found += [kind for kind, _ in masked]
        whole = whole or any(size == length for _, size in masked)


def column_kind(name: str) -> str:
    """The kind that the name of a column promises of each cell: "휴대폰 번호" is a phone; "" for most."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    plain = _TAIL.sub("", re.sub(r"[\s_\-.()]+", "", plain))
    return next((kind for kind, pattern in _NAMES.items() if pattern.search(plain)), "")


_TAIL = re.compile(r"[0-9]+$")
_NAMES = {
    "phone": re.compile(
        r"(전화|휴대폰|핸드폰|휴대전화|연락처|팩스)(번호)?$|(phone|mobile|tel|telephone|cell|cellphone|fax)(no|num|number)?$"
    ),
    "account": re.compile(r"계좌(번호|no)?$|(bank)?account(no|num|number)$|bankaccount$|iban$"),
    "card": re.compile(r"카드번호$|card(no|num|number)$"),
    "licence": re.compile(r"면허(번호)?$|drivinglicen[cs]e|driverslicen[cs]e|licen[cs]e(no|num|number)$"),
    "passport": re.compile(r"여권(번호)?$|passport(no|num|number)?$"),
}
# Whole cells of a column whose name says what they are.
_PROMISED = {
    "phone": re.compile(r"\+?[0-9][0-9 ()\-]{6,18}[0-9]"),
    "account": re.compile(
        r"[0-9][0-9\- ]{7,20}[0-9]|[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?"
    ),
    "card": re.compile(r"[0-9][0-9\- ]{11,22}[0-9]"),
    "licence": re.compile(r"[0-9가-힣][0-9가-힣\- ]{8,16}[0-9]"),
    "passport": re.compile(r"[A-Za-z]{1,2}(?:[0-9]{7,8}|[0-9]{3}[A-Za-z][0-9]{4})"),
}
_FEWEST = {"phone": 9, "account": 9, "card": 13, "licence": 10, "passport": 7}
_SHOWN = {"phone": 4, "account": 3, "card": 4, "licence": 2, "passport": 2}


def _once(text: str, of: str) -> tuple[str, list[tuple[str, int]]]:
    """The text after one round, and the kind and length of each thing masked."""
    masked: list[tuple[str, int]] = []
    plain = text if text.isascii() and text.isprintable() else folded(text)
    for shape in _SHAPES:
        if not shape.worth(plain):
            continue
        spans = [found.span(shape.group) for found in shape.pattern.finditer(plain) if shape.is_one(found)]
        shown = [shape.mask(plain[start:end]) for start, end in spans]
        text, plain = _with(text, spans, shown), _with(plain, spans, shown)
        masked += [(shape.kind, end - start) for start, end in spans]
    bare = plain.strip()
    if of and _PROMISED[of].fullmatch(bare) and sum(map(str.isdigit, bare)) >= _FEWEST[of]:
        masked.append((of, len(bare)))
        text = plain.replace(bare, _tail_shown(bare, _SHOWN[of]))
    return text, masked


def _with(text: str, spans: Sequence[tuple[int, int]], shown: Sequence[str]) -> str:
    """The text with something else shown in these places; put together once, however many they are."""
    if not spans:
        return text
    pieces, place = [], 0
    for (start, end), new in zip(spans, shown, strict=True):
        pieces += [text[place:start], new]
        place = end
    return "".join([*pieces, text[place:]])


@dataclass(frozen=True)
class _Shape:
    kind: str
    pattern: re.Pattern[str]
    mask: Callable[[str], str]
    worth: Callable[[str], bool]
    is_one: Callable[[re.Match[str]], bool] = lambda found: True
    group: int | str = 0


def _email_mask(text: str) -> str:
    local, _, domain = text.partition("@")
    head = local[0] if len(local) > 1 else ""
    return f"{head}***@***.{domain.rpartition('.')[2]}"


def _tail_shown(text: str, shown: int) -> str:
    """Only the last digits; letters go too, signs between stay."""
    return _covered(text, 0, shown)


def _covered(text: str, head: int, tail: int) -> str:
    places = [place for place, char in enumerate(text) if char.isalnum()]
    hidden = set(places[head : len(places) - tail])
    return "".join("*" if place in hidden else char for place, char in enumerate(text))


def _phone_mask(text: str) -> str:
    """010-****-5678: the prefix that thousands share, and the last four digits."""
    digits = "".join(filter(str.isdigit, text))
    national = re.sub(r"^(?:00)?82(?=0?[1-9])", "", digits)
    head = len(digits) - len(national)
    prefix = re.match(rf"0?{_AREA}", national)
    known = prefix.end() if prefix else 0
    return _covered(text, min(head + known, max(len(digits) - 7, 0)), 4)


def _is_card(found: re.Match[str]) -> bool:
    digits = re.sub("[^0-9]", "", found[0])
    if not _luhn(digits):
        return False
    grouped = len(digits) != len(found[0])
    return bool(_NETWORK.fullmatch(digits)) or (grouped and len(digits) >= 13 and digits[0] in "2345689")


def _is_account(found: re.Match[str]) -> bool:
    return sum(map(str.isdigit, found["it"])) >= 10


def is_card_number(digits: str) -> bool:
    """Are these digits, all in a row, a number of a card network?"""
    return _NETWORK.fullmatch(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _has_letters(text: str) -> bool:
    return not text.isascii() or text.lower() != text.upper()


def _has_digits(text: str) -> bool:
    return _NINE_DIGITS.search(text) is not None


_SHAPES: Sequence[_Shape] = (
    _Shape("email", _EMAIL, _email_mask, lambda text: "@" in text),
    _Shape(
        "card",
        _CARD,
        lambda text: _tail_shown(text, 4),
        lambda text: _LONG_DIGITS.search(text) is not None,
        _is_card,
    ),
    _Shape("phone", _PHONE, _phone_mask, _has_digits),
    _Shape("licence", _LICENCE, lambda text: _tail_shown(text, 2), _has_digits),
    _Shape("account", _ACCOUNT, lambda text: _tail_shown(text, 3), _has_digits, _is_account, "it"),
    _Shape("passport", _PASSPORT, lambda text: _tail_shown(text, 2), _has_letters, group="it"),
)
