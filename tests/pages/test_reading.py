"""A file on the Data page: what cannot be read is said in one sentence, and how it is read can be changed."""

import datetime as dt
import io
import re

import openpyxl
import pytest

from journey.i18n import catalogue, text
from journey.projects.store import Store

HANGUL = re.compile("[가-힣]")
both = pytest.mark.parametrize("language", ["ko", "en"])

KOREAN = "고객ID,이벤트,일시\n" + "".join(
    f"C{n % 7:03d},{('상품조회', '결제완료')[n % 2]},2024-03-{n % 28 + 1:02d} 10:{n % 60:02d}\n"
    for n in range(60)
)
GOOD = KOREAN.encode("utf-8")
ROWS = KOREAN.splitlines()[1:]


def workbook(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def dates(*written):
    return "".join(
        ["customer,event,time\n", *(f"C{n % 5},view,{day}\n" for n, day in enumerate(written))]
    ).encode()


def broken_cp949():
    """One byte, in the middle, that begins no character."""
    data = KOREAN.encode("cp949").splitlines(keepends=True)
    data[30] = data[30].replace(b",", b",\xff", 1)
    return b"".join(data)


# Name, bytes, the error's sentence and whether other choices could help.
BAD = {
    "broken_byte": ("a.csv", broken_cp949(), "errors.encoding_unknown", True),
    "png": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(64), "errors.file_kind_unknown", False),
    "empty": ("a.csv", b"", "errors.file_empty", False),
    "header_only": ("a.csv", b"customer,event,time\n", "errors.file_empty", False),
    "open_quote": ("a.csv", GOOD + 'C001,"상품조회,2024-03-01\n'.encode(), "errors.quote_unclosed", True),
    "ragged": ("a.csv", GOOD + b"C001,view\n" * 9, "errors.rows_ragged", True),
    "all_differ": ("a.csv", b"a;b;c\n1;2\n1;2;3;4\n1;2;3;4;5\n1;2;3;4;5;6\n", "errors.rows_ragged", True),
}


@pytest.fixture
def data_page(app):
    """The Data page with a file dropped on it."""

    def drop(language, name, content):
        at = app(language, "data")
        return dropped(at, name, content)

    return drop


def dropped(at, name, content):
    at.file_uploader(key="upload").upload(name, content, "text/csv").run()
    assert not at.exception
    return at


def control(at, name):
    return next(box for box in at.selectbox if box.key.endswith(f".how.{name}"))


def choose(at, name, value):
    control(at, name).set_value(value).run()
    assert not at.exception
    return at


def change(at):
    at.toggle[0].set_value(True).run()
    assert not at.exception


def preview(at):
    return at.dataframe[0].value


def role(at, name, value):
    next(box for box in at.selectbox if box.key.endswith(f".{name}")).set_value(value).run()
    assert not at.exception


def begin(at, language, *, again=False):
    label = text("page.data.again" if again else "page.data.go", language)
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    assert not at.error
    return Store().open(at.query_params["project"])


def words(said):
    return set(re.findall(r"[가-힣A-Za-z]+", said))


def pieces(key, language):
    """The words of a key's sentence, without those that touch a hole."""
    sentence = catalogue(language)[key]
    return words(re.sub(r"\S*\{[^}]*\}\S*", " ", sentence))


def days(log):
    return [day.isoformat() for day in log.days()]


def order_of(at):
    return next((radio for radio in at.radio if ".order." in radio.key), None)


@both
@pytest.mark.parametrize("bad", BAD)
def test_a_file_that_cannot_be_read_is_one_sentence_and_the_next_one_works(data_page, language, bad):
    name, content, key, helped = BAD[bad]
    at = data_page(language, name, content)
    assert len(at.error) == 1
    said = at.error[0].value
    assert pieces(key, language) <= words(said)
    assert bool(HANGUL.search(said)) == (language == "ko")
    opened = [box for box in at.expander if box.label == text("page.data.how", language)]
    assert [box.proto.expanded for box in opened] == [True] * helped
    dropped(at, "good.csv", GOOD)
    assert not at.error
    assert len(preview(at)) == 50
    log = begin(at, language).log()
    assert (log.n_rows, log.n_customers) == (60, 7)


@both
def test_times_that_cannot_be_read_are_told_before_and_after_the_start(data_page, language):
    at = data_page(language, "a.csv", b"customer,event,time\n" + b"C1,view,soon\nC2,buy,later\n" * 20)
    role(at, "time", "time")
    unread = text("page.data.times_unread", language, column="time", looked=40, rows=40)
    assert unread in [caption.value for caption in at.caption]
    next(b for b in at.button if b.label == text("page.data.go", language)).click().run()
    assert not at.exception
    assert len(at.error) == 1
    assert bool(HANGUL.search(at.error[0].value)) == (language == "ko")
    dropped(at, "good.csv", GOOD)
    assert begin(at, language).log().n_rows == 60


@both
def test_a_korean_workbook_has_one_choice_the_line_of_the_header(data_page, language):
    at = data_page(language, "똠방.xlsx", workbook([line.split(",") for line in KOREAN.splitlines()]))
    assert not at.error
    assert [box.key.rpartition(".")[2] for box in at.selectbox if ".how." in box.key] == ["header"]
    choose(at, "header", 3)
    assert set(ROWS[1].split(",")) == set(preview(at).columns)
    choose(at, "header", "")
    assert begin(at, language).log().event_names == ("결제완료", "상품조회")


