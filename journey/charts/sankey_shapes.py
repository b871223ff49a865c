"""What is a Sankey picture made of? Boxes, ribbons, words, and the frame that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journey.charts.lettering import text_width

__all__ = ["ENDS", "MARGIN", "STARTS", "Frame", "Key", "Links", "Node", "Ribbon", "Sankey", "Word"]

# Stubs on the right side of a node from top to bottom, then stubs on its left side.
ENDS = ("more", "active", "exit")
STARTS = ("earlier", "start")

Key = tuple[int, str, str]  # step, kind, name
Links = Mapping[tuple[Key, Key], float]

MARGIN = 6.0


@dataclass(frozen=True)
class Node:
    """A box: `key` is (step, kind, name), `customers` its height."""

    key: Key
    customers: float
    x0: float
    x1: float
    y0: float
    y1: float


@dataclass(frozen=True)
class Ribbon:
    """A drawn link from (x0, y00..y01) to (x1, y10..y11); `row` is its row in the links table.

    `source` or `target` is None for a stub: nothing stands at that end. `end` is the kind of the stub.
    """

    row: int
    source: Key | None
    target: Key | None
    end: str
    customers: float
    x0: float
    x1: float
    y00: float
    y01: float
    y10: float
    y11: float


@dataclass(frozen=True)
class Word:
    """A text at a place: `x` is its left edge, or its right edge when aligned right, `y` its middle."""

    text: str
    role: str  # heading | name | number | end | legend | remark
    x: float
    y: float
    size: float
    align: str
    room: float  # the pixels it may take
    key: Key | None = None
    row: int | None = None
    short: str = ""  # what it says where the picture is shown too narrow for it

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        width = min(text_width(self.text, self.size), self.room)
        left = self.x if self.align == "left" else self.x - width
        return left, self.y - self.size * 0.6, left + width, self.y + self.size * 0.6


@dataclass(frozen=True)
class Sankey:
    """A laid-out picture. `keys` are the dots of the legend, which stands only where names have no room."""

    width: float
    height: float
    nodes: tuple[Node, ...] = ()
    ribbons: tuple[Ribbon, ...] = ()
    words: tuple[Word, ...] = ()
    keys: tuple[tuple[float, float, str, str], ...] = ()  # x, y, kind, name
    orders: tuple[tuple[Key, ...], ...] = field(default=())


@dataclass(frozen=True)
class Frame:
    """The sheet, and the cell of each step on it: `pitch` wide, of which a node takes `node_width`."""

    width: float
    height: float
    backward: bool
    steps: list[int]
    pitch: float
    node_width: float

    def left(self, step: int) -> float:
        """The left edge of the nodes of a step: at the left of their cell, or at its right when backward."""
        index = self.steps.index(step)
        if self.backward:
            right = self.width - MARGIN - (len(self.steps) - 1 - index) * self.pitch
            return right - self.node_width
        return MARGIN + index * self.pitch

    @property
    def gap(self) -> float:
        """The room between the nodes of two steps."""
        return self.pitch - self.node_width
