"""From files to a project: what is guessed, what is asked, and what is said where something is missing."""

import io
import json

import openpyxl
import pytest
import streamlit as st

from journey.errors import NotStored
from journey.i18n import text
from journey.projects.store import Store
from journey.sources.limits import Limits
from journey.sources.staging import Staging
from tests.pages.brought import (
    HEAD,
    ITEMS,
    LINES,
    MEMBERS,
    PRICES,
    SHOP,
    button,
    drop,
    go_on,
    gzipped,
    holding,
    kind,
    many,
    role,
    words_of,
    workbook,
    zipped,
)
from ui import session, uploads

both = pytest.mark.parametrize("language", ["ko", "en"])


def state_of(home, project):
    return Store(home).open(project).state


def kinds(at):
    return [file.choice.kind for file in at.session_state["journey"].tray.files if file.choice]


def test_a_korean_file_is_understood_and_becomes_a_project(app, home):
    at = drop(app("ko", "data"), ("가게.csv", SHOP))
    assert [role(at, name).value for name in ("customer", "event", "time")] == ["회원번호", "이벤트", "일시"]
    assert any("CP949" in words for words in words_of(at))
    assert any("2024년 5월 1일 (수) 10:00" in words for words in words_of(at)), "how the time was read"
    (file,) = state_of(home, go_on(at)).data.files
    assert (file.name, file.choice.one("customer")) == ("가게.csv", "회원번호")


@both
def test_several_files_go_in_together_and_say_how_they_fit(app, home, language):
    book = workbook([line.split(",") for line in MEMBERS.splitlines()])
    at = drop(app(language, "data"), ("shop.csv", SHOP), ("members.xlsx", book))
    assert kinds(at) == ["events", "customers"]
    joined = text("bring.join_line", language, name=r"members\.xlsx", customers=5, matched=5, share=1.0)
    assert any(joined in words for words in words_of(at))
    project = Store(home).open(go_on(at))
    assert [file.kind for file in project.state.data.files] == ["events", "customers"]
    assert "등급" in project.log().attributes
    assert not list((home / "staging").glob("*/*")), "nothing is held twice"


def test_a_zip_is_its_tables_each_as_a_file(app, home):
    at = drop(app("ko", "data"), ("all.zip", zipped(shop_csv=SHOP, members_csv=MEMBERS)))
    assert sorted(kinds(at)) == ["customers", "events"]
    files = state_of(home, go_on(at)).data.files
    assert {file.name for file in files} == {"all.zip › shop.csv", "all.zip › members.csv"}


def test_a_part_of_a_zip_can_be_changed_and_is_still_itself(app, home):
    at = drop(app("ko", "data"), ("all.zip", zipped(shop_csv=SHOP, members_csv=MEMBERS)))
    project = go_on(at)
    shop = next(file for file in state_of(home, project).data.files if file.kind == "events")
    at = app("ko", "data", project)
    button(at, f"change.{shop.id}").click().run()
    role(at, "event").set_value("채널").run()
    go_on(at)
    after = next(file for file in state_of(home, project).data.files if file.kind == "events")
    assert (after.upload, after.how.part) == (shop.upload, "shop.csv")
    assert after.choice.one("event") == "채널"


@both
def test_next_months_file_that_cannot_be_cleaned_is_shown_with_its_columns(app, home, language):
    project = go_on(drop(app(language, "data"), ("may.csv", SHOP)))
    torn = SHOP.decode("cp949").replace("2024-05-", "soon-")
    at = drop(app(language, "data", project), ("june.csv", torn.encode()))
    assert at.error[0].value.startswith(r"**june\.csv**")
    assert role(at, "time").value == "일시"
    assert [file.name for file in state_of(home, project).data.files] == ["may.csv"]


def test_what_waits_can_be_removed_one_by_one(app):
    at = drop(app("en", "data"), ("shop.csv", SHOP), ("members.csv", MEMBERS.encode()))
    button(at, "remove").click().run()
    assert [file.name for file in at.session_state["journey"].tray.files] == ["members.csv"]
    at = drop(at, ("members again.csv", MEMBERS.encode()))
    assert len(at.session_state["journey"].tray.files) == 1, "the same bytes are one file"
    button(at, "put_away").click().run()
    assert button(at, "sample.shop") is not None


@both
def test_a_file_that_is_no_journey_says_so_and_the_others_go_in(app, home, language):
    at = drop(app(language, "data"), ("prices.csv", PRICES.encode()), ("shop.csv", SHOP))
    assert not kind(at, 0).value
    assert any(text("bring.no_kind", language) in one.value for one in at.warning)
    assert any("prices" in words for words in words_of(at))
    assert [file.name for file in state_of(home, go_on(at)).data.files] == ["shop.csv"]


