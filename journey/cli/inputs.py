"""The files that were named: a table as a log, a stage map, or the stages that are suggested without one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from journey.cli import grammar
from journey.cli.problems import CannotOpen, Usage
from journey.errors import SettingWrong
from journey.events.build import event_log
from journey.events.columns import ROLES, ColumnChoice, TableGuess, guess_table
from journey.events.log import EventLog
from journey.findings import Finding
from journey.sources.files import RawTable, read_table
from journey.stages.stage_map import StageMap
from journey.stages.suggest import Suggestion, suggest
from journey.stages.templates import TEMPLATES

__all__ = ["Input", "built_log", "read", "stage_map", "suggested", "suggestion", "table"]


@dataclass(frozen=True)
class Input:
    """A file as it was read, with the settings that were used to read it."""

    raw: RawTable
    columns: ColumnChoice
    log: EventLog
    settings: Mapping[str, Any] = field(default_factory=dict)


def _bytes(name: str, what: Path) -> bytes:
    try:
        return what.read_bytes()
    except FileNotFoundError:
        reason = "missing"
    except IsADirectoryError:
        reason = "folder"
    except PermissionError:
        reason = "folder" if what.is_dir() else "denied"
    except OSError:
        reason = "broken"
    raise CannotOpen(file=name, reason=reason)


def table(options: argparse.Namespace, values: Mapping[str, Any]) -> RawTable:
    """The rows of the file, as text."""
    path = Path(options.words[-1])
    how = {key: values[key] for key in ("sheet", "encoding", "delimiter") if key in values}
    if how.get("delimiter") in ("tab", "\\t"):
        how["delimiter"] = "\t"
    raw = read_table(_bytes(options.words[-1], path), path.name, **how)
    used = {"sheet": raw.sheet is not None, "encoding": bool(raw.encoding), "delimiter": raw.kind == "csv"}
    for key in how:
        # A setting that a file of this kind has no use for is a mistake that must not pass in silence.
        if not used[key]:
            raise SettingWrong(
                setting=key, value=values[key], allowed="XLSX" if key == "sheet" else "CSV, TSV"
            )
    return raw


def built_log(raw: RawTable, columns: ColumnChoice, values: Mapping[str, Any], guess: TableGuess) -> EventLog:
    """The events of the chosen columns, with a note on all that was left out or repaired.

    Without a `zone` of the caller's that one holds which the tool that wrote the file documents, if any.
    """
    how = {key: values[key] for key in ("zone", "drop_duplicates") if key in values}
    how.setdefault("zone", guess.choice("events").zone)
    if values.get("date_order", "ymd") not in ("ymd", "mdy", "dmy"):
        raise SettingWrong(setting="date_order", value=values["date_order"], allowed="ymd, mdy, dmy")
    return event_log(raw, columns, order=values.get("date_order"), **how)


def read(options: argparse.Namespace, values: Mapping[str, Any]) -> Input:
    """The file as a log. Raises Usage where neither --columns nor the guess says who and when."""
    if values.get("template", "six") not in TEMPLATES:  # without one, the names decide
        raise SettingWrong(setting="template", value=values["template"], allowed=", ".join(TEMPLATES))
    raw = table(options, values)
    guess = guess_table(raw)
    columns = grammar.columns(options.columns, guess.choice("events"), list(raw.frame.columns))
    if columns is None:
        raise Usage(what="columns", have=list(raw.frame.columns))
    log = built_log(raw, columns, values, guess)
    settings = {
        "columns": {
            **{role: getattr(columns, role) for role in ROLES},
            "attributes": list(columns.attributes),
        },
        "zone": log.zone,
        "drop_duplicates": values.get("drop_duplicates", False),
    }
    return Input(raw, columns, log, settings)


def stage_map(
    options: argparse.Namespace, log: EventLog, template: str | None, language: str
) -> tuple[StageMap, str | None, list[Finding]]:
    """The stages that were asked for, else the suggested ones and their template; notes on missing events."""
    if options.stages is not None:
        content = _bytes(options.stages, Path(options.stages))
        try:
            written = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise CannotOpen(file=options.stages, reason="not_utf8") from None
        return StageMap.from_json(written), None, []
    if not options.stage:
        made = suggestion(log, template, language)
        return made.stage_map, made.template, [suggested(made, log)]
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
