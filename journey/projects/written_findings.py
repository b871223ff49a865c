"""Findings as a project writes them down, and reads them again."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from journey.errors import Misuse, SettingWrong
from journey.findings import Finding
from journey.i18n import LANGUAGES, text

__all__ = ["are_findings", "can_be_said", "finding_to_json", "findings_from_json"]

# What a sentence makes of values that are not its own.
_CONFUSED = (Misuse, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


def _is_finding(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"code", "values"}
        and isinstance(value["code"], str)
        and isinstance(value["values"], Mapping)
    )


def are_findings(value: Any) -> bool:
    """Is this JSON a list of findings?"""
    return isinstance(value, list) and all(map(_is_finding, value))


def can_be_said(findings: Iterable[Finding]) -> bool:
    """Has every language a sentence for each, with a value for each of its holes?"""
    try:
        for finding in findings:
            for language in LANGUAGES:
                text(finding.code, language, **finding.values)
    except _CONFUSED:
        return False
    return True


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values."""
    return {"code": finding.code, "values": {name: _plain(value) for name, value in finding.values.items()}}


def findings_from_json(content: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Read what `finding_to_json` made of each; raises SettingWrong for a day that is none."""
    return tuple(
        Finding(one["code"], {name: _told(value) for name, value in one["values"].items()}) for one in content
    )


def _plain(value: Any) -> Any:
    """A value of a finding as JSON has it, which has no word for a day, an instant or NaN: they get one."""
    if isinstance(value, dt.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    value = value.item() if hasattr(value, "item") else value
    return {"number": repr(value)} if isinstance(value, float) and not math.isfinite(value) else value


def _told(value: Any) -> Any:
    try:
        match value:
            case {"moment": str(text)} if len(value) == 1:
                return dt.datetime.fromisoformat(text)
            case {"day": str(text)} if len(value) == 1:
                return dt.date.fromisoformat(text)
            case {"number": "nan" | "inf" | "-inf" as text} if len(value) == 1:
                return float(text)
    except ValueError as error:
        raise SettingWrong(setting="data", value="notes", allowed="YYYY-MM-DD") from error
    if isinstance(value, Mapping):
        return {name: _told(inner) for name, inner in value.items()}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
