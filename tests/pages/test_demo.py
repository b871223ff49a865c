"""Demo mode: nothing that names somebody is on any page or in any download; the way through the pages."""

import datetime as dt
import io
import json
import zipfile
from contextlib import contextmanager, nullcontext

import pytest
import streamlit as st
from altair.utils.schemapi import SchemaBase

from journey.aggregates.event_counts import event_counts
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.findings import Finding
from journey.i18n import text
from journey.projects import notebook
from journey.projects.arriving import arriving
from journey.projects.person import Person
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.stages import causes
from journey.stages.suggest import suggest
from tests.pages.test_every_page import said
from ui import session
from ui.navigation import PAGES

ALL = [page for section in PAGES.values() for page in section]
both = pytest.mark.parametrize("language", ["ko", "en"])

NAMES = [f"{family}{given}" for family in "김이박최정" for given in ("가온", "나래", "다솜")]
EVENTS = "회원번호,이벤트,일시,이름,비밀,채널\n" + "".join(
    f"user{number}-zq,{event},2024-05-{1 + day:02d} 10:00:00,{NAMES[number]},"
    f"qx{number}@hidden.kr,{'검색' if number % 2 else '광고'}\n"
    for number in range(len(NAMES))
    for day, event in enumerate(["방문", "검색", "주문"])
)
REVIEWS = "회원번호,별점,리뷰\n" + "".join(f"user{n}-zq,{n % 5 + 1},비밀글{n} 참 좋아요\n" for n in range(15))
FILES = ("홍길동_명단.csv", "홍길동_후기.csv")
ME = Person("boss@corp.kr", "박부장", sees_all=True)
BRAND = "한빛 <b>*상사*</b>"
MARKERS = [*NAMES, "hidden.kr", "-zq", "홍길동", "경쟁사", "박부장", "corp.kr", "비밀글"]


@pytest.fixture
def client(home, monkeypatch):
    """The id of a project that is full of names, beside another client's project."""
    monkeypatch.setattr(session, "person", lambda: ME)
    Store(home).create("경쟁사 여정")
    roles = {"customer": ("회원번호",), "event": ("이벤트",), "time": ("일시",)}
    log = TableChoice("events", {**roles, "attributes": ("이름", "비밀", "채널")}, masked=False)
    reviews = TableChoice("reviews", {"customer": ("회원번호",), "rating": ("별점",), "text": ("리뷰",)})
    incoming = []
    for name, content, choice in zip(FILES, (EVENTS, REVIEWS), (log, reviews), strict=True):
        raw = read_table(content.encode(), name)
        incoming.append(arriving(raw, choice, name, content.encode(), How(), ""))
    whole = joined([one.made for one in incoming])
    events = event_counts(whole.log)
    with Store(home).begun("한빛 여정") as made:
        made.put_files(incoming, whole, stage_map=suggest(events.names, events.rows, language="ko").stage_map)
        made.apply({"op": "setting", "name": "brand.name", "value": BRAND})
    return made.id


def written():
    """What people write or keep of a project today, with names in it: segments, causes, goals, notebook."""
    one, two = NAMES[0], NAMES[7]
    words = f"{one}님과 user2-zq: {FILES[0]} · {two}"
    who = {"attribute": "이름", "values": [one]}
    kept = {
        "flows": {"group": "이름", "start": [one], "hide": [two]},
        "comparison": {"a": who, "b": None, "names": [one, "나머지"]},
        "drivers": {"outcome": "rule", "rule": who, "called": f"이름: {one}"},
        "funnel": {"by": "비밀"},
    }
    at = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    said = Finding("flows.finding_empty", {"name": one})
    cells = [notebook.written("t1", words, after=None, at=at, by=f"{two}@hidden.kr")]
    cells += [
        notebook.pinned(
            question,
            question,
            settings,
            {"period": None, "segment": who, "where": {"이름": [one, two]}},
            line=words,
            finding=said,
            headline=None,
            at=at,
            by="홍길동",
        )
        for question, settings in kept.items()
    ]
    return {
        "segment.0123456789ab": {"name": f"{one} · 2단계", "rule": who},
        "segment.0123456789ac": {"name": f"hidden {two}", "rule": {"not": who}},
        "goal.text": words,
        "goal.target": two,
        "goal.segment": "0123456789ab",
        causes.setting_of("event", "주문"): causes.content("event", "주문", ["waiting"], by="홍길동"),
        **{cell["name"]: cell["value"] for cell in cells},
    }


@pytest.fixture
def offered(monkeypatch):
    """What the downloads of a run hold, by the names of their files."""
    files = {}

    def button(_label, data, file_name, **_more):
        files[file_name] = data

    monkeypatch.setattr(st, "download_button", button)
    return files


def everything(at):
    """All bytes that a run has sent to the browser."""
    return b"\n".join(
        node.proto.SerializeToString() for node in nodes(at._tree) if getattr(node, "proto", None)
    )


