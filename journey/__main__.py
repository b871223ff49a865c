"""The command line: `python -m journey ask QUESTION FILE`, `suggest FILE`, `check FILE`.

Exit codes: 0 answered, 2 misuse (arguments, settings, columns, stages), 3 the input cannot be read.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import inspect
import json
import math
import os
import re
import sys
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from journey.errors import JourneyError, Misuse, QuestionUnknown, SettingWrong, Unreadable
from journey.events.build import event_log
from journey.events.columns import ROLES, ColumnChoice, ColumnGuess, guess_columns
from journey.events.log import EventLog
from journey.findings import Finding
from journey.i18n import LANGUAGES, pick_language, text
from journey.questions import QUESTIONS
from journey.reports.plain import aligned, plain
from journey.reports.tables import to_csv, to_xlsx
from journey.sources.files import RawTable, read_table
from journey.stages.stage_map import IGNORED, StageMap
from journey.stages.suggest import Suggestion, suggest
from journey.stages.templates import TEMPLATES

__all__ = ["main"]

_ANSWERED, _MISUSE, _UNREADABLE = 0, 2, 3
_FORMATS = ("json", "csv", "text")
_PICTURES = (".png", ".svg", ".pdf")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
# Settings beside those of the question: how the file is understood, and which rows count.
_READING: Mapping[str, Any] = {
    "from": dt.date,
    "to": dt.date,
    "template": str,
    "zone": str,
    "date_order": str,
    "drop_duplicates": bool,
    "sheet": str,
    "encoding": str,
    "delimiter": str,
}
_WHERE = "where."


class _CannotOpen(Unreadable):
    """`file` could not be opened; `reason` is missing, folder, denied or broken."""

    code = "cannot_open"

    @property
    def key(self) -> str:
        return f"cli.cannot_open_{self.values['reason']}"


class _Usage(Misuse):
    """The arguments do not fit together; `key` is a sentence of the catalogue file cli."""

    code = "usage"

    @property
    def key(self) -> str:
        return f"cli.usage_{self.values['what']}"


@dataclass(frozen=True)
class _Input:
    """A file as it was read, with the settings that were used to read it."""

    raw: RawTable
    columns: ColumnChoice
    log: EventLog
    settings: Mapping[str, Any] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Answer one command; the answer goes to stdout, a sentence about what is wrong to stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = pick_language(_wished_language(arguments), os.environ.get("LANG"))
    try:
        options = _parsed(arguments)
        if options.help:
            print(text("cli.help", language, questions=list(QUESTIONS)))
            return _ANSWERED
        _COMMANDS[_command(options)](options, language)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); the interpreter must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except JourneyError as error:
        print(text(error.key, language, **error.values), file=sys.stderr)
        return _UNREADABLE if isinstance(error, Unreadable) else _MISUSE
    return _ANSWERED


class _Parser(argparse.ArgumentParser):
    """Says what is wrong through the catalogue; argparse itself speaks English only."""

    def error(self, message: str) -> NoReturn:
        named = re.match(r"argument (\S+?)[:/]", message)
        raise _Usage(
            what="value" if named else "wrong", option=named.group(1) if named else "", message=message
        )


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="python -m journey", add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-h", "--help", action="store_true")
    for option in ("--columns", "--stages", "--format", "--lang", "--out"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--stage", action="append", default=[])
    parser.add_argument("--set", action="append", default=[])
    options, unknown = parser.parse_known_intermixed_args(list(arguments))
    if unknown:
        raise _Usage(what="unknown", option=unknown[0])
    for name in ("columns", "stages", "format", "lang", "out"):
        values = getattr(options, name)
        if len(values) > 1:
            raise _Usage(what="twice", option=f"--{name}")
        setattr(options, name, values[0] if values else None)
    if options.lang is not None and options.lang not in LANGUAGES:
        raise SettingWrong(setting="--lang", value=options.lang, allowed=", ".join(LANGUAGES))
    if options.format is not None and options.format not in _FORMATS:
        raise SettingWrong(setting="--format", value=options.format, allowed=", ".join(_FORMATS))
    if options.stages is not None and options.stage:
        raise _Usage(what="both")
    return options


def _wished_language(arguments: Sequence[str]) -> str | None:
    """What stands after --lang, also when the rest of the arguments is wrong."""
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None


def _command(options: argparse.Namespace) -> str:
    words = options.words
    if not words:
        raise _Usage(what="nothing")
    if words[0] not in _COMMANDS:
        raise SettingWrong(setting="python -m journey", value=words[0], allowed=", ".join(_COMMANDS))
    if len(words) != (3 if words[0] == "ask" else 2):
        raise _Usage(what="ask" if words[0] == "ask" else "file", command=words[0])
    if words[0] != "ask":
        given = [f"--{name}" for name in ("stages", "stage", "out") if getattr(options, name)]
        if given:
            raise _Usage(what="only_ask", option=given[0])
    return str(words[0])


def _field(written: str, at: int, marks: str, option: str) -> tuple[str, int]:
    """One field as CSV writes it, from `at` up to one of the marks: the text and where the mark stands.

    A field that begins with a quote ends with the next single one and may hold any mark; "" in it is a quote.
    """
    start = at
    while start < len(written) and written[start] == " ":
        start += 1
    if written[start : start + 1] != '"':
        end = next((i for i in range(at, len(written)) if written[i] in marks), len(written))
        return unicodedata.normalize("NFC", written[at:end].strip()), end
    match = re.compile(r'"((?:[^"]|"")*)" *', re.DOTALL).match(written, start)
    if not match or (match.end() < len(written) and written[match.end()] not in marks):
        raise SettingWrong(setting=option, value=written, allowed='"a,b"="x,y",z')
    return unicodedata.normalize("NFC", match.group(1).replace('""', '"').strip()), match.end()


def _fields(written: str, at: int, mark: str, option: str) -> list[str]:
    """The fields between marks, from `at` to the end; nothing at all is no field."""
    if not written[at:].strip():
        return []
    found, end = _field(written, at, mark, option)
    fields = [found]
    while end < len(written):
        found, end = _field(written, end + 1, mark, option)
        fields.append(found)
    return fields


def _columns(written: str | None, guess: ColumnGuess, have: Sequence[str]) -> ColumnChoice | None:
    """The columns that --columns names, the others as guessed; None when customer or time is in neither.

    `attribute=` may stand several times and then replaces the guessed attributes; `event=` with nothing after
    it means that every row is one and the same event.
    """
    named: dict[str, str | None] = {}
    attributes: list[str] = []
    at = 0
    while written is not None and at < len(written):
        role, at = _field(written, at, "=,", "--columns")
        if role not in (*ROLES, "attribute") or written[at : at + 1] != "=" or role in named:
            raise SettingWrong(setting="--columns", value=written, allowed="customer=…,event=…,time=…")
        name, at = _field(written, at + 1, ",", "--columns")
        at += 1
        if role == "attribute":
            attributes.append(name)
        elif name or role in ("event", "session"):
            named[role] = name or None
        else:
            raise SettingWrong(setting="--columns", value=written, allowed=", ".join(have))
    taken = {*named.values(), *attributes}
    roles: dict[str, str | None] = {}
    for role in ROLES:
        guessed = getattr(guess, role)
        roles[role] = named.get(role, None if guessed in taken else guessed)
    customer, time = roles["customer"], roles["time"]
    if customer is None or time is None:
        return None
    taken |= set(roles.values())
    return ColumnChoice(
        customer,
        roles["event"],
        time,
        roles["session"],
        tuple(attributes) or tuple(name for name in guess.attributes if name not in taken),
    )


def _settings(
    written: Iterable[str], known: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values of --set, typed as the question's signature asks, and the values of each where.ATTRIBUTE."""
    values: dict[str, Any] = {}
    where: dict[str, list[str]] = {}
    for each in written:
        at = len(_WHERE) if each.startswith(_WHERE) else 0
        name, end = _field(each, at, "=", "--set")
        if end >= len(each):
            raise SettingWrong(setting="--set", value=each, allowed="name=value")
        if name in (where if at else values):
            raise _Usage(what="twice", option=f"--set {each[:at]}{name}")
        if at:
            where[name] = _fields(each, end + 1, "|", "--set") or [""]
            continue
        if name not in known:
            raise SettingWrong(setting="--set", value=name, allowed=", ".join([*known, f"{_WHERE}NAME"]))
        value, rest = _field(each, end + 1, "", "--set")
        if rest < len(each):
            raise SettingWrong(setting=name, value=each[end + 1 :], allowed='"…"')
        values[name] = _typed(name, value, known[name])
    return values, where


