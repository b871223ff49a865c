"""Texts of customers, kept as they are."""

from __future__ import annotations

from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.kinds import TableChoice
from journey.events.reviews import LONGEST_TEXT
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.sources.raw_table import RawTable
from tests.frames import text_frame

CHOICE = TableChoice(
    "reviews",
    {
        "customer": ("id",),
        "text": ("리뷰",),
        "rating": ("별점",),
        "product": ("상품",),
        "attributes": ("채널",),
    },
)


def made_of(*rows, choice=CHOICE):
    return cleaned(
        read_table("\n".join(["id,리뷰,별점,상품,채널", *rows]).encode(), "a.csv", header=1), choice
    )


def test_reviews_with_their_ratings():
    made = made_of(
        "a, 좋아요 ,5점,컵,앱",
        ",NA,★★☆☆☆,컵,",
        "b,,4,컵,앱",
        "b,-,0,,웹",
        "b,-,0,,웹",
    )
    assert [list(row.values()) for row in made.tables["reviews"].to_pylist()] == [
        ["a", None, "좋아요", 5.0, "1-5", "컵", None, "앱"],
        [None, None, "NA", 2.0, "1-5", "컵", None, None],
        ["b", None, "-", None, "1-5", None, None, "웹"],
        ["b", None, "-", None, "1-5", None, None, "웹"],
    ]
    assert [REASONS[code] for code in made.reason] == ["used", "used", "no_value", "used", "used"]
    notes = {note.code: dict(note.values) for note in made.notes}
    assert notes["events.duplicates_kept"] == {"rows": 1}
    assert notes["tables.without_customer"] == {"rows": 1}
    assert notes["tables.zeros_missing"] == {"column": "별점", "n": 2, "scale": "1-5"}


def test_letters_of_a_mac_are_put_together():
    made = made_of("a,\u1112\u1161\u11ab\u1100\u1173\u11af,5,,")
    assert made.tables["reviews"].column("text").to_pylist() == ["한글"]


def test_a_file_in_a_cell_is_cut_with_a_note():
    frame = text_frame({"리뷰": ["가" * (LONGEST_TEXT + 1), "a\u200d" * 100_000]})
    made = cleaned(RawTable(frame, "a.csv", "csv"), TableChoice("reviews", {"text": ("리뷰",)}))
    assert [len(one) for one in made.tables["reviews"].column("text").to_pylist()] == [LONGEST_TEXT, 200_000]
    assert [(n.code, dict(n.values)) for n in made.notes] == [
        ("tables.reviews_cut", {"n": 1, "most": LONGEST_TEXT})
    ]
    for language in LANGUAGES:
        assert text(made.notes[0].code, language, **made.notes[0].values)
