"""What an edit went over that its maker had not seen, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from journey.findings import Finding
from journey.projects.contents import packed
from journey.projects.edit_rows import EditRow, EditRows
from journey.projects.person import Person
from journey.projects.written_findings import finding_to_json
from journey.stages.changes import Key

__all__ = ["GoneOver", "Tell", "gone_over"]

# Who, which things, and whether it is told to whoever was there first.
Tell = Callable[[str, Collection[Key], bool], Finding]


@dataclass(frozen=True)
class GoneOver:
    """The newest edit gone over, what the makers are told as it is written down, and what I am told."""

    edit: int
    theirs: bytes
    mine: Finding


def gone_over(
    rows: EditRows,
    me: Person,
    moved: Collection[Key],
    tell: Tell,
    *,
    base: int,
    client: str | None,
) -> GoneOver | None:
    """An edit of these things, whose maker had seen the revision `base`; `tell` puts it into words."""
    unseen = _unseen(rows, me, moved, base, client)
    if not unseen:
        return None
    newest, keys = unseen[-1]
    by_person = {row.person: keys for row, keys in unseen}
    told = [
        {"person": person, "said": finding_to_json(tell(me.name or me.id, met, True))}
        for person, met in by_person.items()
        if person != me.key
    ]
    if newest.person == me.key:
        mine = Finding("history.over_elsewhere")
    else:
        mine = tell(newest.name or newest.person, keys, False)
    return GoneOver(newest.number, packed(told), mine)


def _unseen(
    rows: EditRows, me: Person, moved: Collection[Key], base: int, client: str | None
) -> list[tuple[EditRow, frozenset[Key]]]:
    """Edits of others, and of the person's other boards, to the same things after this revision."""
    found = rows.rows("revision > ? AND (person <> ? OR client <> ?)", (base, me.key, client))
    met = [(row, rows.touched(row).intersection(moved)) for row in found]
    return [(row, keys) for row, keys in met if keys]
