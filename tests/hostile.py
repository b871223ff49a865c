"""Files that harm a careless reader: small where they can be, made anew for each test."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

# What users name files and columns when they mean harm: each is to be shown as it stands.
MARKUP = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "![p](http://evil.invalid/p.png)",
    "[x](javascript:document.title='owned')",
    ":red[**굵게**] $x^2$ :material/delete: :smile: {event}",
    '=HYPERLINK("http://evil.invalid","=1+1")',
)

# The same for everything else that reads names: templates, attributes, scripts, and eyes.
NAMES = (
    *MARKUP,
    "</script><script>document.title='owned'</script>",
    "</title></td>--><svg onload=\"document.title='owned'\">",
    "\" onmouseover=\"document.title='owned'\" x='",
    "{{7*7}} ${7*7} {% raw %} #{이름} %(x)s {0}",
    "`code` **굵게** ~~x~~ <b>x</b> &lt;b&gt; &amp;",
    "a\u202egnp.exe\u202c b\u200bc\u2060d \u2028 e",
)


def zipped(parts: Mapping[str, bytes | str], level: int = 6) -> bytes:
    """A zip whose entries have these names, whatever they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def bare_workbook(sheet: str, strings: str = "") -> bytes:
    """A workbook of 1.5 kB whose only sheet holds these `<row>`s, and these shared strings."""
    namespace = "http://schemas.openxmlformats.org"
    main, office = f"{namespace}/spreadsheetml/2006/main", f"{namespace}/officeDocument/2006/relationships"
    packages, types = f"{namespace}/package/2006/relationships", f"{namespace}/package/2006/content-types"
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
    known = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{excel}.{kind}+xml"/>'
        for name, kind in named.items()
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/>{known}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{packages}"><Relationship Id="r1" '
            f'Target="xl/workbook.xml" Type="{office}/officeDocument"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}"><Relationship Id="r1" '
            f'Target="worksheets/sheet1.xml" Type="{office}/worksheet"/><Relationship Id="r2" '
            f'Target="sharedStrings.xml" Type="{office}/sharedStrings"/></Relationships>',
            "xl/sharedStrings.xml": strings or f'<sst xmlns="{main}"/>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
            "</worksheet>",
        }
    )


def far_cells() -> bytes:
    """1.7 kB: two cells at the ends of a sheet, for which some readers ask for 500 GB."""
    cell = '<row r="{0}"><c r="{1}{0}" t="inlineStr"><is><t>x</t></is></c></row>'
    return bare_workbook(cell.format(1, "A") + cell.format(1_048_576, "XFD"))


def unpacks_without_end() -> bytes:
    """A workbook of 300 kB that unpacks to 300 MB."""
    return bare_workbook("<row/>" * (50 << 20))


def billion_laughs() -> bytes:
    """A workbook whose only text would be three billion letters."""
    lines = ["<!ENTITY l0 'lol'>"]
    lines += [f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10)]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = f"<!DOCTYPE x [{''.join(lines)}]><sst xmlns='{main}'><si><t>&l9;</t></si></sst>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in (1, 2))
    return bare_workbook(rows, strings)


def endless_parquet() -> bytes:
    """Half a megabyte that says it holds 200 million rows, and does."""
    million = pa.table({"x": pa.array([0] * 1_000_000, pa.int8())})
    out = io.BytesIO()
    with pq.ParquetWriter(out, million.schema) as writer:
        for _ in range(200):
            writer.write_table(million, row_group_size=1_000_000)
    return out.getvalue()


def endless_gz() -> bytes:
    """3 MB of gz that unpack to 3 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, again = (packer.compress(b"0,0\n" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 767 + packer.flush()


def locked_workbook() -> bytes:
    """What Excel writes for a workbook with a password: an OLE file with the workbook in it, unreadable."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")


def program() -> bytes:
    """The beginning of a Windows program."""
    return b"MZ\x90\x00\x03\x00\x00\x00" + bytes(4096)


def climbing_zip() -> bytes:
    """A zip whose names lead out of any folder that it would be unpacked into."""
    table = "고객ID,이벤트,시각\n1,방문,2024-03-05\n2,구매,2024-03-06\n"
    return zipped({"../../../tmp/journey_climbed.csv": table, "/journey_absolute.csv": table})


def zip_in_zip() -> bytes:
    """A zip that holds nothing but a zip."""
    return zipped({"inner.zip": zipped({"a.csv": "a,b\n1,2\n"})})
