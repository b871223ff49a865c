"""Hands on a board in a browser: a mouse that drags, a finger, and what Python says it has heard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

__all__ = ["centre", "drag", "finger", "python_says"]


def centre(locator: Locator) -> tuple[float, float]:
    """The middle of what is shown there, brought into sight."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, source: Locator, target: Locator, up: float = 0) -> None:
    """Drag by mouse to the middle of the target, or so many pixels above it."""
    x, y = centre(source)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8)
    to_x, to_y = centre(target)
    page.mouse.move(to_x, to_y - up, steps=6)
    page.mouse.up()


def finger(page: Page) -> Callable[..., None]:
    """finger(page)("touchMove", (x, y)): a real touch, as the browser's own recognisers see it."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": 1} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    return touch


def python_says(page: Page, text: str) -> None:
    """Python drew this line after its last run: the edit has gone the whole way."""
    expect(page.get_by_text(text, exact=True)).to_be_attached()
