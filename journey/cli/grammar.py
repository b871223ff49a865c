"""Names quoted as CSV fields, the kinds and columns of files, and the typed values of --set."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import math
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from journey.cli.problems import Usage
from journey.errors import SettingWrong
from journey.events.kinds import KINDS, TableChoice

__all__ = [
    "NO_KIND",
    "OF_FILE",
    "READING",
    "ROLE_NAMES",
    "addressed",
    "chosen",
    "kind",
    "own_settings",
    "reading_only",
    "roles",
    "settings",
    "stage",
]

# How a file is read and understood.
OF_FILE: Mapping[str, Any] = {
    "zone": str,
    "date_order": str,
    "drop_duplicates": bool,
    "masked": bool,
    "first_is_purchase": bool,
    "cumulative": bool,
    "part": str,
    "sheet": str,
    "encoding": str,
    "delimiter": str,
    "header": int,
}
# Settings beside those of the question: the files, and which rows count.
READING: Mapping[str, Any] = {"from": dt.date, "to": dt.date, "template": str, **OF_FILE}
NO_KIND = "none"
_ROLES = [role for roles in KINDS.values() for role in roles]
ROLE_NAMES = frozenset({"attribute", *(role.name for role in _ROLES)})
_MANY = frozenset(role.name for role in _ROLES if role.many)
_NEVER_EMPTY = frozenset({"customer", "time", "scores", "text", "arm"})
_WHERE = "where."
_NOTHING = ("none", "null", "")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


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


def addressed(written: str, names: Iterable[str]) -> str | None:
    """What stands after the name of one of these files and a colon; None where it is about none of them."""
    for name in sorted(names, key=len, reverse=True):
        if written.startswith(f"{name}:"):
            return written[len(name) + 1 :]
    return None


def roles(written: str | None, have: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The columns that --columns names, by role; a role with nothing after it has no column.

    A role that many columns may play (`attributes`, `scores`, `outcomes`) may stand several times.
    """
    named: dict[str, tuple[str, ...]] = {}
    at = 0
    while written is not None and at < len(written):
        role, at = _field(written, at, "=,", "--columns")
        role = "attributes" if role == "attribute" else role
        again = role in named and role not in _MANY
        if role not in ROLE_NAMES or written[at : at + 1] != "=" or again:
            raise SettingWrong(setting="--columns", value=written, allowed="customer=…,event=…,time=…")
        name, at = _field(written, at + 1, ",", "--columns")
        at += 1
        if not name and role in _NEVER_EMPTY:
            raise SettingWrong(setting="--columns", value=written, allowed=", ".join(have))
        named[role] = (*named.get(role, ()), name) if name else named.get(role, ())
    return named


def kind(written: str | None, named: Mapping[str, Any], guessed: str | None) -> str | None:
    """What a table is taken for: what --kind says, else the guess, if it has the roles that were named."""
    if written is not None:
        if written not in (*KINDS, NO_KIND):
            raise SettingWrong(setting="--kind", value=written, allowed=", ".join((*KINDS, NO_KIND)))
        return None if written == NO_KIND else written
    if not named:
        return guessed
    likely = [*([guessed] if guessed else []), *KINDS]
    fitting = [each for each in likely if named.keys() <= {role.name for role in KINDS[each]}]
    if not fitting:
        raise SettingWrong(setting="--columns", value=", ".join(named), allowed=", ".join(_names(likely[0])))
    return fitting[0]


def chosen(named: Mapping[str, tuple[str, ...]], guess: TableChoice) -> TableChoice:
    """The columns that were named, the others as guessed; a column that was named plays no other role."""
    for role in named:
        if role not in _names(guess.kind):
            raise SettingWrong(setting="--columns", value=role, allowed=", ".join(_names(guess.kind)))
    taken = {column for columns in named.values() for column in columns}
    left = {
        role: tuple(column for column in columns if column not in taken)
        for role, columns in guess.roles.items()
        if role not in named
    }
    every = {**left, **named}
    return replace(guess, roles={role: every[role] for role in _names(guess.kind) if every.get(role)})


def _names(kind: str) -> tuple[str, ...]:
    return tuple(role.name for role in KINDS[kind])


def stage(written: str) -> tuple[str, list[str]]:
    """The name and the events of one --stage, each event once."""
    name, at = _field(written, 0, "=", "--stage")
    if at >= len(written):
        raise SettingWrong(setting="--stage", value=written, allowed='"a,b"="x,y",z')
    return name, list(dict.fromkeys(_fields(written, at + 1, ",", "--stage")))


def settings(written: Iterable[str], known: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The values of --set, typed as the question's signature asks, and the values of each where.ATTRIBUTE."""
    values: dict[str, Any] = {}
    where: dict[str, list[str]] = {}
    for each in written:
        at = len(_WHERE) if each.startswith(_WHERE) else 0
        name, end = _field(each, at, "=", "--set")
        if end >= len(each):
            raise SettingWrong(setting="--set", value=each, allowed="name=value")
        if name in (where if at else values):
            raise Usage(what="twice", option=f"--set {each[:at]}{name}")
        if at:
            where[name] = _fields(each, end + 1, "|", "--set") or [""]
            continue
        if name not in known:
            raise SettingWrong(setting="--set", value=name, allowed=", ".join([*known, f"{_WHERE}NAME"]))
        values[name] = _value(each, end + 1, name, known[name])
    return values, where


def _value(written: str, at: int, name: str, kind: Any) -> Any:
    """What a setting is set to; one that may be several takes them as CSV fields: start=a,"b, c"."""
    several = next((one for one in _kinds(kind) if typing.get_origin(one) in (Sequence, tuple)), None)
    if several is None:
        value, rest = _field(written, at, "", "--set")
        if rest < len(written):
            raise SettingWrong(setting=name, value=written[at:], allowed='"…"')
        return _typed(name, value, kind)
    values = _fields(written, at, ",", "--set")
    if len(values) <= 1 and {str, type(None)} & {*_kinds(kind)}:
        value = "".join(values)
        if str in _kinds(kind) or value.casefold() in _NOTHING:
            return _typed(name, value, kind)
    return [_typed(name, value, typing.get_args(several)[0]) for value in values]


def _kinds(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)


def _typed(name: str, value: str, kind: Any) -> Any:
    """The text of a setting as a value of the type that is asked for: int, float, bool, date, str, None."""
    kinds = _kinds(kind)
    if type(None) in kinds and value.casefold() in _NOTHING:
        return None
    for kind in kinds:
        try:
            if typing.get_origin(kind) is Mapping:
                return _rule(name, value)
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


def _rule(name: str, value: str) -> dict[str, Any]:
    """A setting that is written as JSON, such as the rule of a group: {"attribute": "plan", …}."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SettingWrong(setting=name, value=value[:80], allowed='{"attribute": "…", "values": ["…"]}')
    return found


def own_settings(question: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """The keyword settings of a question: name -> (type, default)."""
    signature = inspect.signature(question, eval_str=True)
    return {
        name: (parameter.annotation, parameter.default)
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def reading_only(*but: str) -> dict[str, Any]:
    """The settings for reading a file, without some of them."""
    return {name: kind for name, kind in READING.items() if name not in but}
