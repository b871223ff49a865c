"""The files that were dropped: taken out of Streamlit's hands at once, listed, and let go again."""

from __future__ import annotations

import secrets
import shutil
import weakref
from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from journey.errors import JourneyError, ProjectMissing
from journey.projects.tray import Brought, Tray
from journey.sources.staging import Staging, sweep
from ui import problems, session
from ui.words import t

__all__ = [
    "again",
    "change_stored",
    "clear",
    "drop",
    "is_waiting",
    "keep",
    "let_go",
    "remove",
    "source",
    "staging",
    "stop",
    "tray",
]

_STALE_SECONDS = 24 * 3600
_TURN = "data.turn"
_REFUSED = "data.refused"


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
        # A tab that only lost its connection for a moment still has its files when it is back.
        weakref.finalize(current.staging, shutil.rmtree, folder, ignore_errors=True)
    return current.staging


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
        key=f"upload.{turn}",
    )
    for name, problem in session.widget(_REFUSED, ()):
        problems.tell_of(name, problem)
    session.put(_REFUSED, ())
    if not dropped:
        return
    refused: list[tuple[str, JourneyError]] = []
    for file in dropped:
        try:
            staged = staging().put(file, file.name)
        except JourneyError as problem:
            refused.append((file.name, problem))
        else:
            keep(tray().add(Brought(staged.digest, staged.name, staged.size)))
    context = get_script_run_ctx()
    if context is not None:
        # Streamlit would hold the bytes in memory until the tab is closed.
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    session.put(_REFUSED, tuple(refused))
    session.put(_TURN, turn + 1)
    st.rerun()


def _follow_project() -> None:
    """Files that wait stay when another project is opened; what ties them to one does not."""
    current = session.current()
    if current.tray_of != current.project_id:
        free = [replace(f, like=None, same=False, way=None) for f in tray().files if f.stored is None]
        keep(Tray(tuple(free)))
        current.tray_of = current.project_id


def source(file: Brought) -> Path:
    """Where the bytes of a file that waits stand."""
    if file.stored is None:
        return staging().path(file.digest)
    opened = session.project()
    if opened is None:
        raise ProjectMissing
    return opened.raw_path(file.stored)


def change_stored(file_id: str) -> None:
    """Let the columns of a file of the open project be chosen again."""
    data = session.state().data
    for ref in () if data is None else data.files:
        if ref.id == file_id:
            keep(Tray((Brought(ref.raw, ref.name, 0, how=ref.how, stored=ref.id, choice=ref.choice),)))


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
    if not tray().holds(file.digest):
        staging().drop(file.digest)


def clear() -> None:
    """Let go of all files that wait."""
    keep(Tray())
    staging().clear()
