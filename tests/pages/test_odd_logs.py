"""Logs at the edge of what a log can be: every page draws, or says why not."""

from itertools import cycle

import pytest

from journey.i18n import text
from tests.pages.brought import drop, go_on, words_of
from ui.navigation import PAGES

QUESTIONS = ["data", "stages", *PAGES["explore"], "conformance"]
HEAD = "customer,event,time,amount,score\n"
LOGS = {
    "one row": ["a,view,2024-05-01 10:00,1,5"],
    "one customer": [
        f"a,{event},2024-05-0{n} 10:00,{n},5" for n, event in enumerate(["view", "buy", "use"], 1)
    ],
    "one event": [f"c{n},view,2024-05-01 10:{n:02d},{n},5" for n in range(20)],
    "one second": [f"c{n % 4},{'view' if n % 3 else 'buy'},2024-05-01 10:00:00,{n},5" for n in range(20)],
    "no number is one": [
        f"c{n % 4},{'view' if n % 3 else 'buy'},2024-05-{n + 1:02d},{odd},0"
        for n, odd in enumerate(["inf", "-inf", "NaN", "-5", "1e400", "0", "", "(500)"])
    ],
}


# The languages take turns: what makes a page fail here are the rows, not its words.
@pytest.mark.parametrize(
    ("rows", "language"), [*zip(LOGS.values(), cycle(["ko", "en"]), strict=False)], ids=LOGS
)
def test_every_page_answers(app, checked, rows, language):
    data = (HEAD + "\n".join(rows) + "\n").encode()
    project = go_on(drop(app(language, "data"), ("odd.csv", data)))
    for page in QUESTIONS:
        at = app(language, page, project)
        assert not at.error, page
        assert at.title[0].value == text(f"page.{page}.title", language)
        if page in QUESTIONS[2:]:
            assert at.get("vega_lite_chart") or at.info or at.warning, page
        assert not [
            words for words in words_of(at) if "nan" in words.lower().split() or "inf" in words.split()
        ]
