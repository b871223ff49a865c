"""The map as a table and files on its page: notes become cards, files come back, and what waits is kept."""

from __future__ import annotations

import datetime as dt

import pytest

from journey.i18n import text
from journey.projects.maps import maps, written
from journey.projects.register import planned
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane, MapPersona
from journey.stages.experiment_plan import Plan
from ui import journey_map_files
from ui.journey_map_table import edited_rows

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)


def kept(home, project):
    (board,) = maps(Store(home).open(project).state.settings)
    return board


def click(at, beginning):
    (button,) = [one for one in at.button if one.key and one.key.startswith(beginning)]
    return button.click().run()


def test_rows_are_changed_added_and_deleted_as_somebody_typed():
    given = [{"id": "#a", "text": "1"}, {"id": "#b", "text": "2"}, {"id": "#c", "text": "3"}]
    state = {"edited_rows": {"0": {"text": "4"}}, "added_rows": [{"text": "5"}], "deleted_rows": [1]}
    assert edited_rows(given, state) == [{"id": "#a", "text": "4"}, given[2], {"text": "5"}]
    assert edited_rows(given, None) == given


@pytest.mark.parametrize("language", ["ko", "en"])
def test_notes_and_a_table_come_into_a_map_and_are_seen_as_rows(app, home, language):
    at = click(app(language, "journey_map"), "map.start.service.")
    project = at.query_params["project"]
    before = len(kept(home, project).cards)
    at.button(key="map_bring").click().run()
    pasted = next(one for one in at.text_area if "map_notes.pasted" in one.key)
    pasted.set_value("P1: =1+1\n\n**굵게** 010-1234-5678\n---").run()
    assert not at.error and not at.exception
    # A line of which both lane and stage are known needs no remark.
    stage = Store(home).open(project).state.stage_map.stages[1].name
    pasted.set_value(f"{stage}: 불편해요").run()
    assert not at.error and not at.exception
    assert at.dataframe[0].value.iloc[0].tolist()[-1] == ""
    pasted.set_value("P1: =1+1\n\n**굵게** 010-1234-5678\n---").run()
    click(at, "map_notes.add.")
    board = kept(home, project)
    made = sorted((card for card in board.cards.values() if card.source), key=lambda card: card.key)
    assert [card.text for card in made] == ["=1+1", "**굵게** 010-****-5678"]
    assert made[0].source["who"] == "P1" and made[0].source["kind"] == "interview"
    assert len(board.cards) == before + 2

    at.session_state[f"{project}.map_bring.what.{board.id}"] = "table"
    at.button(key="map_bring").click().run()
    line = text("map_table.column_text", language)
    file = f"{line},{text('map_table.column_due', language)}\n새 카드,언젠가\n"
    at.file_uploader[0].upload("표.csv", file.encode("cp949"), "text/csv").run()
    assert not at.error and not at.exception
    said = at.dataframe[0].value
    assert said.iloc[0].tolist()[:3] == ["2", text("map_table.column_due", language), "언젠가"]
    click(at, "map_bring.take.")
    (card,) = [one for one in kept(home, project).cards.values() if one.text == "새 카드"]
    assert card.source["name"] == "표.csv" and "언젠가" in card.source["rest"]

    Store(home).open(project).apply({"op": "setting", "name": "journey_map.view", "value": "table"})
    at.run()
    assert not at.error and not at.exception
    assert text("map_table.saved", language, n=before + 3) in [one.value for one in at.caption]


