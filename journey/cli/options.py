"""Which options were typed? Misuse comes out as a sentence of the catalogue, never as argparse's English."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from journey.cli.problems import Usage
from journey.errors import SettingWrong
from journey.i18n import LANGUAGES

__all__ = ["parsed", "wished_language"]

_FORMATS = ("json", "csv", "text")
_REPEATED = ("--stage", "--set", "--columns", "--kind")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong through the catalogue; argparse itself speaks English only."""

    def error(self, message: str) -> NoReturn:
        named = re.match(r"argument (\S+?)[:/]", message)
        raise Usage(
            what="value" if named else "wrong", option=named.group(1) if named else "", message=message
        )


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options by name; those about stages, files and settings may be repeated."""
    parser = _Parser(prog="python -m journey", add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--without-data", action="store_true")
    for option in ("--stages", "--format", "--lang", "--out", "--ids"):
        parser.add_argument(option, action="append", default=[])
    for option in _REPEATED:
        parser.add_argument(option, action="append", default=[])
    options, unknown = parser.parse_known_intermixed_args(list(arguments))
    if unknown:
        raise Usage(what="unknown", option=unknown[0])
    for name in ("stages", "format", "lang", "out", "ids"):
        values = getattr(options, name)
        if len(values) > 1:
            raise Usage(what="twice", option=f"--{name}")
        setattr(options, name, values[0] if values else None)
    if options.lang is not None and options.lang not in LANGUAGES:
        raise SettingWrong(setting="--lang", value=options.lang, allowed=", ".join(LANGUAGES))
    if options.format is not None and options.format not in _FORMATS:
        raise SettingWrong(setting="--format", value=options.format, allowed=", ".join(_FORMATS))
    if options.stages is not None and options.stage:
        raise Usage(what="both")
    return options


def wished_language(arguments: Sequence[str]) -> str | None:
    """What stands after --lang, also when the rest of the arguments is wrong."""
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None
