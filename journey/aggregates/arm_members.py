"""Who was in which arm of an experiment, and from when on?"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.errors import ColumnMissing, SettingWrong
from journey.events.encode import encode
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables

__all__ = ["UNKNOWN", "Exposures", "arm_key", "arm_members", "exposures"]

# The instant of an exposure of which no time is known.
UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Exposures:
    """The customers of an experiment, one each; who was in two arms of it is in none.

    arms      labels in code-point order; of several spellings of one label the commonest
    ids       of each unit; those of the log in its order, then the others in code-point order
    customer  position in the log, -1 for a customer whom the log does not know
    arm       position in `arms`
    time      first exposure, microseconds UTC, or UNKNOWN
    two_arms  customers who were in two arms and are left out
    """

    arms: tuple[str, ...]
    ids: pa.LargeStringArray
    customer: np.ndarray
    arm: np.ndarray
    time: np.ndarray
    two_arms: int = 0

    @property
    def has_times(self) -> bool:
        """Is it known of anybody when they were exposed?"""
        return bool((self.time != UNKNOWN).any())

    def number(self, label: str) -> int:
        """The position of the arm that is spelled so, in any of its ways; -1 where there is none."""
        keys = [arm_key(one) for one in self.arms]
        return keys.index(arm_key(label)) if arm_key(label) in keys else -1


def arm_key(label: str) -> str:
    """What two spellings of one label have in common: case, width and spaces do not tell arms apart."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def exposures(log: EventLog, source: Mapping[str, Any], tables: OtherTables) -> Exposures:
    """The customers of an experiment by their arm; `source` as in a plan (see stages.experiment_plan).

    Of records without an id nobody is known, and summed results tell of no customers. A source without a
    name is that of the records without one, and where all have one name, of these. Raises SettingWrong, and
    ColumnMissing where an attribute is gone.
    """
    (kind, name), *_ = source.items()
    if kind == "attribute":
        return _of_attribute(log, str(name))
    if kind == "records":
        return _of_records(log, name, tables)
    raise SettingWrong(setting="experiment", value=str(dict(source))[:80], allowed="records, attribute")


def arm_members(log: EventLog, rule: Mapping[str, Any], tables: OtherTables) -> np.ndarray:
    """One flag a customer of the log: were they in this arm, and in no other one, of the experiment?"""
    found = exposures(log, rule["experiment"], tables)
    flags = np.zeros(log.n_customers, dtype=bool)
    inside = (found.arm == found.number(rule["arm"])) & (found.customer >= 0)
    flags[found.customer[inside]] = True
    return flags


def _of_attribute(log: EventLog, name: str) -> Exposures:
    if name not in log.attributes:
        raise ColumnMissing(name=name, have=list(log.attributes), near="")
    attribute = log.attributes[name]
    if attribute.of == "customer":
        arms, merged = _merged(attribute.categories, _sizes(attribute.codes, len(attribute.categories)))
        who = np.flatnonzero(attribute.codes >= 0)
        arm, when = merged.take(attribute.codes.take(who)), log.time.take(log.offsets[:-1].take(who))
        return Exposures(arms, log.customer_ids.take(pa.array(who)), who, arm.astype(np.int32), when)
    rows = np.flatnonzero(attribute.codes >= 0)
    codes = attribute.codes.take(rows)
    arms, merged = _merged(attribute.categories, _sizes(codes, len(attribute.categories)))
    who, arm, when, twice = _by_unit(
        log.customer_of_row().take(rows), merged.take(codes), log.time.take(rows)
    )
    return Exposures(arms, log.customer_ids.take(pa.array(who)), who, arm, when, twice)


def _of_records(log: EventLog, name: str | None, tables: OtherTables) -> Exposures:
    parts = [_columns(table) for table in tables.records if table.num_rows]
    if not parts:
        return _nobody()
    whole = pa.concat_tables(parts)
    of = whole.column("experiment")
    chosen = pc.is_null(of) if name is None else pc.equal(of, name)
    if name is None and not pc.any(chosen).as_py() and pc.count_distinct(of).as_py() == 1:
        chosen = pc.is_valid(of)
    has_arm = pc.and_(pc.is_valid(whole.column("arm")), pc.is_valid(whole.column("customer")))
    used = whole.filter(pc.and_(pc.fill_null(chosen, False), has_arm))
    if not used.num_rows:
        return _nobody()
    labels, people = encode(used.column("arm")), encode(used.column("customer"))
    arms, merged = _merged(labels.values.to_pylist(), _sizes(labels.codes, len(labels.values)))
    times = used.column("time").cast(pa.int64())
    when = times.fill_null(UNKNOWN).to_numpy()
    who, arm, when, twice = _by_unit(people.codes, merged.take(labels.codes), when)
    ids = people.values.take(pa.array(who))
    at = pc.fill_null(pc.index_in(ids, value_set=log.customer_ids), -1).to_numpy().astype(np.int64)
    # Those of the log in its order, then the others, whose ids are in order already.
    order = np.lexsort((np.arange(len(at)), np.where(at < 0, len(log.customer_ids), at)))
    return Exposures(arms, ids.take(pa.array(order)), at[order], arm[order], when[order], twice)


def _columns(table: pa.Table) -> pa.Table:
    wanted = table.select(["customer", "experiment", "arm", "time"])
    text = pa.large_string()
    types = [text, text, text, pa.timestamp("us", "UTC")]
    return wanted.cast(pa.schema(zip(wanted.column_names, types, strict=True)))


def _nobody() -> Exposures:
    none = np.zeros(0, dtype=np.int64)
    return Exposures((), pa.array([], pa.large_string()), none, none.astype(np.int32), none)


def _sizes(codes: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(codes[codes >= 0], minlength=n)


def _merged(labels: Sequence[str], rows: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """The arms, and of each label the position of its arm: spellings of one label are one arm."""
    commonest: dict[str, tuple[int, str]] = {}
    for label, n in zip(labels, rows.tolist(), strict=True):
        best = commonest.get(arm_key(label))
        if n and (best is None or n > best[0]):
            commonest[arm_key(label)] = n, label
    arms = tuple(sorted(label for _, label in commonest.values()))
    place = {arm_key(label): number for number, label in enumerate(arms)}
    return arms, np.array([place.get(arm_key(label), -1) for label in labels], dtype=np.int64)


def _by_unit(
    who: np.ndarray, arm: np.ndarray, when: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Of rows the units in one arm, ascending, with their arm and first known time; how many were in two."""
    order = np.lexsort((when, who))
    who, arm, when = who[order], arm[order], when[order]
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    low, high = np.minimum.reduceat(arm, starts), np.maximum.reduceat(arm, starts)
    # Unknown times come first in order, so the first known one is looked for among the others.
    known = np.where(when == UNKNOWN, np.iinfo(np.int64).max, when)
    first = np.minimum.reduceat(known, starts)
    first = np.where(first == np.iinfo(np.int64).max, UNKNOWN, first)
    one = np.flatnonzero(low == high)
    units = who[starts].astype(np.int64)
    return units[one], low[one].astype(np.int32), first[one], len(starts) - len(one)
