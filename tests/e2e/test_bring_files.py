"""Files as teams have them in a real browser: several at once, a big one that is cancelled, nothing lost."""

from __future__ import annotations

import gzip
import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from .browser import ROOT, drop, serve, settled

APP = ROOT / "app.py"
EVENTS = ROOT / "sample_data" / "shop_events_cp949.csv"
MEMBERS = ROOT / "sample_data" / "shop_customers.csv"


@pytest.fixture
def page(tmp_path, open_page):
    with serve(APP, tmp_path / "home") as address:
        opened = open_page(f"{address}/data")
        settled(opened)
        yield opened


def waiting(page: Page):
    return page.locator('[class*="st-key-file_"]')


def orders_workbook(path):
    book = openpyxl.Workbook()
    book.active.title = "주문"
    book.active.append(["주문 내역"])
    book.active.append(["회원번호", "주문번호", "주문일시", "결제금액"])
    for number in range(60):
        day = f"2024-05-{1 + number % 28:02d} 10:00:00"
        book.active.append([f"{number % 7:03d}", f"O{number:05d}", day, f"{1000 + number:,}원"])
    book.save(path)
    return path


def big_file(path, megabytes):
    line = b"C%07d,view,2024-03-05 10:00:00,%s\n"
    with gzip.open(path, "wb", compresslevel=1) as sink:
        sink.write(b"customer,event,time,note\n")
        for block in range(megabytes * 2):
            sink.write(b"".join(line % (block * 4000 + n, b"x" * 90) for n in range(4000)))
    return path


def test_several_files_become_one_journey_and_a_broken_one_is_named(page, tmp_path):
    broken = tmp_path / "아주 긴 이름의 파일 2024년 상반기 마케팅 캠페인 성과 보고서 최종 (수정).png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    drop(page, EVENTS, MEMBERS, broken)
    expect(waiting(page)).to_have_count(3)
    expect(page.get_by_role("alert").filter(has_text="아주 긴 이름")).to_be_visible()
    expect(page.get_by_text("파일이 서로 이어지나요?")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    page.get_by_role("button", name="여정 만들기").click()
    # What was left out is seen first.
    page.get_by_role("button", name="단계로 나누러 가기").click(timeout=60_000)
    expect(page.locator(".board .card").first).to_be_visible(timeout=60_000)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="데이터", exact=True).click()
    settled(page)
    for name in (EVENTS.name, MEMBERS.name):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()


def test_a_big_reading_is_cancelled_at_once_and_what_was_there_stays(page, tmp_path):
    drop(page, orders_workbook(tmp_path / "orders.xlsx"))
    expect(page.get_by_role("button", name="여정 만들기")).to_be_visible(timeout=30_000)
    drop(page, big_file(tmp_path / "big.csv.gz", 150))
    cancel = page.get_by_role("button", name="그만 읽기")
    cancel.click(timeout=60_000)
    stopped = page.get_by_text("읽기를 멈췄어요", exact=False)
    expect(stopped).to_be_visible(timeout=4_000)
    expect(waiting(page)).to_have_count(2)
    expect(page.get_by_role("button", name="다시 읽기")).to_be_visible()
    page.get_by_role("button", name="여정 만들기").click()
    expect(page.locator(".board .card").first).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile("/stages"))
