"""How long from a change of a column's role to the preview that follows, with a large file on the Data page?

In a browser, beside a round trip of an empty component and in turns with it; seconds of wall time, as a user
feels them: `python -m tests.bench.wizard FILE` prints them as one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.browser import EMPTY, empty_trip
from tests.bench.table import TIMES
from tests.e2e.browser import ARGUMENTS, ROOT, find_browser, serve, settled

_WARM_UP, _TURNS = 4, 24
# The caption above the rows tells how the first time was read.
_CAPTION = """() => [...document.querySelectorAll('[data-testid="stCaptionContainer"]')]
  .map(each => each.innerText).find(words => words.includes("→"))"""
# The run ends after the rows are sent. The page itself looks at its clock: at the key, then at each frame.
_FOLLOWED = """before => {
  const app = document.querySelector('[data-testid="stApp"]'), caption = %s;
  window.followed = new Promise(done => addEventListener("keydown", () => {
    const begin = performance.now();
    const look = () => app.dataset.testScriptState === "notRunning" && caption() !== before
      ? done((performance.now() - begin) / 1000)
      : requestAnimationFrame(look);
    look();
  }, { capture: true, once: true }));
}"""


def change(page: Page, column: str) -> float:
    """From choosing another column for the time to the preview as that column reads."""
    box = page.get_by_role("combobox", name="Time (needed)")
    box.click()
    box.fill(column)
    page.get_by_role("option", name=column, exact=True).first.wait_for()
    page.evaluate(_FOLLOWED % _CAPTION, page.evaluate(_CAPTION))
    box.press("Enter")
    seconds: float = page.evaluate("() => window.followed")
    return seconds


def measure(file: Path, home: Path) -> dict[str, object]:
    """Medians of a change and of an empty trip, and every single one; how long the file took to be shown."""
    found: dict[str, list[float]] = {"change": [], "empty": []}
    with (
        serve(ROOT / "app.py", home) as app,
        serve(EMPTY, home / "empty") as plain,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        data, empty = (browser.new_page(viewport={"width": 1800, "height": 1000}) for _ in range(2))
        data.goto(f"{app}/data?lang=en")
        empty.goto(plain)
        for page in (data, empty):
            settled(page)
        begin = time.perf_counter()
        data.locator('input[type="file"]').set_input_files(file)
        data.wait_for_function(f"() => ({_CAPTION})() !== undefined", timeout=120_000)
        shown = time.perf_counter() - begin
        settled(data)
        for turn in range(_TURNS):
            data.bring_to_front()
            changed = change(data, TIMES[(turn + 1) % 2])
            empty.bring_to_front()
            gone = empty_trip(empty)
            if turn >= _WARM_UP:
                found["change"].append(changed)
                found["empty"].append(gone)
        browser.close()
    medians = {name: statistics.median(each) for name, each in found.items()}
    return {**medians, "all": found, "shown": shown}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(sys.argv[1]), Path(folder))))
