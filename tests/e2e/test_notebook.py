"""The notebook in a real browser: pinned, moved by hand and by keys, shown, and read offline."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .browser import ROOT, one_run, settled, taken


def pin(page: Page, title: str, line: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    page.get_by_role("button", name="Pin", exact=True).click()
    page.get_by_label("One line in your own words").fill(line)
    page.get_by_role("button", name="Pin it").click()
    expect(page.get_by_text("Pinned to the notebook.")).to_be_visible()
    settled(page)


def order(page: Page, *names: str) -> None:
    """The list has this order at once, and the cells as soon as it is kept."""
    expect(page.locator(".cells li span")).to_have_text(list(names))
    cells = page.locator("[class*=st-key-cell_] h3").filter(visible=True)
    expect(cells).to_have_text([re.compile(f"^{re.escape(name[:12])}") for name in names])


def test_pinned_moved_shown_and_taken_away(server, sample, open_page, browser, tmp_path):
    page = open_page(f"{server(ROOT / 'app.py')}/stages?project={sample('en')}", locale="en-US")
    settled(page)
    mean = "<b>Half</b> leave $x$ ![p](http://evil.invalid/p.png)"
    pin(page, "Reach and drop-off", mean)
    pin(page, "Routes", "The way most take")
    page.get_by_role("link", name="Notebook", exact=True).click()
    order(page, mean, "The way most take")
    # Streamlit draws a badge with a help twice, and hides one of them.
    expect(page.get_by_text("Unchanged").filter(visible=True)).to_have_count(2)

    lines = page.locator(".cells li")
    first, second = lines.nth(0).bounding_box(), lines.nth(1).bounding_box()
    page.mouse.move(second["x"] + 60, second["y"] + 8)
    page.mouse.down()
    page.mouse.move(first["x"] + 60, first["y"] + 2, steps=6)
    page.mouse.up()
    order(page, "The way most take", mean)
    settled(page)
    lines.nth(0).focus()
    page.keyboard.press("Alt+ArrowDown")
    order(page, mean, "The way most take")
    settled(page)
    page.get_by_role("button", name="Undo").click()
    order(page, "The way most take", mean)
    settled(page)

    page.get_by_role("button", name="Download").click()
    with one_run(page):
        page.get_by_test_id("stPopoverBody").get_by_text("한국어").click()
    file = tmp_path / "notebook.html"
    taken(page, page.get_by_role("button", name="Download HTML file")).save_as(file)
    offline = browser.new_context(offline=True)
    try:
        read = offline.new_page()
        asked: list[str] = []
        read.on("request", lambda request: asked.append(request.url))
        read.goto(file.as_uri())
        expect(read.locator("h2").first).to_have_text("The way most take")
        expect(read.locator("h2").nth(1)).to_have_text(mean)
        expect(read.get_by_text("그대로예요")).to_have_count(2)
        expect(read.locator("figure .light svg")).to_have_count(2)
        assert [url for url in asked if not re.match("file:|data:", url)] == []
    finally:
        offline.close()

    # The list tells what it sees while the page is still drawn, which must not cut the page off.
    page.reload()
    settled(page)
    expect(page.locator("[class*=st-key-cell_menu]")).to_have_count(2)

    page.goto(page.url + "&show=1")
    expect(page.get_by_role("heading", name="The way most take")).to_be_visible()
    expect(page.get_by_role("button", name="Next page")).to_be_visible()
    settled(page)
    page.locator("body").press("PageDown")
    expect(page.get_by_role("heading", name="<b>Half</b> leave")).to_be_visible()
    expect(page.get_by_role("heading", name="The way most take")).to_have_count(0)