@both
def test_semicolons_are_found_and_may_be_overruled(data_page, language):
    at = data_page(language, "a.csv", KOREAN.replace(",", ";").encode("cp949"))
    assert preview(at).shape == (50, 3)
    choose(at, "delimiter", "|")
    assert preview(at).shape == (50, 1)
    choose(at, "delimiter", ";")
    assert preview(at).shape == (50, 3)
    project = begin(at, language)
    assert project.log().n_rows == 60
    assert project.state.data.files[0].how.delimiter == ";"


@both
def test_a_chosen_encoding_reads_what_was_broken_and_is_kept(app, data_page, language):
    at = data_page(language, "a.csv", broken_cp949())
    assert "31" in at.error[0].value
    assert control(at, "encoding").options[0] == text("page.data.how_automatic", language)
    assert control(at, "delimiter").value == ""
    choose(at, "encoding", "cp949")
    assert not at.error
    assert "이벤트" in preview(at).columns
    project = begin(at, language)
    assert project.state.data.files[0].how.encoding == "cp949"
    assert project.log().n_rows == 60
    again = app(language, "data", project.id)
    change(again)
    assert not again.error
    assert control(again, "encoding").value == "cp949"
    assert "이벤트" in preview(again).columns
    choose(again, "encoding", "")
    assert len(again.error) == 1


def test_an_encoding_changes_the_preview_at_once_and_outlives_a_change_of_language(data_page):
    at = data_page("en", "a.csv", GOOD)
    assert "이벤트" in preview(at).columns
    choose(at, "encoding", "cp949")
    assert "이벤트" not in preview(at).columns
    at.segmented_control(key="language").set_value("ko").run()
    assert not at.exception
    assert control(at, "encoding").value == "cp949"
    assert "이벤트" not in preview(at).columns


@both
def test_the_line_of_the_header_changes_preview_and_log_and_is_kept(app, data_page, language):
    at = data_page(language, "a.csv", GOOD)
    choose(at, "header", 0)
    assert set(preview(at).columns) == {"column_1", "column_2", "column_3"}
    for name, column in (("customer", "column_1"), ("event", "column_2"), ("time", "column_3")):
        role(at, name, column)
    project = begin(at, language)
    assert project.state.data.files[0].how.header == 0
    again = app(language, "data", project.id)
    change(again)
    assert set(preview(again).columns) == {"column_1", "column_2", "column_3"}
    choose(again, "header", 11)
    assert set(preview(again).columns) == set(ROWS[9].split(","))
    assert len(preview(again)) == 50
    choose(again, "header", "")
    for name, column in (("customer", "고객ID"), ("event", "이벤트"), ("time", "일시")):
        role(again, name, column)
    assert begin(again, language, again=True).state.data.files[0].how.header is None


@both
def test_a_choice_that_leaves_no_row_can_be_taken_back(data_page, language):
    at = data_page(language, "a.csv", b"customer,event,time\nC1,view,2024-03-05\n")
    choose(at, "header", 2)
    assert len(at.error) == 1
    choose(at, "header", "")
    assert not at.error
    assert len(preview(at)) == 1


@both
def test_both_readings_of_an_ambiguous_date_are_shown_and_the_choice_is_kept(app, data_page, language):
    at = data_page(language, "a.csv", dates("01/02/2024", "03/02/2024", "05/02/2024"))
    order = order_of(at)
    assert order.value == "mdy"
    assert len(order.options) == 2
    assert any(
        text("page.data.order_mdy", language, read=dt.date.fromisoformat("2024-01-02")) == o
        for o in order.options
    )
    assert any(
        text("page.data.order_dmy", language, read=dt.date.fromisoformat("2024-02-01")) == o
        for o in order.options
    )
    before = [caption.value for caption in at.caption]
    order.set_value("dmy").run()
    assert [caption.value for caption in at.caption] != before
    project = begin(at, language)
    assert days(project.log()) == ["2024-02-01", "2024-02-05"]
    assert project.state.data.files[0].choice.date_order == "dmy"
    again = app(language, "data", project.id)
    change(again)
    assert order_of(again).value == "dmy"
    order_of(again).set_value("mdy").run()
    assert days(begin(again, language, again=True).log()) == ["2024-01-02", "2024-05-02"]


@both
def test_all_three_readings_are_shown_where_all_three_fit(data_page, language):
    at = data_page(language, "a.csv", dates("03-04-05", "03-04-06"))
    assert len(order_of(at).options) == 3


def test_dates_that_leave_no_doubt_ask_nothing(data_page):
    assert order_of(data_page("ko", "a.csv", GOOD)) is None
    assert order_of(data_page("ko", "a.csv", dates("01/02/2024", "31/02/2024", "31/01/2024"))) is None


def test_numbers_that_are_times_say_how_they_are_read_before_the_start(data_page):
    at = data_page("en", "a.csv", dates("1709600000", "1709700000"))
    assert text("events.unit_seconds", "en", column="time") in [caption.value for caption in at.caption]
