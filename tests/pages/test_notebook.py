"""The notebook page: pinned, counted again, compared, and everything in it shown to the letter."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from journey.i18n import catalogue, text
from journey.projects.notebook import cell_name, cells, pinned, written
from journey.projects.store import Store
from journey.reports import html
from tests.hostile import NAMES
from tests.pages.test_home import both, click, plain, said
from ui import session

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)


@pytest.fixture
def opened(app, sample_project, home):
    """A sample with one answer in its notebook, pinned on its page."""
    project = sample_project("ko")
    # In English: AppTest formats the choices of a widget outside of the tab, where there is no language.
    at = app("en", "reach", project)
    at.text_input(key=f"{project}.pin.reach").set_value("결제에서 떠나요")
    click(at, "pin.reach")
    assert not at.exception and not at.error
    return Store(home).open(project)


def test_an_answer_is_pinned_with_its_line_settings_filters_and_value(opened):
    (cell,) = cells(opened.state.settings)
    assert (cell.question, cell.text, cell.settings) == ("reach", "결제에서 떠나요", {"unit": "customer"})
    assert cell.filters == {"period": None, "segment": None, "where": {}}
    assert cell.headline is not None and cell.headline.has_interval
    assert opened.happened(1)[0].finding.code == "history.notebook_line_added"


def test_undo_and_redo_of_the_notebook_take_back_what_was_written_there_and_not_the_stages(app, opened):
    stages = opened.state.stage_map
    at = app("en", "notebook", opened.id)
    click(at, "notebook.undo")
    assert not cells(opened.state.settings) and opened.state.stage_map == stages
    click(at, "notebook.redo")
    assert len(cells(opened.state.settings)) == 1 and opened.state.stage_map == stages


@both
def test_what_became_of_it_is_said_beside_the_pinned_value(app, opened, language):
    name, value = next(one for one in opened.state.settings.items() if one[0].startswith("notebook.cell."))
    now = value["headline"]["value"]
    for pinned_value, low, high, verdict in (
        (now, now - 0.02, now + 0.02, "same"),
        (now - 0.01, now - 0.03, now + 0.01, "within"),
        (now - 0.3, now - 0.32, now - 0.28, "beyond"),
    ):
        headline = {**value["headline"], "value": pinned_value, "low": low, "high": high}
        opened.apply({"op": "setting", "name": name, "value": {**value, "headline": headline}})
        at = app(language, "notebook", opened.id)
        assert not at.error and at.get("vega_lite_chart")
        assert text(f"notebook.flag_{verdict}", language) in " ".join(one.value for one in at.markdown)
    gone = {**value, "filters": {"where": {"없는 속성": ["x"]}}}
    opened.apply({"op": "setting", "name": name, "value": gone})
    at = app(language, "notebook", opened.id)
    assert not at.error and not at.get("vega_lite_chart")
    assert "51.1%" in plain(said(at)) or text("notebook.flag_gone", language) in plain(said(at))


def test_words_of_people_are_shown_to_the_letter(app, opened):
    """RELIABILITY 44: no markup, no icon, no formula, no image in cells, their names and their reasons."""
    (cell,) = cells(opened.state.settings)
    for number, name in enumerate(NAMES):
        opened.apply(written(f"t{number}", name, after="", at=NOON, by=name))
        said_then = replace(cell.finding, values={**cell.finding.values, "stage": name})
        where = {"where": {name: [name]}}
        kept = {"line": name, "finding": said_then, "headline": None, "at": NOON, "by": name}
        opened.apply(pinned(f"a{number}", "reach", {"unit": name}, where, **kept))
    at = app("ko", "notebook", opened.id)
    assert not at.exception and not at.error
    shown = " ".join([*(one.value for one in at.markdown), *(one.value for one in at.subheader), said(at)])
    assert not re.search(r"(?<!\\)(<script|<img|<svg|!\[|\]\(|\$x|`|:smile:|:material/delete)", shown)
    for name in NAMES[:-1]:  # the last one has a line end
        assert plain(name) in plain(shown), name
    assert cell_name("t0") in opened.state.settings


def fragments(language, other):
    """What our sentences have between their holes, in one language alone."""
    every = [
        {part for value in catalogue(one).values() for part in re.split(r"\{[^}]*\}", value)}
        for one in (language, other)
    ]
    least = 8 if language == "ko" else 14
    return {part for part in every[0] - every[1] if len(part) >= least and " " in part.strip()}


@pytest.mark.parametrize(("language", "other"), [("en", "ko"), ("ko", "en")])
def test_a_page_in_the_other_language_holds_no_sentence_of_the_screens(
    app, opened, monkeypatch, language, other
):
    (cell,) = cells(opened.state.settings)
    kept = {"line": "", "finding": cell.finding, "headline": None, "at": NOON, "by": ""}
    asked = {"comparison": {}, "funnel": {}, "kpi": {"weight_by": "채널"}, "reach": {"unit": "없음"}}
    for number, (question, settings) in enumerate(asked.items()):
        where = {"period": ["2024-01-01", "2024-05-31"], "where": {"채널": [None, "앱"]}}
        opened.apply(pinned(f"a{number}", question, settings, where, **kept))
    opened.apply(pinned("gone", "reach", {}, {"where": {"없는 속성": ["x"]}}, **kept))
    made = []
    monkeypatch.setattr(session, "download", lambda write: made.append(write()) or b"")
    monkeypatch.setattr(html, "render", lambda chart, format: b"<svg/>")
    monkeypatch.setattr(html, "_bundle", lambda: "")
    at = app(language, "notebook", opened.id)
    at.session_state["notebook_export"] = True
    at.session_state[f"{opened.id}.notebook.export_language"] = other
    at.run()
    assert not at.exception and not at.error
    page = made[-1].decode()
    assert f'lang="{other}"' in page and text("page.notebook.title", other) in page
    told = [part for part in fragments(other, language) if part in page]
    assert len(told) > 20
    assert [part for part in fragments(language, other) if part in page] == []
