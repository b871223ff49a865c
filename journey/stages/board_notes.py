"""Notes of an interview or a usability test become cards: a line, a paragraph or a row is one card each.

No line is lost: it becomes a note, it belongs to the note that it continues, or it is named with the reason
why it is none. Personal data in it is covered before anything else sees it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from journey.events.personal_shapes import masked_text
from journey.events.resident_numbers import without_number
from journey.stages.board import LONGEST_TEXT, MOST_CARDS, Board
from journey.stages.board_table import appended

__all__ = ["Note", "Notes", "Places", "Split", "column_roles", "n_notes", "notes", "notes_edit", "row_notes"]

Split = Literal["lines", "paragraphs"]

_BULLET = re.compile(r"\s*(?:[-*+•·▪◦‣–—○●□■▶>]+\s+|[•·▪◦‣○●□■▶]|\(?\d{1,3}[.)]\s+|#{1,6}\s+)")
_HEADING = re.compile(r"\s*(?:#{1,6}\s+)(.+)|\s*[\[【<](.+)[\]】>]\s*|(.{1,40})[::]\s*")
_SPEAKER = re.compile(r"\s*([^\s::][^::\n]{0,23}?)\s*[::]\s+(\S.*)", re.DOTALL)
# "Q1. Why?" and the "A. Because" below it; other letters with a dot are lists.
_ASKED = re.compile(r"\s*Q\s?\d{0,3}[.)]\s*(\S.*\?)\s*", re.IGNORECASE | re.DOTALL)
_ANSWERED = re.compile(r"\s*A\s?\d{0,3}[.)]\s+(?=\S)", re.IGNORECASE)
_CLOCK = re.compile(r"^\s*[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])]?\s*(?:-->.*)?")
_MARKS = re.compile(r"^[\s::*_#\[\]【】<>-]+|[\s::*_#\[\]【】<>-]+$")
_NO_NAME = re.compile(r"[/.!?…\"“”']|https?$", re.IGNORECASE)
_LONGEST_QUOTE, _LONGEST_WHO = 9_000, 200
_SHORTEST_NAME = 2


@dataclass(frozen=True)
class Places:
    """What a line may name: stage and lane names -> id, and lane kinds -> id of the lane."""

    stages: Mapping[str, str]
    lanes: Mapping[str, str]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Note:
    """One line on its way to be a card: what it says, covered, and where it is thought to belong.

    `lines` are the first and last line of it. `why` is "" for a note, else why it is none: heading (it names
    the place of those below), question (of who asked), about (when or with whom it was), or nothing (no word
    in it). `sure` says whether a heading, a column or the words tell its lane and its stage. `covered` counts
    the kinds of personal data.
    """

    lines: tuple[int, int]
    text: str
    quote: str
    who: str = ""
    lane: str = ""
    stage: str = ""
    why: str = ""
    sure: tuple[bool, bool] = (False, False)
    covered: int = 0

    @property
    def is_card(self) -> bool:
        """Does it become a card, unless somebody says otherwise?"""
        return not self.why

    @property
    def is_cut(self) -> bool:
        """Does only its quote have all of it?"""
        return len(self.text) == LONGEST_TEXT


@dataclass(frozen=True)
class Notes:
    """The edit that adds cards of notes, how many it adds, and the notes for which the map has no room."""

    op: dict[str, Any] | None
    added: int
    over: tuple[Note, ...] = ()


def notes(text: str, places: Places, *, split: Split = "lines") -> list[Note]:
    """Every line with a word in it, in a note each; with `split` paragraphs those without a gap are one.

    A heading (a line that is the name of a stage or lane, or is marked as one) says where those below belong.
    """
    found: list[Note] = []
    under = ("", "")
    for first, block in _blocks(text, split):
        one = _note((first, first + len(block) - 1), block, places)
        place = _named(one.text, block, places)
        if place is not None:
            under = _under(under, place)
            one = replace(one, why="heading")
        elif one.is_card:
            if found and found[-1].why == "question":
                one = replace(one, text=_ANSWERED.sub("", one.text, count=1))
            one = _guessed(one, places, *under)
        found.append(one)
    return found


def n_notes(text: str, *, split: Split = "lines") -> int:
    """How many notes it would be, which is told much sooner than what they are."""
    return len(_blocks(text, split))


def row_notes(
    rows: Sequence[Mapping[str, str]], roles: Mapping[str, str], places: Places, *, first_line: int = 2
) -> list[Note]:
    """A note a row of a table. `roles` says which column is text, and which are who, stage and lane.

    What stands in other columns goes with the quote, so that nothing of the row is lost.
    """
    found = []
    for line, row in enumerate(rows, start=first_line):
        if not any(str(cell).strip() for cell in row.values()):
            continue
        said = str(row.get(roles.get("text", ""), "")).strip()
        used = {column for column in roles.values() if column}
        others = [f"{name}: {cell}" for name, cell in row.items() if name not in used and str(cell).strip()]
        one = _note((line, line), [said], places)
        who, known = _covered(str(row.get(roles.get("who", ""), "")).strip())
        rest, more = _covered("\n".join(others))
        quote = "\n".join(filter(None, [one.quote, rest]))[:_LONGEST_QUOTE]
        one = replace(one, who=who[:_LONGEST_WHO] or one.who, quote=quote, covered=one.covered + known + more)
        stage = _place(str(row.get(roles.get("stage", ""), "")), places.stages)
        lane = _lane(str(row.get(roles.get("lane", ""), "")), places)
        found.append(_guessed(one, places, lane, stage) if one.is_card else one)
    return found


def column_roles(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Which column of a table is the text, who, stage and lane: by its name, the text else the longest."""
    words = _words()
    roles: dict[str, str] = {}
    for role in ("text", "who", "stage", "lane"):
        for column in columns:
            plain = _folded(column)
            if column not in roles.values() and any(_folded(word) in plain for word in words[role]):
                roles[role] = column
                break
    free = {
        name: sum(len(cell) for cell in cells)
        for name, cells in columns.items()
        if name not in roles.values()
    }
    if "text" not in roles and free:
        roles["text"] = max(free, key=lambda name: free[name])
    return roles


