"""The paragraphs of a Word document, or the text of a plain file: what people write notes in."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from typing import Any

from journey.errors import ArchiveWrong, FileEmpty, FileKindUnknown, FileTooLarge
from journey.sources import detect

__all__ = ["MOST_BYTES", "is_document", "text_of"]

# Notes are written by people: a hundred hours of talk are a tenth of this.
MOST_BYTES = 16 * 2**20
_PART = "word/document.xml"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TEXT = f"{_WORD}p", f"{_WORD}t"
_GAPS = {f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}tab": "\t"}
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(ValueError, OverflowError, NotImplementedError),
)


def is_document(data: bytes) -> bool:
    """Is this a Word document?"""
    if not data.startswith(b"PK"):
        return False
    try:
        return _PART in zipfile.ZipFile(io.BytesIO(data)).namelist()
    except _DAMAGED:
        return False


def text_of(data: bytes) -> str:
    """The text, a line a paragraph; raises an Unreadable error that says why there is none."""
    if len(data) > MOST_BYTES:
        raise FileTooLarge(what="bytes", size=len(data), most=MOST_BYTES)
    if is_document(data):
        said = _paragraphs(_part(data))
    elif detect.kind_of(data[:4096]) != "text":
        raise FileKindUnknown(found=detect.kind_of(data[:4096]))
    else:
        said = detect.decode(data).data.decode("utf-8", errors="replace")
    if not said.strip():
        raise FileEmpty()
    return said


def _part(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)).open(_PART) as part:
            xml = part.read(MOST_BYTES + 1)
    except (*_DAMAGED, RuntimeError):
        raise ArchiveWrong(reason="damaged") from None
    if len(xml) > MOST_BYTES:
        raise FileTooLarge(what="unpacked", size=len(xml), most=MOST_BYTES)
    return xml


def _paragraphs(xml: bytes) -> str:
    """Each paragraph on a line of its own, line breaks in it too; nothing of what was deleted from it."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import XMLParser

    parser = XMLParser(target=_Lines())
    try:
        parser.feed(xml)
        lines: list[str] = parser.close()
    # An encoding that nobody knows is a LookupError, one that expat cannot read a ValueError.
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise ArchiveWrong(reason="damaged") from None
    return "\n".join(lines)


class _Lines:
    """Gathers paragraphs while a document is read: no tree of it is built, however deep it is.

    A paragraph inside another one, as text boxes have them, is a line of its own behind that one.
    """

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self.open: list[list[str]] = []
        self.is_text = False

    def start(self, tag: str, _attributes: Any) -> None:
        if tag == _PARAGRAPH:
            self.open.append([])
            self.lines.append(self.open[-1])
        elif self.open and tag in _GAPS:
            self.open[-1].append(_GAPS[tag])
        self.is_text = tag == _TEXT

    def end(self, tag: str) -> None:
        self.is_text = False
        if tag == _PARAGRAPH and self.open:
            self.open.pop()

    def data(self, words: str) -> None:
        if self.is_text and self.open:
            self.open[-1].append(words)

    def close(self) -> list[str]:
        return ["".join(pieces) for pieces in self.lines]
