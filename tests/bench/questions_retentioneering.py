"""Retentioneering's funnel: it knows no window and no times, so it is asked for the counts only."""

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

from tests.bench.data import STAGES
from tests.bench.measure import report, timed
from tests.bench.peers import FUNNEL, prepared, staged


def main(folder: Path, repeats: int) -> None:
    given = prepared(folder)
    stream = Eventstream(
        pd.DataFrame(
            {
                "user_id": given.customer,
                "event": pd.Categorical.from_codes(staged(given), categories=list(STAGES)),
                "timestamp": given.second.astype("datetime64[s]").astype("datetime64[us]"),
            }
        )
    )
    del given

    def funnel() -> Any:
        return stream.funnel_data(steps=list(STAGES[:FUNNEL]))["steps"]

    cpu, wall, found = timed(funnel, repeats)
    version = getattr(retentioneering, "__version__", "")
    reached = np.array([step["unique_paths"] for step in found], dtype=int)
    report(cpu=cpu, wall=wall, version=version, endless=reached.tolist())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