def test_a_kind_can_be_said_by_hand_and_what_it_needs_is_asked_for_by_name(app):
    at = drop(app("ko", "data"), ("prices.csv", PRICES.encode()))
    assert button(at, "build") is None
    kind(at).set_value("events").run()
    assert not at.exception
    asked = {one.value for one in at.warning}
    for name in ("customer", "time"):
        if not role(at, name).value:
            said = text("bring.missing", "ko", name=r"prices\.csv", role=text(f"bring.role_{name}", "ko"))
            assert said in asked
    assert button(at, "build") is None


def test_a_file_without_events_offers_columns_that_could_be_them(app):
    at = drop(app("ko", "data"), ("items.csv", ITEMS.encode()))
    if kind(at).value != "events":
        kind(at).set_value("events").run()
    assert not role(at, "event").value
    assert text("bring.event_offer", "ko") in words_of(at)
    button(at, "take.item_name").click().run()
    assert role(at, "event").value == "item_name"
    assert text("bring.event_offer", "ko") not in words_of(at)


def test_a_column_that_gets_a_role_loses_the_one_it_had(app):
    at = drop(app("en", "data"), ("shop.csv", SHOP))
    assert "채널" in many(at, "attributes").value
    role(at, "event").set_value("채널").run()
    assert "채널" not in many(at, "attributes").value
    assert role(at, "event").value == "채널"


@both
def test_a_cancelled_reading_changes_nothing_and_can_be_begun_again(app, monkeypatch, language):
    from ui import reading

    real = reading.read_file

    def clicked(*args, watch, **more):
        def cancel(progress):
            uploads.stop(uploads.tray().files[1].id)
            st.rerun()

        return real(*args, watch=cancel, **more)

    at = drop(app(language, "data"), ("members.csv", MEMBERS.encode()))
    monkeypatch.setattr(reading, "read_file", clicked)
    drop(at, ("shop.csv", SHOP))
    assert text("bring.stopped", language) in [one.value for one in at.info]
    # What was there stays, and can be put in without it.
    assert kinds(at) == ["customers"]
    assert button(at, "build") is not None
    monkeypatch.setattr(reading, "read_file", real)
    button(at, "again").click().run()
    assert kinds(at) == ["customers", "events"]


@both
def test_more_than_a_session_may_hold_is_refused_by_name_and_the_rest_stays(app, monkeypatch, language):
    small = Limits(session_bytes=len(SHOP) + 10)
    monkeypatch.setattr(uploads, "Staging", lambda folder: Staging(folder, limits=small))
    at = drop(app(language, "data"), ("shop.csv", SHOP), ("members.csv", MEMBERS.encode()))
    (refused,) = at.error
    assert refused.value.startswith(r"**members\.csv**")
    assert [file.name for file in at.session_state["journey"].tray.files] == ["shop.csv"]
    assert button(at, "build") is not None


def test_streamlit_keeps_no_copy_of_what_was_dropped(app):
    at = drop(app("en", "data"), ("shop.csv", SHOP))
    assert at.file_uploader[0].value == []


# ---- with a project -------------------------------------------------------------------------------------


def later_month():
    return (HEAD + "".join(line.replace("2024-05", "2024-06") for line in LINES)).encode("cp949")


@both
def test_next_months_file_goes_straight_through(app, home, language):
    project = go_on(drop(app(language, "data"), ("may.csv", SHOP)))
    at = app(language, "data", project)
    at = drop(at, ("june.csv", later_month()))
    assert not at.error
    assert not at.session_state["journey"].tray
    opened = Store(home).open(project)
    assert [file.name for file in opened.state.data.files] == ["may.csv", "june.csv"]
    assert opened.log().n_rows == 120
    opened.undo()
    assert [file.name for file in opened.state.data.files] == ["may.csv"]


@both
def test_periods_that_overlap_in_part_are_asked_about(app, home, language):
    project = go_on(drop(app(language, "data"), ("may.csv", SHOP)))
    end_of_may = [line for line in LINES if "2024-05-2" in line]
    later = (HEAD + "".join(end_of_may) + later_month().decode("cp949").split("\n", 1)[1]).encode("cp949")
    at = drop(app(language, "data", project), ("overlap.csv", later))
    assert not at.error
    (way,) = [radio for radio in at.radio if radio.key.endswith(".way")]
    assert way.value is None
    assert button(at, "build") is None
    way.set_value("replace").run()
    go_on(at)
    assert [file.name for file in state_of(home, project).data.files] == ["overlap.csv"]