def _typed(name: str, value: str, kind: Any) -> Any:
    """The text of a setting as a value of the type that is asked for: int, float, bool, date, str, None."""
    kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if type(None) in kinds and value.casefold() in ("none", "null", ""):
        return None
    for kind in kinds:
        try:
            if kind is bool and value.casefold() in _YES + _NO:
                return value.casefold() in _YES
            if kind is int and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
                return int(value)
            if kind is float and math.isfinite(float(value)):
                return float(value)
            if kind is dt.date:
                return dt.date.fromisoformat(value)
        except ValueError:
            continue
        if kind is str:
            return value
    examples = {bool: "true, false", int: "1, 2, 3, …", float: "0.5, 30, …", dt.date: "2024-01-31"}
    raise SettingWrong(setting=name, value=value, allowed=", ".join(examples.get(k, "none") for k in kinds))


def _ask(options: argparse.Namespace, language: str) -> None:
    name = options.words[1]
    if name not in QUESTIONS:
        raise QuestionUnknown(name=name, have=list(QUESTIONS))
    question = QUESTIONS[name]
    target = _target(options.out)
    own = _own_settings(question)
    values, where = _settings(options.set, {**{name: kind for name, (kind, _) in own.items()}, **_READING})
    source = _read(options, values)
    log = source.log.between(values.get("from"), values.get("to"))
    for attribute, wanted in where.items():
        log = log.where(attribute, [value or None for value in wanted])
    stages, notes = _stage_map(options, source.log, values.get("template", "six"), language)
    chosen = {key: value for key, value in values.items() if key in own}
    answer = question(log, stages, **chosen)
    settings = {
        **{key: default for key, (_, default) in own.items()},
        **chosen,
        **source.settings,
        "from": values.get("from"),
        "to": values.get("to"),
        "where": where,
        "stages": json.loads(stages.to_json()),
    }
    notes = _once([*log.notes, *answer.notes, *notes])
    if target is not None:
        _write(target, name, answer, language)
    chosen_format = options.format or "text"
    if chosen_format == "json":
        _print_json(
            {
                "question": name,
                "settings": settings,
                "finding": _finding_json(answer.finding),
                "notes": [_finding_json(note) for note in notes],
                "table": _rows(answer.table),
            }
        )
    elif chosen_format == "csv":
        _print_csv(answer.table)
    else:
        _print_text([answer.finding], answer.table, notes, language)


