"""Pages of several people on one server, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from playwright.sync_api import Page, WebSocketRoute, expect

from journey.i18n import text

from .browser import settled

__all__ = ["PHRASE", "Two"]

Wire = Callable[[WebSocketRoute], None]

PHRASE = "열려라 참깨, 열려라"


class Two:
    """Pages of two people, each in a browser context of their own; an error in a page fails the test."""

    def __init__(self, browser, stack: ExitStack) -> None:
        self.errors: list[str] = []
        self.numbers: dict[Page, list[str]] = {}
        self.runs: dict[Page, int] = {}
        self._browser, self._stack = browser, stack

    def open(
        self, address: str, *, name: str = "", block_socket: bool = False, wire: Wire | None = None, **context
    ) -> Page:
        """A page of somebody of this name; `wire` is handed the connections to the server."""
        options = {"locale": "ko-KR", "viewport": {"width": 1440, "height": 900}} | context
        fresh = self._browser.new_context(timezone_id="Asia/Seoul", **options)
        self._stack.callback(fresh.close)
        page = fresh.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.numbers[page], self.runs[page] = [], 0
        page.on("websocket", lambda socket: self._watch(page, socket))
        if block_socket:
            page.route_web_socket("**/live/**", lambda socket: socket.close())
        if wire is not None:
            page.route_web_socket("**/_stcore/**", wire)
        page.goto(address)
        if name:
            page.get_by_label(text("login.your_name", "ko")).fill(name)
            page.get_by_label(text("login.passphrase", "ko")).fill(PHRASE)
            page.get_by_role("button", name=text("login.enter", "ko")).click()
        expect(page.locator(".board .card").first).to_be_visible()
        settled(page)
        return page

    def _watch(self, page: Page, socket) -> None:
        if "/live/" in socket.url:
            socket.on("framereceived", lambda number: self.numbers[page].append(number))
        else:
            socket.on("framesent", lambda _: self._asked(page))

    def _asked(self, page: Page) -> None:
        """What a page sends over Streamlit's own socket are wishes to run."""
        self.runs[page] += 1
