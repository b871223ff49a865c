"""openpyxl: its fastest way, read-only and values only, or as pandas uses it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from tests.bench.measure import report, timed
from tests.bench.table import checks


def rows(file: Path) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(file, read_only=True)
    return list(book.active.iter_rows(min_row=2, values_only=True))


def frame(file: Path) -> pd.DataFrame:
    return pd.read_excel(file, engine="openpyxl")


def main(file: Path, repeats: int, way: str = "rows") -> None:
    cpu, wall, made = timed(lambda: {"rows": rows, "pandas": frame}[way](file), repeats)
    if isinstance(made, list):
        made = pd.DataFrame(made, columns=range(6))
    ids, _, times, amounts, _, numbers = (made.iloc[:, place] for place in range(6))
    seconds = times.to_numpy().astype("datetime64[s]").astype(np.int64)
    found = checks(ids.nunique(), seconds, amounts.to_numpy(), numbers.to_numpy())
    version = openpyxl.__version__ if way == "rows" else pd.__version__
    report(cpu=cpu, wall=wall, checks=found, version=version)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
