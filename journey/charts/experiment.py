"""The result of an experiment as a table with intervals: a block a metric, in it a row an arm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from journey.analysis.experiment import Experiment
from journey.charts.canvas import Place, rows_of, sentence_only
from journey.charts.experiment_sheet import WIDE, Cell, Lane, Sheet, axis_over, ident
from journey.charts.experiment_words import ScaleName, p_said, scale_of, state_word, tone, valued
from journey.i18n import saying, text
from journey.i18n.formats import arm_name, share
from journey.i18n.formats import metric as metric_name
from journey.theme import MUTED

__all__ = ["Difference", "arm_mark", "differences", "experiment_chart"]

_HEAD, _SECTION, _BLOCK, _CONTROL, _ARM, _AIR = 26.0, 30.0, 44.0, 34.0, 68.0, 8.0
_MARGIN = 6.0
_NORMAL = 1.96
# The columns of a wide sheet, from left to right.
_NAME = Cell(Place(0, _MARGIN), Place(0.19, -2 * _MARGIN))
_VALUE = Cell(Place(0.19, 0), Place(0.115, 0))
_MOVED = Cell(Place(0.655, 4), Place(0.15, -8))
_CHANCE = Cell(Place(0.81, 0), Place(0.095, -4))
_P = Cell(Place(0.91, 0), Place(0.09, -4))
_LANE = Lane((Place(0.315, 0), Place(0.64, 0)), (Place(0, _MARGIN), Place(1, -_MARGIN)))
# On a slim one, two texts in a line.
_LEFT = Cell(Place(0, _MARGIN), Place(0.5, -_MARGIN - 4))
_RIGHT = Cell(Place(1, -_MARGIN), Place(0.5, -_MARGIN - 4), "right")
_MORE_RIGHT = Cell(Place(1, -_MARGIN), Place(0.68, -_MARGIN - 4), "right")
_LESS_LEFT = Cell(Place(0, _MARGIN), Place(0.32, -_MARGIN - 4))
_ALL = Cell(Place(0, _MARGIN), Place(1, -2 * _MARGIN))
# From here on an interval says nothing of where the estimate is likely to be.
_NARROWEST = 1e-9


@dataclass(frozen=True)
class Difference:
    """One arm less the control, on one scale: the estimate, its interval, and the one that is read.

    `low` and `high` are the interval that holds however often one looks, where the test is not over, and the
    planned one after that; `fixed` is always the planned one.
    """

    value: float
    low: float
    high: float
    fixed: tuple[float, float]


def arm_mark(metric: str, arm: str) -> str:
    """The id of a row: the metric and the label of the arm."""
    return ident(metric, arm)


def differences(rows: Sequence[Any], scale: ScaleName, *, is_over: bool) -> list[Difference]:
    """The differences of the rows of one metric, the control first, on this scale."""
    return [_difference(row, scale, is_over) for row in rows]


def _difference(row: Any, scale: ScaleName, is_over: bool) -> Difference:
    if scale == "relative":
        value, fixed = row.lift, (row.lift_low, row.lift_high)
        watched = row.anytime_lift_low, row.anytime_lift_high
        return Difference(value, *(fixed if is_over else watched), fixed)
    if scale == "scaled":
        value, fixed = row.scaled, (row.scaled_low, row.scaled_high)
        wide = row.difference_high - row.difference_low
        times = (fixed[1] - fixed[0]) / wide if wide > 0 else math.nan
    else:
        value, fixed, times = row.difference, (row.difference_low, row.difference_high), 1.0
    anytime = row.anytime_low * times, row.anytime_high * times
    read = fixed if is_over else anytime
    return Difference(value, *read, fixed)


def experiment_chart(
    answer: Experiment,
    *,
    language: str,
    dark: bool = False,
    width: float = 1100,
    height: float | None = None,
    picked: str | None = None,
    scale: ScaleName = "absolute",
) -> alt.LayerChart:
    """Metrics as in the plan, the primary one first, guardrails under a heading of their own.

    An arm has a bell (how likely which true difference is), its interval, and a dot at the estimate, on an
    axis of its metric's own; green is clearly better, orange clearly worse, grey not told apart, pale what
    must not be trusted. Rows have ids (`arm_mark`) and can be picked.
    """

    say = saying("arms", language)

    if answer.table.empty:
        empty = text(answer.finding.code, language, **answer.finding.values)
        return sentence_only(empty, width=width, height=height or 120.0, dark=dark)
    tips = ("arm", "metric", "value", "difference", "lift", "chance", "loss", "p", "method")
    sheet = Sheet(_LANE, dark, {name: say(f"tip_{name}") for name in tips})
    for cell, key in (
        (_NAME, "head_arm"),
        (_VALUE, "head_value"),
        (Cell(Place(0.315, 0), Place(0.325, 0)), f"head_{scale}"),
        (_CHANCE, "head_chance"),
        (_P, "head_p"),
    ):
        sheet.put(say(key), 11, cell, size=11.0, shown=0.75)
    y = _HEAD
    role = ""
    for _, block in answer.table.groupby("metric", sort=False):
        rows = rows_of(block)
        # The primary metric needs no heading: it is the first.
        if rows[0].role != role and rows[0].role != "primary":
            sheet.put(say(f"section_{rows[0].role}"), y + 16, _ALL, _ALL, size=12.0, shown=0.75)
            y += _SECTION
        role = rows[0].role
        y = _block(sheet, rows, answer, scale, language, y) + _AIR
    described = say("described", n=answer.table["metric"].nunique(), arms=answer.table["arm"].nunique())
    return sheet.drawn(width=width, height=y, described=described, picked=picked, pickable=True)


def _block(
    sheet: Sheet, rows: list[Any], answer: Experiment, scale: ScaleName, language: str, top: float
) -> float:
    """One metric from `top` on; returns where it ends."""

    say = saying("arms", language)

    first = rows[0]
    is_over = answer.stage == "final"
    told = differences(rows, scale, is_over=is_over)
    ends = [end for one in told for end in (one.low, one.high, *one.fixed, one.value)]
    unit = scale_of(first.kind, scale, ends, language)
    plain = [end for row in rows for end in (row.difference_low, row.difference_high)]
    digits = scale_of(first.kind, "absolute", plain, language).digits if len(rows) > 1 else 0
    margin = _margin(first, scale)
    # Amounts of a month are long.
    axis = axis_over([*ends, margin], most=3 if scale == "scaled" else 5)
    name = metric_name(first.name or first.metric, language)
    sheet.put(name, top + 12, Cell(Place(0, _MARGIN), Place(0.31, -8)), _LEFT, size=14.0)
    hint = say(f"better_{first.better}")
    role = say("is_primary", hint=hint) if first.role == "primary" else hint
    sheet.put(role, top + 12, _MOVED_ALL, _RIGHT, size=11.0, shown=0.75)
    marks = replace(unit, digits=axis.digits(unit.times))
    for tick in axis.ticks:
        label = marks.said(tick, unit=scale != "scaled") if tick else say("no_difference")
        sheet.tick(axis, tick, label, top + 33, room=84 if scale == "scaled" else 54)
    y = top + _BLOCK
    bottom = y + sum(_CONTROL if row.is_control else _ARM for row in rows)
    if len(rows) > 1:
        for tick in axis.ticks:
            sheet.rule(axis.part(tick), top + 40, bottom, is_zero=tick == 0, needs=WIDE)
    has_margin, limit = not math.isnan(margin), axis.part(margin)
    worse = tone("worse", dark=sheet.dark)
    if has_margin:
        sheet.bar(limit - 0.002, limit + 0.002, y, bottom, worse, needs=WIDE)
    for row, found in zip(rows, told, strict=True):
        if has_margin and not row.is_control:
            # As short as the line of no difference, not to run through the texts.
            sheet.bar(limit - 0.002, limit + 0.002, y + 20, y + 48, worse, most=WIDE)
        _arm(sheet, row, found, unit, axis, answer, language, y, digits)
        y += _CONTROL if row.is_control else _ARM
    return bottom


_MOVED_ALL = Cell(Place(0.655, 4), Place(0.345, -8))


def _margin(row: Any, scale: ScaleName) -> float:
    """The harm that a guardrail puts up with, on this scale; NaN where there is none to draw."""
    if not row.harm > 0 or scale == "scaled":
        return math.nan
    size = row.harm if scale == "relative" else row.harm * abs(row.value)
    if not size > 0:
        return math.nan
    return float(-size if row.better == "higher" else size)


def _arm(
    sheet: Sheet,
    row: Any,
    found: Difference,
    unit: Any,
    axis: Any,
    answer: Experiment,
    language: str,
    top: float,
    digits: int,
) -> None:
    """The row of one arm."""

    say = saying("arms", language)

    # Values have the digits that tell their difference.
    value = valued(row.value, row.kind, language, digits=digits)
    of = say(f"units_{answer.unit}", n=int(row.n))
    if row.kind in ("conversion", "retention"):
        of = say("part", k=round(row.numerator), n=int(row.n))
    arm = arm_name(row.arm_name or row.arm, language)
    tips: dict[str, Any] = {"arm": arm, "metric": metric_name(row.name or row.metric, language)}
    tips |= {"value": f"{value} ({of})", "id": arm_mark(row.metric, row.arm)}
    if row.is_control:
        name = say("control", name=arm)
        sheet.put(name, top + 17, _NAME, _LEFT)
        sheet.put(value, top + 10, _VALUE, _RIGHT, y_slim=top + 17)
        sheet.put(of, top + 26, _VALUE, size=11.0, shown=0.75)
        quiet: dict[str, Any] = dict.fromkeys(("difference", "lift", "chance", "loss", "p", "method"), "–")
        sheet.field(top + 1, top + _CONTROL - 2, **tips, **quiet)
        return
    colour = tone(row.state, dark=sheet.dark)
    strong = 1.0 if row.state in ("better", "worse") else 0.85
    moved, span = unit.said(found.value), unit.span(found.low, found.high)
    state = say(state_word(row.state))
    likely = share(row.chance, language)
    # A p-value that is looked at before the end must be one that may be.
    is_over = answer.stage == "final"
    p = p_said(row.p if is_over else row.anytime_p, language)
    own = answer.table["arm"].nunique() > 2 or row.role == "secondary"
    corrected = say("corrected", q=p_said(row.q, language)) if own and row.q != row.p else ""
    corrected = corrected if is_over else say("anytime")
    if is_over and row.method == "fisher":
        corrected = " · ".join(filter(None, [say("exact"), corrected]))
    lost = say("loss", loss=_lost(row, language))
    ink_of = colour if row.state in ("better", "worse") else None
    sheet.put(arm, top + 25, _NAME, _LEFT, y_slim=top + 12)
    sheet.put(say(f"units_{answer.unit}", n=int(row.n)), top + 43, _NAME, size=11.0, shown=0.75)
    sheet.put(value, top + 25, _VALUE, _LESS_LEFT, y_slim=top + 56)
    if row.kind in ("conversion", "retention"):
        sheet.put(of, top + 43, _VALUE, size=11.0, shown=0.75)
    sheet.put(moved, top + 16, _MOVED, colour=ink_of, size=14.0)
    sheet.put(span, top + 34, _MOVED, size=11.0, shown=0.85)
    sheet.put(state, top + 51, _MOVED, colour=ink_of, size=11.0, shown=strong)
    sheet.put(f"{state} {moved}", top + 12, None, _RIGHT, colour=ink_of, short=moved)
    sheet.put(likely, top + 25, _CHANCE)
    sheet.put(lost, top + 43, _CHANCE, size=11.0, shown=0.75)
    sheet.put(p, top + 25, _P)
    sheet.put(corrected, top + 43, _P, size=11.0, shown=0.75)
    brief = say("brief", span=span, chance=likely)
    sheet.put(brief, top + 56, None, _MORE_RIGHT, size=11.0, shown=0.85, short=span)
    _figure(sheet, row, found, axis, colour, top + 34)
    sheet.field(
        top + 1,
        top + _ARM - 2,
        **tips,
        difference=say("with_span", moved=moved, span=span),
        lift=say(
            "with_span", moved=_relative(row.lift, language), span=_relative_span(row, is_over, language)
        ),
        chance=likely,
        loss=_lost(row, language),
        p=p,
        method=say(f"method_{row.method}") if is_over and row.method else "–",
    )


def _figure(sheet: Sheet, row: Any, found: Difference, axis: Any, colour: str, y: float) -> None:
    """The bell, the interval and the dot of an arm."""
    if math.isnan(found.value):
        return
    # On a slim sheet texts stand above and below the figure: there the lines are as short as it is.
    for tick in axis.ticks:
        sheet.rule(axis.part(tick), y - 14, y + 14, is_zero=tick == 0, most=WIDE)
    pale = row.state in ("blocked", "small")
    low, high = found.fixed
    error = (high - low) / 2 / _NORMAL
    wide = axis.high - axis.low
    if math.isfinite(error) and error / wide > _NARROWEST:
        sheet.bell(axis.part(found.value), error / wide, y, 15.0, colour, 0.12 if pale else 0.28)
    shown = 0.45 if pale else 1.0
    if math.isfinite(found.low) and math.isfinite(found.high):
        sheet.span(axis.part(found.low), axis.part(found.high), y, colour, shown=shown)
        if found.fixed != (found.low, found.high) and math.isfinite(low):
            sheet.span(axis.part(low), axis.part(high), y, colour, weight=5.0, shown=shown * 0.55)
    sheet.dot(axis.part(found.value), y, colour if colour != MUTED else MUTED, shown=shown)


def _lost(row: Any, language: str) -> str:
    """The expected loss, on the metric's own scale."""
    ends = [row.difference_low, row.difference_high]
    return scale_of(row.kind, "absolute", ends, language).plain(row.loss)


def _relative(value: float, language: str) -> str:
    return scale_of("mean", "relative", [value], language).said(value)


def _relative_span(row: Any, is_over: bool, language: str) -> str:
    found = _difference(row, "relative", is_over)
    ends = [found.low, found.high, found.value]
    return scale_of("mean", "relative", ends, language).span(*ends[:2])
