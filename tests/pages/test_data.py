"""From a file to a project: what is guessed, what is asked, and what is said where something is missing."""

import pytest

from journey.i18n import text
from journey.projects.store import Store
from tests.pages.test_every_page import said

HEAD = "회원번호,이벤트,일시,채널\n"
ROWS = "".join(
    f"{number % 7:03d},{event},2024-05-{1 + number % 28:02d} 10:00:00,{channel}\n"
    for number, (event, channel) in enumerate([("방문", "검색"), ("주문", "광고"), ("검색", "검색")] * 20)
)
SHOP = (HEAD + ROWS).encode("cp949")
# What GA4 exports of items: nothing in it names the event.
ITEMS = "user_pseudo_id,event_timestamp,item_name,country\n" + "".join(
    f"{1000 + number % 9},{1_605_937_059_520_352 + number * 60_000_000},Item {number % 5},KR\n"
    for number in range(80)
)


def drop(at, name, data):
    at.file_uploader(key="upload").upload(name, data, "text/csv").run()
    assert not at.exception
    return at


def role(at, name):
    return next(box for box in at.selectbox if box.key.endswith(f".{name}"))


def go_on(at):
    at.button[-1].click().run()
    assert not at.exception
    return at.query_params["project"]


def test_a_korean_file_is_understood_and_becomes_a_project(app, home):
    at = drop(app("ko", "data"), "가게.csv", SHOP)
    assert [role(at, name).value for name in ("customer", "event", "time")] == ["회원번호", "이벤트", "일시"]
    assert any("CP949" in words for words in said(at))
    assert any("2024년 5월 1일 (수) 10:00" in words for words in said(at)), "how the time was read"
    (file,) = Store(home).open(go_on(at)).state.data.files
    assert (file.name, file.choice.one("customer")) == ("가게.csv", "회원번호")


def test_an_open_project_shows_its_data_and_reads_the_file_only_to_change_its_columns(app, home, monkeypatch):
    project = go_on(drop(app("en", "data"), "shop.csv", SHOP))
    read = []
    monkeypatch.setattr("ui.uploads.read_table", lambda *args, **kwargs: read.append(args))
    at = app("en", "data", project)
    assert not read
    assert at.success[0].value.startswith("60 rows of 7 customers")
    monkeypatch.undo()
    at.toggle[0].set_value(True).run()
    assert role(at, "event").value == "이벤트"


def test_the_columns_of_an_open_project_can_be_chosen_again(app, home):
    project = go_on(drop(app("en", "data"), "shop.csv", SHOP))
    at = app("en", "data", project)
    at.toggle[0].set_value(True).run()
    role(at, "event").set_value("채널").run()
    go_on(at)
    assert Store(home).open(project).state.data.files[0].choice.one("event") == "채널"
    assert len(Store(home).projects()) == 1


def test_a_file_without_events_offers_columns_that_could_be_them(app):
    at = drop(app("ko", "data"), "items.csv", ITEMS.encode())
    assert role(at, "event").value is None
    assert text("page.data.event_offer", "ko") in said(at)
    next(button for button in at.button if button.label == r"item\_name").click().run()
    assert role(at, "event").value == "item_name"
    assert text("page.data.event_offer", "ko") not in said(at)


@pytest.mark.parametrize(
    ("head", "key"),
    [
        ("고객ID,성별,등급", "need_time"),
        ("동네,금액,일시", "need_customer"),
        ("동네,금액,층", "need_customer_time"),
    ],
)
def test_what_a_file_lacks_is_said(app, head, key):
    rows = "".join(f"{number},{number % 3 * 100},{number % 2 and '2024-05-01'}\n" for number in range(40))
    at = drop(app("ko", "data"), "x.csv", f"{head}\n{rows}".replace("False", "2024-05-02").encode())
    if key == "need_time":
        assert at.warning[0].value == text(f"page.data.{key}", "ko")
    assert not [button for button in at.button if button.label == text("page.data.go", "ko")]


def test_projects_of_one_name_are_numbered(app, home):
    for _ in range(3):
        at = app("en")
        at.button(key="sample.shop").click().run()
    names = {summary.name for summary in Store(home).projects()}
    assert names == {"Online shop", "Online shop (2)", "Online shop (3)"}
