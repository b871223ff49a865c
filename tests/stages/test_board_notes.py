"""Notes become cards: every line is a card, part of one, or named, and no personal data stands in any."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.stages.board import Board, Card, Lane
from journey.stages.board_edits import apply
from journey.stages.board_notes import Places, column_roles, notes, notes_edit, row_notes
from tests.endurance import examples
from tests.hostile import NAMES as HOSTILE

PLACES = Places(
    stages={"방문": "s1", "장바구니": "s2", "결제": "s3"},
    lanes={"불편한 점": "l1", "우리 줄": "l9"},
    kinds={"pains": "l1", "opportunities": "l2", "goals": "l3"},
)
LINES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.sampled_from(
            [*HOSTILE, "", "  ", "# 결제", "P3: 느려요", "Q: 왜요?", "불편:", "- 장바구니가 없어요"]
        ),
    ),
    max_size=8,
)


@settings(max_examples=examples(60), deadline=None)
@given(LINES, st.sampled_from(["lines", "paragraphs"]))
def test_every_line_belongs_to_exactly_one_note_which_is_a_card_or_says_why_not(lines, split):
    text = "\n".join(lines)
    found = notes(text, PLACES, split=split)
    covered = [line for one in found for line in range(one.lines[0], one.lines[1] + 1)]
    plain = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert covered == [number for number, line in enumerate(plain, start=1) if line.strip()]
    assert all(one.why in ("", "heading", "question", "nothing") for one in found)
    assert all(one.text for one in found if one.is_card)
    if split == "lines":
        for one in found:
            assert one.quote == plain[one.lines[0] - 1].strip()


@settings(max_examples=examples(30), deadline=None)
@given(LINES)
def test_each_note_becomes_one_card_with_its_source(lines):
    board = Board("a" * 12, "지도", dt.datetime(2026, 1, 1), lanes={"l1": Lane("l1", "pains", "i")})
    board = apply(board, {"op": "add_card", "card": {"id": "c", "lane": "l1", "stage": "s1", "key": "i"}})
    found = [one for one in notes("\n".join(lines), PLACES) if one.is_card]
    placed = [one.__class__(**{**vars(one), "lane": "l1", "stage": "s1"}) for one in found]
    made = edit_of(board, placed)
    after = board if made.op is None else apply(board, made.op)
    cards = after.cell("l1", "s1")[1:]
    assert [card.text for card in cards] == [one.text for one in found] and made.added == len(found)
    assert [card.source["quote"] for card in cards] == [one.quote for one in found]


def edit_of(board, taken):
    numbers = itertools.count()
    return notes_edit(
        board,
        taken,
        new_id=lambda: f"n{next(numbers)}",
        kind="interview",
        name="면담 010-1234-5678.txt",
        at="2026-11-22",
        by="지수",
    )


def test_headings_speakers_and_questions_are_understood():
    text = "# 결제\n\n[불편]\nQ: 어땠나요?\nP3: 카드가 자꾸 거절돼요\n- 그냥 나갔어요\n"
    text += "장바구니:\n있으면 좋겠어요\n---"
    found = notes(text, PLACES)
    assert [one.why for one in found] == ["heading", "heading", "question", "", "", "heading", "", "nothing"]
    cards = [one for one in found if one.is_card]
    assert [(one.who, one.text, one.lane, one.stage) for one in cards] == [
        ("P3", "카드가 자꾸 거절돼요", "l1", "s3"),
        ("", "그냥 나갔어요", "l1", "s3"),
        ("", "있으면 좋겠어요", "l1", "s2"),
    ]
    assert found[2].text == "어땠나요?" and found[2].who == "Q"


@pytest.mark.parametrize(
    ("line", "lane", "stage"),
    [
        ("결제 단계가 헷갈렸어요", "l1", "s3"),
        ("It was hard to find", "l1", ""),
        ("포인트로 결제할 수 있으면 좋겠어요", "l2", "s3"),
        ("불편: 배송비를 몰랐어요", "l1", ""),
        ("결제: 배송비를 몰랐어요", "", "s3"),
        ("우리 줄: 배송비를 몰랐어요", "l9", ""),
        ("아무 말", "", ""),
        ("https://example.com/a: 보셨나요", "", ""),
    ],
)
def test_words_tell_the_lane_and_the_stage(line, lane, stage):
    (one,) = notes(line, PLACES)
    assert (one.lane, one.stage, one.sure) == (lane, stage, (bool(lane), bool(stage)))


def test_who_and_when_is_about_the_notes_and_an_answer_is_said_without_its_letter():
    text = "인터뷰: 30대 회사원\n일시: 2026-11-20\nQ1. 재구매는 왜 안 하셨어요?\n"
    text += "A. 배송이 늦어서요\nA. 이것\nDate: today"
    found = notes(text, PLACES)
    assert [one.why for one in found] == ["about", "about", "question", "", "", "about"]
    assert [one.text for one in found if one.is_card] == ["배송이 늦어서요", "A. 이것"]
    assert found[0].text == "인터뷰: 30대 회사원" and not found[0].who
    (whole,) = notes("이름: 가영\n느려요", PLACES, split="paragraphs")
    assert whole.is_card


def test_paragraphs_are_one_card_each():
    found = notes("하나\n둘\n\n셋", PLACES, split="paragraphs")
    assert [(one.lines, one.text, one.quote) for one in found] == [
        ((1, 2), "하나 둘", "하나\n둘"),
        ((4, 4), "셋", "셋"),
    ]


def test_personal_data_is_covered_in_text_quote_speaker_and_name_of_the_file():
    text = "김민지 010-1234-5678: 메일은 minji@example.com, 번호는 900101-2234567"
    board = Board("a" * 12, "지도", dt.datetime(2026, 1, 1), lanes={"l1": Lane("l1", "pains", "i")})
    (one,) = notes(text, PLACES)
    made = edit_of(board, [one.__class__(**{**vars(one), "lane": "l1", "stage": "s1"})])
    said = str(made.op)
    assert one.covered >= 2
    for hidden in ("1234-5678", "minji@", "2234567"):
        assert hidden not in said


def test_rows_of_a_table_are_notes_and_nothing_of_them_is_lost():
    rows = [
        {"참가자": "P1", "발언 내용": "느려요", "단계": "결제", "날짜": "3월 2일"},
        {"참가자": "", "발언 내용": "", "단계": "", "날짜": ""},
        {"참가자": "P2", "발언 내용": "", "단계": "방문", "날짜": ""},
    ]
    roles = column_roles({name: [row[name] for row in rows] for name in rows[0]})
    assert roles == {"text": "발언 내용", "who": "참가자", "stage": "단계"}
    first, last = row_notes(rows, roles, PLACES)
    assert (first.lines, first.who, first.text, first.stage, first.lane) == (
        (2, 2),
        "P1",
        "느려요",
        "s3",
        "l1",
    )
    assert first.quote == "느려요\n날짜: 3월 2일"
    assert (last.lines, last.why) == ((4, 4), "nothing")


def test_a_full_map_names_the_notes_it_has_no_room_for():
    cards = {f"c{n}": Card(f"c{n}", "l1", "s1", "i") for n in range(999)}
    board = Board(
        "a" * 12, "지도", dt.datetime(2026, 1, 1), lanes={"l1": Lane("l1", "pains", "i")}, cards=cards
    )
    found = [one.__class__(**{**vars(one), "lane": "l1", "stage": "s1"}) for one in notes("가\n나", PLACES)]
    made = edit_of(board, found)
    assert (made.added, [one.text for one in made.over]) == (1, ["나"])


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("P3: 느려요", "P3"),
        ("참가자 2: 느려요", "참가자 2"),
        ("Jane Doe: slow", "Jane Doe"),
        ("고객 김 님: 느려요", "고객 김 님"),
        ("있으면 좋겠어요: 쿠폰", ""),
        ("결제: 느려요", ""),
        ("12:30 P1: 느려요", "P1"),
    ],
)
def test_who_says_it_is_told_from_what_it_is_about(line, who):
    (one,) = notes(line, PLACES)
    assert one.who == who
