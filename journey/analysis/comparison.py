"""Where do the journeys of two groups, or of two periods, really differ?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.class_counts import ClassCounts, class_counts, first_values, folded
from journey.aggregates.compared import Compared, are_periods, days_of, two_groups, two_periods
from journey.aggregates.coverage import coverage_notes
from journey.aggregates.links import KINDS, Picture, picture
from journey.aggregates.strata import Strata, pooled
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.differences import two_shares
from journey.statistics.intervals import newcombe
from journey.statistics.mix import breslow_day, mixed_difference

__all__ = ["Comparison", "comparison"]

_SMALL = 30
_FEWEST_EXPECTED = 5
_BUSIER = 1.5
_ENDS = ("exit", "active")
_NAMES = ("A", "B")


@dataclass(frozen=True)
class Comparison:
    """What customers of group A do against those of group B; every difference is A minus B.

    links     one row a link of the flow: step, source, source_kind, target, target_kind, and the figures; a
              share divides by the group's customers at that source in that step
    cells     one row a cell of the step matrix: step, name, kind, position, and the figures; a share divides
              by the group's customers with at least one event; kind "exit" and "active": ended before it
    measures  the conversion (reach of the goal), reach and drop_off of each stage: measure, stage, figures

    The figures: n_a, customers_a, share_a, n_b, customers_b, share_b, difference with difference_low and
    difference_high (Newcombe 95 %), p, q (false-discovery rate among the tested rows of the table), state,
    adjusted with adjusted_low and adjusted_high (the mix of strata held equal; NaN without `weight_by`, and
    where not tested), flips (its sign is the other one), varies (the odds ratio is not the same in all
    strata), mean_share (of all customers, the mean of both groups).
    state     "clear" (q < alpha), "unclear", "small" (not tested: fewer than 30 at the start in a group, or
              an expected count below 5), "given" (not tested: it follows from how the groups were made)
    n_a, n_b  units of each group with at least one event
    """

    links: pd.DataFrame
    cells: pd.DataFrame
    measures: pd.DataFrame
    colours: Mapping[str, str]
    names: tuple[str, str]
    n_a: int
    n_b: int
    steps: int
    unit: str
    group: str
    weight_by: str | None
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    @property
    def table(self) -> pd.DataFrame:
        """The links with all figures; what is only for drawing is left out."""
        return self.links.drop(columns=["mean_share"])

    @property
    def n_tested(self) -> int:
        """Links that were tested; the false-discovery rate is over these."""
        return int(self.links["q"].notna().sum())

    @property
    def n_clear(self) -> int:
        """Links that differ clearly."""
        return int((self.links["state"] == "clear").sum())

    @property
    def n_flips(self) -> int:
        """Tested links whose difference turns around when both groups have the same mix."""
        return int((self.links["flips"] & self.links["q"].notna()).sum())

    @property
    def n_turned(self) -> int:
        """Links called clear that turn around so: the mix may be all that there is."""
        return int((self.links["flips"] & (self.links["state"] == "clear")).sum())


def comparison(
    log: EventLog,
    stages: StageMap,
    *,
    a: Rule | np.ndarray | None = None,
    b: Rule | np.ndarray | None = None,
    steps: int = 6,
    group: str = "stage",
    unit: str = "customer",
    nodes: int | None = None,
    weight_by: str | None = None,
    alpha: float = 0.05,
    names: Sequence[str] | None = None,
    active_within_days: float = 30,
    tables: OtherTables = NO_TABLES,
) -> Comparison:
    """Compare two groups of customers link by link, step by step, and stage by stage.

    a, b   a rule that picks customers, or one flag a customer. Without b: all the others. Without a: those
           who came to the goal. Who is in both is left out. Two rules {"period": [from, to]} compare the
           journeys inside of two periods; who came in both then counts in both. In the unit "session" a rule
           picks sessions by what is in them, while flags are of customers, with all of their sessions
    weight_by  an attribute whose mix may differ between the groups: differences are shown with its mix held
           equal too; of an attribute of events the first value is meant. Beyond 50 values the rest are one
    nodes  at each step all but that many nodes are together as "other"
    alpha  the false-discovery rate below which a difference is called clear
    names  what the groups are called in the finding
    tables  what is known beside the log, which rules may be about

    Raises SettingWrong, and what rules raise.
    """
    if not 0 < alpha < 1:
        raise SettingWrong(setting="alpha", value=alpha, allowed="0 < alpha < 1")
    if nodes is not None and not nodes >= 1:
        raise SettingWrong(setting="nodes", value=nodes, allowed="≥ 1")
    if weight_by is not None and weight_by not in log.attributes:
        raise SettingWrong(setting="weight_by", value=weight_by, allowed=list(log.attributes))
    draw = partial(
        picture,
        stages=stages,
        steps=steps,
        group=group,
        unit=unit,
        active_within_days=active_within_days,
    )
    is_periods = are_periods(a, b)
    parts, notes = _periods(log, draw, a, b) if is_periods else _groups(log, draw, a, b, tables)
    mixed = _mix(parts, weight_by)
    counts = _counted(parts, mixed)
    view = parts[0].view
    counts = folded(counts, view.nodes.position, nodes)
    n_a, n_b = (int(one.sum()) for one in _halves(counts.units))
    given = frozenset() if is_periods else _given(view, counts)
    compare = partial(_compared, alpha=alpha, units=counts.units, mixed=weight_by is not None)
    answer = Comparison(
        links=_links(view, counts, given, compare),
        cells=_cells(view, counts, given, compare),
        measures=_measures(stages, counts, given, compare),
        colours=dict(zip(view.nodes.names, view.nodes.colours, strict=True)),
        names=_named(names),
        n_a=n_a,
        n_b=n_b,
        steps=view.steps,
        unit=unit,
        group=group,
        weight_by=weight_by,
        finding=Finding("comparison.finding_no_rows"),
    )
    finding, headline = _finding(view, answer, counts)
    told = (*notes, *_notes(answer, stages, given, mixed, counts, alpha))
    whole = coverage_notes(
        view.log if not is_periods else draw(log).log,
        stages,
        n_customers=n_a + n_b,
        n_visitors=int(counts.visitors.sum()),
        unit=unit,
    )
    return replace(answer, finding=finding, headline=headline, notes=(*told, *whole))


# ---- who is compared ---------------------------------------------------------------------------------------


def _mix(parts: Sequence[Compared], attribute: str | None) -> Strata:
    if attribute is None:
        return Strata(tuple(np.zeros(len(part.group), dtype=np.int64) for part in parts))
    codes = [first_values(part.view.log, attribute) for part in parts]
    return pooled(codes, len(parts[0].view.log.attributes[attribute].categories) + 1)


def _groups(
    log: EventLog, draw: Callable[[EventLog], Picture], a: Any, b: Any, tables: OtherTables
) -> tuple[list[Compared], list[Finding]]:
    part, both = two_groups(log, draw(log), a, b, tables)
    notes = []
    if both:
        notes.append(Finding(f"comparison.note_in_both_{part.view.unit}", {"customers": both}))
    return [part], [*notes, *_busier(part.view, part.group)]


def _busier(view: Picture, groups: np.ndarray) -> list[Finding]:
    """Do customers of one group simply do more? Then they had more chances to get into it by an event."""
    rows = np.diff(view.log.offsets)
    parts = [rows[groups == group] for group in (0, 1)]
    if view.unit != "customer" or min(map(len, parts)) < _SMALL:
        return []
    a, b = (float(np.median(part)) for part in parts)
    if max(a, b) < _BUSIER * min(a, b):
        return []
    return [Finding("comparison.note_busier", {"a": round(a), "b": round(b)})]


def _periods(
    log: EventLog, draw: Callable[[EventLog], Picture], a: Any, b: Any
) -> tuple[list[Compared], list[Finding]]:
    """The journeys inside of each period, both calendars told, and how many customers are in both."""
    days = [days_of(rule) for rule in (a, b)]
    parts, inside = list(two_periods(log, draw, a, b)), []
    for part in parts:
        low, high = part.view.log.observed
        before = np.append(0, np.cumsum((log.time >= low) & (log.time < high), dtype=np.int64))
        inside.append(np.diff(before.take(log.offsets)) > 0)
    (first_a, last_a), (first_b, last_b) = days
    spans = [(last - first).days + 1 for first, last in days]
    calendars = {"first_a": first_a, "last_a": last_a, "days_a": spans[0]}
    calendars |= {"first_b": first_b, "last_b": last_b, "days_b": spans[1]}
    notes = [Finding("comparison.note_periods", calendars)]
    if spans[0] != spans[1]:
        notes.append(Finding("comparison.note_lengths", {"days_a": spans[0], "days_b": spans[1]}))
    shared = (min(last_a, last_b) - max(first_a, first_b)).days + 1
    if shared > 0:
        notes.append(Finding("comparison.note_overlap", {"days": shared}))
    both, anybody = int((inside[0] & inside[1]).sum()), int((inside[0] | inside[1]).sum())
    if both:
        values = {"customers": both, "share": both / anybody}
        notes.append(Finding("comparison.note_same_customers", values))
    return parts, notes


def _counted(parts: Sequence[Compared], mixed: Strata) -> ClassCounts:
    """Classes are the strata of A, then those of B."""
    found = [
        class_counts(part.view, np.where(part.group < 0, -1, part.group * mixed.n + stratum), 2 * mixed.n)
        for part, stratum in zip(parts, mixed.of, strict=True)
    ]
    return sum(found[1:], start=found[0])


def _named(names: Sequence[str] | None) -> tuple[str, str]:
    if names is None:
        return _NAMES
    if isinstance(names, str) or len(names) != 2:
        raise SettingWrong(setting="names", value=str(names)[:80], allowed='["A", "B"]')
    return str(names[0]), str(names[1])


def _given(view: Picture, counts: ClassCounts) -> frozenset[int]:
    """The stages that all of one group visited and nobody of the other: how the groups were made says so."""
    (a, b), (n_a, n_b) = (
        (part.sum(axis=-1) for part in _halves(each)) for each in (counts.reach, counts.units)
    )
    if not (n_a and n_b):
        return frozenset()
    told = ((a == n_a) & (b == 0)) | ((b == n_b) & (a == 0))
    return frozenset(np.flatnonzero(told).tolist())


# ---- what is compared --------------------------------------------------------------------------------------


def _halves(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes of A and those of B."""
    n = counts.shape[-1] // 2
    return counts[..., :n], counts[..., n:]


