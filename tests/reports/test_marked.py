"""The few marks of a note, and nothing else of Markdown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.reports.marked import Span, blocks
from tests.endurance import examples
from tests.hostile import NAMES


def plain(words):
    return [
        (block.kind, ["".join(span.text for span in line) for line in block.lines]) for block in blocks(words)
    ]


def test_the_marks_of_a_note():
    note = "# 결론\n## 왜\n\n결제에서 **많이** 떠나요.\n둘째 줄\n"
    words = note + "- 하나\n* 둘\n\n1. 먼저\n2) 다음\n> 고객의 말\n> 이어서"
    assert plain(words) == [
        ("heading", ["결론"]),
        ("heading", ["왜"]),
        ("paragraph", ["결제에서 많이 떠나요.", "둘째 줄"]),
        ("bullets", ["하나", "둘"]),
        ("numbers", ["먼저", "다음"]),
        ("quote", ["고객의 말", "이어서"]),
    ]
    assert [block.level for block in blocks(words)[:2]] == [1, 2]


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("**굵게**은", [Span("굵게", bold=True), Span("은")]),
        ("*기울여* _둘_", [Span("기울여", italic=True), Span(" "), Span("둘", italic=True)]),
        ("2 * 3 * 4, snake_case_name, ** x **", [Span("2 * 3 * 4, snake_case_name, ** x **")]),
        ("[여기](https://a.kr/x)", [Span("여기 (https://a.kr/x)")]),
        ("![p](http://evil.invalid/p.png)", [Span("![p](http://evil.invalid/p.png)")]),
        ("$x$ :material/delete: `a` ~~b~~", [Span("$x$ :material/delete: `a` ~~b~~")]),
    ],
)
def test_the_marks_in_a_line(line, spans):
    (block,) = blocks(line)
    assert list(block.lines[0]) == spans


@pytest.mark.parametrize("name", NAMES)
def test_no_letter_of_it_gets_lost(name):
    said = "".join(text for _, lines in plain(name) for text in lines)
    for mark in ("**", "[", "](", "\u2028", " "):
        name, said = name.replace(mark, ""), said.replace(mark, "")
    assert said.replace(" ", "").replace("(", "") == name.replace(" ", "").replace("(", "")


@settings(max_examples=examples(24), deadline=None)
@given(st.text(alphabet="#*_->1. []()!가a\n", max_size=80))
def test_any_words_are_read(words):
    for block in blocks(words):
        assert block.lines and all(line for line in block.lines)


def test_long_words_are_read_at_once():
    begin = time.process_time()
    for words in ("*" * 20_000, "**a" * 7000, "[" * 20_000, "_a" * 10_000, "[a](" * 5000):
        blocks(words)
    assert time.process_time() - begin < 2
