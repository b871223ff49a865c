"""The dialog of a card of a journey map: its fields, its source, and from a pain to a test and back."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from journey.aggregates.voices import Voices
from journey.findings import Finding
from journey.i18n import text
from journey.projects.maps import map_named, maps, written
from journey.projects.register import decided, entries
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane, MapPersona
from tests.hostile import NAMES
from tests.pages.test_every_page import said
from ui import journey_card_quotes, planner_goal
from ui.words import literal

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
A, B = "a" * 12, "b" * 12
PAIN, CHANCE = "p1", "o1"


def a_map(**more):
    lanes = {"l1": Lane("l1", "pains", "i"), "l2": Lane("l2", "opportunities", "r", hidden=True)}
    pain = Card(PAIN, "l1", "s3", "i", "배송비를 너무 늦게 봐요", tags=("배송",), persona="q1", **more)
    people = {"q1": MapPersona("q1", "민지", "i")}
    return Board(A, "지도", NOON, lanes=lanes, personas=people, cards={PAIN: pain})


@pytest.fixture
def opened(app, home, sample_project):
    """opened(language, board, card): a page of the app with the dialog of this card."""

    def make(language, board, card, **query):
        project = sample_project(language)
        Store(home).open(project).apply({"op": "settings", "values": written(board)})
        at = app(language, "journey_map", project, **query)
        at.session_state["dialog.asked"] = ("map_card", f"{board.id}.{card}")
        at.run()
        assert not at.exception and not at.error
        return at, project

    return make


def board_of(home, project):
    return map_named(Store(home).open(project).state.settings, A)


def pressed(at, begins):
    button = next(one for one in at.button if str(one.key).startswith(begins))
    button.click().run()
    assert not at.exception and not at.error
    return at


def test_each_field_is_written_by_itself_and_a_quote_is_kept_masked(opened, home):
    at, project = opened("en", a_map(), PAIN)
    key = f"{project}.one_card.{A}.{PAIN}"
    at.text_area(key=f"{key}.text").set_value("They see the postage late").run()
    at.multiselect(key=f"{key}.tags").set_value(["postage", " new   tag ", "new tag"]).run()
    at.text_input(key=f"{key}.owner").set_value(" Mina ").run()
    at.selectbox(key=f"{key}.status").set_value("agreed").run()
    at.selectbox(key=f"{key}.persona").set_value("").run()
    at.selectbox(key=f"{key}.source.kind").set_value("interview").run()
    at.text_input(key=f"{key}.source.who").set_value("P7").run()
    at.text_area(key=f"{key}.source.quote").set_value("Call me: 010-1234-5678").run()
    assert not at.exception and not at.error
    card = board_of(home, project).cards[PAIN]
    assert (card.text, card.owner, card.status, card.persona) == (
        "They see the postage late",
        "Mina",
        "agreed",
        "",
    )
    assert card.tags == ("postage", "new tag")
    assert card.source == {"kind": "interview", "who": "P7", "quote": "Call me: 010-****-5678"}
    at.selectbox(key=f"{key}.source.kind").set_value("").run()
    pressed(at, "one_card.remove")
    assert PAIN not in board_of(home, project).cards and at.session_state["dialog.asked"] is None


def test_a_pain_becomes_an_opportunity_a_test_and_an_improvement_tied_both_ways(opened, home, app):
    at, project = opened("en", a_map(link={"kind": "stage", "stage": "s3"}), PAIN)
    pressed(at, "one_card.opportunity")
    board = board_of(home, project)
    (chance,) = [card for card in board.cards.values() if card.parent == PAIN]
    assert not board.lanes["l2"].hidden and (chance.lane, chance.stage) == ("l2", "s3")
    assert chance.text == text("map_card.opportunity_text", "en", pain="배송비를 너무 늦게 봐요")
    assert 1 <= chance.impact <= 5 and dict(chance.link) == {"kind": "stage", "stage": "s3"}
    # The dialog shows what was made, and leads back to where it came from.
    assert at.session_state["dialog.asked"] == ("map_card", f"{A}.{chance.id}")
    key = f"{project}.one_card.{A}.{chance.id}"
    at.text_area(key=f"{key}.hypothesis").set_value("Shown first, more buy").run()
    at.segmented_control(key=f"{key}.effort").set_value(2).run()
    pressed(at, "one_card.improve.")
    at.date_input(key=f"{key}.due").set_value(dt.date(2024, 6, 1)).run()
    at.selectbox(key=f"{key}.state").set_value("planned").run()
    card = board_of(home, project).cards[chance.id]
    assert (card.effort, card.state, card.due, card.hypothesis) == (
        2,
        "planned",
        "2024-06-01",
        "Shown first, more buy",
    )
    assert not card.since
    at.selectbox(key=f"{key}.state").set_value("done").run()
    at.date_input(key=f"{key}.since").set_value(dt.date(2024, 3, 1)).run()
    card = board_of(home, project).cards[chance.id]
    assert (card.state, card.since) == ("done", "2024-03-01")
    # What it is bound to is compared before and after that day.
    assert any(one.value.startswith(":material/monitoring:") for one in at.markdown)
    pressed(at, "one_card.plan")
    (test,) = entries(Store(home).open(project).state.settings)
    assert board_of(home, project).cards[chance.id].test == test.id
    assert (test.plan.hypothesis, test.status) == ("Shown first, more buy", "")
    assert dict(test.plan.primary.of) == {"stage": "s3"} and test.plan.name == chance.text
    # The planner is open with the name, the hypothesis, and the base rate of the stage.
    assert at.title[0].value == text("page.planner.title", "en")
    assert at.text_area(key=f"{project}.planner.hypothesis").value == "Shown first, more buy"
    assert at.selectbox(key=f"{project}.planner.goal").value == "stage:s3"
    assert at.metric[0].label == text("planner.today_base", "en")
    # And from there back to the card.
    pressed(at, f"from_map.planner.{chance.id}")
    assert at.title[0].value == text("page.journey_map.title", "en")
    assert at.session_state["dialog.asked"] == ("map_card", f"{A}.{chance.id}")
    # What was decided stands on the card.
    found = Store(home).open(project)
    why = NAMES[0]
    found.apply(
        decided(found.state.settings, test.id, B, "ship", why=why, at=NOON, by="", finding=Finding(""))
    )
    at.run()
    assert text("experiments_register.verdict_ship", "en") in "".join(said(at))


def test_a_test_is_planned_for_what_its_card_is_measured_by_and_says_so(opened, home, monkeypatch):
    # However rare the event is.
    monkeypatch.setattr(planner_goal, "_MOST_EVENTS", 0)
    rarer = {"kind": "event", "event": "결제 오류", "better": "lower"}
    link = {"kind": "stage", "stage": "s3", "measure": "time"}
    at, project = opened("ko", a_map(link=link, measure=rarer, state="found"), PAIN)
    why = f"{text('map_card.fewer_event', 'ko', name='결제 오류')} {text('map_card.judged_measure', 'ko')}"
    assert literal(why) in [one.value for one in at.caption]
    pressed(at, "one_card.plan")
    assert at.selectbox(key=f"{project}.planner.goal").value == "event:결제 오류"
    assert at.selectbox(key=f"{project}.planner.better").value == "lower"
    assert literal(why) in [one.value for one in at.caption]


def test_a_card_that_was_removed_meanwhile_is_told_in_one_sentence(opened, home):
    at, project = opened("en", a_map(), PAIN)
    Store(home).open(project).apply({"op": "settings", "values": {f"map.{A}.card.{PAIN}": None}})
    at.run()
    assert [one.value for one in at.error] == [text("errors.map_part_gone_card", "en")]
    assert not at.exception and maps(Store(home).open(project).state.settings)


@pytest.mark.parametrize("query", [{"demo": "1"}, {"show": "1"}], ids=["demo", "shown"])
def test_a_card_is_only_read_in_demo_mode_and_while_presenting(opened, query):
    link = {"kind": "stage", "stage": "s3"}
    source = {"kind": "interview", "who": NAMES[1], "quote": NAMES[2]}
    more = {"hypothesis": NAMES[3], "effort": 2, "state": "doing", "link": link, "source": source}
    at, _ = opened("en", a_map(**more), PAIN, **query)
    words = [one.value for one in at.markdown]
    assert [one.value for one in at.subheader] == [literal("배송비를 너무 늦게 봐요")]
    # What somebody said in their own words is for the team.
    assert any(literal(NAMES[2]) in one for one in words) == ("demo" not in query) and at.metric
    assert not [one for one in [*at.text_area, *at.selectbox] if ".one_card." in str(one.key)]
    assert not [one for one in at.button if str(one.key).startswith("one_card.remove")]


def test_a_card_is_bound_to_what_the_project_has_and_says_how_sure_that_makes_it(opened, home):
    at, project = opened("en", a_map(), PAIN)
    key = f"{project}.one_card.{A}.{PAIN}.bind"
    kind = at.selectbox(key=f"{key}.kind")
    # There is no saved segment and no pinned answer: those are not offered.
    assert kind.options == [
        text(f"map_card.bind_{one}", "en") for one in ("stage", "event", "link", "friction")
    ]
    assert text("bound.evidence_assumed", "en") in "".join(said(at))

    def link():
        return dict(board_of(home, project).cards[PAIN].link)

    kind.set_value("stage").run()
    at.selectbox(key=f"{key}.of_stage").set_value("s3").run()
    assert link() == {"kind": "stage", "stage": "s3"}
    at.selectbox(key=f"{key}.measure").set_value("drop_off").run()
    assert link() == {"kind": "stage", "stage": "s3", "measure": "drop_off"}
    assert text("bound.evidence_measured", "en") in "".join(said(at))
    at.selectbox(key=f"{key}.kind").set_value("link").run()
    at.selectbox(key=f"{key}.from").set_value("s1").run()
    assert link()["kind"] == "stage"
    at.selectbox(key=f"{key}.to").set_value("s2").run()
    assert link() == {"kind": "link", "from": "s1", "to": "s2"}
    at.selectbox(key=f"{key}.kind").set_value("event").run()
    at.text_input(key=f"{key}.event.search").set_value("no such event at all").run()
    assert text("map_card.bind_none", "en") in said(at)
    at.text_input(key=f"{key}.event.search").set_value("").run()
    event = at.selectbox(key=f"{key}.of_event").options[0]
    at.selectbox(key=f"{key}.of_event").set_value(event).run()
    assert link() == {"kind": "event", "event": event}
    at.selectbox(key=f"{key}.kind").set_value("friction").run()
    at.selectbox(key=f"{key}.of_stage").set_value("s2").run()
    assert link() == {"kind": "friction", "of": "stage", "name": "s2"}
    assert not at.exception and not at.error
    pressed(at, "one_card.unbind")
    assert link() == {}


@pytest.fixture
def heard(app, home, sample_project, monkeypatch):
    """heard(texts): the dialog of a gap at a stage of which customers wrote these (text, feeling)."""

    def make(texts, **query):
        table = pd.DataFrame(
            [
                {
                    "text": words,
                    "feeling": feeling,
                    "source": "review",
                    "customer": "고객 1",
                    "time": pd.Timestamp("2024-03-05T01:00Z") if feeling else pd.NaT,
                    "touchpoint": "",
                }
                for words, feeling in texts
            ]
        )
        monkeypatch.setattr(
            journey_card_quotes, "quotes", lambda stage, order, most: Voices(table, len(texts), len(texts))
        )
        project = sample_project("en")
        board = replace(a_map(), felt={"": {"s3": 1.0}})
        Store(home).open(project).apply({"op": "settings", "values": written(board)})
        at = app("en", "journey_map", project, **query)
        at.session_state["dialog.asked"] = ("map_gap", f"{A}.q1.s3")
        at.run()
        assert not at.exception and not at.error
        return at, project

    return make


def test_what_customers_wrote_is_shown_to_the_letter_and_becomes_cards(heard, home):
    at, project = heard([(NAMES[0], -2.0), ("Lovely", 1.5), ("Hm", float("nan"))])
    assert literal(NAMES[0]) in [one.value for one in at.markdown]
    assert text("map_card.quotes_n", "en", n=3, rated=3, shown=3) in "".join(said(at)).replace("\\", "")
    pressed(at, "map_gap.card.0")
    (card,) = [one for one in board_of(home, project).cards.values() if one.id != PAIN]
    assert (card.lane, card.stage, card.text) == ("l1", "s3", NAMES[0])
    assert dict(card.source) == {"kind": "import", "name": "Review", "quote": NAMES[0], "who": "고객 1"}
    # It is there now, and is not made a second time.
    assert not [one for one in at.button if str(one.key).startswith("map_gap.card.0")]


def test_in_demo_mode_what_customers_wrote_is_not_shown_and_that_is_said(heard):
    at, _ = heard([("Lovely", 1.5)], demo="1")
    assert "Lovely" not in [one.value for one in at.markdown]
    assert text("map_card.quotes_hidden", "en") in [one.value for one in at.info]
    assert not [one for one in at.button if str(one.key).startswith("map_gap.card")]


def test_a_stage_of_which_nobody_wrote_says_what_to_bring(heard):
    at, _ = heard([])
    assert text("map_card.quotes_none", "en") in [one.value for one in at.info]