def _compared(
    k: np.ndarray, n: np.ndarray, given: np.ndarray, *, units: np.ndarray, alpha: float, mixed: bool
) -> dict[str, Any]:
    """The figures of a table of [row, class] counts: k of n."""
    (k_a, k_b), (n_a, n_b) = (
        [part.sum(axis=-1) for part in _halves(np.broadcast_to(each, k.shape))] for each in (k, n)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b = k_a / n_a, k_b / n_b
        pooled = (k_a + k_b) / (n_a + n_b)
        expected = np.minimum(pooled, 1 - pooled) * np.minimum(n_a, n_b)
        of_all = [part.sum(axis=-1) for part in _halves(units)]
        mean = (k_a / of_all[0] + k_b / of_all[1]) / 2
    small = (np.minimum(n_a, n_b) < _SMALL) | ~(expected >= _FEWEST_EXPECTED)
    tested = ~small & ~given
    p = np.full(len(k), np.nan)
    p[tested] = two_shares(k_a[tested], n_a[tested], k_b[tested], n_b[tested])
    q = false_discovery(p)
    low, high = newcombe(k_a, n_a, k_b, n_b)
    figures = {
        "n_a": n_a,
        "customers_a": k_a,
        "share_a": share_a,
        "n_b": n_b,
        "customers_b": k_b,
        "share_b": share_b,
        "difference": share_a - share_b,
        "difference_low": low,
        "difference_high": high,
        "p": p,
        "q": q,
        "state": pd.Series(
            np.select([given, small, q < alpha], ["given", "small", "clear"], "unclear"), dtype="str"
        ),
    }
    return {**figures, **_adjusted(k, n, tested, share_a - share_b, alpha, mixed), "mean_share": mean}


def _adjusted(
    k: np.ndarray, n: np.ndarray, tested: np.ndarray, plain: np.ndarray, alpha: float, mixed: bool
) -> dict[str, Any]:
    """The differences with the mix of the strata held equal, and whether they hold in every stratum."""
    nothing = np.full(len(k), np.nan)
    if not mixed:
        none = np.zeros(len(k), dtype=bool)
        ends = {"adjusted": nothing, "adjusted_low": nothing, "adjusted_high": nothing}
        return {**ends, "flips": none, "varies": none}
    (k_a, k_b), (n_a, n_b) = ([part.T for part in _halves(np.broadcast_to(each, k.shape))] for each in (k, n))
    adjusted, low, high = mixed_difference(k_a, n_a, k_b, n_b)
    heterogeneous = np.where(tested, breslow_day(k_a, n_a, k_b, n_b)[1], np.nan)
    # Of what is too rare to be tested the interval would say more than is known.
    adjusted, low, high = (np.where(tested, part, np.nan) for part in (adjusted, low, high))
    return {
        "adjusted": adjusted,
        "adjusted_low": low,
        "adjusted_high": high,
        "flips": tested & (adjusted * plain < 0),
        "varies": false_discovery(heterogeneous) < alpha,
    }


def _labels(view: Picture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name, kind and position by code; ends bear their kind as name."""
    names = np.array([*view.nodes.names, *KINDS], dtype=object)
    kinds = np.array([*view.nodes.kinds, *KINDS], dtype=object)
    return names, kinds, np.r_[view.nodes.position, len(view.nodes) + np.arange(len(KINDS))]


def _texts(values: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str")


def _of_given(view: Picture, given: frozenset[int]) -> np.ndarray:
    """One flag a code: a node of a stage that tells the groups apart, or an end, which follows from it."""
    n_nodes = len(view.nodes)
    flags = np.zeros(n_nodes + len(KINDS), dtype=bool)
    if not given:
        return flags
    if view.nodes.group == "stage":
        flags[list(given)] = True
    elif view.nodes.group == "event":
        flags[:n_nodes] = np.isin(view.stages.codes(view.log.event_names), list(given))
    flags[[n_nodes + KINDS.index(kind) for kind in _ENDS]] = True
    return flags


def _links(view: Picture, counts: ClassCounts, given: frozenset[int], compare: Any) -> pd.DataFrame:
    names, kinds, position = _labels(view)
    order = np.lexsort((position[counts.target], position[counts.source], counts.step))
    source, target = counts.source[order], counts.target[order]
    figures = compare(counts.customers[order], counts.leaving()[order], _of_given(view, given)[target])
    return pd.DataFrame(
        {
            "step": counts.step[order],
            "source": _texts(names[source]),
            "source_kind": _texts(kinds[source]),
            "target": _texts(names[target]),
            "target_kind": _texts(kinds[target]),
            **figures,
        }
    )


def _cells(view: Picture, counts: ClassCounts, given: frozenset[int], compare: Any) -> pd.DataFrame:
    """Who is where at each step, and who has ended before it."""
    names, kinds, position = _labels(view)
    step, node, customers = counts.at_nodes()
    parts = [(step, node, customers)]
    for kind in _ENDS:
        code = len(view.nodes) + KINDS.index(kind)
        ended = np.zeros((view.steps, counts.customers.shape[1]), dtype=np.int64)
        hits = counts.target == code
        np.add.at(ended, counts.step[hits] - 1, counts.customers[hits])
        so_far = np.cumsum(ended, axis=0)[:-1]
        some = np.flatnonzero(so_far.sum(axis=1))
        parts.append((some + 2, np.full(len(some), code), so_far[some]))
    step, node, customers = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((position[node], step))
    step, node, customers = step[order], node[order], customers[order]
    figures = compare(customers, counts.units, _of_given(view, given)[node])
    return pd.DataFrame(
        {
            "step": step,
            "name": _texts(names[node]),
            "kind": _texts(kinds[node]),
            "position": position[node],
            **figures,
        }
    )


def _measures(stages: StageMap, counts: ClassCounts, given: frozenset[int], compare: Any) -> pd.DataFrame:
    """Reach of every stage, drop-off of those that are no goal, and the conversion."""
    goal = stages.goal_stage
    rows: list[tuple[str, str, np.ndarray, np.ndarray, bool]] = []
    for code, stage in enumerate(stages.stages):
        reach = counts.reach[code]
        if stage == goal:
            rows.append(("conversion", stage.name, reach, counts.units, code in given))
            continue
        rows.append(("reach", stage.name, reach, counts.units, code in given))
        rows.append(("drop_off", stage.name, counts.exits[code], reach, bool(given)))
    rows.sort(key=lambda row: ("conversion", "reach", "drop_off").index(row[0]))
    shape = (len(rows), len(counts.units))
    k, n = (np.array([row[at] for row in rows], dtype=np.int64).reshape(shape) for at in (2, 3))
    figures = compare(k, n, np.array([row[4] for row in rows], dtype=bool))
    return pd.DataFrame(
        {
            "measure": _texts(np.array([row[0] for row in rows], dtype=object)),
            "stage": _texts(np.array([row[1] for row in rows], dtype=object)),
            **figures,
        }
    )


# ---- what is said ------------------------------------------------------------------------------------------


def _finding(view: Picture, answer: Comparison, counts: ClassCounts) -> tuple[Finding, Figure | None]:
    """The clear link that concerns most customers: its surest difference times those at its source."""
    a, b = answer.names
    if not answer.n_a + answer.n_b:
        return Finding("comparison.finding_no_rows"), None
    if not counts.visitors.any():
        return Finding("comparison.finding_no_mapped_events"), None
    if not (answer.n_a and answer.n_b):
        return Finding("comparison.finding_nobody", {"name": b if answer.n_a else a}), None
    tested, clear = answer.n_tested, answer.n_clear
    values: dict[str, Any] = {"a": a, "b": b, "tested": tested, "clear": clear}
    number = Figure("comparison.figure_clear", float(clear), "count", n=tested)
    if not tested:
        sizes = {**values, "n_a": answer.n_a, "n_b": answer.n_b}
        return Finding(view.worded("comparison.finding_all_small"), sizes), number
    links = answer.links
    found = links[(links["state"] == "clear") & ~links["flips"]]
    if not clear:
        return Finding("comparison.finding_none_clear", values), number
    named = found[(found["source_kind"] == "stage") & found["target_kind"].isin(["stage", "exit"])]
    if named.empty:
        return Finding("comparison.finding_some_clear", values), number
    surest = np.minimum(named["difference_low"].abs(), named["difference_high"].abs())
    weight = (surest * (named["n_a"] + named["n_b"])).round(6)
    # Where all others leave, leaving is the same news: going on comes first.
    order = np.lexsort((named["target_kind"] == "exit", -weight))
    best = named.iloc[order[0]]
    values |= {
        "step": int(best["step"]),
        "source": best["source"],
        "target": best["target"],
        "share_a": float(best["share_a"]),
        "share_b": float(best["share_b"]),
        "difference": float(best["difference"]),
        "low": float(best["difference_low"]),
        "high": float(best["difference_high"]),
    }
    where = {name: values[name] for name in ("a", "b", "step", "source")}
    headline = Figure(
        "comparison.figure_exit" if best["target_kind"] == "exit" else "comparison.figure_link",
        values["difference"],
        "points",
        n=int(best["n_a"] + best["n_b"]),
        low=values["low"],
        high=values["high"],
        values=where if best["target_kind"] == "exit" else {**where, "target": values["target"]},
    )
    return Finding(
        f"comparison.finding_{'exit' if best['target_kind'] == 'exit' else 'link'}", values
    ), headline


def _notes(
    answer: Comparison,
    stages: StageMap,
    given: frozenset[int],
    mixed: Strata,
    counts: ClassCounts,
    alpha: float,
) -> list[Finding]:
    links = answer.links
    notes = []
    if answer.n_tested:
        told = {"tested": answer.n_tested, "clear": answer.n_clear, "alpha": alpha}
        notes.append(Finding("comparison.note_tested", told))
    small = int((links["state"] == "small").sum())
    if small:
        notes.append(Finding("comparison.note_small", {"links": small}))
    if given:
        names = [stages.stages[code].name for code in sorted(given)]
        notes.append(Finding("comparison.note_given", {"stages": names}))
    if not answer.measures.empty:
        notes.append(Finding("comparison.note_reach"))
    if answer.unit == "session":
        notes.append(Finding("comparison.note_unit_session"))
    if answer.weight_by is None:
        return notes
    attribute = {"attribute": answer.weight_by}
    if answer.n_turned:
        notes.append(Finding("comparison.note_turned", {**attribute, "links": answer.n_turned}))
    elif answer.n_flips:
        notes.append(Finding("comparison.note_flips", {**attribute, "links": answer.n_flips}))
    varies = int(links["varies"].sum())
    if varies:
        notes.append(Finding("comparison.note_varies", {**attribute, "links": varies}))
    a, b = _halves(counts.units)
    alone = int(a[b == 0].sum() + b[a == 0].sum())
    if alone:
        values: dict[str, Any] = {**attribute, "customers": alone, "share": alone / (answer.n_a + answer.n_b)}
        notes.append(Finding(f"comparison.note_alone_{answer.unit}", values))
    if mixed.n_pooled:
        notes.append(Finding("comparison.note_pooled", {**attribute, "values": mixed.n_pooled}))
    return notes
