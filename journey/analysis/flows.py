"""Which ways do customers go, step by step, and where do they end?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.links import KINDS, Links, Picture, fold, links, picture
from journey.events.log import EventLog
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["Flows", "flows"]

_SMALL = 30


@dataclass(frozen=True)
class Flows:
    """The links between consecutive visits at each step, with the ends of the journeys.

    links        step, source, source_kind, target, target_kind, customers, share, low, high; `step` is the
                 column of the source, of the target where the source is a beginning (start, earlier); `share`
                 divides by the customers at that source in that step; low and high are Wilson 95 %
    nodes        step, name, kind, customers, position (the order within a step)
    colours      colour of each node name
    direction    "forward": steps 1, 2, ...; "backward": into a node at step 0, before it -1, -2, ...
    n_customers  units (customers, or sessions) with at least one event; "of all" divides by them
    n_shown      units that are drawn
    """

    links: pd.DataFrame
    nodes: pd.DataFrame
    colours: Mapping[str, str]
    direction: str
    n_customers: int
    n_shown: int
    steps: int
    unit: str
    group: str
    finding: Finding
    notes: tuple[Finding, ...] = field(default=())

    @property
    def table(self) -> pd.DataFrame:
        """The links under one kind: the target's, or the source's where that is a beginning."""
        kind = self.links["target_kind"].where(
            ~self.links["source_kind"].isin(["start", "earlier"]), self.links["source_kind"]
        )
        columns = ["step", "source", "target", "kind", "customers", "share", "low", "high"]
        return self.links.assign(kind=kind)[columns]


def flows(
    log: EventLog,
    stages: StageMap,
    *,
    steps: int = 6,
    start: str | None = None,
    into: str | None = None,
    group: str = "stage",
    unit: str = "customer",
    min_customers: int = 0,
    nodes: int | None = None,
    active_within_days: float = 30,
) -> Flows:
    """Follow every customer from visit to visit over `steps` columns.

    start  from the first visit to this node on; into: up to the last visit to it; neither: the whole journey
    group  what the columns show: "stage", "event", or the name of an attribute
    unit   "customer", or "session", where each session is followed on its own and is *active* when its last
           event lies within 30 minutes of the end
    min_customers, nodes  at each step, nodes with fewer customers, and all but that many of the largest, are
           drawn together as "other"
    active_within_days    a last event this near to the end leaves the customer *active*, no exit; never more
           than a quarter of the observation window
    """
    view = picture(
        log,
        stages,
        steps=steps,
        start=start,
        into=into,
        group=group,
        unit=unit,
        active_within_days=active_within_days,
    )
    counts = fold(links(view), view.nodes.position, min_customers=min_customers, most=nodes)
    table = _links_table(view, counts)
    return Flows(
        links=table,
        nodes=_nodes_table(view, counts),
        colours=dict(zip(view.nodes.names, view.nodes.colours, strict=True)),
        direction=view.direction,
        n_customers=counts.n_customers,
        n_shown=counts.n_shown,
        steps=view.steps,
        unit=unit,
        group=group,
        finding=_finding(view, counts, table),
        notes=_notes(view, counts),
    )


def _labels(view: Picture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name, kind and position by code, the ends and beginnings included; these bear their kind as name."""
    names = np.array([*view.nodes.names, *KINDS], dtype=object)
    kinds = np.array([*view.nodes.kinds, *KINDS], dtype=object)
    position = np.r_[view.nodes.position, len(view.nodes) + np.arange(len(KINDS))]
    return names, kinds, position


def _links_table(view: Picture, counts: Links) -> pd.DataFrame:
    names, kinds, position = _labels(view)
    order = np.lexsort((position[counts.target], position[counts.source], counts.step))
    step, source, target = counts.step[order], counts.source[order], counts.target[order]
    customers = counts.customers[order]
    _, group = np.unique(step * len(names) + source, return_inverse=True)
    leaving = np.bincount(group, customers)[group]
    low, high = wilson(customers, leaving)
    return pd.DataFrame(
        {
            "step": step.astype(np.int64),
            "source": pd.Series(names[source], dtype="str"),
            "source_kind": pd.Series(kinds[source], dtype="str"),
            "target": pd.Series(names[target], dtype="str"),
            "target_kind": pd.Series(kinds[target], dtype="str"),
            "customers": customers.astype(np.int64),
            "share": customers / leaving,
            "low": low,
            "high": high,
        }
    )


