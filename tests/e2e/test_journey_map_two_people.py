"""A journey map that two people draw at once, and over a connection that is lost."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.projects.arriving import arriving
from journey.projects.maps import map_named, written
from journey.projects.project import Project
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.stages.board import Board, Card, Lane
from journey.stages.stage_map import StageMap

from .browser import ROOT, serve
from .people import PHRASE, Two

APP = ROOT / "app.py"
MAP, PAIN, DOING = "a" * 12, "pain", "doing"
# Long enough that whoever only sends again after 5, 10 and 20 seconds would be late by most of the last.
PATIENCE, LOST = 40_000, 14_000
# Streamlit tries to connect again every 4 seconds at most; what waits goes with the connection.
BACK = 12_000
CHOICE = TableChoice("events", {"customer": ("고객",), "event": ("행동",), "time": ("시각",)})
EVENTS = ("검색", "장바구니", "결제")
HEAD = "고객,행동,시각\n"
ROWS = "".join(
    f"c{number:03d},{event},2024-03-05 09:{at}0\n"
    for number in range(60)
    for at, event in enumerate(EVENTS[: 1 + number % 3])
)


def bound(id_: str, event: str, key: str) -> Card:
    return Card(id_, PAIN, "s1", key, text=f"{event}가 어려워요", link={"kind": "event", "event": event})


CARDS = (
    Card("plain", PAIN, "s2", "i", text="배송이 늦어요"),
    bound("search", "검색", "9"),
    bound("cart", "장바구니", "i"),
    bound("pay", "결제", "r"),
    Card("other", DOING, "s1", "i", text="앱을 열어요"),
)


def new_map(home) -> Project:
    """A project of sixty customers and three stages, with a map on which five cards stand."""
    stages = StageMap()
    for name, event in zip(("인지", "고려", "구매"), EVENTS, strict=True):
        stages = stages.add_stage(name)
        stages = stages.place(event, stages.stages[-1].id)
    project = Store(home).create("지도의 여정")
    content = (HEAD + ROWS).encode()
    first = arriving(read_table(content, "가게.csv"), CHOICE, "가게.csv", content, How(), "")
    project.put_files([first], joined(project.parts([first])), stage_map=stages)
    lanes = {PAIN: Lane(PAIN, "pains", "i"), DOING: Lane(DOING, "actions", "r")}
    at = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    board = Board(MAP, "단골 손님", at, lanes=lanes, cards={card.id: card for card in CARDS})
    project.apply({"op": "settings", "values": written(board)})
    return project


def card(page: Page, id_: str):
    return page.locator(f'.map .card[data-id="{id_}"]')


def cell(page: Page, lane: str, stage: str):
    return page.locator(f'.map .cell[data-cell="{lane}|{stage}"]')


def texts(page: Page) -> list[str]:
    return sorted(page.locator(".map .cell .card .text").all_inner_texts())


def is_kept(page: Page) -> None:
    expect(page.locator(".map .status[data-state=saved]")).to_be_visible(timeout=PATIENCE)


def write(page: Page, id_: str, words: str) -> None:
    card(page, id_).dblclick()
    page.locator(".map textarea").fill(words)
    page.keyboard.press("Enter")


def add(page: Page, lane: str, stage: str, *words: str) -> None:
    cell(page, lane, stage).locator(".plus").click()
    for one in words:
        page.locator(".map textarea").fill(one)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def carry(page: Page, id_: str, lane: str, stage: str) -> None:
    """Drag a card into another cell."""
    source, target = card(page, id_).bounding_box(), cell(page, lane, stage).bounding_box()
    page.mouse.move(source["x"] + 40, source["y"] + 14)
    page.mouse.down()
    page.mouse.move(source["x"] + 52, source["y"] + 26)
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] - 12, steps=4)
    page.mouse.up()


class Wire:
    """The connection of a page to its server, which can be cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self._open: list[WebSocketRoute] = []

    def connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._open.append(socket)

    def cut(self, page: Page) -> None:
        self.is_cut = True
        page.context.set_offline(True)
        for socket in self._open:
            socket.close()
        self._open.clear()

    def mend(self, page: Page) -> None:
        self.is_cut = False
        page.context.set_offline(False)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("maps")


@pytest.fixture(scope="module")
def address(home):
    with serve(APP, home, environment={"JOURNEY_PASSPHRASE": PHRASE}) as address:
        yield address


@pytest.fixture
def two(browser):
    with ExitStack() as stack:
        two = Two(browser, stack)
        yield two
        assert two.errors == []


def test_what_each_writes_is_kept_seen_by_the_other_and_taken_back_alone(two, address, home):
    project = new_map(home)
    url = f"{address}/journey_map?project={project.id}"
    minji, juno = two.open(url, name="민지"), two.open(url, name="준호")
    write(minji, "plain", "배송이 사흘이나 걸려요")
    expect(card(juno, "plain")).to_contain_text("사흘이나")
    carry(juno, "plain", DOING, "s3")
    expect(cell(minji, DOING, "s3").locator('[data-id="plain"]')).to_contain_text("사흘이나")
    add(juno, PAIN, "s3", "환불이 어려워요", "문의할 곳이 없어요")
    expect(cell(minji, PAIN, "s3").locator(".card")).to_have_count(2)
    is_kept(juno)
    minji.locator(".map .tool[data-do=undo]").click()
    for page in (minji, juno):
        # Her words are taken back where his hand has put the card.
        expect(cell(page, DOING, "s3").locator('[data-id="plain"]')).to_contain_text("배송이 늦어요")
        is_kept(page)
    seen = texts(minji)
    minji.reload()
    expect(card(minji, "plain")).to_be_visible()
    assert texts(minji) == texts(juno) == seen == sorted(one.text for one in _cards(project))


def test_ten_seconds_without_a_connection_lose_no_card(two, address, home):
    project = new_map(home)
    url = f"{address}/journey_map?project={project.id}"
    minji, wire = two.open(url, name="민지"), Wire()
    juno = two.open(url, name="준호", wire=wire.connect)
    wire.cut(juno)
    add(juno, PAIN, "s2", "끊긴 동안 하나", "끊긴 동안 둘")
    carry(juno, "other", DOING, "s2")
    write(minji, "other", "알림을 받아요")
    add(minji, PAIN, "s2", "그사이 민지의 것")
    card(minji, "plain").click()
    minji.keyboard.press("Delete")
    is_kept(minji)
    expect(card(juno, "plain")).to_be_visible()
    juno.wait_for_timeout(LOST)
    expect(juno.locator(".map.stale")).to_be_visible()
    wire.mend(juno)
    expect(juno.locator(".map .status[data-state=saved]")).to_be_visible(timeout=BACK)
    for page in (minji, juno):
        expect(cell(page, PAIN, "s2").locator(".card")).to_have_count(3, timeout=PATIENCE)
        expect(cell(page, DOING, "s2").locator('[data-id="other"]')).to_contain_text("알림을 받아요")
        expect(card(page, "plain")).to_have_count(0)
    kept = sorted(one.text for one in _cards(project))
    assert texts(minji) == texts(juno) == kept and len(kept) == len(set(kept))
    assert {"끊긴 동안 하나", "끊긴 동안 둘", "그사이 민지의 것", "알림을 받아요"} <= set(kept)


def _cards(project: Project) -> list[Card]:
    return list(map_named(project.state.settings, MAP).cards.values())
