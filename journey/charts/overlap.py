"""Segments and whom they share: a bar a segment and a set of them, or how much of each is in each other."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.overlap import Overlap
from journey.charts.canvas import (
    Place,
    Row,
    boxes,
    filled,
    finished,
    lines,
    rows_of,
    sentence_only,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import plain_line, text_width
from journey.charts.picking import fields, picking
from journey.i18n import saying, text
from journey.i18n.formats import count, share
from journey.theme import ACCENT, MUTED, ink, ink_on, mixed, paper

__all__ = ["MOST_SETS", "overlap_chart", "pair_matrix", "pair_of", "segment_of", "set_of"]

# So many sets are drawn; the table has all.
MOST_SETS = 16
_ROW, _HEAD, _GAP = 30.0, 26.0, 14.0
_SIZE, _SMALL = 12.0, 11.0
_MARGIN = 6.0
_LETTER, _DOT = 20.0, 11.0
# All columns of dots together, so that bars have room on a phone.
_DOTS = 168.0
# Widths of a sheet between which the room for names grows.
_PHONE, _DESK = 350.0, 900.0
# From so many segments on a phone has room for their letters only.
_CROWDED = 6


def segment_of(place: int) -> str:
    """The id of a segment's bar."""
    return f"one.{place}"


def set_of(places: tuple[int, ...]) -> str:
    """The id of a set's bar: exactly these segments and no other."""
    return "set." + ".".join(map(str, places))


def pair_of(row: int, column: int) -> str:
    """The id of a cell of the matrix: those in both."""
    return f"pair.{row}.{column}"


def letter(place: int) -> str:
    """What stands for a segment where there is no room for its name."""
    return chr(ord("A") + place)


