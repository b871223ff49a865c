"""The paragraphs of a Word document, or the text of a plain file: what people write notes in."""

from __future__ import annotations

import io
import zipfile
import zlib

from journey.errors import ArchiveWrong, FileEmpty, FileKindUnknown, FileTooLarge
from journey.sources import detect

__all__ = ["MOST_BYTES", "is_document", "text_of"]

# Notes are written by people: a hundred hours of talk are a tenth of this.
MOST_BYTES = 16 * 2**20
_PART = "word/document.xml"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError)


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

    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(xml)
    except (ParseError, DefusedXmlException):
        raise ArchiveWrong(reason="damaged") from None
    lines = []
    for paragraph in root.iter(f"{_WORD}p"):
        pieces = []
        for part in paragraph.iter():
            if part.tag == f"{_WORD}t":
                pieces.append(part.text or "")
            elif part.tag in (f"{_WORD}br", f"{_WORD}cr"):
                pieces.append("\n")
            elif part.tag == f"{_WORD}tab":
                pieces.append("\t")
        lines.append("".join(pieces))
    return "\n".join(lines)
