"""The command line: `python -m journey ask QUESTION FILE...`, `suggest`, `check` and `projects`.

Exit codes: 0 answered, 2 misuse (arguments, settings, columns, stages), 3 the input cannot be read or says
nothing about customers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from journey.cli import check, grammar, inputs, output, projects
from journey.cli.options import parsed, wished_language
from journey.cli.problems import InFile, Usage
from journey.cli.tables import for_all, tables
from journey.errors import JourneyError, QuestionUnknown, SettingWrong, Unreadable
from journey.i18n import pick_language, text
from journey.questions import QUESTIONS
from journey.stages.stage_map import IGNORED, StageMap
from journey.stages.templates import TEMPLATES

__all__ = ["main"]

_ANSWERED, _MISUSE, _UNREADABLE = 0, 2, 3
# Options about files and questions.
_OF_FILES = ("stages", "stage", "set", "columns", "kind")
# Settings of questions that are what files say beside the log.
_FROM_FILES = ("survey", "tables")
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
        problem = error.problem if isinstance(error, InFile) else error
        said = output.sentence(problem.key, problem.values, language)
        print(
            f"{output.one_line(error.name)}: {said}" if isinstance(error, InFile) else said, file=sys.stderr
        )
        return _UNREADABLE if isinstance(problem, Unreadable) else _MISUSE
    return _ANSWERED


def _command(options: argparse.Namespace) -> str:
    words = options.words
    if not words:
        raise Usage(what="nothing")
    if words[0] not in _COMMANDS:
        raise SettingWrong(setting="python -m journey", value=words[0], allowed=", ".join(_COMMANDS))
    if words[0] == "projects":
        given = [f"--{name}" for name in _OF_FILES if getattr(options, name)]
        if given:
            raise Usage(what="not_projects", option=given[0])
        return "projects"
    if options.without_data:
        raise Usage(what="only_export", option="--without-data")
    if options.ids is not None:
        raise Usage(what="only_erase", option="--ids")
    if len(words) < (3 if words[0] == "ask" else 2):
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
    files = options.words[2:]
    target = output.target(options.out, inputs=(*files, options.stages))
    every = grammar.own_settings(question)
    # What stands beside the log comes from the files, not from settings.
    own = {key: setting for key, setting in every.items() if key not in _FROM_FILES}
    values, where = grammar.settings(
        for_all(options.set, files), {**{name: kind for name, (kind, _) in own.items()}, **grammar.READING}
    )
    source = inputs.read(options, files, values, by_tables="tables" in every)
    first, last = values.get("from"), values.get("to")
    # A question that looks at days of its own compares them with what lies before: its log is not cut.
    own_days = "days" in own and values.get("days") is None and (first is not None or last is not None)
    log = source.log if own_days else source.log.between(first, last)
    wanted = {attribute: [value or None for value in names] for attribute, names in where.items()}
    # Asked for at one end of the journeys only, it is a setting of the question and no filter of the rows.
    at_one_end = "where" in own and values.get("where_at", "whole") != "whole"
    for attribute, names in wanted.items() if not at_one_end else ():
        log = log.where(attribute, names)
    stages, template, notes = inputs.stage_map(options, source.log, values.get("template"), language)
    chosen = {key: value for key, value in values.items() if key in own}
    if at_one_end:
        chosen["where"] = {**(chosen.get("where") or {}), **wanted}
    if own_days:
        known = source.log.days()
        chosen["days"] = [str(first or known[0]), str(last or known[1])]
    beside = {"survey": source.tables.answers, "tables": source.tables}
    beside = {key: value for key, value in beside.items() if key in every}
    answer = question(log, stages, **chosen, **beside)
    settings = {
        **{key: default for key, (_, default) in own.items()},
        **chosen,
        **{key: values.get(key) for key in grammar.READING},
        **source.settings,
        "template": template,
        "where": where,
        "stages": json.loads(stages.to_json()),
    }
    found = [note for note in (*source.notes, *log.notes) if note.code not in _FOR_CHECK]
    missing = getattr(answer, "missing", ())
    # What a result must be read with comes before all that is only good to know.
    guards = [guard.finding for guard in getattr(answer, "guards", ())]
    notes = output.once([*guards, *found, *answer.notes, *missing, *notes])
    # What is to be decided is said beside what was found; other questions call something else a verdict.
    decision = getattr(getattr(answer, "verdict", None), "finding", None)
    said = [answer.finding, *([] if decision is None else [decision])]
    if target is not None:
        output.write(target, name, answer, language)
    chosen_format = options.format or "text"
    if chosen_format == "json":
        output.print_json(
            {
                "question": name,
                "settings": settings,
                "finding": output.as_json(answer.finding),
                **({} if decision is None else {"verdict": output.as_json(decision)}),
                "notes": [output.as_json(note) for note in notes],
                "table": answer.table.to_dict(orient="records"),
            }
        )
    elif chosen_format == "csv":
        output.print_csv(answer.table)
    else:
        output.print_text(said, answer.table, notes, language)


def _suggest(options: argparse.Namespace, language: str) -> None:
    files = options.words[1:]
    values, _ = grammar.settings(for_all(options.set, files), grammar.reading_only("from", "to"))
    log = inputs.read(options, files, values).log
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
    files = options.words[1:]
    values, _ = grammar.settings(for_all(options.set, files), grammar.reading_only("from", "to", "template"))
    report = check.report(tables(options, files, values))
    if options.format == "json":
        output.print_json(check.as_json(report))
    elif options.format == "csv":
        output.print_csv(check.roles(report.files, language))
    else:
        check.print_text(report, language)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, str], None]] = {
    "ask": _ask,
    "suggest": _suggest,
    "check": _check,
    "projects": projects.run,
}


def _place_name(stages: StageMap, event: str, language: str) -> str:
    place = stages.stage_of(event)
    if place is not None:
        return stages.named(place).name
    return text("cli.place_bin" if stages.codes([event])[0] == IGNORED else "cli.place_tray", language)


if __name__ == "__main__":
    sys.exit(main())
