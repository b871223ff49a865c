"""How many get from step to step: bars with what is lost, and beside them times, next actions and trends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from journey.analysis.funnel import Funnel
from journey.charts.canvas import (
    Place,
    Row,
    Y,
    boxes,
    finished,
    lines,
    rows_of,
    sentence_row,
    spoken,
    tooltip,
    word,
    words,
)
from journey.charts.lettering import fit, plain_line, text_width
from journey.i18n import text
from journey.i18n.formats import count, share, span
from journey.theme import ACCENT, ACTIVE, EXIT, MUTED, ink

__all__ = ["funnel_after", "funnel_breakdown", "funnel_chart", "funnel_times", "funnel_trend", "mark_of"]

_STEP = 66.0
_BAR = 22.0
_NAME = 18.0
_SIZE = 12.0
_SMALL = 11.0
_MARGIN = 6.0
_ROW = 26.0
_TREND = 190.0


class _Say:
    """Words of one language about units of one kind."""

    def __init__(self, answer: Funnel, language: str) -> None:
        self.language = language
        self.unit = "sessions" if answer.unit == "session" else "customers"
        self.is_any = answer.setting["order"] == "any"

    def __call__(self, key: str, **values: Any) -> str:
        return text(f"funnel.{key}", self.language, **values)

    def amount(self, n: float) -> str:
        return text(f"charts.amount_{self.unit}", self.language, n=round(n))

    def interval(self, low: float, high: float) -> str:
        known = low == low and high == high
        return text("charts.interval", self.language, low=low, high=high) if known else "–"

    def step(self, row: Any) -> str:
        """What a step is called."""
        return self("any_steps", n=int(row.step)) if self.is_any else plain_line(str(row.name))


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
    say = _Say(answer, language)
    table = answer.table.reset_index(drop=True)
    step_height = _STEP if height is None else max(44.0, (height - 4) / max(len(table), 1))
    height = height or _STEP * max(len(table), 2) - (_STEP - _NAME - _BAR) + 8
    if table.empty:
        return _sentence(say("empty"), width=width, height=height, dark=dark)

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
    chosen: Row = {"value": [{"id": picked}]} if picked else {}
    pick = alt.selection_point(name="pick", fields=["id"], on="click", **chosen)
    layers = [
        _clickable("bars", height=height, tips=tips_of).add_params(pick),
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

    def at(field: str) -> str:
        return f"datum.{field}_f * width + datum.{field}_p"

    is_picked = "pick.id && pick.id[0]"
    return (
        alt.Chart(alt.NamedData(name))
        .transform_calculate(left=at("x"), right=at("x2"))
        .mark_rect(cornerRadius=2, cursor="pointer")
        .encode(
            x=alt.X("left:Q", scale=None, axis=None),
            x2="right:Q",
            y=Y("y0", height),
            y2="y1:Q",
            fill=alt.Fill("colour:N", scale=None),
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
    )


def _tips(say: _Say, line: Any, name: str, position: int) -> Row:
    return {
        "what": name,
        "who": say.amount(line.customers),
        "part": share(line.share_of_start, say.language),
        "span": say.interval(line.start_low, line.start_high),
        "previous": share(line.share_of_previous, say.language) if position else "–",
        "of_all": share(line.share_of_all, say.language),
        "took": _took(say, line) if position else "–",
    }


def _took(say: _Say, line: Any) -> str:
    if line.median_seconds != line.median_seconds:
        return "–"
    return say(
        "took", median=span(line.median_seconds, say.language), p90=span(line.p90_seconds, say.language)
    )


def _lost_tips(say: _Say, before: Any) -> Row:
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
    say: _Say, line: Any, before: Any, left: Place, at: float, whole: Place, dark: bool
) -> list[Row]:
    """What stands between two bars: how many went on, how long it took, and how many did not."""
    kept = share(line.share_of_previous, say.language)
    took = span(line.median_seconds, say.language)
    lost = say.amount(before.lost)
    known = line.median_seconds == line.median_seconds
    long = say("between", share=kept, took=took, lost=lost) if known else say("between_none", lost=lost)
    short = say("between_short", share=kept, lost=lost)
    return [word(long, left + Place(0, 2), at, whole, colour=ink(dark), size=_SMALL, shown=0.8, short=short)]


# ---- rows of bars ----------------------------------------------------------------------------------------


def funnel_times(
    answer: Funnel,
    *,
    language: str,
    step: int,
    dark: bool = False,
    width: float = 1100,
) -> alt.LayerChart:
    """How the time from the step before to `step` is spread over those who came from there."""
    say = _Say(answer, language)
    rows = answer.times[answer.times["step"] == step]
    labels = [_class(say, row.from_seconds, row.to_seconds) for row in rows_of(rows)]
    colour = _colour(answer, step)
    bars = [
        (label, row.share, float("nan"), float("nan"), row.customers, colour)
        for label, row in zip(labels, rows_of(rows), strict=True)
    ]
    return _bar_rows(say, bars, empty=say("no_times"), dark=dark, width=width)


def _class(say: _Say, low: float, high: float) -> str:
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
    say = _Say(answer, language)
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
    say = _Say(answer, language)
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


def _colour(answer: Funnel, step: int) -> str:
    name = str(answer.table["name"].iloc[step - 1])
    return answer.colours.get(name, ACCENT)


def _bar_rows(
    say: _Say,
    bars: Sequence[tuple[str, float, float, float, float, str]],
    *,
    empty: str,
    dark: bool,
    width: float,
) -> alt.LayerChart:
    """A row a bar: its label, the bar with its interval, and its number; the longest bar fills its row."""
    if not bars:
        return _sentence(empty, width=width, height=60.0, dark=dark)
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


# ---- the trend -------------------------------------------------------------------------------------------


def funnel_trend(answer: Funnel, *, language: str, dark: bool = False, width: float = 1100) -> alt.LayerChart:
    """A column a period in which attempts began: the share that got through, with its interval.

    A pale column: not everybody's time was over at the end of the data, the share may still rise.
    """
    say = _Say(answer, language)
    table = answer.trend
    if table.empty or not table["customers"].sum():
        return _sentence(say("no_trend"), width=width, height=60.0, dark=dark)
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
    scale = say("trend_top", share=share(top, language))
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


def _sentence(said: str, *, width: float, height: float, dark: bool) -> alt.LayerChart:
    row = sentence_row(said, height=height, dark=dark)
    layers = words("words", [row], height=height, dark=dark)
    return finished(layers, {"words": [row]}, width=width, height=height, dark=dark, description=said)
