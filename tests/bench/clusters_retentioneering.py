"""Retentioneering's cluster analysis: counts of visits, k-means for 3 to 5, silhouettes of 2,000."""

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
from tests.bench.peers import prepared, staged


def main(folder: Path, repeats: int) -> None:
    given = prepared(folder)
    stage = staged(given)
    # It counts rows, so it is given one row a visit.
    begins = given.begins.copy()
    begins[1:] |= stage[1:] != stage[:-1]
    rows = np.flatnonzero(begins)
    stream = Eventstream(
        pd.DataFrame(
            {
                "user_id": given.customer[rows],
                "event": pd.Categorical.from_codes(stage[rows], categories=list(STAGES)),
                "timestamp": given.second[rows].astype("datetime64[s]").astype("datetime64[us]"),
            }
        )
    )
    features = [{"metric": "event_count", "metric_args": {"event": name}} for name in STAGES]

    def work() -> Any:
        return stream.cluster_analysis_data(
            features=features, method="kmeans", method_args={"n_clusters": [3, 4, 5]}, scaler="std"
        )

    cpu, wall, found = timed(work, repeats)
    visits = np.bincount(stage[rows], minlength=len(STAGES)).tolist()
    version = getattr(retentioneering, "__version__", "")
    told = [float(one) for one in found["silhouette"]["silhouette"]]
    report(cpu=cpu, wall=wall, version=version, visits=visits, silhouettes=told)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
