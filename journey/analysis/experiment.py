"""Which arm of an experiment does better, how sure is that, and what should be done now?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from journey.aggregates.arm_evidence import (
    ArmEvidence,
    evidence_of_sums,
    evidence_of_units,
    primary_first,
    rebased,
)
from journey.aggregates.arm_guards import Guard, Level, guards, left_out
from journey.aggregates.arm_segments import segments_tables
from journey.aggregates.arm_tables import (
    COLUMNS,
    days_table,
    empty,
    mismatch_of,
    result_table,
    split_days_table,
    split_segments_table,
    split_table,
    spread_table,
    stages_table,
)
from journey.aggregates.arm_units import arm_units, proposed_plans
from journey.aggregates.arm_verdict import (
    Decision,
    Readiness,
    Verdict,
    form_of,
    percent,
    readiness,
    states,
    verdict,
)
from journey.aggregates.exposures import Exposures, exposures
from journey.aggregates.records import UNTIMED
from journey.aggregates.summed_arms import summed_arms
from journey.events.log import DAY, EventLog
from journey.events.other_tables import NO_TABLES, REGISTERED, OtherTables
from journey.figures import Figure, Form
from journey.findings import Finding
from journey.stages.experiment_plan import Metric, Plan
from journey.stages.stage_map import StageMap
from journey.statistics.bootstrap import RESAMPLES

__all__ = ["Decision", "Experiment", "Guard", "Level", "Readiness", "Verdict", "experiment"]


@dataclass(frozen=True)
class Experiment:
    """How the arms of one experiment did; every difference is an arm minus the control.

    table       one row a metric and arm, metrics in the order of the plan with the primary one first, the
                control first of the arms. Its columns:
                metric (id), name, kind, role, better; arm (its label), arm_name, is_control
                n, missing                 units with a value, units without one
                numerator, denominator     conversions of n; sum of n; of a ratio both sums
                value, value_low, value_high       share, mean or ratio, with its interval
                difference, difference_low, difference_high, error   absolute, its interval and standard error
                lift, lift_low, lift_high  the same relative to the control (0.1 is 10 % more)
                level                      of these intervals: 1 - alpha; of the primary metric with several
                                           arms as strict as Holm's test of that arm
                p, q                       two-sided; q is Holm's over the arms for the primary metric, the
                                           false-discovery rate over metrics and arms for secondary ones, and
                                           p itself for guardrails
                method                     "z", "fisher", "welch", "delta"; "" where nothing was tested
                chance, best, loss         chance to do better than the control; to be the best of all arms;
                                           expected loss, in the unit of the metric, when this arm is taken
                anytime_low, anytime_high, anytime_p   of the difference, valid however often one looks
                bootstrap_low, bootstrap_high          of the difference (revenue), NaN elsewhere
                scaled, scaled_low, scaled_high        the difference in a month if everybody got this arm
                is_adjusted, raw_difference            was what is known from before used (CUPED), and the
                                                       difference without it
                harm                       of a guardrail: its margin; NaN elsewhere
                state                      "better", "worse", "open", "early" (nothing is called before the
                                           planned size), "blocked", "small" (nothing to test), "control"
                Shares are 0 to 1, times are days, money is as in the file.
    split       arm, arm_name, assigned, expected, share, planned_share: who was assigned
    split_days, split_segments   day (date), arm, assigned, expected, p; attribute, value, arm, assigned,
                expected, p: the same test on each day and in each segment (p of the day or segment)
    segments    the primary metric: attribute, value, arm, arm_name, n, n_control, value_arm, value_control,
                difference, low, high, p, q, state ("better", "worse", "open", "small": under 100 conversions
                or 30 units, "untested": the interaction is not clear, so nothing is read off segments)
    interactions   attribute, arm, arm_name, statistic, freedom, p, q, is_clear: does the difference depend
                on the attribute? Asked before any segment is looked at
    stages      stage, arm, arm_name, assigned, reached, share, difference, low, high, from_before (of those
                who reached the stage before: descriptive, since who they are depends on the arm)
    days        metric, arm, arm_name, day (date; or the time since the start in `looked` days where the file
                has no dates), looked, n, difference, low, high (anytime-valid): the estimate as units came in
    spread      metric, arm, arm_name, n, zeros (share), and quantiles min, p5, p25, p50, p75, p95, p99, max
    guards      in the order of how much they matter
    stage       "blocked" (the arms do not fit the plan), "unplanned" (no size was planned), "early" (before
                the planned size), "final", "overrun" (looked at again after the day that filled it, so only
                what holds at all looks counts, while nobody says that it ended as planned)
    mismatch    the p-value of the test that the arms were filled as planned; NaN where it cannot be tested
    n, planned  units that were assigned, of how many
    unit        "customer", "session" or "row"
    plan        as it was used, with the control first and the primary metric first
    """

    table: pd.DataFrame
    split: pd.DataFrame
    split_days: pd.DataFrame
    split_segments: pd.DataFrame
    segments: pd.DataFrame
    interactions: pd.DataFrame
    stages: pd.DataFrame
    days: pd.DataFrame
    spread: pd.DataFrame
    plan: Plan
    stage: Readiness
    mismatch: float
    n: int
    planned: int | None
    guards: tuple[Guard, ...]
    verdict: Verdict | None
    finding: Finding
    headline: Figure | None
    notes: tuple[Finding, ...] = field(default=())
    unit: str = "customer"

    @property
    def control(self) -> str | None:
        """The label of the arm that the others are measured against."""
        return self.plan.arms[0].label if self.plan.arms else None

    @property
    def primary(self) -> pd.DataFrame:
        """The rows of the metric that decides."""
        decides = self.plan.primary
        return self.table[self.table["metric"] == (decides.id if decides else None)]


def experiment(
    log: EventLog,
    stages: StageMap,
    *,
    plan: Mapping[str, Any] | None = None,
    baseline: str | None = None,
    by: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
    purchases: Sequence[str] | None = None,
    seed: int = 7,
) -> Experiment:
    """Compare the arms of an experiment by the metrics of its plan.

    plan      as `Plan.to_json` has it; None: the first one that can be proposed for the data
    baseline  the label of the arm that the others are measured against; None: the first one of the plan
    by        the attributes in whose segments the primary metric is looked at; None: at most 5 of those with
              2 to 12 values that were known before the exposure
    tables    what is known beside the log: the records of experiments
    purchases  the events that are purchases, where not their names and amounts decide
    seed      of the bootstrap
    """
    used = _first(log, stages, tables) if plan is None else Plan.from_json(plan)
    if used is None:
        return _nothing(Plan(), "none")
    used = replace(used, metrics=primary_first(used.metrics, used.primary))
    found: Exposures | None = None
    if "sums" in used.source:
        evidence = evidence_of_sums(summed_arms(used, tables, log.zone), used, baseline, by)
    else:
        found = exposures(log, used, tables)
        units = arm_units(log, stages, used, tables, purchases=purchases, found=found)
        evidence = evidence_of_units(rebased(units, baseline), used, by)
    if not evidence.n:
        nothing = replace(_nothing(evidence.plan, "nobody"), guards=tuple(left_out(evidence)))
        waiting = None if found is None else _waiting(log, found, used)
        return nothing if waiting is None else replace(nothing, finding=waiting)
    return _answer(evidence, _along(log, stages, evidence, tables, found), seed)


def _waiting(log: EventLog, found: Exposures, plan: Plan) -> Finding | None:
    """Who was assigned so late that the log does not tell yet what they did, and until when it has to."""
    moment = found.moment.compress(found.moment != UNTIMED)
    seen = found.log.observed[1]
    window = 0 if plan.window is None or found.unit == "session" else plan.window
    ends = moment + window * DAY
    if log.is_empty or not (ends > seen).any():
        return None
    until = dt.datetime.fromtimestamp(ends.max() / 1e6, ZoneInfo(log.zone)).date()
    values = {"n": (found.unit, int((ends > seen).sum())), "until": until, "end": log.days()[1]}
    return Finding("experiment.finding_waiting", values)


def _first(log: EventLog, stages: StageMap, tables: OtherTables) -> Plan | None:
    """The first test that the data has."""
    found = proposed_plans(log, stages, tables)
    return found[0] if found else None


def _along(
    log: EventLog, stages: StageMap, evidence: ArmEvidence, tables: OtherTables, found: Exposures | None
) -> pd.DataFrame:
    """How far the units of the arms came, where the log tells."""
    if found is None or evidence.unit == "row" or log.is_empty or log.event_names == (REGISTERED,):
        return empty("stages")
    reached = tuple(
        Metric(f"s{at}", "conversion", {"stage": stage.id}, stage.name)
        for at, stage in enumerate(stages.stages)
    )
    asked = replace(evidence.plan, metrics=reached)
    units = rebased(arm_units(log, stages, asked, tables, found=found), evidence.arms[0].label)
    return stages_table(evidence.plan, units)


def _answer(evidence: ArmEvidence, along: pd.DataFrame, seed: int) -> Experiment:
    used, mismatch = evidence.plan, mismatch_of(evidence)
    stage = readiness(used, evidence.n, mismatch, evidence.n_last)
    table = result_table(evidence, seed)
    table["state"] = pd.Series(states(table, used, stage), dtype="str")
    segments, interactions = segments_tables(evidence)
    split_days, split_segments = split_days_table(evidence), split_segments_table(evidence)
    said = verdict(table, used, stage, (evidence.unit, evidence.n), mismatch)
    finding, headline = _finding(evidence, table, stage, mismatch, said)
    return Experiment(
        table=table,
        split=split_table(evidence),
        split_days=split_days,
        split_segments=split_segments,
        segments=segments,
        interactions=interactions,
        stages=along,
        days=days_table(evidence),
        spread=spread_table(evidence),
        plan=used,
        stage=stage,
        mismatch=mismatch,
        n=evidence.n,
        planned=used.planned,
        guards=(
            *_stopped(said),
            *guards(evidence, table, stage, mismatch, _parts(split_days, split_segments)),
        ),
        verdict=said,
        finding=finding,
        headline=headline,
        notes=_notes(evidence, table, segments, interactions, along, seed),
        unit=evidence.unit,
    )


def _stopped(said: Verdict | None) -> list[Guard]:
    """Arms that should be stopped while the test goes on for others."""
    if said is None or said.code == "stop":
        return []
    return [Guard("stop_arm", "warn", finding) for finding in said.stopped]


def _parts(days: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """The split of each day and segment by what people call it."""
    named = segments["attribute"].astype(str) + ": " + segments["value"].astype(str)
    parts = [
        pd.DataFrame({"part": days["day"].astype(str), "p": days["p"]}),
        pd.DataFrame({"part": named, "p": segments["p"]}),
    ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


# ---- what is said ------------------------------------------------------------------------------------------


def _finding(
    evidence: ArmEvidence, table: pd.DataFrame, stage: Readiness, mismatch: float, said: Verdict | None
) -> tuple[Finding, Figure | None]:
    """The estimate of the primary metric, with what it could also be."""
    metric = evidence.plan.primary
    if metric is None:
        return Finding("experiment.finding_no_metric", {"n": (evidence.unit, evidence.n)}), None
    if len(evidence.arms) < 2 or said is None:
        return Finding("experiment.finding_one_arm", {"arm": evidence.arms[0].label}), None
    if stage == "blocked":
        return Finding("experiment.finding_blocked", {"p": mismatch}), None
    rows = table[table["metric"] == metric.id]
    arm = said.arm if said.arm is not None else evidence.arms[1].label
    row, control = rows[rows["arm"] == arm].iloc[0], rows.iloc[0]
    form = form_of(metric.kind)
    ends = "difference" if stage == "final" else "anytime"
    low, high = float(row[f"{ends}_low"]), float(row[f"{ends}_high"])
    values = {
        **{"arm": row["arm_name"], "control": control["arm_name"], "metric": metric.name or metric.id},
        **{"value": (form, float(row["value"])), "value_control": (form, float(control["value"]))},
        **{"difference": (form, float(row["difference"])), "low": (form, low), "high": (form, high)},
        "level": percent(_level(row, evidence.plan, stage)),
    }
    # What cannot be tested has no interval that the rule would read either.
    end = "_unsure" if math.isnan(low) or row["state"] == "small" else "" if stage == "final" else "_early"
    forms: Mapping[str, Form] = {"share": "points", "number": "amount", "days": "seconds"}
    times = 86_400.0 if form == "days" else 1.0
    headline = Figure(
        "experiment.figure_difference",
        times * float(row["difference"]),
        forms[form],
        n=int(row["n"] + control["n"]),
        low=times * low,
        high=times * high,
        values={name: values[name] for name in ("arm", "control", "metric")},
    )
    return Finding(f"experiment.finding_difference{end}", values), headline


def _level(row: pd.Series, plan: Plan, stage: Readiness) -> float:
    return float(row["level"]) if stage == "final" else 1 - plan.alpha / (len(plan.arms) - 1)


def _notes(
    evidence: ArmEvidence,
    table: pd.DataFrame,
    segments: pd.DataFrame,
    interactions: pd.DataFrame,
    along: pd.DataFrame,
    seed: int,
) -> tuple[Finding, ...]:
    """How much was compared at once, and what the figures are."""
    notes = []
    decides = evidence.plan.primary
    first = table["metric"] == (decides.id if decides else None)
    n_first = int((first & table["p"].notna()).sum())
    others = int((~first & (table["role"] != "guardrail") & table["p"].notna()).sum())
    if n_first > 1:
        notes.append(Finding("experiment.note_holm", {"arms": n_first}))
    if others > 1:
        notes.append(Finding("experiment.note_discovery", {"tests": others}))
    if (table["role"] == "guardrail").any():
        notes.append(Finding("experiment.note_guardrails"))
    if len(interactions):
        asked = {"tests": len(interactions), "clear": int(interactions["is_clear"].sum())}
        notes.append(Finding("experiment.note_interactions", asked))
    if (segments["state"] == "small").any():
        notes.append(Finding("experiment.note_small", {"n": int((segments["state"] == "small").sum())}))
    if table["is_adjusted"].astype(bool).any():
        metrics = list(dict.fromkeys(table.loc[table["is_adjusted"].astype(bool), "name"]))
        notes.append(Finding("experiment.note_adjusted", {"metrics": metrics}))
    if table["bootstrap_low"].notna().any():
        notes.append(Finding("experiment.note_bootstrap", {"resamples": RESAMPLES, "seed": seed}))
    if len(along):
        notes.append(Finding("experiment.note_stages"))
    if evidence.looked is not None:
        notes.append(Finding("experiment.note_days"))
    if table["scaled"].notna().any():
        notes.append(Finding("experiment.note_scaled"))
    return tuple(notes)


def _nothing(plan: Plan, why: str) -> Experiment:
    tables: dict[str, Any] = {name: empty(name) for name in COLUMNS}
    return Experiment(
        **tables,
        plan=plan,
        stage="unplanned",
        mismatch=math.nan,
        n=0,
        planned=plan.planned,
        guards=(),
        verdict=None,
        finding=Finding(f"experiment.finding_{why}"),
        headline=None,
    )
