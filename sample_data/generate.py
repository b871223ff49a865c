"""Writes every file of this folder again, byte for byte: `python sample_data/generate.py`."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

import shop
import subscription
from plant import Plant

SEED = 20240630


def _csv(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def files(seed: int, plant: Plant) -> dict[str, bytes]:
    """All files by name. Korean ones begin with a byte order mark, so that Excel opens them."""
    tables = shop.tables(seed, plant)
    written = {f"{name}.csv": _csv(*table).encode("utf-8-sig") for name, table in tables.items()}
    header, rows = tables["shop_events"]
    quarter = [row for row in rows if row[0].strip()[1:].isdigit() and int(row[0].strip()[1:]) % 4 == 0]
    written["shop_events_cp949.csv"] = _csv(header, quarter).encode("cp949")
    for name, table in subscription.tables(seed, plant).items():
        written[f"{name}.csv"] = _csv(*table).encode("utf-8")
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--plant", default="all", help="all, none, or names of plant.py with commas")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, content in files(chosen.seed, Plant.parse(chosen.plant)).items():
        (chosen.out / name).write_bytes(content)


if __name__ == "__main__":
    main()
