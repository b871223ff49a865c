"""Last month's file again: is it of the same shape, what is to be done with it, and what changed in it?"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cleaned import Cleaned
from journey.events.kinds import KINDS, TableChoice
from journey.events.log import EventLog
from journey.findings import Finding
from journey.projects.data_ref import FileRef
from journey.projects.incoming import span_of
from journey.sources.how import ALL_SHEETS, How

__all__ = ["Proposal", "Recognised", "changes", "proposal", "recognised"]

Proposal = Literal["same", "add", "replace", "ask"]

# A file is close to another when this share of the column names (of the file that has more) is common.
_CLOSE_SHARE = 0.8
# A list of customers is a newer state of another when it has this share of the other's ids.
_SAME_CUSTOMERS_SHARE = 0.5
# So much must the share of usable rows move to be worth a word.
_USED_SHARE_MOVES = 0.05
_MOST_NAMED = 5
_LONGEST_NAME = 60
_MARKS = re.compile(r"[\s_\-().:\[\]]+")
_GIVEN_NAME = re.compile(r"column_[0-9]+")


@dataclass(frozen=True)
class Recognised:
    """A file that was read before whose columns are those of the new one, or close to them.

    `choice` and `how` are what was said about it then, with the names as the new file spells them. `exact`
    says that all names are the same (blanks, case and marks aside); names that a reader had to make up are
    never exact. Else `gone` and `added` are the columns that differ; those that are gone play no role in
    `choice` any more. `share` of the names is common, by the file that has more.
    """

    file: FileRef
    choice: TableChoice
    how: How
    exact: bool
    share: float
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def recognised(
    columns: Sequence[str],
    files: Iterable[FileRef],
    *,
    sheets: Collection[str] = (),
    parts: Collection[str] = (),
) -> Recognised | None:
    """Which of the files had these columns? The order of the columns says nothing.

    A file is close that has every column of a role that takes one, at least one of each role that is needed,
    and 80 % of the names. Among several the most alike wins, then the one that stands last. `sheets` and
    `parts` are what the new file has: one that was named before and is not there is not asked for again.
    """
    best: Recognised | None = None
    for file in files:
        found = _compared(columns, file)
        if found is not None and (best is None or (found.exact, found.share) >= (best.exact, best.share)):
            best = found
    if best is None:
        return None
    said = best.file.how
    sheet = said.sheet if said.sheet in {*sheets, ALL_SHEETS} else None
    return replace(best, how=replace(said, sheet=sheet, part=said.part if said.part in parts else None))


def proposal(
    old: FileRef, new: Cleaned, *, upload: str = "", old_ids: pa.LargeStringArray | None = None
) -> Proposal:
    """Does a new file of the same shape come after the old one, or in its place?

    - same: it is the old one (`upload` is the sha256 of the new file as it came)
    - add: its first day (in the old one's time zone) is after the old one's last
    - replace: its period covers the old one's; without times: at least half of the old ids are in it
    - ask: neither can be told
    """
    if upload and upload == old.upload:
        return "same"
    if new.kind != old.kind:
        return "ask"
    span = span_of(new)
    if old.span is not None and span is not None:
        if _day(span[0], old.choice.zone) > _day(old.span[1], old.choice.zone):
            return "add"
        return "replace" if span[0] <= old.span[0] and span[1] >= old.span[1] else "ask"
    without_times = old.span is None and span is None and old.log is None
    if not without_times or old_ids is None or not len(old_ids):
        return "ask"
    common = pc.sum(pc.is_in(old_ids, value_set=new.customer_ids)).as_py() or 0
    return "replace" if common >= _SAME_CUSTOMERS_SHARE * len(old_ids) else "add"


def changes(
    old: FileRef, new: Cleaned, *, columns: Sequence[str], old_log: EventLog | None = None
) -> tuple[Finding, ...]:
    """What is different in a new file of the same shape; empty when nothing is.

    `columns` are the names in the new file, `old_log` is the old file's own log. What is not known of the
    old file is not compared.
    """
    found: list[Finding] = []
    if old.columns:
        pairs = _pairs(old.columns, columns)
        found += _named("changes.columns_gone", "columns", [n for n in old.columns if n not in pairs])
        found += _named("changes.columns_new", "columns", _rest(columns, pairs.values()))
    if new.kind == "events" and old_log is not None and new.log is not None:
        found += _named("changes.events_new", "names", _names_without(new.log, old_log))
        found += _named("changes.events_gone", "names", _names_without(old_log, new.log))
    if old.rows is not None and old.rows != new.rows:
        found.append(Finding("changes.rows", {"before": old.rows, "now": new.rows}))
    if old.rows and old.used is not None and new.rows:
        before, now = old.used / old.rows, new.used / new.rows
        if abs(now - before) >= _USED_SHARE_MOVES:
            found.append(Finding("changes.used_share", {"before": before, "now": now}))
    customers = len(new.customer_ids)
    if old.customers is not None and old.customers != customers:
        found.append(Finding("changes.customers", {"before": old.customers, "now": customers}))
    return (*found, *_periods(old, new))


def _compared(columns: Sequence[str], file: FileRef) -> Recognised | None:
    # An older version did not write down the names without a role.
    known = file.columns or file.choice.columns
    if not known or not columns:
        return None
    pairs = _pairs(known, columns)
    choice = _renamed(file.choice, pairs)
    if choice is None:
        return None
    share = len(pairs) / (max(len(known), len(columns)) if file.columns else len(known))
    if share < _CLOSE_SHARE:
        return None
    gone = tuple(name for name in known if name not in pairs)
    added = tuple(_rest(columns, pairs.values())) if file.columns else ()
    made_up = all(_GIVEN_NAME.fullmatch(name) for name in columns)
    exact = bool(file.columns) and not gone and not added and not made_up
    return Recognised(file, choice, file.how, exact, share, gone, added)


def _pairs(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Old name -> new name: the same text first, then the same but for blanks, case and marks."""
    pairs = {name: name for name in set(old) & set(new)}
    left: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(new) - set(pairs), reverse=True):
        left[_normal(name)].append(name)
    for name in sorted(set(old) - set(pairs)):
        if left[_normal(name)]:
            pairs[name] = left[_normal(name)].pop()
    return pairs


