"""How long a law is tried: briefly in `make test`, at full length in `make soak`."""

from __future__ import annotations

import os

__all__ = ["FULL_LENGTH", "examples"]

FULL_LENGTH = bool(os.environ.get("JOURNEY_SOAK"))


def examples(brief: int) -> int:
    """So many drawn examples, fifty times as many at full length."""
    return brief * 50 if FULL_LENGTH else brief