def _suggest(options: argparse.Namespace, language: str) -> None:
    values, _ = _settings(options.set, _reading_only("from", "to"))
    log = _read(options, values).log
    made = _suggestion(log, values.get("template", "six"), language)
    if options.format in (None, "json"):
        _print_json(json.loads(made.stage_map.to_json()))
        return
    counts = np.bincount(log.event, minlength=len(log.event_names))
    places = [_place_name(made.stage_map, event, language) for event in log.event_names]
    table = pd.DataFrame(
        {
            "event": log.event_names,
            "rows": counts,
            "stage": places,
            "confidence": [made.confidence[event] for event in log.event_names],
            "reason": [text(made.reason[event], language) for event in log.event_names],
        }
    ).sort_values(["rows", "event"], ascending=[False, True])
    if options.format == "csv":
        _print_csv(table)
    else:
        _print_text([_suggested(made, log)], table, [], language)


def _check(options: argparse.Namespace, language: str) -> None:
    values, _ = _settings(options.set, _reading_only("from", "to", "template"))
    raw = _table(options, values)
    guess = guess_columns(raw)
    columns = _columns(options.columns, guess, list(raw.frame.columns))
    log = None if columns is None else _log(raw, columns, values)
    roles = {role: getattr(columns or guess, role) for role in ROLES}
    guessed = {role for role in ROLES if roles[role] is not None and roles[role] == getattr(guess, role)}
    found = [Finding("cli.check_workbook" if raw.kind == "xlsx" else "cli.check_text", _shape(raw))]
    for role, name in roles.items():
        if role in guessed and role in guess.reasons:
            found.append(guess.reasons[role])
        else:
            said = {"role": text(f"cli.role_{role}", language), "column": name or ""}
            found.append(Finding("cli.check_column" if name else "cli.check_no_column", said))
    notes = _once(raw.notes if log is None else log.notes)
    if log is not None:
        found.append(Finding("cli.check_log", _log_shape(log)))
    if options.format == "json":
        _print_json(
            {
                "file": {"name": raw.name, "kind": raw.kind, **_shape(raw)},
                "columns": {
                    role: {
                        "name": roles[role],
                        "confidence": guess.confidence.get(role) if role in guessed else None,
                        "reason": _finding_json(guess.reasons[role])
                        if role in guessed and role in guess.reasons
                        else None,
                    }
                    for role in ROLES
                },
                "attributes": list((columns or guess).attributes),
                "log": None if log is None else _log_shape(log),
                "notes": [_finding_json(note) for note in notes],
            }
        )
        return
    table = pd.DataFrame({"attribute": list((columns or guess).attributes)})
    if options.format == "csv":
        table = pd.DataFrame(
            [{"role": role, "column": name} for role, name in roles.items()]
            + [{"role": "attribute", "column": name} for name in (columns or guess).attributes]
        )
        _print_csv(table)
    else:
        _print_text(found, table, notes, language)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, str], None]] = {
    "ask": _ask,
    "suggest": _suggest,
    "check": _check,
}


