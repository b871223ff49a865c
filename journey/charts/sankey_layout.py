"""Where does every node, ribbon and word of a Sankey picture stand?

Pure geometry: tables and a size in, places in pixels out; y grows downwards. Columns are steps. A node is as
high as its customers. What ends at a node (exit, active, more) leaves it as a short stub of its own, below
the ribbons that go on, so that inflow = outflow + ends can be seen at each node; start and earlier mirror
that on the left side of a picture that leads into a stage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from journey.charts.canvas import rows_of
from journey.charts.lettering import fit
from journey.charts.sankey_orders import orders
from journey.charts.sankey_places import boxes, ribbons
from journey.charts.sankey_shapes import ENDS, MARGIN, STARTS, Frame, Key, Sankey, Word
from journey.charts.sankey_words import (
    LABEL_SIZE,
    SMALL_SIZE,
    clash,
    end_words,
    headings,
    legend_height,
    legend_words,
    name_words,
)

__all__ = ["sankey_layout"]

_MOST_PITCH = 400.0
_HEADING_ROOM = 24.0


def sankey_layout(
    links: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    width: float,
    height: float,
    caption: Callable[[str, str], str],
    amount: Callable[[float], str],
    heading: Callable[[int, float, int], str],
    end_caption: Callable[[str, float, float], str],
    direction: str = "forward",
    remark: str = "",
    in_order: bool = False,
) -> Sankey:
    """Lay out the links and nodes of a Flows answer on `width` x `height` pixels.

    `caption(kind, name)`, `amount(customers)`, `heading(step, customers, brevity)` (0 is in full, 2 shortest)
    and `end_caption(kind, customers, share)` are the words in the reader's language. No two words overlap: a
    word that has no room is shortened, and left out when not even that helps; where columns are too narrow
    for names at all, a legend stands at the foot. `in_order`: every column keeps the order of `position`, be
    there crossings.
    """
    nodes = nodes[nodes["customers"] > 0]
    if nodes.empty:
        return Sankey(width, height)
    backward = direction == "backward"
    steps = sorted(int(step) for step in nodes["step"].unique())
    pitch = min((width - 2 * MARGIN) / len(steps), _MOST_PITCH)
    frame = Frame(width, height, backward, steps, pitch, min(max(pitch * 0.1, 5.0), 16.0))

    given = nodes.sort_values(["step", "position", "kind", "name"], kind="stable")
    size = {(int(r.step), str(r.kind), str(r.name)): float(r.customers) for r in rows_of(given)}
    columns = [[key for key in size if key[0] == step] for step in steps]
    between: dict[tuple[Key, Key], float] = {}
    stubs: list[tuple[int, Key, str, float]] = []
    joins: list[tuple[int, Key, Key, float]] = []
    for row, r in enumerate(rows_of(links)):
        step, weight = int(r.step), float(r.customers)
        source, target = (
            (step, str(r.source_kind), str(r.source)),
            (step + 1, str(r.target_kind), str(r.target)),
        )
        if weight <= 0:
            continue
        if source[1] in STARTS:
            stubs.append((row, (step, target[1], target[2]), source[1], weight))
        elif target[1] in ENDS:
            stubs.append((row, source, target[1], weight))
        elif source in size and target in size:
            between[source, target] = between.get((source, target), 0.0) + weight
            joins.append((row, source, target, weight))
    columns = columns if in_order else orders(columns, between)

    names_fit = pitch >= 4.2 * LABEL_SIZE
    seen = given.sort_values(["position", "kind", "name"], kind="stable")[["kind", "name"]].drop_duplicates()
    pairs = list(seen.itertuples(index=False, name=None))
    legend = [] if names_fit else legend_words(pairs, caption, frame)
    foot = (legend_height(legend) if legend else 0.0) + (20.0 if remark else 0.0)
    bottom = height - foot - 2
    placed, labelled = boxes(columns, size, between, frame, top=_HEADING_ROOM, bottom=bottom, named=names_fit)
    drawn = ribbons(placed, joins, stubs, frame)
    words = [*headings(columns, size, heading, frame)]
    words += [
        word for key in placed if key in labelled for word in name_words(placed[key], caption, amount, frame)
    ]
    for word in end_words(drawn, size, end_caption, frame):
        if not any(clash(word, other) for other in words):
            words.append(word)
    keys: tuple[tuple[float, float, str, str], ...] = ()
    if legend:
        base = height - foot + 8
        words += [replace(word, y=word.y + base) for word, _, _ in legend]
        keys = tuple((word.x - 8, word.y + base, kind, name) for word, kind, name in legend)
    if remark:
        room = width - 2 * MARGIN
        text = fit(remark, SMALL_SIZE, room)
        words.append(Word(text, "remark", MARGIN, height - 9, SMALL_SIZE, "left", room))
    return Sankey(
        width,
        height,
        tuple(placed[key] for column in columns for key in column),
        tuple(drawn),
        tuple(word for word in words if word.text),
        keys,
        tuple(tuple(column) for column in columns),
    )
