"""Bytes say what they are: kind, encoding, delimiter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import EncodingUnknown, FileKindUnknown, RowsRagged, SettingWrong
from journey.i18n import LANGUAGES, text
from journey.sources import detect
from journey.sources.detect import decode, delimiter_of, kind_of, sample_records
from journey.sources.files import read_table

TABLE = "고객ID,이벤트,일시\n001,방문,2024-03-05 12:00\n002,똠펲 구매,2024-03-06 13:00\n"
ENCODINGS = ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_same_frame_from_every_encoding(encoding):
    raw = read_table(TABLE.encode(encoding), "a.csv")
    assert list(raw.frame.columns) == ["고객ID", "이벤트", "일시"]
    assert raw.frame.to_dict("list") == {
        "고객ID": ["001", "002"],
        "이벤트": ["방문", "똠펲 구매"],
        "일시": ["2024-03-05 12:00", "2024-03-06 13:00"],
    }


def test_utf16_big_endian_with_mark():
    raw = read_table(b"\xfe\xff" + TABLE.encode("utf-16-be"), "a.csv")
    assert list(raw.frame.columns) == ["고객ID", "이벤트", "일시"]
    assert raw.encoding == "utf-16-be"


# CP949 holds the Hangul syllables and ASCII; the text is what people type, without marks of CSV itself.
WORDS = st.text(
    st.one_of(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), st.sampled_from("abcXYZ019 -_./()")),
    min_size=1,
    max_size=12,
).map(lambda word: "가" + word)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=20))
def test_encoding_round_trip(rows):
    text = "고객,이벤트,메모\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows)
    frames = [read_table(text.encode(encoding), "a.csv", header=1).frame for encoding in ENCODINGS]
    assert frames[0].to_numpy().tolist() == [list(row) for row in rows]
    assert all(frame.equals(frames[0]) for frame in frames)


def test_korean_letter_cut_by_a_sample_border_is_no_problem():
    body = "고객,이벤트\n" + "x,가나다라\n" * 20_000
    for shift in range(3):
        decoded = decode(("a" * shift + body).encode("cp949"))
        assert decoded.encoding == "cp949"
        assert decoded.data.decode().endswith("가나다라\n")


def test_broken_byte_names_its_line_and_the_user_may_replace_it():
    data = "이름,값\n가,1\n".encode() + b"\xff\xff,2\n" + "나,3\n".encode()
    with pytest.raises(EncodingUnknown) as caught:
        read_table(data, "a.csv")
    assert caught.value.values["row"] == 3
    raw = read_table(data, "a.csv", encoding="utf-8")
    assert raw.frame["이름"].tolist() == ["가", "��", "나"]
    note = next(note for note in raw.notes if note.code == "sources.characters_replaced")
    assert note.values == {"n": 2, "row": 3}


def test_encodings_to_choose_from_are_offered():
    with pytest.raises(EncodingUnknown) as caught:
        decode("name,n\ncaf\xe9,1\n".encode("cp1252"))
    assert caught.value.values["offered"] == ["CP1252"]
    # Korean text with a broken byte is still Korean text.
    for encoding, offered in (("utf-8", "UTF-8"), ("cp949", "CP949")):
        with pytest.raises(EncodingUnknown) as caught:
            decode("이름,값\n가나다,1\n".encode(encoding) + b"\xff\xff,2\n")
        assert (caught.value.values["offered"][0], caught.value.values["row"]) == (offered, 3)
        for language in LANGUAGES:
            assert offered in text(caught.value.key, language, **caught.value.values)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_marks_that_turn_or_widen_text_are_kept_as_they_are(encoding):
    cells = ["ＡＢＣ１２３", "a\u00a0b", "\u202egnp.exe"]
    if encoding == "cp949":
        cells = cells[:1]
    raw = read_table(
        ("이름\n" + "\n".join(f"{cell},가" for cell in cells)).encode(encoding), "a.csv", delimiter=""
    )
    assert raw.frame["이름"].tolist() == [f"{cell},가" for cell in cells]


def test_an_encoding_that_does_not_exist_is_refused():
    for encoding in ("klingon", "hex", "idna"):
        with pytest.raises(SettingWrong):
            read_table(b"a,b\n1," + b"\xff" * 99 + b"\n", "a.csv", encoding=encoding)


@pytest.mark.parametrize("delimiter", ["xx", '"', "\n", ",,"])
def test_a_delimiter_that_cannot_be_one_is_refused(delimiter):
    with pytest.raises(SettingWrong):
        read_table(b"a,b\n1,2\n", "a.csv", delimiter=delimiter)


def test_euc_kr_means_cp949():
    assert decode("똠방각하".encode("cp949"), "euc-kr").data.decode() == "똠방각하"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"MZ\x90\0\x03\0\0\0", "EXE"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "OLE"),
        (b"\x1f\x8b\x08\0", "GZIP"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"\xef\xbb\xbf<html><table>", "HTML"),
        (b"\n <!-- made by -->\n<meta charset=euc-kr><table>", "HTML"),
        ("\ufeff<table>".encode("utf-16-le"), "HTML"),
        (b"<customer>,event\n1,2\n", "text"),
        (b"a,b\n1,\0\0\0\n2,3\n", "binary"),
        (b"MZ,value\n1,2\n", "text"),
        (TABLE.encode("utf-16-le"), "text"),
        ("가나다라마바사\n".encode(), "text"),
    ],
)
def test_kind(data, kind):
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "data", [b"MZ\x90\0\x03\0", b"\x89PNG\r\n\x1a\n\0", b"%PDF-1.7\nabc", b"a,b\n1,\0\n"]
)
def test_what_is_no_table_is_refused_whatever_its_name(data):
    with pytest.raises(FileKindUnknown):
        read_table(data, "evil.csv")


def test_json_that_is_no_table_is_refused_by_name():
    with pytest.raises(FileKindUnknown) as caught:
        read_table(b'[["a"]]\n', "a.csv")
    assert caught.value.values["found"] == "JSON"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "lines",
    [
        ["id{0}event{0}time", "1{0}view{0}2024-03-05", "2{0}buy{0}2024-03-06"],
        ["id{0}memo{0}x", '1{0}"a{0}b, c; d|e"{0}2', '2{0}"two\nlines"{0}3'],
        ["보고서: 2024년 3월", "", "id{0}event{0}time", "1{0}view{0}a", "2{0}buy{0}b"],
    ],
)
def test_delimiter(mark, lines):
    assert delimiter_of("\n".join(lines).format(mark).encode()) == mark


def test_decimal_comma_is_no_delimiter():
    text = "id;price;weight\n" + "1;1,50;2,25\n" * 20
    assert delimiter_of(text.encode()) == ";"
    text = "id\tprice\tweight\n" + "1\t1,50\t2,25\n" * 20
    assert delimiter_of(text.encode()) == "\t"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize("widths", [[3, 4, 5, 6, 7, 8, 2], [9, 8, 7, 6, 5, 4, 3], [3, 2, 1, 5, 4, 7, 6]])
def test_rows_that_all_differ_are_a_torn_table_and_no_column(mark, widths):
    text = "\n".join(mark.join(f"x{n}" for n in range(width)) for width in widths).encode()
    assert delimiter_of(text) == mark
    with pytest.raises(RowsRagged):
        read_table(text, "a.csv")


def test_one_column():
    assert delimiter_of("이름\n가\n나\n".encode()) == ","
    raw = read_table("review\n좋아요, 아주\n그냥 그래요\n정말, 정말, 좋아요\n".encode(), "a.csv")
    assert raw.frame["review"].tolist() == ["좋아요, 아주", "그냥 그래요", "정말, 정말, 좋아요"]


def test_letters_in_parts_are_put_together_and_zero_width_marks_vanish():
    parts = unicodedata.normalize("NFD", "고객,이벤트\n가,방문\n")
    raw = read_table(("\u200b" + parts.replace("가", "가\u200b")).encode(), "mac.csv")
    assert list(raw.frame.columns) == ["고객", "이벤트"]
    assert raw.frame["고객"].tolist() == ["가"]
    assert "sources.text_normalised" in [note.code for note in raw.notes]


def test_half_a_character_in_utf16_is_replaced_and_counted():
    data = "a,b\n1,x\n2,".encode("utf-16-le") + b"\x00\xd8" + "z\n".encode("utf-16-le")
    raw = read_table(b"\xff\xfe" + data, "a.csv")
    assert "\ufffd" in raw.frame["b"].iloc[1]
    assert any(note.code == "sources.characters_replaced" for note in raw.notes)
    raw.frame["b"].iloc[1].encode()


def test_records_know_the_line_they_begin_on():
    records = sample_records(b'a,b\n"x\ny",1\n\n2,3\n', ",")
    assert records == [(1, ["a", "b"]), (2, ["x\ny", "1"]), (5, ["2", "3"])]


SCRAPS = st.text(st.sampled_from("e가\u0301\u1100\u1161\u11a8\u200b\ufeff\0\n\rA1,\U0001f600"), max_size=30)


@given(SCRAPS, st.integers(1, 9))
def test_text_is_as_clean_in_pieces_as_in_one(text, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detect, "_PIECE", piece)
        clean = unicodedata.is_normalized("NFC", text) and not any(mark in text for mark in "\u200b\ufeff\0")
        assert detect.is_clean(text.encode()) == clean


@given(st.binary(max_size=12) | SCRAPS.map(lambda text: text.encode()[1:]), st.integers(1, 9))
def test_bytes_that_are_no_text_are_never_clean(data, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detect, "_PIECE", piece)
        if detect.is_clean(data):
            data.decode("utf-8")
