"""Make the data of one size: a saved log for the drag, or a file to be read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from journey.events.log import EventLog
from tests.bench import table
from tests.bench.data import EVENTS, free_text_ids, numbered_ids, rows

LARGE_COLUMNS, WIDE_COLUMNS = 20, 2_000


A_SESSION = 5


def save_log(folder: Path, n: int, tied: float, a_session: int = 1) -> None:
    made = rows(n, tied=tied, a_session=a_session)
    ids = pa.array(numbered_ids(int(made.customer.max()) + 1), pa.large_string())
    names = pa.array(EVENTS, pa.large_string())
    log = EventLog.from_codes(made.customer, ids, made.event, names, made.second * 1_000_000, zone="UTC")
    log.save(folder)


def write_csv(file: Path, n: int, ids: list[str]) -> None:
    made = rows(n, tied=0.005)
    stamps = pa.array(made.second.astype("datetime64[s]"))
    with csv.CSVWriter(
        file,
        pa.schema([(name, pa.string()) for name in ("customer", "event", "time")]),
        write_options=csv.WriteOptions(quoting_style="none"),
    ) as sink:
        for low in range(0, n, 1_000_000):
            part = slice(low, low + 1_000_000)
            sink.write(
                pa.table(
                    {
                        "customer": pa.array(ids).take(pa.array(made.customer[part])),
                        "event": pa.array(EVENTS).take(pa.array(made.event[part].astype(np.int8))),
                        "time": pc.strftime(stamps[part], "%Y-%m-%d %H:%M:%S"),
                    }
                )
            )


_FILES: dict[str, Callable[[Path, int], None]] = {
    "workbook": table.write_workbook,
    "table": table.write_csv,
    "personal": table.write_personal_csv,
    "large": lambda file, n: table.write_wide_csv(file, n, LARGE_COLUMNS),
    "wide": lambda file, n: table.write_wide_csv(file, n, WIDE_COLUMNS),
}


def main(kind: str, place: Path, n: int, tied: float) -> None:
    if kind in ("log", "sessions"):
        save_log(place, n, tied, A_SESSION if kind == "sessions" else 1)
    elif kind in _FILES:
        _FILES[kind](place, n)
    else:
        write_csv(place, n, (numbered_ids if kind == "numbered" else free_text_ids)(n // 10))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
