"""Which stages do customers get to, and at which do they leave?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.picture import Picture, picture
from journey.aggregates.stage_measures import reach_table
from journey.aggregates.steps import Steps, steps
from journey.events.log import EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap

__all__ = ["Reach", "reach"]


@dataclass(frozen=True)
class Reach:
    """One row a stage, in their order.

    table        stage, customers (with at least one visit), share (of n_customers) with low and high (Wilson
                 95 %), rows, exits (last visit there and no longer active), active (last visit there and
                 still active), drop_off (exits / customers) with drop_low and drop_high, goal
    colours      colour of each stage name
    n_customers  units (customers, or sessions) with at least one event of any kind
    """

    table: pd.DataFrame
    colours: Mapping[str, str]
    n_customers: int
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())


def reach(
    log: EventLog, stages: StageMap, *, active_within_days: float = 30, unit: str = "customer"
) -> Reach:
    """Count who visited each stage and who ended there.

    `drop_off` is NaN where nobody was. At the goal stage an exit is a completed journey.
    """
    view = picture(log, stages, steps=1, unit=unit, active_within_days=active_within_days)
    counts = steps(view.log, stages, steps=1, active_within=view.within)
    table = reach_table(stages, counts)
    finding = _finding(view, table, counts)
    return Reach(
        table=table,
        colours={stage.name: stage.colour for stage in stages.stages},
        n_customers=counts.n_customers,
        unit=unit,
        finding=finding,
        headline=_headline(view, counts, finding),
        notes=coverage_notes(
            view.log,
            stages,
            n_customers=counts.n_customers,
            n_visitors=counts.n_visitors,
            unit=unit,
            within=view.within,
        ),
    )


def _finding(view: Picture, table: pd.DataFrame, counts: Steps) -> Finding:
    """The stage, other than the goal, that loses the largest share of those who came.

    Compared by the lower bound, so that three customers who all left do not hide a loss of thousands.
    """
    if not counts.n_customers:
        return Finding("reach.finding_no_rows")
    if table.empty:
        return Finding(view.worded("reach.finding_no_stages"), {"customers": counts.n_customers})
    if not counts.n_visitors:
        return Finding(view.worded("reach.finding_no_mapped_events"), {"customers": counts.n_customers})
    losing = table[~table["goal"] & (table["exits"] > 0)]
    if losing.empty:
        return Finding(view.worded("reach.finding_no_exit"), {"customers": counts.n_visitors})
    worst = losing.sort_values(["drop_low", "customers"], ascending=False, kind="stable").iloc[0]
    values = {
        "stage": worst["stage"],
        "customers": int(worst["exits"]),
        "of": int(worst["customers"]),
        "share": float(worst["drop_off"]),
        "low": float(worst["drop_low"]),
        "high": float(worst["drop_high"]),
    }
    return Finding(view.worded("reach.finding_largest_drop_off"), values)


def _headline(view: Picture, counts: Steps, finding: Finding) -> Figure | None:
    """The drop-off of the finding; where nobody leaves, how many have a visit at all."""
    said = finding.values
    if "share" in said:
        return Figure(
            "reach.figure_drop_off",
            float(said["share"]),
            "share",
            n=int(said["of"]),
            low=float(said["low"]),
            high=float(said["high"]),
            values={"stage": said["stage"]},
        )
    if not counts.n_customers:
        return None
    return Figure(
        view.worded("reach.figure_visitors"), float(counts.n_visitors), "count", n=counts.n_customers
    )
