"""That the suite would notice: whatever leaves the machine is refused, written down and fails a test."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading

import pytest

from .outside import watched

ASKS = """<!doctype html><meta charset=utf-8><title>asks</title>
<link rel=prefetch href="http://prefetch.invalid/p"><link rel=icon href="https://icon.invalid/i.png">
<img src="http://image.invalid/p.png?1"><img src="http://192.0.2.1/address.png">
<img src="http://169.254.169.254/latest/meta-data">
<script>
new WebSocket("ws://socket.invalid/live").onerror = () => document.title += "-socket";
navigator.sendBeacon("http://beacon.invalid/b", "x");
fetch("http://fetch.invalid/f", {mode: "no-cors"}).catch(() => 0);
</script>"""
WANTED = (
    "image.invalid",
    "192.0.2.1",
    "169.254.169.254",
    "socket.invalid",
    "beacon.invalid",
    "fetch.invalid",
)


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(ASKS.encode())

    def log_message(self, *_):
        pass


def test_whatever_a_page_asks_of_the_world_is_written_down(browser, outside):
    context = browser.new_context()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        page = context.new_page()
        page.goto(f"http://localhost:{server.server_port}")
        page.wait_for_function("document.title === 'asks-socket'")
        page.wait_for_load_state("networkidle")
        server.shutdown()
    context.close()
    asked = " ".join(outside.taken())
    assert [name for name in WANTED if name not in asked] == []
    assert "localhost" not in asked


CALLS = (
    "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "import socket; socket.getaddrinfo('name.invalid', 443)",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    # What is not Python's own socket comes to the proxy.
    "import urllib.request; urllib.request.urlopen('http://proxied.invalid/')",
    "import os, sys; sys.exit(os.spawnl(os.P_WAIT, sys.executable, 'python', '-P', '-c', "
    "'import socket; socket.create_connection((\"192.0.2.1\", 80), timeout=1)'))",
)


@pytest.mark.parametrize("call", CALLS)
def test_a_process_or_its_child_that_calls_outside_is_noticed(call):
    reached = pytest.raises(AssertionError, match=r"reached out of the machine[\s\S]*(192\.0\.2\.1|invalid)")
    with reached, watched(os.environ) as environment:
        done = subprocess.run([sys.executable, "-c", call], env=environment, stderr=subprocess.DEVNULL)
        assert done.returncode != 0


def test_a_process_may_call_its_own_machine():
    call = (
        "import socket; s = socket.create_server(('127.0.0.1', 0));"
        "socket.create_connection(('localhost', s.getsockname()[1]))"
    )
    with watched(os.environ) as environment:
        subprocess.run([sys.executable, "-c", call], env=environment, check=True)
