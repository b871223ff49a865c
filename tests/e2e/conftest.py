"""Browser tests: one server a script, one browser, a fresh context a test or one page for a file's tests.

No error in its console, and no request that leaves the machine, whoever makes it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from journey.i18n import text
from journey.projects.store import Store

from .browser import ARGUMENTS, ROOT, STILL, find_browser, open_sample, serve, settled
from .outside import Outside, listening

expect.set_options(timeout=15_000)

# At a deep link such as /stages Streamlit's client asks below that path first, and then at the root.
# A wrong passphrase is answered with 403, and a page asks on for the number of its project after its server
# has gone; the browser says both.
HARMLESS = re.compile(
    r"404 .*/\w+/_stcore/(health|host-config)$|403 .*/sign-in$|ERR_CONNECTION_REFUSED .*/live/\w+$"
)

OpenPage = Callable[..., Page]
Serve = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def outside() -> Iterator[Outside]:
    """What the browser asked of the world outside; at the end of the session nothing may be left of it."""
    with listening() as world:
        yield world
    assert world.taken() == [], "the browser reached out of the machine"


@pytest.fixture(autouse=True)
def nothing_leaves(outside: Outside) -> Iterator[None]:
    """A test fails when its pages asked anything of the world outside."""
    yield
    assert outside.taken() == [], "the browser reached out of the machine"


@pytest.fixture(scope="session")
def browser(outside: Outside) -> Iterator[Browser]:
    """The system's browser. Without one the tests skip, or fail where JOURNEY_REQUIRE_BROWSER=1."""
    path = find_browser()
    if path is None:
        reason = "no Chromium, Chrome or Edge found (JOURNEY_BROWSER may name one)"
        if os.environ.get("JOURNEY_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, *STILL, *outside.browser_arguments]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def app_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `server(app.py)` keeps the projects of many tests; whoever counts them has their own server."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def server(app_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """server(script) is the address where that script runs; one server a script for the whole session."""
    running: dict[Path, str] = {}
    with ExitStack() as stack:

        def start(script: Path) -> str:
            if script not in running:
                home = app_home if script == ROOT / "app.py" else tmp_path_factory.mktemp("home")
                running[script] = stack.enter_context(serve(script, home))
            return running[script]

        yield start


@pytest.fixture(scope="session")
def sample(browser: Browser, server: Serve, app_home: Path) -> Callable[[str], str]:
    """sample(language) is the id of a project of `server(app.py)` that is as the sample's button makes it.

    The button is pressed once a language, because reading the sample takes seconds; each test gets a copy.
    """
    made: dict[str, str] = {}

    def copy(language: str) -> str:
        store = Store(app_home)
        if language not in made:
            page = browser.new_page(locale={"ko": "ko-KR", "en": "en-US"}[language])
            page.goto(server(ROOT / "app.py"))
            settled(page)
            open_sample(page, *(text(f"page.home.{name}", language) for name in ("open_sample", "sample")))
            made[language] = re.search(r"project=(\w+)", page.url)[1]  # type: ignore[index]
            page.close()
        return store.duplicate(made[language], store.free_name(store.open(made[language]).name)).id

    return copy


@pytest.fixture
def own_server() -> Iterator[Serve]:
    """own_server(script, home, **options) is the address of a server that only this test has.

    It ends when the pages of the test are closed: a page without its server goes on asking for it.
    """
    with ExitStack() as stack:
        yield lambda script, home, **options: stack.enter_context(serve(script, home, **options))


@pytest.fixture
def open_page(browser: Browser, own_server: Serve) -> Iterator[OpenPage]:
    """open_page(url, locale=.., viewport=(w, h)): a page in a new context; an error in it fails the test."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_(url: str, **context: Any) -> Page:
            page = _new_page(browser, stack, errors, **context)
            page.goto(url)
            return page

        yield open_
    _no_error(errors)


@pytest.fixture(scope="module")
def kept_pages(browser: Browser) -> Iterator[tuple[list[str], OpenPage]]:
    """The errors of all kept pages, and what gives the one page that a file has with such a context."""
    errors: list[str] = []
    kept: dict[str, Page] = {}
    with ExitStack() as stack:

        def page_of(**context: Any) -> Page:
            name = repr(sorted(context.items()))
            if name not in kept:
                kept[name] = _new_page(browser, stack, errors, **context)
            return kept[name]

        yield errors, page_of


@pytest.fixture
def turn_page(kept_pages: tuple[list[str], OpenPage]) -> Iterator[OpenPage]:
    """turn_page(url, **context): as `open_page`, in the page that the file's tests have, one after the other.

    A page that has the app's scripts is there in a quarter of the time. For tests that leave nothing in the
    browser: no cookie, and nothing that would ask before it goes.
    """
    errors, page_of = kept_pages
    errors.clear()

    def turn(url: str, **context: Any) -> Page:
        page = page_of(**context)
        page.goto(url)
        return page

    yield turn
    _no_error(errors)


def _new_page(
    browser: Browser,
    stack: ExitStack,
    errors: list[str],
    *,
    locale: str = "ko-KR",
    viewport: tuple[int, int] = (1440, 900),
    **context: Any,
) -> Page:
    size = {"width": viewport[0], "height": viewport[1]}
    fresh = browser.new_context(locale=locale, viewport=size, timezone_id="Asia/Seoul", **context)
    stack.callback(fresh.close)
    page = fresh.new_page()
    page.on("pageerror", lambda error: errors.append(f"pageerror: {error}"))
    page.on(
        "console",
        lambda said: errors.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
    )
    return page


def _no_error(errors: list[str]) -> None:
    assert [error for error in errors if not HARMLESS.search(error)] == []
