"""A server and a browser for tests that need both: found, started, watched and closed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Locator, Page, expect

from .outside import watched

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The browser's own search box has a page of its own for its list, which costs each page twice what it costs
# itself. The last of such lists counts, so it names what Playwright's names, too.
UNUSED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)
# Drawing in software what moves while nobody watches took two fifths of the processor; making code fast that
# runs a few times takes a tenth of the rest. Not for measuring.
STILL = (
    "--force-prefers-reduced-motion",
    "--in-process-gpu",
    "--js-flags=--no-opt --no-maglev",
    f"--disable-features={','.join(UNUSED)}",
)


def find_browser() -> str | None:
    """The system's Chromium, Chrome or Edge; JOURNEY_BROWSER names another one."""
    wish = os.environ.get("JOURNEY_BROWSER")
    if wish:
        return shutil.which(wish)
    return next((path for name in (*NAMES, *PLACES) if (path := shutil.which(name))), None)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A server that runs: where, and as which process."""

    address: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it with all its children where they stand, as a power cut or a full memory does."""
        os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def serve(script: Path, home: Path, **options: Any) -> Iterator[str]:
    """The address of a Streamlit server that runs this script, with everything it saves under `home`."""
    with serving(script, home, **options) as server:
        yield server.address


@contextmanager
def serving(
    script: Path,
    home: Path,
    *,
    python: str = sys.executable,
    cwd: Path = ROOT,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    wait: bool = True,
) -> Iterator[Server]:
    """A server as `serve` starts it, whose processes are at hand; it answers, unless nobody is to `wait`.

    A server that calls anybody outside of the machine fails whoever started it, at its end.
    """
    port = port or free_port()
    home.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    command = [python, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    command += ["--browser.gatherUsageStats", "false"]
    own = {"JOURNEY_HOME": str(home), "PYTHONUNBUFFERED": "1", **(environment or {})}
    # Bytecode is kept, or each of many servers compiles the whole app anew.
    own_environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (
        watched(own_environment | own) as watching,
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=watching,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            address = f"http://localhost:{port}"
            if wait:
                _await_health(f"{address}/_stcore/health", process, log)
            yield Server(address, process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def settled(page: Page) -> None:
    """Wait until the app has run to its end and is connected; what it shows needs an `expect` of its own."""
    state = '[data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    expect(page.locator(f'[data-testid="stApp"]{state}')).to_be_attached(timeout=30_000)


@contextmanager
def one_run(page: Page) -> Iterator[None]:
    """What is done inside lets the app run, and that run is over afterwards, where no other sign tells so."""
    settled(page)
    page.evaluate(
        """() => {
          const app = document.querySelector("[data-test-script-state]");
          window.hasRun = false;
          new MutationObserver((_, watching) => {
            window.hasRun = true;
            watching.disconnect();
          }).observe(app, { attributeFilter: ["data-test-script-state"] });
        }"""
    )
    yield
    page.wait_for_function("window.hasRun")
    settled(page)


def open_sample(page: Page, name: str = "예시 열기", among: str = "예시로 둘러보기") -> None:
    """Open the first sample on the start page, which offers them in a menu where there are projects."""
    button = page.get_by_role("button", name=name)
    menu = page.get_by_role("button", name=among)
    expect(button.first.or_(menu)).to_be_visible()
    if menu.is_visible():
        menu.click()
    button.first.click()
    expect(page.locator(".board .card").first).to_be_visible()
    settled(page)


def drop(page: Page, *files: object) -> None:
    """Bring files by path, or by name and content, as if they were dropped on the page."""
    # After a drop the uploader is a new one, and for a moment the old one is still there.
    settled(page)
    place = page.locator('input[type="file"]')
    expect(place).to_have_count(1)
    place.set_input_files(list(files))  # type: ignore[arg-type]


def taken(page: Page, button: Locator) -> Download:
    """What this button hands out: each run makes it anew, so a click during one may get nothing."""
    expect(button).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        button.click()
    return download.value


def _await_health(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.read() == b"ok":
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)  # the only sleep: there is nothing to expect on before the server answers
    raise AssertionError(f"no healthy server:\n{log.read_text(encoding='utf-8', errors='replace')}")
