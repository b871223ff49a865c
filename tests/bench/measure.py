"""CPU seconds and memory of one contender, in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["CPU", "report", "resident_mb", "timed"]


def CPU() -> float:
    """Processor seconds of this process so far: user and system, all threads, and children that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def timed(work: Callable[[], Any], repeats: int) -> tuple[list[float], list[float], Any]:
    """Processor seconds and wall seconds of each repeat, and the last result."""
    # os.times() counts in hundredths; process_time() is finer, and has all threads but no children.
    cpu: list[float] = []
    wall: list[float] = []
    result = None
    for _ in range(repeats):
        result = None
        child, begin, at = os.times(), time.process_time(), time.perf_counter()
        result = work()
        wall.append(time.perf_counter() - at)
        own, after = time.process_time() - begin, os.times()
        children = after.children_user + after.children_system - child.children_user - child.children_system
        cpu.append(own + children)
    return cpu, wall, result


def resident_mb() -> tuple[float, float]:
    """Memory of this process now, and the peak of it or of its largest child, in MB of 10**6 bytes."""
    with open("/proc/self/statm", encoding="ascii") as pages:
        now = int(pages.read().split()[1]) * resource.getpagesize()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return now / 1e6, peak * 1024 / 1e6


def report(**values: Any) -> None:
    """Hand the result to the runner: one line of JSON, the last of standard output."""
    now, peak = resident_mb()
    sys.stdout.write(json.dumps({**values, "resident_mb": now, "peak_mb": peak}) + "\n")
