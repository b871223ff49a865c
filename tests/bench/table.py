"""A table of six columns as a shop exports it, in the same rows as CSV and as a workbook like Excel's."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tests.bench.data import EVENTS, numbered_ids, rows

__all__ = [
    "COLUMNS",
    "ROLES",
    "TIMES",
    "checks",
    "checks_of_texts",
    "table",
    "write_csv",
    "write_personal_csv",
    "write_wide_csv",
    "write_workbook",
]

COLUMNS = ("customer_id", "event", "time", "amount", "channel", "number")
# Which column plays which role, as the Data page guesses it.
ROLES = {
    "customer": ("customer_id",),
    "event": ("event",),
    "time": ("time",),
    "amount": ("amount",),
    "attributes": ("channel",),
}
# The columns of times in the table of many columns.
TIMES = ("time", "signed_up")
CHANNELS = ("검색광고", "SNS", "이메일", "제휴", "직접 방문", "푸시")
_EPOCH_IN_EXCEL = 25_569  # days from 1899-12-30 to 1970-01-01
_PART = 100_000

_OPEN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def table(n: int, seed: int = 5) -> pa.Table:
    """`n` rows of n/10 customers: texts, times in whole seconds, amounts of two places, whole numbers."""
    made, draw = rows(n, tied=0.005), np.random.default_rng(seed)
    ids = pa.array(numbered_ids(int(made.customer.max()) + 1))
    return pa.table(
        [
            pa.DictionaryArray.from_arrays(made.customer, ids),
            pa.DictionaryArray.from_arrays(made.event.astype(np.int32), pa.array(EVENTS)),
            pa.array(made.second.astype("datetime64[s]")),
            pa.array(np.round(draw.lognormal(9, 1, n), 2)),
            pa.DictionaryArray.from_arrays(
                draw.integers(0, len(CHANNELS), n).astype(np.int32), pa.array(CHANNELS)
            ),
            pa.array(10_000_000 + draw.permutation(n)),
        ],
        names=list(COLUMNS),
    )


def checks(customers: int, seconds: np.ndarray, amounts: np.ndarray, numbers: np.ndarray) -> list[int]:
    """Sums that only the same table has, whatever the order of its rows."""
    cents = np.round(np.asarray(amounts, dtype=float) * 100).astype(np.int64)
    places = np.asarray(numbers, dtype=np.int64)
    return [len(cents), customers, int(np.sum(seconds)), int(cents.sum()), int((cents * (places % 97)).sum())]


def checks_of_texts(frame: pd.DataFrame) -> list[int]:
    """The same from a table of text."""
    times = pd.to_datetime(frame["time"]).to_numpy().astype("datetime64[s]").astype(np.int64)
    amounts, numbers = (frame[name].astype(float).to_numpy() for name in ("amount", "number"))
    return checks(frame["customer_id"].nunique(), times, amounts, numbers)


def write_csv(file: Path, n: int) -> None:
    """The six columns."""
    _write(file, dict(zip(COLUMNS, map(_words, table(n).columns), strict=True)))


def write_personal_csv(file: Path, n: int) -> None:
    """With three more that cost most to look through: e-mail addresses, phones and times in milliseconds."""
    made = table(n)
    texts = dict(zip(COLUMNS, map(_words, made.columns), strict=True))
    number = made.column("number").to_numpy()
    texts["email"] = pc.binary_join_element_wise("mail", texts["number"], "@example.com", "")
    digits = pc.utf8_lpad(pa.array(number * 7 % 100_000_000).cast(pa.string()), 8, "0")
    halves = [pc.utf8_slice_codeunits(digits, low, low + 4) for low in (0, 4)]
    texts["phone"] = pc.binary_join_element_wise("010", *halves, "-")
    seconds = made.column("time").cast(pa.int64()).to_numpy()
    texts["created_ms"] = pa.array(seconds * 1_000 + number % 1_000).cast(pa.string())
    _write(file, texts)


def write_wide_csv(file: Path, n: int, columns: int) -> None:
    """With another time and further columns of few and of many values."""
    made, draw = table(n), np.random.default_rng(6)
    texts = dict(zip(COLUMNS, map(_words, made.columns), strict=True))
    texts[TIMES[1]] = texts[TIMES[0]].take(pa.array(draw.permutation(n)))
    pools = [pa.array([f"v{number}" for number in range(10**size)]) for size in (1, 2, 3, 4)]
    for place in range(len(texts), columns):
        pool = pools[place % len(pools)]
        texts[f"detail_{place}"] = pool.take(pa.array(draw.integers(0, len(pool), n)))
    _write(file, texts)


def _write(file: Path, texts: Mapping[str, pa.ChunkedArray]) -> None:
    options = csv.WriteOptions(quoting_style="none", quoting_header="none")
    csv.write_csv(pa.table(dict(texts)), file, options)


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, "%Y-%m-%d %H:%M:%S")
    return column.cast(pa.string())


def write_workbook(file: Path, n: int) -> None:
    """One sheet with its texts in the table of shared strings, each once, as Excel writes it."""
    made = table(n)
    strings: list[str] = [*COLUMNS]
    cells: list[pa.Array] = []
    for name, column in zip(COLUMNS, made.columns, strict=True):
        whole = column.combine_chunks()
        if pa.types.is_dictionary(whole.type):
            cells.append(pc.add(whole.indices.cast(pa.int64()), len(strings)).cast(pa.string()))
            strings += whole.dictionary.to_pylist()
        elif name == "time":
            days = whole.cast(pa.int64()).to_numpy() / 86_400 + _EPOCH_IN_EXCEL
            cells.append(pa.array(days).cast(pa.string()))
        else:
            cells.append(whole.cast(pa.string()))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for part, text in _PARTS.items():
            archive.writestr(part, _OPEN + text)
        with archive.open("xl/sharedStrings.xml", "w") as sink:
            uses = n * sum(pa.types.is_dictionary(column.type) for column in made.columns) + len(COLUMNS)
            head = f'<sst xmlns="{_MAIN}" count="{uses}" uniqueCount="{len(strings)}">'
            sink.write((_OPEN + head).encode())
            sink.write("".join(f"<si><t>{text}</t></si>" for text in strings).encode())
            sink.write(b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sink:
            head = f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:F{n + 1}"/><sheetData>'
            names = "".join(f'<c r="{"ABCDEF"[i]}1" t="s"><v>{i}</v></c>' for i in range(len(COLUMNS)))
            sink.write(f'{_OPEN}{head}<row r="1" spans="1:6">{names}</row>'.encode())
            for part in _rows(cells, n):
                sink.write(part)
            sink.write(b"</sheetData></worksheet>")


def _rows(cells: list[pa.Array], n: int) -> Iterator[bytes]:
    """The rows of the sheet as XML, a part at a time; the third column has the style of a date."""
    kinds = (' t="s"', ' t="s"', ' s="1"', "", ' t="s"', "")
    for low in range(0, n, _PART):
        size = min(_PART, n - low)
        number = pa.array(np.arange(low + 2, low + 2 + size)).cast(pa.string())
        pieces: list[object] = ['<row r="', number, '" spans="1:6">']
        for letter, kind, column in zip("ABCDEF", kinds, cells, strict=True):
            pieces += [f'<c r="{letter}', number, f'"{kind}><v>', column.slice(low, size), "</v></c>"]
        lines = pc.binary_join_element_wise(*pieces, "</row>", "")
        yield "".join(lines.to_pylist()).encode()
