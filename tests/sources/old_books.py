"""Writers of workbooks that nobody writes any more, by their documented records: .xls, .xlsb and .ods."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Sequence[Any]]

DAY_FORMAT = 14


class Day(float):
    """A number that is shown as a date."""


# ---- .xls: BIFF8 records ([MS-XLS]) in a compound file ([MS-CFB]) -----------------------------------------


def xls(sheets: Mapping[str, Rows], *, hidden: Sequence[str] = (), since_1904=False, password=False) -> bytes:
    bodies = [_xls_sheet(rows) for rows in sheets.values()]
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    if password:
        begin += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))
    begin += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", since_1904))
    for format_ in (0, DAY_FORMAT):
        begin += _record(0x00E0, struct.pack("<HH", 0, format_) + bytes(16))
    names = [_short(name) for name in sheets]
    place = len(begin) + sum(4 + 6 + len(name) for name in names) + 4
    for (title, name), body in zip(zip(sheets, names, strict=True), bodies, strict=True):
        begin += _record(0x0085, struct.pack("<IBB", place, title in hidden, 0) + name)
        place += len(body)
    return compound("Workbook", begin + _record(0x000A, b"") + b"".join(bodies))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _short(text: str) -> bytes:
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")


def _xls_sheet(rows: Rows) -> bytes:
    width = max(map(len, rows), default=0)
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    out += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            at = struct.pack("<HHH", y, x, isinstance(cell, Day))
            if isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                out += _record(0x0204, at + text)
            elif isinstance(cell, bool):
                out += _record(0x0205, at + struct.pack("<BB", cell, 0))
            elif isinstance(cell, ReferenceError):
                out += _record(0x0205, at + struct.pack("<BB", 0x17, 1))
            elif cell is not None:
                out += _record(0x0203, at + struct.pack("<d", cell))
    return out + _record(0x000A, b"")


def compound(name: str, stream: bytes) -> bytes:
    """A compound file of one stream, in sectors of 512 bytes."""
    stream += bytes(max(0, 4096 - len(stream)))
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512
    fats = 1
    while fats * 128 < fats + 1 + sectors:
        fats += 1
    chain = [0xFFFFFFFD] * fats + [0xFFFFFFFE]
    chain += [fats + 2 + i for i in range(sectors - 1)] + [0xFFFFFFFE]
    chain += [0xFFFFFFFF] * (fats * 128 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *range(fats), *[0xFFFFFFFF] * (109 - fats))
    root = _entry("Root Entry", 5, child=1, start=0xFFFFFFFE, size=0)
    directory = root + _entry(name, 2, child=0xFFFFFFFF, start=fats + 1, size=len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    said = name.encode("utf-16-le") + b"\0\0"
    entry = said.ljust(64, b"\0") + struct.pack("<HBB", len(said), kind, 1)
    entry += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)
    return entry


# ---- .xlsb: binary records ([MS-XLSB]) in a zip -----------------------------------------------------------


def xlsb(sheets: Mapping[str, Rows], *, hidden: Sequence[str] = ()) -> bytes:
    book = _brt(131) + _brt(143)
    links = ""
    for i, name in enumerate(sheets, start=1):
        book += _brt(156, struct.pack("<II", name in hidden, i) + _wide(f"rId{i}") + _wide(name))
        links += (
            f'<Relationship Id="rId{i}" Target="worksheets/sheet{i}.bin" Type="http://schemas.openxmlformats.org'
            '/officeDocument/2006/relationships/worksheet"/>'
        )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/workbook.bin": book + _brt(144) + _brt(157, bytes(26)) + _brt(132),
        "xl/_rels/workbook.bin.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{links}</Relationships>"
        ),
    }
    for i, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{i}.bin"] = _xlsb_sheet(rows)
    return zipped(parts)


def _xlsb_sheet(rows: Rows) -> bytes:
    width = max(map(len, rows), default=0)
    out = _brt(129) + _brt(148, struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(0, width - 1)))
    out += _brt(145)
    for y, row in enumerate(rows):
        out += _brt(0, struct.pack("<IIHBBBI", y, 0, 300, 0, 0, 0, 0))
        for x, cell in enumerate(row):
            at = struct.pack("<II", x, 0)
            if isinstance(cell, str):
                out += _brt(6, at + _wide(cell))
            elif cell is not None:
                out += _brt(5, at + struct.pack("<d", cell))
    return out + _brt(146) + _brt(130)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _brt(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(data)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + data


# ---- .ods -------------------------------------------------------------------------------------------------


def ods(sheets: Mapping[str, Rows]) -> bytes:
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        tables += f'<table:table table:name="{name}">{lines}</table:table>'
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0" '
        f'xmlns:text="{office}text:1.0"><office:body><office:spreadsheet>{tables}</office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{office}manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
