"""The presentation view in a real browser: the page alone, the keys of a clicker, and the way out."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .browser import ROOT, settled

APP = ROOT / "app.py"
CHROME = ("stSidebar", "stHeader", "stToolbar", "stSidebarNav", "stExpander", "stPopover")


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    settled(page)


def press(page: Page, key: str) -> None:
    """Who listens for keys has drawn the buttons."""
    expect(page.get_by_role("button", name="Next page")).to_be_visible()
    page.locator("body").press(key)


def test_the_page_alone_with_the_keys_of_a_clicker_and_the_way_out(server, sample, open_page):
    page = open_page(f"{server(APP)}/stages?project={sample('en')}", locale="en-US", viewport=(1600, 1000))
    settled(page)
    page.get_by_role("button", name="Present", exact=True).click()
    page.get_by_text("Demo mode (mask names)").click()
    expect(page).to_have_url(re.compile("demo=1"))
    page.get_by_text("Presentation view", exact=True).click()
    expect(page).to_have_url(re.compile("show=1"))
    settled(page)

    press(page, "PageDown")
    heading(page, "Flows")
    expect(page).to_have_title("Flows · Journey Lab")
    expect(page).to_have_url(re.compile(r"/flows\?.*demo=1.*show=1"))
    for part in CHROME:
        assert not page.get_by_test_id(part).filter(visible=True).count(), part
    expect(page.get_by_text("Names masked")).to_be_visible()
    drawn = page.locator(".st-key-chart_flows svg.marks")
    expect(drawn).to_be_visible()
    page.wait_for_function(
        "document.querySelector('.st-key-chart_flows svg.marks').getBoundingClientRect().height > 600"
    )
    page.wait_for_function(
        "document.querySelector('.st-key-chart_flows svg.marks').getBoundingClientRect().right <= innerWidth"
    )
    box = drawn.bounding_box()
    assert box["width"] > 1400 and box["y"] + box["height"] <= 1000, box
    page.get_by_text("Awareness 1,837").last.click()
    expect(page.get_by_role("heading", name="Awareness · ")).to_be_visible()

    press(page, "ArrowRight")
    heading(page, "Reach and drop-off")
    press(page, "ArrowLeft")
    heading(page, "Flows")
    page.reload()
    heading(page, "Flows")
    expect(page.get_by_test_id("stSidebar").filter(visible=True)).to_have_count(0)

    press(page, "Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    expect(page).not_to_have_url(re.compile("show=1"))
    expect(page).to_have_url(re.compile("demo=1"))
    expect(page.get_by_text("Names masked")).to_be_visible()


def test_keys_are_heard_with_another_size_of_the_window_and_in_quick_succession(server, sample, open_page):
    page = open_page(f"{server(APP)}/stages?project={sample('en')}", locale="en-US", viewport=(1600, 1000))
    settled(page)
    page.get_by_role("button", name="Present", exact=True).click()
    page.get_by_text("Presentation view", exact=True).click()
    expect(page.get_by_role("button", name="Next page")).to_be_visible()
    settled(page)
    # The size is said a fifth of a second after the window came to rest; the key is pressed just then.
    page.evaluate(
        """addEventListener("resize", () => setTimeout(() => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "PageDown", bubbles: true })), 200), { once: true })"""
    )
    page.set_viewport_size({"width": 1400, "height": 900})
    heading(page, "Flows")
    # So quickly that the later keys are pressed while the pages of the earlier ones are drawn.
    settled(page)
    for _ in range(3):
        page.locator("body").press("PageDown")
        page.wait_for_timeout(60)
    heading(page, "Funnel")
    for _ in range(2):
        page.locator("body").press("PageUp")
        page.wait_for_timeout(400)
    heading(page, "Reach and drop-off")
