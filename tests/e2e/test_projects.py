"""Projects in a real browser: taken along as a file, brought back, and deleted by keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .browser import ROOT, open_sample, settled, taken


def test_a_project_leaves_as_a_file_comes_back_from_it_and_is_deleted_by_keyboard(
    tmp_path, own_server, open_page
):
    address = own_server(ROOT / "app.py", tmp_path / "home")
    page = open_page(address)
    open_sample(page)
    first = re.search(r"project=(\w+)", page.url).group(1)
    page.goto(f"{address}/?project={first}")
    page.get_by_role("button", name="관리").click()
    page.get_by_text("내보내기", exact=True).click()
    exported = taken(page, page.get_by_role("button", name="내려받기").first)
    assert exported.suggested_filename == "온라인 쇼핑몰.journey"
    file = tmp_path / "taken.journey"
    exported.save_as(file)
    page.get_by_role("button", name="닫기").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("button", name="프로젝트 파일 열기").click()
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.locator(".board .card").first).to_be_visible()
    settled(page)
    second = re.search(r"project=(\w+)", page.url).group(1)
    assert second != first
    expect(page.get_by_test_id("stSidebar").get_by_text("온라인 쇼핑몰 (2)")).to_be_visible()

    page.goto(f"{address}/?project={first}")
    settled(page)
    card = page.locator(f".st-key-project_{second}")
    card.get_by_role("button", name="관리").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="지우기").or_(page.get_by_role("option", name="지우기")).focus()
    page.keyboard.press("Enter")
    sure = page.get_by_role("dialog").get_by_role("button", name="지우기")
    expect(sure).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("온라인 쇼핑몰 (2)")).to_be_visible()
    sure.focus()
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator(f".st-key-project_{first}")).to_be_visible()
    expect(page).to_have_url(re.compile(f"project={first}"))
    assert not (tmp_path / "home" / "projects" / second).exists()