def test_without_the_project_open_its_next_file_finds_the_way_there(app, home):
    project = go_on(drop(app("en", "data"), ("may.csv", SHOP)))
    at = drop(app("en", "data"), ("june.csv", later_month()))
    assert "project" not in at.query_params
    button(at, "elsewhere").click().run()
    assert not at.exception and not at.error
    assert [file.name for file in state_of(home, project).data.files] == ["may.csv", "june.csv"]


def test_a_file_that_nearly_has_the_shape_is_shown_with_the_old_choice(app, home):
    at = drop(app("en", "data"), ("may.csv", SHOP))
    role(at, "event").set_value("채널").run()
    project = go_on(at)
    at = app("en", "data", project)
    head = HEAD.strip() + ",새열\n"
    wider = (head + "".join(line.strip() + ",1\n" for line in LINES)).encode()
    drop(at, ("june.csv", wider))
    assert role(at, "event").value == "채널"
    assert any("새열" in words for words in words_of(at))


def test_a_file_of_other_people_is_offered_as_a_new_project(app, home):
    project = go_on(drop(app("en", "data"), ("may.csv", SHOP)))
    at = app("en", "data", project)
    drop(at, ("items.csv", ITEMS.encode()))
    (where,) = [radio for radio in at.radio if ".data.where." in radio.key]
    assert where.value == "new"
    where.set_value("here").run()
    assert button(at, "build").label == text("bring.put_here", "en")
    kind(at).set_value("events").run()
    go_on(at)
    assert [file.name for file in state_of(home, project).data.files] == ["may.csv", "items.csv"]


@both
def test_the_very_file_that_is_there_is_not_put_in_again(app, home, language):
    project = go_on(drop(app(language, "data"), ("may.csv", SHOP)))
    at = drop(app(language, "data", project), ("may again.csv", SHOP))
    assert not at.session_state["journey"].tray
    assert any(text("bring.already", language, name=r"may again\.csv") in words for words in words_of(at))
    assert [file.name for file in state_of(home, project).data.files] == ["may.csv"]


def test_another_project_takes_the_files_but_not_what_tied_them_to_the_first(app, home):
    project = go_on(drop(app("en", "data"), ("shop.csv", SHOP)))
    at = app("en", "data", project)
    (file,) = state_of(home, project).data.files
    button(at, f"change.{file.id}").click().run()
    assert at.session_state["journey"].tray
    other = Store(home).create("other").id
    at.query_params["project"] = other
    at.run()
    assert not at.exception and not at.error
    assert not at.session_state["journey"].tray


def shown(at, text):
    return at.dataframe[0].value.astype(str).apply(lambda c: c.str.contains(text)).any().any()


@both
def test_personal_data_is_told_and_masked_and_resident_numbers_are_kept_nowhere(app, home, language):
    number = "900101-1234568"
    rows = [f"C{n % 7},view,2024-05-0{1 + n % 9} 10:00,010-1234-{5000 + n},{number},x\n" for n in range(40)]
    data = ("customer,event,time,연락처,주민번호,memo\n" + "".join(rows)).encode()
    at = drop(app(language, "data"), ("people.csv", data))
    warned = " ".join(one.value for one in at.warning)
    assert text("bring.personal_phone", language) in warned and "주민번호" in warned
    assert not shown(at, "1234-50") and not shown(at, number)
    next(one for one in at.toggle if one.key.endswith(".masked")).set_value(False).run()
    assert shown(at, "1234-50") and not shown(at, number)
    project = Store(home).open(go_on(at))
    (file,) = project.state.data.files
    assert file.is_scrubbed
    assert not holding(home, number)
    assert holding(home, "010-1234-5001"), "what its owner does not mask is found where it is kept"
    at = app(language, "data", project.id)
    button(at, f"change.{file.id}").click().run()
    assert not at.exception and not at.error
    assert role(at, "event").value == "event"


RRN = "900101-1234568"
VISITS = [[f"C{n % 7}", "view", f"2024-05-0{1 + n % 9} 10:00", "x"] for n in range(40)]
NAMES = ["customer", "event", "time", "memo"]


def lines(*rows):
    return "\n".join(",".join(row) for row in rows).encode()


