"""What a flow has to say: its one sentence, the number in it, and what limits the picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.links import Links
from journey.aggregates.nodes import NAMED
from journey.aggregates.picture import Picture
from journey.figures import Figure
from journey.findings import Finding
from journey.statistics.intervals import wilson

__all__ = ["flow_finding", "flow_headline", "flow_notes"]

_SMALL = 30
# The number of a finding: its name, and what of the finding's values tells it from others.
_FIGURES: Mapping[str, tuple[str, ...]] = {
    "largest_exit": ("stage", "step"),
    "between": ("stage", "target"),
    "next": ("stage", "after"),
    "left_after": ("stage",),
    "way_in": ("stage", "before"),
    "came_directly": ("stage",),
}
_BEGINNINGS = ["start", "earlier"]


def flow_finding(view: Picture, counts: Links, table: pd.DataFrame) -> Finding:
    """The one thing to see: the stage and step that most customers leave, or the commonest way in.

    `table` are the folded links with names and kinds.
    """
    if not counts.n_customers:
        return Finding("flows.finding_no_rows")
    if not counts.n_visitors:
        return Finding(view.worded("flows.finding_no_mapped_events"), {"customers": counts.n_customers})
    if not counts.n_shown:
        return _nobody(view, counts)
    if view.until is not None:
        return _between(view, counts)
    if view.direction == "backward":
        return _way_in(view, counts, table)
    if view.direction == "through":
        return _next(view, counts, table)
    if view.whole and len(view.nodes) == 1:
        return Finding(
            view.worded("flows.finding_one_stage"),
            {"stage": view.nodes.names[0], "customers": counts.n_shown},
        )
    goal = view.stages.goal_stage
    exits = table[(table["target_kind"] == "exit") & table["source_kind"].isin(NAMED)]
    if goal is not None and view.nodes.group in ("stage", "event"):
        own = {goal.id} if view.nodes.group == "stage" else _events_of(view, goal.id)
        codes = {code for name in own for code in view.nodes.codes_of(name, view.stages)}
        exits = exits[~exits["source"].isin([view.nodes.names[code] for code in codes])]
    if exits.empty:
        return Finding(view.worded("flows.finding_no_exit"), {"customers": counts.n_shown})
    # Of equal ones the earliest step, there the first stage.
    worst = exits.sort_values("customers", ascending=False, kind="stable").iloc[0]
    here = table[(table["step"] == worst["step"]) & (table["source"] == worst["source"])]
    values = {
        "stage": worst["source"],
        "step": int(worst["step"]),
        "customers": int(worst["customers"]),
        "of": int(here.loc[here["source_kind"] == worst["source_kind"], "customers"].sum()),
        "share": float(worst["share"]),
        "low": float(worst["low"]),
        "high": float(worst["high"]),
    }
    return Finding(view.worded("flows.finding_largest_exit"), values)


def flow_headline(view: Picture, counts: Links, finding: Finding) -> Figure | None:
    """The number of the finding; where it has none, how many are drawn."""
    said = finding.values
    stem = finding.code.partition("finding_")[2].removesuffix("_sessions")
    if stem in _FIGURES:
        low, high = wilson(said["customers"], said["of"])
        return Figure(
            f"flows.figure_{stem}",
            float(said["share"]),
            "share",
            n=int(said["of"]),
            low=float(low),
            high=float(high),
            values={name: said[name] for name in _FIGURES[stem]},
        )
    if not counts.n_customers:
        return None
    return Figure(view.worded("flows.figure_drawn"), float(counts.n_shown), "count", n=counts.n_customers)


def _events_of(view: Picture, stage_id: str) -> set[str]:
    return {event for event in view.log.event_names if view.stages.stage_of(event) == stage_id}


def _nobody(view: Picture, counts: Links) -> Finding:
    """Why nobody is drawn: no such visit, nobody who came to the end, or no such value."""
    values: dict[str, object] = {"customers": counts.n_customers}
    if counts.n_anchored:
        return Finding(view.worded("flows.finding_no_such_value"), {"customers": counts.n_anchored})
    if counts.n_begun:
        values = {"stage": view.said_anchor, "target": view.said_until, "customers": counts.n_begun}
        return Finding(view.worded("flows.finding_none_arrived"), values)
    if view.occurrence > 1:
        values |= {"stage": view.said_anchor, "times": view.occurrence}
        return Finding(view.worded("flows.finding_not_so_often"), values)
    return Finding(view.worded("flows.finding_nobody_there"), {"stage": view.said_anchor, **values})


def _between(view: Picture, counts: Links) -> Finding:
    """How many of those who came to A came to B after it."""
    low, high = wilson(counts.n_anchored, counts.n_begun)
    values = {
        "stage": view.said_anchor,
        "target": view.said_until,
        "customers": counts.n_anchored,
        "of": counts.n_begun,
        "share": counts.n_anchored / counts.n_begun,
        "low": float(low),
        "high": float(high),
    }
    return Finding(view.worded("flows.finding_between"), values)


def _next(view: Picture, counts: Links, table: pd.DataFrame) -> Finding:
    """The commonest thing to do next after the visit that everybody is drawn around."""
    after = table[(table["step"] == 0) & ~table["source_kind"].isin(_BEGINNINGS)]
    summed = _by_node(after[after["target_kind"].isin([*NAMED, "exit"])], "target")
    if not summed:
        return Finding(view.worded("flows.finding_no_exit"), {"customers": counts.n_shown})
    (kind, name), customers = max(summed.items(), key=lambda one: one[1])
    low, high = wilson(customers, counts.n_shown)
    values = {
        "stage": view.said_anchor,
        "customers": customers,
        "of": counts.n_shown,
        "share": customers / counts.n_shown,
        "low": float(low),
        "high": float(high),
    }
    if kind == "exit":
        return Finding(view.worded("flows.finding_left_after"), values)
    return Finding(view.worded("flows.finding_next"), {"after": name, **values})


def _way_in(view: Picture, counts: Links, table: pd.DataFrame) -> Finding:
    before = table[(table["step"] == -1) & ~table["source_kind"].isin(_BEGINNINGS)]
    values: dict[str, object] = {"stage": view.said_anchor, "of": counts.n_shown}
    direct = counts.n_shown - int(before["customers"].sum())
    named = _by_node(before[before["source_kind"].isin(NAMED)], "source")
    if view.steps == 1 or not named or direct >= max(named.values()):
        if view.steps == 1:
            return Finding(view.worded("flows.finding_came_into"), values)
        values |= {"customers": direct, "share": direct / counts.n_shown}
        return Finding(view.worded("flows.finding_came_directly"), values)
    (_, name), customers = max(named.items(), key=lambda one: one[1])
    values |= {"before": name, "customers": customers, "share": customers / counts.n_shown}
    return Finding(view.worded("flows.finding_way_in"), values)


def _by_node(table: pd.DataFrame, end: str) -> dict[tuple[str, str], int]:
    """Customers by kind and name of the node at one end of the links, in the order of the table."""
    summed: dict[tuple[str, str], int] = {}
    for kind, name, customers in zip(table[f"{end}_kind"], table[end], table["customers"], strict=True):
        summed[kind, name] = summed.get((kind, name), 0) + int(customers)
    return summed


def flow_notes(view: Picture, counts: Links) -> tuple[Finding, ...]:
    """Who is left out and why, what is folded or hidden, and what limits every count of journeys."""
    notes = _left_out(view, counts)
    if counts.folded:
        notes.append(Finding("flows.note_folded", {"nodes": len(counts.folded)}))
    if 0 < counts.n_shown < _SMALL:
        notes.append(Finding(f"flows.note_small_{view.unit}", {"customers": counts.n_shown}))
    if view.nodes.plain is not None:
        hidden = int(np.count_nonzero(view.nodes.label == -1))
        notes += [Finding("flows.note_hidden", {"nodes": hidden})] if hidden else []
    notes += coverage_notes(
        view.log,
        view.stages,
        n_customers=counts.n_customers,
        n_visitors=counts.n_visitors,
        unit=view.unit,
    )
    return tuple(notes)


def _left_out(view: Picture, counts: Links) -> list[Finding]:
    """Whom the picture leaves out, by reason; together with those who are drawn they are all."""
    notes: list[Finding] = []
    values: dict[str, object] = {"stage": view.said_anchor}
    reasons = [("without", counts.n_customers - counts.n_begun)] if view.anchors is not None else []
    if view.anchors is not None and view.occurrence > 1:
        reasons, values = [("seldom", reasons[0][1])], values | {"times": view.occurrence}
    reasons.append(("not_arrived", counts.n_begun - counts.n_anchored))
    reasons.append((f"not_{view.where_at}", counts.n_anchored - counts.n_shown))
    for reason, without in reasons:
        if without:
            more = {"target": view.said_until} if reason == "not_arrived" else {}
            share = {"customers": without, "share": without / counts.n_customers}
            own = values if reason in ("without", "seldom", "not_arrived") else {}
            notes.append(Finding(f"flows.note_{reason}_{view.unit}", {**own, **more, **share}))
    return notes
