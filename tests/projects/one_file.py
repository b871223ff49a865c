"""A project about one log that was made elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from journey.events.cleaned import Cleaned
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.projects.incoming import Incoming
from journey.projects.project import Project
from journey.projects.state import ProjectState
from journey.sources.how import How

__all__ = ["put_log"]

CHOICE = TableChoice("events", {"customer": ("customer",), "event": ("event",), "time": ("time",)})


def put_log(
    project: Project,
    raw: bytes,
    name: str,
    log: EventLog,
    choice: TableChoice = CHOICE,
    *,
    how: How | None = None,
    **more: Any,
) -> ProjectState:
    """Let the project be about one file of events and nothing else."""
    used = np.zeros(log.n_rows, dtype=np.uint8)
    made = Cleaned("events", {}, log, log.customer_ids, used, log.notes)
    arriving = Incoming(name, raw, choice, made, how or How(), choice.columns)
    data = project.state.data
    replace = [] if data is None else [file.id for file in data.files]
    return project.put_files([arriving], joined([made]), replace=replace, **more)