def two_sheets():
    book = openpyxl.Workbook()
    for name, rows in (("visits", [NAMES, *VISITS]), ("members", [["name", "no"], ["Kim", RRN]] * 9)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HIDDEN = {
    "in the name of the file": (f"{RRN}.csv", lines(NAMES, *VISITS)),
    "in the name of a column": ("a.csv", lines([*NAMES[:3], RRN], *VISITS)),
    "above the names": ("a.csv", lines([f"of {RRN}"], ["May 2024"], NAMES, *VISITS)),
    "above the names, packed": ("a.csv.gz", gzipped(lines([f"of {RRN}"], ["May 2024"], NAMES, *VISITS))),
    "in a torn row": ("a.csv", lines(NAMES, *VISITS, ["C1", RRN])),
    "in another sheet": ("a.xlsx", two_sheets()),
    "in the name of a sheet": ("a.xlsx", workbook([NAMES, *VISITS], sheet=RRN)),
    "in the name of a part": ("a.zip", zipped(**{f"{RRN}_csv": lines(NAMES, *VISITS)})),
}


@pytest.mark.parametrize("place", HIDDEN)
def test_a_resident_number_gets_no_further_than_the_door_wherever_it_stands(app, home, place):
    name, data = HIDDEN[place]
    at = drop(app("en", "data"), (name, data))
    assert not [words for words in words_of(at) if RRN in words.replace("\\", "")]
    assert not [box.key for box in [*at.selectbox, *at.multiselect] if RRN in str([box.options, box.value])]
    project = Store(home).open(go_on(at))
    (file,) = project.state.data.files
    assert (file.rows, file.choice.one("customer")) == (40, "customer")
    assert not holding(home, RRN)
    assert RRN not in project.name
    at = app("en", "data", project.id)
    button(at, f"change.{file.id}").click().run()
    assert not at.exception and not at.error
    assert role(at, "event").value == "event"


def test_what_nobody_has_looked_at_is_not_kept(app, home):
    """A title above the header, another sheet, the file's name: the table is kept, and they are not."""
    number = "900101-1234567"
    book = workbook([line.split(",") for line in MEMBERS.splitlines()], 담당=[["담당자", number]])
    titled = f"담당 {number}\n\n".encode() + SHOP.decode("cp949").encode()
    at = drop(app("ko", "data"), ("book.xlsx", book), ("titled.csv", titled), (f"{number}.csv", SHOP))
    project = Store(home).open(go_on(at))
    kept = {file.name: project.raw_path(file.id).read_bytes()[:4] for file in project.state.data.files}
    assert kept == {
        "book.xlsx": b"PAR1",
        "titled.csv": b"PAR1",
        "●●●●●●-●●●●●●●.csv": SHOP[:4],
    }
    assert not holding(home, number)


@both
def test_a_file_with_a_torn_row_is_not_said_to_be_used_whole(app, home, language):
    project = go_on(drop(app(language, "data"), ("a.csv", lines(NAMES, *VISITS, ["torn"]))))
    said = words_of(app(language, "data", project))
    assert not any(text("brought.used_all", language, rows=40) in words for words in said)
    project = go_on(drop(app(language, "data"), ("b.csv", lines(NAMES, *VISITS))))
    said = words_of(app(language, "data", project))
    assert any(text("brought.used_all", language, rows=40) in words for words in said)


def test_a_project_that_cannot_be_stored_leaves_none_behind(app, home, monkeypatch):
    at = drop(app("ko", "data"), ("shop.csv", SHOP))

    def full(*args, **kwargs):
        raise NotStored(reason="disk_full")

    monkeypatch.setattr("journey.projects.project.Project.put_files", full)
    button(at, "build").click().run()
    assert any(text("projects.not_stored_disk_full", "ko") in words for words in words_of(at))
    assert Store(home).projects() == []
    assert [file.name for file in at.session_state["journey"].tray.files] == ["shop.csv"]


def test_the_columns_of_a_stored_file_are_chosen_again(app, home):
    project = go_on(drop(app("en", "data"), ("shop.csv", SHOP)))
    at = app("en", "data", project)
    (file,) = state_of(home, project).data.files
    button(at, f"change.{file.id}").click().run()
    assert not at.exception
    assert role(at, "event").value == "이벤트"
    role(at, "event").set_value("채널").run()
    assert button(at, "build").label == text("bring.apply", "en")
    go_on(at)
    (file,) = state_of(home, project).data.files
    assert file.choice.one("event") == "채널"
    assert len(Store(home).projects()) == 1


def test_choosing_again_counts_the_rows_as_the_file_had_them(app, home):
    """Above the names there is a title, so the table is kept and not the file."""
    lines = [HEAD, *LINES, "001,방문\n"]
    titled = ("5월 기록,,,\n" + "".join(lines) + "합계,,,\n").encode()
    project = Store(home).open(go_on(drop(app("ko", "data"), ("기록.csv", titled))))
    (before,) = project.state.data.files
    assert before.is_scrubbed and before.reading.rejected == 1
    left = project.table(before.id, "rejected").to_pylist()
    at = app("ko", "data", project.id)
    button(at, f"change.{before.id}").click().run()
    assert text("bring.how_kept", "ko") in words_of(at)
    role(at, "event").set_value("채널").run()
    go_on(at)
    (after,) = project.state.data.files
    assert (after.rows, after.used, after.quality) == (before.rows, before.used, before.quality)
    assert after.reading == before.reading
    assert project.table(after.id, "rejected").to_pylist() == left


def test_projects_of_one_name_are_numbered(app, home):
    for _ in range(3):
        at = app("en")
        at.button(key="sample.shop").click().run()
    names = {summary.name for summary in Store(home).projects()}
    assert names == {"Online shop", "Online shop (2)", "Online shop (3)"}


def test_the_session_names_what_waits_and_holds_no_table(app):
    at = drop(app("en", "data"), ("shop.csv", SHOP))
    (file,) = at.session_state["journey"].tray.files
    assert {type(value).__name__ for value in vars(file).values()} <= {
        "str",
        "int",
        "bool",
        "NoneType",
        "tuple",
        "How",
        "TableChoice",
    }
    assert session.Session().tray.files == ()


@both
def test_the_first_rows_of_every_file_are_seen_without_a_click(app, language):
    at = drop(app(language, "data"), ("shop.csv", SHOP), ("members.csv", MEMBERS.encode()))
    assert [one.value.shape for one in at.dataframe] == [(50, 4), (5, 3)]
    assert text("bring.role_customer", language) in json.loads(at.dataframe[0].proto.columns)["0"]["label"]


@both
def test_what_was_left_out_is_seen_before_the_stages_are(app, home, language):
    bad = SHOP.decode("cp949") + ",상품조회,2024-05-03 10:00,검색\n"
    at = drop(app(language, "data"), ("shop.csv", bad.encode()))
    go_on(at)
    said = text("events.dropped_no_customer", language, rows=1)
    assert any(said in words for words in words_of(at))
    assert button(at, "to_stages") is not None


@both
def test_what_makes_no_journey_is_kept_and_does_not_promise_one(app, language):
    at = drop(app(language, "data"), ("members.csv", MEMBERS.encode()))
    assert button(at, "build").label == text("bring.keep", language)
    at = drop(at, ("shop.csv", SHOP))
    assert button(at, "build").label == text("bring.make", language)


def test_files_that_are_no_journeys_can_all_be_put_away(app):
    at = drop(app("ko", "data"), ("prices.csv", PRICES.encode()))
    assert button(at, "build") is None
    button(at, "put_away").click().run()
    assert not at.session_state["journey"].tray.files


@both
def test_a_summed_test_says_what_a_row_is_and_which_arms_there_are(app, home, language):
    days = [f"2024-05-0{day},{day * 900},{day * 100},{day * 910},{day * 120}" for day in range(1, 6)]
    summed = "\n".join(["날짜,A 방문자수,A 구매자수,B 방문자수,B 구매자수", *days]).encode()
    at = drop(app(language, "data"), ("배너.csv", summed))
    said = f"{text('bring.shape_sums', language)}  \n{text('bring.shape_arms', language, arms='A, B')}"
    assert said in words_of(at)
    assert not role(at, "arm").label.endswith(text("bring.needed", language, role=""))
    over_time = next(one for one in at.selectbox if one.label == text("bring.cumulative", language))
    assert (over_time.value, over_time.options) == (
        "auto",
        [text(f"bring.cumulative_{word}", language) for word in ("auto", "yes", "no")],
    )
    over_time.set_value("no").run()
    assert not at.exception
    (file,) = state_of(home, go_on(at)).data.files
    assert (next(iter(file.tables)), file.choice.cumulative) == ("sums", False)
    assert any(text("brought.tests_ready", language, n=1) == one.value for one in at.success)
    assert button(at, "to_tests") is not None


def test_who_saw_which_arm_alone_promises_no_results(app):
    rows = [f"u{number},{'AB'[number % 2]}안" for number in range(30)]
    at = drop(app("ko", "data"), ("노출.csv", "\n".join(["user_id,그룹", *rows]).encode()))
    assert any(text("bring.shape_exposures", "ko") in words for words in words_of(at))
    go_on(at)
    assert text("brought.tests_assigned", "ko") in {one.value for one in at.info}
    assert button(at, "to_tests") is None
