"""A project of eight cards in four stages, and the hand that drags them."""

from __future__ import annotations

import pandas as pd
from playwright.sync_api import Page, expect

from journey.events.log import EventLog
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.projects.one_file import put_log

STAGES = ("인지", "고려", "구매", "사용")
EVENTS = ("검색", "상세 조회", "장바구니", "결제", "후기", "공유", "문의", "반품")


def new_project(home) -> str:
    times = pd.date_range("2024-03-05 09:00", periods=len(EVENTS), freq="min", tz="Asia/Seoul")
    frames = [pd.DataFrame({"customer": c, "event": EVENTS, "time": times}) for c in ("가", "나", "다")]
    log = EventLog.from_frame(pd.concat(frames, ignore_index=True))
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event in EVENTS:
        stages = stages.place(event, stages.stages[0].id)
    project = Store(home).create("둘의 여정")
    put_log(project, b"two", "two.csv", log, stage_map=stages)
    return project.id


def card(page: Page, event: str, stage: str):
    return page.locator(f'.strip .col[aria-label="{stage}"] .card[data-event="{event}"]')


def lift(page: Page, event: str) -> None:
    source = page.locator(f'.strip .card[data-event="{event}"]')
    source.scroll_into_view_if_needed()
    box = source.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 42, box["y"] + 24)


def let_go(page: Page, stage: str) -> None:
    box = page.locator(f'.strip .col[aria-label="{stage}"] .head').bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 30, steps=4)
    page.mouse.up()


def move(page: Page, event: str, stage: str) -> None:
    """Drag a card; the change is acknowledged when this returns."""
    lift(page, event)
    let_go(page, stage)
    expect(page.locator(".board:not(.stale)")).to_be_visible()
    expect(card(page, event, stage)).to_be_visible()


class Hand:
    """Drags cards of one page without waiting for an answer, and knows what the board has said to be saved.

    `made` are the edits so far as (event, stage); the first `kept` of them the board has shown as saved.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.made: list[tuple[str, str]] = []
        self._look()

    def drag(self, event: str, stage: str) -> None:
        """Drop a card on a stage in which it is not."""
        lifted = self.page.locator(f'.strip .card.lifted[data-event="{event}"]')
        for _ in range(5):
            # Where the others work too a card may go elsewhere while the hand reaches for it.
            lift(self.page, event)
            if lifted.count() == 1:
                break
            self.page.keyboard.press("Escape")
            self.page.mouse.up()
        else:
            raise AssertionError(f"the card {event} could not be lifted")
        let_go(self.page, stage)
        self.made.append((event, stage))
        self._look()

    def is_saved(self) -> bool:
        """Does the board show everything as saved?"""
        return self.page.locator(".board .status").get_attribute("data-state") == "saved"

    @property
    def kept(self) -> int:
        """So many edits were shown as saved at some time."""
        return self._look()

    def _look(self) -> int:
        # Asked after a drop: what is shown as saved from now on has this edit in it.
        return self.page.locator(".board .status").evaluate(
            """(status, made) => {
              const hand = (window.hand ??= { made: 0, kept: 0 });
              const look = () => { if (status.dataset.state === "saved") hand.kept = hand.made; };
              // A board that is drawn anew, because its server was, has another status.
              if (status !== hand.status) new MutationObserver(look).observe(status, { attributes: true });
              Object.assign(hand, { status, made });
              look();
              return hand.kept;
            }""",
            len(self.made),
        )
