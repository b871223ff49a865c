"""Limits refuse what is over them, in a sentence of their own, and the environment sets them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from journey.errors import FileTooLarge, SettingWrong
from journey.i18n import LANGUAGES, text
from journey.sources.limits import LIMITS, VARIABLES, Limits

ROOT = Path(__file__).parents[2]
CHECKED = {field.name for field in fields(Limits)} - {"packing", "readers"}


@pytest.mark.parametrize("what", sorted(CHECKED))
def test_each_limit_has_its_sentence(what):
    most = getattr(LIMITS, what)
    LIMITS.check(what, most)
    with pytest.raises(FileTooLarge) as caught:
        LIMITS.check(what, most + 1)
    for language in LANGUAGES:
        assert f"{most:,}" in text(caught.value.key, language, **caught.value.values)


def test_without_variables_the_defaults_stand():
    assert Limits.from_environment({}) == Limits()
    assert Limits.from_environment({"JOURNEY_MAX_ROWS": " ", "PATH": "x"}) == Limits()


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_sets_its_limit(variable):
    field, unit = VARIABLES[variable]
    limits = Limits.from_environment({variable: "7"})
    assert getattr(limits, field) == 7 * unit
    assert sum(getattr(limits, f.name) != getattr(Limits(), f.name) for f in fields(Limits)) == 1


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "1e3", "٣", "9" * 40])
def test_a_wrong_value_is_named(value):
    with pytest.raises(SettingWrong) as caught:
        Limits.from_environment({"JOURNEY_MAX_FILE_MB": value})
    assert caught.value.values["setting"] == "JOURNEY_MAX_FILE_MB"
    assert caught.value.values["value"] == value


def test_a_server_with_a_wrong_value_says_so_at_its_start():
    done = subprocess.run(
        [sys.executable, "-c", "import journey.sources.limits"],
        cwd=ROOT,
        env={"JOURNEY_MAX_ROWS": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "JOURNEY_MAX_ROWS must be a whole number from 1, not 'many'"
