"""A page of HTML, often named .xls -> its largest table as a grid of text, read by a child process."""

from __future__ import annotations

import re

from journey.errors import EncodingUnknown, FileKindUnknown, SettingWrong
from journey.sources import detect, workbook
from journey.sources.limits import Limits
from journey.sources.workbook import Book

__all__ = ["read_page"]

_LOOKED_AT = 4096
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml", re.IGNORECASE)


def read_page(data: bytes, encoding: str | None, limits: Limits) -> tuple[Book, detect.Decoded]:
    """The largest table of a page (most cells), and how its text was read.

    The page's own word on its encoding counts only where the text is neither UTF-8 nor CP949. Raises
    FileKindUnknown where there is no table, WorkbookWrong and FileTooLarge as for a workbook.
    """
    text = _decoded(data, encoding)
    book = workbook.read_book(text.data, "html", None, limits)
    if not book.sheets:
        raise FileKindUnknown(found="XML" if _XML.match(data) else "HTML")
    return book, text


def _decoded(data: bytes, encoding: str | None) -> detect.Decoded:
    try:
        return detect.decode(data, encoding)
    except EncodingUnknown as unknown:
        told = _CHARSET.search(data[:_LOOKED_AT])
        if told is None:
            raise
        try:
            return detect.decode(data, told[1].decode("ascii"))
        except SettingWrong:
            raise unknown from None
