"""pyarrow: its bare CSV reader and its sort; `lexsort` sorts with NumPy by the codes of texts instead.

All six columns are read, and those that a log keeps are sorted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tests.bench.data import EVENTS
from tests.bench.measure import report, timed
from tests.bench.table import ROLES

KEPT = [name for names in ROLES.values() for name in names]
ORDER = ("customer_id", "time", "event")


def by_arrow(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in ORDER])


def by_codes(table: pa.Table) -> pa.Table:
    keys = [table.column("time").cast(pa.int64()).to_numpy()]
    for name in ("event", "customer_id"):
        coded = table.column(name).combine_chunks().dictionary_encode()
        rank = np.empty(len(coded.dictionary), dtype=np.int32)
        rank[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(rank))
        keys.append(rank[coded.indices.to_numpy()])
    time, event, customer = keys
    return table.take(pa.array(np.lexsort((event, time, customer))))


def main(file: Path, repeats: int, way: str = "sort_by") -> None:
    ordered = {"sort_by": by_arrow, "lexsort": by_codes}[way]
    cpu, wall, table = timed(lambda: ordered(csv.read_csv(file).select(KEPT)), repeats)
    places = range(0, table.num_rows, max(1, table.num_rows // 7))
    codes = {name: code for code, name in enumerate(sorted(EVENTS))}
    times = table.column("time").cast(pa.timestamp("us")).cast(pa.int64())
    names = table.column("event")
    checks = [times[at].as_py() * 1_000 + codes[names[at].as_py()] for at in places]
    customers = pc.count_distinct(table.column("customer_id")).as_py()
    report(
        cpu=cpu,
        wall=wall,
        rows=table.num_rows,
        customers=customers,
        checks=checks,
        version=pa.__version__,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
