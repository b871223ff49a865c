"""How many get from step to step: bars with what is lost, and beside them times, next actions and trends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from journey.analysis.funnel import Funnel
from journey.charts.canvas import (
    Place,
    Row,
    filled,
    finished,
    lines,
    rows_of,
    sentence_only,
    spoken,
    tooltip,
    word,
    words,
)
from journey.charts.funnel_words import FunnelWords
from journey.charts.lettering import text_width
from journey.charts.picking import picking
from journey.i18n import text
from journey.i18n.formats import share, span
from journey.theme import ACCENT, EXIT, ink

__all__ = ["funnel_chart", "mark_of"]

_STEP = 66.0
_BAR = 22.0
_NAME = 18.0
_SIZE = 12.0
_SMALL = 11.0
_MARGIN = 6.0


def mark_of(step: int, outcome: str) -> str:
    """The id of a bar: who "reached" a step, or was "lost" there."""
    return f"{outcome}.{step}"


def funnel_chart(
    answer: Funnel,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
) -> alt.LayerChart:
    """A bar a step, as long as its share of all who began; in grey beside it those lost on the way to it.

    Whiskers are the 95 % interval of the share of all who began. Between two bars stands how many of the one
    continued to the next, and how long that took in the median. Bars have ids (`mark_of`) and can be picked.
    """
    say = FunnelWords(answer, language)
    table = answer.table.reset_index(drop=True)
    step_height = _STEP if height is None else max(44.0, (height - 4) / max(len(table), 1))
    height = height or _STEP * max(len(table), 2) - (_STEP - _NAME - _BAR) + 8
    if table.empty:
        return sentence_only(say("empty"), width=width, height=height, dark=dark)

    whole = Place(1, -2 * _MARGIN)
    left = Place(0, _MARGIN)
    bars: list[Row] = []
    spans: list[Row] = []
    names: list[Row] = []
    between: list[Row] = []
    rows = rows_of(table)
    for position, line in enumerate(rows):
        top = step_height * position + 2
        middle = top + _NAME + _BAR / 2
        name = say.step(line)
        tips = _tips(say, line, name, position)
        part = float(line.share_of_start) if line.share_of_start == line.share_of_start else 0.0
        number = f"{say.amount(line.customers)} · {share(line.share_of_start, language)}"
        room = whole - Place(0, text_width(number, _SIZE) + 14)
        shown = f"{position + 1}. {name}" if not say.is_any else name
        own = mark_of(int(line.step), "reached")
        names.append(word(shown, left, top + 8, room, colour=ink(dark), size=_SIZE, id=own, **tips))
        at_right = Place(1, -_MARGIN)
        names.append(
            word(
                number, at_right, top + 8, whole, colour=ink(dark), align="right", size=_SIZE, id=own, **tips
            )
        )
        colour = answer.colours.get(str(line.name), ACCENT)
        end = left + whole * part
        bars.append(_bar(own, left, left + whole * max(part, 0.003), middle, colour, tips))
        if position:
            before = rows[position - 1]
            lost = before.lost / answer.n_started if answer.n_started else 0.0
            if lost:
                gone = _lost_tips(say, before)
                mark = mark_of(int(before.step), "lost")
                bars.append(_bar(mark, end + Place(0, 1), end + whole * lost, middle, EXIT, gone, light=True))
            at = top - (step_height - _NAME - _BAR) / 2 - 1
            between += _between(say, line, before, left, at, whole, dark)
        if line.start_high > line.start_low:
            ends = {**(left + whole * line.start_low).row("x"), **(left + whole * line.start_high).row("x2")}
            spans.append({**ends, "y": round(middle, 2), **tips})

    tips_of = tooltip(
        {
            "what": say("tip_step"),
            "who": text(f"charts.tip_{say.unit}", language),
            "part": say("tip_share"),
            "span": text("charts.tip_interval", language),
            "previous": say("tip_previous"),
            "of_all": say("tip_all"),
            "took": say("tip_took"),
        }
    )
    layers = [
        _clickable("bars", height=height, tips=tips_of).add_params(picking(picked)),
        lines("spans", height=height, dark=dark, tips=tips_of),
        *words("names", names, height=height, dark=dark, tips=tips_of),
        *(words("between", between, height=height, dark=dark) if between else []),
    ]
    data: dict[str, Sequence[Row]] = {"bars": bars, "spans": spans, "names": names, "between": between}
    described = say("described", n=len(table))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def _bar(
    own: str, start: Place, stop: Place, middle: float, colour: str, tips: Row, *, light: bool = False
) -> Row:
    return {
        "id": own,
        **start.row("x"),
        **stop.row("x2"),
        "y0": round(middle - _BAR / 2, 2),
        "y1": round(middle + _BAR / 2, 2),
        "colour": colour,
        "rest": 0.35 if light else 1.0,
        **tips,
    }


def _clickable(name: str, *, height: float, tips: Any) -> Any:
    """The layer of bars that can be picked; a picked one stands out from the others."""
    is_picked = "pick.id && pick.id[0]"
    return filled(alt.Chart(alt.NamedData(name)), height=height, cornerRadius=2, cursor="pointer").encode(
        opacity=alt.OpacityValue(
            alt.expr("datum.rest"),
            condition=[
                {"test": f"{is_picked} && datum.id == pick.id[0]", "value": 1},
                {"test": is_picked, "value": 0.3},
            ],
        ),
        tooltip=tips,
        description=spoken(tips),
    )


def _tips(say: FunnelWords, line: Any, name: str, position: int) -> Row:
    return {
        "what": name,
        "who": say.amount(line.customers),
        "part": share(line.share_of_start, say.language),
        "span": say.interval(line.start_low, line.start_high),
        "previous": share(line.share_of_previous, say.language) if position else "–",
        "of_all": share(line.share_of_all, say.language),
        "took": _took(say, line) if position else "–",
    }


def _took(say: FunnelWords, line: Any) -> str:
    if line.median_seconds != line.median_seconds:
        return "–"
    return say(
        "took", median=span(line.median_seconds, say.language), p90=span(line.p90_seconds, say.language)
    )


def _lost_tips(say: FunnelWords, before: Any) -> Row:
    of = before.customers or float("nan")
    return {
        "what": say("lost_at", name=say.step(before)),
        "who": say.amount(before.lost),
        "part": "–",
        "span": "–",
        "previous": share(before.lost / of, say.language),
        "of_all": "–",
        "took": "–",
    }


def _between(
    say: FunnelWords, line: Any, before: Any, left: Place, at: float, whole: Place, dark: bool
) -> list[Row]:
    """What stands between two bars: how many went on, how long it took, and how many did not."""
    kept = line.share_of_previous
    took = span(line.median_seconds, say.language)
    lost = say.amount(before.lost)
    known = line.median_seconds == line.median_seconds
    long = say("between", share=kept, took=took, lost=lost) if known else say("between_none", lost=lost)
    short = say("between_short", share=kept, lost=lost)
    return [word(long, left + Place(0, 2), at, whole, colour=ink(dark), size=_SMALL, shown=0.8, short=short)]
