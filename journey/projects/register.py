"""The register of a project: every test that somebody wrote down, what was decided, and what was learned.

Each fact is one setting of the project, so that two people who write at once lose nothing: one may change the
metrics of a plan while another writes the hypothesis. Decisions are only added; a later one stands above the
earlier, which stays. Decisions are numbered, as clocks differ; two taken at once may have one number.

experiment.<id>                  {"at", "by"}: when the test was written down, and by whom
experiment.<id>.plan.<field>     one field of its Plan, as Plan.to_json has it
experiment.<id>.status           "idea" | "planned" | "running" | "ended" | "decided", where somebody said so
experiment.<id>.owner            who looks after it
experiment.<id>.learnings        {"text", "at", "by"}
experiment.<id>.draw             how its arms were drawn: the salt and what else makes them again
experiment.<id>.archived         true
experiment.<id>.decision.<id>    {"number", "verdict", "advised", "why", "at", "by", "finding", "headline"}
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from journey.errors import PlanGone, SettingWrong
from journey.figures import Figure
from journey.findings import Finding
from journey.projects.written_figures import figure_from_json, figure_to_json, moment_from_json
from journey.projects.written_findings import (
    are_findings,
    can_be_said,
    finding_to_json,
    findings_from_json,
)
from journey.stages.experiment_plan import Plan

__all__ = [
    "BEGINNING",
    "LONGEST_LEARNINGS",
    "LONGEST_WHY",
    "MOST_TESTS",
    "STATUSES",
    "VERDICTS",
    "Decision",
    "Entry",
    "Status",
    "Verdict",
    "archived",
    "decided",
    "drawn",
    "entries",
    "entry",
    "entry_of",
    "learned",
    "owned",
    "planned",
    "progress",
    "put_to",
    "removed",
    "replanned",
]

Status = Literal["idea", "planned", "running", "ended", "decided"]
Verdict = Literal["ship", "keep", "extend", "stop"]
Settings = Mapping[str, Any]

STATUSES: tuple[Status, ...] = get_args(Status)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MOST_TESTS = 500
LONGEST_WHY, LONGEST_LEARNINGS, LONGEST_OWNER = 2_000, 20_000, 200
BEGINNING = "experiment."
_BASE = re.compile(r"experiment\.([0-9a-f]{12})")
_DECISION = re.compile(r"decision\.([0-9a-f]{12})")
_PLAN = "plan."


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a test, and what its result was at that moment.

    `advised` is what the written rule said then, "" where it was not asked. `finding` and `headline` are what
    the result said of the primary metric.
    """

    id: str
    verdict: Verdict
    why: str
    at: dt.datetime
    by: str = ""
    advised: str = ""
    finding: Finding | None = None
    headline: Figure | None = None


