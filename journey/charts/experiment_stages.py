"""How far the customers of each arm came: a block a stage, of everybody who was assigned."""

from __future__ import annotations

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import rows_of, sentence_only
from journey.charts.experiment_rows import Line, interval_rows
from journey.charts.experiment_sheet import axis_over
from journey.charts.experiment_words import scale_of
from journey.i18n import saying
from journey.i18n.formats import arm_name, share
from journey.theme import accent

__all__ = ["stage_rows"]


def stage_rows(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """The share of each arm that reached each stage, and its difference from the control's."""

    say = saying("arms", language)

    table = answer.stages
    if table.empty:
        return sentence_only(say("stages_none"), width=width, height=height or 120.0, dark=dark)
    ends = [end for row in rows_of(table) for end in (row.low, row.high, row.difference)]
    scale = scale_of("conversion", "absolute", ends, language)
    lines: list[Line] = []
    for stage, block in table.groupby("stage", sort=False):
        lines.append(Line(str(stage), is_heading=True))
        for row in rows_of(block):
            name = arm_name(row.arm_name or row.arm, language)
            is_control = row.arm == answer.control
            lines.append(
                Line(
                    say("control", name=name) if is_control else name,
                    value=share(row.share, language),
                    of=say("part", k=int(row.reached), n=int(row.assigned)),
                    note=share(row.from_before, language),
                    difference=row.difference,
                    low=row.low,
                    high=row.high,
                    colour=accent(dark),
                    tips={
                        "what": f"{stage} · {name}",
                        "value": share(row.share, language),
                        "moved": say(
                            "with_span", moved=scale.said(row.difference), span=scale.span(row.low, row.high)
                        ),
                        "before": share(row.from_before, language),
                    },
                )
            )
    heads = [say(f"head_{name}") for name in ("stage", "reached", "absolute", "before")]
    tips = {name: say(f"tip_{name}") for name in ("what", "value", "moved", "before")}
    return interval_rows(
        lines,
        axis_over(ends),
        scale,
        heads,
        tips,
        language=language,
        dark=dark,
        width=width,
        described=say("described_stages", n=table["stage"].nunique()),
    )
