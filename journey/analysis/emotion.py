"""How do customers feel at each stage, and does a team's own picture of it agree with what they said?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.feelings import FEWEST_RATERS, SOURCES, Feelings, feelings
from journey.aggregates.voices import ORDERS, Voices, voices
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.stage_map import StageMap

__all__ = ["ALL", "Emotion", "emotion", "emotion_quotes", "held_against"]

# The curve of all sources together, beside those of each.
ALL = "all"


@dataclass(frozen=True)
class Emotion:
    """What was felt along the journey, as a team drew it and as customers said.

    table    one row a stage and source (ALL, then each of SOURCES that there are): stage, source, felt (what
             the team drew, NaN where it did not), feeling (mean over ratings, -2 to +2) with low and high
             (95 %, customers vary), raters (customers), ratings, gap (felt - feeling), outside (does what the
             team drew lie outside of the interval? never of fewer than 5 raters)
    ids      id of each stage name
    sources  the sources that there are
    n_customers  customers who rated at a stage
    """

    table: pd.DataFrame
    ids: Mapping[str, str]
    colours: Mapping[str, str]
    sources: tuple[str, ...]
    n_customers: int
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    def curve(self, source: str = ALL) -> pd.DataFrame:
        """The rows of one source, in the order of the stages."""
        return self.table[self.table["source"] == source].reset_index(drop=True)


def emotion(
    log: EventLog,
    stages: StageMap,
    *,
    tables: OtherTables = NO_TABLES,
    felt: Mapping[str, float] | None = None,
    among: np.ndarray | None = None,
) -> Emotion:
    """The mean feeling at each stage by all ratings and by each kind of them, beside what a team drew.

    `felt` is stage id -> -2 to +2; what it says of stages that are gone is passed over. `among` is one flag a
    customer: only these count. Where a rating belongs, and what feeling a score is, says aggregates.feelings.
    """
    said = feelings(log, stages, tables)
    used = (said.stage >= 0) & (True if among is None else among.take(said.customer))
    there = [name for at, name in enumerate(SOURCES) if (said.source[used] == at).any()]
    parts = [_curve(said, stages, among, ALL, SOURCES)]
    parts += [_curve(said, stages, among, name, [name]) for name in there]
    measured = Emotion(
        table=pd.concat(parts, ignore_index=True),
        ids={stage.name: stage.id for stage in stages.stages},
        colours={stage.name: stage.colour for stage in stages.stages},
        sources=tuple(there),
        n_customers=len(np.unique(said.customer[used])),
        unit="customer",
        finding=Finding("emotion.finding_none"),
        notes=_notes(said, int(used.sum()), is_part=among is not None),
    )
    return held_against(measured, felt or {})


def held_against(answer: Emotion, felt: Mapping[str, float]) -> Emotion:
    """The same ratings beside another drawing, without counting them again."""
    table = answer.table
    drawn = np.array([felt.get(answer.ids[name], math.nan) for name in table["stage"]], dtype=float)
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    # A number that was drawn is as exact as a hand is: what touches the interval lies in it.
    outside = (table["raters"].to_numpy() >= FEWEST_RATERS) & ((drawn < low) | (drawn > high))
    gap = drawn - table["feeling"].to_numpy()
    held = replace(answer, table=table.assign(felt=drawn, gap=gap, outside=outside))
    finding, headline = _finding(held.curve())
    return replace(held, finding=finding, headline=headline)


def emotion_quotes(
    log: EventLog,
    stages: StageMap,
    *,
    stage: str,
    tables: OtherTables = NO_TABLES,
    order: str = "low",
    most: int = 50,
) -> Voices:
    """What customers wrote at a stage, the worst feelings first (`order` "low") or the best ("high").

    Personal data are covered. Raises StageUnknown, and SettingWrong for another order.
    """
    if order not in ORDERS:
        raise SettingWrong(setting="order", value=order, allowed=", ".join(ORDERS))
    return voices(log, stages, stage, tables, order=order, most=most)


def _curve(
    said: Feelings, stages: StageMap, among: np.ndarray | None, source: str, of: Sequence[str]
) -> pd.DataFrame:
    found = said.at_stages(among, of)
    return pd.DataFrame(
        {
            "stage": pd.Series(stages.names, dtype="str"),
            "source": pd.Series([source] * len(found), dtype="str"),
            "felt": np.full(len(found), math.nan),
            "feeling": found["feeling"],
            "low": found["feeling_low"],
            "high": found["feeling_high"],
            "raters": found["raters"],
            "ratings": found["ratings"],
            "gap": np.full(len(found), math.nan),
            "outside": np.zeros(len(found), dtype=bool),
        }
    )


def _finding(curve: pd.DataFrame) -> tuple[Finding, Figure | None]:
    """The stage where drawing and ratings lie furthest apart; without a drawing the worst one."""
    if curve.empty:
        return Finding("emotion.finding_no_stages"), None
    known = curve[curve["raters"] > 0]
    if known.empty:
        return Finding("emotion.finding_none"), None
    apart = known[known["outside"]]
    sure = known[known["raters"] >= FEWEST_RATERS]
    if len(apart):
        row = apart.iloc[int(apart["gap"].abs().to_numpy().argmax())]
        code = "emotion.finding_better" if row["gap"] > 0 else "emotion.finding_worse"
    elif (sure["felt"].notna()).any():
        compared = sure[sure["felt"].notna()]
        row = compared.iloc[int(compared["gap"].abs().to_numpy().argmax())]
        return Finding("emotion.finding_agree", {"stages": len(compared)}), _headline(row)
    else:
        those = sure if len(sure) else known
        row = those.iloc[int(those["feeling"].to_numpy().argmin())]
        code = "emotion.finding_lowest" if row["raters"] >= FEWEST_RATERS else "emotion.finding_few"
    told: dict[str, Any] = {"stage": str(row["stage"]), "n": int(row["raters"])}
    for name in ("felt", "feeling", "low", "high"):
        told[name] = round(min(max(float(row[name]), -2.0), 2.0), 2)
    return Finding(code, told), _headline(row)


def _headline(row: pd.Series) -> Figure:
    ends = {"low": float(row["low"]), "high": float(row["high"])}
    named = {"stage": str(row["stage"])}
    return Figure("bound.feeling", float(row["feeling"]), "score", int(row["raters"]), **ends, values=named)


def _notes(said: Feelings, n_used: int, *, is_part: bool) -> tuple[Finding, ...]:
    if not said.n_given:
        return ()
    notes = [Finding("emotion.note_scale")]
    if n_used < said.n_given and not is_part:
        notes.append(Finding("emotion.note_left_out", {"n": said.n_given - n_used, "of": said.n_given}))
    return tuple(notes)
