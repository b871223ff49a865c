"""What is in a gz or a zip? It is unpacked in memory, up to a limit, and never under a name from it."""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from journey.errors import ArchiveWrong, FileTooLarge, SettingWrong
from journey.sources.limits import Limits
from journey.sources.progress import tell
from journey.sources.single_names import SingleNames

__all__ = ["Archive", "gunzip", "is_document", "open_zip"]

_PIECE = 1 << 20
_FED = 1 << 16
_LOOKED_AT_PACKING = 64 * 2**20
_TABLES = ("csv", "tsv", "tab", "xlsx", "xlsm", "xls", "xlsb", "parquet", "jsonl", "ndjson", "json")
# Read after the others: a zip of tables often has a file of explanations.
_TEXTS = ("txt", "htm", "html")
_LOCKED = 0x1
_UTF8_NAME = 0x800
# What only a workbook or another document holds that is a zip itself.
_DOCUMENTS = ("[Content_Types].xml", "mimetype", "content.xml")
_FOLDERS = ("xl/", "word/", "ppt/", "docProps/", "_rels/", "META-INF/")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    OSError,
    UnicodeDecodeError,
)


def gunzip(data: bytes, limits: Limits) -> bytes:
    """All members of a gz, one after the other.

    Raises FileTooLarge as soon as more comes out than `limits` allow, ArchiveWrong where it is cut or
    damaged.
    """
    whole, place = io.BytesIO(), 0
    while place < len(data):
        stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while not stream.eof:
            # What the stream has not taken yet is a part of one small piece: it is copied each time.
            fresh = b"" if stream.unconsumed_tail else data[place : place + _FED]
            place += len(fresh)
            try:
                piece = stream.decompress(stream.unconsumed_tail or fresh, _PIECE)
            except zlib.error:
                raise ArchiveWrong(reason="damaged") from None
            whole.write(piece)
            _check(whole.tell(), len(data), limits)
            if not piece and not fresh and not stream.eof:
                raise ArchiveWrong(reason="damaged")
            tell("unpacking", place, len(data))
        place -= len(stream.unused_data)
        # Zeros after the end are the padding of a tape or a block.
        while data[place : place + 1] == b"\0":
            place += 1
    return whole.getvalue()


def _check(out: int, packed: int, limits: Limits) -> None:
    limits.check("unpacked", out)
    if out > _LOOKED_AT_PACKING and out > limits.packing * packed:
        raise FileTooLarge(what="unpacked", size=out, most=limits.packing * packed)


def is_document(data: bytes) -> bool:
    """Is this zip a workbook or another document, whose entries are its own affair?"""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename for entry in archive.infolist()}
    except (*_DAMAGED, NotImplementedError):
        # What begins as a workbook does is told as a damaged workbook.
        return data[30:60].startswith(tuple(name.encode() for name in (*_DOCUMENTS, *_FOLDERS)))
    return any(name in _DOCUMENTS or name.startswith(_FOLDERS) or name.endswith(".iwa") for name in names)


@dataclass(frozen=True)
class Archive:
    """A zip of files; `entries` are those that may be tables by their names, in the order to be tried."""

    data: bytes
    entries: Mapping[str, zipfile.ZipInfo]

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the entries, as they should be shown and are asked for."""
        return tuple(self.entries)

    def read(self, part: str, limits: Limits) -> bytes:
        """What the entry holds, whatever size the directory claims.

        SettingWrong where there is no such part, ArchiveWrong where it is locked or damaged, FileTooLarge as
        soon as more comes out than `limits` allow.
        """
        if part not in self.entries:
            raise SettingWrong(setting="part", value=part, allowed=", ".join(self.parts))
        entry = self.entries[part]
        if entry.flag_bits & _LOCKED:
            raise ArchiveWrong(reason="locked", name=part)
        limits.check("unpacked", entry.file_size)
        whole = io.BytesIO()
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive, archive.open(entry) as source:
                while piece := source.read(_PIECE):
                    whole.write(piece)
                    _check(whole.tell(), max(1, min(entry.compress_size, len(self.data))), limits)
                    tell("unpacking", whole.tell(), entry.file_size)
        except NotImplementedError:
            raise ArchiveWrong(reason="method", name=part) from None
        except (*_DAMAGED, RuntimeError):
            raise ArchiveWrong(reason="damaged", name=part) from None
        return whole.getvalue()


def open_zip(data: bytes, limits: Limits) -> Archive:
    """Look at the directory only.

    Raises ArchiveWrong where it is damaged, where all that it holds is locked or packed again, or where
    nothing in it has the name of a table; FileTooLarge for too many entries.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except NotImplementedError:
        raise ArchiveWrong(reason="method") from None
    except _DAMAGED:
        raise ArchiveWrong(reason="damaged") from None
    limits.check("parts", len(entries))
    found: dict[str, zipfile.ZipInfo] = {}
    # Two entries of one name are two parts.
    names, nested = SingleNames(form="{name} ({copy})", first=2), False
    for entry in entries:
        name = _shown(entry)
        nested = nested or name.lower().endswith((".zip", ".7z", ".rar"))
        if not entry.is_dir() and not _is_hidden(name) and _rank(name) is not None:
            found[names.of(name)] = entry
    if not found:
        raise ArchiveWrong(reason="nested" if nested else "empty")
    if all(entry.flag_bits & _LOCKED for entry in found.values()):
        raise ArchiveWrong(reason="locked", name=next(iter(found)))
    return Archive(data, dict(sorted(found.items(), key=lambda item: _rank(item[0]) or 0)))


def _rank(name: str) -> int | None:
    """0 for a table by its name, 1 for a text that may be one, None for anything else."""
    ending = name.lower().removesuffix(".gz").rsplit(".", 1)[-1]
    ending = ending.split(" (", 1)[0]
    return 0 if ending in _TABLES else 1 if ending in _TEXTS else None


def _shown(entry: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: Windows in Korean writes CP949, a Mac UTF-8, and neither says so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME and not name.isascii():
        for encoding in ("utf-8", "cp949"):
            try:
                name = name.encode("cp437").decode(encoding)
            except UnicodeError:
                continue
            break
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return unicodedata.normalize("NFC", name) or "?"


def _is_hidden(name: str) -> bool:
    steps = PurePosixPath(name.replace("\\", "/")).parts
    return any(step == "__MACOSX" or (step.startswith(".") and step.strip(".")) for step in steps)
