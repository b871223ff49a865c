"""CSV files as people have them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.errors import FileEmpty, FileTooLarge, QuoteUnclosed, RowsRagged
from journey.sources.files import read_table
from journey.sources.limits import LIMITS, Limits
from journey.sources.raw_table import as_text


def read(text, **settings):
    return read_table(text.encode(), "a.csv", **settings)


def test_ids_and_words_stay_text():
    rows = ["00123,01012345678,06234,2103807459595387724,NA", "7,010,1,2,None", "8,1,2,3,-", "9,1,2,3,"]
    raw = read("\n".join(["id,phone,zip,long,name", *rows]))
    assert raw.frame["id"].tolist() == ["00123", "7", "8", "9"]
    assert raw.frame["phone"][0] == "01012345678"
    assert raw.frame["long"][0] == "2103807459595387724"
    assert raw.frame["name"].tolist() == ["NA", "None", "-", ""]
    assert not raw.frame.isna().to_numpy().any()


def test_columns_are_arrow_text():
    raw = read("a,b\n1,2\n")
    assert as_text(raw.frame["a"]).to_pylist() == ["1"]
    assert str(as_text(raw.frame["a"]).type) == "large_string"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n\n", b"\xef\xbb\xbf", b"a,b,c\n", b"a,b\n\n\n", b"a,b\n,\n,\n", b"\xff\xfe", b"   \r\n"],
)
def test_without_rows_there_is_no_table(data):
    with pytest.raises(FileEmpty):
        read_table(data, "a.csv")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    raw = read(end.join(["a,b", "1,x", "2,y", ""]))
    assert raw.frame.to_dict("list") == {"a": ["1", "2"], "b": ["x", "y"]}


def test_quotes_with_lines_and_doubled_quotes():
    raw = read('a,b\n1,"two\nlines"\n2,"say ""hi"", ok"\n3,5" pipe\n4,6" pipe\n')
    assert raw.frame["b"].tolist() == ["two\nlines", 'say "hi", ok', '5" pipe', '6" pipe']


def test_an_inch_sign_alone_is_no_open_quote():
    assert read('a,b\n1,5" pipe\n2,x\n').frame["b"].tolist() == ['5" pipe', "x"]


@pytest.mark.parametrize("line", [2, 3, 40])
def test_open_quote_names_its_line(line):
    rows = [f"{i},x" for i in range(2, 60)]
    rows[line - 2] = f'{line},"never closed'
    with pytest.raises(QuoteUnclosed) as caught:
        read("a,b\n" + "\n".join(rows) + "\n")
    assert caught.value.values == {"line": line}


def test_ragged_rows_are_counted_and_kept_apart():
    good = "".join(f"{i},x,y\n" for i in range(100))
    raw = read("a,b,c\n" + good + "1,2\n1,2,3,4\n")
    assert len(raw.frame) == 100
    assert raw.rejected == 2
    assert raw.rejected_rows == ("1,2", "1,2,3,4")
    assert raw.notes[0].values == {"n": 2}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_torn_rows_are_named_by_their_lines(end, last):
    lines = ["보고서", "", "a,b", *(f"{i},x" for i in range(160))]
    torn = {20: "1", 21: "1", 22: '"two",3,4', 40: "9,9,9"}
    for line, text in torn.items():
        lines[line - 1] = text
    if last:
        lines.append("1")
        torn[len(lines)] = "1"
    raw = read(end.join(lines) + ("" if last else end), limits=LIMITS)
    assert raw.rejected_lines == tuple(torn)
    assert raw.rejected_rows == tuple(torn.values())


@given(
    st.lists(
        st.one_of(
            st.just("1,2"),
            st.just('"a\nb",2'),
            st.just("11,2"),
            st.sampled_from(["1", "1,2,3", '"x,y"', "1,2,"]),
        ),
        max_size=12,
    )
)
def test_lines_of_torn_rows_are_where_the_rows_stand(rows):
    """A law: both readers name the line on which each torn row begins."""
    from journey.sources.delimited import _careful, _fast
    from journey.sources.headers import Header

    body = ("\n".join(['"x\ny",0', *rows]) + "\n").encode()
    line, torn = 3, []
    for row in rows:
        if row in ("1", "1,2,3", '"x,y"', "1,2,"):
            torn.append(line)
        line += 1 + row.count("\n")
    header = Header(0, 0, 0, ("a", "b"))
    fast = _fast(memoryview(body), ",", ["a", "b"], header, quoted=True)
    careful = _careful(body, ",", ["a", "b"], header)
    assert fast.bad_lines == careful.bad_lines == tuple(torn)


def test_many_torn_rows_among_many_that_look_alike_take_no_time():
    begin = time.process_time()
    raw = read("a,b\n" + "1,2\n" * 300_000 + "1\n" * 1_500)
    assert time.process_time() - begin < 5
    assert (raw.rejected, len(raw.rejected_rows)) == (1_500, 1_000)
    assert raw.rejected_lines[:2] == (300_002, 300_003)


def test_too_many_ragged_rows_are_an_error():
    good = "".join(f"{i},x,y\n" for i in range(100))
    with pytest.raises(RowsRagged) as caught:
        read("a,b,c\n" + good + "1,2\n" * 6)
    assert caught.value.values == {"bad": 6, "rows": 106, "fields": 3}


def test_careful_reader_counts_ragged_rows_too():
    # One cell larger than the fast reader's block.
    long = "x" * (9 * 2**20)
    good = "".join(f"{i},y\n" for i in range(60))
    raw = read(f'a,b\n1,"{long}"\n{good}1,2,3\n')
    assert len(raw.frame) == 61
    assert len(raw.frame["b"][0]) == len(long)
    assert raw.rejected == 1


def test_fast_and_careful_readers_agree():
    from journey.sources.delimited import _careful, _fast
    from journey.sources.headers import Header

    body = b'1,"a\nb"\n2,\n,"x ""y"""\n3,4,5\n\n6,7\n'
    header = Header(0, 0, 0, ("a", "b"))
    fast = _fast(memoryview(body), ",", ["a", "b"], header, quoted=True)
    careful = _careful(body, ",", ["a", "b"], header)
    assert fast.table.equals(careful.table)
    assert fast.bad == careful.bad == 1


