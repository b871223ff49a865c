"""Rows with intervals on a sheet that is a table where there is room, and stacked lines on a phone.

A figure of a row lies on the lane, a range from left to right whose ends depend on the width of the sheet;
`part` is a place on the lane, 0 at its left end and 1 at its right one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from journey.charts.canvas import Place, Row, Y, finished, spoken, tooltip, word, words
from journey.charts.lettering import plain_line
from journey.charts.picking import fields, picking
from journey.theme import ink

__all__ = ["WIDE", "Axis", "Cell", "Lane", "Sheet", "axis_over", "ident"]

# From this width on a row is a line of a table; below, its parts are stacked.
WIDE = 640
_SIZE = 13.0
_SMALL = 11.0
_WHOLE = Place(0, 0), Place(1, 0)
_IN_WIDTH = "width >= datum.needs && (!datum.most || width < datum.most)"
_BELL_POINTS = 41
_BELL_ENDS = 3.2  # standard errors to either side


@dataclass(frozen=True)
class Lane:
    """Where figures are drawn, from left to right, on a wide and on a slim sheet."""

    wide: tuple[Place, Place]
    slim: tuple[Place, Place]

    def end(self, right: bool) -> str:
        wide, slim = self.wide[right], self.slim[right]
        return (
            f"(width >= {WIDE} ? {wide.part} * width + {wide.pixels} : {slim.part} * width + {slim.pixels})"
        )

    def at(self, name: str) -> str:
        """The pixel of the part that a row of data holds under this name."""
        return f"({self.end(False)} + datum.{name} * ({self.end(True)} - {self.end(False)}))"


@dataclass(frozen=True)
class Cell:
    """Where a text stands: its beginning, middle or end, its room, and on which side of that place."""

    x: Place
    room: Place
    align: str = "left"


@dataclass(frozen=True)
class Axis:
    """The values at the ends of the lane, and those that are marked."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """Where a value lies; what lies beyond an end is drawn at it."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def digits(self, times: float = 1.0) -> int:
        """How many digits after the point its ticks need, when they are said in so many times their size."""
        said = [f"{tick * times:.6f}".rstrip("0").partition(".")[2] for tick in self.ticks]
        return max(map(len, said), default=0)


def axis_over(values: Iterable[float], *, zero: bool = True, most: int = 5) -> Axis:
    """An axis over all known values (and 0 where it is wanted), with `most` round ticks, or one more."""
    known = [one for one in values if math.isfinite(one)] + ([0.0] if zero else [])
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    air = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    low, high = low - air, high + air
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough)
    first = math.ceil(low / step - 1e-9)
    ticks = tuple(round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1))
    return Axis(low, high, ticks)


