"""A table as a file: CSV that Excel opens in Korean, and XLSX, neither of which can run a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from journey.sources.formulas import inert, would_run

__all__ = ["to_csv", "to_xlsx"]

# What XML 1.0, and with it a workbook, cannot carry, and halves of characters, which no encoding can.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_MOST_CELL = 32_767
_MOST_ROWS = 1_048_576


def to_csv(frame: pd.DataFrame, *, bom: bool = True) -> bytes:
    """The table as UTF-8 CSV with a header. `bom` makes Excel read it as UTF-8.

    A text that a spreadsheet would run is led by an apostrophe; numbers stay numbers, negative ones too.
    Lists are joined with ' > ', missing values are empty.
    """
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow([inert(_clean(str(name))) for name in frame.columns])
    for row in _rows(frame):
        writer.writerow([inert(cell) if isinstance(cell, str) else _csv_cell(cell) for cell in row])
    return sheet.getvalue().encode("utf-8-sig" if bom else "utf-8")


def to_xlsx(sheets: Mapping[str, pd.DataFrame], *, percent: Collection[str] = ()) -> bytes:
    """The tables as one workbook, a sheet each, with a frozen bold header.

    Every text cell is stored as text, so nothing in it can become a formula and it comes back as it was.
    Numbers of the columns `percent` are shown as percent with one digit.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    taken = {"history"}  # Excel keeps this name to itself
    for wished, frame in sheets.items():
        sheet = book.create_sheet(_sheet_name(wished, taken))
        sheet.freeze_panes = "A2"
        for position, width in enumerate(_widths(frame), start=1):
            sheet.column_dimensions[get_column_letter(position)].width = width

        def text_cell(value: str, sheet: Any = sheet, *, bold: bool = False) -> Any:
            cell = WriteOnlyCell(sheet, value=value[:_MOST_CELL])
            cell.data_type = "s"
            # Not even after somebody went into the cell and left it again.
            cell.quotePrefix = would_run(value)
            if bold:
                cell.font = Font(bold=True)
            return cell

        def number_cell(value: Any, sheet: Any = sheet) -> Any:
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "0.0%"
            return cell

        shares = [name in percent for name in frame.columns]
        sheet.append([text_cell(_clean(str(name)), bold=True) for name in frame.columns])
        for row in _rows(frame.head(_MOST_ROWS - 1)):
            sheet.append(
                [
                    text_cell(cell) if isinstance(cell, str) else number_cell(cell) if is_share else cell
                    for cell, is_share in zip(row, shares, strict=True)
                ]
            )
    if not sheets:
        book.create_sheet("Sheet1")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(frame: pd.DataFrame) -> Any:
    """Rows of plain Python cells: text is clean, missing is None."""
    columns = [[_plain(value) for value in frame.iloc[:, position]] for position in range(frame.shape[1])]
    return zip(*columns, strict=True)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list | tuple | np.ndarray):
        return _clean(" > ".join(str(item) for item in value))
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        # A workbook keeps numbers as doubles; a longer one, such as an id, would lose its last digits.
        return int(value) if abs(int(value)) < 2**53 else str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return None if number != number or abs(number) == float("inf") else number
    if isinstance(value, pd.Timestamp | dt.datetime):
        # A spreadsheet has no time zones: the wall time stays.
        moment = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
        return moment.replace(tzinfo=None)
    if isinstance(value, dt.date | dt.time):
        return value
    return _clean(str(value))


def _csv_cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return "" if value is None else value


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)


def _sheet_name(wished: str, taken: set[str]) -> str:
    """A name that Excel allows: at most 31 characters, none of []:*?/\\, no quote at its ends, unused."""
    base = _SHEET_NAME.sub(" ", _clean(wished)).strip().strip("'")[:31] or "Sheet"
    name, number = base, 2
    while name.casefold() in taken:
        tail = f" {number}"
        name, number = base[: 31 - len(tail)] + tail, number + 1
    taken.add(name.casefold())
    return name


def _widths(frame: pd.DataFrame) -> list[float]:
    """Column widths in characters from the header and the first rows; Hangul counts double."""

    def wide(value: Any) -> int:
        return sum(2 if ord(char) >= 0x1100 else 1 for char in str(value)[:60])

    return [
        float(min(max([wide(name), *(wide(value) for value in frame.iloc[:200, position])]) + 2, 48))
        for position, name in enumerate(frame.columns)
    ]
