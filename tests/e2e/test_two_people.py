"""Two people on one project at once: each sees what the other does, and nobody's work is lost."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from journey.i18n import text
from journey.projects.store import Store

from .boards import card, let_go, lift, move, new_project
from .browser import ROOT, serve
from .people import PHRASE, Two

APP = ROOT / "app.py"
# What a user may wait at most; a machine that builds and tests at the same time gets more.
SOON = 2.0
PATIENCE = 8_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def address(home):
    """A server where people have names."""
    with serve(APP, home, environment={"JOURNEY_PASSPHRASE": PHRASE}) as address:
        yield address


@pytest.fixture(scope="module")
def shared(browser, address, home):
    """Two people on one project, for tests that take a card of their own each."""
    url = f"{address}/stages?project={new_project(home)}"
    with ExitStack() as stack:
        two = Two(browser, stack)
        two.open(url, name="민지"), two.open(url, name="준호")
        yield two
    assert two.errors == []


@pytest.fixture
def two(browser):
    with ExitStack() as stack:
        two = Two(browser, stack)
        yield two
        assert two.errors == []


def test_each_sees_the_others_change_soon_and_a_drop_is_one_run(shared):
    minji, juno = shared.runs
    move(minji, "검색", "고려")
    expect(card(juno, "검색", "고려")).to_be_visible(timeout=PATIENCE)
    before, took = shared.runs[minji], []
    for event in ("상세 조회", "공유", "반품"):
        move(minji, event, "고려")
        begin = time.perf_counter()
        expect(card(juno, event, "고려")).to_be_visible(timeout=PATIENCE)
        took.append(time.perf_counter() - begin)
    print(f"seconds from acknowledged to seen: {took}")
    assert sorted(took)[1] < SOON
    # The last number has come to the first as well, and none of them made a page run that had done it itself.
    assert shared.runs[minji] - before == 3
    heard = [*shared.numbers[minji], *shared.numbers[juno]]
    assert heard and all(number.isdecimal() for number in heard)


def test_different_things_done_at_once_are_both_kept(shared):
    minji, juno = shared.runs
    lift(juno, "결제")
    move(minji, "장바구니", "구매")
    let_go(juno, "구매")
    for page in (minji, juno):
        for event in ("장바구니", "결제"):
            expect(card(page, event, "구매")).to_be_visible(timeout=PATIENCE)


def test_what_the_other_did_is_said_with_the_name_and_nothing_of_ones_own(shared):
    minji, juno = shared.runs
    for page in (minji, juno):
        expect(page.get_by_test_id("stToast")).to_have_count(0)
    move(minji, "검색", "사용")
    told = juno.get_by_test_id("stToast").filter(has_text="민지 님: ‘검색’ 카드를")
    expect(told).to_be_visible(timeout=PATIENCE)
    expect(minji.get_by_test_id("stToast")).to_have_count(0)


def test_both_are_told_when_both_move_the_same_card_and_the_last_one_holds(shared):
    minji, juno = shared.runs
    lift(juno, "상세 조회")
    move(minji, "상세 조회", "구매")
    let_go(juno, "사용")
    for page, name in ((juno, "민지"), (minji, "준호")):
        expect(card(page, "상세 조회", "사용")).to_be_visible(timeout=PATIENCE)
        told = page.get_by_test_id("stToast").filter(
            has_text="둘 다 변경 기록에 있어요" if page is juno else "내가 바꾼 것도 변경 기록에"
        )
        expect(told).to_contain_text(f"{name} 님")
        expect(told).to_contain_text("상세 조회")


def test_undo_takes_back_ones_own_and_leaves_what_the_other_did(shared):
    minji, juno = shared.runs
    move(minji, "공유", "구매")
    expect(card(juno, "공유", "구매")).to_be_visible(timeout=PATIENCE)
    move(juno, "후기", "구매")
    expect(card(minji, "후기", "구매")).to_be_visible(timeout=PATIENCE)
    minji.locator(".board .tool[data-do=undo]").click()
    for page in (minji, juno):
        expect(card(page, "공유", "구매")).to_have_count(0, timeout=PATIENCE)
        expect(card(page, "후기", "구매")).to_be_visible()


def test_a_card_in_the_air_stays_there_while_the_other_works(shared):
    minji, juno = shared.runs
    lift(juno, "문의")
    before = shared.runs[juno]
    move(minji, "후기", "사용")
    expect(minji.locator(".board:not(.stale)")).to_be_visible()
    expect(juno.locator(".board .ghost")).to_be_visible()
    assert shared.runs[juno] == before, "the page does not run while a card is dragged"
    let_go(juno, "사용")
    for page in (minji, juno):
        for event in ("후기", "문의"):
            expect(card(page, event, "사용")).to_be_visible(timeout=PATIENCE)


def test_where_no_socket_gets_through_the_question_of_every_three_seconds_does(shared, two):
    minji, _ = shared.runs
    juno = two.open(minji.url, name="수아", block_socket=True)
    move(minji, "반품", "사용")
    expect(card(juno, "반품", "사용")).to_be_visible(timeout=PATIENCE)
    assert two.numbers[juno] == []


def test_a_project_that_is_deleted_says_so_to_those_who_look_at_it(two, address, home):
    project = new_project(home)
    juno = two.open(f"{address}/stages?project={project}", name="준호")
    Store(home).delete(project)
    expect(juno.get_by_text(text("errors.project_missing", "ko"))).to_be_visible(timeout=PATIENCE)
    expect(juno.locator(".board")).to_have_count(0)
