"""The world outside of the machine, as far as browser tests reach it: everything is refused and written down.

The browser, and what a server has in other languages than Python, are told that the way out is a proxy. It
hears every kind of request, whoever made it: pages, workers, icons, sockets and the browser itself.
"""

from __future__ import annotations

import os
import re
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOOK = Path(__file__).with_name("watched") / "sitecustomize.py"
HERE = "localhost,127.0.0.1,::1"
# The browser's own errands to its maker, which a page does not send it on: refused, too, and no failure.
ERRANDS = re.compile(
    r"^\w+ (https?://)?((accounts|clients\d?)\.google\.com|[\w.]+\.gvt1\.com|edge\.microsoft\.com"
    r"|(update|optimizationguide-pa|safebrowsing|content-autofill|clientservices)\.googleapis\.com)[:/]"
)


class Outside:
    """What was asked of the world, as `METHOD where`, since it was last looked at."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.address = ""

    def taken(self) -> list[str]:
        """What was asked since the last time; it counts as seen from now on."""
        asked, self.asked[:] = list(self.asked), []
        return asked

    @property
    def browser_arguments(self) -> list[str]:
        """What makes Chromium come here with all that is not for this machine, and ask nobody for names."""
        return [
            f"--proxy-server={self.address}",
            # Without the first of these it would not come here with link-local addresses, such as a cloud's.
            "--proxy-bypass-list=<-loopback>;localhost;127.0.0.1;[::1]",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1 , EXCLUDE [::1]",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        ]


@contextmanager
def listening() -> Iterator[Outside]:
    """The world outside, until the end of the block."""
    outside = Outside()

    class Refusal(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = self.rfile.readline(4096).decode("latin-1").rpartition(" ")[0]
            if not ERRANDS.match(asked):
                outside.asked.append(asked)
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusal) as server:
        server.daemon_threads = True
        outside.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield outside
        server.shutdown()


@contextmanager
def watched(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """This environment for a process that, with all its children, must not call anybody outside."""
    with tempfile.TemporaryDirectory() as folder, listening() as outside:
        hook = Path(shutil.copy(HOOK, folder))
        path = os.pathsep.join(filter(None, (folder, environment.get("PYTHONPATH", ""))))
        ways = {name: outside.address for way in ("HTTP", "HTTPS", "ALL") for name in _both(f"{way}_PROXY")}
        here = dict.fromkeys(_both("NO_PROXY"), HERE)
        yield {**environment, **ways, **here, "PYTHONPATH": path}
        called = hook.with_name("called.txt")
        tried = called.read_text(encoding="utf-8").splitlines() if called.exists() else []
        tried += outside.taken()
        assert not tried, f"a process reached out of the machine: {tried}"


def _both(name: str) -> tuple[str, str]:
    return name, name.lower()
