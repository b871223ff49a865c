"""The notebook as a page: words to the letter, nothing runs or is fetched but ours (RELIABILITY 44, 45)."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import text
from journey.reports import html
from journey.reports.notebook import Exhibit, notebook_page, value_said
from tests.hostile import NAMES
from tests.reports.test_html import Answer, Chart, Read

AT = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module", autouse=True)
def drawn():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "render", lambda chart, format: b"<svg/>")
        patch.setattr(html, "_bundle", lambda: "window.vegaEmbed = () => 0;")
        yield


def exhibit(name, verdict="beyond", now=True):
    said = Finding("controls.where", {"attribute": name, "values": name})
    return Exhibit(
        line=name,
        source=name,
        counted=name,
        filters=name,
        then=(said, Figure("a.b", 0.25, "share", 40, 0.2, 0.3)),
        at=AT,
        who=name,
        now=Answer(name) if now else None,
        chart=Chart if now else None,
        verdict=verdict,
        why="" if now else name,
    )


def page(name, language="ko"):
    cells = [f"# {name}\n- {name}\n> {name}\n{name}", exhibit(name), exhibit(name, "gone", now=False)]
    return notebook_page(cells, language=language, title=name, lead=name, facts=[(name, name)])


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_makes_no_element_and_nothing_is_fetched(name, language):
    plain, read = Read(page("plain", language)), Read(page(name, language))
    # A note has a few marks, and a line end of any kind ends its line; the rest is as it always is.
    marks = {"strong", "em", "li", "br", "p", "ul"}
    told, usual = ([tag for tag in one.elements if tag not in marks] for one in (read, plain))
    assert told == usual
    for tag, attributes in read.attributes:
        assert not {"href", "srcset", "action", "onload", "onerror", "onmouseover"} & set(attributes), tag
        assert attributes.get("src", "data:").startswith("data:")
    (policy,) = (found["content"] for tag, found in read.attributes if "http-equiv" in found)
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "connect-src" not in policy
    assert read.texts["h1"] == [name]
    assert read.texts["h2"][1:3] == [name, name]


def test_a_gone_answer_keeps_its_pinned_value_and_says_why():
    read = Read(page("이유"))
    assert read.texts["span"] == [text("notebook.flag_beyond", "ko"), text("notebook.flag_gone", "ko")]
    assert len([tag for tag in read.elements if tag == "figure"]) == 1
    assert read.texts["dd"].count("25.0% (20.0%~30.0%) · 대상 40") == 2


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (None, ""),
        (Figure("a.b", math.nan, "share"), ""),
        (Figure("a.b", 0.25, "share", 40, 0.2, 0.3), "25.0% (20.0% to 30.0%), n = 40"),
        (
            Figure("a.b", 0.118, "points", 40, -0.02, 0.3),
            "+11.8 points (−2.0 to +30.0 points), n = 40",
        ),
        (Figure("a.b", 1234, "count"), "1,234"),
        (Figure("a.b", 90, "seconds", 3), "1 min 30 s, n = 3"),
        (Figure("a.b", 12.345, "score"), "12.3"),
        (Figure("a.b", 1.5, "ratio"), "1.50"),
        (Figure("a.b", 45_000.4, "amount"), "45,000"),
    ],
)
def test_a_figure_is_said_by_its_form(figure, said):
    assert value_said(figure, "en") == said
