"""Who exactly is behind a number that is drawn?"""

from __future__ import annotations

import numpy as np

from journey.aggregates.drawn import KINDS, Drawn, drawn
from journey.aggregates.links import fold, links
from journey.aggregates.nodes import NAMED
from journey.aggregates.picture import Picture
from journey.aggregates.visits import Visits
from journey.errors import SettingWrong

__all__ = ["code_of", "members", "of_mark"]

_KINDS = (*NAMED, "missing", *KINDS)


def of_mark(
    view: Picture,
    *,
    step: int,
    source: str,
    source_kind: str = "stage",
    target: str | None = None,
    target_kind: str | None = None,
) -> np.ndarray:
    """Positions of the customers of a drawn link or node, by the names and kinds of the flow's tables.

    A target without a kind is a stage; without both, all at the source. A node that is not there any more has
    nobody. Raises SettingWrong for kinds that there are not.
    """
    if target is not None and target_kind is None:
        target_kind = "stage"
    for setting, kind in (("source_kind", source_kind), ("target_kind", target_kind)):
        if kind is not None and kind not in _KINDS:
            raise SettingWrong(setting=setting, value=kind, allowed=list(_KINDS))
    folded: frozenset[tuple[int, int]] = frozenset()
    if view.min_customers or view.most is not None:
        folded = fold(links(view), view).folded
    from_ = code_of(view, source_kind, source)
    to = None if target_kind is None else code_of(view, target_kind, target or "")
    if from_ is None or (target_kind is not None and to is None):
        return np.zeros(0, dtype=np.int64)
    return members(view, view.seen, folded, step=step, source=from_, target=to)


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
            # Nobody arrives at the first column of a flow, and nobody leaves step 0 where journeys end there.
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
