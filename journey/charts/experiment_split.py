"""Were the arms filled as planned? A bar an arm, and where it should end."""

from __future__ import annotations

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import Place, rows_of, sentence_only
from journey.charts.experiment_sheet import Axis, Cell, Lane, Sheet
from journey.i18n import saying
from journey.i18n.formats import arm_name, count, share
from journey.theme import MUTED, accent, ink

__all__ = ["split_bars"]

_ROW, _MARGIN = 54.0, 6.0
_LANE = Lane((Place(0.22, 0), Place(0.72, 0)), (Place(0, _MARGIN), Place(1, -_MARGIN)))
_NAME = Cell(Place(0, _MARGIN), Place(0.21, -_MARGIN - 4))
_NOTE = Cell(Place(0.735, 0), Place(0.265, -_MARGIN))
_LEFT = Cell(Place(0, _MARGIN), Place(0.42, -_MARGIN - 4))
_RIGHT = Cell(Place(1, -_MARGIN), Place(0.58, -_MARGIN - 4), "right")


def split_bars(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
) -> alt.LayerChart:
    """How many were assigned to each arm; the upright line is what the planned split would give."""

    say = saying("arms", language)

    rows = rows_of(answer.split)
    if not rows:
        return sentence_only(say("split_none"), width=width, height=height or 120.0, dark=dark)
    sheet = Sheet(_LANE, dark, {name: say(f"tip_{name}") for name in ("arm", "assigned", "planned")})
    colour = MUTED if answer.stage == "blocked" else accent(dark)
    most = max(max(row.assigned, row.expected) for row in rows) or 1.0
    axis, y = Axis(0.0, float(most) * 1.02, ()), 0.0
    for row in rows:
        name, middle = arm_name(row.arm_name or row.arm, language), y + 34
        told = say("split_share", n=int(row.assigned), share=row.share, planned=row.planned_share)
        sheet.put(name, middle, _NAME, _LEFT, y_slim=y + 12)
        sheet.put(told, middle, _NOTE, _RIGHT, y_slim=y + 12, size=11.0, shown=0.85)
        sheet.bar(0.0, axis.part(row.assigned), middle - 9, middle + 9, colour)
        at = axis.part(row.expected)
        sheet.bar(at - 0.0015, at + 0.0015, middle - 14, middle + 14, ink(dark))
        assigned = f"{count(row.assigned, language)} ({share(row.share, language)})"
        planned = f"{count(row.expected, language)} ({share(row.planned_share, language)})"
        sheet.field(y + 2, y + _ROW - 2, arm=name, assigned=assigned, planned=planned)
        y += _ROW
    return sheet.drawn(width=width, height=y, described=say("described_split", n=len(rows)))
