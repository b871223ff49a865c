"""Logs of tables, for tests that do not ask why a row is missing."""

from __future__ import annotations

from journey.events.build import event_rows

__all__ = ["event_log"]


def event_log(raw, columns, **how):
    """The events of the chosen columns of a table."""
    log, _ = event_rows(raw, columns, **how)
    return log
