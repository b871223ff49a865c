"""The files that were named: each read by a process of its own, understood, and cleaned as in the app."""

from __future__ import annotations

import argparse
import datetime as dt
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from os import fstat
from pathlib import Path
from typing import Any

from journey.cli import grammar
from journey.cli.problems import CannotOpen, InFile, NoJourney, Usage
from journey.errors import JourneyError, SettingWrong
from journey.events.clean import cleaned
from journey.events.cleaned import Cleaned
from journey.events.columns import TableGuess, guess_table
from journey.events.kinds import KINDS, TableChoice
from journey.events.privacy import masked_raw, without_rrn
from journey.findings import Finding
from journey.sources.how import How
from journey.sources.raw_table import RawTable
from journey.sources.reading import read_file
from journey.sources.staging import Staging

__all__ = ["Table", "described", "for_all", "in_file", "opened", "tables"]

_HOW = ("part", "sheet", "encoding", "delimiter", "header")
_TEXTS, _BOOKS = ("csv",), ("xlsx", "xls", "html")
_TABS = ("tab", "\\t")
# A file without a customer may have thousands of columns; the first are enough to find it again.
_MOST_NAMED = 20


@dataclass(frozen=True)
class Table:
    """One file, or one part of a zip: as it was read, what was guessed, and what it is taken for.

    `names` are what it may be called on the command line. `raw` has no resident registration numbers.
    `choice` is None for a file that says nothing about customers, or that is left out on request.
    """

    name: str
    names: tuple[str, ...]
    raw: RawTable
    how: How
    guess: TableGuess
    choice: TableChoice | None
    named: frozenset[str] = field(default=frozenset())

    def cleaned(self) -> Cleaned:
        """What the file says, with personal data masked. Raises where a column that is needed is missing."""
        have = [str(name) for name in self.raw.frame.columns]
        with in_file(self.name):
            if self.choice is None:
                raise NoJourney(reason=self.guess.reason, have=have[:_MOST_NAMED])
            for role in self.choice.missing:
                said = {"role": Finding(f"bring.role_{role}"), "option": role, "have": have[:_MOST_NAMED]}
                raise Usage(what="columns", **said)
            return cleaned(masked_raw(self.raw, self.choice), self.choice, now=dt.datetime.now(dt.UTC))


@contextmanager
def in_file(name: str) -> Iterator[None]:
    """What goes wrong inside is said with the name of the file."""
    try:
        yield
    except (CannotOpen, InFile):
        raise
    except JourneyError as problem:
        raise InFile(name, problem) from None


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """The file that was named, open for reading."""
    path = Path(name)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        reason = "missing"
    except IsADirectoryError:
        reason = "folder"
    except PermissionError:
        reason = "folder" if path.is_dir() else "denied"
    except (OSError, ValueError):
        reason = "broken"
    else:
        with file:
            yield file
        return
    raise CannotOpen(file=name, reason=reason)


def tables(options: argparse.Namespace, files: Sequence[str], values: Mapping[str, Any]) -> list[Table]:
    """Every file that was named, and every readable part of a zip, as tables.

    `values` are the settings for all files; options that begin with the name of a file and a colon are about
    that file only.
    """
    if values.get("date_order", "ymd") not in ("ymd", "mdy", "dmy"):
        raise SettingWrong(setting="date_order", value=values["date_order"], allowed="ymd, mdy, dmy")
    twice = next((name for number, name in enumerate(files) if name in files[:number]), None)
    if twice is not None:
        raise Usage(what="twice", option=twice)
    titles = [Path(name).name for name in files]
    found: list[Table] = []
    for name, title in zip(files, titles, strict=True):
        shown = title if titles.count(title) == 1 else name
        with in_file(shown):
            found += _read(options, name, shown, values)
    _check_addresses(options, found)
    for key in _HOW:
        # A setting that no file has a use for is a mistake that must not pass in silence.
        if key in values and not any(_is_used(key, table.raw) for table in found):
            raise _useless(key, values[key])
    return found


def _read(options: argparse.Namespace, name: str, shown: str, values: Mapping[str, Any]) -> list[Table]:
    names = tuple(dict.fromkeys((name, Path(name).name)))
    with (
        opened(name) as file,
        tempfile.TemporaryDirectory(prefix="journey-", ignore_cleanup_errors=True) as folder,
    ):
        if stat.S_ISREG(fstat(file.fileno()).st_mode):
            path = Path(name)
        else:
            # What comes through a pipe comes once only.
            staging = Staging(Path(folder))
            path = staging.path(staging.put(file, shown).digest)
        own = _own_settings(options, names)
        how = _how({**values, **own})
        raw = _read_as(path, Path(name).name, how)
        for key in own:
            if key in _HOW and not _is_used(key, raw):
                raise _useless(key, own[key])
        if len(raw.parts) <= 1 or how.part is not None:
            return [_understood(options, shown, names, raw, how, values, own)]
        found = []
        for part in raw.parts:
            with in_file(f"{shown}/{part}"):
                called = tuple(f"{each}/{part}" for each in names)
                more = {**own, **_own_settings(options, called)}
                each = replace(_how({**values, **more}), part=part)
                piece = _read_as(path, Path(name).name, each)
                said = (*called, *names)
                found.append(_understood(options, f"{shown}/{part}", said, piece, each, values, more))
        return found


