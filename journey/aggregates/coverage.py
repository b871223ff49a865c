"""How much of the log do the stages see, and what must be said about the rest?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.aggregates.exposed import EXPOSED
from journey.aggregates.visits import active
from journey.events.log import EventLog
from journey.findings import Finding
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap

__all__ = ["Coverage", "coverage", "coverage_notes"]


@dataclass(frozen=True)
class Coverage:
    """Rows of a log: all, of unmapped events, of ignored ones, and those tied (same customer and time)."""

    rows: int = 0
    unmapped: int = 0
    ignored: int = 0
    tied: int = 0
    unmapped_events: frozenset[str] = frozenset()

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.rows + other.rows,
            self.unmapped + other.unmapped,
            self.ignored + other.ignored,
            self.tied + other.tied,
            self.unmapped_events | other.unmapped_events,
        )


def coverage(log: EventLog, stages: StageMap) -> Coverage:
    """Count the rows that the stages do not see, and the tied ones; events without rows are left out."""
    codes, rows = stages.codes(log.event_names), log.event_rows
    # A row that only says that somebody was exposed is in no file.
    rows = np.where([name == EXPOSED for name in log.event_names], 0, rows)
    waiting = np.flatnonzero((codes == UNMAPPED) & (rows > 0))
    return Coverage(
        rows=int(rows.sum()),
        unmapped=int(rows[waiting].sum()),
        ignored=int(rows[codes == IGNORED].sum()),
        tied=len(log.tied),
        unmapped_events=frozenset(log.event_names[code] for code in waiting),
    )


def coverage_notes(
    log: EventLog,
    stages: StageMap,
    *,
    n_customers: int,
    n_visitors: int,
    unit: str = "customer",
    within: int | None = None,
) -> tuple[Finding, ...]:
    """What limits every count of journeys: the unit, cut history, rows outside the stages, no visit, ties.

    `within` (microseconds) is for figures that count exits: who is still active has none.
    """
    seen = coverage(log, stages)
    notes: list[Finding] = []
    if unit == "session":
        notes.append(Finding("notes.unit_session"))
    if log.period:
        first, last = log.days()
        notes.append(Finding("notes.period", {"first": first, "last": last}))
    if within is not None and (still := int(np.count_nonzero(active(log, within)))):
        start, end = log.observed
        values = {"customers": still, "seconds": min(within, (end - start) // 4) / 1e6}
        notes.append(Finding(f"notes.active_{unit}", values))
    if seen.unmapped:
        values = {
            "rows": seen.unmapped,
            "share": seen.unmapped / seen.rows,
            "events": len(seen.unmapped_events),
        }
        notes.append(Finding("notes.unmapped", values))
    if seen.ignored:
        notes.append(Finding("notes.ignored", {"rows": seen.ignored, "share": seen.ignored / seen.rows}))
    if n_customers > n_visitors:
        without = n_customers - n_visitors
        values = {"customers": without, "share": without / n_customers}
        notes.append(Finding(f"notes.no_visit_{unit}", values))
    if seen.tied:
        notes.append(Finding("notes.tied", {"rows": seen.tied, "share": seen.tied / seen.rows}))
    return tuple(notes)
