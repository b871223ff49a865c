"""What a file is called on the user's disk, whatever the project is called."""

from __future__ import annotations

import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.endurance import examples
from tests.hostile import NAMES
from ui.tables import named_file


@pytest.fixture
def called(monkeypatch):
    """called(project, what): the name of a CSV of a project."""

    def name(project: str | None, what: str = "흐름") -> str:
        opened = None if project is None else SimpleNamespace(name=project)
        monkeypatch.setattr("ui.tables.session.project", lambda: opened)
        return named_file(what, "csv")

    return name


@pytest.mark.parametrize(
    ("project", "name"),
    [
        ("온라인 쇼핑몰 3월", "온라인 쇼핑몰 3월 - 흐름.csv"),
        ("../../etc/passwd", "etc passwd - 흐름.csv"),
        ("C:\\Windows\\x", "C Windows x - 흐름.csv"),
        ("CON", "CON - 흐름.csv"),
        (".hidden.", "hidden - 흐름.csv"),
        ("a\u202efdp.exe", "a fdp.exe - 흐름.csv"),
        ("👩\u200d💻 팀", "👩\u200d💻 팀 - 흐름.csv"),
        ("...", "흐름.csv"),
        (None, "흐름.csv"),
    ],
)
def test_names_survive_as_far_as_a_disk_takes_them(called, project, name):
    assert called(project) == name


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300) | st.sampled_from(NAMES), st.text(max_size=300))
def test_every_project_makes_a_name_that_every_disk_takes(called, project, what):
    name = called(project, what)
    assert len(name.encode()) <= 220 and name.endswith(".csv")
    assert not set(name) & set('\\/:*?"<>|')
    assert not [char for char in name if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not name.startswith((".", " ")) or name == ".csv"


def test_a_long_korean_name_is_cut_between_syllables(called):
    name = called("가" * 200)
    assert name.endswith("가 - 흐름.csv") and len(name.encode()) <= 220
