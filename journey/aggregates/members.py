"""Who exactly is behind a number that is drawn?"""

from __future__ import annotations

import numpy as np

from journey.aggregates.links import KINDS, Drawn, Picture, drawn
from journey.aggregates.visits import Visits

__all__ = ["code_of", "members"]

_BEGINNINGS = ("start", "earlier")


def code_of(view: Picture, kind: str, name: str) -> int | None:
    """The code of a drawn node, end or beginning; None when there is no node of that name."""
    if kind in KINDS:
        return len(view.nodes) + KINDS.index(kind)
    for code, own in enumerate(zip(view.nodes.kinds, view.nodes.names, strict=True)):
        if own == (kind, name):
            return code
    return None


def members(
    view: Picture,
    seen: Visits,
    folded: frozenset[tuple[int, int]],
    *,
    step: int,
    source: int,
    target: int | None = None,
) -> np.ndarray:
    """Positions of the customers of one drawn link, ascending; without `target`, of a whole node.

    `source` may then also be an end or a beginning: all who end or begin like that in that step. Codes as in
    `Links`; `folded` are the (step, node) that are drawn as *other*.
    """
    found = [np.zeros(0, dtype=np.int64)]
    for part in drawn(view, seen):
        sources, targets = _labels(view, folded, part)
        leaves = (sources == source) & (part.step == step)
        if target is not None:
            fits = leaves & (targets == target)
        elif source > len(view.nodes):
            fits = leaves | (targets == source) & (part.step == step)
        else:
            # Nobody arrives at the first column of a flow, and nobody leaves step 0 of a backward one.
            fits = leaves | (targets == source) & (part.arrival == step)
        found.append(part.customer[fits])
    return np.unique(np.concatenate(found))


def _labels(view: Picture, folded: frozenset[tuple[int, int]], part: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Source and target of each entry as they are drawn."""
    both: list[np.ndarray] = []
    for step, codes in ((part.step, part.source), (part.arrival, part.target)):
        label = np.arange(len(view.nodes) + len(KINDS))
        label[[node for at, node in folded if at == step]] = len(view.nodes)
        both.append(label.take(codes))
    return both[0], both[1]
