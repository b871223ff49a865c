"""The stage board in a real browser: drag, touch, keys, names, and a slow server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from .browser import settled
from .hands import centre, drag, finger, python_says

APP = Path(__file__).parent / "apps" / "board_app.py"

OpenBoard = Callable[..., Page]


@pytest.fixture
def board(server: Callable[[Path], str], turn_page: OpenBoard) -> OpenBoard:
    address = server(APP)

    def open_(query: str = "lang=ko", **options: object) -> Page:
        page = turn_page(f"{address}/?{query}", **options)
        expect(page.locator(".board .card").first).to_be_visible()
        settled(page)
        return page

    return open_


def card(page: Page, event: str) -> Locator:
    return page.locator(f'.strip .card[data-event="{event}"]')


def column(page: Page, name: str) -> Locator:
    return page.locator(f'.strip .col[aria-label="{name}"]')


def names(page: Page) -> Locator:
    return page.locator(".strip > .stage .head .name")


def test_mouse_drag_moves_a_card_and_its_numbers(board: OpenBoard) -> None:
    page = board()
    drag(page, card(page, "상품 보기"), column(page, "고려"))
    expect(column(page, "고려").locator('[data-event="상품 보기"]')).to_be_visible()
    python_says(page, "고려: 검색, 상품 보기, 장바구니 담기")
    python_says(page, "ops: 1")
    expect(column(page, "미분류").locator(".size")).to_have_text("3")
    expect(page.locator(".status")).to_have_text("저장됨")
    expect(page.locator(".stale")).to_have_count(0)


def test_heads_show_reach_and_what_was_left(board: OpenBoard) -> None:
    page = board()
    head = column(page, "구매").locator(".head")
    expect(head.locator(".reach")).to_have_text("388명19.4%")
    expect(head.locator(".drop")).to_have_text("여기서 완료 23.4%")
    expect(column(page, "인지").locator(".drop")).to_have_text("여기서 이탈 23.4%")
    expect(card(page, "광고 클릭")).to_have_attribute("aria-label", "광고 클릭, 고객 1,840명, 기록 2,950건")
    expect(card(page, "검색").locator(".guess")).to_have_attribute(
        "title", "이름을 보고 짐작해 놓았어요 (확신도 42.0%)."
    )
    expect(card(page, "광고 클릭").locator(".guess")).to_be_hidden()


def test_a_drop_outside_and_escape_change_nothing(board: OpenBoard) -> None:
    page = board()
    x, y = centre(card(page, "상품 보기"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*centre(column(page, "구매")), steps=5)
    expect(column(page, "구매")).to_have_class("col stage over")
    page.keyboard.press("Escape")
    page.mouse.up()
    drag(page, card(page, "상품 보기"), page.locator(".bar .status"))
    drag(page, card(page, "리뷰 작성"), column(page, "인지"))
    python_says(page, "ops: 1")
    python_says(page, "구매: 구매 완료")


def test_several_cards_move_in_one_edit(board: OpenBoard) -> None:
    page = board()
    card(page, "상품 보기").click()
    card(page, "결제 시작").click(modifiers=["Control"])
    card(page, "리뷰 작성").click(modifiers=["Shift"])
    drag(page, card(page, "결제 시작"), column(page, "구매"))
    python_says(page, "구매: coupon_download, 결제 시작, 구매 완료, 리뷰 작성, 상품 보기")
    python_says(page, "done: place_many")


def test_the_bin_takes_and_gives_back(board: OpenBoard) -> None:
    page = board()
    drag(page, card(page, "coupon_download"), column(page, "제외"))
    python_says(page, "bin: coupon_download, heartbeat")
    expect(card(page, "coupon_download")).to_be_hidden()
    column(page, "제외").locator(".title").click()
    drag(page, card(page, "heartbeat"), column(page, "인지"))
    python_says(page, "인지: heartbeat, 광고 클릭, 홈 방문")


@pytest.mark.parametrize("grip", [True, False])
def test_a_finger_drags_by_the_grip_or_after_a_long_press(board: OpenBoard, grip: bool) -> None:
    page = board(viewport=(1100, 900), has_touch=True, is_mobile=True)
    source = card(page, "상품 보기")
    start = centre(source.locator(".grip") if grip else source.locator(".event"))
    end = centre(column(page, "구매"))
    touch = finger(page)
    touch("touchStart", start)
    if not grip:
        expect(page.locator(".board.dragging")).to_be_attached()
    for step in range(1, 9):
        touch("touchMove", tuple(a + (b - a) * step / 8 for a, b in zip(start, end, strict=True)))
    expect(column(page, "구매")).to_have_class("col stage over")
    touch("touchEnd")
    python_says(page, "구매: 구매 완료, 상품 보기")
    python_says(page, "ops: 1")


def test_a_swipe_over_cards_scrolls_and_moves_nothing(board: OpenBoard) -> None:
    page = board(viewport=(390, 780), has_touch=True, is_mobile=True)
    x, y = centre(card(page, "상품 보기"))
    touch = finger(page)
    touch("touchStart", (x, y))
    for step in range(1, 11):
        touch("touchMove", (x - 14 * step, y))
    touch("touchEnd")
    expect(page.locator(".board.dragging")).to_have_count(0)
    expect(column(page, "인지")).to_be_in_viewport(ratio=0.5)
    python_says(page, "ops: 0")


def test_keys_move_a_card_and_keep_the_focus(board: OpenBoard) -> None:
    page = board()
    card(page, "상품 보기").focus()
    page.keyboard.press("Space")
    expect(page.locator("[aria-live]")).to_contain_text("상품 보기 카드를 들었어요.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-live]")).to_have_text("고려 칸, 5개 가운데 3번째")
    page.keyboard.press("Space")
    expect(page.locator("[aria-live]")).to_have_text("상품 보기 카드를 고려 칸에 놓았어요.")
    python_says(page, "고려: 검색, 상품 보기, 장바구니 담기")
    settled(page)
    expect(card(page, "상품 보기")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    python_says(page, "ops: 1")
    expect(card(page, "상품 보기")).to_be_focused()


def test_the_menu_of_a_card_moves_it_without_dragging(board: OpenBoard) -> None:
    page = board("lang=en", locale="en-US")
    card(page, "결제 시작").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu", name="Move to")).to_be_visible()
    page.get_by_role("menuitem", name="구매").click()
    python_says(page, "구매: 결제 시작, 구매 완료")
    card(page, "검색").hover()
    card(page, "검색").get_by_role("button", name="Move the card 검색").click()
    page.get_by_role("menuitem", name="Yes, it belongs here").click()
    expect(card(page, "검색").locator(".guess")).to_be_hidden()
    python_says(page, "ops: 2")
    python_says(page, "고려: 검색, 장바구니 담기")


def test_stages_are_added_renamed_moved_and_deleted(board: OpenBoard) -> None:
    page = board()
    page.get_by_role("button", name="단계 추가").click()
    page.keyboard.type("재구매")
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["인지", "고려", "구매", "재구매"])
    expect(column(page, "재구매").locator(".head")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("rc 다시 찾음")  # r and c are Streamlit's own shortcuts; they must stay in the input
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["인지", "고려", "구매", "rc 다시 찾음"])
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["인지", "rc 다시 찾음", "고려", "구매"])
    drag(page, column(page, "구매").locator(".head .name"), column(page, "인지").locator(".head .reach"))
    expect(names(page)).to_have_text(["구매", "인지", "rc 다시 찾음", "고려"])
    column(page, "인지").get_by_role("button", name="인지 단계 메뉴").click()
    page.get_by_role("menuitem", name="단계 지우기").click()
    expect(names(page)).to_have_text(["구매", "rc 다시 찾음", "고려"])
    expect(column(page, "미분류").locator('[data-event="홈 방문"]')).to_be_visible()
    python_says(page, "done: add_stage rename_stage move_stage move_stage remove_stage")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_korean_composition_does_not_end_a_name_early(board: OpenBoard) -> None:
    page = board()
    column(page, "고려").locator(".name").dblclick()
    page.keyboard.press("ControlOrMeta+a")
    session = page.context.new_cdp_session(page)
    for text in ("ㅂ", "비", "빅", "비교"):
        session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    session.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229}
    )
    expect(page.locator(".naming")).to_have_value("비교")
    session.send("Input.insertText", {"text": "비교"})
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["인지", "비교", "구매"])
    python_says(page, "비교: 검색, 장바구니 담기")
    python_says(page, "ops: 1")


def test_a_name_that_is_taken_is_refused_in_place(board: OpenBoard) -> None:
    page = board()
    page.get_by_role("button", name="단계 추가").click()
    page.keyboard.type("구매")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-live]")).to_have_text("같은 이름의 단계가 이미 있어요.")
    page.keyboard.press("Escape")
    expect(names(page)).to_have_text(["인지", "고려", "구매"])
    python_says(page, "ops: 0")


def test_colour_and_goal_are_chosen_in_the_menu(board: OpenBoard) -> None:
    page = board()
    menu = column(page, "고려").get_by_role("button", name="고려 단계 메뉴")
    menu.click()
    page.get_by_role("menuitem", name="목표 단계로 정하기").click()
    expect(column(page, "고려").locator(".drop")).to_have_text("여기서 완료 23.4%")
    expect(column(page, "구매").locator(".drop")).to_have_text("여기서 이탈 23.4%")
    menu.click()
    page.get_by_role("menuitemradio", name="색 6").click()
    python_says(page, "done: set_goal recolour")
    assert column(page, "고려").evaluate("el => el.style.getPropertyValue('--colour')").lower() == "#8866bb"


def test_undo_and_redo_by_button_and_by_keys(board: OpenBoard) -> None:
    page = board()
    expect(page.get_by_role("button", name="되돌리기")).to_be_disabled()
    drag(page, card(page, "상품 보기"), column(page, "고려"))
    python_says(page, "고려: 검색, 상품 보기, 장바구니 담기")
    page.get_by_role("button", name="되돌리기").click()
    python_says(page, "고려: 검색, 장바구니 담기")
    expect(column(page, "미분류").locator('[data-event="상품 보기"]')).to_be_visible()
    page.keyboard.press("ControlOrMeta+Shift+z")
    python_says(page, "고려: 검색, 상품 보기, 장바구니 담기")
    card(page, "상품 보기").focus()
    page.keyboard.press("ControlOrMeta+z")
    python_says(page, "고려: 검색, 장바구니 담기")
    python_says(page, "done: place undo redo undo")


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """While this file is there the server answers nothing; it is not there yet."""
    return tmp_path / "held"


def test_five_quick_drops_on_a_slow_server_all_arrive_once(board: OpenBoard, held: Path) -> None:
    page = board(f"lang=ko&held={held}")
    held.touch()
    for event in ("상품 보기", "결제 시작", "리뷰 작성", "coupon_download"):
        drag(page, card(page, event), column(page, "구매"))
    drag(page, card(page, "상품 보기"), column(page, "인지"))
    # At once on the screen, before the server has answered any of them.
    expect(column(page, "구매").locator(".card")).to_have_count(4)
    expect(page.locator(".board.stale")).to_be_attached()
    expect(page.locator(".status")).to_have_text("저장 중…")
    held.unlink()
    python_says(page, "구매: coupon_download, 결제 시작, 구매 완료, 리뷰 작성")
    python_says(page, "인지: 광고 클릭, 상품 보기, 홈 방문")
    python_says(page, "done: place place place place place")
    expect(page.locator(".status")).to_have_text("저장됨")
    expect(page.locator(".board.stale")).to_have_count(0)


@pytest.mark.parametrize("why", ["", "구매 단계는 닫혀 있어요."])
def test_what_python_refuses_is_taken_back_and_the_rest_kept(board: OpenBoard, held: Path, why: str) -> None:
    page = board(f"lang=ko&refuse=구매&held={held}&why={why}")
    held.touch()
    drag(page, card(page, "상품 보기"), column(page, "구매"))
    drag(page, card(page, "리뷰 작성"), column(page, "고려"))
    held.unlink()
    expect(page.locator(".status")).to_have_text(why or "저장하지 못한 변경이 있어 되돌렸어요.")
    expect(page.locator("[aria-live]")).to_have_text(why or "저장하지 못한 변경이 있어 되돌렸어요.")
    python_says(page, "고려: 검색, 리뷰 작성, 장바구니 담기")
    expect(column(page, "미분류").locator('[data-event="상품 보기"]')).to_be_visible()
    drag(page, card(page, "상품 보기"), column(page, "고려"))
    python_says(page, "고려: 검색, 리뷰 작성, 상품 보기, 장바구니 담기")
    expect(page.locator(".status")).to_have_text("저장됨")


def test_what_is_refused_twice_takes_no_other_edit_with_it(board: OpenBoard) -> None:
    """Both edits are on their way in one parcel when the first of them is found to be refused already."""
    page = board("lang=ko&refuse=구매")
    is_held, waiting = [], []

    def wire(socket: WebSocketRoute) -> None:
        behind = socket.connect_to_server()
        behind.on_message(lambda said: waiting.append((socket, said)) if is_held else socket.send(said))

    def heard(line: str) -> None:
        end = time.monotonic() + 30
        while not any(line.encode() in said for _, said in waiting) and time.monotonic() < end:
            page.wait_for_timeout(20)  # the browser is told nothing: only what was said to it can be asked
        assert any(line.encode() in said for _, said in waiting)

    page.route_web_socket("**/_stcore/**", wire)
    page.reload()
    expect(card(page, "상품 보기")).to_be_visible()
    settled(page)
    is_held.append(True)
    drag(page, card(page, "상품 보기"), column(page, "구매"))
    heard("done: refused")
    page.wait_for_timeout(300)  # the rest of that run
    first = len(waiting)
    drag(page, card(page, "리뷰 작성"), column(page, "고려"))
    heard("done: refused refused")
    page.wait_for_timeout(300)
    for socket, said in waiting[:first]:
        socket.send(said)
    expect(column(page, "미분류").locator('[data-event="상품 보기"]')).to_be_visible()
    is_held.clear()
    for socket, said in waiting[first:]:
        socket.send(said)
    python_says(page, "고려: 검색, 리뷰 작성, 장바구니 담기")
    python_says(page, "done: refused refused place")
    expect(column(page, "미분류").locator('[data-event="상품 보기"]')).to_be_visible()
    expect(page.locator(".stale")).to_have_count(0)


def test_hostile_names_are_shown_to_the_letter(board: OpenBoard) -> None:
    page = board("lang=ko&hostile=1")
    shown = page.locator(".strip .card .event")
    for name in (
        "<img src=x onerror=\"document.title='owned'\">",
        "<script>document.title='owned'</script>",
        "{event} :red[**x**] $x$",
    ):
        expect(shown.get_by_text(name, exact=True)).to_be_visible()
    expect(page.locator(".board img, .board script")).to_have_count(0)
    tricky = shown.get_by_text("{event} :red[**x**] $x$", exact=True)
    drag(page, tricky, column(page, "고려"))
    expect(page.locator("[aria-live]")).to_have_text("{event} :red[**x**] $x$ 카드를 고려 칸에 놓았어요.")
    assert "owned" not in page.title()


def test_thousands_of_names_are_capped_and_found(board: OpenBoard) -> None:
    page = board("lang=en&many=3000", locale="en-US")
    tray = column(page, "Unsorted")
    expect(tray.locator(".size")).to_have_text("3,004")
    expect(tray.locator(".card")).to_have_count(200)
    expect(tray.locator(".note")).to_contain_text("2,804 more")
    page.get_by_role("searchbox", name="Find events").fill("EVENT_19")
    expect(tray.locator(".card")).to_have_count(100)
    card(page, "event_1905").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    python_says(page, "done: place_many")
    expect(column(page, "인지").locator(".card")).to_have_count(100)


def test_a_rule_is_one_card_that_moves_opens_and_goes(board: OpenBoard) -> None:
    page = board("lang=ko&forms=3000")
    rule = page.locator('.strip .card[data-rule="/product/*"]')
    expect(rule.locator(".event")).to_have_text("/product/* · 3,000종")
    expect(rule).to_have_attribute("aria-label", "/product/* 규칙, 3,000종, 고객 2,900명, 기록 16,501,500건")
    expect(column(page, "고려").locator(".card")).to_have_count(3)
    drag(page, rule, column(page, "구매"))
    expect(page.locator("[aria-live]")).to_have_text("/product/* 규칙을 구매 칸에 놓았어요.")
    python_says(page, "구매 holds 3001")
    python_says(page, "done: move_rule")
    rule.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="이 규칙의 이벤트 보기").click()
    drag(page, card(page, "/product/0"), column(page, "인지"))
    python_says(page, "인지: /product/0, 광고 클릭, 홈 방문")
    page.get_by_role("searchbox").fill("")
    expect(rule.locator(".event")).to_have_text("/product/* · 2,999종")
    expect(column(page, "인지").locator(".card")).to_have_count(3)
    rule.focus()
    page.keyboard.press("Delete")
    expect(rule).to_have_count(0)
    python_says(page, "구매 holds 1")
    expect(column(page, "미분류").locator(".size")).to_have_text("3,003")
    page.get_by_role("button", name="되돌리기").click()
    expect(rule).to_be_visible()


def test_all_that_a_search_finds_are_placed_at_once_among_ten_thousand(board: OpenBoard) -> None:
    page = board("lang=ko&many=9000&forms=2000")
    page.get_by_role("searchbox", name="이벤트 찾기").fill("EVENT_89")
    expect(card(page, "event_8950")).to_be_visible()  # not among the cards that are sent
    page.get_by_role("button", name="이름에 ‘EVENT_89’ 글자가 든 이벤트 100개 모두 옮기기").click()
    page.get_by_role("menuitem", name="구매").click()
    expect(page.locator("[aria-live]")).to_have_text("이벤트 100개를 구매 칸에 놓았어요.")
    python_says(page, "구매 holds 101")
    page.get_by_role("searchbox").fill("")
    rule = page.locator('.strip .card[data-rule="*event_89*"]')
    expect(rule.locator(".event")).to_have_text("*event_89* · 100종")
    expect(rule.locator(".counts")).to_have_text(
        re.compile(r"^[\d,]+$")
    )  # rows only: nobody counted customers
    page.get_by_role("searchbox").fill("t_*1")
    expect(page.get_by_role("button", name="모두 옮기기")).to_be_hidden()
    page.get_by_role("searchbox").fill("event_*1")
    page.get_by_role("button", name="이름이 ‘event_*1’ 꼴인 이벤트 900개 모두 옮기기").click()
    page.get_by_role("menuitem", name="제외").click()
    python_says(page, "구매 holds 91")
    page.get_by_role("button", name="되돌리기").click()
    python_says(page, "구매 holds 101")
    python_says(page, "done: add_rule add_rule undo")


def test_dark_theme_reaches_the_board(board: OpenBoard) -> None:
    page = board(color_scheme="dark")
    lightness = "el => getComputedStyle(el).color.match(/[0-9.]+/g).slice(0, 3).map(Number)"
    assert min(card(page, "검색").evaluate(lightness)) > 150
    background = page.locator(".strip .side").evaluate("el => getComputedStyle(el).backgroundColor")
    assert max(map(int, background.strip("rgb()").split(", "))) < 60


def test_a_phone_shows_one_column_and_its_chips(board: OpenBoard) -> None:
    page = board(viewport=(390, 780), has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".jump .chip", has_text="구매").tap()
    expect(column(page, "구매")).to_be_in_viewport(ratio=0.9)
    page.locator(".jump .chip", has_text="미분류").tap()
    card(page, "결제 시작").get_by_role("button").tap()
    page.get_by_role("menuitem", name="구매").tap()
    python_says(page, "구매: 결제 시작, 구매 완료")
