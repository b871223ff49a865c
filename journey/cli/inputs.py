"""What a question needs: the files as one log, and stages, suggested where none are named."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from journey.cli import grammar
from journey.cli.problems import CannotOpen, Usage
from journey.cli.tables import Table, described, opened, tables
from journey.errors import SettingWrong
from journey.events.cleaned import Cleaned
from journey.events.joined import joined
from journey.events.log import EventLog
from journey.events.matches import Match
from journey.events.other_tables import (
    NO_TABLES,
    REGISTERED,
    OtherTables,
    called,
    nobody,
    other_tables,
    registered,
)
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.stages.suggest import Suggestion, suggest
from journey.stages.templates import TEMPLATES

__all__ = ["Input", "left_out", "matched", "read", "stage_map", "suggested", "suggestion", "taken"]


@dataclass(frozen=True)
class Input:
    """The log of all files, what to say about each, the settings that were used to read them, and the tables
    that stand beside the log."""

    log: EventLog
    notes: tuple[Finding, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    tables: OtherTables = NO_TABLES


def read(
    options: argparse.Namespace, files: Sequence[str], values: Mapping[str, Any], *, by_tables: bool = False
) -> Input:
    """The files as one log.

    Of several files those that say nothing about customers are left out, with a note. Raises NoJourney where
    none says anything, and Usage where none has events or orders; `by_tables` lets the log of those whom only
    tables know take its place, as in the app.
    """
    if values.get("template", "six") not in TEMPLATES:  # without one, the names decide
        raise SettingWrong(setting="template", value=values["template"], allowed=", ".join(TEMPLATES))
    found = tables(options, files, values)
    used = [table for table in found if table.choice is not None] or found[:1]
    parts = [table.cleaned() for table in used]
    whole = joined(parts)
    beside = other_tables((part.kind, _called(table, part)) for table, part in zip(used, parts, strict=True))
    log = whole.log
    if log is None and by_tables:
        log = registered(beside) or (nobody() if beside.records or beside.sums else None)
    if log is None:
        kinds = [Finding(f"bring.kind_{part.kind}") for part in parts]
        raise Usage(what="no_log", files=[table.name for table in used], kinds=kinds)
    notes: list[Finding] = []
    if len(found) > 1:
        notes = [left_out(table) for table in found if table.choice is None]
        for table, part, match in zip(used, parts, whole.matches, strict=True):
            notes += [taken(table, part), *matched(table, match)]
    elif whole.log is None:
        notes = list(parts[0].notes)
    if len(found) == 1:
        settings = described(found[0])
    else:
        settings = {"files": [{"file": table.name, **described(table)} for table in found]}
    return Input(log, tuple(notes), settings, beside)


def _called(table: Table, part: Cleaned) -> Mapping[str, pa.Table]:
    """The tables of a file; a test without a name is called as its file is."""
    return called(part.tables, Path(table.name).name) if part.kind == "experiment" else part.tables


def left_out(table: Table) -> Finding:
    """Why a file is not used."""
    return Finding("cli.note_left_out", {"file": table.name, "reason": table.guess.reason})


def taken(table: Table, part: Cleaned) -> Finding:
    """What a file is taken for, and how many of its rows and customers count."""
    return Finding(
        "cli.note_taken",
        {
            "file": table.name,
            "kind": Finding(f"bring.kind_{part.kind}"),
            "used": part.used,
            "rows": part.rows,
            "customers": len(part.customer_ids),
        },
    )


def matched(table: Table, match: Match) -> list[Finding]:
    """How many of a file's customers are elsewhere too, and what keeps the others apart."""
    if match.share is None:
        return []
    said = {
        "file": table.name,
        "matched": match.matched,
        "customers": match.customers,
        "share": match.share,
    }
    return [Finding("cli.note_matched", said), *([] if match.hint is None else [match.hint])]


def stage_map(
    options: argparse.Namespace, log: EventLog, template: str | None, language: str
) -> tuple[StageMap, str | None, list[Finding]]:
    """The stages that were asked for, else the suggested ones and their template; notes on missing events."""
    if options.stages is not None:
        with opened(options.stages) as file:
            content = file.read()
        try:
            written = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise CannotOpen(file=options.stages, reason="not_utf8") from None
        return StageMap.from_json(written), None, []
    if not options.stage:
        made = suggestion(log, template, language)
        # Those whom only tables know did nothing that could be placed.
        said = [] if set(log.event_names) <= {REGISTERED} else [suggested(made, log)]
        return made.stage_map, made.template, said
    stages, notes, known = StageMap(), [], set(log.event_names)
    for written in options.stage:
        name, events = grammar.stage(written)
        stages = stages.add_stage(name)
        stage = stages.stages[-1]
        for event in events:
            if event in stages.events:
                raise Usage(what="event_twice", event=event)
            if event not in known:
                notes.append(Finding("cli.note_event_missing", {"event": event, "stage": stage.name}))
        stages = stages.put(events, stage.id)
    return stages, None, notes


def suggestion(log: EventLog, template: str | None, language: str) -> Suggestion:
    """The stages that the names of the log's events suggest."""
    rows = np.bincount(log.event, minlength=len(log.event_names)).tolist()
    return suggest(log.event_names, rows, language=language, template=template)


def suggested(made: Suggestion, log: EventLog) -> Finding:
    """How many of the events the guess could place."""
    placed = sum(made.stage_map.stage_of(event) is not None for event in log.event_names)
    return Finding(
        "cli.note_suggested", {"placed": placed, "events": len(log.event_names), "template": made.template}
    )
