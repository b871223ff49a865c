"""Does the effect of an arm depend on who gets it? A block an attribute, in it a row a value."""

from __future__ import annotations

from typing import Any

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import rows_of, sentence_only
from journey.charts.experiment_rows import Line, interval_rows
from journey.charts.experiment_sheet import axis_over
from journey.charts.experiment_words import p_said, scale_of, tone, valued
from journey.i18n import saying
from journey.i18n.formats import arm_name

__all__ = ["segment_rows"]


def segment_rows(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """The difference of the primary metric in each segment, coloured only where the attribute matters."""

    say = saying("arms", language)

    table, primary = answer.segments, answer.plan.primary
    if table.empty or primary is None:
        return sentence_only(say("segments_none"), width=width, height=height or 120.0, dark=dark)
    several = table["arm"].nunique() > 1
    ends = [end for row in rows_of(table) for end in (row.low, row.high, row.difference)]
    scale = scale_of(primary.kind, "absolute", ends, language)
    lines: list[Line] = []
    for attribute, block in table.groupby("attribute", sort=False):
        asked = answer.interactions[answer.interactions["attribute"] == attribute]
        lines.append(Line(str(attribute), note=_depends(asked, say, language), is_heading=True))
        for row in rows_of(block):
            name = (
                f"{row.value} · {arm_name(row.arm_name or row.arm, language)}" if several else str(row.value)
            )
            value = valued(row.value_arm, primary.kind, language)
            against = valued(row.value_control, primary.kind, language)
            state = say(f"state_{row.state}")
            lines.append(
                Line(
                    name,
                    value=say("from_to", control=against, arm=value),
                    of=say(f"units_{answer.unit}", n=int(row.n + row.n_control)),
                    note=state if row.q != row.q else say("state_q", state=state, q=p_said(row.q, language)),
                    difference=row.difference,
                    low=row.low,
                    high=row.high,
                    colour=tone(row.state, dark=dark),
                    is_pale=row.state in ("small", "untested"),
                    tips={
                        "what": f"{attribute}: {name}",
                        "value": say("from_to", control=against, arm=value),
                        "moved": say(
                            "with_span", moved=scale.said(row.difference), span=scale.span(row.low, row.high)
                        ),
                        "state": state,
                    },
                )
            )
    heads = [say(f"head_{name}") for name in ("segment", "value", "absolute", "reading")]
    tips = {name: say(f"tip_{name}") for name in ("what", "value", "moved", "state")}
    return interval_rows(
        lines,
        axis_over(ends),
        scale,
        heads,
        tips,
        language=language,
        dark=dark,
        width=width,
        described=say("described_segments", n=len(table)),
    )


def _depends(asked: Any, say: Any, language: str) -> str:
    """What the test of the attribute says, which is asked before any of its segments is looked at."""
    known = asked[asked["q"].notna()]
    if known.empty:
        return str(say("depends_unknown"))
    clear = bool(known["is_clear"].any())
    return str(say("depends_yes" if clear else "depends_no", q=p_said(float(known["q"].min()), language)))
