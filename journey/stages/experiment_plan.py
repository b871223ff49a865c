"""The plan of an experiment: what is tried on whom, what it is judged by, and when it is over."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from journey.errors import SettingWrong

__all__ = ["LONGEST_NAME", "MOST_ARMS", "MOST_METRICS", "Arm", "Metric", "MetricKind", "Plan", "Role", "Unit"]

MetricKind = Literal["conversion", "mean", "ratio", "revenue", "retention", "time"]
Role = Literal["primary", "secondary", "guardrail"]
Unit = Literal["customer", "session"]

MOST_ARMS, MOST_METRICS = 10, 40
LONGEST_NAME, _LONGEST_TEXT = 200, 5_000
# As long as a text of the data may be.
_LONGEST_LABEL = 1_000
_ID = re.compile(r"[a-z0-9_]{1,32}")
# Where the arms stand, and what a unit's number is read from.
_SOURCES = ("records", "sums", "attribute")
_MEASURES = ("column", "stage", "event", "revenue", "active")


@dataclass(frozen=True)
class Arm:
    """One variant: its label in the data, what people call it, and its planned part of all units."""

    label: str
    name: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Metric:
    """What the arms are compared by.

    kind    conversion  share of units to whom it happened
            mean        of a number, or of how often it happened
            ratio       of two sums, where `of` is {"above": measure, "below": measure}
            revenue     mean money a unit, with long tails
            retention   share of units active again in some days after the exposure
            time        mean days until it happened, cut at the end of the window for those to whom it did not
    of      a measure: {"column": NAME} of the file (with metrics in rows: the metric's name), or of the log,
            inside of the window: {"stage": ID}, {"event": NAME}, {"revenue": true},
            {"active": [FROM, TO]} (days after the exposure)
    better  which direction is wished for
    before  what is known of each unit from before (CUPED): {"column": NAME}, or {"days": N} of the log before
            the exposure; None for nothing
    cap     the share of units (of all arms together) above whose value values are cut to it; None: none
    margin  of a guardrail: the relative harm that is put up with (0.01 is one percent)
    """

    id: str
    kind: MetricKind
    of: Mapping[str, Any]
    name: str = ""
    role: Role = "secondary"
    better: Literal["higher", "lower"] = "higher"
    before: Mapping[str, Any] | None = None
    cap: float | None = None
    margin: float = 0.0


@dataclass(frozen=True)
class Plan:
    """An experiment as its team wrote it down.

    source    {"records": NAME or null} one row a unit, {"sums": NAME or null} summed tables, or
              {"attribute": NAME} of the log, from whose first row with a value on a customer is exposed
    arms      the first one is the control; no arms: those that the data has
    window    days after the exposure in which outcomes count; None: all that was observed
    planned   units of all arms together after which the result is final; None: nobody wrote it down
    ended     its people say that it ended as it was planned to
    smallest  the smallest effect that would be worth having: absolute, or relative to the control
    accepted  why a mismatch of the arms was taken note of; None: it was not
    """

    name: str = ""
    hypothesis: str = ""
    source: Mapping[str, Any] = field(default_factory=lambda: {"records": None})
    arms: tuple[Arm, ...] = ()
    metrics: tuple[Metric, ...] = ()
    unit: Unit = "customer"
    window: float | None = None
    starts: dt.date | None = None
    ends: dt.date | None = None
    planned: int | None = None
    ended: bool = False
    smallest: float | None = None
    is_relative: bool = False
    alpha: float = 0.05
    power: float = 0.8
    accepted: str | None = None

    @property
    def primary(self) -> Metric | None:
        """The metric that decides: the one in that role, else the first that is no guardrail."""
        others = [one for one in self.metrics if one.role != "guardrail"]
        return next((one for one in others if one.role == "primary"), others[0] if others else None)

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "source": dict(self.source),
            "arms": [vars(one).copy() for one in self.arms],
            "metrics": [{**vars(one), "of": dict(one.of)} for one in self.metrics],
            "starts": self.starts and self.starts.isoformat(),
            "ends": self.ends and self.ends.isoformat(),
        }

    @classmethod
    def from_json(cls, content: Any) -> Plan:
        """Read what `to_json` made; raises SettingWrong for anything else."""
        if not isinstance(content, Mapping) or set(content) - set(_FIELDS):
            raise _wrong("plan", content)
        made = {name: content[name] for name in _PLAIN if name in content}
        for name, value in made.items():
            if not _CHECKS[name](value):
                raise _wrong(name, value)
        if "source" in content:
            made["source"] = _source(content["source"])
        arms, metrics = content.get("arms", ()), content.get("metrics", ())
        if not _is_list(arms, MOST_ARMS) or not _is_list(metrics, MOST_METRICS):
            raise _wrong("arms", arms)
        made["arms"] = tuple(_arm(one) for one in arms)
        made["metrics"] = tuple(_metric(one) for one in metrics)
        for what, names in (
            ("arms", [one.label for one in made["arms"]]),
            ("metrics", [one.id for one in made["metrics"]]),
        ):
            if len(set(names)) < len(names):
                raise _wrong(what, names)
        made["starts"], made["ends"] = _day(content.get("starts")), _day(content.get("ends"))
        return cls(**made)


def _source(content: Any) -> Mapping[str, Any]:
    good = isinstance(content, Mapping) and len(content) == 1 and next(iter(content)) in _SOURCES
    if not good:
        raise _wrong("source", content)
    kind, name = next(iter(content.items()))
    if not (isinstance(name, str) or (name is None and kind != "attribute")):
        raise _wrong("source", content)
    return dict(content)


def _arm(content: Any) -> Arm:
    if not isinstance(content, Mapping) or set(content) - {"label", "name", "weight"}:
        raise _wrong("arm", content)
    label, name, weight = content.get("label"), content.get("name", ""), content.get("weight", 1.0)
    if not (_is_text(label, _LONGEST_LABEL) and label and _is_text(name, LONGEST_NAME)):
        raise _wrong("arm", content)
    if not _is_number(weight) or not 0 < weight <= 1e6:
        raise _wrong("weight", weight)
    return Arm(cast(str, label), name, float(weight))


def _metric(content: Any) -> Metric:
    names = set(Metric.__dataclass_fields__)
    if not isinstance(content, Mapping) or set(content) - names or not {"id", "kind", "of"} <= set(content):
        raise _wrong("metric", content)
    kind, of, before, cap = content["kind"], content["of"], content.get("before"), content.get("cap")
    good = isinstance(content["id"], str) and _ID.fullmatch(content["id"]) and kind in get_args(MetricKind)
    good = good and _is_text(content.get("name", ""), LONGEST_NAME)
    good = good and content.get("role", "secondary") in get_args(Role)
    good = good and content.get("better", "higher") in ("higher", "lower")
    good = good and (cap is None or (_is_number(cap) and 0.5 <= cap < 1))
    margin = content.get("margin", 0.0)
    good = good and _is_number(margin) and 0 <= margin <= 10
    good = good and (before is None or _is_before(before))
    if kind == "ratio":
        good = good and isinstance(of, Mapping) and set(of) == {"above", "below"}
        good = good and all(map(_is_measure, of.values() if isinstance(of, Mapping) else ()))
    else:
        good = good and _is_measure(of)
    if not good:
        raise _wrong("metric", content)
    return Metric(**{**content, "of": dict(of), "margin": float(margin)})


def _is_measure(of: Any) -> bool:
    if not isinstance(of, Mapping) or len(of) != 1:
        return False
    kind, what = next(iter(of.items()))
    if kind == "revenue":
        return what is True
    if kind == "active":
        good = isinstance(what, list | tuple) and len(what) == 2 and all(map(_is_number, what))
        return good and 0 <= what[0] < what[1] <= 3660
    return kind in _MEASURES and isinstance(what, str) and 0 < len(what) <= _LONGEST_LABEL


def _is_before(before: Any) -> bool:
    if not isinstance(before, Mapping) or len(before) != 1:
        return False
    if "days" in before:
        return _is_number(before["days"]) and 0 < before["days"] <= 3660
    return isinstance(before.get("column"), str)


def _day(text: Any) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise _wrong("day", text) from None


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, float) and math.isfinite(value))


def _is_list(value: Any, most: int) -> bool:
    return isinstance(value, list | tuple) and len(value) <= most


def _wrong(setting: str, value: Any) -> SettingWrong:
    return SettingWrong(setting=setting, value=str(value)[:80], allowed="plan")


_CHECKS = {
    "name": lambda value: _is_text(value, LONGEST_NAME),
    "hypothesis": lambda value: _is_text(value, _LONGEST_TEXT),
    "unit": lambda value: value in get_args(Unit),
    "window": lambda value: value is None or (_is_number(value) and 0 < value <= 3660),
    "planned": lambda value: value is None or (type(value) is int and 0 < value <= 10**12),
    "ended": lambda value: isinstance(value, bool),
    "smallest": lambda value: value is None or (_is_number(value) and 0 < value <= 1e15),
    "is_relative": lambda value: isinstance(value, bool),
    "alpha": lambda value: _is_number(value) and 0 < value <= 0.5,
    "power": lambda value: _is_number(value) and 0.5 <= value < 1,
    "accepted": lambda value: value is None or _is_text(value, _LONGEST_TEXT),
}
_PLAIN = tuple(_CHECKS)
_FIELDS = (*_PLAIN, "source", "arms", "metrics", "starts", "ends")
