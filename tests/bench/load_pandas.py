"""pandas: its C reader, factorize, and a sort; `lent` gives it our sort of whole rows in 64-bit words."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from journey.events.order import sort_rows
from tests.bench.measure import report, timed


def main(file: Path, repeats: int, sort: str = "lexsort") -> None:
    data = file.read_bytes()

    def load() -> tuple[Any, ...]:
        # Without dtype="str", which would cost three times as much; these ids are no numbers anyway.
        frame = pd.read_csv(io.BytesIO(data), parse_dates=["time"])
        customer, ids = pd.factorize(frame["customer"], sort=True)
        event, names = pd.factorize(frame["event"], sort=True)
        time = frame["time"].to_numpy().astype("datetime64[us]").astype(np.int64)
        del frame
        if sort == "lent":
            ordered = sort_rows(customer, event, time, n_who=len(ids), n_what=len(names))
            return ids, names, np.cumsum(np.append(0, ordered.sizes)), ordered.what, ordered.when
        order = np.lexsort((event, time, customer))
        customer, event, time = customer[order], event[order].astype(np.uint8), time[order]
        begins = np.flatnonzero(customer[1:] != customer[:-1]) + 1
        return ids, names, np.concatenate([[0], begins, [len(customer)]]), event, time

    cpu, wall, (ids, _, _, event, time) = timed(load, repeats)
    places = range(0, len(event), max(1, len(event) // 7))
    checks = [int(time[at]) * 1_000 + int(event[at]) for at in places]
    report(cpu=cpu, wall=wall, rows=len(event), customers=len(ids), checks=checks, version=pd.__version__)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
