"""Two browsers edit one project at once: every edit is kept, and both end with the same picture."""

from __future__ import annotations

from contextlib import ExitStack

from playwright.sync_api import expect

from journey.projects.store import Store
from tests.endurance import FULL_LENGTH

from .boards import EVENTS, STAGES, Hand, card, new_project
from .browser import ROOT, settled

APP = ROOT / "app.py"
EACH = 100 if FULL_LENGTH else 6
PATIENCE = 60_000
# Each has cards of their own, and two are of both, where each puts them on stages of their own: so
# every drop is a change, whoever came before it.
OWN = (EVENTS[:2], EVENTS[2:4])
OF_BOTH, PLACES = EVENTS[4:6], ((STAGES[1], STAGES[3]), (STAGES[2], STAGES[0]))


def drops(who: int) -> list[tuple[str, str]]:
    """What one of the two does: on cards of their own, and each third time on one of both."""
    made: list[tuple[str, str]] = []
    for number in range(EACH):
        if number % 3 == 2:
            event, places = OF_BOTH[number // 3 % 2], PLACES[who]
        else:
            event, places = OWN[who][number % 3], STAGES
        now = dict(made).get(event, STAGES[0])
        made.append((event, places[(places.index(now) + 1) % len(places) if now in places else 0]))
    return made


def test_edits_of_two_at_once_are_all_kept(server, app_home, browser):
    address, known = server(APP), new_project(app_home)
    project = Store(app_home).open(known)
    errors = []
    with ExitStack() as stack:
        hands = []
        for _ in range(2):
            context = browser.new_context(locale="ko-KR", viewport={"width": 1440, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"{address}/stages?project={known}")
            expect(page.locator(".board .card").first).to_be_visible(timeout=PATIENCE)
            settled(page)
            hands.append(Hand(page))
        for both in zip(drops(0), drops(1), strict=True):
            for hand, (event, stage) in zip(hands, both, strict=True):
                hand.drag(event, stage)
        for hand in hands:
            expect(hand.page.locator(".board .status[data-state=saved]")).to_be_visible(timeout=PATIENCE)
        names = {stage.id: stage.name for stage in project.state.stage_map.stages}
        edits = [edit for edit in reversed(project.history(10_000)) if edit.op["op"] == "place"]
        done = [(edit.client, edit.op["event"], names[edit.op["to"]]) for edit in edits]
        clients = list(dict.fromkeys(edit.client for edit in edits))
        by = [[(event, stage) for client, event, stage in done if client == one] for one in clients]
        assert sorted(by) == sorted(hand.made for hand in hands)
        last = {event: stage for _, event, stage in done}
        for hand in hands:
            for event, stage in last.items():
                expect(card(hand.page, event, stage)).to_be_visible(timeout=PATIENCE)
    assert errors == []
    over = sum(change.over is not None for change in project.happened(1000))
    print(f"{2 * EACH} edits in two browsers, {len(done)} kept; {over} went over one that was not seen yet")
