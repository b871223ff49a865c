"""Notes as people keep them: plain text in any encoding, and Word documents."""

from __future__ import annotations

import pytest

from journey.errors import ArchiveWrong, FileEmpty, FileKindUnknown, FileTooLarge
from journey.sources import document
from journey.sources.document import text_of
from tests.hostile import zipped

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(body, head=""):
    xml = f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": xml})


def test_a_paragraph_is_a_line_without_what_was_deleted():
    body = (
        "<w:p><w:r><w:t>P3: 배송비를</w:t></w:r><w:r><w:t xml:space='preserve'> 몰랐어요</w:t></w:r></w:p>"
        "<w:p><w:del><w:r><w:delText>지운 말</w:delText></w:r></w:del>"
        "<w:r><w:t>둘</w:t><w:br/><w:t>셋</w:t></w:r></w:p>"
    )
    assert text_of(word(body)) == "P3: 배송비를 몰랐어요\n둘\n셋"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_plain_text_in_any_encoding(encoding):
    assert text_of("느려요\n불편해요".encode(encoding)) == "느려요\n불편해요"


def test_what_cannot_be_read_says_why(monkeypatch):
    bomb = '<!DOCTYPE x [<!ENTITY a "가"><!ENTITY b "&a;&a;">]>'
    for damaged in (word("<w:p>"), word("<w:p>&b;</w:p>", bomb), word("<w:p/>")[:-30] + b"PK" * 9):
        with pytest.raises((ArchiveWrong, FileKindUnknown)):
            text_of(damaged)
    with pytest.raises(FileEmpty):
        text_of(b" \n ")
    with pytest.raises(FileKindUnknown):
        text_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 99)
    monkeypatch.setattr(document, "MOST_BYTES", 2_000)
    with pytest.raises(FileTooLarge):
        text_of("가".encode() * 2_000)
    with pytest.raises(FileTooLarge):
        text_of(word("<w:p/>" * 4_000))
