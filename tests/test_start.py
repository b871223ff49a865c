"""The server starts, or says in one sentence why not: tried by really starting it."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from journey.i18n import catalogue
from tests.e2e.browser import serve

ROOT = Path(__file__).resolve().parents[1]
APP = str(ROOT / "app.py")
RUN = ("-m", "streamlit", "run", APP, "--server.headless", "true")
EVERYWHERE = ("--server.address", "0.0.0.0")
REFUSED = {
    "open": ((*RUN, *EVERYWHERE), {}, "wrong_open"),
    "no address": ((*RUN, "--server.address="), {}, "wrong_open_everywhere"),
    "itself": ((APP,), {}, "wrong_open"),
    "half": ((*RUN, *EVERYWHERE), {"JOURNEY_LOGIN": "passphrase"}, "wrong_passphrase_missing"),
    "without a login": (
        (*RUN, *EVERYWHERE),
        {"JOURNEY_LOGIN": "none", "JOURNEY_PASSPHRASE": "open sesame"},
        "wrong_open",
    ),
}


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """All that must not start, started at the same time."""
    home = tmp_path_factory.mktemp("home")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\n')
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEY_")}
    pipes = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.PIPE,
        "cwd": home,
    }
    servers = {
        name: subprocess.Popen(
            [sys.executable, *command],
            env=clean | {"JOURNEY_HOME": str(home)} | environment,
            text=True,
            **pipes,
        )
        for name, (command, environment, _) in REFUSED.items()
    }
    yield servers
    for server in servers.values():
        server.kill()
        server.communicate()


@pytest.mark.parametrize("name", REFUSED)
def test_a_server_that_would_stand_open_does_not_start_and_says_why(started, name):
    _, said = started[name].communicate(timeout=60)
    key = f"login.{REFUSED[name][2]}"
    assert started[name].returncode == 2, said
    assert "Traceback" not in said
    for language in ("ko", "en"):
        sentence = catalogue(language)[key].replace("{address}", "0.0.0.0")
        assert sentence in said


def test_from_another_folder_it_starts_on_this_machine_only(tmp_path):
    where = serve(Path(APP), tmp_path / "home", cwd=tmp_path)
    with where as address, urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.headers["x-frame-options"] == "DENY"
