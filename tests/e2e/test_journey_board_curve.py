"""The emotion lane and the presentation view of a journey map in a real browser: mouse, keys, finger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .browser import settled
from .hands import centre, python_says

APP = Path(__file__).parent / "apps" / "curve_app.py"

OpenMap = Callable[..., Page]


@pytest.fixture
def curve(server: Callable[[Path], str], turn_page: OpenMap) -> OpenMap:
    address = server(APP)

    def open_(query: str = "lang=ko", **options: object) -> Page:
        page = turn_page(f"{address}/?{query}", **options)
        expect(page.locator(".curve .point").first).to_be_visible()
        settled(page)
        return page

    return open_


def point(page: Page, stage: str) -> Locator:
    return page.get_by_role("slider", name=f"{stage}에서 느낀 감정")


def test_a_mouse_drags_a_point_and_a_click_adds_one(curve: OpenMap) -> None:
    page = curve()
    x, y = centre(point(page, "구매"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 300, steps=5)
    expect(point(page, "구매")).to_have_attribute("aria-valuetext", "+2.0, 아주 좋음")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(point(page, "구매")).to_have_attribute("aria-valuenow", "-1.0")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 300, steps=5)
    page.mouse.up()
    python_says(page, "구매: -2.0")
    free = page.get_by_role("button", name="사용에 감정 넣기")
    _, top = centre(point(page, "인지"))
    x, _ = centre(free)
    page.mouse.click(x, top)
    python_says(page, "사용: 0.5")
    point(page, "사용").hover()
    point(page, "사용").locator(".c-remove").click()
    python_says(page, "사용: None")
    expect(free).to_be_focused()


def test_keys_move_a_point_in_one_edit_and_remove_it(curve: OpenMap) -> None:
    page = curve()
    point(page, "고려").focus()
    for key in ("ArrowUp", "ArrowUp", "PageDown"):
        page.keyboard.press(key)
    expect(point(page, "고려")).to_have_attribute("aria-valuenow", "0.7")
    python_says(page, "고려: 0.7")
    page.keyboard.press("ArrowLeft")
    expect(point(page, "인지")).to_be_focused()
    page.keyboard.press("Delete")
    python_says(page, "인지: None")
    page.keyboard.press("Enter")
    python_says(page, "인지: 0.7")
    expect(point(page, "인지")).to_be_focused()
    page.keyboard.press("End")
    expect(point(page, "인지")).to_have_attribute("aria-valuenow", "2.0")
    page.keyboard.press("Control+z")
    expect(point(page, "인지")).to_have_attribute("aria-valuenow", "0.7")
    python_says(page, "인지: 0.7")


def test_a_persona_has_a_curve_of_their_own(curve: OpenMap) -> None:
    page = curve("lang=ko&persona=kim")
    expect(page.locator(".curve .point")).to_have_count(2)
    expect(page.locator(".c-legend")).to_contain_text("김 고객 님이 느낀 감정")
    point(page, "사용").press("PageDown")
    python_says(page, "김 고객: {'s1': -0.5, 's4': 1.0}")
    python_says(page, "사용: None")
    # Where they felt nothing yet, the sign for a new point leaves what was measured free to be clicked.
    page.locator('.curve .gap[data-stage="s3"]').click()
    python_says(page, "wished: gap 구매")


def test_faces_stand_on_their_line_below_a_legend_of_several_lines(curve: OpenMap) -> None:
    page = curve(viewport=(390, 844))
    legend = page.locator(".c-legend").bounding_box()
    assert legend is not None and legend["height"] > 40, "the legend takes several lines"
    line = page.locator(".lines path.felt").get_attribute("d")
    frame, face = page.locator(".lines").bounding_box(), point(page, "인지").bounding_box()
    assert line is not None and frame is not None and face is not None
    begins = frame["y"] + float(line.removeprefix("M").split("L")[0].split()[1])
    assert begins == pytest.approx(face["y"] + face["height"] / 2, abs=1)


def test_a_finger_drags_a_point(curve: OpenMap) -> None:
    page = curve(viewport=(1100, 900), has_touch=True, is_mobile=True)
    x, y = centre(point(page, "고려"))
    session = page.context.new_cdp_session(page)
    for kind, down in (
        ("touchStart", 0),
        *(("touchMove", 40 * step) for step in range(1, 9)),
        ("touchEnd", None),
    ):
        touches = [] if down is None else [{"x": x, "y": y + down, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    python_says(page, "고려: -2.0")


def test_the_gap_tells_of_both_and_asks_for_quotes(curve: OpenMap) -> None:
    page = curve()
    gap = page.locator(".curve .gap[data-outside]")
    expect(gap).to_have_count(1)
    expect(gap).to_contain_text("차이 1.6")
    told = gap.get_attribute("aria-label")
    assert told is not None
    assert told.startswith(
        "구매에서 측정한 감정 +0.6 (120명), 95% 구간 +0.4~+0.8, 느낀 감정 −1.0, 팀이 고객보다 나쁘게"
    )
    gap.click()
    python_says(page, "wished: gap 구매")


def test_what_is_wished_for_is_not_called_felt(curve: OpenMap) -> None:
    page = curve("lang=ko&version=to_be")
    expect(page.locator(".c-legend")).to_contain_text("바라는 감정 (팀이 그린 곡선)")
    told = page.locator('.curve .gap[data-stage="s3"]').get_attribute("aria-label")
    assert told is not None and "바라는 감정 −1.0" in told and "고객보다" not in told


def test_a_presentation_turns_its_leaves_without_a_server(curve: OpenMap) -> None:
    page = curve("lang=ko&mode=present")
    expect(page.locator(".p-stage strong")).to_have_text(["인지", "고려", "구매", "사용"])
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".p-head h2")).to_have_text("구매")
    expect(page.locator(".p-card")).to_contain_text("배송비가 마지막에 보여요")
    expect(page.locator(".p-tiles .metric b")).to_have_text("702명")
    expect(page.locator(".p-tiles .m-was")).to_have_text("688명")
    expect(page.get_by_role("slider", name="구매에서 느낀 감정")).to_have_attribute("aria-disabled", "true")
    taken = "!dispatchEvent(new CustomEvent('journey-turn', { detail: { by: %d }, cancelable: true }))"
    assert page.evaluate(taken % 1)
    expect(page.locator(".p-head h2")).to_have_text("사용")
    assert not page.evaluate(taken % 1), "after the last leaf comes the next page"
    page.locator(".leaves button").first.click()
    expect(page.locator(".p-stage")).to_have_count(4)
