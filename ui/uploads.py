"""The files that were dropped: taken out of Streamlit's hands at once, listed, and let go again."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
import unicodedata
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from journey.errors import FileTooLarge, JourneyError, NotStored, ProjectMissing
from journey.events.privacy import without_number, without_rrn
from journey.projects.data_ref import REJECTED, FileRef
from journey.projects.disk import told
from journey.projects.store import Project
from journey.projects.tray import Brought, Tray
from journey.sources.raw_table import RawTable
from journey.sources.reading import open_table
from journey.sources.staging import Staging, sweep
from ui import problems, session
from ui.upload_gate import refusals
from ui.words import md, t

__all__ = [
    "again",
    "ask_one",
    "change_stored",
    "clear",
    "clear_unused",
    "drop",
    "free_memory",
    "held",
    "hold",
    "is_as_it_came",
    "is_waiting",
    "keep",
    "kept",
    "let_go",
    "remove",
    "source",
    "staging",
    "stop",
    "table",
    "take_to",
    "tell_already",
    "tell_refused",
    "tray",
]

_Made = TypeVar("_Made")
_STALE_SECONDS = 24 * 3600
_GRACE_SECONDS = 30
_TURN = "data.turn"
_REFUSED = "data.refused"
_MOST_NAMED = 5
# In megabytes; more than any file has.
_ANY_SIZE = 10**6
_ALREADY = "data.already"


def tray() -> Tray:
    """The files that wait in this tab."""
    return session.current().tray


def keep(after: Tray) -> None:
    """From now on these files wait."""
    session.current().tray = after


def is_waiting() -> bool:
    """Was something brought that is not part of a project yet?"""
    return bool(tray())


def staging() -> Staging:
    """The folder of this tab's files; it goes with the tab."""
    current = session.current()
    if current.staging is None:
        root = session.store().home / "staging"
        _swept(str(root))
        folder = root / secrets.token_hex(8)
        current.staging = Staging(folder)
        weakref.finalize(current.staging, shutil.rmtree, folder, ignore_errors=True)
        hold()
    return current.staging


def hold() -> None:
    """Keep the files of this tab for as long as it is there; every run says so once.

    When the tab is gone its folder goes a little later: one that only lost its connection for a moment still
    has its files when it is back.
    """
    staging = session.current().staging
    if staging is not None:
        # Where the disk cannot be written to just now, the next run is soon enough.
        with suppress(OSError):
            os.utime(staging.folder)
        _held(str(staging.folder))


def _left(folder: str) -> None:
    grace = st.get_option("server.disconnectedSessionTTL") + _GRACE_SECONDS
    later = threading.Timer(grace, clear_unused, (Path(folder), time.time()))
    later.daemon = True
    later.start()


@st.cache_resource(scope="session", max_entries=1, on_release=_left, show_spinner=False)
def _held(folder: str) -> str:
    return folder


def clear_unused(folder: Path, since: float) -> None:
    """Delete a folder that nobody used after that moment."""
    if folder.exists() and folder.stat().st_mtime <= since:
        shutil.rmtree(folder, ignore_errors=True)


@st.cache_resource(max_entries=1, show_spinner=False)
def _swept(root: str) -> None:
    """Once a server: what tabs of a server that was killed have left behind."""
    sweep(Path(root), _STALE_SECONDS)


def drop() -> None:
    """The place to drop files; what is dropped joins those that wait, and the place is empty again."""
    _follow_project()
    turn = session.widget(_TURN, 0)
    dropped = st.file_uploader(
        t("bring.drop"),
        help=t("bring.drop_help"),
        accept_multiple_files=True,
        # The gate refuses what is too large, and tells; Streamlit's own refusal would be gone with the turn.
        max_upload_size=_ANY_SIZE,
        key=f"upload.{turn}",
    )
    _say_refused()
    for name in session.widget(_ALREADY, ()):
        st.info(md("bring.already", name=name), icon=":material/done_all:")
    session.put(_ALREADY, ())
    if not dropped:
        return
    session.put(_REFUSED, ())
    refused: list[tuple[str, JourneyError]] = []
    for file in dropped:
        name = _named(file.name)
        try:
            with told():
                staged = staging().put(file, name)
        except JourneyError as problem:
            refused.append((name, problem))
        else:
            keep(tray().add(Brought(staged.digest, staged.name, staged.size)))
    refused += free_memory()
    for name, problem in refused:
        tell_refused(name, problem)
    session.put(_TURN, turn + 1)
    st.rerun()


def held(file: UploadedFile, make: Callable[[Path], _Made]) -> _Made:
    """What `make` makes of a file that is no table; it stands on the disk for as long as that takes."""
    named = _named(file.name)
    with told():
        staged = staging().put(file, named)
    try:
        return make(staging().path(staged.digest))
    finally:
        if not tray().holds(staged.digest):
            staging().drop(staged.digest)


def ask_one(label: str, key: Callable[[str], str], make: Callable[[Path, str], object]) -> None:
    """Ask for one file, which `make` reads from its path and name; what it made is kept under `key("file")`.

    What cannot be read is told below the field, which is empty again for the next one.
    """
    turn = session.widget(key("turn"), 0)
    dropped = st.file_uploader(label, key=key(f"drop.{turn}"))
    if (refused := session.widget(key("refused"))) is not None:
        problems.tell_of(*refused)
    if dropped is None:
        return
    try:
        read, refused = held(dropped, lambda path: make(path, dropped.name)), None
    except JourneyError as said:
        read, refused = None, (dropped.name, said)
    free_memory()
    session.put(key("turn"), turn + 1)
    session.put(key("file"), read)
    session.put(key("refused"), refused)
    st.rerun()


