"""How far the reading of a file is, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

__all__ = ["STAGES", "Progress", "listening", "tell"]

STAGES = ("waiting", "starting", "unpacking", "reading", "writing")


@dataclass(frozen=True)
class Progress:
    """What is being done, one of `STAGES`, and the share of it that is done; None where nobody knows."""

    stage: str
    share: float | None = None


_listener: ContextVar[Callable[[Progress], None] | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """While this lasts, `listener` hears what is told in this context."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(stage: str, done: int | None = None, of: int | None = None) -> None:
    """Say what is being done, and how much of it; nobody may be listening."""
    listener = _listener.get()
    if listener is not None:
        share = None if done is None or not of else min(1.0, done / of)
        listener(Progress(stage, share))
