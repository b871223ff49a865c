"""What a file that was brought is: understood once, and said in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from journey.errors import JourneyError, ProjectMissing
from journey.events.columns import TableGuess, guess_table
from journey.events.kinds import TableChoice
from journey.events.privacy import Personal, personal
from journey.events.role_changes import fits
from journey.findings import Finding
from journey.projects.data_ref import FileRef
from journey.projects.expected import missing_files
from journey.projects.remembered import recognised
from journey.projects.tray import Brought
from journey.sources.how import ALL_SHEETS
from journey.sources.raw_table import RawTable
from ui import reading, session, uploads
from ui.words import literal, sentence, t

__all__ = [
    "Understood",
    "elsewhere",
    "know",
    "like",
    "notes",
    "removed",
    "say",
    "sureness",
    "target",
    "understood",
]

# From here on a guess is said to be sure, or likely; below it is a guess to look at.
_SURE, _LIKELY = 0.8, 0.55
# What the line about the file says already.
_SAID = {"sources.encoding_read", "sources.header_found", "sources.header_missing", "sources.sheet_chosen"}
_REMOVED = {"privacy.rrn_removed", "privacy.rrn_column_dropped", "privacy.rrn_in_names"}
_TEXTS, _BOOKS = ("csv",), ("xlsx", "xls", "html")


@dataclass(frozen=True)
class Understood:
    """A file that was read, what was guessed of it, and what personal data a look at it found."""

    file: Brought
    raw: RawTable
    guess: TableGuess
    personal: Mapping[str, Personal]

    @property
    def choice(self) -> TableChoice | None:
        """What its owner has left of the guess; None where it says nothing about customers."""
        return self.file.choice


@st.cache_resource(max_entries=64, show_spinner=False)
def _guess(target: str, _raw: RawTable) -> TableGuess:
    return guess_table(_raw)


@st.cache_resource(max_entries=64, show_spinner=False)
def _personal(target: str, _raw: RawTable) -> Mapping[str, Personal]:
    return personal(_raw)


def understood(file: Brought) -> Understood:
    """What is known of a file that was read; guessed once, however often its columns are chosen anew."""
    raw, key = uploads.table(file), str(uploads.staging().target(file.digest, file.how))
    return Understood(file, raw, _guess(key, raw), _personal(key, raw))


def target(found: Understood) -> str:
    """What stands for the file, read as it was, in the key of a cache."""
    return str(uploads.staging().target(found.file.digest, found.file.how))


def know() -> list[Understood]:
    """Every file that was read, with a first choice for those that have none yet."""
    known = []
    for file in uploads.tray().files:
        if file.stopped or file.problem is not None:
            continue
        try:
            known.append(_known(file))
        except JourneyError as problem:
            uploads.keep(uploads.tray().change(file.id, problem=problem))
    return known


def _known(file: Brought) -> Understood:
    if file.understood:
        return understood(file)
    with st.spinner(t("bring.guessing")):
        found = understood(file)
        first = _first(found)
    uploads.keep(uploads.tray().change(file.id, **first))
    if "how" in first:
        # Read as the file that it is like was read.
        st.rerun()
    kept = uploads.tray().file(file.id)
    return found if kept is None else replace(found, file=kept)


def _first(found: Understood) -> dict[str, object]:
    """The choice of the file that it is like, stored or waited for, else what was guessed."""
    file, raw = found.file, found.raw
    names = list(map(str, raw.frame.columns))
    if file.choice is not None and fits(file.choice, names):
        return {"choice": file.choice, "understood": True}
    data = session.state().data
    before, coming = None, missing_files(data, session.state().settings)
    if file.stored is None:
        kept = () if data is None else data.files
        before = recognised(names, (*coming, *kept), sheets=raw.sheets, parts=raw.parts)
    if before is None:
        return {"choice": None if found.guess.kind is None else found.guess.choice(), "understood": True}
    waited_for = before.file in coming
    known = {
        "choice": before.choice,
        "like": None if waited_for else before.file.id,
        "same": before.exact and not waited_for,
        "expected": waited_for,
        "gone": before.gone,
        "added": before.added,
    }
    how = replace(before.how, part=file.how.part)
    return {**known, "how": how} if how != file.how else {**known, "understood": True}


def like(file: Brought) -> FileRef | None:
    """The file of the open project that this one is like."""
    data = session.state().data
    files = () if data is None else data.files
    return next((ref for ref in files if ref.id == file.like), None)


def elsewhere(found: Understood) -> tuple[str, str, str] | None:
    """Another project that has a file of the very same shape: its name, that of the file, and its id."""
    fit = _fitting(target(found), session.current().project_id, found.raw)
    try:
        # It was found a moment ago; who may open it is asked each time.
        return fit and (session.store().open(fit[2]).name, *fit[1:])
    except ProjectMissing:
        return None


@st.cache_resource(max_entries=64, ttl="1m", show_spinner=False)
def _fitting(target: str, but: str | None, _raw: RawTable) -> tuple[str, str, str] | None:
    names = list(map(str, _raw.frame.columns))
    for fit in session.store().fitting(names, sheets=_raw.sheets, parts=_raw.parts, but=but):
        if fit.recognised.exact:
            return fit.project.name, fit.recognised.file.name, fit.project.id
    return None


def sureness(confidence: float) -> str:
    """A confidence of 0 to 1 as one of three words: sure, likely, guess."""
    return "sure" if confidence >= _SURE else "likely" if confidence >= _LIKELY else "guess"


def say(found: Understood) -> None:
    """What the file is, how large it is, and what was repaired while it was read."""
    raw = found.raw
    size = {"rows": len(raw.frame), "columns": raw.frame.shape[1]}
    said = [t(f"bring.file_{raw.kind}"), t("bring.size", **size)]
    if raw.kind in _TEXTS:
        delimiter = t(f"bring.delimiter_{reading.DELIMITERS.get(raw.delimiter, 'none')}")
        said += [
            t("bring.encoding", encoding=raw.encoding.upper()),
            t("bring.delimiter", delimiter=delimiter),
        ]
    if raw.kind in _BOOKS and raw.sheet == ALL_SHEETS:
        said.append(t("bring.sheet_all"))
    elif raw.kind in _BOOKS and raw.sheet:
        many = len(raw.sheets) > 1
        said.append(t("bring.sheet_of" if many else "bring.sheet", sheet=raw.sheet, n=len(raw.sheets)))
    if raw.kind in (*_TEXTS, *_BOOKS):
        said.append(t("bring.header", line=raw.header_line) if raw.header_line else t("bring.headless"))
    st.caption(literal(" · ".join(said)))


def notes(found: Understood) -> list[str]:
    """What else was noticed while the file was read, each in a sentence."""
    return [sentence(note) for note in found.raw.notes if note.code not in _SAID | _REMOVED]


def removed(found: Understood) -> list[Finding]:
    """Where resident numbers were taken out of the file."""
    return [note for note in found.raw.notes if note.code in _REMOVED]
