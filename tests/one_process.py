"""What the app does in processes of their own, done in the test's: half a second sooner each time.

What such a process is for, its limits and its end, is proved in tests/sources/test_child.py, test_reading.py
and tests/projects/test_portable.py, and of the running app in tests/e2e.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from journey.errors import FileBroken, JourneyError
from journey.sources.limits import LIMITS, Limits
from journey.sources.progress import Progress, listening, tell

__all__ = ["run_here"]


def run_here(
    task: str,
    order: Any,
    *,
    folder: Path,
    limits: Limits = LIMITS,
    watch: Callable[[Progress], None] | None = None,
) -> Any:
    """In place of `sources.child.run`: the same task for the same values, heard and failing alike."""
    module, function = task.split(":")
    with listening(watch or (lambda progress: None)):
        tell("starting")
        try:
            return getattr(import_module(module), function)(json.loads(json.dumps(order)))
        except (JourneyError, OSError):
            raise
        except Exception as problem:
            raise FileBroken(reason=type(problem).__name__) from problem
