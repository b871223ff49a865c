"""Has anybody changed a project? One thread looks at all those that somebody listens to."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from journey.errors import NotStored, ProjectDamaged, ProjectMissing, ProjectNewer
from journey.projects.store import Store

__all__ = ["Listener", "Watcher"]

# It is told the number of the project, or None once the project is gone.
Listener = Callable[[int | None], None]
_EVERY = 0.05
# Seconds until a file that cannot be looked at is tried again.
_PAUSE = 1.0
_TOLD_NOTHING = -1


class _Pulse:
    """Beats differently after every change of a project's file, by whatever connection it was made.

    Between two beats no transaction is open, so nobody's writing waits for it. The connection can only read:
    one that could write would, on closing, put what is left of the log into the file and remove the log by
    its name, which may be that of another file by then.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._which: tuple[int, int] | None = None

    def beat(self) -> tuple[int, ...]:
        """Raises OSError or sqlite3.Error where the file cannot be looked at."""
        found = os.stat(self._file)
        which = (found.st_dev, found.st_ino)
        if self._connection is None or which != self._which:
            # Another file has the name now: a backup that took the place of a damaged one.
            self.close()
            address = f"file:{quote(str(self._file))}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)
            self._which = which
        return (*which, self._connection.execute("PRAGMA data_version").fetchall()[0][0])

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class _Watched:
    """A project with listeners: what they were told last, and those who were told nothing yet."""

    pulse: _Pulse
    listeners: list[Listener] = field(default_factory=list)
    new: list[Listener] = field(default_factory=list)
    beat: tuple[int, ...] | None = None
    number: int | None = _TOLD_NOTHING
    not_before: float = 0.0


class Watcher:
    """Tells listeners the number of a project at once, and again whenever somebody has changed it.

    Listeners are called in the watcher's own thread and must not wait. Without any there is no thread and no
    open file.
    """

    def __init__(self, store: Store, *, every: float = _EVERY) -> None:
        self._store = store
        self._every = every
        self._watched: dict[str, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def subscribe(self, project_id: str, listener: Listener) -> None:
        """Listen to a project; raises ProjectMissing and its like when it cannot be opened."""
        file = self._store.open(project_id).database
        with self._lock:
            watched = self._watched.setdefault(project_id, _Watched(_Pulse(file)))
            watched.listeners.append(listener)
            watched.new.append(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_around, name="watcher", daemon=True)
                self._thread.start()

    def unsubscribe(self, project_id: str, listener: Listener) -> None:
        """Listen no longer; one call may still be under way."""
        with self._lock:
            watched = self._watched.get(project_id)
            if watched is not None and listener in watched.listeners:
                watched.listeners.remove(listener)

    def _look_around(self) -> None:
        while True:
            with self._lock:
                for project_id, watched in list(self._watched.items()):
                    if not watched.listeners:
                        watched.pulse.close()
                        del self._watched[project_id]
                if not self._watched:
                    self._thread = None
                    return
                everything = list(self._watched.items())
            for project_id, watched in everything:
                self._look_at(project_id, watched)
            time.sleep(self._every)

    def _look_at(self, project_id: str, watched: _Watched) -> None:
        number = self._number(project_id, watched)
        with self._lock:
            hearing = watched.listeners if number != watched.number else watched.new
            hearing = [listener for listener in hearing if listener in watched.listeners]
            watched.number, watched.new = number, []
        if number != _TOLD_NOTHING:
            for listener in hearing:
                listener(number)

    def _number(self, project_id: str, watched: _Watched) -> int | None:
        """The number now; what was told last where nothing changed, or where nothing can be told."""
        now = time.monotonic()
        if now < watched.not_before:
            return watched.number
        try:
            beat: tuple[int, ...] | None = watched.pulse.beat()
        except (OSError, sqlite3.Error):
            watched.pulse.close()
            beat = None
        if beat is not None and beat == watched.beat:
            return watched.number
        try:
            # The beat was before: a change between the two is seen next time.
            number = self._store.open(project_id).head
        except ProjectMissing:
            watched.pulse.close()
            beat, number = None, None
        except (NotStored, ProjectDamaged, ProjectNewer):
            # Busy, or being put back from a backup. A page that runs says it; here it is tried again.
            beat, number = None, watched.number
        watched.beat = beat
        watched.not_before = 0.0 if beat is not None else now + _PAUSE
        return number