def _read_as(path: Path, name: str, how: How) -> RawTable:
    try:
        return read_file(path, name, how)
    except SettingWrong as problem:
        if problem.values.get("setting") == "part" and not problem.values.get("allowed"):
            raise _useless("part", how.part) from None
        raise


def _how(values: Mapping[str, Any]) -> How:
    said = {key: values[key] for key in _HOW if key in values}
    if said.get("delimiter") in _TABS:
        said["delimiter"] = "\t"
    if said.get("header", 0) < 0:
        raise SettingWrong(setting="header", value=said["header"], allowed="0, 1, 2, 3, …")
    return How(**said)


def _is_used(key: str, raw: RawTable) -> bool:
    """Does such a file have a use for this way of reading?"""
    return {
        "part": raw.part is not None,
        "sheet": raw.sheet is not None,
        "encoding": bool(raw.encoding),
        "delimiter": raw.kind in _TEXTS,
        "header": raw.kind in (*_TEXTS, *_BOOKS),
    }[key]


def _useless(key: str, value: Any) -> SettingWrong:
    of = {"part": "ZIP", "sheet": "XLSX, XLS", "header": "CSV, TSV, XLSX, XLS, HTML"}.get(key, "CSV, TSV")
    return SettingWrong(setting=key, value=value, allowed=of)


# ---- what was said about a file ----------------------------------------------------------------------------


def _own_settings(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """The settings that begin with one of the file's names."""
    own = [rest for written in options.set if (rest := grammar.addressed(written, names)) is not None]
    return grammar.settings(own, grammar.OF_FILE)[0] if own else {}


def _last(written: Sequence[str], names: Sequence[str]) -> str | None:
    """What was said about a file by its name, else about all files."""
    own = [rest for each in written if (rest := grammar.addressed(each, names)) is not None]
    every = [each for each in written if ":" not in each or _is_plain(each)]
    for several in (own, every):
        if len(several) > 1:
            raise Usage(what="twice", option=several[1])
    return next(iter([*own, *every]), None)


def _is_plain(written: str) -> bool:
    """Does it begin with a role or a kind, and not with the name of a file?"""
    return written in (*KINDS, grammar.NO_KIND) or written.partition("=")[0].strip(' "') in grammar.ROLE_NAMES


def _understood(
    options: argparse.Namespace,
    shown: str,
    names: tuple[str, ...],
    raw: RawTable,
    how: How,
    values: Mapping[str, Any],
    own: Mapping[str, Any],
) -> Table:
    raw = without_rrn(raw)
    guess = guess_table(raw)
    named = grammar.roles(_last(options.columns, names), [str(name) for name in raw.frame.columns])
    kind = grammar.kind(_last(options.kind, names), named, guess.kind)
    choice = None if kind is None else grammar.chosen(named, guess.choice(kind))
    if choice is not None:
        keys = ("zone", "date_order", "drop_duplicates", "masked", "first_is_purchase", "cumulative")
        said = {**values, **own}
        choice = replace(choice, **{key: said[key] for key in keys if key in said})
        if choice.date_order not in (None, "ymd", "mdy", "dmy"):
            raise SettingWrong(setting="date_order", value=choice.date_order, allowed="ymd, mdy, dmy")
    return Table(shown, names, raw, how, guess, choice, frozenset(named))


def _check_addresses(options: argparse.Namespace, found: Sequence[Table]) -> None:
    """What is said about a file that was not named is a mistake."""
    names = [name for table in found for name in table.names]
    shown = ", ".join(table.name for table in found)
    for option in ("kind", "columns", "set"):
        for written in getattr(options, option):
            is_one = ":" in written and not _is_plain(written)
            if option == "set":
                is_one = _is_of_one(written, names)
            if is_one and grammar.addressed(written, names) is None:
                raise SettingWrong(setting=f"--{option}", value=written, allowed=shown)


def for_all(written: Sequence[str], files: Sequence[str]) -> list[str]:
    """The settings that do not begin with the name of one of the files."""
    names = [name for file in files for name in (file, Path(file).name)]
    return [each for each in written if not _is_of_one(each, names)]


def _is_of_one(written: str, names: Sequence[str]) -> bool:
    before = written.partition("=")[0]
    return any(before.startswith((f"{name}:", f"{name}/")) for name in names) and ":" in before


def described(table: Table) -> dict[str, Any]:
    """What was chosen for a file, as the settings of an answer hold it."""
    choice = table.choice
    if choice is None:
        return {"kind": None}
    roles = {
        role.name: list(choice.all(role.name)) if role.many else choice.one(role.name)
        for role in KINDS[choice.kind]
    }
    kept = {key: value for key, value in asdict(choice).items() if key not in ("kind", "roles")}
    return {"kind": choice.kind, "columns": roles, **asdict(table.how), **kept}
