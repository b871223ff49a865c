"""The edit of a journey map that rows which somebody changed amount to.

The rows are those of journey.stages.board_rows. What no cell says differently is never touched: a table that
comes back as it went changes nothing, and edits of others to other fields stay.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from journey.stages.board import (
    KINDS,
    LARGEST_POINTS,
    LONGEST_TEXT,
    MOST_CARDS,
    MOST_LANES,
    MOST_PERSONAS,
    MOST_TAGS,
    Board,
    Card,
    keys,
)
from journey.stages.board_edits import CARD_FIELDS, apply, card_from_json, card_to_json, is_felt
from journey.stages.board_rows import COLUMNS, Names, canonical, rows, said_in

__all__ = ["Changes", "Left", "appended", "changes"]

Row = Mapping[str, Any]

_PLACE = ("stage", "lane")
_CODED = {
    "persona": "personas",
    "status": "statuses",
    "state": "states",
    "source_kind": "sources",
    "link": "links",
    "test": "tests",
}
_POINTS = ("effort", "impact")
# As in ISO, with dots, and with the Korean words for year, month and day; a time behind it says nothing.
_DAY = re.compile(
    r"(\d{4})\s*[-./\uB144]\s*(\d{1,2})\s*[-./\uC6D4]\s*(\d{1,2})\s*\uC77C?[.\s]*(?:[T\s][\d:.]+)?"
)
_LONGEST_REST = 9_000
_DIGITS = string.digits + string.ascii_lowercase
# One edit holds two thousand others at most, which may themselves hold some.
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Left:
    """A cell or a row that was not taken as it stands: its line, what it says, and why.

    `why` is stage, lane or persona (the name of none), new_lane or new_persona (which is made), value (no
    value of this column), long (cut, what did not fit is named), text (a row without a text), gone (the card
    was removed meanwhile), twice (the id stands in an earlier row), parent (no such card), room (the map is
    full), or column (of no use, which is told once, with line 0).
    """

    line: int
    column: str
    value: str
    why: str


@dataclass(frozen=True)
class Changes:
    """What a table would do to its map: one edit, or None where it changes nothing, and the counts."""

    op: dict[str, Any] | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0
    felt: int = 0
    same: int = 0
    left: tuple[Left, ...] = ()


def appended(board: Board, lane: str, stage: str, n: int) -> list[str]:
    """n order keys below the last card of a cell."""
    there = board.cell(lane, stage)
    return _behind(there[-1].key, n) if there else keys(n)


def _behind(key: str, n: int) -> list[str]:
    """n order keys that rise behind this one, counted up so that they stay short however often that is."""
    width = 1
    while (low := _number(key, width)) + n >= len(_DIGITS) ** width:
        width += 1
    return [f"{_digits(low + at, width)}i" for at in range(1, n + 1)]


def _number(key: str, width: int) -> int:
    return int(key[:width].ljust(width, "0"), len(_DIGITS))


def _digits(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def changes(
    board: Board,
    told: Sequence[Row],
    names: Names,
    *,
    new_id: Callable[[], str],
    before: Sequence[Row] | None = None,
    lines: Sequence[int] | None = None,
    removing: bool = False,
    curves: bool = False,
    place: tuple[str, str] = ("", ""),
    source: Mapping[str, str] | None = None,
) -> Changes:
    """The one edit of `board` that the rows `told` amount to.

    before    what the rows were when somebody began to change them; those of `board` itself otherwise
    lines     on which line of its file each row stands, from 1
    removing  whether a card whose row is missing goes; else it stays
    curves    whether a feeling goes whose row is missing, where cards do; a row without a text is one
    place     lane and stage of rows whose own are not known ("" is the first one of the map)
    source    where cards come from whose rows tell of no source; what no field took of a row goes with it

    A row without an id that is known is a new card. Nothing is done to a field whose cell says what it said.
    """
    return _Reading(board, names, new_id, place, source).all(
        told, rows(board, names) if before is None else before, lines, removing=removing, curves=curves
    )


class _Reading:
    """One table on its way into a map: what it made and left so far."""

    def __init__(
        self,
        board: Board,
        names: Names,
        new_id: Callable[[], str],
        place: tuple[str, str],
        source: Mapping[str, str] | None,
    ) -> None:
        self.board, self.names, self.new_id, self.source = board, names, new_id, source
        lane, stage = place
        first = next((one.id for one in board.ordered_lanes if not one.hidden), "")
        self.place = (lane or first, stage or next(iter(names.stages), ""))
        self.first: list[dict[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        self.left: list[Left] = []
        self.new: list[dict[str, Any]] = []
        self.moved: list[dict[str, Any]] = []
        self.ids: dict[str, str] = {}
        self.unread = False
        self.codes: dict[tuple[str, str], str | None] = {}
        self.room = MOST_CARDS - len(board.cards)

    def all(
        self,
        told: Sequence[Row],
        before: Sequence[Row],
        lines: Sequence[int] | None,
        *,
        removing: bool,
        curves: bool,
    ) -> Changes:
        was = {_bare(row["id"]): row for row in before}
        numbers = lines or range(1, len(told) + 1)
        seen: set[str] = set()
        changed = 0
        removed = []
        if removing:
            # First those that go: they make room.
            kept = {_bare(row.get("id")) for row in told}
            removed = [id_ for id_ in was if id_ not in kept and id_ in self.board.cards]
            self.room += len(removed)
        parents: list[tuple[str, str, int]] = []
        drawn: dict[tuple[str, str], float] = {}
        for line, row in zip(numbers, told, strict=True):
            if self._is_felt(row):
                self._felt(line, row, drawn)
                continue
            id_ = _bare(row.get("id"))
            if id_ and id_ in seen:
                self.left.append(Left(line, "id", str(row.get("id")), "twice"))
                id_ = ""
            if id_ in was and id_ not in self.board.cards:
                if self._differing(row, was[id_]):
                    self.left.append(Left(line, "id", str(row.get("text") or ""), "gone"))
                continue
            seen.add(id_)
            if id_ in was:
                changed += self._changed(line, id_, row, was[id_])
            else:
                self._added(line, id_, row, parents)
        self._related(parents)
        felt = self._redrawn(drawn, removing=removing and curves)
        gone = [{"op": "remove_card", "id": id_} for id_ in removed]
        edits = [*self.first, *gone, *self._placed(), *self.edits]
        op = _many(edits) if edits else None
        if op is not None:
            apply(self.board, op)
        same = len(self.board.cards) - changed - len(removed)
        return Changes(op, len(self.new), changed, len(removed), felt, same, tuple(self.left))

    # ---- a row of a card that is there ----------------------------------------------------------------

    def _differing(self, row: Row, was: Row) -> list[str]:
        return [name for name in COLUMNS[1:] if name in row and said_in(row[name]) != said_in(was.get(name))]

    def _changed(self, line: int, id_: str, row: Row, was: Row) -> bool:
        differing = self._differing(row, was)
        card = self.board.cards[id_]
        fields = self._fields(line, [name for name in differing if name not in _PLACE], row, card)
        there = dict(zip(_PLACE, (card.stage, card.lane), strict=True))
        wanted = {**there, **{name: self._where(line, name, row) for name in _PLACE if name in differing}}
        wanted = {name: code if code is not None else there[name] for name, code in wanted.items()}
        if wanted != there:
            self.moved.append({"id": id_, **wanted})
        if fields:
            self.edits.append({"op": "set_card", "id": id_, "fields": fields})
        return bool(fields) or wanted != there

    # ---- a row of a feeling ---------------------------------------------------------------------------

    def _is_felt(self, row: Row) -> bool:
        """Does the row tell of a feeling, and of no card?"""
        is_card = said_in(row.get("text")) or _bare(row.get("id")) in self.board.cards
        return not is_card and said_in(row.get("felt")) != ""

    def _felt(self, line: int, row: Row, drawn: dict[tuple[str, str], float]) -> None:
        known = {name: code for code, name in self._felt_stages().items()}
        stage = known.get(said_in(row.get("stage"))) or self._where(line, "stage", row)
        who = self._read(line, "persona", row.get("persona"))
        value = self._read(line, "felt", row["felt"])
        if stage and who is not None and value is not None:
            drawn[who, stage] = value
        else:
            self.unread = True

    def _felt_stages(self) -> dict[str, str]:
        """What stages are called in rows of feelings: those that the project has no more by their ids."""
        return {at: self.names.stages.get(at, at) for curve in self.board.felt.values() for at in curve}

    def _redrawn(self, drawn: Mapping[tuple[str, str], float], *, removing: bool) -> int:
        """Draw the feelings that are others now; says how many those are."""
        was = {(who, at): value for who, curve in self.board.felt.items() for at, value in curve.items()}
        new: dict[tuple[str, str], float | None] = {
            place: value for place, value in drawn.items() if was.get(place) != value
        }
        if removing and not self.unread:
            # A row that cannot be read may be that of any feeling.
            new |= {place: None for place in was if place not in drawn}
        self.edits += [
            {"op": "feel", "persona": who, "stage": at, "value": value} for (who, at), value in new.items()
        ]
        return len(new)

    # ---- a row of a new card --------------------------------------------------------------------------

    def _added(self, line: int, id_: str, row: Row, parents: list[tuple[str, str, int]]) -> None:
        if not any(said_in(row.get(name)) for name in COLUMNS[1:]):
            return
        if not said_in(row.get("text")):
            said = ", ".join(filter(None, (said_in(row.get(name)) for name in COLUMNS[1:])))
            self.left.append(Left(line, "text", said[:200], "text"))
            return
        if len(self.new) >= self.room:
            self.left.append(Left(line, "text", said_in(row.get("text"))[:200], "room"))
            return
        begun = len(self.left)
        new = id_ if CARD_FIELDS["id"](id_) and id_ not in self.board.cards else self.new_id()
        if id_:
            self.ids[id_] = new
        blank = card_from_json({"id": new, "lane": "x", "stage": "x", "key": "i"})
        names = [name for name in COLUMNS[3:] if name != "parent" and said_in(row.get(name))]
        card = card_to_json(replace(blank, **self._fields(line, names, row, blank)))
        card["stage"] = self._where(line, "stage", row) or self.place[1]
        card["lane"] = self._where(line, "lane", row) or self.place[0]
        # What no field took stays with the card, in the words of the row.
        rest = [
            f"{self.names.columns.get(one.column, one.column)}: {one.value}"
            for one in self.left[begun:]
            if one.why in ("stage", "lane", "persona", "value", "long")
        ]
        own = card.get("source", {})
        origin = dict(own if own.get("kind") else {**(self.source or {}), **own})
        if rest and self.source is not None:
            origin["rest"] = " · ".join(filter(None, [origin.get("rest", ""), *rest]))[:_LONGEST_REST]
        if origin:
            card["source"] = origin
        if parent := _bare(row.get("parent")):
            parents.append((new, parent, line))
        self.new.append(card)

    def _related(self, parents: Sequence[tuple[str, str, int]]) -> None:
        made = {card["id"]: card for card in self.new}
        for id_, parent, line in parents:
            known = self.ids.get(parent, parent)
            if known in made or known in self.board.cards:
                made[id_]["parent"] = known
            else:
                self.left.append(Left(line, "parent", f"#{parent}", "parent"))

    def _placed(self) -> list[dict[str, Any]]:
        """The edits that add the new cards and move others, below those that are in their cells already."""
        cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for card in [*self.moved, *self.new]:
            cells.setdefault((card["lane"], card["stage"]), []).append(card)
        for (lane, stage), cards in cells.items():
            for card, key in zip(cards, appended(self.board, lane, stage, len(cards)), strict=True):
                card["key"] = key
        added = [{"op": "add_card", "card": card} for card in self.new]
        return [*added, *({"op": "move_card", **place} for place in self.moved)]

    # ---- cells ----------------------------------------------------------------------------------------

    def _where(self, line: int, column: str, row: Row) -> str | None:
        """The stage or lane that a row names; None where it names none that is."""
        said = said_in(row.get(column))
        if not said:
            return None
        if column == "stage":
            code = self.names.code("stages", said)
            if code is None and any(card.stage == said for card in self.board.cards.values()):
                code = said
            if code is None:
                self.left.append(Left(line, column, said, "stage"))
            return code
        code = self.names.code("lanes", said)
        if code is None:
            code = self._made("lane", line, said)
        return code

    def _made(self, what: str, line: int, said: str) -> str | None:
        """The id of a lane or persona of this name, which is made if there is room; None where it is not."""
        for one in self.first:
            if what in one and canonical(one[what]["name"]) == canonical(said):
                return str(one[what]["id"])
        there = self.board.lanes if what == "lane" else self.board.personas
        made = [one[what] for one in self.first if what in one]
        most = MOST_LANES if what == "lane" else MOST_PERSONAS
        if len(there) + len(made) >= most or len(said) > 200:
            self.left.append(Left(line, what, said, what))
            return None
        last = max((one.key for one in there.values()), default="")
        last = max([last, *(one["key"] for one in made)])
        new = {"id": self.new_id(), "key": f"{last}i", "name": said}
        kind = {"kind": KINDS[-1]} if what == "lane" else {}
        self.first.append({"op": f"add_{what}", what: {**new, **kind}})
        self.left.append(Left(line, what, said, f"new_{what}"))
        return str(new["id"])

    def _fields(self, line: int, columns: Sequence[str], row: Row, card: Card) -> dict[str, Any]:
        """The fields of a card that these cells tell of; those that cannot be read are left as they are."""
        fields: dict[str, Any] = {}
        source = dict(card.source)
        for column in columns:
            value = self._read(line, column, row[column])
            if value is None:
                continue
            if column == "felt":
                # Of a card it says nothing.
                self.left.append(Left(line, column, said_in(row[column]), "value"))
            elif column.startswith("source_"):
                source[column.removeprefix("source_")] = value
                fields["source"] = {name: one for name, one in source.items() if one}
            else:
                fields[column] = value
        told = card_to_json(card, whole=True)
        return {name: value for name, value in fields.items() if value != told[name]}

    def _read(self, line: int, column: str, cell: Any) -> Any:
        said = said_in(cell)
        if column in _CODED:
            if not said:
                return {} if column == "link" else ""
            code = self._code(_CODED[column], said)
            if code is None and column == "persona":
                return self._made("persona", line, said)
            value: Any = code if code is not None else said if column == "source_kind" else None
            if column == "link":
                value = None if code is None else json.loads(code)
        elif column in _POINTS:
            value = _points(said)
        elif column == "due":
            value = _day(said)
        elif column == "felt":
            value = _feeling(said)
        elif column == "tags":
            value = self._tags(line, cell)
        elif column == "parent":
            id_ = self.ids.get(_bare(said), _bare(said))
            value = id_ if not id_ or id_ in self.board.cards else None
        else:
            value = self._text(line, column, said)
        fits = CARD_FIELDS.get(column, lambda one: column == "felt" or len(one) <= 10_000)
        if value is None or not fits(value):
            self.left.append(Left(line, column, said, "value"))
            return None
        return value

    def _code(self, kind: str, said: str) -> str | None:
        if (kind, said) not in self.codes:
            self.codes[kind, said] = self.names.code(kind, said)
        return self.codes[kind, said]

    def _text(self, line: int, column: str, said: str) -> str:
        longest = {"text": LONGEST_TEXT, "hypothesis": LONGEST_TEXT, "owner": 200, "colour": 7}.get(
            column, 10_000
        )
        if len(said) > longest and column != "colour":
            self.left.append(Left(line, column, said[longest:], "long"))
            return said[:longest]
        return said

    def _tags(self, line: int, cell: Any) -> list[str]:
        tags = cell if isinstance(cell, list | tuple) else re.split(r"[,;\n]", said_in(cell))
        plain = [tag for one in tags if (tag := canonical(str(one)))]
        known = list(dict.fromkeys(tag[:60] for tag in plain))
        over = [tag for tag in known[MOST_TAGS:]] + [tag for tag in plain if len(tag) > 60]
        if over:
            self.left.append(Left(line, "tags", ", ".join(over), "long"))
        return known[:MOST_TAGS]


def _many(edits: list[dict[str, Any]]) -> dict[str, Any]:
    parts = [edits[at : at + _AT_ONCE] for at in range(0, len(edits), _AT_ONCE)]
    if len(parts) == 1:
        return {"op": "many", "edits": edits}
    return {"op": "many", "edits": [{"op": "many", "edits": part} for part in parts]}


def _bare(id_: Any) -> str:
    return said_in(id_).removeprefix("#")


def _points(said: str) -> int | None:
    if not said:
        return 0
    found = re.fullmatch(r"(\d)(?:\.0+)?", said)
    return int(found[1]) if found and int(found[1]) <= LARGEST_POINTS else None


def _day(said: str) -> str | None:
    if not said:
        return ""
    found = _DAY.fullmatch(said)
    return f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}" if found else None


def _feeling(said: str) -> float | None:
    """-2 to +2, also with the minus that is printed, and with a comma."""
    try:
        found = float(said.replace("\u2212", "-").replace(",", "."))
    except ValueError:
        return None
    return found if is_felt("any", found) else None
