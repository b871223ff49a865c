"""What are these bytes? Their kind, their encoding, and the mark that separates their fields."""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np

from journey.errors import EncodingUnknown, FileKindUnknown, SettingWrong

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "LONGEST_CELL",
    "SAMPLE_LINES",
    "Decoded",
    "decode",
    "delimiter_of",
    "is_clean",
    "kind_of",
    "sample_records",
]

DELIMITERS = (",", "\t", ";", "|")
# What a user may choose from; the others are never guessed, because they would fit wrongly and silently.
ENCODINGS = ("utf-8", "cp949", "utf-16", "cp1252", "shift_jis", "gb18030", "big5")
SAMPLE_LINES = 200
# Python's reader stops at 131,072 characters a cell by default; here the file's limit bounds a cell.
LONGEST_CELL = 2**31 - 1
# A sample must hold 200 lines of a wide table, and must not hold a whole file of one line.
_SAMPLE_CHARACTERS = 4 * 2**20

_TRIED = ("utf-8", "cp949", "utf-16")
_LONGEST_LINE = 1 << 16
_PIECE = 1 << 17

_MAGIC = (
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ", "XZ"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
)
_HTML = re.compile(
    rb"^\s*(<!--.{0,400}?-->\s*)*"
    rb"<(!doctype html|\?xml|html|head|body|meta|style|title|table|tr|div|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(r'^\s*(\{\s*"|\[\s*[\[{])')


def kind_of(data: bytes) -> str:
    """What the first bytes say: 'ZIP', 'OLE', 'PNG', ...; 'HTML'; 'binary'; or 'text'. Names are ignored.

    NUL bytes mean 'binary' unless they lie as in UTF-16.
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic) and not (magic == b"MZ" and _is_texty(data)):
            return kind
    if _HTML.match(_head(data)):
        return "HTML"
    if b"\0" in data and _utf16(data) is None:
        return "binary"
    return "text"


def _head(data: bytes) -> bytes:
    order = _utf16(data) if b"\0" in data[:512] else None
    head = data[:2048].decode(order, errors="ignore").encode() if order else data[:2048]
    return head.removeprefix(b"\xef\xbb\xbf")


def _is_texty(data: bytes) -> bool:
    # A header may begin with the letters MZ; a program has NUL bytes among its first.
    return b"\0" not in data[:4096]


def _utf16(data: bytes) -> str | None:
    """The byte order of UTF-16, from its mark or from where the NUL bytes of ASCII marks and digits lie."""
    if data.startswith(b"\xff\xfe") and not data.startswith(b"\xff\xfe\0\0"):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff"):
        return "utf-16-be"
    sample = data[: 2 * 4096]
    sample = sample[: len(sample) // 2 * 2]
    # Delimiters, digits and line ends have a NUL byte in UTF-16, Hangul mostly has none.
    if b"\0" not in sample:
        return None
    little, big = _familiar(sample, "<u2"), _familiar(sample, ">u2")
    if max(little, big) > 0.7 and abs(little - big) > 0.3:
        return "utf-16-le" if little > big else "utf-16-be"
    return None


def _familiar(sample: bytes, order: str) -> float:
    """The share of Hangul, ASCII and common marks among the characters, read in one byte order."""
    units = np.frombuffer(sample, order)
    ascii_ = ((units >= 0x20) & (units < 0x7F)) | (units == 9) | (units == 10) | (units == 13)
    hangul = ((units >= 0xAC00) & (units <= 0xD7A3)) | ((units >= 0x3131) & (units <= 0x318E))
    return float((ascii_ | hangul).mean()) if ascii_.any() else 0.0


@dataclass(frozen=True)
class Decoded:
    """Text as UTF-8 bytes, NFC, no zero-width marks; `replaced` characters were unreadable (see `row`)."""

    data: bytes
    encoding: str
    replaced: int = 0
    row: int = 0
    normalised: bool = False


_UNSEEN = "\u200b\u2060\ufeff\0"
_ZERO_WIDTH = dict.fromkeys(map(ord, _UNSEEN))
_NAMES = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "euc-kr": "cp949",
    "euc_kr": "cp949",
    "euckr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ms949": "cp949",
    "uhc": "cp949",
}


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Read bytes as text: byte order mark, UTF-16 by its NUL bytes, strict UTF-8, strict CP949; all of it.

    With an `encoding` that the user chose, what cannot be read becomes U+FFFD and is counted; without one,
    nothing is guessed: EncodingUnknown names the line (`row`, from 1) up to which one of them could be read.
    """
    if encoding is not None:
        return _chosen(data, encoding)
    if data.startswith(b"\xef\xbb\xbf"):
        return _strict(data[3:], "utf-8")
    order = _utf16(data)
    if order is not None:
        body = data[2:] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data
        return _forgiving(body, order)
    if data.isascii():
        return Decoded(data.replace(b"\0", b"") if b"\0" in data else data, "utf-8")
    if is_clean(data):
        return Decoded(data, "utf-8")
    try:
        text, name = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as problem:
        try:
            text, name = data.decode("cp949"), "cp949"
        except UnicodeDecodeError as other:
            tried = ["UTF-8", "UTF-16", "CP949"]
            name = "utf-8" if problem.start > other.start else "cp949"
            raise _unknown(data, name, max(problem.start, other.start), tried) from None
    return _cleaned(text, name, data)


def is_clean(data: bytes) -> bool:
    """Is this UTF-8 with nothing to put right? Looked at in pieces, which stay in the processor's cache.

    A piece ends with a line, and no letter is put together with a line end.
    """
    place = 0
    while place < len(data):
        cut = data.rfind(b"\n", place, place + _PIECE) + 1
        # A line longer than a piece: the rest is one piece.
        piece = data[place : cut or len(data)]
        place += len(piece)
        if b"\0" in piece:
            return False
        if piece.isascii():
            continue
        try:
            text = piece.decode("utf-8")
        except UnicodeDecodeError:
            return False
        if not unicodedata.is_normalized("NFC", text) or any(mark in text for mark in _UNSEEN):
            return False
    return True


def _unknown(data: bytes, name: str, place: int, tried: list[str]) -> EncodingUnknown:
    """Up to `place` the bytes were text in `name`: the error with encodings to choose from.

    Where letters were read by then the text may be damaged, and `name` is the first of them. Of the others
    those are offered in which the line can be read; nearly any bytes are text in some encoding.
    """
    begin = max(data.rfind(b"\n", 0, place) + 1, place - _LONGEST_LINE)
    end = data.find(b"\n", place, place + _LONGEST_LINE)
    line = data[begin : place + _LONGEST_LINE if end == -1 else end]
    offered = [] if data[:place].isascii() else [name]
    offered += [other for other in ENCODINGS if other not in _TRIED and _can_be(line, other)]
    row = data.count(b"\n", 0, place) + 1
    return EncodingUnknown(row=row, tried=tried, offered=[each.upper() for each in offered or [name]])


def _can_be(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, name: str) -> Decoded:
    if name == "utf-8" and is_clean(data):
        return Decoded(data, name)
    try:
        text = data.decode(name)
    except UnicodeDecodeError as problem:
        raise _unknown(data, name, problem.start, [name.upper()]) from None
    return _cleaned(text, name, data)


def _forgiving(data: bytes, name: str) -> Decoded:
    text = data.decode(name, errors="replace")
    replaced = text.count("\ufffd")
    row = text.count("\n", 0, text.index("\ufffd")) + 1 if replaced else 0
    done = _cleaned(text, name, None)
    return Decoded(done.data, name, replaced, row, done.normalised)


def _chosen(data: bytes, encoding: str) -> Decoded:
    name = _NAMES.get(encoding.lower(), encoding.lower())
    if name in ("utf-16", "utf16", "utf-16-le", "utf-16-be"):
        name = _utf16(data) or ("utf-16-be" if name.endswith("be") else "utf-16-le")
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        if data.startswith(mark) and name.startswith("utf"):
            data = data[len(mark) :]
            break
    if name == "utf-8" and is_clean(data):
        return Decoded(data, name)
    try:
        return _forgiving(data, name)
    # A name that is none; codecs such as idna, which are no encodings of files, may refuse on their own.
    except (LookupError, UnicodeError):
        raise SettingWrong(setting="encoding", value=encoding, allowed=", ".join(ENCODINGS)) from None


def _cleaned(text: str, name: str, original: bytes | None) -> Decoded:
    normalised = not unicodedata.is_normalized("NFC", text)
    if normalised:
        text = unicodedata.normalize("NFC", text)
    dirty = any(mark in text for mark in _UNSEEN)
    if dirty:
        text = text.translate(_ZERO_WIDTH)
    if original is not None and name == "utf-8" and not (dirty or normalised):
        return Decoded(original, name)
    return Decoded(text.encode("utf-8"), name, normalised=normalised)


def sample_records(text: bytes, delimiter: str, lines: int = SAMPLE_LINES) -> list[tuple[int, list[str]]]:
    """The first records with the number of the line each begins on; blank lines are no records."""
    head = text[:_SAMPLE_CHARACTERS].decode("utf-8", errors="ignore")
    rows = itertools.islice(io.StringIO(head, newline=""), lines)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(rows, delimiter=delimiter or "\x1f")
    records: list[tuple[int, list[str]]] = []
    begin = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return records
        if any(cell.strip() for cell in record):
            records.append((begin, record))
        begin = reader.line_num + 1


def delimiter_of(text: bytes) -> str:
    """The mark between fields: which of , tab ; | cuts the sampled lines most evenly? '' for one column.

    A mark that is missing from the first line loses against one that is there: a decimal comma is not a
    delimiter.
    """
    best: tuple[tuple[float, ...], str] | None = None
    for rank, mark in enumerate(DELIMITERS):
        records = sample_records(text, mark)
        widths = [len(record) for _, record in records]
        # The last record may have been cut by the end of the sample.
        if len(widths) >= SAMPLE_LINES // 2:
            widths = widths[:-1]
        if not widths:
            continue
        width, _ = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
        if width < 2:
            width, _ = max(
                Counter(w for w in widths if w > 1).items(), key=lambda i: (i[1], i[0]), default=(1, 0)
            )
        if width < 2:
            continue
        first = widths.index(width)
        body = widths[first:]
        even = sum(w == width for w in body) / len(body)
        preamble = first / len(widths)
        if (
            even < 0.5
            or (first and widths[0] == 1 and even < 0.9)
            or len(body) < min(len(widths), max(2, 0.4 * len(widths)))
        ):
            continue
        score = (round(even - preamble, 2), width, -rank)
        if best is None or _beats(score, best[0]):
            best = (score, mark)
    if best is not None:
        return best[1]
    head = text[:_SAMPLE_CHARACTERS]
    if _JSON.match(head[:200].decode("utf-8", errors="ignore")):
        raise FileKindUnknown(found="JSON")
    return _scattered(text) or ("," if b"," not in head else "")


def _scattered(text: bytes) -> str:
    """The mark that cuts the first line and most others, each into another number of fields; '' for none.

    Such a table is torn, and its reader says so; a column of sentences has a name that holds no mark.
    """
    cut = {mark: [len(cells) > 1 for _, cells in sample_records(text, mark)] for mark in DELIMITERS}
    torn = [mark for mark, rows in cut.items() if len(rows) > 1 and rows[0] and sum(rows) * 2 > len(rows)]
    return max(torn, key=lambda mark: sum(cut[mark]), default="")


def _beats(new: tuple[float, ...], old: tuple[float, ...]) -> bool:
    # Evenness decides when it differs by more than a few bad rows, then the number of fields.
    if abs(new[0] - old[0]) > 0.04:
        return new[0] > old[0]
    return new[1:] > old[1:]
