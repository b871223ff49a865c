"""Reading on the Data page: what cannot be read is said in one sentence by name, and can be read otherwise."""

import datetime as dt
import io
import re
import zipfile

import pytest

from journey.i18n import catalogue, text
from journey.projects.store import Store
from tests.pages.brought import button, drop, go_on, gzipped, how, role, words_of, workbook

HANGUL = re.compile("[가-힣]")
both = pytest.mark.parametrize("language", ["ko", "en"])

KOREAN = "고객ID,이벤트,일시\n" + "".join(
    f"C{n % 7:03d},{('상품조회', '결제완료')[n % 2]},2024-03-{n % 28 + 1:02d} 10:{n % 60:02d}\n"
    for n in range(60)
)
GOOD = KOREAN.encode("utf-8")
ROWS = KOREAN.splitlines()[1:]


def dates(*written):
    return "".join(
        ["customer,event,time\n", *(f"C{n % 5},view,{day}\n" for n, day in enumerate(written))]
    ).encode()


def broken_cp949():
    """One byte, in the middle, that begins no character."""
    data = KOREAN.encode("cp949").splitlines(keepends=True)
    data[30] = data[30].replace(b",", b",\xff", 1)
    return b"".join(data)


def bomb():
    """A workbook whose sheet unpacks to a hundred million spaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    return out.getvalue()


# Name, bytes, the error's sentence and whether other choices could help.
BAD = {
    "broken_byte": ("a.csv", broken_cp949(), "errors.encoding_unknown", True),
    "png": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(64), "errors.file_kind_unknown", False),
    "header_only": ("a.csv", b"customer,event,time\n", "errors.file_empty", False),
    "open_quote": ("a.csv", GOOD + 'C001,"상품조회,2024-03-01\n'.encode(), "errors.quote_unclosed", True),
    "ragged": ("a.csv", GOOD + b"C001,view\n" * 9, "errors.rows_ragged", True),
    "bomb": ("a.xlsx", bomb(), "errors.file_too_large_unpacked", False),
    "torn_gz": ("a.csv.gz", gzipped(GOOD)[:-20], None, False),
    "torn_parquet": ("a.parquet", b"PAR1" + bytes(90) + b"PAR1", None, False),
}


def choose(at, name, value):
    how(at, name).set_value(value).run()
    assert not at.exception
    return at


def preview(at):
    """The first table on the page, its headings as the file has them."""
    return at.dataframe[0].value


def words(said):
    return set(re.findall(r"[가-힣A-Za-z]+", said))


def pieces(key, language):
    """The words of a key's sentence, without those that touch a hole."""
    sentence = catalogue(language)[key]
    return words(re.sub(r"\S*\{[^}]*\}\S*", " ", sentence))


def opened(at, language):
    """Opens the part of the page that says how a file was read."""
    (file, *_) = at.session_state["journey"].tray.files
    at.session_state[f"{file.id}.how"] = True
    at.run()
    return at


def days(log):
    return [day.isoformat() for day in log.days()]


def order_of(at):
    return next((radio for radio in at.radio if radio.key.endswith(".date_order")), None)


def data_page(app, language, name, content):
    return drop(app(language, "data"), (name, content))


@both
@pytest.mark.parametrize("bad", BAD)
def test_a_file_that_cannot_be_read_is_one_sentence_and_the_others_go_in(app, home, language, bad):
    name, content, key, helped = BAD[bad]
    at = drop(app(language, "data"), (name, content), ("good.csv", GOOD))
    (error,) = at.error
    assert error.value.startswith(f"**{name.replace('.', chr(92) + '.')}**")
    if key is not None:
        assert pieces(key, language) <= words(error.value)
    assert bool(HANGUL.search(error.value.split("**")[2])) == (language == "ko")
    parts = [part for part in at.expander if part.label == text("bring.how", language)]
    assert [part.proto.expanded for part in parts if part.proto.expanded] == [True] * helped
    button(at, "build").click().run()
    assert not at.exception
    log = Store(home).open(at.query_params["project"]).log()
    assert (log.n_rows, log.n_customers) == (60, 7)


@both
def test_an_empty_file_is_refused_at_the_door(app, language):
    at = data_page(app, language, "a.csv", b"")
    (error,) = at.error
    assert pieces("errors.file_empty", language) <= words(error.value)
    assert not at.session_state["journey"].tray


