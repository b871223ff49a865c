"""Which words stand in a Sankey picture, and where is there room for them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from journey.charts.lettering import fit, text_width
from journey.charts.sankey_shapes import MARGIN, Frame, Key, Node, Ribbon, Word

__all__ = [
    "LABEL_SIZE",
    "SMALL_SIZE",
    "clash",
    "end_words",
    "headings",
    "legend_height",
    "legend_words",
    "name_words",
]

LABEL_SIZE = 12.0
SMALL_SIZE = 11.0


def headings(
    columns: list[list[Key]],
    size: Mapping[Key, float],
    heading: Callable[[int, float, int], str],
    frame: Frame,
) -> list[Word]:
    """One line above each column, all of them in the longest form in which every one fits."""
    room = frame.pitch - 8
    totals = [(column[0][0], sum(size[key] for key in column)) for column in columns]
    texts: list[str] = []
    for brevity in range(3):
        texts = [heading(step, total, brevity) for step, total in totals]
        if all(text_width(text, SMALL_SIZE) <= room for text in texts):
            break
    words = []
    for (step, total), text in zip(totals, texts, strict=True):
        x, align = _anchor(frame, step)
        text, short = fit(text, SMALL_SIZE, room), heading(step, total, 2)
        words.append(Word(text, "heading", x, 9, SMALL_SIZE, align, room, short=short))
    return words


def _anchor(frame: Frame, step: int) -> tuple[float, str]:
    left = frame.left(step)
    return (left + frame.node_width, "right") if frame.backward else (left, "left")


def name_words(
    node: Node, caption: Callable[[str, str], str], amount: Callable[[float], str], frame: Frame
) -> list[Word]:
    """The name above a node; its number behind the name, else beside the node, else in the tooltip only."""
    room = frame.pitch - 8
    name, number = caption(node.key[1], node.key[2]), amount(node.customers)
    x, align = _anchor(frame, node.key[0])
    above = Word("", "name", x, node.y0 - 8.5, LABEL_SIZE, align, room, key=node.key)
    if text_width(f"{name}  {number}", LABEL_SIZE) <= room:
        return [replace(above, text=f"{name}  {number}", short=name)]
    found = [replace(above, text=fit(name, LABEL_SIZE, room), short=name)]
    if node.y1 - node.y0 >= SMALL_SIZE * 1.35 and text_width(number, SMALL_SIZE) <= frame.gap - 10:
        side = node.x0 - 5 if frame.backward else node.x1 + 5
        y = node.y0 + SMALL_SIZE * 0.7
        found.append(Word(number, "number", side, y, SMALL_SIZE, align, frame.gap - 10, key=node.key))
    return found


def clash(one: Word, other: Word) -> bool:
    """Do the boxes of two words overlap?"""
    left, top, right, bottom = one.box
    left2, top2, right2, bottom2 = other.box
    return left < right2 and left2 < right and top < bottom2 and top2 < bottom


def end_words(
    ribbons: Sequence[Ribbon],
    size: Mapping[Key, float],
    end_caption: Callable[[str, float, float], str],
    frame: Frame,
) -> list[Word]:
    """What a stub is and its share of the node, inside the stub where it is thick and long enough."""
    words = []
    for ribbon in ribbons:
        key = ribbon.source if ribbon.target is None else ribbon.target if ribbon.source is None else None
        if key is None:
            continue
        at_left = ribbon.source is None
        low, high = (ribbon.y10, ribbon.y11) if at_left else (ribbon.y00, ribbon.y01)
        if high - low < SMALL_SIZE * 1.35:
            continue
        room = frame.gap * 0.75
        text = end_caption(ribbon.end, ribbon.customers, ribbon.customers / size[key])
        if text_width(text, SMALL_SIZE) > room:
            continue
        x = ribbon.x1 - 6 if at_left else ribbon.x0 + 6
        # An exit sinks towards its lower edge, so its words stand low.
        sunk = ribbon.end in ("exit", "start")
        y = max((low + high) / 2, high - SMALL_SIZE * 1.1) if sunk else (low + high) / 2
        y = min(y, high - SMALL_SIZE * 0.65)
        words.append(
            Word(text, "end", x, y, SMALL_SIZE, "right" if at_left else "left", room, key=key, row=ribbon.row)
        )
    return words


def legend_words(
    pairs: Sequence[tuple[str, str]], caption: Callable[[str, str], str], frame: Frame
) -> list[tuple[Word, str, str]]:
    """Names of (kind, name) pairs with room for a coloured dot before each, in lines that wrap."""
    x, y, items = MARGIN + 8, 0.0, []
    for kind, name in pairs:
        text = fit(caption(kind, name), SMALL_SIZE, frame.width - 2 * MARGIN - 20)
        wide = text_width(text, SMALL_SIZE)
        if x > MARGIN + 8 and x + wide > frame.width - MARGIN:
            x, y = MARGIN + 8, y + 16.0
        items.append((Word(text, "legend", x, y, SMALL_SIZE, "left", wide + 4), kind, name))
        x += wide + 22
    return items


def legend_height(legend: Sequence[tuple[Word, str, str]]) -> float:
    """How much of the foot of the sheet its lines take."""
    return legend[-1][0].y + 16.0 + 4.0 if legend else 0.0
