"""What the result of an experiment must be read with: whatever could make it say more than it knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from journey.aggregates.arm_evidence import ArmEvidence
from journey.aggregates.arm_figures import SHARES, arm_figures, contrast
from journey.aggregates.arm_segments import mixes
from journey.aggregates.arm_tables import NUMBERS
from journey.aggregates.arm_units import ArmUnits
from journey.aggregates.arm_verdict import BLOCKING, Readiness, form_of, rows_of
from journey.findings import Finding
from journey.i18n.formats import moved
from journey.statistics.corrections import false_discovery
from journey.statistics.welch import moments, welch

__all__ = ["Guard", "Level", "guards", "left_out"]

Level = Literal["block", "warn", "note"]

_SUSPECT = 0.01
_UNLIKELY = 0.001
_FEW_UNITS, _FEW_HITS = 30, 10
# One unit that moves the difference by more than this many standard errors.
_HEAVY = 0.5
_TOP = 0.01
_MOST_PARTS = 5
_MOST_STRANGERS = 0.1
_FEWEST_DAYS, _FIRST_DAYS = 4, 7


@dataclass(frozen=True)
class Guard:
    """Something that the result must be read with.

    code   "mismatch", "two_arms", "few", "outliers", "novelty", "simpson", ...
    level  "block": do not trust the result; "warn": read it with care; "note": good to know
    """

    code: str
    level: Level
    finding: Finding


def guards(
    evidence: ArmEvidence, table: pd.DataFrame, stage: Readiness, mismatch: float, by_parts: pd.DataFrame
) -> tuple[Guard, ...]:
    """All that apply, what matters most first. `by_parts` has the p of the split of each day and segment."""
    found = [
        *_arms(evidence),
        *_split(evidence, mismatch, by_parts),
        *_readiness(evidence, stage),
        *_few(evidence, table),
        *_missing(evidence),
        *_mixes(evidence),
        *_denominators(evidence),
        *_novelty(evidence),
        *_outliers(evidence),
        *_guardrails(table),
        *_units(evidence),
    ]
    order = ("block", "warn", "note")
    return tuple(sorted(found, key=lambda one: order.index(one.level)))


def _guard(code: str, level: Level, values: Mapping[str, Any], *, end: str = "") -> Guard:
    return Guard(code, level, Finding(f"experiment.guard_{code}{end}", values))


def _name(evidence: ArmEvidence, at: int) -> str:
    return evidence.arms[at].name or evidence.arms[at].label


# ---- the arms ----------------------------------------------------------------------------------------------


def _arms(evidence: ArmEvidence) -> list[Guard]:
    found = []
    if len(evidence.arms) == 1:
        found.append(_guard("one_arm", "block", {"arm": _name(evidence, 0)}))
    empty = [_name(evidence, at) for at, n in enumerate(evidence.assigned) if not n]
    if empty and len(evidence.arms) > 1:
        found.append(_guard("empty_arm", "block", {"arms": empty}))
    return found


def _split(evidence: ArmEvidence, p: float, by_parts: pd.DataFrame) -> list[Guard]:
    found = []
    total, weights = evidence.assigned.sum(), [one.weight for one in evidence.arms]
    if p < _SUSPECT:
        values = {
            "p": p,
            "seen": ":".join(f"{100 * n / total:.1f}" for n in evidence.assigned),
            "planned": ":".join(f"{100 * one / sum(weights):.4g}" for one in weights),
        }
        if p >= BLOCKING:
            found.append(_guard("mismatch", "warn", values))
        elif evidence.plan.accepted is None:
            found.append(_guard("mismatch", "block", values, end="_clear"))
        else:
            found.append(_guard("mismatch", "note", values, end="_accepted"))
    parts = by_parts.drop_duplicates("part") if len(by_parts) else by_parts
    odd = parts[false_discovery(parts["p"]) < _SUSPECT] if len(parts) else parts
    if len(odd):
        named = [str(one) for one in odd.sort_values("p", kind="stable")["part"].head(_MOST_PARTS)]
        where = "_where" if p < _SUSPECT else ""
        found.append(_guard("mismatch_parts", "warn", {"parts": named}, end=where))
    return found


def _readiness(evidence: ArmEvidence, stage: Readiness) -> list[Guard]:
    planned = evidence.plan.planned
    if stage == "unplanned":
        return [_guard("unplanned", "warn", {})]
    if stage == "early" and planned is not None:
        return [_guard("early", "warn", {"n": (evidence.unit, evidence.n), "planned": planned})]
    values = {"n": (evidence.unit, evidence.n), "planned": planned}
    if stage == "overrun":
        return [_guard("overrun", "warn", values)]
    if stage == "final" and planned is not None and evidence.n < planned:
        return [_guard("underpowered", "note", values)]
    return []


# ---- the outcomes ------------------------------------------------------------------------------------------


def _few(evidence: ArmEvidence, table: pd.DataFrame) -> list[Guard]:
    """Nobody converted, or hardly anybody: exact tests, and normal limits that do not hold."""
    found = []
    decides = evidence.plan.primary
    for at, metric in enumerate(evidence.metrics):
        n, x = evidence.whole.n[0, :, at], evidence.whole.x[0, :, at]
        name = metric.name or metric.id
        if metric.kind in SHARES and n.sum() and not x.sum():
            level: Level = "warn" if metric is decides else "note"
            found.append(_guard("no_conversions", level, {"metric": name}))
            continue
        if metric is not decides or not len(table) or len(evidence.arms) < 2:
            continue
        least = int(n.min())
        hits = np.minimum(x, n - x)
        if metric.kind in SHARES and hits.min() < _FEW_HITS:
            values = {"metric": name, "n": (evidence.unit, round(float(hits.min())))}
            found.append(_guard("few", "warn", values, end="_hits"))
        elif least < _FEW_UNITS:
            found.append(_guard("few", "warn", {"metric": name, "n": (evidence.unit, least)}))
    return found


def _missing(evidence: ArmEvidence) -> list[Guard]:
    """Values are missing more in one arm than in another: those who are left are no longer alike."""
    found = []
    for at, metric in enumerate(evidence.metrics):
        lost = evidence.whole.n_missing[0, :, at].astype(float)
        all_ = lost + evidence.whole.n[0, :, at]
        if not lost.sum() or (all_ == 0).any() or len(all_) < 2:
            continue
        share = lost.sum() / all_.sum()
        expected = all_ * share
        chi = ((lost - expected) ** 2 / (expected * (1 - share))).sum() if share < 1 else 0.0
        p = float(chdtrc(len(all_) - 1, chi))
        worst = int(np.argmax(lost / all_))
        values = {
            "metric": metric.name or metric.id,
            "n": (evidence.unit, int(lost.sum())),
            "share": float(share),
        }
        if p < _UNLIKELY:
            values |= {"arm": _name(evidence, worst), "worst": float((lost / all_)[worst]), "p": p}
            found.append(_guard("missing", "warn", values, end="_uneven"))
        else:
            found.append(_guard("missing", "note", values))
    return found


def _mixes(evidence: ArmEvidence) -> list[Guard]:
    found = []
    form = form_of(evidence.metrics[0].kind) if evidence.metrics else ""
    for one in mixes(evidence):
        if moved((form, one.plain), "en") == moved((form, one.adjusted), "en"):
            # The mix changes nothing that anybody reads.
            continue
        values = {
            **{"attribute": one.attribute, "arm": _name(evidence, one.arm), "control": _name(evidence, 0)},
            **{"plain": (form, one.plain), "adjusted": (form, one.adjusted), "p": one.p},
        }
        # Where no value is in both arms, nothing can be put to one mix.
        end = "" if isfinite(one.adjusted) else "_apart"
        found.append(_guard("simpson" if one.flips else "mix", "warn", values, end=end))
    return found


def _denominators(evidence: ArmEvidence) -> list[Guard]:
    """Does an arm change what a ratio is divided by? Then the ratio alone does not say what it does."""
    found = []
    sums = evidence.whole
    for at, metric in enumerate(evidence.metrics):
        if metric.kind != "ratio":
            continue
        n = sums.n[0, :, at]
        mean, variance = moments(n, sums.y[0, :, at], sums.yy[0, :, at])
        tested = welch(n[1:], mean[1:], variance[1:], n[0], mean[0], variance[0])
        p = np.atleast_1d(tested.p)
        if np.isnan(p).all() or not np.nanmin(p) * len(p) < _SUSPECT:
            continue
        arm = int(np.nanargmin(p)) + 1
        values = {
            **{"metric": metric.name or metric.id, "arm": _name(evidence, arm), "p": float(p[arm - 1])},
            **{"control": _name(evidence, 0), "one": ("number", float(mean[arm]))},
            "other": ("number", float(mean[0])),
        }
        found.append(_guard("denominator", "warn" if at == 0 else "note", values))
    return found


def _novelty(evidence: ArmEvidence) -> list[Guard]:
    """Is the difference another one among the first to come in than among those later?"""
    looked, days = evidence.looked, evidence.look_days
    if looked is None or evidence.units is None or len(evidence.arms) < 2 or not evidence.metrics:
        return []
    n_looks, metric, span = looked.n_groups, evidence.metrics[0], evidence.span
    if not span >= _FEWEST_DAYS:
        return []
    length = _FIRST_DAYS if span >= 2 * _FIRST_DAYS else int(span // 2)
    first = sum((day - evidence.days[0]).days < length for day in days if isinstance(day, dt.date))
    if not 0 < first < n_looks:
        return []
    begun, whole = looked[first - 1], looked[n_looks - 1]
    later = type(begun)(*(getattr(whole, name) - getattr(begun, name) for name in begun.__dataclass_fields__))
    theta = evidence.theta
    parts = [arm_figures(part, evidence.metrics, theta) for part in (begun, later)]
    found = []
    for code in range(1, len(evidence.arms)):
        few = [min(part.n[0, 0, 0], part.n[0, code, 0]) < _FEW_UNITS for part in parts]
        if any(few) or any(_are_few(part, code) for part in parts):
            continue
        early, late = (contrast(part, code, 0, metric.kind) for part in parts)
        error = float(np.hypot(early.error[0], late.error[0]))
        if not error > 0:
            continue
        p = float(2 * ndtr(-abs(early.difference[0] - late.difference[0]) / error))
        if p * (len(evidence.arms) - 1) < _SUSPECT:
            form = form_of(metric.kind)
            values = {
                **{"arm": _name(evidence, code), "control": _name(evidence, 0), "days": length, "p": p},
                "first": (form, float(early.difference[0])),
                "later": (form, float(late.difference[0])),
            }
            found.append(_guard("novelty", "warn", values))
    return found


def _are_few(figures: Any, code: int) -> bool:
    pair = figures.pair(code, 0)
    return any(
        part.is_share and float(np.minimum(part.hits, part.n - part.hits)[0]) < _FEW_HITS for part in pair
    )


# ---- single units ------------------------------------------------------------------------------------------


def _outliers(evidence: ArmEvidence) -> list[Guard]:
    if evidence.units is None or len(evidence.arms) < 2:
        return []
    found = []
    for at, measured in enumerate(evidence.units.measured):
        if measured.metric.kind not in NUMBERS or measured.cap is not None:
            continue
        values = _heavy(evidence, at, measured.metric.kind)
        if values is not None:
            values["metric"] = measured.metric.name or measured.metric.id
            level: Level = "warn" if measured.metric is evidence.metrics[0] else "note"
            found.append(_guard("outliers", level, values))
    return found


def _heavy(evidence: ArmEvidence, at: int, kind: str) -> dict[str, Any] | None:
    """What a single unit does to a difference, where it is much; and the difference with values cut."""
    parts, figures = evidence.parts(at), evidence.plain
    if min(map(len, parts)) < 2:
        return None
    n, mean = figures.n[0, :, at], figures.value[0, :, at]
    one = figures.variance[0, :, at] / n
    ends = np.array([[part[0], part[-1]] for part in parts])
    far = ends[np.arange(len(parts)), np.abs(ends - mean[:, None]).argmax(axis=1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        # By how many errors of the difference to the control the unit that is furthest out moves its arm.
        times = np.abs(far - mean) / n / np.sqrt(one[0] + one)
        times[0] = np.abs(far[0] - mean[0]) / n[0] / np.sqrt(one[0] + one[1:].min())
    worst = int(np.nanargmax(times)) if not np.isnan(times).all() else 0
    if not _HEAVY < times[worst] < np.inf:
        return None
    known = np.concatenate(parts)
    # Of fewer than 100 values the largest one alone is cut.
    rank = min(int(np.ceil((1 - _TOP) * len(known))), len(known) - 1) - 1
    cap = float(np.partition(known, rank)[rank])
    code, form = worst or 1, form_of(kind)
    pair: list[Any] = []
    for part in (parts[code], parts[0]):
        cut = np.minimum(part, cap)
        pair += [len(cut), *moments(len(cut), cut.sum(), (cut * cut).sum())]
    other = welch(*pair)
    return {
        **{"value": (form, float(far[worst])), "arm": _name(evidence, worst), "times": float(times[worst])},
        **{"difference": (form, float(mean[code] - mean[0])), "cut": (form, float(other.difference))},
        **{"low": (form, float(other.low)), "high": (form, float(other.high)), "cap": (form, cap)},
    }


def _guardrails(table: pd.DataFrame) -> list[Guard]:
    """Harm that is not ruled out is no harm, but no proof of none either."""
    if not len(table):
        return []
    rows = table[(table["role"] == "guardrail") & (table["state"] == "open")]
    found = []
    for row in rows_of(rows):
        sign = 1 if row["better"] == "higher" else -1
        low, control = row["difference_low"], float(row["value"]) - float(row["raw_difference"])
        worst = low if sign > 0 else row["difference_high"]
        if sign * worst >= -row["harm"] * abs(control):
            continue
        form = form_of(row["kind"])
        values = {
            **{"metric": row["name"] or row["metric"], "arm": row["arm_name"]},
            **{"worst": (form, float(worst)), "margin": float(row["harm"])},
        }
        found.append(_guard("guardrail_open", "note", values))
    return found


# ---- the units ---------------------------------------------------------------------------------------------


def left_out(evidence: ArmEvidence) -> list[Guard]:
    """Who does not count, and why; of sums nobody knows."""
    units = evidence.units
    if units is None:
        return []
    found = []
    both, all_ = units.left_out.get("two_arms", 0), int(evidence.assigned.sum())
    if both:
        share = both / (both + all_)
        values = {"n": (units.unit, both), "share": share}
        found.append(_guard("two_arms", "warn" if share > _SUSPECT else "note", values))
    for code in ("unknown_arm", "no_arm", "not_observed", "filtered"):
        if units.left_out.get(code):
            found.append(_guard(code, "note", {"n": (units.unit, units.left_out[code])}))
    return found


def _units(evidence: ArmEvidence) -> list[Guard]:
    units = evidence.units
    if units is None:
        return []
    found, all_ = left_out(evidence), int(evidence.assigned.sum())
    for label, others in units.merged:
        found.append(_guard("merged", "note", {"arm": label, "others": list(others)}))
    if units.duplicates:
        found.append(_guard("duplicates", "note", {"n": units.duplicates}))
    if units.strangers:
        level: Level = "warn" if units.strangers > _MOST_STRANGERS * all_ else "note"
        found.append(_guard("strangers", level, {"n": (units.unit, units.strangers)}))
    if units.unit != "customer":
        found.append(_alike(evidence, units))
    return [*found, *_values_of(units)]


def _alike(evidence: ArmEvidence, units: ArmUnits) -> Guard:
    """Several units of one customer: what was done about it, or what could not be."""
    wider = evidence.theta.wider
    if wider is None or not evidence.metrics:
        return _guard(f"{units.unit}s", "note", {})
    values = {"times": float(np.sqrt(wider[:, 0].max())), "metric": evidence.metrics[0].name}
    values["metric"] = values["metric"] or evidence.metrics[0].id
    return _guard("sessions", "note", values, end="_clustered")


def _values_of(units: ArmUnits) -> list[Guard]:
    found = []
    for measured in units.measured:
        name = {"metric": measured.metric.name or measured.metric.id}
        if measured.n_infinite:
            found.append(_guard("infinite", "note", {**name, "n": measured.n_infinite}))
        if measured.n_negative and measured.metric.kind in ("revenue", "time"):
            found.append(_guard("negative", "note", {**name, "n": measured.n_negative}))
        if measured.n_capped and measured.cap is not None:
            cap = (form_of(measured.metric.kind), measured.cap)
            found.append(_guard("capped", "note", {**name, "n": measured.n_capped, "cap": cap}))
        if measured.n_unobserved:
            found.append(_guard("unobserved", "note", {**name, "n": (units.unit, measured.n_unobserved)}))
        if measured.n_no_before:
            found.append(_guard("no_before", "note", {**name, "n": (units.unit, measured.n_no_before)}))
    return found
