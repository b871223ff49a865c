"""Where a process that reads an untrusted file begins: it bounds itself, and only then imports the rest.

It runs as a plain script, `python child_start.py`, so it starts the same way from a clone, from an installed
package, in any folder and under any server. The first line of its input is the order:

    {"task": "package.module:function", "order": ..., "path": [...], "memory": bytes, "seconds": n}

Its answers are lines of JSON: {"stage", "share"} while it works, and one last line, which is {"answer"},
{"error", "values"}, {"memory"}, {"errno"} or {"problem"}: the kind of a problem and where it happened, never
what was in the file. Its input stays open as long as the parent lives; at its end this process goes too.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])


def bound(memory: int, seconds: int) -> None:
    """Bound this process, where the system can: address space, processor time, size of a file, no core."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is the only bound
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def first_line() -> bytes:
    """The order, read byte by byte as far as its line goes: nothing is left waiting in a buffer."""
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(0, 1 << 16)
        if not more:
            os._exit(1)
        line += more
    return line


def leave_with_parent() -> None:
    """Wait for the end of the input, which is the end of the parent, and take the whole group along."""
    while os.read(0, 1 << 16):
        pass
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def find_package(path: list[str]) -> None:
    """Make this very package importable, and what the parent could import, without shadowing anything."""
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    sys.path.extend(entry for entry in path if entry not in sys.path)


def main() -> int:
    """Run the task of the order and say how it went."""
    order = json.loads(first_line())
    bound(order["memory"], order["seconds"])
    # What a library prints, or a crash, must reach neither the parent's log nor its protocol.
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    threading.Thread(target=leave_with_parent, daemon=True).start()

    def say(**words: Any) -> None:
        os.write(out, json.dumps(words, default=str).encode() + b"\n")

    find_package(order["path"])
    from journey.errors import JourneyError
    from journey.sources.progress import listening

    module, function = order["task"].split(":")
    try:
        task = getattr(importlib.import_module(module), function)
        with listening(lambda progress: say_progress(say, progress)):
            answer = task(order["order"])
    except JourneyError as error:
        say(error=type(error).__name__, values=error.values)
    except MemoryError:
        say(memory=True)
    except OSError as error:
        say(errno=error.errno or errno.EIO)
    except BaseException as problem:
        say(problem=type(problem).__name__, places=places(problem))
        raise
    else:
        say(answer=answer)
    return 0


def say_progress(say: Any, progress: Any) -> None:
    """Progress as a line of its own."""
    say(stage=progress.stage, share=progress.share)


def places(problem: BaseException) -> list[str]:
    """Where a problem happened, by file and line, innermost last."""
    told = []
    trace = problem.__traceback__
    while trace is not None:
        told.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return told[-8:]


if __name__ == "__main__":
    # Nothing is worth tidying up: the memory of a large table goes faster this way.
    os._exit(main())
