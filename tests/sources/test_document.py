"""Notes as people keep them: plain text in any encoding, and Word documents."""

from __future__ import annotations

import io
import zipfile

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


def test_a_document_is_read_in_one_pass_however_deep_it_is():
    deep = 30_000
    assert text_of(word("<w:p>" * deep + "<w:r><w:t>가</w:t></w:r>" + "</w:p>" * deep)).strip() == "가"
    box = "<w:p><w:r><w:t>밖</w:t></w:r><w:p><w:r><w:t>안</w:t></w:r></w:p></w:p>"
    assert text_of(word(box)) == "밖\n안"


@pytest.mark.parametrize("encoding", ["foo-99", "utf-7", "EUC-KR"])
def test_a_document_in_an_encoding_that_cannot_be_read_says_so(encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?><w:document xmlns:w="{WORD}"/>'
    with pytest.raises(ArchiveWrong):
        text_of(zipped({"word/document.xml": xml}))


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_document_with_broken_or_locked_parts_says_so(packing):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}">' + "<w:p/>" * 99)
    broken, locked = bytearray(out.getvalue()), bytearray(out.getvalue())
    for place in range(60, 80):
        broken[place] ^= 0xFF
    locked[6] |= 1
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    for data in (broken, locked):
        with pytest.raises(ArchiveWrong):
            text_of(bytes(data))
