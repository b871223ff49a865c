"""Which opportunity first? Each by its impact and its effort, both from 1 to 5."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from journey.findings import Finding
from journey.stages.board import LARGEST_POINTS

__all__ = ["Opportunity", "Priorities", "Quarter", "priorities", "quarter"]

# first   much for little          plan   much, and much to do
# fill    little, and little to do  later  little for much
Quarter = Literal["first", "plan", "fill", "later", ""]

# The middle of 1 to 5 is on the side on which it is rather done.
_MUCH = (LARGEST_POINTS + 1) / 2


@dataclass(frozen=True)
class Opportunity:
    """What could be made better: 0 where nobody has said how much it brings, or takes.

    `is_measured` where the impact comes from a figure of the data and not from somebody's judgement.
    """

    id: str
    text: str
    impact: int = 0
    effort: int = 0
    is_measured: bool = False
    stage: str = ""
    owner: str = ""


@dataclass(frozen=True, eq=False)
class Priorities:
    """The opportunities in the order in which to take them.

    table   one row an opportunity: id, text, stage, owner, impact, effort (missing where nobody said), ratio
            (impact by effort), rank (1 is first; equal ones have the same), quarter, measured
    n_rated how many have both
    """

    table: pd.DataFrame
    n_rated: int
    finding: Finding
    notes: tuple[Finding, ...] = ()


def priorities(opportunities: Sequence[Opportunity]) -> Priorities:
    """Rank by impact per effort, then by impact; those without one of the two stand behind, by their text.

    Much is an impact of 3 or more, and an effort of more than 3.
    """
    worths = sorted(worth for one in opportunities if (worth := _worth(one)) is not None)

    def place(one: Opportunity) -> int | None:
        worth = _worth(one)
        return None if worth is None else bisect_left(worths, worth) + 1

    ordered = sorted(opportunities, key=lambda one: (place(one) or math.inf, one.text, one.id))
    table = pd.DataFrame(
        {
            "id": pd.Series([one.id for one in ordered], dtype="str"),
            "text": pd.Series([one.text for one in ordered], dtype="str"),
            "stage": pd.Series([one.stage for one in ordered], dtype="str"),
            "owner": pd.Series([one.owner for one in ordered], dtype="str"),
            "impact": pd.Series([one.impact or None for one in ordered], dtype="Int64"),
            "effort": pd.Series([one.effort or None for one in ordered], dtype="Int64"),
            "ratio": pd.Series(
                [one.impact / one.effort if _worth(one) else math.nan for one in ordered], dtype=float
            ),
            "rank": pd.Series([place(one) for one in ordered], dtype="Int64"),
            "quarter": pd.Series([quarter(one.impact, one.effort) for one in ordered], dtype="str"),
            "measured": pd.Series([one.is_measured for one in ordered], dtype=bool),
        }
    )
    return Priorities(table, len(worths), _finding(ordered, len(worths)), _notes(ordered, len(worths)))


def _worth(one: Opportunity) -> tuple[float, int] | None:
    """What it is ranked by, the best the least; None where nobody said how much it brings or takes."""
    return (-one.impact / one.effort, -one.impact) if one.impact and one.effort else None


def quarter(impact: int, effort: int) -> Quarter:
    """Where on the field it stands; "" where nobody said one of the two (0)."""
    if not impact or not effort:
        return ""
    if impact >= _MUCH:
        return "plan" if effort > _MUCH else "first"
    return "later" if effort > _MUCH else "fill"


def _finding(ordered: Sequence[Opportunity], n_rated: int) -> Finding:
    if not ordered:
        return Finding("improvements.priorities_none")
    if not n_rated:
        return Finding("improvements.priorities_unrated", {"n": len(ordered)})
    first = ordered[0]
    ties = sum(_worth(one) == _worth(first) for one in ordered) - 1
    values = {"text": first.text, "impact": first.impact, "effort": first.effort}
    if ties:
        return Finding("improvements.priorities_ties", {**values, "n": ties})
    return Finding("improvements.priorities_first", values)


def _notes(ordered: Sequence[Opportunity], n_rated: int) -> tuple[Finding, ...]:
    notes = []
    if n_rated < len(ordered):
        notes.append(Finding("improvements.note_unrated", {"n": len(ordered) - n_rated}))
    judged = sum(not one.is_measured for one in ordered if _worth(one) is not None)
    if judged:
        said = "improvements.note_judged_all" if judged == n_rated else "improvements.note_judged"
        notes.append(Finding(said, {"n": judged, "all": n_rated}))
    return tuple(notes)
