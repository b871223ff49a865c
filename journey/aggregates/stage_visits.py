"""How often, and how long, was each customer in each stage?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journey.aggregates.visits import StageBlock, stage_blocks
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["median_times", "stage_visits"]


def stage_visits(log: EventLog, stages: StageMap) -> np.ndarray:
    """By customer and stage its visits; of parts with disjoint customers one after the other."""
    n = len(stages.stages)
    counts = np.zeros((log.n_customers, n), dtype=np.int32)
    for block in stage_blocks(log, stages):
        keys = (_customer(block) - block.low) * n + block.stage
        counts[block.low : block.high] = np.bincount(keys, minlength=(block.high - block.low) * n).reshape(
            -1, n
        )
    return counts


def median_times(log: EventLog, stages: StageMap, wanted: Sequence[int]) -> np.ndarray:
    """By customer and wanted stage (by position) the median seconds of its visits there; NaN without any.

    From the first row of a visit to that of the next one; last visits have no next one and are left out. The
    median is that of nearest rank: the ceil(n / 2)-th smallest.
    """
    place = np.full(len(stages.stages), -1)
    place[list(wanted)] = np.arange(len(wanted))
    found = np.full((log.n_customers, len(wanted)), np.nan)
    times = np.asarray(log.time)
    for block in stage_blocks(log, stages):
        goes_on = np.flatnonzero(~np.append(block.begins[1:], True))
        spans = np.diff(times.take(block.row)).take(goes_on)
        at = place.take(block.stage.take(goes_on))
        own = np.flatnonzero(at >= 0)
        # Of the block alone, so that the numbers stay small.
        cells = (_customer(block).take(goes_on.take(own)) - block.low) * len(wanted) + at.take(own)
        cells, spans = _sorted(cells, spans.take(own))
        begins = np.flatnonzero(np.diff(cells, prepend=-1))
        sizes = np.diff(begins, append=len(cells))
        found[block.low : block.high].ravel()[cells.take(begins)] = (
            spans.take(begins + (sizes - 1) // 2) / 1e6
        )
    return found


def _sorted(cells: np.ndarray, spans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both by cell, then span; as one number each where two fit into it."""
    bits = int(spans.max(initial=0)).bit_length()
    if bits + int(cells.max(initial=0)).bit_length() > 63:
        inorder = np.lexsort((spans, cells))
        return cells.take(inorder), spans.take(inorder)
    keys = (cells << bits) | spans
    keys.sort()
    return keys >> bits, keys & (1 << bits) - 1


def _customer(block: StageBlock) -> np.ndarray:
    """The customer's position of each visit."""
    return block.present.take(np.cumsum(block.begins) - 1)
