"""What a project's data look like after the files are in: in both languages, and when things are wrong."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st

from journey.events.clean import cleaned
from journey.events.cleaned import REASONS, Cleaned
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.events.privacy import mask_ids, masked_raw, without_rrn
from journey.events.quality import quality, rejected
from journey.findings import Finding
from journey.i18n import text
from journey.projects.incoming import Incoming
from journey.projects.store import Store
from journey.sources.files import read_table
from tests.pages.test_every_page import said

both = pytest.mark.parametrize("language", ["ko", "en"])


# No code that stands for an id has a U in it, so that U9 is never a part of one.
CSV = """회원,행동,언제
C0,방문,2024-05-01 00:00:00Z
C1,주문,2024-05-02 00:00:00Z
C2,방문,2024-05-03 00:00:00Z
U9,=방문,어제
C3,주문,2024-05-04 00:00:00Z
C4,방문,2024-05-05 00:00:00Z
""".encode()


def codes(*reasons):
    return np.array([REASONS.index(reason) for reason in reasons], dtype=np.uint8)


def events(name="가게.csv", *, first=0, days=5):
    """Six rows of which five are used: customers C0 to C4."""
    customers = [f"C{number}" for number in range(first, first + 5)]
    log = EventLog.from_frame(
        pd.DataFrame(
            {
                "customer": customers,
                "event": ["방문", "주문"] * 2 + ["방문"],
                "time": pd.date_range("2024-05-01", periods=days, tz="UTC"),
            }
        )
    )
    choice = TableChoice("events", {"customer": ("회원",), "event": ("행동",), "time": ("언제",)})
    reason = codes("used", "used", "used", "no_time", "used", "used")
    rejected = pa.table(
        {
            "row": pa.array([5]),
            "reason": ["no_time"],
            "회원": ["U9"],
            "행동": ["=방문"],
            "언제": ["어제"],
        }
    )
    made = Cleaned("events", {}, log, log.customer_ids, reason)
    quality = {
        "dropped": [Finding("events.dropped_no_time", {"rows": 1})],
        "odd": [Finding("quality.dropped_many", {"rows": 1, "share": 1 / 6})],
        "told": [Finding("events.date_only")],
    }
    return Incoming(
        name,
        name.encode(),
        choice,
        made,
        columns=("회원", "행동", "언제"),
        rejected=rejected,
        quality=quality,
    )


def survey(name="survey.csv"):
    """Three responses of which two are of customers of `events`."""
    responses = pa.table(
        {
            "response": pa.array([0, 1, 2]),
            "customer": pa.array(["C1", "C2", "X1"], pa.large_string()),
            "comment": pa.array(["좋아요", "***@***", "<b>느려요</b>"], pa.large_string()),
        }
    )
    answers = pa.table({"response": pa.array([0, 1, 2]), "question": ["만족"] * 3, "score": [5.0, 4.0, 1.0]})
    ids = pa.array(["C1", "C2", "X1"], pa.large_string())
    tables = {"responses": responses, "answers": answers}
    made = Cleaned("survey", tables, None, ids, codes("used", "used", "used"))
    choice = TableChoice("survey", {"customer": ("id",), "scores": ("만족",), "comment": ("말",)})
    source = "id,만족,말\nC1,5,좋아요\nC2,4,***@***\nX1,1,<b>느려요</b>\n".encode()
    return Incoming(name, source, choice, made, columns=("id", "만족", "말"))


def together(project, *incoming):
    project.put_files(incoming, joined(project.parts(incoming)))
    return project


@pytest.fixture
def two_files(home):
    """A project of a file of events and a survey."""
    return together(Store(home).create("가게"), events(), survey())


@pytest.fixture
def only_survey(home):
    return together(Store(home).create("설문만"), survey())


def buttons(at, key):
    """The buttons of this name, whatever the file."""
    return [button for button in at.button if button.key and f".{key}" in button.key]


def opened(at, what, project, place):
    """The page with the part `what` of a file open."""
    file = project.state.data.files[place]
    at.session_state[f"{project.id}.{what}.{file.id}"] = True
    at.run()
    assert not at.exception
    return at


def no_errors(at):
    assert not at.exception
    assert not at.error
    return at


@both
def test_a_project_says_how_much_there_is_and_shows_each_file(app, two_files, language):
    at = no_errors(app(language, "data", two_files.id))
    assert len(at.success) == 1
    words = " ".join(said(at))
    assert "가게" in words and "survey" in words
    assert text("brought.customers", language, customers=5) in words
    assert text("brought.match_files", language, customers=5, matched=2, share=0.4) in words
    assert text("brought.match_log", language, customers=3, matched=2, share=2 / 3) in words
    assert text("brought.used_survey", language) in words
    assert text("brought.waits", language) not in words
    assert "<b>" not in words


@both
def test_a_survey_alone_says_what_it_waits_for_and_the_pages_of_flows_too(app, only_survey, language):
    at = no_errors(app(language, "data", only_survey.id))
    assert at.info[0].value == text("brought.waiting", language, n=1)
    assert text("brought.waits", language) in " ".join(said(at))
    assert not at.success
    flows = no_errors(app(language, "flows", only_survey.id))
    assert flows.info[0].value == text("brought.waiting", language, n=1)


@both
def test_what_is_left_out_is_counted_and_much_of_it_is_flagged(app, two_files, language):
    at = no_errors(app(language, "data", two_files.id))
    assert [one.value for one in at.warning] == [text("brought.dropped_much", language, share=1 / 6)]
    titles = [part.label for part in at.expander]
    counted = text("brought.count_dropped", language, n=1)
    assert text("brought.quality", language, parts=counted) in titles
    assert text("brought.rejected", language, n=1) in titles


@both
def test_rejected_rows_are_shown_with_line_and_reason_and_without_ids(app, two_files, language):
    at = opened(app(language, "data", two_files.id), "rejected", two_files, 0)
    (shown,) = [one.value for one in at.dataframe]
    assert shown.iloc[0, 0] == 5
    assert shown.iloc[0, 1] == text("quality.reason_no_time", language)
    assert "U9" not in shown.to_string()


def test_rejected_rows_and_used_rows_are_the_rows_of_the_file(two_files):
    for file in two_files.state.data.files:
        rejected = two_files.table(file.id, "rejected").num_rows if "rejected" in file.tables else 0
        assert rejected + file.used == file.rows


@pytest.fixture
def downloads(monkeypatch):
    """What each download button would send, by the end of its key; each is made when it is called."""
    caught = {}

    def caught_button(label, *, data, file_name, key, **_):
        caught[key.rpartition(".")[2]] = (file_name, data)

    monkeypatch.setattr("ui.quality.st.download_button", caught_button)
    return caught


@both
def test_rejected_rows_come_as_files_that_read_back_and_run_nothing(app, two_files, downloads, language):
    opened(app(language, "data", two_files.id), "rejected", two_files, 0)
    (csv_name, csv), (xlsx_name, xlsx) = downloads["csv"], downloads["xlsx"]
    assert csv_name.endswith(".csv") and "가게" in csv_name and "/" not in csv_name
    assert xlsx_name.endswith(".xlsx")
    frame = pd.read_csv(io.BytesIO(csv()))
    reason = text("quality.reason_no_time", language)
    assert frame.iloc[0, :2].tolist() == [5, reason]
    assert frame["행동"].tolist() == ["'=방문"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx()))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[1][:2] == [5, reason]
    assert rows[1][3] == "=방문" and book.active["D2"].data_type == "s"
    assert "U9" not in frame.to_string() + str(rows)


def test_a_workbook_that_would_take_too_long_is_not_offered(app, two_files, downloads, monkeypatch):
    monkeypatch.setattr("ui.quality._MOST_ROWS_XLSX", 0)
    at = opened(app("ko", "data", two_files.id), "rejected", two_files, 0)
    assert set(downloads) == {"csv"}
    assert text("brought.too_long", "ko", most=0) in said(at)


@both
def test_stored_tables_can_be_looked_at_without_ids_and_names(app, two_files, language):
    at = opened(app(language, "data", two_files.id), "preview", two_files, 1)
    responses, answers = (one.value for one in at.dataframe)
    assert len(responses) == len(answers) == 3
    assert not {"C1", "C2", "X1"} & set(responses.to_numpy().ravel().tolist())


def test_a_customer_has_one_code_in_the_preview_and_in_lists_of_people(app, two_files):
    at = opened(app("en", "data", two_files.id), "preview", two_files, 1)
    codes_shown = at.dataframe[0].value.iloc[:, 1].tolist()
    assert codes_shown == mask_ids(["C1", "C2", "X1"], two_files.mask_key)


@both
def test_a_file_is_removed_after_one_more_question_and_comes_back_by_undo(app, two_files, language):
    stages = two_files.state.stage_map
    at = app(language, "data", two_files.id)
    buttons(at, "remove.")[1].click().run()
    assert len(two_files.state.data.files) == 2
    buttons(at, "remove_no.")[0].click().run()
    assert not buttons(at, "remove_yes.")
    buttons(at, "remove.")[1].click().run()
    buttons(no_errors(at), "remove_yes.")[0].click().run()
    no_errors(at)
    assert [file.kind for file in two_files.state.data.files] == ["events"]
    assert two_files.state.stage_map == stages
    assert two_files.log().n_customers == 5
    buttons(at, "data.undo")[0].click().run()
    assert len(no_errors(at) and two_files.state.data.files) == 2
    buttons(at, "data.redo")[0].click().run()
    assert len(no_errors(at) and two_files.state.data.files) == 1


def test_removing_the_events_leaves_the_survey_waiting_and_undo_brings_the_flows_back(app, two_files):
    at = app("en", "data", two_files.id)
    buttons(at, "remove.")[0].click().run()
    buttons(at, "remove_yes.")[0].click().run()
    no_errors(at)
    assert two_files.state.data.fingerprint is None
    assert at.info[0].value == text("brought.waiting", "en", n=1)
    buttons(at, "data.undo")[0].click().run()
    assert no_errors(at).success
    assert no_errors(app("en", "routes", two_files.id))


def test_the_last_file_can_go_too(app, only_survey):
    at = app("ko", "data", only_survey.id)
    buttons(at, "remove.")[0].click().run()
    buttons(at, "remove_yes.")[0].click().run()
    no_errors(at)
    assert at.info[0].value == text("brought.no_files", "ko")
    buttons(at, "data.undo")[0].click().run()
    assert len(no_errors(at) and only_survey.state.data.files) == 1


def test_the_columns_of_a_file_can_be_chosen_again(app, two_files):
    at = app("en", "data", two_files.id)
    buttons(at, "change.")[1].click().run()
    assert not at.exception
    (waiting,) = at.session_state["journey"].tray.files
    assert waiting.stored == two_files.state.data.files[1].id


@both
def test_a_table_that_was_damaged_is_answered_in_one_sentence_and_the_page_lives(
    app, two_files, home, language
):
    digest = two_files.state.data.files[1].tables["responses"]
    (path,) = [path for path in (home / "projects").rglob("*") if path.is_file() and digest in path.name]
    path.write_bytes(b"garbage")
    st.cache_resource.clear()
    at = no_errors(app(language, "data", two_files.id))
    at = opened(at, "preview", two_files, 1)
    assert [error.value for error in at.error] == [text("errors.project_damaged", language)]
    assert len(buttons(at, "change.")) == 2


@both
def test_a_log_that_was_damaged_is_answered_in_one_sentence_and_the_files_are_still_listed(
    app, two_files, home, language
):
    for path in (home / "projects").rglob("meta.json"):
        path.write_bytes(b"garbage")
    st.cache_resource.clear()
    at = app(language, "data", two_files.id)
    assert not at.exception
    assert [error.value for error in at.error] == [text("errors.project_damaged", language)]
    assert len(buttons(at, "change.")) == 2


def test_a_card_that_was_moved_on_the_board_is_not_undone_from_here(app, two_files):
    two_files.apply({"op": "add_stage", "name": "새 단계"})
    at = no_errors(app("ko", "data", two_files.id))
    assert not buttons(at, "data.undo")


@pytest.fixture
def next_month(two_files):
    """The same project after the file of the next month, with one new customer fewer and one more."""
    return together(two_files, events("다음 달.csv", first=1))


@both
def test_what_a_later_file_changes_is_said_until_it_is_seen_and_a_refresh_does_not_lose_it(
    app, next_month, language
):
    head = f"**{text('brought.changed', language, name='다음 달.csv', old='가게.csv')}**"
    for _ in range(2):
        at = no_errors(app(language, "data", next_month.id))
        assert any(words.replace("\\", "").startswith(head) for words in said(at))
    buttons(at, "data.seen")[0].click().run()
    assert not buttons(no_errors(at), "data.seen")
    assert not buttons(app(language, "data", next_month.id), "data.seen")
    assert len(next_month.state.data.files) == 3


def test_a_later_file_is_taken_back_with_one_click(app, next_month):
    at = app("ko", "data", next_month.id)
    (undo,) = buttons(at, "data.undo")
    undo.click().run()
    assert len(no_errors(at) and next_month.state.data.files) == 2
    assert not buttons(at, "data.seen")
    buttons(at, "data.redo")[0].click().run()
    assert len(no_errors(at) and next_month.state.data.files) == 3


def test_nothing_is_compared_after_another_edit(app, next_month):
    next_month.apply({"op": "add_stage", "name": "새 단계"})
    assert not buttons(app("ko", "data", next_month.id), "data.seen")


def test_names_that_look_like_marks_are_shown_to_the_letter(app, home):
    file = events("[x](javascript:1) :red[빨강] <img src=x>.csv")
    project = together(Store(home).create("x"), file)
    at = no_errors(app("en", "data", project.id))
    (shown,) = [words for words in said(at) if "javascript" in words]
    assert "\\[x\\]" in shown and "\\<img" in shown


def test_a_project_of_an_older_version_shows_what_it_knows(app, home):
    """Such a project does not know how many rows its file had, nor which of them it used."""
    project = together(Store(home).create("old"), events())
    now = project.state.data
    old = {"fingerprint": now.fingerprint, "raw": now.files[0].raw, "file_name": "shop.csv"}
    project.apply({"op": "data", "data": old})
    at = no_errors(app("en", "data", project.id))
    assert at.success
    assert buttons(at, "change.")


# ---- real files, the whole way --------------------------------------------------------------------------


def read(name, content, choice):
    """A file as the way in brings it."""
    raw = without_rrn(read_table(content, name))
    made = cleaned(masked_raw(raw, choice), choice)
    card = quality(raw, made, choice=choice)
    groups = {name: getattr(card, name) for name in ("repaired", "dropped", "odd", "told")}
    columns = tuple(map(str, raw.frame.columns))
    return Incoming(
        name, content, choice, made, columns=columns, rejected=rejected(raw, made), quality=groups
    )


PERSONAL = ("minji@example.com", "010-2345-6789", "900101-2234567", "m.kim@corp.example")


@pytest.fixture
def personal_file(home):
    """Customers that are e-mail addresses, personal data in other columns, and rows that cannot be used."""
    rows = []
    for n in range(24):
        customer = "m.kim@corp.example" if n % 3 else f"u{n}@corp.example"
        time = f"2024-05-{n + 1:02d}" if n % 4 else "어제"
        rows.append(f"{customer},방문,{time},{PERSONAL[n % 3]}")
    content = "\n".join(["회원,행동,언제,메모", *rows, "찢긴 줄 minji@example.com", ""]).encode()
    roles = {"customer": ("회원",), "event": ("행동",), "time": ("언제",), "attributes": ("메모",)}
    return together(Store(home).create("개인"), read("개인.csv", content, TableChoice("events", roles)))


def test_no_personal_data_is_in_what_is_shown_or_taken_away(app, personal_file, downloads):
    at = opened(app("ko", "data", personal_file.id), "rejected", personal_file, 0)
    shown = " ".join([*said(at), *(one.value.to_string() for one in at.dataframe)])
    book = openpyxl.load_workbook(io.BytesIO(downloads["xlsx"][1]()))
    cells = " ".join(str(cell.value) for row in book.active.iter_rows() for cell in row)
    for secret in PERSONAL:
        for place in (shown, cells, downloads["csv"][1]().decode()):
            assert secret not in place


def test_the_rows_of_a_real_file_are_used_or_among_those_to_take_away(app, personal_file, downloads):
    opened(app("en", "data", personal_file.id), "rejected", personal_file, 0)
    (file,) = personal_file.state.data.files
    taken = pd.read_csv(io.BytesIO(downloads["csv"][1]()))
    assert len(taken) + file.used == 24 + 1
    assert sorted(taken.iloc[:, 0]) == [*(2 + n for n in range(24) if n % 4 == 0), 26]
