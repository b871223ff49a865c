"""A project goes for good: from the disk, from what the app keeps in memory, and from this tab."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from ui import ask, assigned, brought, demo, found, logs, session, uploads

__all__ = ["forget", "remove"]

# Where what was read of a project is cached under its id.
_MODULES = (ask, assigned, brought, demo, found, logs, uploads)


def remove(project_id: str) -> None:
    """Delete a project and everything that is kept of it; raises OwnerOnly for those who may not."""
    store = session.store()
    # A system that does not let open files be deleted needs them closed first; what another tab has read
    # again in the meantime goes after it.
    forget()
    store.delete(project_id)
    forget()
    if session.current().tray_of == project_id:
        uploads.clear()
    session.leave(project_id)


def forget() -> None:
    """Drop every log, view, answer and code that is cached for any project.

    A cache cannot be asked for the entries of one project. The others read theirs again: logs are mapped into
    memory, not copied, so that costs each of them one answer's time, once.
    """
    for module in _MODULES:
        for cached in _of_projects(module):
            cached.clear()


def _of_projects(module: ModuleType) -> list[Any]:
    """A module's cached functions that are asked by a project's id, or answer with one."""
    cached = [one for one in vars(module).values() if hasattr(one, "clear") and callable(one)]
    return [one for one in cached if {"project_id", "but"} & set(inspect.signature(one).parameters)]
