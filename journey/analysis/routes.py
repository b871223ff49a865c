"""Which whole journeys occur, how often, and how long do they take?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.picture import Picture, picture
from journey.aggregates.routes import RouteCounts, route_counts
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["Routes", "routes"]


@dataclass(frozen=True)
class Routes:
    """The most frequent sequences of visits, whole from first to last.

    table        rank, route (list of stage names), customers, share (of n_visitors) with low and high (Wilson
                 95 %), median_seconds (first to last mapped event, nearest rank)
    colours      colour of each name
    n_customers  units (customers, or sessions) with at least one event
    n_visitors   those with at least one visit: each has exactly one route
    n_routes     different routes, also those beyond the limit
    """

    table: pd.DataFrame
    colours: Mapping[str, str]
    n_customers: int
    n_visitors: int
    n_routes: int
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())


def routes(
    log: EventLog, stages: StageMap, *, limit: int = 50, unit: str = "customer", group: str = "stage"
) -> Routes:
    """Group customers by their whole route; the most frequent first, of equals the shorter one.

    `group` is "stage", "event" or the name of an attribute; stages order routes that are equal otherwise.
    """
    if not limit >= 1:
        raise SettingWrong(setting="limit", value=limit, allowed="≥ 1")
    view = picture(log, stages, unit=unit, group=group)
    counts = route_counts(view.log, stages, view.nodes, limit=limit)
    table = _table(view.nodes.names, counts)
    finding = _finding(view, counts, table)
    return Routes(
        table=table,
        colours=dict(zip(view.nodes.names, view.nodes.colours, strict=True)),
        n_customers=view.log.n_customers,
        n_visitors=counts.n_visitors,
        n_routes=counts.n_routes,
        unit=unit,
        finding=finding,
        headline=_headline(table, counts, finding),
        notes=coverage_notes(
            view.log, stages, n_customers=view.log.n_customers, n_visitors=counts.n_visitors, unit=unit
        ),
    )


def _table(names: tuple[str, ...], counts: RouteCounts) -> pd.DataFrame:
    low, high = wilson(counts.customers, counts.n_visitors)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(counts.paths) + 1),
            "route": pd.Series([[names[code] for code in path] for path in counts.paths], dtype=object),
            "customers": counts.customers,
            "share": counts.customers / (counts.n_visitors or np.nan),
            "low": low,
            "high": high,
            "median_seconds": counts.median_seconds,
        }
    )


def _finding(view: Picture, counts: RouteCounts, table: pd.DataFrame) -> Finding:
    if not view.log.n_customers:
        return Finding("routes.finding_no_rows")
    if table.empty:
        return Finding(view.worded("routes.finding_no_mapped_events"), {"customers": view.log.n_customers})
    first = table.iloc[0]
    values = {
        "route": " → ".join(first["route"]),
        "customers": int(first["customers"]),
        "of": counts.n_visitors,
        "share": float(first["share"]),
        "routes": counts.n_routes,
        "median": float(first["median_seconds"]),
    }
    code = "routes.finding_one" if counts.n_routes == 1 else "routes.finding_most_frequent"
    return Finding(view.worded(code), values)


def _headline(table: pd.DataFrame, counts: RouteCounts, finding: Finding) -> Figure | None:
    """The share of the most frequent route."""
    if table.empty:
        return None
    first = table.iloc[0]
    return Figure(
        "routes.figure_share",
        float(first["share"]),
        "share",
        n=counts.n_visitors,
        low=float(first["low"]),
        high=float(first["high"]),
        values={"route": finding.values["route"]},
    )
