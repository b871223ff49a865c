"""What is measured at each stage: who came, who left, how long it took, and how customers felt there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.feelings import feelings
from journey.aggregates.nodes import nodes
from journey.aggregates.steps import ACTIVE, EXIT, Steps, steps
from journey.aggregates.time_in_stage import time_in_stage
from journey.events.log import DAY, EventLog
from journey.events.other_tables import NO_TABLES, REGISTERED, OtherTables
from journey.figures import Figure
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["MEASURES", "StageMeasures", "measured_from", "reach_table", "stage_measures"]

# What stands in the head of a stage, in this order, and what a card bound to a stage may show.
MEASURES = ("reach", "drop_off", "time", "feeling")


@dataclass(frozen=True, eq=False)
class StageMeasures:
    """One row a stage, in their order.

    table        id, stage (its name), customers (with at least one visit), share (of n_customers) with low
                 and high (Wilson 95 %), rows, exits, active, drop_off (exits / customers) with drop_low and
                 drop_high, goal (all of these as on the page of reach), median_seconds (first row of a visit
                 to the first row of the next one, nearest rank) over `finished` visits, feeling (mean over
                 ratings, -2 to +2) with feeling_low and feeling_high (customers vary), raters and ratings
    n_customers  customers with at least one row of any kind
    has_journeys does the log tell of journeys at all? Of those whom only other files know it does not
    """

    table: pd.DataFrame
    n_customers: int
    has_journeys: bool = True

    def figure(self, stage: str, measure: str = "reach") -> Figure | None:
        """One of MEASURES at the stage of this id; None where the stage or the measure is none.

        Its n: for reach all customers, for drop-off those who came, for time finished visits, for feeling
        those who rated. The value is NaN where nobody was there, or rated. The goal has no drop-off: who ends
        there is done.
        """
        row = self._rows.get(stage)
        if row is None or measure not in MEASURES or (measure != "feeling" and not self.has_journeys):
            return None
        named = {"stage": str(row["stage"])}
        if measure == "reach":
            ends = {"low": float(row["low"]), "high": float(row["high"])}
            return Figure("bound.reach", float(row["share"]), "share", self.n_customers, **ends, values=named)
        if measure == "drop_off":
            if row["goal"]:
                return None
            ends = {"low": float(row["drop_low"]), "high": float(row["drop_high"])}
            value, n = float(row["drop_off"]), int(row["customers"])
            return Figure("reach.figure_drop_off", value, "share", n, **ends, values=named)
        if measure == "time":
            seconds, n = float(row["median_seconds"]), int(row["finished"])
            return Figure("bound.time", seconds, "seconds", n, values=named)
        ends = {"low": float(row["feeling_low"]), "high": float(row["feeling_high"])}
        return Figure(
            "bound.feeling", float(row["feeling"]), "score", int(row["raters"]), **ends, values=named
        )

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        columns = {str(name): self.table[name].tolist() for name in self.table}
        names, values = list(columns), zip(*columns.values(), strict=True)
        rows = [dict(zip(names, row, strict=True)) for row in values]
        return {str(row["id"]): row for row in rows}


def stage_measures(
    log: EventLog, stages: StageMap, tables: OtherTables = NO_TABLES, *, active_within_days: float = 30
) -> StageMeasures:
    """Measure every stage over all customers of the log; see `StageMeasures` for what, and over whom."""
    counts = steps(log, stages, steps=1, active_within=int(active_within_days * DAY))
    return measured_from(log, stages, counts, tables)


def measured_from(
    log: EventLog, stages: StageMap, counts: Steps, tables: OtherTables = NO_TABLES
) -> StageMeasures:
    """The same from visits that were counted already."""
    table = reach_table(stages, counts)
    table.insert(0, "id", pd.Series([stage.id for stage in stages.stages], dtype="str"))
    spans = time_in_stage(log, stages, nodes(log, stages, "stage"))
    table["median_seconds"], table["finished"] = spans.seconds(0.5)[0], spans.finished
    felt = feelings(log, stages, tables).at_stages()
    for name in ("feeling", "feeling_low", "feeling_high", "raters", "ratings"):
        table[name] = felt[name].to_numpy()
    return StageMeasures(table, counts.n_customers, log.event_names not in ((), (REGISTERED,)))


def reach_table(stages: StageMap, counts: Steps) -> pd.DataFrame:
    """Who visited each stage and who ended there, one row a stage.

    The columns are those of `StageMeasures` as far as `goal`. Shares are of all customers, drop-offs of those
    with a visit (NaN where nobody was), intervals Wilson's.
    """
    here = slice(0, len(stages.stages))
    customers, ends = counts.reach[here], counts.transitions[here]
    low, high = wilson(customers, counts.n_customers)
    drop_low, drop_high = wilson(ends[:, EXIT], customers)
    known = np.where(customers > 0, customers, np.nan)
    goal = stages.goal_stage
    return pd.DataFrame(
        {
            "stage": pd.Series(stages.names, dtype="str"),
            "customers": customers,
            "share": customers / (counts.n_customers or np.nan),
            "low": low,
            "high": high,
            "rows": counts.rows[here],
            "exits": ends[:, EXIT],
            "active": ends[:, ACTIVE],
            "drop_off": ends[:, EXIT] / known,
            "drop_low": drop_low,
            "drop_high": drop_high,
            "goal": np.array([stage == goal for stage in stages.stages], dtype=bool),
        }
    )
