"""Which column says who, what and when, and what kind of table is it? A guess with reasons, to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from journey.errors import RoleMissing
from journey.events.column_facts import Rows, facts_of, sampled_rows, with_times
from journey.events.column_names import word_scores
from journey.events.column_roles import (
    MOST_ATTRIBUTES,
    Guessed,
    Roles,
    events_possible,
    roles_of,
)
from journey.events.kinds import KINDS, TableChoice
from journey.events.presets import PresetColumns, recognise
from journey.events.role_scores import MOST_NUMBERS, MOST_VALUES, Column
from journey.events.table_kinds import best_kind, kind_scores, reason_for, reason_for_none
from journey.findings import Finding
from journey.sources.raw_table import RawTable

__all__ = [
    "MOST_ATTRIBUTES",
    "MOST_NUMBERS",
    "MOST_VALUES",
    "ROLES",
    "ColumnChoice",
    "Guessed",
    "TableGuess",
    "event_columns",
    "guess_table",
]

ROLES = ("customer", "event", "time", "session")
_LIKE_TIMES = 0.3
_MOST_TIMES = 40
_SHOWN = 3


@dataclass(frozen=True)
class ColumnChoice:
    """Which columns to read; without `event` every row is the one event named in `constant_event`."""

    customer: str
    event: str | None
    time: str
    session: str | None = None
    attributes: tuple[str, ...] = ()
    amount: str | None = None


@dataclass(frozen=True)
class TableGuess:
    """What a table is, and which column plays which role in it, for every kind that it could be.

    `kind` is None where it is no table about customers; `reason` says why it is this kind or none. `kinds`
    are the scores of the six, 0 to 1. `preset` names the tool whose export it is (ga4, amplitude, mixpanel,
    segment, rees46, xes), `zone` the time zone that this tool documents. `roles` of a kind lack the roles
    that no column plays. `events_possible` could name the event where no column does. `sampled` of `rows`
    rows were looked at.
    """

    kind: str | None
    kinds: Mapping[str, float]
    reason: Finding
    preset: str | None
    zone: str | None
    roles: Mapping[str, Mapping[str, tuple[Guessed, ...]]]
    events_possible: tuple[str, ...]
    sampled: int
    rows: int

    @property
    def no_event(self) -> Finding | None:
        """What it means that no column names the event, with those that could; None where one does."""
        if self.roles["events"].get("event"):
            return None
        if not self.events_possible:
            return Finding("events.event_constant")
        return Finding("events.event_possible", {"columns": list(self.events_possible[:_SHOWN])})

    def choice(self, kind: str | None = None, zone: str = "Asia/Seoul") -> TableChoice:
        """The best columns for a kind, the guessed one unless another is asked for (events if it is none).

        Roles that the kind needs may be missing. `zone` is for times without an offset; where the tool that
        wrote the file documents another one, that one is taken.
        """
        wanted = kind or self.kind or "events"
        roles = {
            role.name: tuple(guessed.column for guessed in self.roles[wanted][role.name])
            for role in KINDS[wanted]
            if self.roles[wanted].get(role.name)
        }
        documented = self.zone if wanted == "events" else None
        return TableChoice(wanted, roles, documented or zone)


def guess_table(raw: RawTable) -> TableGuess:
    """Guess from the names of the columns (synonyms in Korean and English) and a sample of their values.

    Neither the order of the columns nor that of the rows matters (of the rows as far as they were all looked
    at): of columns that fit equally well the first by name is taken. Of columns that share a name the first
    is looked at.
    """
    rows = len(raw.frame) - (raw.total_row is not None and raw.total_row == len(raw.frame) - 1)
    sample = sampled_rows(rows, raw.frame.shape[1])
    columns = _columns(raw, sample)
    roles: dict[str, Roles] = {kind: roles_of(kind, columns) for kind in KINDS}
    preset = recognise([column.facts for column in columns])
    if preset is not None:
        roles["events"] = _with_preset(preset, roles["events"])
    kinds = kind_scores(columns, roles)
    if preset is not None:
        kinds["events"] = 1.0
    kind = best_kind(kinds)
    if preset is not None:
        reason = Finding("columns.kind_preset", {"preset": preset.preset.called})
    elif kind is not None:
        reason = reason_for(kind, roles[kind])
    else:
        reason = reason_for_none(columns, roles)
    return TableGuess(
        kind=kind,
        kinds=kinds,
        reason=reason,
        preset=None if preset is None else preset.preset.name,
        zone=None if preset is None else preset.preset.zone,
        roles=roles,
        events_possible=() if roles["events"].get("event") else events_possible(columns, roles["events"]),
        sampled=sample.count,
        rows=rows,
    )


def _columns(raw: RawTable, sample: Rows) -> list[Column]:
    """What the names and the sampled values say; the columns that look most like times are read as times."""
    columns: dict[str, Column] = {}
    for place, (label, column) in enumerate(raw.frame.items()):
        name = str(label)
        # Notes beside the table are nobody's attributes.
        if name not in columns and name not in raw.aside:
            columns[name] = Column(place, facts_of(column, name, sample), word_scores(name))
    likely = [
        column
        for column in columns.values()
        if column.facts.times >= _LIKE_TIMES
        and (column.facts.numeric < 0.5 or column.facts.stamped >= 0.5 or column.says("time"))
    ]
    likely.sort(key=lambda column: (-column.says("time"), -round(column.facts.times, 6), column.rank))
    for one in likely[:_MOST_TIMES]:
        facts = with_times(one.facts, raw.frame.iloc[:, one.place], sample)
        columns[one.name] = replace(one, facts=facts)
    for one in likely[_MOST_TIMES:]:
        # So many times: none of these is the one that counts.
        columns[one.name] = replace(one, facts=replace(one.facts, years=False))
    unlike = set(columns) - {one.name for one in likely}
    for name in unlike:
        columns[name] = replace(columns[name], facts=replace(columns[name].facts, times=0.0, years=False))
    return list(columns.values())


def _with_preset(preset: PresetColumns, roles: Roles) -> Roles:
    """The roles of a preset, and of the guess the attributes."""
    called = preset.preset.called
    found: Roles = {
        role: (Guessed(column, 1.0, Finding("columns.role_by_preset", {"column": column, "preset": called})),)
        for role, column in preset.roles.items()
    }
    taken = set(preset.roles.values())
    attributes = tuple(guessed for guessed in roles.get("attributes", ()) if guessed.column not in taken)
    return {**found, "attributes": attributes} if attributes else found


def event_columns(choice: TableChoice) -> ColumnChoice:
    """The columns of a table of events as the builder of logs takes them.

    Raises RoleMissing where no column says who or none says when.
    """
    customer, time = choice.one("customer"), choice.one("time")
    if customer is None or time is None:
        raise RoleMissing(kind=choice.kind, role="customer" if customer is None else "time")
    return ColumnChoice(
        customer,
        choice.one("event"),
        time,
        choice.one("session"),
        choice.all("attributes"),
        choice.one("amount"),
    )
