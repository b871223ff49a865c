"""Run one function of the package in a process of its own, within limits, and end it whole."""

from __future__ import annotations

import errno
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from journey import errors
from journey.errors import FileBroken, FileTooLarge, JourneyError, NotStored, UploadGone
from journey.sources import child_start
from journey.sources.limits import LIMITS, Limits
from journey.sources.progress import STAGES, Progress

__all__ = ["WATCH_SECONDS", "run"]

log = logging.getLogger("journey.sources")

WATCH_SECONDS = 0.1
# A workbook's two readers may each take their time before the whole is stopped.
_WAIT = 2.5
_LONGEST_LINE = 1 << 20
_START = Path(child_start.__file__)
# What an operator keeps in the environment, passwords among it, is no business of a process that may be
# taken over by a file.
_KEPT = (
    "PATH",
    "HOME",
    "USERPROFILE",
    "SYSTEMROOT",
    "WINDIR",
    "APPDATA",
    "LOCALAPPDATA",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TZDIR",
    "PYTHONTZPATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPYCACHEPREFIX",
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
)
# Threads and arenas that nobody uses here would count against the limit of the address space.
_QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_SEATS = threading.BoundedSemaphore(LIMITS.readers)


def run(
    task: str,
    order: Any,
    *,
    folder: Path,
    limits: Limits = LIMITS,
    watch: Callable[[Progress], None] | None = None,
) -> Any:
    """The answer of the function `task` ("package.module:function") for the plain JSON value `order`.

    The process works in `folder`, its temporary files too. `watch` is called about ten times a second; if it
    raises, or anything else ends the waiting, the process and all that it started are killed before this
    returns. Raises the JourneyError that the function raised; FileTooLarge where a limit of memory or time
    ended it; FileBroken where it died; NotStored where the disk was full.
    """
    with _seat(watch):
        process = _started(folder, limits)
        try:
            last = _heard(process, _words(task, order, limits), limits, watch)
        finally:
            _end(process)
    if "answer" in last:
        return last["answer"]
    raise _problem(last, process.returncode, limits)


@contextmanager
def _seat(watch: Callable[[Progress], None] | None) -> Iterator[None]:
    """A few files are read at a time, so that many sessions together stay within the server's memory."""
    while not _SEATS.acquire(timeout=WATCH_SECONDS):
        if watch is not None:
            watch(Progress("waiting"))
    try:
        yield
    finally:
        _SEATS.release()


def _started(folder: Path, limits: Limits) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= _QUIET | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    flags = ["-I"] if sys.flags.isolated else ["-P", "-s"] if sys.flags.no_user_site else ["-P"]
    return subprocess.Popen(
        [sys.executable, *flags, str(_START)],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A group of its own: whatever it starts is ended with it.
        start_new_session=True,
    )


def _words(task: str, order: Any, limits: Limits) -> bytes:
    told = {
        "task": task,
        "order": order,
        "path": [entry for entry in sys.path if entry],
        "memory": limits.child_memory,
        "seconds": limits.child_seconds,
    }
    return json.dumps(told).encode() + b"\n"


def _heard(
    process: subprocess.Popen[bytes],
    words: bytes,
    limits: Limits,
    watch: Callable[[Progress], None] | None,
) -> Mapping[str, Any]:
    """Give the order and listen to the end; the last words, or none from a process that died."""
    assert process.stdin is not None and process.stdout is not None
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process.stdout, lines), daemon=True).start()
    with suppress(BrokenPipeError):  # it died at its start, which its end tells
        process.stdin.write(words)
        process.stdin.flush()
    progress = Progress("starting")
    until = time.monotonic() + _WAIT * limits.child_seconds
    watched = 0.0
    while True:
        if time.monotonic() > until:
            return {"seconds": True}
        if watch is not None and time.monotonic() - watched >= WATCH_SECONDS:
            watch(progress)
            watched = time.monotonic()
        try:
            line = lines.get(timeout=WATCH_SECONDS)
        except queue.Empty:
            continue
        if not line:
            return {}
        told = _understood(line)
        if "stage" not in told:
            return told
        progress = Progress(told["stage"], told.get("share"))


def _listen(source: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Pass on the lines of the process, and b"" at its end."""
    with suppress(ValueError, OSError):  # closed by whoever ended the process
        while line := source.readline(_LONGEST_LINE):
            lines.put(line)
    lines.put(b"")


def _understood(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or ("stage" in told and told["stage"] not in STAGES):
        return {"problem": "Protocol"}
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and of its group, and forget it.

    Its own end is not waited for: a reader that has answered has nothing left to say.
    """
    if hasattr(os, "killpg"):
        # Nobody has been waited for before this, or the group is empty: the number is not another's yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _problem(last: Mapping[str, Any], code: int, limits: Limits) -> JourneyError:
    """What the end of the process means for the user."""
    kind = getattr(errors, str(last.get("error")), None)
    if isinstance(kind, type) and issubclass(kind, JourneyError):
        return kind(**last["values"])
    if "seconds" in last or code == -getattr(signal, "SIGXCPU", 0):
        return _over("child_seconds", limits)
    # A process that the system itself killed was in the way of others: the server is out of memory.
    if "memory" in last or (not last and code == -getattr(signal, "SIGKILL", 0)):
        return _over("child_memory", limits)
    if last.get("errno") in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NotStored(reason="disk_full")
    if last.get("errno") == errno.ENOENT:
        return UploadGone()
    if last.get("errno") == errno.ENOMEM:
        return _over("child_memory", limits)
    places = " ".join(map(str, last.get("places", ())))
    reason = str(last.get("problem") or last.get("errno") or code)
    log.warning("a reader ended: %s %s", reason, places)
    return FileBroken(reason=reason)


def _over(what: str, limits: Limits) -> FileTooLarge:
    most = getattr(limits, what)
    return FileTooLarge(what=what, size=most + 1, most=most)
