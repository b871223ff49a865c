"""The board of improvements in a real browser: dragged further, by mouse and by keys, and opened."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import expect

from journey.projects.maps import map_named, written
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane
from journey.stages.improvements import Improvement

from .boards import new_project
from .browser import ROOT, settled
from .hands import drag

APP = ROOT / "app.py"
MAP = "a" * 12


def test_an_improvement_goes_on_by_mouse_and_keys_and_nothing_else_of_it_changes(server, app_home, open_page):
    address = server(APP)
    project = Store(app_home).open(new_project(app_home))
    cards = {
        "one": Card(
            "one", "o", "s1", "9", text="검색을 빠르게", state="found", owner="민지", due="2020-01-31"
        ),
        "two": Card("two", "o", "s2", "i", text="결제를 짧게", state="planned", impact=4, effort=1),
    }
    board = Board(
        MAP,
        "지도",
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        lanes={"o": Lane("o", "opportunities", "i")},
        cards=cards,
    )
    project.apply({"op": "settings", "values": written(board)})

    def state_of(card):
        return map_named(project.state.settings, MAP).cards[card]

    page = open_page(f"{address}/improvements?project={project.id}")
    settled(page)
    ids = [Improvement(board, card).key for card in cards.values()]
    one, two = (page.locator(f'.map .card[data-id="{id_}"]') for id_ in ids)
    expect(one.locator(".due")).to_have_text("2020년 1월 31일까지")
    assert one.locator(".due").get_attribute("data-late") is not None
    drag(page, one, page.locator('.cell[data-stage="doing"]'))
    expect(page.locator('.cell[data-stage="doing"]').locator(f'.card[data-id="{ids[0]}"]')).to_be_visible()
    expect(page.locator(".board:not(.stale)")).to_be_visible()
    assert state_of("one") == Card(**{**vars(cards["one"]), "state": "doing"})

    two.focus()
    for key in (" ", "ArrowRight", "ArrowRight", " "):
        page.keyboard.press(key)
    expect(page.locator('.cell[data-stage="done"]').locator(f'.card[data-id="{ids[1]}"]')).to_be_visible()
    expect(page.locator(".board:not(.stale)")).to_be_visible()
    done = state_of("two")
    assert done.state == "done" and dt.date.fromisoformat(done.since)

    # Nothing is written, removed or added here; Enter opens the card.
    expect(page.locator(".map :is(.plus, .add-lane)").locator("visible=true")).to_have_count(0)
    for key in ("Delete", "n", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog").locator("textarea").first).to_have_value("결제를 짧게")
    assert set(map_named(project.state.settings, MAP).cards) == set(cards)
