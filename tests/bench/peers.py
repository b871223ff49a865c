"""What every contender is given: the sorted, encoded arrays of a log and what is prepared once for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.data import STAGE_OF_EVENT, STAGES

__all__ = [
    "ACTIVE",
    "EXIT",
    "FUNNEL",
    "FUNNEL_DAYS",
    "GAP",
    "ROUTES",
    "STEPS",
    "WEEK",
    "Prepared",
    "answer",
    "first_monday",
    "masks",
    "prepared",
    "staged",
]

STEPS, ACTIVE, EXIT = 10, 14, 15
_SIDE = 16
# What the questions are asked: the first four stages within so many days, sessions by a gap in seconds, weeks
# in seconds, and how many routes.
FUNNEL, FUNNEL_DAYS, GAP, ROUTES, WEEK = 4, 7, 1800, 20, 7 * 86_400


@dataclass(frozen=True, eq=False)
class Prepared:
    """Columns of the log, one entry a row, sorted by customer, time and event.

    `begins` flags each customer's first row, `end` is EXIT or ACTIVE, constant within a customer. `tied` are
    the positions of rows that share customer and second, `tie` numbers their groups. `events_of` has one word
    a customer: bit i says that the customer has event i.
    """

    customer: np.ndarray
    event: np.ndarray
    second: np.ndarray
    begins: np.ndarray
    end: np.ndarray
    tied: np.ndarray
    tie: np.ndarray
    events_of: np.ndarray


def prepared(folder: Path) -> Prepared:
    """Read the arrays of a saved log and derive the rest from them, outside of every measured span."""
    offsets, event = np.load(folder / "offsets.npy"), np.load(folder / "event.npy")
    second = np.load(folder / "time.npy") // 1_000_000
    sizes = np.diff(offsets)
    begins = np.zeros(len(event), dtype=bool)
    begins[offsets[:-1]] = True
    same = (second[1:] == second[:-1]) & ~begins[1:]
    flags = np.zeros(len(event), dtype=bool)
    flags[1:], flags[:-1] = same, flags[:-1] | same
    flags[1:] |= same
    tied = np.flatnonzero(flags)
    joined = np.append(False, same)[tied]
    first, last = int(second.min()), int(second.max())
    near = last * 1_000_000 - min(30 * 86_400 * 1_000_000, (last - first) * 1_000_000 // 4)
    active = second[offsets[1:] - 1] * 1_000_000 >= near
    bits = np.left_shift(np.uint32(1), event.astype(np.uint32))
    return Prepared(
        customer=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        event=event,
        second=second,
        begins=begins,
        end=np.repeat(np.where(active, ACTIVE, EXIT).astype(np.uint8), sizes),
        tied=tied,
        tie=np.cumsum(~joined).astype(np.uint32),
        events_of=np.bitwise_or.reduceat(bits, offsets[:-1]),
    )


def masks() -> list[int]:
    """For each stage the bits of its events."""
    return [
        sum(1 << event for event, own in enumerate(STAGE_OF_EVENT) if own == stage)
        for stage in range(len(STAGES))
    ]


def answer(code: np.ndarray, count: np.ndarray, reach: list[int]) -> dict[str, list[int]]:
    """Counts by `step << 8 | from << 4 | to`, as the runner compares them."""
    links = np.zeros((STEPS + 1) * _SIDE * _SIDE, dtype=np.int64)
    links[code] = count
    exits = links.reshape(-1, _SIDE, _SIDE).sum(axis=0)[:, EXIT]
    return {"links": links.tolist(), "reach": list(reach), "exits": exits[: len(STAGES)].tolist()}


def staged(given: Prepared) -> np.ndarray:
    """The stage of each row, tied rows in the order of stages."""
    stage = np.array(STAGE_OF_EVENT, dtype=np.uint8)[given.event]
    own = stage[given.tied]
    stage[given.tied] = own[np.lexsort((own, given.tie))]
    return stage


def first_monday(given: Prepared) -> int:
    """The second at which the week of the first row begins, in UTC."""
    # 1970-01-01 was a Thursday.
    day = int(given.second.min()) // 86_400
    return (day - (day + 3) % 7) * 86_400