def _rest(names: Sequence[str], taken: Iterable[str]) -> list[str]:
    known = set(taken)
    return [name for name in names if name not in known]


def _normal(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _MARKS.sub("", plain) or plain


def _renamed(choice: TableChoice, pairs: dict[str, str]) -> TableChoice | None:
    """The choice in the names of the new file; None where a column is gone that it cannot do without."""
    roles: dict[str, tuple[str, ...]] = {}
    for role in KINDS[choice.kind]:
        before = choice.all(role.name)
        roles[role.name] = now = tuple(pairs[name] for name in before if name in pairs)
        if (len(now) < len(before) and not role.many) or (role.needed and not now):
            return None
    return replace(choice, roles={role: names for role, names in roles.items() if names})


def _names_without(log: EventLog, other: EventLog) -> list[str]:
    """The event names that only the first log has, those with most rows first."""
    order = np.argsort(-log.event_rows, kind="stable")
    known = set(other.event_names)
    return [log.event_names[position] for position in order if log.event_names[position] not in known]


def _named(code: str, hole: str, names: list[str]) -> list[Finding]:
    """A finding that lists names; a long list is cut, and its sentence says so."""
    if not names:
        return []
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in names]
    key = code if len(names) <= _MOST_NAMED else f"{code}_more"
    return [Finding(key, {"n": len(names), hole: shown[:_MOST_NAMED]})]


def _periods(old: FileRef, new: Cleaned) -> list[Finding]:
    span = span_of(new)
    if old.span is None or span is None:
        return []
    zone = old.choice.zone
    before = _day(old.span[0], zone), _day(old.span[1], zone)
    now = _day(span[0], zone), _day(span[1], zone)
    if before == now:
        return []
    days = {"before_first": before[0], "before_last": before[1], "first": now[0], "last": now[1]}
    return [Finding("changes.period", days)]


def _day(instant: int, zone: str) -> dt.date:
    """The calendar day of an instant (microseconds UTC) in a time zone."""
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant)
    return moment.astimezone(ZoneInfo(zone)).date()
