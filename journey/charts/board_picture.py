"""A journey map as one picture: stages across, lanes down, cards with their whole text, and the feelings.

It is SVG of our own: a board is no chart. Text stays text, in lines that are known to fit in every common
face.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from journey.charts.lettering import plain_line, text_width, wrapped
from journey.theme import FONT, MUTED, accent, ink, mixed, paper

__all__ = ["Band", "BoardPicture", "Column", "Felt", "Measured", "Slip", "board_picture"]

_PAD, _GAP, _LABELS, _IN = 28.0, 10.0, 116.0, 9.0
_WIDE, _NARROW, _MANY = 196.0, 168.0, 7
_TEXT, _LINE, _SMALL, _SMALL_LINE = 12.5, 17.0, 10.5, 14.0
_MOST_LINES = 60
_CURVE, _TOP = 170.0, 2.0
# What XML cannot carry besides what is no character at all.
_NO_CHARACTER = re.compile("[\ufffe\uffff\x80-\x9f]")
_DOT = " · "
_EVIDENCE = {"measured": "#228855", "partly": "#C26A1B"}
_DASHES = {"measured": "", "partly": "6 3", "assumed": "1.5 3.5"}


@dataclass(frozen=True)
class Column:
    """A stage: its name, its colour, and the lines below its name."""

    id: str
    name: str
    colour: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Band:
    """A lane; the one that `is_curve` holds the feelings. `lines` are figures by stage.

    `colour` is that of its cards that have none of their own.
    """

    id: str
    name: str
    is_curve: bool = False
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    colour: str = MUTED


@dataclass(frozen=True)
class Slip:
    """A card: its text, the small lines below it, its colour or "", and its evidence or ""."""

    text: str
    small: Sequence[str] = ()
    colour: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Felt:
    """A curve that somebody drew: stage -> -2..+2, in the accent where it has no `colour`.

    `is_other` is that of the other version, drawn dashed.
    """

    name: str
    colour: str
    points: Mapping[str, float]
    is_other: bool = False


@dataclass(frozen=True)
class Measured:
    """The measured feeling at a stage with its interval; `text` stands beside it."""

    stage: str
    value: float
    low: float
    high: float
    text: str = ""


@dataclass(frozen=True)
class BoardPicture:
    """All that the picture shows, in words. `cards` are by "<lane id>|<stage id>".

    `words` has evidence -> its name, "evidence" for what they are, "intervals" for the measured feelings, and
    "happy" and "unhappy" for the ends of the scale.
    """

    title: str
    subtitle: str
    columns: Sequence[Column]
    bands: Sequence[Band]
    cards: Mapping[str, Sequence[Slip]]
    felt: Sequence[Felt] = ()
    measured: Sequence[Measured] = ()
    words: Mapping[str, str] = field(default_factory=dict)


def board_picture(shown: BoardPicture, *, dark: bool = False) -> str:
    """The SVG of a map, as large as all of its text needs."""
    return _Sheet(shown, dark).drawn()


class _Sheet:
    """One picture while it is drawn, from top to bottom."""

    def __init__(self, shown: BoardPicture, dark: bool) -> None:
        self.shown, self.dark = shown, dark
        self.paper, self.ink = paper(dark), ink(dark)
        self.muted = mixed(self.ink, self.paper, 0.35)
        self.line = mixed(self.paper, self.ink, 0.16)
        self.width_of = _WIDE if len(shown.columns) < _MANY else _NARROW
        self.parts: list[str] = []
        self.left = _PAD + _LABELS + _GAP

    def drawn(self) -> str:
        width = max(self.left + len(self.shown.columns) * (self.width_of + _GAP) - _GAP + _PAD, 520.0)
        y = self._title(_PAD, width)
        y = self._heads(y)
        for band in self.shown.bands:
            y = self._band(band, y, width)
        self._rule(y, width)
        y = self._legend(y + 10, width)
        height = y + _PAD
        size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        family = quoteattr(FONT)
        ground = f'<rect width="100%" height="100%" fill="{self.paper}"/>'
        name = f"<title>{_escaped(self.shown.title)}</title>"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family={family} role="img">'
        return "\n".join([head, name, ground, *self.parts, "</svg>\n"])

    # ---- from top to bottom ---------------------------------------------------------------------------

    def _title(self, y: float, width: float) -> float:
        room = width - 2 * _PAD
        for line in wrapped(plain_line(self.shown.title), 20, room):
            self._text(line, _PAD, y + 18, 20, bold=True)
            y += 27
        for line in wrapped(plain_line(self.shown.subtitle), _TEXT, room):
            self._text(line, _PAD, y + 12, _TEXT, colour=self.muted)
            y += _LINE
        return y + 14

    def _heads(self, y: float) -> float:
        room = self.width_of - 2 * _IN
        names = [self._wrapped(one.name, 14, room) for one in self.shown.columns]
        lines = [self._small(one.lines, room) for one in self.shown.columns]
        named = 8 + 19 * max(map(len, names), default=0)
        height = named + 6 + _SMALL_LINE * max(map(len, lines), default=0) + 4
        for place, (one, name, small) in enumerate(zip(self.shown.columns, names, lines, strict=True)):
            x = self._x(place)
            self._rect(x, y, self.width_of, height, mixed(self.paper, one.colour, 0.14))
            self._rect(x, y, self.width_of, 5, one.colour, round_=2)
            for at, line in enumerate(name):
                self._text(line, x + _IN, y + 23 + 19 * at, 14, bold=True)
            for at, line in enumerate(small):
                self._text(line, x + _IN, y + named + 15 + _SMALL_LINE * at, _SMALL, colour=self.muted)
        return y + height + _GAP

    def _band(self, band: Band, y: float, width: float) -> float:
        top, ground = y, len(self.parts)
        y += 8
        if band.is_curve:
            y = self._feelings(y)
        ends = [y]
        for place, column in enumerate(self.shown.columns):
            ends.append(self._cell(band, column, self._x(place), y))
        names = self._wrapped(band.name, 13, _LABELS - 11)
        for at, line in enumerate(names):
            self._text(line, _PAD + 11, top + 22 + 17 * at, 13, bold=True)
        self._rect(_PAD, top + 10, 4, 17 * len(names) - 1, band.colour, round_=2)
        bottom = max(*ends, top + 22 + 17 * len(names)) + 4
        self._rule(top, width)
        # What is behind all of a lane is drawn first, and known last.
        behind = len(self.parts)
        tint = mixed(self.paper, band.colour, 0.05)
        self._rect(self.left - 6, top, width - _PAD + 12 - self.left, bottom - top, tint, round_=0)
        self.parts.insert(ground, self.parts.pop(behind))
        return bottom

    def _rule(self, y: float, width: float) -> None:
        pen = f'stroke="{self.line}" stroke-width="1"'
        self.parts.append(f'<path d="M{_PAD} {y:.1f}H{width - _PAD + 6:.1f}" {pen}/>')

    def _cell(self, band: Band, column: Column, x: float, y: float) -> float:
        """The figures and cards of a cell from `y` down; where they end."""
        for line in self._small(band.lines.get(column.id, ()), self.width_of - 2 * _IN):
            self._text(line, x + _IN, y + 11, _SMALL)
            y += _SMALL_LINE
        for slip in self.shown.cards.get(f"{band.id}|{column.id}", ()):
            y = self._slip(slip, slip.colour or band.colour, x, y) + 6
        return y

    def _slip(self, slip: Slip, colour: str, x: float, y: float) -> float:
        room = self.width_of - 2 * _IN - 4
        text = self._wrapped(slip.text, _TEXT, room) or [""]
        small = self._small(slip.small, room)
        height = 10 + _LINE * len(text) + (_SMALL_LINE * len(small) + 2 if small else 0) + 4
        ground, edge = (mixed(self.paper, colour, part) for part in (0.18, 0.42))
        self._rect(x, y, self.width_of, height, ground, edge=edge)
        if slip.evidence:
            self._stripe(slip.evidence, x + 4.5, y + 6, y + height - 6)
        for at, line in enumerate(text):
            self._text(line, x + _IN + 4, y + 18 + _LINE * at, _TEXT)
        for at, line in enumerate(small):
            below = y + 18 + _LINE * len(text) + _SMALL_LINE * at
            self._text(line, x + _IN + 4, below, _SMALL, colour=self.muted)
        return y + height

    def _legend(self, y: float, width: float) -> float:
        """What lines and dots mean, in as many rows as they need."""
        words, x = self.shown.words, _PAD
        y += 12
        for kind, name in self._named():
            room = 36 + text_width(name, _SMALL) + 18
            if x > _PAD and x + room > width - _PAD:
                x, y = _PAD, y + 18
            self._mark(kind, x, y - 4)
            self._text(name, x + 36, y, _SMALL, colour=self.muted)
            x += room
        return y + 4 if words or self.shown.felt else y

    def _named(self) -> Iterator[tuple[str, str]]:
        words = self.shown.words
        if any(slip.evidence for slips in self.shown.cards.values() for slip in slips):
            for kind in _DASHES:
                if kind in words:
                    yield kind, plain_line(f"{words.get('evidence', '')} {words[kind]}")
        for place, one in enumerate(self.shown.felt):
            yield f"felt{place}", plain_line(one.name)
        if self.shown.measured:
            yield "dot", plain_line(words.get("intervals", ""))

    def _mark(self, kind: str, x: float, y: float) -> None:
        if kind in _DASHES:
            self._stripe(kind, x + 12, y - 8, y + 6)
        elif kind == "dot":
            self._interval(x + 12, y - 7, y + 7, y)
        else:
            one = self.shown.felt[int(kind.removeprefix("felt"))]
            self._curve([(x, y), (x + 24, y)], one)

    # ---- feelings -------------------------------------------------------------------------------------

    def _feelings(self, y: float) -> float:
        """The curves over the columns, with the scale at their left."""
        top, bottom = y + 12, y + _CURVE - 12
        right = self._x(len(self.shown.columns)) - _GAP
        for value in (2, 1, 0, -1, -2):
            at = self._level(value, top, bottom)
            strong = "1.2" if value == 0 else "0.7"
            pen = f'stroke="{self.line}" stroke-width="{strong}"'
            self.parts.append(f'<path d="M{self.left:.1f} {at:.1f}H{right:.1f}" {pen}/>')
            number = f"{value:+d}".replace("-", "−") if value else "0"
            self._text(number, self.left - 8, at + 4, _SMALL, colour=self.muted, anchor="end")
        self._text(self.shown.words.get("happy", ""), _PAD, top + 30, _SMALL, colour=self.muted)
        self._text(self.shown.words.get("unhappy", ""), _PAD, bottom + 4, _SMALL, colour=self.muted)
        places = {one.id: self._x(at) + self.width_of / 2 for at, one in enumerate(self.shown.columns)}
        for one in self.shown.measured:
            if one.stage in places:
                x = places[one.stage]
                low, high, at = (self._level(v, top, bottom) for v in (one.low, one.high, one.value))
                self._interval(x, high, low, at)
        for felt in sorted(self.shown.felt, key=lambda felt: not felt.is_other):
            points = [
                (places[one.id], self._level(felt.points[one.id], top, bottom))
                for one in self.shown.columns
                if one.id in felt.points
            ]
            self._curve(points, felt)
        # Words last: no line runs over them.
        for one in self.shown.measured:
            if one.stage in places:
                x, at = places[one.stage], self._level(one.value, top, bottom)
                said = self._small([one.text], self.width_of / 2 - 10)[:2]
                for line, words in enumerate(said):
                    y_of = at + 4 + _SMALL_LINE * (line - (len(said) - 1) / 2)
                    self._text(words, x + 9, y_of, _SMALL, colour=self.muted, rim=True)
        return y + _CURVE

    def _level(self, value: float, top: float, bottom: float) -> float:
        return bottom - (max(-_TOP, min(_TOP, value)) + _TOP) / (2 * _TOP) * (bottom - top)

    def _curve(self, points: Sequence[tuple[float, float]], felt: Felt) -> None:
        dashes = ' stroke-dasharray="5 4"' if felt.is_other else ""
        # Beside the curve of everybody those of single people are thin.
        is_aside = bool(felt.colour) and any(not one.colour for one in self.shown.felt)
        thick = 1.5 if is_aside else 2.8
        colour = felt.colour or accent(self.dark)
        for (x, y), (to_x, to_y) in pairwise(points):
            middle = (x + to_x) / 2
            way = f"M{x:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
            self.parts.append(
                f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="{thick}"{dashes}/>'
            )
        for x, y in points:
            fill = self.paper if felt.is_other else colour
            pen = f'fill="{fill}" stroke="{colour}" stroke-width="1.6"'
            dot = 2.6 if is_aside else 4.6
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{dot}" {pen}/>')

    def _interval(self, x: float, high: float, low: float, at: float) -> None:
        pen = f'stroke="{self.ink}" stroke-width="1.6" stroke-opacity="0.65"'
        ends = f"M{x - 5:.1f} {high:.1f}h10M{x - 5:.1f} {low:.1f}h10"
        self.parts.append(f'<path d="M{x:.1f} {high:.1f}V{low:.1f}{ends}" {pen}/>')
        self.parts.append(f'<circle cx="{x:.1f}" cy="{at:.1f}" r="3.6" fill="{self.ink}"/>')

    # ---- pens -----------------------------------------------------------------------------------------

    def _x(self, place: int) -> float:
        return self.left + place * (self.width_of + _GAP)

    def _stripe(self, evidence: str, x: float, top: float, bottom: float) -> None:
        colour = _EVIDENCE.get(evidence, MUTED)
        dashes = _DASHES.get(evidence, "")
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" stroke="{colour}" stroke-width="3"{dashed}/>'
        )

    def _rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, round_: float = 5, edge: str = ""
    ) -> None:
        line = f' stroke="{edge}" stroke-width="0.8"' if edge else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round_}"'
            f' fill="{fill}"{line}/>'
        )

    def _text(
        self,
        said: str,
        x: float,
        y: float,
        size: float,
        *,
        bold: bool = False,
        colour: str = "",
        anchor: str = "",
        rim: bool = False,
    ) -> None:
        if not said:
            return
        around = f' stroke="{self.paper}" stroke-width="3" paint-order="stroke"' if rim else ""
        weight = ' font-weight="bold"' if bold else ""
        end = f' text-anchor="{anchor}"' if anchor else ""
        place = f'x="{x:.1f}" y="{y:.1f}"'
        self.parts.append(
            f'<text {place} font-size="{size}" fill="{colour or self.ink}"{weight}{end}{around}>'
            f"{_escaped(said)}</text>"
        )

    def _wrapped(self, said: str, size: float, room: float) -> list[str]:
        """Each line of a text in as many as it needs; a text without end ends with an ellipsis."""
        lines = [
            part
            for line in said.split("\n")
            for part in (wrapped(plain_line(line), size, room) or ([""] if said.strip() else []))
        ]
        if len(lines) > _MOST_LINES:
            lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][:-1]}…"]
        return lines

    def _small(self, lines: Sequence[str], room: float) -> list[str]:
        """Small lines, parted at their dots first: a figure and its n stay whole where they can."""
        found: list[str] = []
        for line in lines:
            begun = ""
            for piece in plain_line(line).split(_DOT):
                together = f"{begun}{_DOT}{piece}" if begun else piece
                if begun and text_width(together, _SMALL) > room:
                    found += wrapped(begun, _SMALL, room)
                    together = piece
                begun = together
            found += wrapped(begun, _SMALL, room)
        return found


def _escaped(said: str) -> str:
    return escape(_NO_CHARACTER.sub("\ufffd", plain_line(said)))