def free_memory() -> list[tuple[str, FileTooLarge]]:
    """Let Streamlit forget what was dropped, which it would hold until the tab is closed.

    Returns what was refused at the gate meanwhile.
    """
    context = get_script_run_ctx()
    if context is None:
        return []
    context.uploaded_file_mgr.remove_session_files(context.session_id)
    return [(_named(name), problem) for name, problem in refusals().take(context.session_id)]


def _named(name: str) -> str:
    """A file's name as it is kept: a Mac writes Hangul in parts, and some name a person by number."""
    return without_number(unicodedata.normalize("NFC", name))


def _say_refused() -> None:
    """What is wrong with the files that were not taken, as long as others wait; each problem once."""
    groups: dict[tuple[str, str], list[tuple[str, JourneyError]]] = {}
    for name, problem in session.widget(_REFUSED, ()):
        groups.setdefault((problem.key, repr(problem.values)), []).append((name, problem))
    for alike in groups.values():
        names = ", ".join(sorted(name for name, _ in alike)[:_MOST_NAMED])
        rest = len(alike) - _MOST_NAMED
        problems.tell_of(t("bring.and_more", names=names, n=rest) if rest > 0 else names, alike[0][1])
    if not tray():
        session.put(_REFUSED, ())


def _follow_project() -> None:
    """Files that wait stay when another project is opened; what ties them to one does not."""
    current = session.current()
    if current.tray_of != current.project_id:
        free = [replace(f, like=None, same=False, way=None) for f in tray().files if f.stored is None]
        keep(Tray(tuple(free)))
        current.tray_of = current.project_id


def take_to(project_id: str) -> None:
    """Open a project, and look at the files that wait as what it knows."""
    session.open_project(project_id)
    free = [replace(f, choice=None, understood=False) for f in tray().files if f.stored is None]
    keep(Tray(tuple(free)))
    session.current().tray_of = project_id


def tell_refused(name: str, problem: JourneyError) -> None:
    """Let the next run say what is wrong with a file of this name."""
    session.put(_REFUSED, (*session.widget(_REFUSED, ()), (name, problem)))


def tell_already(name: str) -> None:
    """Let the next run say that a file of this name was there before."""
    session.put(_ALREADY, (*session.widget(_ALREADY, ()), name))


def source(file: Brought) -> Path:
    """Where the bytes of a file that waits stand."""
    if file.stored is None:
        return staging().path(file.digest)
    opened = session.project()
    if opened is None:
        raise ProjectMissing
    data = session.state().data
    if data is None or file.stored not in {ref.id for ref in data.files}:
        # Another tab has taken it out since its columns were opened here.
        raise NotStored(reason="changed")
    return opened.raw_path(file.stored)


@st.cache_resource(max_entries=16, ttl="30m", show_spinner=False)
def _table(target: str) -> tuple[RawTable, bool]:
    raw = open_table(Path(target))
    done = without_rrn(raw)
    return done, done is raw


def table(file: Brought) -> RawTable:
    """The file as a table of text, mapped into memory, only after it was read.

    This is the door: nothing behind it sees a resident number, nor a name of a column or a note that has one.
    """
    target = str(staging().target(file.digest, file.how))
    opened, ref = session.project(), kept(file)
    if opened is None or ref is None or ref.reading is None:
        return _table(target)[0]
    return _kept(target, opened.id, ref.id, opened, ref)


def kept(file: Brought) -> FileRef | None:
    """What the open project knows of a file of which it keeps the table only; None for any other file."""
    data = session.state().data
    refs = () if data is None or file.stored is None else data.files
    return next((ref for ref in refs if ref.id == file.stored and ref.is_scrubbed), None)


@st.cache_resource(max_entries=16, ttl="30m", show_spinner=False)
def _kept(target: str, project_id: str, file_id: str, _opened: Project, _ref: FileRef) -> RawTable:
    """The table that is kept of a file, with what else was found as the file itself was read."""
    assert _ref.reading is not None
    left = _opened.table(file_id, REJECTED) if REJECTED in _ref.tables else None
    return _ref.reading.told_of(_table(target)[0], left)


def is_as_it_came(file: Brought) -> bool:
    """Does the table hold all that was read, with no resident number taken out?"""
    return _table(str(staging().target(file.digest, file.how)))[1]


def change_stored(file_id: str) -> None:
    """Let the columns of a file of the open project be chosen again."""
    data = session.state().data
    for ref in () if data is None else data.files:
        if ref.id == file_id:
            keep(Tray((Brought(ref.raw, ref.name, 0, how=ref.kept_how, stored=ref.id, choice=ref.choice),)))


def stop(file_id: str) -> None:
    """Do not go on reading this file; nothing of it was kept."""
    keep(tray().change(file_id, stopped=True))


def again(file_id: str) -> None:
    """Read this file once more."""
    file = tray().file(file_id)
    if file is not None:
        keep(tray().read_as(file_id, file.how))


def remove(file_id: str) -> None:
    """Let go of a file that waits."""
    file = tray().file(file_id)
    keep(tray().remove(file_id))
    if file is not None:
        let_go(file)


def let_go(file: Brought) -> None:
    """Delete what is held of a file that waits no longer."""
    _table.clear(str(staging().target(file.digest, file.how)))
    if not tray().holds(file.digest):
        staging().drop(file.digest)


def clear() -> None:
    """Let go of all files that wait."""
    for file in tray().files:
        _table.clear(str(staging().target(file.digest, file.how)))
    keep(Tray())
    staging().clear()
