"""How long from a drop on the board to new numbers, beside a round trip of an empty component?

Both in one browser and one run, taken in turns; seconds of wall time, as a user feels them:
`python -m tests.bench.browser [rows]` prints them as one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import JSHandle, Locator, Page, sync_playwright

from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.bench.data import EVENTS, STAGE_OF_EVENT, STAGES
from tests.bench.prepare import save_log
from tests.e2e.browser import ARGUMENTS, ROOT, find_browser, serve, settled

EMPTY = Path(__file__).parent / "apps" / "empty_component.py"
_WARM_UP = 4
_OTHER_BUTTON = "([root, before]) => root.querySelector('button').innerText !== before"
_OTHER_REACH = """([root, stage, before]) => {
  const column = root.querySelector(`.strip .col[aria-label="${stage}"]`);
  return column && !column.querySelector(".stale") && column.querySelector(".reach").innerText !== before;
}"""


def project(home: Path, n: int) -> str:
    """The id of a new project with `n` events in the stages of the bench."""
    folder = home / "made"
    folder.mkdir(parents=True)
    save_log(folder, n, 0.005)
    log = EventLog.open(folder)
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event, place in zip(log.event_names, STAGE_OF_EVENT, strict=True):
        stages = stages.place(event, stages.stages[place].id)
    made = Store(home).create("bench")
    choice = TableChoice("events", {"customer": ("customer",), "event": ("event",), "time": ("time",)})
    made.put_data(b"bench", "bench.csv", log, choice, stage_map=stages)
    return made.id


def until(page: Page, changed: str, seen_from: JSHandle, *given: str) -> float:
    """Seconds until a condition holds; the page itself looks, at each frame that it draws."""
    begin = time.perf_counter()
    page.wait_for_function(changed, arg=[seen_from, *given], timeout=60_000)
    return time.perf_counter() - begin


def root(inside: Locator) -> JSHandle:
    """What a component draws in: it stays when what is in it is drawn anew."""
    return inside.evaluate_handle("element => element.getRootNode()")


def empty_trip(page: Page) -> float:
    """From a click on the empty component to the answer of Python in it."""
    button = page.get_by_test_id("stMain").locator("button")
    around, before = root(button), button.inner_text()
    button.dispatch_event("click")
    return until(page, _OTHER_BUTTON, around, before)


def drop(page: Page, event: str, stage: str) -> float:
    """From letting a card go over another stage to that stage's new reach."""
    card = page.locator(f'.strip .card[data-event="{event}"]')
    target = page.locator(f'.strip .col[aria-label="{stage}"]')
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    if start is None or end is None:
        raise RuntimeError("the board is not there")
    around, before = root(target), target.locator(".reach").inner_text()
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 32, start["y"] + 20)
    page.mouse.move(end["x"] + end["width"] / 2, max(end["y"], 0) + 160, steps=4)
    page.mouse.up()
    return until(page, _OTHER_REACH, around, stage, before)


def measure(n: int, home: Path) -> dict[str, object]:
    """Medians of drop and empty trip, and every single one."""
    opened = project(home, n)
    found: dict[str, list[float]] = {"drop": [], "empty": []}
    with (
        serve(ROOT / "app.py", home) as app,
        serve(EMPTY, home / "empty") as plain,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        board, empty = (browser.new_page(viewport={"width": 1800, "height": 1000}) for _ in range(2))
        board.goto(f"{app}/stages?lang=en&project={opened}")
        empty.goto(plain)
        for page in (board, empty):
            settled(page)
        board.locator(".strip .card").first.wait_for()
        # Every turn moves another card, so that no answer is one that was given before.
        for turn, (event, place) in enumerate(zip(EVENTS, STAGE_OF_EVENT, strict=True)):
            board.bring_to_front()
            dropped = drop(board, event, STAGES[(place + 1) % len(STAGES)])
            empty.bring_to_front()
            gone = empty_trip(empty)
            if turn >= _WARM_UP:
                found["drop"].append(dropped)
                found["empty"].append(gone)
        browser.close()
    medians = {name: statistics.median(each) for name, each in found.items()}
    return {"n": n, **medians, "all": found}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else 1_000_000, Path(folder))))
