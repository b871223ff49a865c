"""A customer asks to be forgotten: gone from every file, every edit and every copy that a project keeps."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from journey.errors import NotStored, NoUsableRows, OwnerOnly, SettingWrong
from journey.events.forgetting import Without, cover_of, is_telling, without_customers
from journey.events.identity import clean_texts
from journey.events.joined import joined
from journey.events.privacy import mask_ids, without_rrn
from journey.findings import Finding
from journey.projects import erased_words, leftovers
from journey.projects.access import ProjectFile, reading, writing
from journey.projects.arriving import arriving, as_parquet, is_seen_whole
from journey.projects.contents import data_of, referred, unpacked
from journey.projects.data_files import DataFiles
from journey.projects.data_ref import REJECTED, DataRef, FileRef
from journey.projects.history import History
from journey.projects.intake import Intake, cleaned_of
from journey.projects.members import OWNER, members, role_in
from journey.projects.project import Project
from journey.projects.state import canonical
from journey.sources.raw_table import RawTable
from journey.sources.reading import read_file

__all__ = ["MOST", "Erased", "Sought", "SoughtFile", "erase_customers", "sought"]

MOST = 1000
_CODE = re.compile(r"C-[0-9A-HJKMNP-TV-Z]{8,24}")
# Roles whose cells are times and amounts, and those whose cells are names of something else.
_MEASURES = ("time", "amount", "quantity", "unit_price", "scores", "rating", "outcomes")
_MEASURES_OF_SUMS = ("elapsed", "units", "converted", "mean", "deviation", "variance")
_CODES = ("order", "session", "event", "product", "category", "status", "arm", "experiment", "metric")


@dataclass(frozen=True)
class SoughtFile:
    """What stands in one file about the customers sought: `rows` of theirs (torn lines too), `cells` of other
    rows that are their ids, and `texts` in which these stand among other words.

    `is_here` is False for one that only undo or a version would bring back, `has_customers` for one in which
    no column names customers: its rows stay.
    """

    name: str
    rows: int = 0
    cells: int = 0
    texts: int = 0
    is_here: bool = True
    has_customers: bool = True


@dataclass(frozen=True)
class Sought:
    """How many of the `asked` ids name customers of the project, and where.

    `short` of these are so short that they were looked for in the columns of customers only.
    """

    asked: int
    customers: int
    short: int
    files: tuple[SoughtFile, ...]


@dataclass(frozen=True)
class Erased(Sought):
    """What was erased, and when: so many `edits` of the history were written anew.

    `is_complete` is False where somebody was still reading the project, so that the last of its old pages go
    when projects are listed next.
    """

    edits: int
    at: dt.datetime
    is_complete: bool


def sought(project: Project, words: Iterable[str]) -> Sought:
    """What would be erased; nothing is. `words` are ids, or the codes that the app shows for them.

    Raises OwnerOnly, SettingWrong for more than 1,000, ProjectDamaged where a file of the history is gone.
    """
    return _Search(project, words).told()


def erase_customers(project: Project, words: Iterable[str]) -> Erased:
    """Erase these customers from the project with its whole history: no undo and no version has them.

    `words` are ids, or the codes that the app shows for them. Every file is cleaned anew without their rows;
    files of no customers keep their rows, and ids that stand in other cells are taken out of these. One that
    names nobody changes nothing. Raises OwnerOnly; whatever else it raises, nothing was changed.
    """
    search = _Search(project, words)
    leftovers.swept(search.file)
    told = search.told()
    edits = search.erased() if search.found else 0
    complete = leftovers.swept(search.file) if search.found else True
    facts = {field.name: getattr(told, field.name) for field in dataclasses.fields(told)}
    return Erased(**facts, edits=edits, at=dt.datetime.now(dt.UTC), is_complete=complete)


class _Search:
    """The files of every edit of a project, and what stands in them about some customers."""

    def __init__(self, project: Project, words: Iterable[str]) -> None:
        if project.role != OWNER:
            raise OwnerOnly()
        self.file = ProjectFile(project.database, project.person)
        self._files = DataFiles(project.database.parent)
        with reading(self.file) as connection:
            self._now = History(connection, None, project.person).state().data or DataRef(None)
            self._parts = _parts(connection)
        self._datas = tuple(data for data in self._parts.values() if data is not None)
        self._refs = _distinct(ref for data in (self._now, *self._datas) for ref in data.files)
        asked = [word for word in clean_texts(pa.chunked_array([list(words)], pa.large_string())).to_pylist()]
        self._asked = list(dict.fromkeys(word for word in asked if word))
        if len(self._asked) > MOST:
            raise SettingWrong(setting="ids", value=len(self._asked), allowed=f"1-{MOST}")
        ids = self._meant(project.mask_key)
        # As they were read: mapped from the disk, where their files have no name any more.
        self._raws = {_reading(ref): self._table(ref) for ref in _read_once(self._refs)} if ids else {}
        seen = self._seen(ids) if ids else {}
        self.found = frozenset[str]().union(*(one.found for one in seen.values()))
        # What names no customer is not looked for in other cells either.
        self._counts = seen if self.found == ids else self._seen(self.found) if self.found else {}

    def told(self) -> Sought:
        """What was found, in numbers."""
        here = {ref.id for ref in self._now.files}
        files: dict[str, SoughtFile] = {}
        for ref in self._refs:
            if ref.id not in files:
                one = self._counts.get(_reading(ref))
                numbers = (0, 0, 0) if one is None else (one.rows + one.torn, one.cells, one.texts)
                files[ref.id] = SoughtFile(
                    ref.name, *numbers, ref.id in here, bool(ref.choice.one("customer"))
                )
        short = sum(not is_telling(id_) for id_ in self.found)
        return Sought(len(self._asked), len(self.found), short, tuple(files.values()))

    # ---- looking ----------------------------------------------------------------------------------------

    def _meant(self, key: bytes) -> frozenset[str]:
        """The ids that were asked for; a code of the app stands for the one that it hides."""
        codes = {word for word in self._asked if _CODE.fullmatch(word)}
        if not codes:
            return frozenset(self._asked)
        logs = {data.fingerprint for data in self._datas} - {None}
        pools = [self._files.log(str(log)).customer_ids for log in sorted(map(str, logs))]
        pools += [cleaned_of(ref, self._files).customer_ids for ref in self._refs if ref.log is None]
        behind: dict[str, str] = {}
        for pool in pools:
            known = pool.to_pylist()
            behind |= dict(zip(mask_ids(pool, key), known, strict=True))
            codes -= set(known)
        return frozenset(behind.get(word, word) if word in codes else word for word in self._asked)

    def _seen(self, ids: Collection[str]) -> dict[str, Without]:
        """What stands in each table, in numbers; all tables without these rows would fill the memory."""
        looked: dict[str, Without] = {}
        for ref in _read_once(self._refs):
            name = _reading(ref)
            looked[name] = dataclasses.replace(self._looked_through(ref, ids), raw=self._raws[name])
        return looked

    def _looked_through(self, ref: FileRef, ids: Collection[str]) -> Without:
        raw = self._raws[_reading(ref)]
        alike = [one for one in self._refs if one.raw == ref.raw]
        return without_customers(
            raw,
            ids,
            # Whatever was ever chosen as the column of customers tells whose rows these are.
            customers=_columns(alike, ("customer",)),
            measures=_columns(alike, (*_MEASURES, *_MEASURES_OF_SUMS)),
            codes=_columns(alike, _CODES),
        )

    def _table(self, ref: FileRef) -> RawTable:
        """The kept file as it is read when its columns are chosen again."""
        raw = without_rrn(read_file(self._files.raw_path(ref.raw), ref.name, ref.kept_how))
        if not ref.is_scrubbed or ref.reading is None:
            return raw
        left = self._files.table(ref.tables[REJECTED]) if REJECTED in ref.tables else None
        return ref.reading.told_of(raw, left)

    # ---- erasing ----------------------------------------------------------------------------------------

    def erased(self) -> int:
        """Keep the files without the customers, then let every edit mean these; how many edits changed."""
        intake = Intake(self._files)
        try:
            cover = cover_of(self.found)
            refs = {_name(ref): self._kept_anew(ref, intake, cover) for ref in self._refs}
            datas = {canonical(data.to_json()): self._joined_anew(data, refs, intake) for data in self._datas}
            return self._written(datas, cover)
        except BaseException:
            # What stays of it all the same is not about those who were to go.
            intake.taken_back(self.file)
            raise

    def _kept_anew(self, ref: FileRef, intake: Intake, cover: Callable[[str], str]) -> FileRef | None:
        """What is left of a file; None where nothing of it can be used any more."""
        without = self._looked_through(ref, self.found)
        name = cover(ref.name)
        if not without.is_touched and (ref.is_scrubbed or is_seen_whole(without.raw)):
            return dataclasses.replace(ref, name=name)
        if without.raw.frame.empty:
            return None
        source = as_parquet(without.raw)
        try:
            made = arriving(without.raw, ref.choice, name, source, ref.how, ref.upload or ref.raw)
        except NoUsableRows:
            return None
        return dataclasses.replace(_covered(intake.file(made), cover), id=ref.id)

    def _joined_anew(self, data: DataRef, refs: Mapping[str, FileRef | None], intake: Intake) -> DataRef:
        left = [refs[_name(ref)] for ref in data.files]
        kept = [ref for ref in left if ref is not None]
        plain = [dataclasses.replace(ref, matched=None) for ref in data.files]
        if [dataclasses.replace(ref, matched=None) for ref in kept] == plain:
            return data
        return intake.data(kept, joined([cleaned_of(ref, self._files) for ref in kept]), data.zone)

    def _written(self, datas: Mapping[bytes, DataRef], cover: Callable[[str], str]) -> int:
        """All in one transaction: the edits, the line in the history, and what is left to be removed."""
        before = [data for data in self._datas if datas[canonical(data.to_json())] != data]
        with writing(self.file) as connection:
            if role_in(members(connection), self.file.person) != OWNER:
                raise OwnerOnly()
            if _parts(connection).keys() != self._parts.keys():
                raise NotStored(reason="changed")
            connection.execute("PRAGMA secure_delete = ON")
            rewritten = {
                digest: datas[canonical(data.to_json())]
                for digest, data in self._parts.items()
                if data is not None
            }
            edits = erased_words.rewrite(connection, rewritten, datas, self.found, cover)
            here, meant = self._files.kept(), referred(connection)
            if any(meant[kind] - here[kind] for kind in meant):
                raise NotStored(reason="changed")
            History(connection, None, self.file.person).erased(len(self.found))
            uploads = {file.upload for data in before for file in data.files}
            old: dict[str, set[str]] = {leftovers.UPLOAD: uploads - {""}}
            for data in before:
                for kind, found in data.digests.items():
                    old.setdefault(kind, set()).update(found)
            leftovers.put(connection, old)
        return edits


def _parts(connection: sqlite3.Connection) -> dict[bytes, DataRef | None]:
    """The data of every edit, by digest; those that only an operation tells of, by its text."""
    rows = connection.execute("SELECT DISTINCT data FROM edit").fetchall()
    found: dict[bytes, DataRef | None] = {digest: data_of(connection, digest) for (digest,) in rows}
    known = {canonical(data.to_json()) for data in found.values() if data is not None}
    for (op,) in connection.execute("SELECT op FROM edit").fetchall():
        told = unpacked(op).get("data")
        data = None if told is None else DataRef.from_json(told)
        if data is not None and (text := canonical(data.to_json())) not in known:
            found[text] = data
    return found


def _distinct(refs: Iterable[FileRef]) -> list[FileRef]:
    return list({_name(ref): ref for ref in refs}.values())


def _name(ref: FileRef) -> str:
    """What tells two states of a file apart, but how many of its customers others have."""
    return json.dumps(dataclasses.replace(ref, matched=None).to_json(), sort_keys=True, default=str)


def _reading(ref: FileRef) -> str:
    """The same bytes read in the same way are one table."""
    told = ref.reading.to_json() if ref.is_scrubbed and ref.reading is not None else None
    return json.dumps([ref.raw, ref.kept_how.key, told], sort_keys=True, default=str)


def _read_once(refs: Iterable[FileRef]) -> Iterable[FileRef]:
    """One file for each table that is read."""
    return {_reading(ref): ref for ref in refs}.values()


def _columns(refs: Sequence[FileRef], roles: Sequence[str]) -> frozenset[str]:
    return frozenset(name for ref in refs for role in roles for name in ref.choice.all(role))


def _covered(ref: FileRef, cover: Callable[[str], str]) -> FileRef:
    """With no id in what was found about the file."""
    reading = ref.reading
    if reading is not None:
        reading = dataclasses.replace(reading, notes=tuple(_told(reading.notes, cover)))
    quality = {name: tuple(_told(group, cover)) for name, group in ref.quality.items()}
    return dataclasses.replace(ref, notes=tuple(_told(ref.notes, cover)), quality=quality, reading=reading)


def _told(findings: Iterable[Finding], cover: Callable[[str], str]) -> Iterator[Finding]:
    for finding in findings:
        values: dict[str, Any] = {
            name: erased_words.covered(value, cover) for name, value in finding.values.items()
        }
        yield Finding(finding.code, values)
