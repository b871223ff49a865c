"""Retentioneering: rename events to stages, collapse loops, transition counts and ten steps.

Its stream is handed over sorted, with tied rows already in stage order, so it repairs no ties; it has neither reach
nor exits per stage, so it is not asked for them. Its steps are shares of paths: they are compared as such.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["RETENTIONEERING_NO_TRACK"] = "1"

import numpy as np
import pandas as pd
import retentioneering
from retentioneering.eventstream.eventstream import Eventstream

from tests.bench.data import EVENTS, STAGE_OF_EVENT, STAGES
from tests.bench.measure import report, timed
from tests.bench.peers import STEPS, prepared


def main(folder: Path, repeats: int) -> None:
    given = prepared(folder)
    stage = np.array(STAGE_OF_EVENT, dtype=np.uint8)[given.event]
    event = given.event.copy()
    within = np.lexsort((event[given.tied], stage[given.tied], given.tie))
    event[given.tied] = event[given.tied[within]]
    frame = pd.DataFrame(
        {
            "user_id": given.customer,
            "event": pd.Categorical.from_codes(event, categories=list(EVENTS)),
            "timestamp": given.second.astype("datetime64[s]").astype("datetime64[us]"),
        }
    )
    del given, stage, event
    stream = Eventstream(frame)
    del frame
    names = {event: STAGES[own] for event, own in zip(EVENTS, STAGE_OF_EVENT, strict=True)}

    def drag() -> tuple[Any, Any]:
        visits = stream.rename_events(names).collapse_events(loops=True)
        return visits.transition_graph_data("count"), visits.step_sankey_data(max_steps=STEPS)

    cpu, wall, (matrix, steps) = timed(drag, repeats)
    inside = matrix.reindex(index=STAGES, columns=STAGES).fillna(0)
    report(
        cpu=cpu,
        wall=wall,
        version=retentioneering.__version__ if hasattr(retentioneering, "__version__") else "",
        matrix=inside.to_numpy().astype(int).tolist(),
        steps=steps.reindex(STAGES).to_numpy(dtype=float).tolist(),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
