"""Which customers were in which arm of an experiment, and from when on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from journey.aggregates.arm_labels import plain
from journey.aggregates.exposures import exposures
from journey.aggregates.records import UNTIMED
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.stages.experiment_plan import Arm, Plan

__all__ = ["ArmMembers", "arm_flags", "arm_members"]


@dataclass(frozen=True, eq=False)
class ArmMembers:
    """The customers of an experiment, one each; who was in two arms of it is in none.

    arms      the control first
    ids       of each customer
    customer  position in the log, -1 for a customer whom the log does not know
    arm       position in `arms`
    time      exposure, microseconds UTC, or UNTIMED; in a log of dates the beginning of its day
    """

    arms: tuple[Arm, ...]
    ids: pa.LargeStringArray
    customer: np.ndarray
    arm: np.ndarray
    time: np.ndarray

    @property
    def has_times(self) -> bool:
        """Is it known of anybody when they were exposed?"""
        return bool((self.time != UNTIMED).any())

    def number(self, label: str) -> int:
        """The position of the arm that is spelled so, in any of its ways; -1 where there is none."""
        labels = [arm.label for arm in self.arms]
        if label in labels:
            return labels.index(label)
        keys = [plain(one) for one in labels]
        return keys.index(plain(label)) if plain(label) in keys else -1

    def within(self, origin: np.ndarray) -> ArmMembers:
        """Those of a part of the log, by their place there, and all whom the log does not know.

        `origin` is the position in the log of each customer of the part.
        """
        most = max(self.customer.max(initial=-1), origin.max(initial=-1))
        place = np.full(int(most) + 2, -2, dtype=np.int64)
        place[origin] = np.arange(len(origin))
        place[-1] = -1  # where those whom the log does not know look themselves up
        at = place.take(self.customer)
        stay = np.flatnonzero(at > -2)
        ids, arm = self.ids.take(pa.array(stay)), self.arm[stay]
        return replace(self, ids=ids, customer=at[stay], arm=arm, time=self.time[stay])


def arm_members(
    log: EventLog, source: Mapping[str, Any], tables: OtherTables, arms: tuple[Arm, ...] = ()
) -> ArmMembers:
    """The customers of an experiment by their arm, as its results count them; `source` as in a plan.

    Records without an id are of nobody here, and summed results tell of no customers. Raises SettingWrong,
    ExperimentMissing and ColumnMissing.
    """
    if not {"records", "attribute"} & set(source):
        raise SettingWrong(setting="experiment", value=str(dict(source))[:80], allowed="records | attribute")
    found = exposures(log, Plan(source=source, arms=arms), tables)
    if found.records is None or found.unit_of_row is None:
        ids, named = log.customer_ids.take(pa.array(found.customer)), np.ones(len(found), dtype=bool)
    else:
        who = found.records.texts("customer")
        code = np.full(len(found), -1, dtype=np.int64)
        rows = np.flatnonzero(found.unit_of_row >= 0)
        code[found.unit_of_row.take(rows)] = who.codes.take(rows)
        named = code >= 0
        ids = who.values.take(pa.array(code[named]))
    return ArmMembers(found.arms, ids, found.customer[named], found.arm[named], found.moment[named])


def arm_flags(log: EventLog, rule: Mapping[str, Any], tables: OtherTables) -> np.ndarray:
    """One flag a customer of the log: were they in this arm, and in no other one, of the experiment?"""
    found = arm_members(log, rule["experiment"], tables)
    flags = np.zeros(log.n_customers, dtype=bool)
    inside = (found.arm == found.number(rule["arm"])) & (found.customer >= 0)
    flags[found.customer[inside]] = True
    return flags
