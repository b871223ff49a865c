"""A map as a table: what comes back as it went changes nothing, and nothing is lost on the way in."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.reports.tables import to_csv, to_xlsx
from journey.sources.files import read_table
from journey.stages.board import Board, Card, Lane, MapPersona
from journey.stages.board_edits import apply, inverse
from journey.stages.board_rows import COLUMNS, Names, distinct, felt_rows, headings, link_code, rows, said_in
from journey.stages.board_table import appended, changes
from tests.endurance import examples
from tests.hostile import NAMES as HOSTILE

TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from(HOSTILE))
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)).map(lambda day: day.isoformat())
TAGS = st.lists(st.sampled_from(["가", "나, 다", "급함"]), unique=True).map(tuple)
LINKS = {
    "이벤트 ‘담기’": {"kind": "event", "event": "담기"},
    "단계 ‘결제’ · 이탈률": {"kind": "stage", "stage": "s2", "measure": "drop_off"},
}
FELT = st.dictionaries(
    st.sampled_from(["", "p1", "p2"]),
    st.dictionaries(
        st.sampled_from(["s1", "s2", "gone"]), st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=1
    ),
)
LANES = {"l1": Lane("l1", "pains", "i"), "l2": Lane("l2", "own", "r", "마음")}
PERSONAS = {"p1": MapPersona("p1", "민지", "i"), "p2": MapPersona("p2", "민지", "r")}


def names_of(board):
    return Names(
        stages={"s1": "방문", "s2": "결제", "old": "없어진 단계"},
        lanes=distinct(
            {"l1": "불편", "l2": "마음"} | {lane.id: lane.name for lane in board.lanes.values() if lane.name}
        ),
        personas=distinct({one.id: one.name for one in board.personas.values()}),
        statuses={"open": "열림", "agreed": "합의"},
        states={"found": "찾음", "doing": "진행 중"},
        sources={"interview": "인터뷰", "import": "가져옴"},
        links={link_code(link): said for said, link in LINKS.items()},
        tests={"t1": "쿠폰", "t2": "배너"},
        columns={name: name if name == "id" else f"열 {name}" for name in COLUMNS},
        also={"statuses": {"Open": "open"}, "lanes": {"pain point": "l1"}},
    )


def counted():
    numbers = itertools.count()
    return lambda: f"new{next(numbers)}"


CARDS = st.lists(
    st.builds(
        Card,
        id=st.just(""),
        lane=st.sampled_from(["l1", "l2"]),
        stage=st.sampled_from(["s1", "s2", "old"]),
        key=st.sampled_from(["9", "i"]),
        text=TEXTS,
        tags=TAGS,
        owner=TEXTS,
        status=st.sampled_from(["", "open", "agreed"]),
        persona=st.sampled_from(["", "p1", "p2"]),
        hypothesis=TEXTS,
        effort=st.integers(0, 5),
        impact=st.integers(0, 5),
        state=st.sampled_from(["", "found", "doing"]),
        due=st.one_of(st.just(""), DAYS),
        colour=st.sampled_from(["", "#aabbcc"]),
        link=st.sampled_from([{}, *LINKS.values(), {"kind": "segment", "segment": "unheard of"}]),
        test=st.sampled_from(["", "t1", "t2", "t3"]),
        source=st.sampled_from([{}, {"kind": "interview", "who": "P3", "quote": "=1+1"}]),
    ),
    max_size=6,
)


def board_of(cards, felt=None):
    named = {f"c{at}": Card(**{**vars(card), "id": f"c{at}"}) for at, card in enumerate(cards)}
    return Board(
        "a" * 12,
        "지도",
        dt.datetime(2026, 1, 1),
        lanes=LANES,
        personas=PERSONAS,
        cards=named,
        felt=felt or {},
    )


def frame_of(board, names):
    told = [*rows(board, names), *felt_rows(board, names)]
    frame = pd.DataFrame(told, columns=list(COLUMNS))
    frame["tags"] = [", ".join(row["tags"]) for row in told]
    return frame.rename(columns=names.columns)


def read_back(frame, names):
    found = headings(frame.columns, names)
    return [
        {found[name]: value for name, value in row.items() if name in found}
        for row in frame.to_dict("records")
    ]


@settings(max_examples=examples(40), deadline=None)
@given(CARDS)
def test_rows_that_come_back_as_they_went_change_nothing(cards):
    board = board_of(cards)
    names = names_of(board)
    assert changes(board, rows(board, names), names, new_id=counted(), removing=True).op is None


@settings(max_examples=examples(5), deadline=None)
@given(CARDS.filter(bool), FELT)
def test_a_file_that_comes_back_as_it_went_changes_nothing(cards, felt):
    board = board_of(cards, felt)
    names = names_of(board)
    frame = frame_of(board, names)
    for data in (to_csv(frame), to_xlsx({"map": frame})):
        back = read_table(data, "map", header=1).frame
        told = read_back(back, names)
        found = changes(board, told, names, new_id=counted(), removing=True, curves=True)
        assert (found.op, found.left, found.felt) == (None, (), 0)
        # An edit of one cell leaves links, tests and feelings of all as they are.
        found = changes(board, [{**told[0], "owner": "새 담당"}, *told[1:]], names, new_id=counted())
        after = board if found.op is None else apply(board, found.op)
        assert after.felt == board.felt
        assert [(one.link, one.test) for one in after.cards.values()] == [
            (one.link, one.test) for one in board.cards.values()
        ]


@settings(max_examples=examples(30), deadline=None)
@given(CARDS)
def test_a_table_makes_the_same_cards_in_an_empty_map(cards):
    board, empty = board_of(cards), board_of([])
    names = names_of(board)
    found = changes(empty, rows(board, names), names, new_id=counted())
    after = empty if found.op is None else apply(empty, found.op)
    # What nobody sees is no text; what no file can hold is shown by a mark and is one.
    told = [row for row in rows(board, names) if said_in(row["text"])]
    assert found.added == len(told)
    assert found.added + sum(one.why == "text" for one in found.left) >= len(told)

    def said(row):
        return {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}

    again = {row["id"]: said(row) for row in rows(after, names)}
    kept = changes(after, told, names, new_id=counted())
    assert kept.op is None and again.keys() == {row["id"] for row in told}


@settings(max_examples=examples(30), deadline=None)
@given(CARDS, CARDS)
def test_the_edit_makes_the_map_say_what_the_rows_say_and_can_be_taken_back(cards, others):
    board, other = board_of(cards), board_of(others)
    names = names_of(board)
    wanted = rows(other, names)
    found = changes(board, wanted, names, new_id=counted(), removing=True)
    if found.op is None:
        return
    after = apply(board, found.op)
    unread = {one.line for one in found.left}
    told = [row for line, row in enumerate(wanted, start=1) if line not in unread]
    assert changes(after, told, names, new_id=counted()).op is None
    assert apply(after, inverse(board, found.op)) == board


def one_card():
    return board_of([Card("", "l1", "s1", "i", text="느려요", tags=("가",), effort=2, status="open")])


def change(board, told, **more):
    return changes(board, told, names_of(board), new_id=counted(), **more)


def test_only_the_cell_that_changed_is_written():
    board = one_card()
    row = rows(board, names_of(board))[0]
    assert change(board, [{**row, "owner": "지수"}]).op == {
        "op": "many",
        "edits": [{"op": "set_card", "id": "c0", "fields": {"owner": "지수"}}],
    }
    moved = change(board, [{**row, "stage": "결제", "lane": "Pain-Point"}]).op["edits"]
    assert moved == [{"op": "move_card", "id": "c0", "lane": "l1", "stage": "s2", "key": "i"}]


def test_what_others_changed_meanwhile_stays():
    board = one_card()
    names = names_of(board)
    before = rows(board, names)
    now = apply(board, {"op": "set_card", "id": "c0", "fields": {"text": "다른 사람", "effort": 5}})
    found = changes(
        now, [{**before[0], "owner": "나"}], names, new_id=counted(), before=before, removing=True
    )
    after = apply(now, found.op).cards["c0"]
    assert (after.text, after.effort, after.owner) == ("다른 사람", 5, "나")
    gone = apply(now, {"op": "remove_card", "id": "c0"})
    found = changes(gone, [{**before[0], "owner": "나"}], names, new_id=counted(), before=before)
    assert found.op is None and [one.why for one in found.left] == ["gone"]


def test_what_is_not_understood_is_named_by_its_line_and_goes_with_the_card():
    board = board_of([])
    told = [
        {"text": "가", "stage": "달나라", "lane": "불편", "effort": "9", "due": "내일", "status": "Open"},
        {"text": "", "owner": "지수"},
        {"text": "", "owner": ""},
        {"text": "나" * 2_001, "persona": "새 사람", "lane": "새 줄"},
        {"text": "다", "persona": "새 사람", "lane": "새 줄", "due": "2026. 2. 3.", "impact": "3.0"},
    ]
    found = change(board, told, lines=[2, 3, 4, 5, 6], source={"kind": "import", "name": "a.csv"})
    assert [(one.line, one.column, one.why) for one in found.left] == [
        (2, "effort", "value"),
        (2, "due", "value"),
        (2, "stage", "stage"),
        (3, "text", "text"),
        (5, "text", "long"),
        (5, "persona", "new_persona"),
        (5, "lane", "new_lane"),
    ]
    after = apply(board, found.op)
    first, second, third = (after.cards[f"new{n}"] for n in (0, 1, 4))
    assert (first.stage, first.status) == ("s1", "open")
    assert first.source["rest"] == "열 effort: 9 · 열 due: 내일 · 열 stage: 달나라"
    assert second.source["rest"] == "열 text: 나" and len(second.text) == 2_000
    assert (third.due, third.impact) == ("2026-02-03", 3)
    assert (second.lane, second.persona) == (third.lane, third.persona)
    assert after.lanes[third.lane].name == "새 줄" and len(after.personas) == 3


def test_ids_of_cards_that_are_not_there_are_kept_with_what_came_out_of_them():
    board = one_card()
    told = [
        {"id": "#x1", "text": "불편"},
        {"id": "#x2", "text": "기회", "parent": "#x1"},
        {"id": "#x2", "text": "또", "parent": "#nobody"},
        {"id": "#C0 !", "text": "이상한 번호"},
    ]
    found = change(board, told)
    after = apply(board, found.op).cards
    assert after["x2"].parent == "x1" and found.added == 4 and found.same == 1
    assert [(one.line, one.why) for one in found.left] == [(3, "twice"), (3, "parent")]


def test_many_cards_find_room_in_one_cell_and_no_more_than_a_map_holds():
    board = one_card()
    found = change(board, [{"text": f"카드 {n}"} for n in range(1_005)])
    after = apply(board, found.op)
    assert found.added == 999 and len(after.cards) == 1_000
    assert [one.why for one in found.left] == ["room"] * 6
    assert [card.text for card in after.cell("l1", "s1")][:3] == ["느려요", "카드 0", "카드 1"]


def test_a_spreadsheet_runs_nothing_of_a_map():
    board = board_of([Card("", "l1", "s1", "i", text='=HYPERLINK("http://evil.invalid")')])
    names = names_of(board)
    line = list(csv.reader(io.StringIO(to_csv(frame_of(board, names)).decode("utf-8-sig"))))[1]
    assert line[COLUMNS.index("text")].startswith("'=")
    assert line[0] == "#c0"


def test_a_cell_is_filled_again_and_again_and_its_keys_stay_short():
    key = "i"
    for _ in range(400):
        cards = {"c": Card("c", "l1", "s1", key)}
        board = Board("a" * 12, "", dt.datetime(2024, 3, 5, tzinfo=dt.UTC), cards=cards)
        first, *_, last = appended(board, "l1", "s1", 50)
        assert key < first < last
        key = last
    assert len(key) < 60


@settings(max_examples=examples(20), deadline=None)
@given(FELT, FELT)
def test_rows_of_feelings_draw_the_curves_that_they_tell_of(felt, other):
    board, names = board_of([], felt), names_of(board_of([]))
    # A stage that the project has no more is known by the curves that there are.
    told = [row for row in felt_rows(board_of([], other), names) if row["stage"] != "gone"]
    found = changes(board, told, names, new_id=counted(), removing=True, curves=True)
    after = board if found.op is None else apply(board, found.op)
    wanted = {who: {at: one for at, one in curve.items() if at != "gone"} for who, curve in other.items()}
    assert after.felt == {who: curve for who, curve in wanted.items() if curve}
    assert not found.left and (found.op is None or apply(after, inverse(board, found.op)).felt == board.felt)
    kept = changes(board, told, names, new_id=counted(), removing=True)
    after = board if kept.op is None else apply(board, kept.op)
    assert all({**felt[who], **wanted.get(who, {})} == after.felt[who] for who in felt)


def test_words_bind_a_card_and_name_its_test_and_what_names_nothing_unbinds_none():
    board = one_card()
    row = rows(board, names_of(board))[0]
    found = change(board, [{**row, "link": "이벤트 ‘담기’", "test": "쿠폰", "felt": "1"}])
    after = apply(board, found.op)
    assert (after.cards["c0"].link, after.cards["c0"].test) == (LINKS["이벤트 ‘담기’"], "t1")
    assert [(one.column, one.why) for one in found.left] == [("felt", "value")]
    # What it was called in another language, or before its stage had another name.
    bound = rows(after, names_of(after))[0]
    kept = change(after, [{**bound, "link": "Event “담기”", "test": "Coupon"}])
    assert kept.op is None and [one.column for one in kept.left] == ["link", "test"]
    gone = change(after, [{**bound, "link": "", "test": ""}])
    assert not apply(after, gone.op).cards["c0"].link and not apply(after, gone.op).cards["c0"].test


def test_feelings_are_read_as_people_write_them():
    board = board_of([])
    told = [
        {"stage": "방문", "felt": "\u22121,5"},
        {"stage": "결제", "persona": "새 사람", "felt": "+2"},
        {"stage": "결제", "felt": "7"},
        {"stage": "달나라", "felt": "1"},
    ]
    found = change(board, told)
    after = apply(board, found.op)
    new = next(id_ for id_ in after.personas if id_ not in PERSONAS)
    assert after.felt == {"": {"s1": -1.5}, new: {"s2": 2.0}} and found.felt == 2
    # While one cannot be read none is taken away.
    drawn = board_of([], {"p1": {"s1": 1.0}})
    told = [{"stage": "달나라", "persona": "민지", "felt": "1"}]
    assert change(drawn, told, removing=True, curves=True).op is None
    assert apply(drawn, change(drawn, [], removing=True, curves=True).op).felt == {}
    assert [(one.line, one.column, one.why) for one in found.left] == [
        (2, "persona", "new_persona"),
        (3, "felt", "value"),
        (4, "stage", "stage"),
    ]
