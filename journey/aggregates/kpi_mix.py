"""The KPIs that are shares, counted apart for each stratum of customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from journey.aggregates.class_counts import first_values
from journey.aggregates.kpi_groups import DROP_OFF, KpiGroups, Window
from journey.aggregates.strata import Strata, pooled
from journey.aggregates.visits import active, stage_blocks
from journey.events.log import DAY, EventLog

__all__ = ["counts_by_stratum", "strata_of"]

Counts = tuple[np.ndarray, np.ndarray]


def strata_of(log: EventLog, attribute: str) -> Strata:
    """The strata of a log's customers by an attribute, of an attribute of events by its first value."""
    size = len(log.attributes[attribute].categories) + 1
    return pooled([first_values(log, attribute)], size)


def counts_by_stratum(known: KpiGroups, window: Window, strata: Strata) -> Mapping[str, Counts]:
    """For each card that is a share of customers or sessions: how many of how many, by stratum.

    The sums over the strata are the counts of the card. The cost is linear in the rows of the window.
    """
    (stratum,) = strata.of

    def of_flags(flags: np.ndarray) -> np.ndarray:
        return np.bincount(stratum.compress(flags), minlength=strata.n)

    cohorts = {"retention": known.returned, "repurchase": known.rebought, "churn": known.churned}
    if not known.deeds.purchases:
        del cohorts["repurchase"]
    found: dict[str, Counts] = {}
    for card, cohort in cohorts.items():
        of, hit = cohort(window)
        found[card] = of_flags(hit), of_flags(of)
    part = known.part(window)
    if part.is_empty:
        return found
    assert part.origin is not None
    own = stratum.take(part.origin)
    if not part.date_only:
        owner, sizes = known.sessions(window)
        alone = own.take(owner.compress(sizes == 1))
        all_of_them = np.bincount(own.take(owner), minlength=strata.n)
        found["bounce"] = np.bincount(alone, minlength=strata.n), all_of_them
    reach, exits = _at_stages(known, part, own, strata.n)
    for code, stage in enumerate(known.stages.stages):
        if stage == known.stages.goal_stage:
            found["conversion"] = reach[code], np.bincount(own, minlength=strata.n)
        else:
            found[DROP_OFF + stage.id] = exits[code], reach[code]
    return found


def _at_stages(known: KpiGroups, part: EventLog, own: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """[stage, stratum]: customers with a visit, and those whose last visit is there and who are gone."""
    sets, last = np.zeros(part.n_customers, np.uint16), np.full(part.n_customers, -1, np.int8)
    for block in stage_blocks(part, known.stages):
        begins = np.flatnonzero(block.begins)
        bits = np.left_shift(1, block.stage, dtype=np.uint16, casting="unsafe")
        sets[block.present] = np.bitwise_or.reduceat(bits, begins)
        last[block.present] = block.stage.take(np.append(begins[1:], len(block.stage)) - 1)
    last[active(part, known.lost_days * DAY)] = -1
    codes = range(len(known.stages.stages))
    reach = [np.bincount(own[(sets & np.uint16(1 << code)) > 0], minlength=n) for code in codes]
    exits = [np.bincount(own[last == code], minlength=n) for code in codes]
    return np.array(reach), np.array(exits)
