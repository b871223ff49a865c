"""Journey Lab runs where it is only unpacked, and where it is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TREE = ["app.py", "journey", "ui", "pages", "sample_data", ".streamlit"]
FILE = "customer,event,time\na,view,2024-01-01 10:00\na,buy,2024-01-01 11:00\nb,view,2024-01-02 10:00\n"


def unpacked(folder):
    """A copy of what a user downloads, without what a checkout has beside it."""
    folder.mkdir()
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def asked(folder, **environment):
    """What the command line says about a small file, run in `folder` with only these paths to import from."""
    (folder / "small.csv").write_text(FILE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "journey",
        "ask",
        "reach",
        "small.csv",
        "--format",
        "csv",
        "--lang",
        "en",
    ]
    command += ["--stage", "Look=view", "--stage", "Buy=buy"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which the package was installed as pip installs it, catalogues and all."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name in ("journey", "pyproject.toml", "requirements.txt", "README.md"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*command, "--no-index", "--target", str(site), str(source)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return site


def test_an_unpacked_and_an_installed_tree_give_the_same_answer(tmp_path, installed):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first = asked(unpacked(tmp_path / "plain"))
    assert first == asked(elsewhere, PYTHONPATH=str(installed))
    assert first.splitlines()[1].startswith("Look,2,1.0,")


def test_an_installed_package_carries_every_data_file(installed):
    wanted = {p.relative_to(ROOT) for p in (ROOT / "journey").rglob("*") if p.suffix in (".json", ".sql")}
    assert wanted
    assert {path for path in wanted if not (installed / path).is_file()} == set()