def overlap_chart(
    answer: Overlap,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A bar for each segment, and under them one for each set of segments that customers are in exactly.

    All bars are on one scale, shares of all customers; whiskers are 95 % intervals. A filled dot says that
    the set's customers are in the segment of that letter.
    """
    sizes, table = answer.sizes.reset_index(drop=True), _drawn(answer)
    rows = len(sizes) + len(table)
    tall = _ROW if height is None else max(20.0, (height - 2 * _HEAD - _GAP) / max(rows, 1))
    height = height or 2 * _HEAD + _GAP + _ROW * max(rows, 2)

    say = saying("overlap", language)

    if sizes.empty:
        return sentence_only(say("chart_empty"), width=width, height=height, dark=dark)
    sheet = _Bars(answer, language, dark, height, tall)
    names = [plain_line(str(name)) for name in sizes["segment"]]
    most = max(float(sizes["high"].max()), float(table["high"].max()) if len(table) else 0.0) or 1.0
    notes = [_note(line, language) for frame in (sizes, table) for line in rows_of(frame)]
    note_room = max(text_width(note, _SIZE) for note in notes) + 12
    pitch = min(_LETTER, _DOTS / len(sizes))
    first = _names_room(names, narrow=max(130.0, pitch * len(sizes) + 12), wide=400.0)
    last = Place(1, -_MARGIN - note_room)

    def bar(line: Any, own: str, middle: float, colour: str, tips: Row) -> None:
        reach = last - first
        end = first + reach * (float(line.share) / most if line.share == line.share else 0.0)
        sheet.row(own, middle, tips)
        sheet.bar(own, first, end + Place(0, 1.5), middle, colour, tips)
        if line.high > line.low:
            sheet.span(first + reach * (line.low / most), first + reach * (line.high / most), middle, tips)
        far = first + reach * ((line.high if line.high == line.high else 0.0) / most) + Place(0, 8)
        sheet.word(_note(line, language), far, middle, Place(0, note_room))

    sheet.word(
        say("chart_segments"), Place(0, _MARGIN), _HEAD / 2, first - Place(0, 8), size=_SMALL, shown=0.75
    )
    sheet.word(say("chart_share"), first, _HEAD / 2, Place(1, -_MARGIN) - first, size=_SMALL, shown=0.75)
    for place, line in enumerate(rows_of(sizes)):
        middle, colour = _HEAD + tall * (place + 0.5), answer.colours[place]
        sheet.letter(place, Place(0, _MARGIN), middle, colour)
        sheet.name(names[place], middle, first)
        tips = {
            "what": names[place],
            "who": text("charts.amount_customers", language, n=int(line.customers)),
            "part": share(line.share, language),
            "span": say("chart_span", low=line.low, high=line.high),
            "more": say("chart_only", n=int(line.only)),
        }
        bar(line, segment_of(place), middle, colour, tips)
    top = _HEAD + tall * len(sizes) + _GAP
    for place in range(len(sizes)):
        sheet.word(
            letter(place),
            Place(0, _MARGIN + pitch * (place + 0.5)),
            top + _HEAD / 2,
            Place(0, pitch),
            align="center",
            size=_SMALL,
        )
    sheet.word(say("chart_sets"), first, top + _HEAD / 2, Place(1, -_MARGIN) - first, size=_SMALL, shown=0.75)
    for number, line in enumerate(rows_of(table)):
        middle = top + _HEAD + tall * (number + 0.5)
        inside = tuple(int(one) for one in line.places)
        sheet.dots(inside, len(sizes), pitch, middle)
        colour = MUTED if not inside else answer.colours[inside[0]] if len(inside) == 1 else ACCENT
        tips = {
            "what": " + ".join(names[one] for one in inside) or say("none"),
            "who": text("charts.amount_customers", language, n=int(line.customers)),
            "part": share(line.share, language),
            "span": say("chart_span", low=line.low, high=line.high),
            "more": say("chart_exactly" if inside else "chart_nowhere"),
        }
        bar(line, set_of(inside), middle, colour, tips)
    return sheet.done(width, picked, say("chart_described", n=len(sizes), sets=len(table)))


def _names_room(names: list[str], *, narrow: float, wide: float) -> Place:
    """Where the names end and bars begin: at `narrow` pixels of a phone, and at most `wide` on a desk."""
    needed = max(text_width(name, _SIZE) for name in names) + 2 * _LETTER
    if needed <= narrow:
        return Place(0, _MARGIN + narrow)
    part = (min(needed, wide) - narrow) / (_DESK - _PHONE)
    return Place(part, _MARGIN + narrow - part * _PHONE) if part > 0 else Place(0, _MARGIN + narrow)


def _drawn(answer: Overlap) -> Any:
    """The largest sets, and those in no segment, who stand last."""
    table = answer.table
    if len(table) > MOST_SETS:
        in_none = table["places"].map(len) == 0
        table = table[in_none | (table.index < MOST_SETS - in_none.sum())]
    return table.reset_index(drop=True)


class _Bars:
    """The marks of the sheet as they are put there: fields that can be picked, dots, bars and words."""

    def __init__(self, answer: Overlap, language: str, dark: bool, height: float, tall: float) -> None:
        self.language, self.dark, self.height, self.tall = language, dark, height, tall
        self.half = min(9.0, tall * 0.34)
        self.fields: list[Row] = []
        self.bars: list[Row] = []
        self.dotted: list[Row] = []
        self.spans: list[Row] = []
        self.texts: list[Row] = []

    def row(self, own: str, middle: float, tips: Row) -> None:
        ends = {"y0": round(middle - self.tall / 2 + 1, 2), "y1": round(middle + self.tall / 2 - 1, 2)}
        self.fields.append({"id": own, **Place(0, 0).row("x"), **Place(1, 0).row("x2"), **ends, **tips})

    def bar(self, own: str, start: Place, stop: Place, middle: float, colour: str, tips: Row) -> None:
        ends = {"y0": round(middle - self.half, 2), "y1": round(middle + self.half, 2)}
        self.bars.append(
            {"id": own, **start.row("x"), **stop.row("x2"), **ends, "colour": colour, "needs": 0.0, **tips}
        )

    def span(self, start: Place, stop: Place, middle: float, tips: Row) -> None:
        self.spans.append({**start.row("x"), **stop.row("x2"), "y": round(middle, 2), **tips})

    def word(self, words_: str, at: Place, y: float, room: Place, **style: Any) -> None:
        self.texts.append(word(words_, at, y, room, **{"colour": ink(self.dark), "size": _SIZE, **style}))

    def name(self, words_: str, middle: float, first: Place, needs: float = 0.0) -> None:
        """The name of a segment beside its letter, as far as there is room before the first bar."""
        start = Place(0, _MARGIN + _LETTER + 6)
        self.word(words_, start, middle, first - start - Place(0, 8), needs=needs)

    def letter(self, place: int, at: Place, middle: float, colour: str) -> None:
        """The letter of a segment on its colour."""
        self._dot(at, at + Place(0, _LETTER - 2), middle, _LETTER / 2 - 1, colour)
        self.word(
            letter(place),
            at + Place(0, _LETTER / 2 - 1),
            middle,
            Place(0, _LETTER),
            align="center",
            size=_SMALL,
            colour=ink_on(colour),
        )

    def dots(self, inside: tuple[int, ...], n: int, pitch: float, middle: float) -> None:
        """A dot a segment, filled where it is one of the set, and a line through those."""
        half = min(_DOT, pitch - 3) / 2
        centre = [_MARGIN + pitch * (place + 0.5) for place in range(n)]
        full, empty = ink(self.dark), mixed(paper(self.dark), ink(self.dark), 0.14)
        for place in range(n):
            at = centre[place]
            self._dot(Place(0, at - half), Place(0, at + half), middle, half, empty)
        if len(inside) > 1:
            self._dot(Place(0, centre[inside[0]]), Place(0, centre[inside[-1]]), middle, 1.5, full)
        for place in inside:
            at = centre[place]
            self._dot(Place(0, at - half), Place(0, at + half), middle, half, full)

    def _dot(self, start: Place, stop: Place, middle: float, half: float, colour: str) -> None:
        ends = {"y0": round(middle - half, 2), "y1": round(middle + half, 2)}
        self.dotted.append(
            {**start.row("x"), **stop.row("x2"), **ends, "colour": colour, "needs": 0.0, "what": ""}
        )

    def done(self, width: float, picked: str | None, described: str) -> alt.LayerChart:
        tips = _tips(self.language)
        layers = [
            fields("fields", height=self.height, dark=self.dark, tips=tips).add_params(picking(picked)),
            _round("dots", height=self.height),
            boxes("bars", height=self.height, tips=tips),
            lines("spans", height=self.height, dark=self.dark, tips=tips),
            *words("words", self.texts, height=self.height, dark=self.dark),
        ]
        data = {
            "fields": self.fields,
            "dots": self.dotted,
            "bars": self.bars,
            "spans": self.spans,
            "words": self.texts,
        }
        return finished(layers, data, width=width, height=self.height, dark=self.dark, description=described)


def pair_matrix(
    answer: Overlap,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """How much of the segment of a row is also in that of a column; the darker, the more.

    Cells where the two meet clearly more or less often than by chance say how many times as often.
    """

    say = saying("overlap", language)

    sizes = answer.sizes.reset_index(drop=True)
    n = len(sizes)
    tall = 40.0 if height is None else max(26.0, (height - _HEAD) / max(n, 1))
    height = height or _HEAD + tall * max(n, 2) + 4
    if n < 2:
        return sentence_only(say("chart_no_pairs"), width=width, height=height, dark=dark)
    names = [plain_line(str(name)) for name in sizes["segment"]]
    first = _names_room(names, narrow=110.0 if n < _CROWDED else 2.0 * _LETTER, wide=300.0)
    pitch = (Place(1, -_MARGIN) - first) * (1 / n)
    sheet, size = _Bars(answer, language, dark, height, tall), _SIZE if n < _CROWDED else 10.0
    met = {}
    row_of = iter(rows_of(answer.pairs))
    for a in range(n):
        for b in range(a + 1, n):
            line = next(row_of)
            met[a, b], met[b, a] = (line, line.share_a), (line, line.share_b)
    for a in range(n):
        middle = _HEAD + tall * (a + 0.5)
        sheet.letter(a, Place(0, _MARGIN), middle, answer.colours[a])
        sheet.name(names[a], middle, first, needs=_PHONE + 100 if n >= _CROWDED else 0.0)
        centre = first + pitch * (a + 0.5)
        sheet.letter(a, centre - Place(0, _LETTER / 2 - 1), _HEAD / 2, answer.colours[a])
        for b in range(n):
            start = first + pitch * b
            stop, mid = start + pitch - Place(0, 2), start + pitch * 0.5 - Place(0, 1)
            sheet.half = tall / 2 - 1
            if a == b:
                paint = mixed(paper(dark), ink(dark), 0.06)
                tips = {"what": names[a], "who": "", "part": "", "span": "", "more": ""}
                sheet.bar("", start, stop, middle, paint, tips)
                sheet.word(
                    count(int(sizes["customers"][a]), language), mid, middle, pitch, align="center", shown=0.7
                )
                continue
            line, part = met[a, b]
            known = part if part == part else 0.0
            paint = mixed(paper(dark), ACCENT, 0.06 + 0.74 * known)
            times = "–" if line.lift != line.lift else say("times", times=round(float(line.lift), 1))
            tips = {
                "what": f"{names[a]} ∩ {names[b]}",
                "who": text("charts.amount_customers", language, n=int(line.both)),
                "part": say("chart_of", share=part, name=names[a]),
                "span": say("chart_lift", times=times),
                "more": say("chart_clear" if line.clear else "chart_unclear"),
            }
            sheet.bar(pair_of(a, b), start, stop, middle, paint, tips)
            sheet.fields.append({**sheet.bars[-1]})
            up = 7 if line.clear and tall >= 34 else 0
            colour = ink_on(paint) if known > 0.35 or not dark else ink(dark)
            style = {"align": "center", "colour": colour}
            whole = share(part, language)
            short = whole.partition(".")[0] + ("%" if n < _CROWDED else "")
            sheet.word(whole, mid, middle - up, pitch - Place(0, 4), size=size, short=short, **style)
            if up:
                sheet.word(times, mid, middle + 8, pitch - Place(0, 4), size=10.5, short="", **style)
    return sheet.done(width, picked, say("pairs_described", n=n))


def _note(line: Any, language: str) -> str:
    return f"{share(line.share, language)} · {count(int(line.customers), language)}"


def _tips(language: str) -> list[Any]:
    return tooltip(
        {
            "what": text("overlap.tip_what", language),
            "who": text("charts.tip_customers", language),
            "part": text("overlap.tip_part", language),
            "span": text("overlap.tip_span", language),
            "more": text("overlap.tip_more", language),
        }
    )


def _round(name: str, *, height: float) -> Any:
    """Dots and letters' grounds, which say nothing that words and bars do not say."""
    return filled(alt.Chart(alt.NamedData(name)), height=height, cornerRadius=9, aria=False)
