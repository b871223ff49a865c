"""What is in these files: how each was read, what it is taken for, its quality, and how they fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from journey.cli import inputs, output
from journey.cli.tables import Table
from journey.events.cleaned import Cleaned
from journey.events.columns import Guessed
from journey.events.joined import Joined, joined
from journey.events.kinds import KINDS
from journey.events.log import EventLog
from journey.events.matches import Match
from journey.events.privacy import Personal, personal
from journey.events.quality import GROUPS, Quality, quality
from journey.findings import Finding
from journey.i18n import text
from journey.sources.raw_table import RawTable

__all__ = ["Report", "as_json", "print_text", "report", "roles"]


@dataclass(frozen=True)
class Checked:
    """One file; without `made` it is not used, for `table.guess.reason` or for a role without a column."""

    table: Table
    personal: dict[str, Personal]
    made: Cleaned | None = None
    card: Quality | None = None
    match: Match | None = None


@dataclass(frozen=True)
class Report:
    """The files in their order, and what they are together."""

    files: tuple[Checked, ...]
    whole: Joined


def report(tables: Sequence[Table]) -> Report:
    """Clean every file that can be used, and join them."""
    made = [_cleaned(table) for table in tables]
    whole = joined([part for part in made if part is not None])
    matches = iter(whole.matches)
    files = []
    for table, part in zip(tables, made, strict=True):
        found = dict(personal(table.raw))
        if part is None:
            files.append(Checked(table, found))
            continue
        card = quality(table.raw, part, choice=table.choice)
        files.append(Checked(table, found, part, card, next(matches)))
    return Report(tuple(files), whole)


def _cleaned(table: Table) -> Cleaned | None:
    if table.choice is None or table.choice.missing:
        return None
    return table.cleaned()


# ---- for programs ----------------------------------------------------------------------------------------


def as_json(found: Report) -> dict[str, Any]:
    """Everything by name; shares and confidences are 0 to 1."""
    log = found.whole.log
    together = [] if log is None or len(found.files) == 1 else list(log.notes)
    return {
        "files": [_file(each) for each in found.files],
        "log": None if log is None else _log(log),
        "notes": [output.as_json(note) for note in output.once(together)],
    }


def _file(found: Checked) -> dict[str, Any]:
    table, card, match = found.table, found.card, found.match
    reason = table.guess.reason
    return {
        "name": table.name,
        "format": table.raw.kind,
        **_shape(table.raw),
        "kind": None if table.choice is None else table.choice.kind,
        "guess": {"kind": table.guess.kind, "preset": table.guess.preset, "reason": output.as_json(reason)},
        "roles": {
            role: [
                {
                    "column": column,
                    "confidence": None if guessed is None else guessed.confidence,
                    "reason": None if guessed is None else output.as_json(guessed.reason),
                }
                for column, guessed in columns
            ]
            for role, columns in _roles(table)
        },
        "personal": {
            column: {"kind": one.kind, "share": one.share, "whole": one.whole}
            for column, one in found.personal.items()
        },
        "used": None if found.made is None else found.made.used,
        "customers": None if found.made is None else len(found.made.customer_ids),
        "quality": {group: [output.as_json(note) for note in _notes(found, group)] for group in GROUPS}
        if card is not None
        else {"told": [output.as_json(note) for note in table.raw.notes]},
        "match": None
        if match is None or match.share is None
        else {
            "matched": match.matched,
            "share": match.share,
            "hint": None if match.hint is None else output.as_json(match.hint),
        },
    }


def _notes(found: Checked, group: str) -> tuple[Finding, ...]:
    return () if found.card is None else getattr(found.card, group)


def _roles(table: Table) -> list[tuple[str, list[tuple[str, Guessed | None]]]]:
    """Each role with its columns; what was named on the command line has no guess."""
    choice = table.choice
    if choice is None:
        return []
    known = table.guess.roles.get(choice.kind, {})
    every = []
    for role in KINDS[choice.kind]:
        guesses = {guessed.column: guessed for guessed in known.get(role.name, ())}
        if role.name in table.named:
            guesses = {}
        columns = [(column, guesses.get(column)) for column in choice.all(role.name)]
        every.append((role.name, columns))
    return every


def _shape(raw: RawTable) -> dict[str, Any]:
    return {
        "rows": len(raw.frame),
        "columns": len(raw.frame.columns),
        "encoding": raw.encoding,
        "delimiter": {"\t": "tab"}.get(raw.delimiter, raw.delimiter),
        "header_line": raw.header_line,
        "sheet": raw.sheet,
        "sheets": list(raw.sheets),
        "rejected": raw.rejected,
    }


def _log(log: EventLog) -> dict[str, Any]:
    first, last = (pd.Timestamp(moment, unit="us", tz="UTC").tz_convert(log.zone) for moment in log.observed)
    return {
        "rows": log.n_rows,
        "customers": log.n_customers,
        "events": len(log.event_names),
        "first": first.to_pydatetime(),
        "last": last.to_pydatetime(),
        "ties": len(log.tied),
        "zone": log.zone,
    }


# ---- for people --------------------------------------------------------------------------------------------


def roles(files: Sequence[Checked], language: str) -> pd.DataFrame:
    """One row a column that plays a role: file, kind, role, column, confidence (0 to 1) and reason."""
    rows = [
        (
            found.table.name,
            "" if found.table.choice is None else found.table.choice.kind,
            role,
            column,
            None if guessed is None else guessed.confidence,
            text("cli.as_said", language) if guessed is None else output.said(guessed.reason, language),
        )
        for found in files
        for role, columns in _roles(found.table)
        for column, guessed in columns
    ]
    names = ["file", "kind", "role", "column", "confidence", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"confidence": float})


def print_text(found: Report, language: str) -> None:
    """Each file in sentences, its roles as a table, then all files together."""
    for each in found.files:
        _print_file(each, language)
    log = found.whole.log
    if log is not None:
        together = list(log.notes) if len(found.files) > 1 else []
        output.print_text([Finding("cli.check_log", _log(log))], pd.DataFrame(), together, language)


def _print_file(found: Checked, language: str) -> None:
    table, made = found.table, found.made
    said = [Finding(f"cli.check_{_way(table.raw)}", {"file": table.name, **_shape(table.raw)})]
    if table.choice is not None:
        said.append(Finding("cli.check_kind", {"kind": Finding(f"bring.kind_{table.choice.kind}")}))
        said += [
            Finding("cli.check_no_column", {"role": Finding(f"bring.role_{role}")})
            for role in table.choice.missing
        ]
    if table.choice is None or table.choice.kind == table.guess.kind:
        said.append(table.guess.reason)
    if made is not None:
        said.append(Finding("cli.check_used", {"used": made.used, "rows": made.rows}))
        said.append(Finding("cli.check_customers", {"customers": len(made.customer_ids)}))
    if found.match is not None:
        said += inputs.matched(table, found.match)
    said += [
        Finding("cli.check_personal", {"column": column, "what": Finding(f"bring.personal_{one.kind}")})
        for column, one in found.personal.items()
    ]
    output.print_text(said, pd.DataFrame(), [], language)
    if found.card is None:
        output.print_text([], pd.DataFrame(), table.raw.notes, language)
    for group in GROUPS:
        notes = _notes(found, group)
        if notes:
            print(f"{text(f'cli.check_{group}', language)}:")
            output.print_text([], pd.DataFrame(), notes, language)
    places = roles([found], language).drop(columns=["file", "kind"])
    places["role"] = [text(f"bring.role_{role}", language) for role in places["role"]]
    output.print_text([], places, [], language)
    print()


def _way(raw: RawTable) -> str:
    return "workbook" if raw.sheet is not None else "text" if raw.delimiter else "typed"