def _own_settings(question: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """The keyword settings of a question: name -> (type, default)."""
    signature = inspect.signature(question, eval_str=True)
    return {
        name: (parameter.annotation, parameter.default)
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _reading_only(*but: str) -> dict[str, Any]:
    return {name: kind for name, kind in _READING.items() if name not in but}


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
    raise _CannotOpen(file=name, reason=reason)


def _table(options: argparse.Namespace, values: Mapping[str, Any]) -> RawTable:
    path = Path(options.words[-1])
    how = {key: values[key] for key in ("sheet", "encoding", "delimiter") if key in values}
    return read_table(_bytes(options.words[-1], path), path.name, **how)


def _log(raw: RawTable, columns: ColumnChoice, values: Mapping[str, Any]) -> EventLog:
    how = {key: values[key] for key in ("zone", "drop_duplicates") if key in values}
    if values.get("date_order", "ymd") not in ("ymd", "mdy", "dmy"):
        raise SettingWrong(setting="date_order", value=values["date_order"], allowed="ymd, mdy, dmy")
    return event_log(raw, columns, order=values.get("date_order"), **how)


def _read(options: argparse.Namespace, values: Mapping[str, Any]) -> _Input:
    if values.get("template", "six") not in TEMPLATES:
        raise SettingWrong(setting="template", value=values["template"], allowed=", ".join(TEMPLATES))
    raw = _table(options, values)
    guess = guess_columns(raw)
    columns = _columns(options.columns, guess, list(raw.frame.columns))
    if columns is None:
        raise _Usage(what="columns", have=list(raw.frame.columns))
    log = _log(raw, columns, values)
    settings = {
        "columns": {
            **{role: getattr(columns, role) for role in ROLES},
            "attributes": list(columns.attributes),
        },
        "zone": log.zone,
        "drop_duplicates": values.get("drop_duplicates", False),
    }
    return _Input(raw, columns, log, settings)


def _stage_map(
    options: argparse.Namespace, log: EventLog, template: str, language: str
) -> tuple[StageMap, list[Finding]]:
    """The stages that were asked for, else the suggested ones; notes on events that the file lacks."""
    if options.stages is not None:
        content = _bytes(options.stages, Path(options.stages))
        try:
            written = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _CannotOpen(file=options.stages, reason="not_utf8") from None
        return StageMap.from_json(written), []
    if not options.stage:
        made = _suggestion(log, template, language)
        return made.stage_map, [_suggested(made, log)]
    stages, notes, known = StageMap(), [], set(log.event_names)
    for written in options.stage:
        name, at = _field(written, 0, "=", "--stage")
        if at >= len(written):
            raise SettingWrong(setting="--stage", value=written, allowed='"a,b"="x,y",z')
        stages = stages.add_stage(name)
        stage = stages.stages[-1]
        for event in dict.fromkeys(_fields(written, at + 1, ",", "--stage")):
            if event in stages.events:
                raise _Usage(what="event_twice", event=event)
            stages = stages.place(event, stage.id)
            if event not in known:
                notes.append(Finding("cli.note_event_missing", {"event": event, "stage": stage.name}))
    return stages, notes


def _suggestion(log: EventLog, template: str, language: str) -> Suggestion:
    rows = np.bincount(log.event, minlength=len(log.event_names)).tolist()
    return suggest(log.event_names, rows, language=language, template=template)


def _suggested(made: Suggestion, log: EventLog) -> Finding:
    placed = sum(made.stage_map.stage_of(event) is not None for event in log.event_names)
    return Finding("cli.note_suggested", {"placed": placed, "events": len(log.event_names)})


def _target(out: str | None) -> Path | None:
    if out is None:
        return None
    target = Path(out)
    if target.suffix.lower() not in (*_PICTURES, ".xlsx"):
        raise SettingWrong(setting="--out", value=out, allowed=", ".join((*_PICTURES, ".xlsx")))
    return target


def _write(target: Path, name: str, answer: Any, language: str) -> None:
    if target.suffix.lower() == ".xlsx":
        content = to_xlsx({name: answer.table})
    else:
        from journey.charts.export import render

        chart = getattr(importlib.import_module(f"journey.charts.{name}"), f"{name}_chart")
        content = render(chart(answer, language=language), format=target.suffix.lower()[1:])
    try:
        target.write_bytes(content)
    except OSError:
        raise _Usage(what="out", option=str(target)) from None


def _print_json(content: Any) -> None:
    print(json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False))


def _print_csv(table: pd.DataFrame) -> None:
    # Lines end as in the file that --out or a page would write; print would add another end.
    sys.stdout.write(to_csv(table, bom=False).decode("utf-8").replace("\r\n", "\n"))


def _print_text(
    findings: Sequence[Finding], table: pd.DataFrame, notes: Sequence[Finding], language: str
) -> None:
    for finding in findings:
        print(text(finding.code, language, **finding.values))
    for note in notes:
        print(f"- {text(note.code, language, **note.values)}")
    if len(table):
        print()
        print("\n".join(aligned(table, language)))


def _place_name(stages: StageMap, event: str, language: str) -> str:
    place = stages.stage_of(event)
    if place is not None:
        return stages.named(place).name
    return text("cli.place_bin" if stages.codes([event])[0] == IGNORED else "cli.place_tray", language)


def _shape(raw: RawTable) -> dict[str, Any]:
    return {
        "rows": len(raw.frame),
        "columns": len(raw.frame.columns),
        "encoding": raw.encoding,
        "delimiter": {"\t": "tab"}.get(raw.delimiter, raw.delimiter),
        "header_line": raw.header_line,
        "sheet": raw.sheet,
        "rejected": raw.rejected,
    }


def _log_shape(log: EventLog) -> dict[str, Any]:
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


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "values": dict(finding.values)}


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return table.to_dict(orient="records")


def _once(notes: Iterable[Finding]) -> list[Finding]:
    """The notes in their order, each said once."""
    said: list[Finding] = []
    for note in notes:
        if note not in said:
            said.append(note)
    return said


if __name__ == "__main__":
    sys.exit(main())
