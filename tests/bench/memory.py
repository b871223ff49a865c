"""How much memory does an opened log take, every page of it read?"""

from __future__ import annotations

import sys
from pathlib import Path

from journey.aggregates.steps import steps
from journey.events.log import EventLog
from tests.bench.drag_ours import STEPS, stage_map
from tests.bench.measure import report, resident_mb


def main(folder: Path) -> None:
    before, _ = resident_mb()
    log = EventLog.open(folder)
    # Reading every column brings every page of the mapped files in; a drag makes what is kept for drags.
    total = sum(
        int(column[:: 4096 // column.itemsize].sum()) for column in (log.offsets, log.event, log.time)
    )
    steps(log, stage_map(), steps=STEPS)
    texts = log.customer_ids.nbytes
    made = [log.start, log.tied, log.tie_groups, log.last_time, log.event_sets]
    arrays = [log.offsets, log.event, log.time, *(column for column in made if column is not None)]
    after, _ = resident_mb()
    report(
        before_mb=before,
        grown_mb=after - before,
        arrays_mb=(texts + sum(column.nbytes for column in arrays)) / 1e6,
        total=total,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