@both
def test_times_that_cannot_be_read_are_told_before_and_after_the_start(app, language):
    at = data_page(app, language, "a.csv", b"customer,event,time\n" + b"C1,view,soon\nC2,buy,later\n" * 20)
    if role(at, "time").value is None:
        role(at, "time").set_value("time").run()
    assert text("bring.times_unread", language, column="time", looked=40, rows=40) in words_of(at)
    button(at, "build").click().run()
    assert not at.exception
    assert len(at.error) == 1
    assert at.error[0].value.startswith(r"**a\.csv**")
    assert bool(HANGUL.search(at.error[0].value)) == (language == "ko")
    assert at.session_state["journey"].tray, "the file is still there to be changed"


@both
def test_a_korean_workbook_has_one_choice_the_line_of_the_header(app, home, language):
    book = workbook([line.split(",") for line in KOREAN.splitlines()])
    at = opened(data_page(app, language, "똠방.xlsx", book), language)
    controls = [box.key.rpartition(".")[2] for box in at.selectbox if ".how." in (box.key or "")]
    assert controls == ["header"]
    choose(at, "header", 3)
    assert not at.error
    choose(at, "header", "")
    assert Store(home).open(go_on(at)).log().event_names == ("결제완료", "상품조회")


@both
def test_semicolons_are_found_and_may_be_overruled(app, home, language):
    at = opened(data_page(app, language, "a.csv", KOREAN.replace(",", ";").encode("cp949")), language)
    assert preview(at).shape == (50, 3)
    choose(at, "delimiter", "|")
    choose(at, "delimiter", ";")
    assert preview(at).shape == (50, 3)
    project = Store(home).open(go_on(at))
    assert project.log().n_rows == 60
    assert project.state.data.files[0].how.delimiter == ";"


@both
def test_a_chosen_encoding_reads_what_was_broken_and_is_kept(app, home, language):
    at = data_page(app, language, "a.csv", broken_cp949())
    assert "31" in at.error[0].value
    assert how(at, "encoding").options[0] == text("bring.how_automatic", language)
    choose(at, "encoding", "cp949")
    assert not at.error
    assert role(at, "event").value == "이벤트"
    project = Store(home).open(go_on(at))
    assert project.state.data.files[0].how.encoding == "cp949"
    assert project.log().n_rows == 60


def test_an_encoding_changes_the_page_at_once_and_outlives_a_change_of_language(app):
    at = opened(data_page(app, "en", "a.csv", GOOD), "en")
    assert "이벤트" in role(at, "event").options
    choose(at, "encoding", "cp949")
    at.segmented_control(key="language").set_value("ko").run()
    assert not at.exception
    assert how(at, "encoding").value == "cp949"


@both
def test_the_line_of_the_header_changes_the_columns_and_is_kept(app, home, language):
    at = opened(data_page(app, language, "a.csv", GOOD), language)
    choose(at, "header", 0)
    columns = [box for box in at.selectbox if (box.key or "").endswith(".kind")]
    if columns[0].value is None:
        columns[0].set_value("events").run()
    for name, column in (("customer", "column_1"), ("event", "column_2"), ("time", "column_3")):
        role(at, name).set_value(column).run()
    project = Store(home).open(go_on(at))
    assert project.state.data.files[0].how.header == 0


@both
def test_both_readings_of_an_ambiguous_date_are_shown_and_the_choice_is_kept(app, home, language):
    at = data_page(app, language, "a.csv", dates("01/02/2024", "03/02/2024", "05/02/2024"))
    order = order_of(at)
    assert order.value == "mdy"
    assert set(order.options) == {
        text("bring.order_mdy", language, read=dt.date.fromisoformat("2024-01-02")),
        text("bring.order_dmy", language, read=dt.date.fromisoformat("2024-02-01")),
    }
    before = [caption.value for caption in at.caption]
    order.set_value("dmy").run()
    assert [caption.value for caption in at.caption] != before
    project = Store(home).open(go_on(at))
    assert days(project.log()) == ["2024-02-01", "2024-02-05"]
    (file,) = project.state.data.files
    assert file.choice.date_order == "dmy"
    again = app(language, "data", project.id)
    button(again, f"change.{file.id}").click().run()
    assert order_of(again).value == "dmy"


def test_all_three_readings_are_shown_where_all_three_fit(app):
    assert len(order_of(data_page(app, "ko", "a.csv", dates("03-04-05", "03-04-06"))).options) == 3


def test_dates_that_leave_no_doubt_ask_nothing(app):
    assert order_of(data_page(app, "ko", "a.csv", dates("01/02/2024", "31/02/2024", "31/01/2024"))) is None


def test_numbers_that_are_times_say_how_they_are_read_before_the_start(app):
    at = data_page(app, "en", "a.csv", dates("1709600000", "1709700000"))
    assert text("events.unit_seconds", "en", column="time") in [caption.value for caption in at.caption]
