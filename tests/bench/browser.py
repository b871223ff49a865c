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
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from journey.events.log import EventLog
from journey.projects.store import Store
from journey.stages.stage_map import StageMap
from tests.bench.data import STAGE_OF_EVENT, STAGES
from tests.bench.prepare import save_log
from tests.e2e.browser import ARGUMENTS, ROOT, find_browser, serve, settled

EMPTY = Path(__file__).parent / "apps" / "empty_component.py"
ROUNDS = 21


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
    columns = {"customer": "customer", "event": "event", "time": "time", "session": None, "attributes": []}
    made.put_data(b"bench", "bench.csv", log, columns, stage_map=stages)
    return made.id


def until(changed: Callable[[], bool]) -> float:
    begin = time.perf_counter()
    while not changed():
        if time.perf_counter() - begin > 60:
            raise TimeoutError("nothing changed")
    return time.perf_counter() - begin


def empty_trip(page: Page) -> float:
    """From a click on the empty component to the answer of Python in it."""
    button = page.get_by_test_id("stMain").locator("button")
    before = button.inner_text()
    button.dispatch_event("click")
    return until(lambda: button.inner_text() != before)


def drop(page: Page, card: Locator, target: Locator) -> float:
    """From letting a card go over another stage to that stage's new reach."""
    start, end = card.bounding_box(), target.bounding_box()
    if start is None or end is None:
        raise RuntimeError("the board is not there")
    reach = target.locator(".reach")
    before = reach.inner_text()
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 32, start["y"] + 20)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 160, steps=4)
    page.mouse.up()
    return until(lambda: reach.inner_text() != before and not target.locator(".stale").count())


def measure(n: int, home: Path) -> dict[str, object]:
    """Medians of drop and empty trip, and every single one."""
    opened = project(home, n)
    event = "view_item"
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
        card = board.locator(f'.strip .card[data-event="{event}"]')
        card.wait_for()
        for turn in range(ROUNDS + 2):
            target = board.locator(f'.strip .col[aria-label="{STAGES[turn % 2]}"]')
            board.bring_to_front()
            card.scroll_into_view_if_needed()
            dropped = drop(board, card, target)
            empty.bring_to_front()
            gone = empty_trip(empty)
            if turn >= 2:  # the first ones warm up browser and caches
                found["drop"].append(dropped)
                found["empty"].append(gone)
        browser.close()
    medians = {name: statistics.median(each) for name, each in found.items()}
    return {"n": n, **medians, "all": found}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else 1_000_000, Path(folder))))
