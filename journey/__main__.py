"""The command line: `python -m journey ask QUESTION FILE`, `suggest FILE`, `check FILE`.

Exit codes: 0 answered, 2 misuse (arguments, settings, columns, stages), 3 the input cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from journey.cli import grammar, inputs, output
from journey.cli.options import parsed, wished_language
from journey.cli.problems import Usage
from journey.errors import JourneyError, QuestionUnknown, SettingWrong, Unreadable
from journey.events.columns import ROLES, guess_table
from journey.events.log import EventLog
from journey.findings import Finding
from journey.i18n import pick_language, text
from journey.questions import QUESTIONS
from journey.sources.files import RawTable
from journey.stages.stage_map import IGNORED, StageMap
from journey.stages.templates import TEMPLATES

__all__ = ["main"]

_ANSWERED, _MISUSE, _UNREADABLE = 0, 2, 3
# Notes on a file that limit no answer. Tied rows do, but the answer counts those among its own rows itself.
_FOR_CHECK = {"events.rows_tied", "sources.encoding_read", "sources.text_normalised"}


def main(argv: Sequence[str] | None = None) -> int:
    """Answer one command; the answer goes to stdout, a sentence about what is wrong to stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = pick_language(wished_language(arguments), os.environ.get("LANG"))
    try:
        options = parsed(arguments)
        if options.help:
            print(text("cli.help", language, questions=list(QUESTIONS), templates=list(TEMPLATES)))
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


def _command(options: argparse.Namespace) -> str:
    words = options.words
    if not words:
        raise Usage(what="nothing")
    if words[0] not in _COMMANDS:
        raise SettingWrong(setting="python -m journey", value=words[0], allowed=", ".join(_COMMANDS))
    if len(words) != (3 if words[0] == "ask" else 2):
        raise Usage(what="ask" if words[0] == "ask" else "file", command=words[0])
    if words[0] != "ask":
        given = [f"--{name}" for name in ("stages", "stage", "out") if getattr(options, name)]
        if given:
            raise Usage(what="only_ask", option=given[0])
    return str(words[0])


def _ask(options: argparse.Namespace, language: str) -> None:
    name = options.words[1]
    if name not in QUESTIONS:
        raise QuestionUnknown(name=name, have=list(QUESTIONS))
    question = QUESTIONS[name]
    target = output.target(options.out, inputs=(options.words[-1], options.stages))
    own = grammar.own_settings(question)
    values, where = grammar.settings(
        options.set, {**{name: kind for name, (kind, _) in own.items()}, **grammar.READING}
    )
    source = inputs.read(options, values)
    log = source.log.between(values.get("from"), values.get("to"))
    for attribute, wanted in where.items():
        log = log.where(attribute, [value or None for value in wanted])
    stages, template, notes = inputs.stage_map(options, source.log, values.get("template"), language)
    chosen = {key: value for key, value in values.items() if key in own}
    answer = question(log, stages, **chosen)
    settings = {
        **{key: default for key, (_, default) in own.items()},
        **chosen,
        **{key: values.get(key) for key in grammar.READING},
        **source.settings,
        "template": template,
        "where": where,
        "stages": json.loads(stages.to_json()),
    }
    found = [note for note in log.notes if note.code not in _FOR_CHECK]
    notes = output.once([*found, *answer.notes, *notes])
    if target is not None:
        output.write(target, name, answer, language)
    chosen_format = options.format or "text"
    if chosen_format == "json":
        output.print_json(
            {
                "question": name,
                "settings": settings,
                "finding": output.as_json(answer.finding),
                "notes": [output.as_json(note) for note in notes],
                "table": answer.table.to_dict(orient="records"),
            }
        )
    elif chosen_format == "csv":
        output.print_csv(answer.table)
    else:
        output.print_text([answer.finding], answer.table, notes, language)


def _suggest(options: argparse.Namespace, language: str) -> None:
    values, _ = grammar.settings(options.set, grammar.reading_only("from", "to"))
    log = inputs.read(options, values).log
    made = inputs.suggestion(log, values.get("template"), language)
    if options.format in (None, "json"):
        output.print_json(json.loads(made.stage_map.to_json()))
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
        output.print_csv(table)
    else:
        output.print_text([inputs.suggested(made, log)], table, [], language)


def _check(options: argparse.Namespace, language: str) -> None:
    values, _ = grammar.settings(options.set, grammar.reading_only("from", "to", "template"))
    raw = inputs.table(options, values)
    guess = guess_table(raw)
    choice = guess.choice("events")
    columns = grammar.columns(options.columns, choice, list(raw.frame.columns))
    log = None if columns is None else inputs.built_log(raw, columns, values, guess)
    roles = {role: getattr(columns, role) if columns else choice.one(role) for role in ROLES}
    attributes = list(columns.attributes if columns else choice.all("attributes"))
    guessed = {
        role: guess.roles["events"][role][0]
        for role in ROLES
        if roles[role] is not None and roles[role] == choice.one(role)
    }
    found = [Finding("cli.check_text" if raw.sheet is None else "cli.check_workbook", _shape(raw))]
    for role, name in roles.items():
        if role in guessed:
            found.append(guessed[role].reason)
        else:
            said = {"role": text(f"cli.role_{role}", language), "column": name or ""}
            found.append(Finding("cli.check_column" if name else "cli.check_no_column", said))
    notes = output.once(raw.notes if log is None else log.notes)
    if log is not None:
        found.append(Finding("cli.check_log", _log_shape(log)))
    if options.format == "json":
        output.print_json(
            {
                "file": {"name": raw.name, "kind": raw.kind, **_shape(raw)},
                "columns": {
                    role: {
                        "name": roles[role],
                        "confidence": guessed[role].confidence if role in guessed else None,
                        "reason": output.as_json(guessed[role].reason) if role in guessed else None,
                    }
                    for role in ROLES
                },
                "attributes": attributes,
                "log": None if log is None else _log_shape(log),
                "notes": [output.as_json(note) for note in notes],
            }
        )
        return
    table = pd.DataFrame({"attribute": attributes})
    if options.format == "csv":
        table = pd.DataFrame(
            [{"role": role, "column": name} for role, name in roles.items()]
            + [{"role": "attribute", "column": name} for name in attributes]
        )
        output.print_csv(table)
    else:
        output.print_text(found, table, notes, language)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, str], None]] = {
    "ask": _ask,
    "suggest": _suggest,
    "check": _check,
}


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


if __name__ == "__main__":
    sys.exit(main())