@dataclass
class Sheet:
    """What is drawn so far. `tips` are the lines of every tooltip: our name -> its title."""

    lane: Lane
    dark: bool
    tips: dict[str, str]
    data: dict[str, list[Row]] = field(
        default_factory=lambda: {
            name: []
            for name in ("fields", "rules", "bands", "bars", "bells", "curves", "spans", "dots", "words")
        }
    )

    def tick(self, axis: Axis, value: float, label: str, y: float, *, room: float = 54.0) -> None:
        """What is said of a mark of the axis, kept between the ends of the lane."""
        part = axis.part(value)
        at = (start + (end - start) * part for start, end in (self.lane.wide, self.lane.slim))
        align = "left" if part < 0.06 else "right" if part > 0.94 else "center"
        self.put(label, y, *(Cell(one, Place(0, room), align) for one in at), size=10.5, shown=0.7)

    def put(
        self,
        line: str,
        y: float,
        wide: Cell | None,
        slim: Cell | None = None,
        *,
        y_slim: float | None = None,
        colour: str | None = None,
        size: float = _SIZE,
        shown: float = 1.0,
        short: str | None = None,
    ) -> None:
        """A text, which may stand elsewhere on a slim sheet, or not at all."""
        line, colour = plain_line(line), colour or ink(self.dark)
        for cell, at, bounds in (
            (wide, y, {"needs": WIDE, "most": 0}),
            (slim, y if y_slim is None else y_slim, {"needs": 0, "most": WIDE}),
        ):
            if cell is not None and line:
                look: Row = {
                    "align": cell.align,
                    "size": size,
                    "shown": shown,
                    "short": short,
                    "rim": True,
                    **bounds,
                }
                self.data["words"].append(word(line, cell.x, at, cell.room, colour=colour, **look))

    def field(self, y0: float, y1: float, *, between: tuple[Place, Place] = _WHOLE, **tips: Any) -> None:
        """A row as a field over all of it, which tells what it is about, and can be picked by its `id`."""
        ends = {**between[0].row("x"), **between[1].row("x2"), "y0": round(y0, 2), "y1": round(y1, 2)}
        said = {name: plain_line(str(value)) for name, value in tips.items()}
        self.data["fields"].append({**ends, **said})

    def rule(
        self, part: float, y0: float, y1: float, *, is_zero: bool = False, needs: int = 0, most: int = 0
    ) -> None:
        """An upright line behind the figures; that of no difference stands out."""
        row = {"part": round(part, 5), "y0": round(y0, 2), "y1": round(y1, 2), "needs": needs, "most": most}
        look = {"weight": 1.4 if is_zero else 0.7, "shown": 0.8 if is_zero else 0.2}
        self.data["rules"].append({**row, **look})

    def level(self, y: float, *, is_zero: bool = False) -> None:
        """A level line behind the figures, over the whole lane."""
        look = {"weight": 1.2 if is_zero else 0.7, "shown": 0.7 if is_zero else 0.2}
        self.span(0.0, 1.0, y, ink(self.dark), **look)

    def band(self, points: Sequence[tuple[float, float, float]], colour: str) -> None:
        """A surface along the lane: at each part from one height to another."""
        self._along("bands", [{"part": part, "y": y0, "y2": y1} for part, y0, y1 in points], colour)

    def curve(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A line along the lane."""
        self._along("curves", [{"part": part, "y": y} for part, y in points], colour)

    def _along(self, name: str, points: Sequence[Row], colour: str) -> None:
        number = len({row["line"] for row in self.data[name]})
        for point in points:
            row = {what: round(value, 5) for what, value in point.items()}
            self.data[name].append({**row, "colour": colour, "line": number})

    def bar(
        self, start: float, end: float, y0: float, y1: float, colour: str, *, needs: int = 0, most: int = 0
    ) -> None:
        """A filled box on the lane."""
        row = {"part": round(start, 5), "part2": round(end, 5), "y0": round(y0, 2), "y1": round(y1, 2)}
        self.data["bars"].append({**row, "colour": colour, "needs": needs, "most": most})

    def bell(
        self, part: float, error: float, y: float, half: float, colour: str, shown: float = 0.28
    ) -> None:
        """How likely which true value is: a normal curve to both sides of a line, `half` pixels high."""
        number = len(self.data["bells"])
        row = {"part": round(part, 5), "error": round(error, 6), "y": round(y, 2), "half": half}
        self.data["bells"].append({**row, "colour": colour, "shown": shown, "bell": number})

    def span(
        self, low: float, high: float, y: float, colour: str, *, weight: float = 2.5, shown: float = 1.0
    ) -> None:
        """A level line on the lane."""
        row = {"part": round(low, 5), "part2": round(high, 5), "y": round(y, 2)}
        self.data["spans"].append({**row, "colour": colour, "weight": weight, "shown": shown})

    def dot(self, part: float, y: float, colour: str, *, size: float = 70.0, shown: float = 1.0) -> None:
        """A point on the lane."""
        row = {"part": round(part, 5), "y": round(y, 2), "colour": colour, "size": size, "shown": shown}
        self.data["dots"].append(row)

    def drawn(
        self,
        *,
        width: float,
        height: float,
        described: str,
        picked: str | None = None,
        pickable: bool = False,
    ) -> Any:
        """The chart. Where rows can be picked, the selection `pick` gives the `id` of the one clicked."""
        tips_of = tooltip(self.tips)
        # On top of everything, and hardly seen: wherever a row is touched, it is the row that answers.
        over = fields("fields", height=height, dark=self.dark, tips=tips_of).mark_rect(
            cornerRadius=4, color=ink(self.dark), cursor="pointer" if pickable else "default"
        )
        over = over.encode(description=spoken(tips_of))
        if pickable:
            ids = {row.get("id") for row in self.data["fields"]}
            over = over.add_params(picking(picked if picked in ids else None))
        else:
            over = over.encode(opacity=alt.OpacityValue(0))
        drawn = {
            "rules": self._rules,
            "bands": self._bands,
            "bars": self._bars,
            "bells": self._bells,
            "curves": self._curves,
            "spans": self._spans,
            "dots": self._dots,
        }
        layers = [draw(height) for name, draw in drawn.items() if self.data[name]]
        layers += [*words("words", self.data["words"], height=height, dark=self.dark), over]
        data = {name: rows for name, rows in self.data.items() if rows or name not in drawn}
        return finished(layers, data, width=width, height=height, dark=self.dark, description=described)

    def _base(self, name: str, *parts: str) -> Any:
        places = {f"at_{part}": self.lane.at(part) for part in parts}
        return alt.Chart(alt.NamedData(name)).transform_calculate(**places)

    def _rules(self, height: float) -> Any:
        return (
            self._base("rules", "part")
            .transform_filter(_IN_WIDTH)
            .mark_rule(color=ink(self.dark), aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                y=Y("y0", height),
                y2="y1:Q",
                strokeWidth=alt.StrokeWidth("weight:Q", scale=None),
                opacity=alt.Opacity("shown:Q", scale=None),
            )
        )

    def _bands(self, height: float) -> Any:
        return (
            self._base("bands", "part")
            .mark_area(line=False, opacity=0.2, aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                y=Y("y", height),
                y2="y2:Q",
                detail="line:N",
                fill=alt.Fill("colour:N", scale=None),
            )
        )

    def _curves(self, height: float) -> Any:
        return (
            self._base("curves", "part")
            .mark_line(strokeWidth=2.2, strokeJoin="round", aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                y=Y("y", height),
                detail="line:N",
                stroke=alt.Stroke("colour:N", scale=None),
            )
        )

    def _bars(self, height: float) -> Any:
        return (
            self._base("bars", "part", "part2")
            .transform_filter(_IN_WIDTH)
            .mark_rect(cornerRadius=2, aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                x2="at_part2:Q",
                y=Y("y0", height),
                y2="y1:Q",
                fill=alt.Fill("colour:N", scale=None),
            )
        )

    def _bells(self, height: float) -> Any:
        place = f"datum.part + datum.error * {_BELL_ENDS} * (2 * datum.s / {_BELL_POINTS - 1} - 1)"
        z = f"({_BELL_ENDS} * (2 * datum.s / {_BELL_POINTS - 1} - 1))"
        return (
            alt.Chart(alt.NamedData("bells"))
            .transform_calculate(s=f"sequence(0, {_BELL_POINTS})")
            .transform_flatten(["s"])
            .transform_calculate(place=place, tall=f"datum.half * exp(-{z} * {z} / 2)")
            .transform_filter("datum.place >= 0 && datum.place <= 1")
            .transform_calculate(
                at=self.lane.at("place"), top="datum.y - datum.tall", bottom="datum.y + datum.tall"
            )
            .mark_area(line=False, aria=False)
            .encode(
                x=alt.X("at:Q", scale=None, axis=None),
                y=Y("top", height),
                y2="bottom:Q",
                detail="bell:N",
                fill=alt.Fill("colour:N", scale=None),
                opacity=alt.Opacity("shown:Q", scale=None),
            )
        )

    def _spans(self, height: float) -> Any:
        return (
            self._base("spans", "part", "part2")
            .mark_rule(strokeCap="round", aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                x2="at_part2:Q",
                y=Y("y", height),
                color=alt.Color("colour:N", scale=None),
                strokeWidth=alt.StrokeWidth("weight:Q", scale=None),
                opacity=alt.Opacity("shown:Q", scale=None),
            )
        )

    def _dots(self, height: float) -> Any:
        return (
            self._base("dots", "part")
            .mark_circle(aria=False)
            .encode(
                x=alt.X("at_part:Q", scale=None, axis=None),
                y=Y("y", height),
                color=alt.Color("colour:N", scale=None),
                size=alt.Size("size:Q", scale=None),
                opacity=alt.Opacity("shown:Q", scale=None),
            )
        )


def ident(*parts: object) -> str:
    """The id of a row, made of what it is about."""
    return json.dumps(list(parts), ensure_ascii=False)