def test_what_was_typed_is_saved_as_one_edit_and_can_be_taken_back(app, home):
    at = click(app("ko", "journey_map"), "map.start.service.")
    project = at.query_params["project"]
    opened = Store(home).open(project)
    board = kept(home, project)
    lane = board.ordered_lanes[0].id
    stage = opened.state.stage_map.stages[0].id
    card = {"id": "c", "lane": lane, "stage": stage, "key": "i", "text": "하나"}
    opened.apply({"op": "board", "map": board.id, "edit": {"op": "add_card", "card": card}})
    opened.apply({"op": "setting", "name": "journey_map.view", "value": "table"})
    at.run()
    # What the table keeps of what was typed while it is not drawn.
    key = f"{project}.map_rows.base.{board.id}"
    begun = at.session_state[key]
    told = [{**row, "text": "둘", "owner": "지수"} for row in begun.before] + [{"text": "셋"}]
    at.session_state[key] = begun.__class__(begun.before, told, told, begun.turn + 1)
    at.run()
    assert not at.error and not at.exception
    click(at, "map_rows.save.")
    after = kept(home, project)
    assert sorted(one.text for one in after.cards.values()) == sorted(["둘", "셋"])
    assert after.cards["c"].owner == "지수"
    opened.apply({"op": "undo", "area": f"map.{board.id}"})
    assert [one.text for one in kept(home, project).cards.values()] == ["하나"]


def test_a_file_with_links_tests_and_feelings_comes_back_in_any_language_and_changes_only_what_it_says(
    app, home, sample_project, monkeypatch
):
    project = sample_project("ko")
    opened = Store(home).open(project)
    lanes = {"p": Lane("p", "pains", "i"), "e": Lane("e", "emotion", "r")}
    links = [
        {"kind": "event", "event": "결제 오류"},
        {"kind": "stage", "stage": "s3", "measure": "drop_off"},
        {"kind": "link", "from": "s1", "to": "s2"},
        {"kind": "stage", "stage": "gone"},
        {"kind": "segment", "segment": "gone"},
    ]
    cards = {
        f"c{at}": Card(f"c{at}", "p", "s2", f"{at}i", f"{at}", link=link, test="f" * 12)
        for at, link in enumerate(links)
    }
    people = {"q": MapPersona("q", "민지", "i")}
    felt = {"": {"s1": 0.5, "s2": -1.0}, "q": {"s2": -2.0}}
    board = Board("a" * 12, "지도", NOON, lanes=lanes, personas=people, cards=cards, felt=felt)
    opened.apply({"op": "settings", "values": written(board)})
    opened.apply(planned("f" * 12, Plan("쿠폰"), at=NOON, by=""))
    files = {}
    monkeypatch.setattr(journey_map_files, "file_buttons", lambda writers, *_, **__: files.update(writers))
    app("ko", "journey_map", project)
    data = {ending: files[ending]() for ending in ("csv", "xlsx")}
    words = data["csv"].decode("utf-8-sig")
    assert all(one in words for one in ("이벤트 ‘결제 오류’", "쿠폰", text("map_card.link_gone", "ko"), "-2"))
    assert text("experiments_register.status_idea", "ko") in words
    for language, ending in (("ko", "xlsx"), ("en", "csv")):
        at = app(language, "journey_map", project)
        at.session_state[f"{project}.map_bring.what.{board.id}"] = "table"
        at.button(key="map_bring").click().run()
        at.file_uploader[0].upload(f"표.{ending}", data[ending], "").run()
        assert not at.error and not at.exception
        assert text("map_table.table_nothing", language) in [one.value for one in at.info]
        assert not [one for one in at.button if str(one.key).startswith("map_bring.take")]
    # Somebody writes another text, unbinds a card, and draws a feeling anew.
    changed = words.replace("이벤트 ‘결제 오류’", "").replace("-2.0", "1.5").replace(",4,", ",다른 말,")
    at.file_uploader[0].upload("표.csv", changed.encode("utf-8-sig"), "text/csv").run()
    click(at, "map_bring.take.")
    after = kept(home, project)
    assert after.felt == {**felt, "q": {"s2": 1.5}}
    assert [one.link for one in after.cards.values()] == [{}, *links[1:]]
    assert {one.test for one in after.cards.values()} == {"f" * 12} and after.cards["c4"].text == "다른 말"
