"""How large are the team's segments, and which customers are in several of them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations as pairs_of

import numpy as np
import pandas as pd

from journey.aggregates.combinations import MOST_GROUPS, combinations, joint
from journey.aggregates.segment import members_of
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.intervals import wilson
from journey.statistics.odds import independence
from journey.theme import stage_colour

__all__ = ["Overlap", "overlap"]

# Below this false-discovery rate two segments are said to meet more, or less, often than by chance.
_CLEAR = 0.05


@dataclass(frozen=True)
class Overlap:
    """Segments and whom they share; all shares divide by n_customers unless they say otherwise.

    table     one row for each set of segments that somebody is in exactly, the largest first and those in
              none last: segments (names, joined by " + "; "" for none), customers, share with low and high
              (Wilson 95 %), places (positions in `sizes`)
    sizes     one row a segment in the order asked for: segment, customers, share, low, high, only (customers
              in this one alone)
    pairs     one row for two segments: segment, other, both (customers), share_a (of the segment) and share_b
              (of the other) who are in both, jaccard (both / in either), lift (both / expected if they were
              independent), q (false-discovery rate over all pairs), clear
    colours   one a segment, in the order of `sizes`
    """

    table: pd.DataFrame
    sizes: pd.DataFrame
    pairs: pd.DataFrame
    colours: tuple[str, ...]
    n_customers: int
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())


def overlap(
    log: EventLog,
    stages: StageMap,
    *,
    rules: Sequence[Rule | np.ndarray] = (),
    names: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> Overlap:
    """Count the customers of each segment, of each two, and of every set of them at once.

    `rules` are at most 12 rules of segments (see stages.segment) or flags, one a customer; `names` and
    `colours` are theirs. Exact: every customer stands in one set. Raises SettingWrong, and what rules raise.
    """
    n, all_of = len(rules), log.n_customers
    if n > MOST_GROUPS:
        raise SettingWrong(setting="rules", value=n, allowed=f"≤ {MOST_GROUPS}")
    called = list(names) if names is not None else [str(place + 1) for place in range(n)]
    if len(called) != n:
        raise SettingWrong(setting="names", value=len(called), allowed=n)
    flags = [_flags(log, stages, rule, tables) for rule in rules]
    counts = combinations(flags, all_of)
    both = joint(counts, n)
    sizes, pairs = _sizes(called, counts, both, all_of), _pairs(called, both, all_of)
    said = _finding(sizes, pairs, all_of)
    notes = [Finding("overlap.note_whole")]
    if len(pairs):
        notes.append(Finding("overlap.note_pairs", {"n": len(pairs)}))
    return Overlap(
        table=_table(called, counts, all_of),
        sizes=sizes,
        pairs=pairs,
        colours=tuple(colours) if colours is not None else tuple(stage_colour(place) for place in range(n)),
        n_customers=all_of,
        unit="customer",
        finding=said,
        headline=_headline(said, sizes, counts, all_of),
        notes=tuple(notes),
    )


def _flags(log: EventLog, stages: StageMap, rule: Rule | np.ndarray, tables: OtherTables) -> np.ndarray:
    if not isinstance(rule, np.ndarray):
        return members_of(log, stages, rule, tables)
    if rule.dtype != bool or rule.shape != (log.n_customers,):
        raise SettingWrong(setting="rules", value=str(rule.shape), allowed=str((log.n_customers,)))
    return rule


def _table(names: Sequence[str], counts: np.ndarray, all_of: int) -> pd.DataFrame:
    """The sets that somebody is in, of equal ones those of fewer segments first; nothing without segments."""
    there = [int(one) for one in np.flatnonzero(counts)] if names else []
    there.sort(key=lambda one: (one == 0, -counts[one], one.bit_count(), one))
    customers = counts[there] if there else np.zeros(0, dtype=np.int64)
    low, high = wilson(customers, all_of)
    places = [tuple(place for place in range(len(names)) if one >> place & 1) for one in there]
    return pd.DataFrame(
        {
            "segments": pd.Series([" + ".join(names[place] for place in one) for one in places], dtype="str"),
            "customers": customers,
            "share": customers / (all_of or np.nan),
            "low": low,
            "high": high,
            "places": pd.Series(places, dtype=object),
        }
    )


def _sizes(names: Sequence[str], counts: np.ndarray, both: np.ndarray, all_of: int) -> pd.DataFrame:
    customers = both.diagonal()
    low, high = wilson(customers, all_of)
    return pd.DataFrame(
        {
            "segment": pd.Series(list(names), dtype="str"),
            "customers": customers,
            "share": customers / (all_of or np.nan),
            "low": low,
            "high": high,
            "only": counts[[1 << place for place in range(len(names))]],
        }
    )


def _pairs(names: Sequence[str], both: np.ndarray, all_of: int) -> pd.DataFrame:
    two = list(pairs_of(range(len(names)), 2))
    a, b = (np.array([pair[end] for pair in two], dtype=np.int64) for end in (0, 1))
    n_a, n_b, met = both[a, a], both[b, b], both[a, b]
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a, share_b, jaccard = met / n_a, met / n_b, met / (n_a + n_b - met)
        lift = met * all_of / (n_a * n_b.astype(float))
    # Who is in the one: as often in the other as everybody else?
    q = false_discovery(independence(met, n_a, n_b - met, all_of - n_a)) if len(two) else np.zeros(0)
    return pd.DataFrame(
        {
            "segment": pd.Series([names[place] for place in a], dtype="str"),
            "other": pd.Series([names[place] for place in b], dtype="str"),
            "both": met,
            "share_a": share_a,
            "share_b": share_b,
            "jaccard": jaccard,
            "lift": lift,
            "q": q,
            "clear": q < _CLEAR,
        }
    )


def _finding(sizes: pd.DataFrame, pairs: pd.DataFrame, all_of: int) -> Finding:
    """Of two segments that meet clearly more often than by chance, the largest share of the smaller one."""
    if sizes.empty:
        return Finding("overlap.finding_no_segments")
    if not sizes["customers"].any():
        return Finding("overlap.finding_nobody", {"n": len(sizes), "of": all_of})
    met = pairs[pairs["clear"] & (pairs["lift"] > 1) & (pairs["jaccard"] < 1)]
    if met.empty:
        first = sizes.sort_values("customers", ascending=False, kind="stable").iloc[0]
        values = {"segment": first["segment"], "customers": int(first["customers"])}
        return Finding("overlap.finding_largest", {**values, "of": all_of, "share": float(first["share"])})
    # Where one segment holds the other whole, they meet by their rules: that is said only if nothing else is.
    partly = met[met[["share_a", "share_b"]].max(axis="columns") < 1]
    row = (met if partly.empty else partly).sort_values("jaccard", ascending=False, kind="stable").iloc[0]
    turned = row["share_b"] > row["share_a"]
    inner, outer = ("other", "segment") if turned else ("segment", "other")
    return Finding(
        "overlap.finding_meet",
        {
            "segment": row[inner],
            "other": row[outer],
            "customers": int(row["both"]),
            "share": float(row["share_b" if turned else "share_a"]),
            "times": round(float(row["lift"]), 1),
        },
    )


def _headline(said: Finding, sizes: pd.DataFrame, counts: np.ndarray, all_of: int) -> Figure | None:
    """How many are in a segment at all."""
    if sizes.empty or not all_of:
        return None
    inside = all_of - int(counts[0])
    low, high = wilson(inside, all_of)
    return Figure(
        "overlap.figure_in_any",
        inside / all_of,
        "share",
        n=all_of,
        low=float(low),
        high=float(high),
        values={"n": len(sizes)},
    )
