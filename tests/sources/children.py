"""What a process of the package may do that it should not: tasks for `child.run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from journey.errors import RowsRagged
from journey.sources.progress import tell


def echo(order):
    print("a library that talks")
    os.write(1, b'{"answer": "forged"}\n')
    print("secret of a row", file=sys.stderr)
    tell("reading", 1, 4)
    return {"order": order, "cwd": os.getcwd(), "names": sorted(os.environ), "pid": os.getpid()}


def refuse(order):
    raise RowsRagged(**order)


def stumble(order):
    raise KeyError(order)


def die(name):
    os.kill(os.getpid(), getattr(signal, name))


def leave(code):
    os._exit(code)


def swallow(size):
    return len(bytearray(size))


def spin(_):
    while True:
        pass


def fill(_):
    raise OSError(28, "secret of a row")


def have_child(file):
    """Start another process, tell its number and one's own, and wait for ever."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(file).write_text(f"{os.getpid()} {other.pid}")
    time.sleep(600)


def lie(_):
    tell("reading")
    sys.stdout.flush()
    time.sleep(0.3)
    return ["x"] * 10