def _nodes_table(view: Picture, counts: Links) -> pd.DataFrame:
    names, kinds, position = _labels(view)
    step, node, customers = counts.at_nodes
    order = np.lexsort((position[node], step))
    step, node, customers = step[order], node[order], customers[order]
    return pd.DataFrame(
        {
            "step": step.astype(np.int64),
            "name": pd.Series(names[node], dtype="str"),
            "kind": pd.Series(kinds[node], dtype="str"),
            "customers": customers.astype(np.int64),
            "position": position[node].astype(np.int64),
        }
    )


def _finding(view: Picture, counts: Links, table: pd.DataFrame) -> Finding:
    """The one thing to see: the stage and step that most customers leave, or the commonest way in."""
    anchor = None if view.anchor is None else view.nodes.names[view.anchor]
    if not counts.n_customers:
        return Finding("flows.finding_no_rows")
    if not counts.n_visitors:
        return Finding(view.worded("flows.finding_no_mapped_events"), {"customers": counts.n_customers})
    if not counts.n_shown:
        return Finding(
            view.worded("flows.finding_nobody_there"), {"stage": anchor, "customers": counts.n_customers}
        )
    if view.direction == "backward":
        return _way_in(view, counts, table, str(anchor))
    if view.nodes.group == "stage" and len(view.nodes) == 1:
        return Finding(
            view.worded("flows.finding_one_stage"),
            {"stage": view.nodes.names[0], "customers": counts.n_shown},
        )
    goal = view.stages.goal_stage
    exits = table[(table["target_kind"] == "exit") & (table["source_kind"] == "stage")]
    if goal is not None and view.nodes.group in ("stage", "event"):
        names = {goal.name} if view.nodes.group == "stage" else _events_of(view, goal.id)
        exits = exits[~exits["source"].isin(names)]
    if exits.empty:
        return Finding(view.worded("flows.finding_no_exit"), {"customers": counts.n_shown})
    # Of equal ones the earliest step, there the first stage.
    worst = exits.sort_values("customers", ascending=False, kind="stable").iloc[0]
    here = table[(table["step"] == worst["step"]) & (table["source"] == worst["source"])]
    values = {
        "stage": worst["source"],
        "step": int(worst["step"]),
        "customers": int(worst["customers"]),
        "of": int(here.loc[here["source_kind"] == "stage", "customers"].sum()),
        "share": float(worst["share"]),
        "low": float(worst["low"]),
        "high": float(worst["high"]),
    }
    return Finding(view.worded("flows.finding_largest_exit"), values)


def _events_of(view: Picture, stage_id: str) -> set[str]:
    return {event for event in view.log.event_names if view.stages.stage_of(event) == stage_id}


def _way_in(view: Picture, counts: Links, table: pd.DataFrame, anchor: str) -> Finding:
    before = table[(table["step"] == -1) & ~table["source_kind"].isin(["start", "earlier"])]
    before = before.sort_values("customers", ascending=False, kind="stable")
    values: dict[str, object] = {"stage": anchor, "of": counts.n_shown}
    direct = counts.n_shown - int(before["customers"].sum())
    named = before[before["source_kind"] == "stage"]
    if view.steps == 1 or named.empty or direct >= named["customers"].iloc[0]:
        if view.steps == 1:
            return Finding(view.worded("flows.finding_came_into"), values)
        values |= {"customers": direct, "share": direct / counts.n_shown}
        return Finding(view.worded("flows.finding_came_directly"), values)
    first = named.iloc[0]
    values |= {
        "before": first["source"],
        "customers": int(first["customers"]),
        "share": int(first["customers"]) / counts.n_shown,
    }
    return Finding(view.worded("flows.finding_way_in"), values)


def _notes(view: Picture, counts: Links) -> tuple[Finding, ...]:
    notes: list[Finding] = []
    if view.anchor is not None and counts.n_customers > counts.n_shown:
        without = counts.n_customers - counts.n_shown
        values = {
            "stage": view.nodes.names[view.anchor],
            "customers": without,
            "share": without / counts.n_customers,
        }
        notes.append(Finding(f"flows.note_without_{view.unit}", values))
    if counts.folded:
        notes.append(Finding("flows.note_folded", {"nodes": len(counts.folded)}))
    if 0 < counts.n_shown < _SMALL:
        notes.append(Finding(f"flows.note_small_{view.unit}", {"customers": counts.n_shown}))
    notes += coverage_notes(
        view.log,
        view.stages,
        n_customers=counts.n_customers,
        n_visitors=counts.n_visitors,
        unit=view.unit,
    )
    return tuple(notes)
