"""Which files came with the last edit, and which file of before is each the next one of?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journey.projects.data_ref import DataRef, FileRef
from journey.projects.history import Edit
from journey.projects.remembered import recognised

__all__ = ["Arrival", "arrivals"]


@dataclass(frozen=True)
class Arrival:
    """The file `new` came after `old`, whose columns it has: beside it, or in its place."""

    old: FileRef
    new: FileRef


def arrivals(edits: Sequence[Edit]) -> tuple[Arrival, ...]:
    """The files that the edit which holds now brought, each with the one of the same shape from before.

    `edits` are those of a project, newest first. Nothing came with any other edit than one of files, with the
    first files of a project, and with a file that was only read again with other columns.
    """
    done = [edit for edit in edits if not edit.undone]
    if not done or done[0].op.get("op") != "data":
        return ()
    earlier = next((edit for edit in done[1:] if edit.op.get("op") in ("data", "import", "restore")), None)
    # What a project went back to is not written beside the edit.
    if earlier is None or earlier.op.get("op") == "restore" or earlier.op.get("data") is None:
        return ()
    now, before = (DataRef.from_json(edit.op["data"]) for edit in (done[0], earlier))
    known = {file.id for file in before.files}
    uploads = {digest for file in before.files for digest in (file.upload, file.raw)}
    fresh = [file for file in now.files if file.id not in known and file.upload not in uploads]
    found = []
    for file in fresh:
        like = recognised(file.columns, [one for one in before.files if one.kind == file.kind])
        if like is not None:
            found.append(Arrival(like.file, file))
    return tuple(found)