def notes_edit(
    board: Board, taken: Sequence[Note], *, new_id: Callable[[], str], kind: str, name: str, at: str, by: str
) -> Notes:
    """The one edit that adds a card for each of these notes below what is in its cell, its source with it."""
    known = without_number(masked_text(name).text)[:_LONGEST_WHO]
    room = max(MOST_CARDS - len(board.cards), 0)
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    edits = []
    for one in taken[:room]:
        source = {"kind": kind, "name": known, "who": one.who, "quote": one.quote, "at": at}
        card = {
            "id": new_id(),
            "lane": one.lane,
            "stage": one.stage,
            "key": "i",
            "text": one.text,
            "source": {part: said for part, said in source.items() if said},
            "at": at,
            "by": by,
        }
        cells.setdefault((one.lane, one.stage), []).append(card)
        edits.append({"op": "add_card", "card": card})
    for (lane, stage), cards in cells.items():
        for card, key in zip(cards, appended(board, lane, stage, len(cards)), strict=True):
            card["key"] = key
    op = {"op": "many", "edits": edits} if edits else None
    return Notes(op, len(edits), tuple(taken[room:]))


# ---- what a line is -------------------------------------------------------------------------------------


def _blocks(text: str, split: Split) -> list[tuple[int, list[str]]]:
    """Lines, or runs of lines without a gap, each with the number of its first line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[tuple[int, list[str]]] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            is_open = False
        elif is_open and split == "paragraphs":
            found[-1][1].append(line)
        else:
            found.append((number, [line]))
            is_open = True
    return found


def _note(lines: tuple[int, int], block: Sequence[str], places: Places) -> Note:
    whole, covered = _covered("\n".join(line.strip() for line in block))
    bare = _CLOCK.sub("", whole)
    bare = _BULLET.sub("", bare, count=1) if _BULLET.match(bare) else bare
    who, said = _speaker(bare.strip(), places)
    is_about = len(block) == 1 and _folded(who) in {_folded(word) for word in _words()["about"]}
    if is_about:
        who, said = "", bare
    text = " ".join(said.split())
    why = "" if any(char.isalnum() for char in text) else "nothing"
    if not why and is_about:
        why = "about"
    elif not why and (_is_asking(who) or _ASKED.fullmatch(text)):
        why = "question"
    return Note(lines, text[:LONGEST_TEXT], whole[:_LONGEST_QUOTE], who, why=why, covered=covered)


def _covered(text: str) -> tuple[str, int]:
    """The text with personal data covered, and how many kinds of it there were."""
    seen = masked_text(without_number(text, sure=True))
    return seen.text, len(seen.kinds) + (seen.text != text and not seen.kinds)


def _speaker(text: str, places: Places) -> tuple[str, str]:
    """Who says it, and what: "P3: 느려요". A place before the colon is no person."""
    found = _SPEAKER.fullmatch(text)
    if found is None or not _is_name(found[1]):
        return "", text
    name = found[1].strip("*_ ")
    if _place(name, places.stages) or _lane(name, places):
        return "", text
    return name, found[2]


def _is_name(said: str) -> bool:
    """May somebody be called so: one word, "participant 3", or up to three words of a Latin name?"""
    words = said.split()
    if _NO_NAME.search(said) or len(words) > 3:
        return False
    is_named = any(_folded(said).startswith(_folded(word)) for word in _words()["who"])
    is_latin = all(word[0].isupper() and word.isascii() for word in words)
    return len(words) == 1 or is_named or is_latin or any(map(str.isdigit, said))


def _is_asking(who: str) -> bool:
    return bool(who) and _folded(re.sub(r"\s*\d+$", "", who)) in {
        _folded(word) for word in _words()["asking"]
    }


# ---- where it belongs -----------------------------------------------------------------------------------


def _named(text: str, block: Sequence[str], places: Places) -> tuple[str, str] | None:
    """Lane and stage that this line is the heading of, either maybe ""; None for a line that is none."""
    if len(block) > 1:
        return None
    bare = _MARKS.sub("", text)
    stage, lane = _place(bare, places.stages), _lane(bare, places)
    if stage or lane:
        return lane, stage
    found = _HEADING.fullmatch(block[0])
    if found is None:
        return None
    said = next(part for part in found.groups() if part)
    stage, lane = _inside(said, places.stages), _lane_inside(said, places)
    if stage or lane:
        return lane, stage
    return ("", "") if block[0].lstrip().startswith("#") else None


def _under(before: tuple[str, str], place: tuple[str, str]) -> tuple[str, str]:
    """The place of what follows: a heading that names one of both leaves the other as it was."""
    return (place[0] or before[0], place[1] or before[1]) if any(place) else before


def _guessed(one: Note, places: Places, lane: str, stage: str) -> Note:
    """The note with its place: as told, else as its words say, else open."""
    own = _SPEAKER.fullmatch(one.text)
    head = own[1] if own else ""
    told_lane, told_stage = _lane(head, places), _place(head, places.stages)
    text = own[2] if own and (told_lane or told_stage) else one.text
    lane = told_lane or lane or _lane_said(one.text, places)
    stage = told_stage or stage or _inside(one.text, places.stages)
    return replace(one, text=text, lane=lane, stage=stage, sure=(bool(lane), bool(stage)))


def _place(said: str, named: Mapping[str, str]) -> str:
    """The id of what is called exactly so."""
    plain = _folded(said)
    return next((id_ for name, id_ in named.items() if plain and _folded(name) == plain), "")


def _lane(said: str, places: Places) -> str:
    if found := _place(said, places.lanes):
        return found
    plain = _folded(said)
    for kind, words in _words()["lanes"].items():
        if kind in places.kinds and plain in {form for word in words for form in _forms(word)}:
            return places.kinds[kind]
    return ""


def _forms(word: str) -> tuple[str, ...]:
    """A word as headings have it: alone, in the plural, and with what is often said behind it."""
    plain = _folded(word)
    return plain, *(f"{plain}{tail}" for tail in _words()["tails"])


def _inside(said: str, named: Mapping[str, str]) -> str:
    """The id of the longest name that stands in the text."""
    plain = _folded(said)
    known = [name for name in named if len(_folded(name)) >= _SHORTEST_NAME and _folded(name) in plain]
    return named[max(known, key=len)] if known else ""


def _lane_inside(said: str, places: Places) -> str:
    if found := _inside(said, places.lanes):
        return found
    plain = _folded(said)
    for kind, words in _words()["lanes"].items():
        if kind in places.kinds and any(_folded(word) in plain for word in words):
            return places.kinds[kind]
    return ""


def _lane_said(said: str, places: Places) -> str:
    """The lane whose signs are in the text most often; the first of several."""
    plain = unicodedata.normalize("NFKC", said).casefold()
    signs = _words()["signs"]
    counted = {kind: sum(sign in plain for sign in signs[kind]) for kind in signs if kind in places.kinds}
    best = max(counted, key=lambda kind: counted[kind], default="")
    return places.kinds[best] if best and counted[best] else ""


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())


@cache
def _words() -> Any:
    return json.loads(Path(__file__).with_name("note_words.json").read_text(encoding="utf-8"))
