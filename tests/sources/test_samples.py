"""The samples that can be opened with one click."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from journey.i18n import LANGUAGES, text
from journey.sources import samples
from journey.sources.samples import SAMPLES, SampleMissing


@pytest.mark.parametrize("name", SAMPLES)
def test_the_columns_that_are_named_stand_in_the_file(name: str) -> None:
    sample = SAMPLES[name]
    header = next(csv.reader(io.StringIO(sample.read().decode("utf-8-sig"))))
    columns = sample.columns
    wanted = [columns["customer"], columns["event"], columns["time"], *columns["attributes"]]
    wanted += [columns["session"]] if columns["session"] else []
    assert sorted(wanted) == sorted(header)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_title_and_description_are_said_in_both_languages(name: str, language: str) -> None:
    assert text(SAMPLES[name].title, language)
    assert text(SAMPLES[name].description, language)


def test_linked_tables_are_read_by_what_they_hold() -> None:
    for table in SAMPLES["shop"].tables:
        assert "고객ID" in SAMPLES["shop"].read(table).decode("utf-8-sig").splitlines()[0].split(",")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_absent_file_is_named_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(samples, "FOLDER", tmp_path)
    with pytest.raises(SampleMissing) as raised:
        SAMPLES["shop"].read()
    assert raised.value.values == {"file": "shop_events.csv", "folder": str(tmp_path)}
    assert "generate.py" in text(raised.value.key, language, **raised.value.values)
