"""The main job in a real browser: bring a file, drag its events into stages, see the journey, come back."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from .browser import ROOT, drop, open_sample, serve, settled, taken

APP = ROOT / "app.py"
FILE = ROOT / "sample_data" / "shop_events_cp949.csv"
PAGES = {"데이터": "data", "단계": "stages", "흐름": "flows", "도달과 이탈": "reach", "경로": "routes"}
# How each kind of download begins.
FILES = {"PNG": b"\x89PNG", "PDF": b"%PDF", "CSV": b"\xef\xbb\xbf", "HTML": b"<!doctype html>"}


@pytest.fixture
def app(server, turn_page):
    """open(path, **context): the app in a new tab."""
    address = server(APP)

    def open_(path: str = "/", **context) -> Page:
        page = turn_page(address + path, **context)
        settled(page)
        return page

    return open_


def go(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    settled(page)


def drag(page: Page, event: str, stage: str) -> None:
    source = page.locator(f'.strip .card[data-event="{event}"]')
    source.scroll_into_view_if_needed()
    start = source.bounding_box()
    end = page.locator(f'.strip .col[aria-label="{stage}"] .head').bounding_box()
    page.mouse.move(start["x"] + 30, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 42, start["y"] + 24)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] + 30, steps=8)
    page.mouse.up()


def ribbon(page: Page, source: str, target: str, step: int = 1):
    where = f"흐름: {source} → {target}; 위치: {step}걸음째 → {step + 1}걸음째;"
    return page.locator(f'[aria-label^="{where}"]').first


def test_the_main_job_from_a_cp949_file_to_the_people_and_back(app):
    page = app()
    go(page, "데이터")
    drop(page, FILE)
    expect(page.get_by_text("인코딩 CP949", exact=False)).to_be_visible()
    expect(page.get_by_role("combobox", name="고객 (꼭 필요해요)", exact=True)).to_have_value("고객ID")
    page.get_by_role("button", name="여정 만들기").click()
    # Eight rows of the file cannot be used: that is said first.
    page.get_by_role("button", name="단계로 나누러 가기").click()
    expect(page.locator('.strip .card[data-event="장바구니 담기"]')).to_be_visible()

    go(page, "흐름")
    before = ribbon(page, "인지", "고려").get_attribute("d")
    go(page, "단계")
    stage = page.locator('.strip .col[aria-label="구매"]')
    reached = stage.locator(".reach").inner_text()
    drag(page, "장바구니 담기", "구매")
    expect(stage.locator('[data-event="장바구니 담기"]')).to_be_visible()
    expect(stage.locator(".reach")).not_to_have_text(reached)
    expect(page.locator(".status")).to_have_text("저장됨")

    go(page, "흐름")
    expect(ribbon(page, "인지", "고려")).to_be_visible()
    assert ribbon(page, "인지", "고려").get_attribute("d") != before
    clicked = ribbon(page, "인지", "고려")
    count = re.search(r"고객: ([\d,]+)명", clicked.get_attribute("aria-label")).group(1)
    clicked.click()
    expect(page.get_by_role("heading", name="인지 → 고려")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(count)
    expect(page.get_by_text("고객 ID는 가려져 있어요", exact=False)).to_be_visible()

    page.get_by_test_id("stSidebar").get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Flows", exact=True, level=1)).to_be_visible()
    assert "lang=en" in page.url
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Flows", exact=True, level=1)).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Stages", exact=True).click()
    kept = page.locator('.strip .col[aria-label="구매"] [data-event="장바구니 담기"]')
    expect(kept).to_be_visible()


def test_project_and_language_stay_in_the_url_over_all_pages_and_open_on_a_cold_server(
    server, app_home, tmp_path, open_page
):
    page = open_page(f"{server(APP)}/flows")
    settled(page)
    # The frame runs first at a deep link, too.
    expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
    expect(page.get_by_text("아직 데이터가 없어요", exact=False)).to_be_visible()
    expect(page).to_have_url(re.compile(r"lang=ko"))
    go(page, "시작하기")
    open_sample(page)
    expect(page.locator(".strip .stage")).to_have_count(6)
    wide = page.locator(".strip").evaluate("strip => strip.scrollWidth - strip.clientWidth")
    assert wide <= 0, "a laptop shows all stages"
    expect(page.get_by_role("button", name="되돌리기")).to_be_disabled()
    for title, name in PAGES.items():
        go(page, title)
        expect(page).to_have_url(re.compile(rf"/{name}\?lang=ko&project=[0-9a-f]{{32}}$"))
    link = urlsplit(page.url)
    page.close()
    with serve(APP, tmp_path, environment={"JOURNEY_HOME": str(app_home)}) as cold:
        again = open_page(f"{cold}{link.path}?{link.query}", locale="en-US")
        settled(again)
        expect(again.get_by_role("heading", name="경로", exact=True, level=1)).to_be_visible()
        expect(again.get_by_test_id("stVegaLiteChart")).to_be_visible()
        # Before the server goes: the page may still be fetching what it will need later.
        again.close()


def test_a_phone_shows_every_page_without_sideways_scrolling(app, sample):
    page = app(f"/stages?project={sample('ko')}", viewport=(390, 844))
    for name in PAGES.values():
        page.goto(re.sub(r"//([^/]+)/[^?]*", rf"//\1/{name}", page.url))
        settled(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name


def test_pictures_tables_and_the_list_of_people_are_taken_away(app, sample):
    page = app(f"/flows?project={sample('ko')}")
    expect(page.get_by_role("heading", name="흐름", exact=True, level=1)).to_be_visible()
    page.get_by_role("button", name="내려받기", exact=True).click()
    for form, start in FILES.items():
        file = taken(page, page.get_by_role("button", name=re.compile(rf"\({form}\)")).first)
        assert Path(file.path()).read_bytes().startswith(start)
        assert re.fullmatch(rf"온라인 쇼핑몰.* - 흐름\.{form.lower()}", file.suggested_filename)
    page.keyboard.press("Escape")
    settled(page)

    ribbon(page, "인지", "고려").click()
    people = taken(page, page.get_by_role("button", name="명단 내려받기"))
    head, *rows = Path(people.path()).read_text("utf-8-sig").splitlines()
    assert head == "고객,기록 수,첫 기록,마지막 기록,경로"
    shown = page.get_by_test_id("stMetricValue").first.inner_text()
    assert len(rows) == int(shown.replace(",", ""))
    assert all(row.startswith("C-") for row in rows), "ids are masked in files, too"

    # A click on a box offers to begin there, and then there is nothing else in the first step.
    page.locator('[aria-label^="이름: 고려; 위치: 2걸음째;"]').first.click()
    page.get_by_role("button", name="여기부터 보기").click()
    expect(ribbon(page, "고려", "인지")).to_be_visible()
    expect(page.locator('[aria-label^="이름: 인지; 위치: 1걸음째;"]')).to_have_count(0)
