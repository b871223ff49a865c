"""A full disk, and a folder that may not be written to, below a server that runs: nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journey.i18n import text
from journey.projects.store import Store
from tests.endurance import FULL_LENGTH

from .boards import card, let_go, lift, new_project
from .browser import ROOT, drop, serve, settled

APP = ROOT / "app.py"
FILE = ROOT / "sample_data" / "shop_events_cp949.csv"
# The board tries again after 5 seconds, then after 10, then after 20.
PATIENCE = 40_000


def mounted(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own, which can be filled to the last byte and locked against writing."""
    folder = tmp_path_factory.mktemp("disk")
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or not mounted("-t", "tmpfs", "-o", "size=12m", "x", folder)
    ):
        pytest.skip("only who may mount can make a disk that is full or read-only for everybody")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as sink:
        for piece in (1 << 20, 1 << 12, 1):
            while True:
                try:
                    sink.write(bytes(piece))
                except OSError:
                    break
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Laid over the disk: what has a file of it open may go on with that, as with another's lock."""
    assert mounted("--bind", disk, disk)
    assert mounted("-o", "remount,bind,ro", disk)
    try:
        yield
    finally:
        # At once, also while the server reads a file of it.
        subprocess.run(["umount", "--lazy", disk], check=True)


FAULTS = {"disk_full": full, "read_only": read_only}


@pytest.fixture(scope="module")
def home(disk: Path) -> Path:
    return disk / "home"


@pytest.fixture(scope="module")
def address(disk: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log")
    # What is filled or locked is the disk of the projects, not that of the server's log.
    with serve(APP, log, environment={"JOURNEY_HOME": str(home)}) as address:
        yield address


def note(page: Page, reason: str, language: str):
    return page.get_by_test_id("stAlert").filter(has_text=text(f"projects.not_stored_{reason}", language))


def is_kept(page: Page) -> None:
    expect(page.locator(".board .status[data-state=saved]")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("reason", FAULTS if FULL_LENGTH else ["disk_full"])
def test_cards_stay_where_they_were_dropped_and_are_saved_as_soon_as_it_can_be(
    address: str, disk: Path, home: Path, open_page, reason: str
) -> None:
    project = Store(home).open(new_project(home))
    url = f"{address}/stages?project={project.id}"
    pages = {"ko": open_page(url), "en": open_page(url, locale="en-US")}
    moves = {"ko": ("검색", "고려"), "en": ("결제", "사용")}
    for page in pages.values():
        settled(page)
        is_kept(page)
    before = project.state
    with FAULTS[reason](disk):
        for language, page in pages.items():
            lift(page, moves[language][0])
            let_go(page, moves[language][1])
            expect(page.locator(".status")).to_have_text(text(f"projects.not_stored_{reason}", language))
            expect(card(page, *moves[language])).to_be_visible()
            # It waits while somebody looks at another page.
            there, back = (text(f"page.{name}.title", language) for name in ("history", "stages"))
            for title in (there, back):
                page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
                expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
            expect(card(page, *moves[language])).to_be_visible()
            expect(page.locator(".status")).to_have_text(text(f"projects.not_stored_{reason}", language))
            # Whoever closes the page now is asked first.
            assert page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))") is False
        assert project.state == before
    for page in pages.values():
        is_kept(page)
        assert page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))") is True
    stages = project.state.stage_map
    names = {stage.id: stage.name for stage in stages.stages}
    assert {event: names[stages.events[event]] for event, _ in moves.values()} == dict(moves.values())
    assert len(project.history()) == 4


@pytest.mark.parametrize("reason", FAULTS if FULL_LENGTH else ["read_only"])
def test_what_was_typed_or_brought_stays_and_can_be_saved_afterwards(
    address: str, disk: Path, home: Path, open_page, reason: str
) -> None:
    store = Store(home)
    project = store.open(new_project(home))
    known = {one.id for one in store.projects()}
    page = open_page(f"{address}/history?project={project.id}")
    other = open_page(f"{address}/data?project={project.id}")
    settled(page)
    drop(other, FILE)
    start = other.get_by_role("button", name="여정 만들기")
    expect(start).to_be_visible()
    settled(other)
    field = page.get_by_label("버전 이름")
    keep = page.get_by_role("button", name="지금 상태를 버전으로 남기기")
    client = page.get_by_label("고객사 이름")
    sidebar, dialog = page.get_by_test_id("stSidebar"), page.get_by_role("dialog")
    with FAULTS[reason](disk):
        sidebar.get_by_role("button", name="보여 주기").click()
        client.fill("가나다 상사")
        client.press("Enter")
        expect(note(page, reason, "ko")).to_be_visible()
        expect(client).to_have_value("가나다 상사")
        page.keyboard.press("Escape")
        field.fill("워크숍 전")
        keep.click()
        expect(note(page, reason, "ko")).to_be_visible()
        expect(field).to_have_value("워크숍 전")
        start.click()
        expect(note(other, reason, "ko")).to_be_visible()
        expect(other.locator(".st-key-building")).to_have_count(0)
        sidebar.get_by_role("button", name="이름 바꾸기").click()
        dialog.get_by_label("프로젝트 이름").fill("여름 여정")
        dialog.get_by_role("button", name="바꾸기").click()
        expect(note(page, reason, "ko")).to_be_visible()
        expect(dialog.get_by_label("프로젝트 이름")).to_have_value("여름 여정")
    assert {entry.name for entry in (home / "projects").iterdir()} == known
    assert (project.name, project.versions(), project.state.settings) == ("둘의 여정", (), {})
    dialog.get_by_role("button", name="바꾸기").click()
    expect(sidebar.get_by_text("여름 여정")).to_be_visible()
    keep.click()
    expect(page.get_by_test_id("stMain").get_by_text("워크숍 전", exact=True)).to_be_visible()
    start.click()
    expect(other.get_by_role("button", name="단계로 나누러 가기")).to_be_visible()
    (made,) = (one for one in store.projects() if one.id not in known)
    assert store.open(made.id).state.data.files[0].name == FILE.name
    assert project.state.settings == {"brand.name": "가나다 상사"}
    assert [version.name for version in project.versions()] == ["워크숍 전"]