def test_user_may_choose_the_delimiter():
    raw = read("a;b,c\n1;2,3\n4;5,6\n", delimiter=";")
    assert list(raw.frame.columns) == ["a", "b,c"]
    assert raw.delimiter == ";"


def test_blank_rows_at_the_end_go():
    assert len(read("a,b\n1,2\n,\n ,\n").frame) == 1


def test_text_named_like_a_workbook_is_read_as_text():
    raw = read_table(b"a,b\n1,2\n", "report.xlsx")
    assert raw.kind == "csv"
    assert "sources.text_named_workbook" in [note.code for note in raw.notes]


def test_limits():
    with pytest.raises(FileTooLarge) as caught:
        read("a,b\n" + "1,2\n" * 11, limits=Limits(rows=10))
    assert caught.value.values == {"what": "rows", "size": 12, "most": 10}
    with pytest.raises(FileTooLarge) as caught:
        read("a,b\n1,2\n", limits=Limits(bytes=5))
    assert caught.value.values["what"] == "bytes"
    wide = ",".join(f"c{i}" for i in range(20_000))
    with pytest.raises(FileTooLarge) as caught:
        read(wide + "\n" + wide.replace("c", "") + "\n")
    assert caught.value.values == {"what": "columns", "size": 20_000, "most": LIMITS.columns}
    assert caught.value.key == "errors.file_too_large_columns"


def test_rows_that_equal_the_limit_are_read():
    assert len(read("a,b\n" + "1,2\n" * 10, limits=Limits(rows=11)).frame) == 10


def test_a_cell_larger_than_the_sample_is_read():
    raw = read("a,b\n1," + "x" * (5 * 2**20) + "\n")
    assert raw.frame.shape == (1, 2)
    assert len(raw.frame["b"][0]) == 5 * 2**20


def test_a_cell_of_50_mb_and_a_line_without_an_end():
    begin = time.process_time()
    cell = "x" * 50 * 2**20
    assert len(read(f'a,b\n1,"{cell}"\n2,3\n').frame["b"][0]) == len(cell)
    with pytest.raises(FileEmpty):
        read_table(b"x" * 100 * 2**20, "a.csv")
    with pytest.raises(FileTooLarge) as caught:
        read_table(b"1," * 50 * 2**20, "a.csv")
    assert caught.value.values["what"] == "columns"
    with pytest.raises(QuoteUnclosed):
        read_table(b'a,b\n1,"' + b"x,\n" * 5 * 2**20, "a.csv")
    assert time.process_time() - begin < 60


def test_a_name_of_two_lines():
    raw = read('id,"first\nsecond"\n1,2\n')
    assert raw.frame.to_dict("list") == {"id": ["1"], "first second": ["2"]}
    with pytest.raises(FileEmpty):
        read('id,"first\nsecond"\n')