@dataclass(frozen=True)
class Entry:
    """One test. `decisions` stand in the order in which they were taken; the last one holds.

    `status` is what somebody said of how far it is, "" where nobody did: then `progress` knows.
    """

    id: str
    plan: Plan
    at: dt.datetime
    by: str = ""
    status: Status | Literal[""] = ""
    owner: str = ""
    learnings: str = ""
    learned_at: dt.datetime | None = None
    learned_by: str = ""
    draw: Mapping[str, Any] = field(default_factory=dict)
    is_archived: bool = False
    decisions: tuple[Decision, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The one that holds."""
        return self.decisions[-1] if self.decisions else None


def entries(settings: Settings) -> tuple[Entry, ...]:
    """All tests, the one that was written down last first; what is no test is left out."""
    facts: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        if match := _BASE.match(name):
            facts.setdefault(match[1], {})[name[match.end() :]] = value
    found = [_entry(id_, told) for id_, told in facts.items() if isinstance(told.get(""), Mapping)]
    return tuple(sorted(found, key=lambda one: (one.at, one.id), reverse=True))


def entry(settings: Settings, id_: str) -> Entry | None:
    """The test of this id; None where there is none."""
    return next((one for one in entries(settings) if one.id == id_), None)


def entry_of(settings: Settings, source: Mapping[str, Any]) -> Entry | None:
    """The test of which the results stand there, as Plan.source names it: the newest that is not archived."""
    those = [one for one in entries(settings) if dict(one.plan.source) == dict(source)]
    return next((one for one in those if not one.is_archived), those[0] if those else None)


def progress(entry: Entry, today: dt.date, *, has_results: bool = False) -> Status:
    """How far is a test today? What somebody said, else what its plan, its days and its decisions say.

    A decision ends it, unless it is to go on. It runs from its first day on, or once there are results of it,
    until its last day is over or its people say that it ended as planned. Before that it is planned as soon
    as somebody worked out its arms, size or days, and an idea until then.
    """
    if entry.status:
        return entry.status
    plan, decision = entry.plan, entry.decision
    if decision is not None:
        return "running" if decision.verdict == "extend" else "decided"
    if plan.ended:
        return "ended"
    has_begun = has_results if plan.starts is None else plan.starts <= today
    if has_begun:
        return "ended" if plan.ends is not None and plan.ends < today else "running"
    is_planned = plan.arms or plan.planned or plan.starts or plan.ends or entry.draw
    return "planned" if is_planned else "idea"


# ---- changing it ----------------------------------------------------------------------------------------


def planned(
    id_: str, plan: Plan, *, at: dt.datetime, by: str, status: Status | None = None, owner: str = ""
) -> dict[str, Any]:
    """The operation that writes a test down; how far it is follows from it, unless a `status` is said."""
    if not _BASE.fullmatch(_name(id_)):
        raise SettingWrong(setting=BEGINNING, value=id_[:80], allowed="")
    fields = {_name(id_, f"{_PLAN}{what}"): value for what, value in plan.to_json().items()}
    facts = {"status": status and _status(status), "owner": owner[:LONGEST_OWNER] or None}
    told = {_name(id_, what): value for what, value in facts.items()}
    return _all({_name(id_): {"at": at.isoformat(), "by": by}, **fields, **told})


def replanned(settings: Settings, id_: str, seen: Plan, plan: Plan) -> dict[str, Any]:
    """The operation that changes a plan: what is another than whoever changed it had `seen`, nothing else."""
    _known(settings, id_)
    before, after = seen.to_json(), plan.to_json()
    other = [what for what in after if after[what] != before[what]]
    return _all({_name(id_, f"{_PLAN}{what}"): after[what] for what in other})


def put_to(settings: Settings, id_: str, status: Status | None) -> dict[str, Any]:
    """The operation that says how far a test is; None lets it follow from its plan and decisions again."""
    _known(settings, id_)
    return _one(id_, "status", None if status is None else _status(status))


def owned(settings: Settings, id_: str, owner: str) -> dict[str, Any]:
    """The operation that says who looks after a test."""
    _known(settings, id_)
    return _one(id_, "owner", owner.strip()[:LONGEST_OWNER] or None)


def learned(settings: Settings, id_: str, text: str, *, at: dt.datetime, by: str) -> dict[str, Any]:
    """The operation that writes down what was learned of a test; no text takes it away."""
    _known(settings, id_)
    told = {"text": text[:LONGEST_LEARNINGS], "at": at.isoformat(), "by": by}
    return _one(id_, "learnings", told if text.strip() else None)


def drawn(settings: Settings, id_: str, draw: Mapping[str, Any] | None) -> dict[str, Any]:
    """The operation that keeps how the arms were drawn."""
    _known(settings, id_)
    return _one(id_, "draw", None if draw is None else dict(draw))


def archived(settings: Settings, id_: str, yes: bool = True) -> dict[str, Any]:
    """The operation that puts a test away, or takes it out again."""
    _known(settings, id_)
    return _one(id_, "archived", True if yes else None)


def decided(
    settings: Settings,
    id_: str,
    new: str,
    verdict: Verdict,
    *,
    why: str,
    at: dt.datetime,
    by: str,
    advised: str = "",
    finding: Finding | None = None,
    headline: Figure | None = None,
) -> dict[str, Any]:
    """The operation that adds a decision of the id `new`, which outdates what was said of how far it is."""
    known = _known(settings, id_)
    if verdict not in VERDICTS or not _DECISION.fullmatch(f"decision.{new}"):
        raise SettingWrong(setting="decision", value=str(verdict)[:80], allowed=", ".join(VERDICTS))
    if any(one.id == new for one in known.decisions):
        raise SettingWrong(setting="decision", value=new, allowed="")
    told = {
        "number": len(known.decisions) + 1,
        "verdict": verdict,
        "advised": advised,
        "why": why.strip()[:LONGEST_WHY],
        "at": at.isoformat(),
        "by": by,
        "finding": None if finding is None else finding_to_json(finding),
        "headline": None if headline is None else figure_to_json(headline),
    }
    return _all({_name(id_, f"decision.{new}"): told, _name(id_, "status"): None})


def removed(settings: Settings, id_: str) -> dict[str, Any]:
    """The operation that takes a test out of the register, with all that was decided and learned."""
    _known(settings, id_)
    beginning = _name(id_, "")
    return _all({name: None for name in settings if name == _name(id_) or name.startswith(beginning)})


def _name(id_: str, what: str | None = None) -> str:
    return f"{BEGINNING}{id_}" if what is None else f"{BEGINNING}{id_}.{what}"


def _one(id_: str, what: str, value: Any) -> dict[str, Any]:
    return {"op": "setting", "name": _name(id_, what), "value": value}


def _all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"op": "settings", "values": dict(values)}


def _known(settings: Settings, id_: str) -> Entry:
    found = entry(settings, id_)
    if found is None:
        raise PlanGone
    return found


def _status(status: str) -> str:
    if status not in STATUSES:
        raise SettingWrong(setting="status", value=status[:80], allowed=", ".join(STATUSES))
    return status


# ---- reading it -----------------------------------------------------------------------------------------


def _entry(id_: str, facts: Mapping[str, Any]) -> Entry:
    told, learnings, draw = facts[""], facts.get(".learnings"), facts.get(".draw")
    learnings = learnings if isinstance(learnings, Mapping) else {}
    text, status = _text(learnings.get("text")), facts.get(".status")
    return Entry(
        id_,
        _plan(facts),
        moment_from_json(told.get("at")),
        _text(told.get("by")),
        cast(Status, status) if status in STATUSES else "",
        _text(facts.get(".owner")),
        text,
        moment_from_json(learnings.get("at")) if text else None,
        _text(learnings.get("by")),
        dict(draw) if isinstance(draw, Mapping) else {},
        facts.get(".archived") is True,
        _decisions(facts.items()),
    )


def _plan(facts: Mapping[str, Any]) -> Plan:
    """The plan of what can be read of it: a field that is damaged costs no more than itself."""
    beginning = f".{_PLAN}"
    content = {name.removeprefix(beginning): one for name, one in facts.items() if name.startswith(beginning)}
    good = {}
    for what, value in content.items():
        try:
            Plan.from_json({what: value})
        except SettingWrong:
            continue
        good[what] = value
    return Plan.from_json(good)


def _decisions(facts: Iterable[tuple[str, Any]]) -> tuple[Decision, ...]:
    found: list[tuple[int, Decision]] = []
    for name, value in facts:
        match = _DECISION.fullmatch(name.removeprefix("."))
        if match and isinstance(value, Mapping) and value.get("verdict") in VERDICTS:
            number = value.get("number")
            decision = Decision(
                match[1],
                value["verdict"],
                _text(value.get("why")),
                moment_from_json(value.get("at")),
                _text(value.get("by")),
                _text(value.get("advised")),
                _finding(value.get("finding")),
                figure_from_json(value.get("headline")),
            )
            found.append((number if type(number) is int else 0, decision))
    # Clocks differ, and a moment has no less than a second.
    found.sort(key=lambda one: (one[0], one[1].at, one[1].id))
    return tuple(decision for _, decision in found)


def _finding(value: Any) -> Finding | None:
    """What was said then; None where this version has no such sentence."""
    if not are_findings([value]):
        return None
    try:
        found = findings_from_json([value])
    except SettingWrong:
        return None
    return found[0] if can_be_said(found) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
