"""Beside the funnel: times from step to step, what the lost did next, the trend, and groups of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from journey.analysis.funnel import Funnel
from journey.charts.canvas import (
    Place,
    Row,
    boxes,
    finished,
    lines,
    rows_of,
    sentence_only,
    tooltip,
    word,
    words,
)
from journey.charts.funnel_words import FunnelWords
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import text
from journey.i18n.formats import count, share, span
from journey.theme import ACCENT, ACTIVE, EXIT, MUTED, ink

__all__ = ["funnel_after", "funnel_breakdown", "funnel_compared", "funnel_times", "funnel_trend"]

_SIZE = 12.0
_SMALL = 11.0
_MARGIN = 6.0
_ROW = 26.0
_TREND = 190.0


def funnel_times(
    answer: Funnel,
    *,
    language: str,
    step: int,
    dark: bool = False,
    width: float = 1100,
) -> alt.LayerChart:
    """How the time from the step before to `step` is spread over those who came from there."""
    say = FunnelWords(answer, language)
    rows = answer.times[answer.times["step"] == step]
    labels = [_class(say, row.from_seconds, row.to_seconds) for row in rows_of(rows)]
    colour = _colour(answer, step)
    bars = [
        (label, row.share, float("nan"), float("nan"), row.customers, colour)
        for label, row in zip(labels, rows_of(rows), strict=True)
    ]
    return _bar_rows(say, bars, empty=say("no_times"), dark=dark, width=width)


def _class(say: FunnelWords, low: float, high: float) -> str:
    if high == float("inf"):
        return say("longer", low=span(low, say.language))
    if low == 0:
        return say("within", high=span(high, say.language)) if high else say("same_day")
    return say("class", low=span(low, say.language), high=span(high, say.language))


def funnel_after(
    answer: Funnel,
    *,
    language: str,
    step: int,
    group: str = "event",
    most: int = 8,
    dark: bool = False,
    width: float = 1100,
) -> alt.LayerChart:
    """What those lost at `step` did next: the `most` commonest events (or stages), the others, or nothing."""
    say = FunnelWords(answer, language)
    rows = answer.after[(answer.after["step"] == step) & (answer.after["group"] == group)]
    own = rows[rows["next_kind"] == group]
    bars: list[tuple[str, float, float, float, float, str]] = []
    for row in rows_of(own.head(most)):
        bars.append((plain_line(str(row.next)), row.share, row.low, row.high, row.customers, ACCENT))
    rest = own.iloc[most:]
    if len(rest):
        label, n = say("after_other", n=len(rest)), float(rest["customers"].sum())
        bars.append((label, float(rest["share"].sum()), float("nan"), float("nan"), n, MUTED))
    for row in rows_of(rows[rows["next_kind"] != group]):
        colour = EXIT if row.next_kind == "exit" else ACTIVE
        bars.append((say(f"after_{row.next_kind}"), row.share, row.low, row.high, row.customers, colour))
    return _bar_rows(say, bars, empty=say("nobody_lost"), dark=dark, width=width)


def funnel_breakdown(
    answer: Funnel,
    *,
    language: str,
    step: int | None = None,
    dark: bool = False,
    width: float = 1100,
) -> alt.LayerChart:
    """The share of those who began that reached `step` (by default the last), for each value on its own."""
    say = FunnelWords(answer, language)
    table = answer.breakdown
    step = step or len(answer.table)
    bars = [
        (
            plain_line(str(row.value)) if row.kind == "value" else text(f"charts.kind_{row.kind}", language),
            row.share,
            row.low,
            row.high,
            row.customers,
            ACCENT if row.kind == "value" else MUTED,
        )
        for row in rows_of(table[table["step"] == step])
    ]
    return _bar_rows(say, bars, empty=say("no_breakdown"), dark=dark, width=width)


def funnel_compared(
    answer: Funnel,
    *,
    language: str,
    called: Mapping[str, str] | None = None,
    dark: bool = False,
    width: float = 1100,
) -> alt.LayerChart:
    """The share of all with a value that reached each step, value beside value; `called` says their names."""
    say = FunnelWords(answer, language)
    table = answer.compared.sort_values("step", kind="stable")
    base = str(table["value"].iloc[0]) if len(table) else ""
    bars = [
        (
            say("value_at", step=say.step(row), value=plain_line((called or {}).get(row.value, row.value))),
            row.share,
            row.low,
            row.high,
            row.customers,
            MUTED if row.value == base else ACCENT,
        )
        for row in rows_of(table)
    ]
    return _bar_rows(say, bars, empty=say("no_breakdown"), dark=dark, width=width)


def _colour(answer: Funnel, step: int) -> str:
    name = str(answer.table["name"].iloc[step - 1])
    return answer.colours.get(name, ACCENT)


def _bar_rows(
    say: FunnelWords,
    bars: Sequence[tuple[str, float, float, float, float, str]],
    *,
    empty: str,
    dark: bool,
    width: float,
) -> alt.LayerChart:
    """A row a bar: its label, the bar with its interval, and its number; the longest bar fills its row."""
    if not bars:
        return sentence_only(empty, width=width, height=60.0, dark=dark)
    height = _ROW * len(bars) + 6
    labels = [label for label, *_ in bars]
    notes = [f"{share(part, say.language)} · {count(n, say.language)}" for _, part, _, _, n, _ in bars]
    label_room = min(max(text_width(label, _SIZE) for label in labels) + 12, 0.34 * width, 260.0)
    note_room = max(text_width(note, _SIZE) for note in notes) + 14
    most = max(
        (value for _, part, _, high, _, _ in bars for value in (part, high) if value == value), default=0
    )
    start = Place(0, _MARGIN + label_room)
    whole = Place(1, -2 * _MARGIN - label_room - note_room)
    rects: list[Row] = []
    spans: list[Row] = []
    texts: list[Row] = []
    for position, (label, part, low, high, n, colour) in enumerate(bars):
        middle = _ROW * (position + 0.5) + 3
        scaled = [value / most if most and value == value else 0.0 for value in (part, low, high)]
        tips = {
            "what": label,
            "who": say.amount(n),
            "part": share(part, say.language),
            "span": say.interval(low, high),
        }
        rects.append(
            {
                **start.row("x"),
                **(start + whole * max(scaled[0], 0.003)).row("x2"),
                "y0": round(middle - 8, 2),
                "y1": round(middle + 8, 2),
                "colour": colour,
                "needs": 0.0,
                **tips,
            }
        )
        if high > low:
            ends = {**(start + whole * scaled[1]).row("x"), **(start + whole * scaled[2]).row("x2")}
            spans.append({**ends, "y": round(middle, 2), **tips})
        shown = fit(label, _SIZE, label_room - 8)
        texts.append(word(shown, Place(0, _MARGIN), middle, Place(0, label_room - 8), colour=ink(dark)))
        furthest = max(scaled[0], scaled[2])
        beside = start + whole * furthest + Place(0, 7)
        texts.append(word(notes[position], beside, middle, Place(0, note_room), colour=ink(dark)))
    tips_of = tooltip(
        {
            "what": text("charts.tip_name", say.language),
            "who": text(f"charts.tip_{say.unit}", say.language),
            "part": text("charts.tip_share", say.language),
            "span": text("charts.tip_interval", say.language),
        }
    )
    layers = [
        boxes("bars", height=height, tips=tips_of),
        lines("spans", height=height, dark=dark, tips=tips_of),
        *words("words", texts, height=height, dark=dark),
    ]
    data = {"bars": rects, "spans": spans, "words": texts}
    described = say("described_rows", n=len(bars))
    return finished(layers, data, width=width, height=height, dark=dark, description=described)


def funnel_trend(answer: Funnel, *, language: str, dark: bool = False, width: float = 1100) -> alt.LayerChart:
    """A column a period in which attempts began: the share that got through, with its interval.

    A pale column: not everybody's time was over at the end of the data, the share may still rise.
    """
    say = FunnelWords(answer, language)
    table = answer.trend
    if table.empty or not table["customers"].sum():
        return sentence_only(say("no_trend"), width=width, height=60.0, dark=dark)
    height, foot, head = _TREND, 22.0, 18.0
    highs = table.loc[table["customers"] > 0, "high"]
    usual = table.loc[table["customers"] >= table["customers"].median() / 4, "high"]
    top = max(float((usual if len(usual) else highs).max()), 0.01)
    slot = Place(1, -2 * _MARGIN) * (1 / len(table))
    stamps = pd.to_datetime(table["day"])
    months = bool((stamps.dt.day == 1).all() and len(table) > 1)
    labels = [stamp.strftime("%Y-%m" if months else "%m-%d") for stamp in stamps]
    room = text_width(labels[0], _SMALL) + 10
    each = max(1, -(-len(table) * int(room) // max(int(width) - 12, 1)))
    narrow = max(1, -(-len(table) * int(room) // 330))
    base = height - foot
    rects: list[Row] = []
    texts: list[Row] = []

    def y_of(value: float) -> float:
        return base - min(value / top, 1.0) * (base - head)

    for position, row in enumerate(rows_of(table)):
        left = Place(0, _MARGIN) + slot * position
        middle = left + slot * 0.5
        tips = {
            "what": str(row.day)[:10],
            "who": say("trend_tip", done=say.amount(row.completed), of=say.amount(row.customers)),
            "part": share(row.share, language),
            "span": say.interval(row.low, row.high),
            "rest": "" if bool(row.complete) else say("not_over"),
        }
        if row.customers:
            rects.append(
                {
                    **(left + slot * 0.12).row("x"),
                    **(left + slot * 0.88).row("x2"),
                    "y0": round(min(y_of(row.share), base - 1), 2),
                    "y1": base,
                    "colour": ACCENT if bool(row.complete) else ACTIVE,
                    "needs": 0.0,
                    **tips,
                }
            )
            rects.append(
                {
                    **(middle - Place(0, 0.75)).row("x"),
                    **(middle + Place(0, 0.75)).row("x2"),
                    "y0": round(y_of(row.high), 2),
                    "y1": round(y_of(row.low), 2),
                    "colour": ink(dark),
                    "needs": 0.0,
                    **tips,
                }
            )
        if position % each == 0:
            # What has no room on a phone is left out there.
            needs = 0.0 if position % (each * -(-narrow // each)) == 0 else float(width) * 0.6
            at, align = (middle, "center") if position else (left, "left")
            texts.append(
                word(
                    labels[position],
                    at,
                    height - 9,
                    Place(0, room),
                    colour=ink(dark),
                    size=_SMALL,
                    align=align,
                    shown=0.75,
                    needs=needs,
                )
            )
    scale = say("trend_top", share=top)
    texts.append(word(scale, Place(0, _MARGIN), 8, Place(1, -12), colour=ink(dark), size=_SMALL, shown=0.75))
    tips_of = tooltip(
        {
            "what": say("tip_began"),
            "who": text(f"charts.tip_{say.unit}", language),
            "part": text("charts.tip_share", language),
            "span": text("charts.tip_interval", language),
            "rest": say("tip_rest"),
        }
    )
    layers = [
        boxes("bars", height=height, tips=tips_of, corner=1),
        *words("words", texts, height=height, dark=dark),
    ]
    described = say("described_trend", n=len(table))
    data = {"bars": rects, "words": texts}
    return finished(layers, data, width=width, height=height, dark=dark, description=described)