def nodes(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from nodes(child)


def found(content):
    """The markers that stand in the bytes, also as JSON writes them."""
    spellings = {mark: (mark.encode(), json.dumps(mark)[1:-1].encode()) for mark in MARKERS}
    return [mark for mark, ways in spellings.items() if any(way in content for way in ways)]


def names_in(at):
    """What can be picked in the picture of the page."""
    return [option for box in at.selectbox if box.key.endswith("flows.pick") for option in box.options]


def unzipped(content):
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"\n".join(book.read(name) for name in book.namelist())


@contextmanager
def as_it_is():
    """Charts are written without being checked against Vega-Lite, which takes half of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SchemaBase, "validate", classmethod(lambda *_, **__: None))
        yield


def test_the_markers_are_there_to_be_hidden(app, client):
    at = app("ko", "data", client)
    assert {"홍길동", "박부장"} & set(found(everything(at)))
    assert "경쟁사" in found(everything(app("ko", "home", client)))


@pytest.mark.parametrize(
    ("language", "grouped"), [("ko", False), ("en", True)], ids=["ko, by stage", "en, by name"]
)
def test_no_page_and_no_download_names_anybody(app, client, home, offered, language, grouped):
    if grouped:
        chosen = {"flows.group": "attribute:이름", "where": {"이름": NAMES[:9], "채널": ["검색", "광고"]}}
        Store(home, ME).open(client).apply({"op": "settings", "values": chosen})
        for name, value in written().items():
            Store(home, ME).open(client).apply({"op": "setting", "name": name, "value": value})
    for page in ALL:
        offered.clear()
        at = app(language, page, client, demo="1")
        assert found(everything(at)) == [], page
        if page == "flows":
            assert any(text("demo.value", language) in words for words in names_in(at)) == grouped
        if page == "flows" and language == "en":  # outside of a run the test has no other language
            at.selectbox(key=f"{client}.flows.pick").select_index(0).run()
            assert found(everything(at)) == [] and not at.exception
            assert any(name.endswith(".csv") and "customers" in name for name in offered), offered
        for name, data in offered.items():
            if not name.endswith((".png", ".pdf")):  # drawn from the chart that the svg is drawn from
                # Each page has its chart three times, which is checked against its schema in the svg.
                with as_it_is() if name.endswith(".html") else nullcontext():
                    assert found(unzipped(data())) == [], name
            assert found(name.encode()) == []


def test_a_filter_by_a_masked_value_is_kept_as_the_value_that_it_stands_for(app, client, home):
    at = app("en", "reach", client, demo="1")
    box = at.multiselect(key=f"{client}.where.이름")
    assert box.options[0] == "Value 01" and len(box.options) == len(NAMES)
    box.set_value(["Value 03", "Value 07"]).run()
    kept = Store(home, ME).open(client).state.settings["where"]["이름"]
    assert len(kept) == 2 and set(kept) <= set(NAMES)
    assert at.multiselect(key=f"{client}.where.이름").value == ["Value 03", "Value 07"]
    assert any("Value 03, Value 07" in words for words in said(at))
    after = app("en", "reach", client)
    assert sorted(after.multiselect(key=f"{client}.where.이름").value) == sorted(kept)


def test_what_is_masked_can_be_chosen(app, client, home):
    at = app("en", "reach", client, demo="1")
    box = at.multiselect(key=f"{client}.demo.hidden")
    assert box.value == ["이름", "비밀"]
    box.set_value(["이름", "비밀", "채널"]).run()
    assert at.multiselect(key=f"{client}.where.채널").options == ["Value 1", "Value 2"]
    kept = Store(home, ME).open(client).state.settings["demo.hidden"]
    assert kept == {"이름": True, "비밀": True, "채널": True}


def test_the_switches_are_kept_by_the_url_and_by_a_change_of_page(app, client):
    at = app("en", "flows", client)
    assert "demo" not in at.query_params and text("demo.mark", "en") not in "".join(said(at))
    at.toggle(key="switch.demo").set_value(True).run()
    assert at.query_params["demo"] == "1"
    assert any(text("demo.mark", "en") in words for words in said(at))
    at.switch_page("../pages/reach.py").run()
    assert at.query_params["demo"] == "1" and not at.exception
    at.toggle(key="switch.show").set_value(True).run()
    assert at.query_params["show"] == "1"


@both
@pytest.mark.parametrize("page", ["stages", *PAGES["explore"], "conformance"])
def test_the_presentation_view_has_the_page_and_nothing_around_it(app, client, home, page, language):
    Store(home, ME).open(client).apply({"op": "setting", "name": "where", "value": {"채널": ["검색"]}})
    at = app(language, page, client, demo="1", show="1")
    assert at.title[0].value == text(f"page.{page}.title", language)
    assert not at.sidebar.markdown and not at.sidebar.get("popover")
    assert not at.expander and not at.button
    words = said(at)
    assert text(f"page.{page}.lead", language) not in words
    assert any("검색" in one for one in words), "the filters are told in a line"
    assert any("한빛 \\<b\\>\\*상사\\*\\</b\\>" in one for one in words), words
    if page != "stages":
        # So few customers have no features to be told apart by, and no clusters: then a sentence says so.
        assert at.get("vega_lite_chart") or (page in ("drivers", "segments") and at.info)


def test_a_page_without_data_works_in_both(app, home):
    for page in ALL:
        assert not app("ko", page, demo="1", show="1").error


def test_a_segment_of_stand_ins_is_kept_as_what_they_stand_for(app, client, home):
    opened = Store(home, ME).open(client)
    chosen = {"flows.group": "attribute:이름", "flows.where_at": "start", "flows.where_by": "비밀"}
    opened.apply({"op": "settings", "values": chosen | {"flows.where": ["qx3@hidden.kr"]}})
    at = app("en", "flows", client, demo="1")
    (value,) = at.multiselect(key=f"{client}.flows.where").value
    assert value.startswith("Value ")
    box = at.selectbox(key=f"{client}.flows.pick")
    box.select_index(0).run()
    at.button(key="segment_keep_flows").click().run()
    at.button(key="flow_start").click().run()
    assert not at.exception and not at.error and found(everything(at)) == []
    settings = Store(home, ME).open(client).state.settings
    assert settings["flows.anchors"] == [NAMES[3]]
    assert at.multiselect(key=f"{client}.flows.anchors").value[0].startswith("Value ")
    (rule,) = [one["rule"] for name, one in settings.items() if name.startswith("segment.")]
    assert rule["link"]["where"] == {"비밀": ["qx3@hidden.kr"]} and rule["link"]["source"] == NAMES[3]
