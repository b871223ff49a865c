"""Which ways do customers go, step by step, and where do they end?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.drawn import KINDS
from journey.aggregates.flow_findings import flow_finding, flow_headline, flow_notes
from journey.aggregates.links import Links, fold, links, unfolded
from journey.aggregates.picture import Names, Picture, picture
from journey.events.log import EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.intervals import wilson

__all__ = ["Covered", "Flows", "flows"]

_BEGINNINGS = ["start", "earlier"]


@dataclass(frozen=True)
class Covered:
    """How much of the flow is drawn under its own name: "12 of 80 links, 91 % of customers".

    links      drawn links, ends and beginnings included, without *other* at either side
    of_links   links before anything was folded to *other*
    customers  drawn units none of whose drawn visits is *other*
    of         drawn units; share = customers / of, low and high its Wilson 95 %
    """

    links: int
    of_links: int
    customers: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Flows:
    """The links between consecutive visits at each step, with the ends of the journeys.

    links        step, source, source_kind, target, target_kind, customers; `step` is the column of the
                 source, of the target where the source is a beginning (start, earlier). Three shares, each
                 with Wilson 95 %: `share` (low, high) divides by the customers at that source in that step,
                 `share_of_anchor` (anchor_low, anchor_high) by n_shown, all of whom are at the anchor,
                 `share_of_all` (all_low, all_high) by n_customers
    nodes        step, name, kind, customers, position (the order within a step), and the last two shares.
                 kind "joined" is several nodes drawn as one, "part" the visits to a node with one value; the
                 name of such a node differs from all others
    colours      colour of each node name
    direction    "forward": steps 1, 2, ...; "backward": into a node at step 0, before it -1, -2, ...;
                 "through": a node at step 0, before it -1, ..., after it 1, ...
    n_customers  units (customers, or sessions) with at least one event; "of all" divides by them
    n_shown      units that are drawn
    """

    links: pd.DataFrame
    nodes: pd.DataFrame
    colours: Mapping[str, str]
    direction: str
    n_customers: int
    n_shown: int
    coverage: Covered
    steps: int
    unit: str
    group: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    @property
    def table(self) -> pd.DataFrame:
        """The links under one kind: the target's, or the source's where that is a beginning."""
        kind = self.links["target_kind"].where(
            ~self.links["source_kind"].isin(_BEGINNINGS), self.links["source_kind"]
        )
        columns = ["step", "source", "target", "kind", *self.links.columns[5:]]
        return self.links.assign(kind=kind)[columns]


def flows(
    log: EventLog,
    stages: StageMap,
    *,
    steps: int = 6,
    before: int = 0,
    start: Names | None = None,
    into: Names | None = None,
    through: Names | None = None,
    between: Sequence[Names] | None = None,
    occurrence: int | str | None = None,
    group: str = "stage",
    unit: str = "customer",
    hide: Sequence[str] = (),
    join: Sequence[Names] = (),
    repeats: bool = False,
    expand: Sequence[str] | None = None,
    where: Mapping[str, Sequence[str | None]] | None = None,
    where_at: str = "whole",
    min_customers: int = 0,
    nodes: int | None = None,
    opened: Sequence[int] = (),
    active_within_days: float = 30,
) -> Flows:
    """Follow every customer from visit to visit over `steps` columns.

    start    from the first visit to this node on; into: up to the last visit to it; through: the first visit
             to it is step 0, with `before` columns before and `steps` after it; between: (A, B), from the
             first visit to A to the first one to B after it, which ends the journey where it comes: those who
             left there are exits, those who went on are *more*. None of them: the whole journey. Each names
             one node or several, any of which counts
    occurrence  which visit to these nodes: "first", "last", or 2, 3, ...; None is as above. Customers without
             such a visit are not drawn
    group    what the columns show: "stage", "event", or the name of an attribute
    unit     "customer", or "session", where each session is followed on its own and is *active* when its last
             event lies within 30 minutes of the end
    hide     nodes whose events are passed over like unmapped ones
    join     nodes drawn as one: names, or several lists of names
    repeats  each mapped event is a visit, also where it repeats the one before
    expand   (node, attribute): the visits to this node go by the value at their first event
    where    attribute -> values, None for missing. `where_at` "whole" keeps matching events, of a customer's
             attribute whole customers; "start" and "end" keep the units whose first, or last, drawn visit has
             one of the values at its first event
    min_customers, nodes  at each step, nodes with fewer customers, and all but that many of the largest, are
             drawn together as "other"; the steps in `opened` keep all of theirs
    active_within_days    a last event this near to the end leaves the customer *active*, no exit; never more
             than a quarter of the observation window

    Raises SettingWrong, StageUnknown, and ColumnMissing for an attribute of `where` that is not there.
    """
    view = picture(
        log,
        stages,
        steps=steps,
        before=before,
        start=start,
        into=into,
        through=through,
        between=between,
        occurrence=occurrence,
        group=group,
        unit=unit,
        hide=hide,
        join=join,
        repeats=repeats,
        expand=expand,
        where=where,
        where_at=where_at,
        min_customers=min_customers,
        nodes=nodes,
        opened=opened,
        active_within_days=active_within_days,
    )
    every = links(view)
    counts = fold(every, view)
    table = _links_table(view, counts)
    finding = flow_finding(view, counts, table)
    return Flows(
        links=table,
        nodes=_nodes_table(view, counts),
        colours=dict(zip(view.nodes.names, view.nodes.colours, strict=True)),
        direction=view.direction,
        n_customers=counts.n_customers,
        n_shown=counts.n_shown,
        coverage=_covered(view, every, counts),
        steps=view.steps,
        unit=unit,
        group=group,
        finding=finding,
        headline=flow_headline(view, counts, finding),
        notes=flow_notes(view, counts),
    )


def _covered(view: Picture, every: Links, counts: Links) -> Covered:
    other = counts.n_nodes + KINDS.index("other")
    named = (counts.source != other) & (counts.target != other)
    customers = unfolded(view, counts)
    low, high = wilson(customers, counts.n_shown)
    return Covered(
        links=int(named.sum()),
        of_links=len(every.step),
        customers=customers,
        of=counts.n_shown,
        share=customers / counts.n_shown if counts.n_shown else np.nan,
        low=float(low),
        high=float(high),
    )


def _shares(counts: Links, customers: np.ndarray) -> dict[str, np.ndarray]:
    """Shares of those at the anchor, and of all with at least one event."""
    shares: dict[str, np.ndarray] = {}
    for name, of in (("anchor", counts.n_shown), ("all", counts.n_customers)):
        low, high = wilson(customers, of)
        shares |= {f"share_of_{name}": customers / (of or np.nan), f"{name}_low": low, f"{name}_high": high}
    return shares


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
            **_shares(counts, customers),
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
            **_shares(counts, customers),
        }
    )
