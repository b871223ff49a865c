"""The KPIs that are shares, counted apart for each stratum of customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from journey.aggregates.class_counts import class_counts, first_values
from journey.aggregates.kpi_groups import DROP_OFF, KpiGroups, Window
from journey.aggregates.picture import picture
from journey.aggregates.strata import Strata, pooled
from journey.events.log import EventLog

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
    view = picture(part, known.stages, steps=1, active_within_days=known.lost_days)
    counts = class_counts(view, own, strata.n)
    for code, stage in enumerate(known.stages.stages):
        if stage == known.stages.goal_stage:
            found["conversion"] = counts.reach[code], counts.units
        else:
            found[DROP_OFF + stage.id] = counts.exits[code], counts.reach[code]
    return found
