"""The curves, bars and pairs of points of retention: how it goes on, period by period and path by path."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from journey.analysis.retention import Retention
from journey.charts.canvas import Row, Y, finished, rows_of, spoken, tooltip
from journey.charts.interval_words import interval_said
from journey.charts.lettering import plain_line
from journey.charts.picking import IS_PICKED, picking
from journey.i18n import text
from journey.i18n.formats import count, share
from journey.theme import ACCENT, EXIT, STAGE_COLOURS, ink

__all__ = [
    "GROUPS",
    "KINDS",
    "churn",
    "curve",
    "lifecycle",
    "mark_of",
    "path",
    "path_mark",
    "repurchase",
]

# The kinds of customers of a period, in the order in which they are piled up.
KINDS = ("returning", "resurrected", "new", "dormant")
# Whose last visits are beside each other.
GROUPS = ("silent", "stayed")

_HEIGHT = 340.0
_MOST_PATHS = 12
_PATH_ROW, _PATH_HEAD = 44.0, 34.0
_LABELLED = 14
# A rate over fewer customers is in the table only.
_FEWEST = 10
_DARK_ACCENT = "#8CA2FF"
_NEW, _RETURNING, _RESURRECTED = STAGE_COLOURS[6], STAGE_COLOURS[0], STAGE_COLOURS[4]
_SILENT, _STAYED = STAGE_COLOURS[1], STAGE_COLOURS[0]


def mark_of(day: dt.date | None, *place: object) -> str:
    """The id of a cell (its cohort, from and to which age), of a bar (its period and kind), or of a rate.

    Without a day it is of all cohorts, or of the repurchase within so many days.
    """
    return ".".join(["all" if day is None else day.isoformat(), *(str(part) for part in place)])


def path_mark(group: str, route: Sequence[str]) -> str:
    """The id of the last visits of one of the `GROUPS`."""
    return json.dumps([group, *route], ensure_ascii=False)


class _Sheet:
    """What the charts of one answer share: its words, colours and size."""

    def __init__(self, *, language: str, dark: bool, width: float, height: float | None) -> None:
        self.language, self.dark, self.width = language, dark, width
        self.height = height or _HEIGHT
        self.accent = _DARK_ACCENT if dark else ACCENT

    def say(self, key: str, **values: Any) -> str:
        return text(f"retention.chart_{key}", self.language, **values)

    def interval(self, low: float, high: float) -> str:
        return interval_said(low, high, self.language)

    def tips(self, **named: str) -> Any:
        return tooltip({field: self.say(key) for field, key in named.items()})

    def drawn(
        self, layers: Sequence[Any], data: Mapping[str, Sequence[Row]], described: str, height: float = 0
    ) -> Any:
        chart = finished(
            layers,
            data,
            width=self.width,
            height=height or self.height,
            dark=self.dark,
            description=described,
        )
        quiet = {"labelColor": ink(self.dark), "titleColor": ink(self.dark), "titleFontWeight": "normal"}
        lines = {"gridColor": ink(self.dark), "gridOpacity": 0.12, "domain": False, "ticks": False}
        return chart.configure_axis(labelFontSize=11, titleFontSize=11, **quiet, **lines).configure_legend(
            labelColor=ink(self.dark), labelFontSize=12, orient="top", symbolType="square", title=None
        )


def _across(title: str, field: str = "at") -> Any:
    """Periods or ages from left to right, in the order of the data; labels that would meet are left out."""
    axis = alt.Axis(title=title, labelAngle=0, labelOverlap="greedy", labelSeparation=6, grid=False, offset=6)
    return alt.X(f"{field}:O", sort=None, axis=axis)


def _up(title: str | None, field: str = "share") -> Any:
    return alt.Y(
        f"{field}:Q", axis=alt.Axis(title=title, format=".0%", tickCount=5), scale=alt.Scale(zero=True)
    )


def _times(answer: Retention) -> list[str]:
    cut = 7 if answer.period == "month" else 10
    return [day.isoformat()[:cut] for day in answer.table["period"]]


def curve(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    """The average share of the cohorts by the time since their start, with its interval as a band."""
    sheet = _Sheet(language=language, dark=dark, width=width, height=height)
    rows = []
    for row in rows_of(answer.table):
        # The beginning itself would press the rest of the curve flat.
        if row.age == 0 and row.share == 1 and len(answer.table) > 1:
            continue
        at = str(row.age) if row.age == row.until else f"{row.age}–{row.until}"
        rows.append(
            {
                "id": mark_of(None, row.age, row.until),
                "at": at,
                "share": row.share,
                "low": row.low,
                "high": row.high,
                "when": sheet.say(f"at_{answer.period}", age=at),
                "part": share(row.share, language),
                "who": sheet.say("of", k=int(row.returned), n=int(row.customers)),
                "span": sheet.interval(row.low, row.high),
            }
        )
    base = alt.Chart(alt.NamedData("points")).encode(x=_across(sheet.say(f"after_{answer.period}")))
    tips = sheet.tips(when="when", part="share", who="returned", span="interval")
    line = base.mark_line(color=sheet.accent, strokeWidth=2.5, aria=False).encode(y=_up(None))
    points = (
        base.mark_circle(color=sheet.accent, size=90, opacity=1, cursor="pointer", strokeWidth=3)
        .encode(y=_up(None), stroke=_rim(dark), tooltip=tips, description=spoken(tips))
        .add_params(picking(picked))
    )
    layers = [_band(base, sheet), line, points]
    if len(rows) <= _LABELLED:
        layers.append(
            base.mark_text(dy=-12, color=ink(dark), fontSize=11, aria=False).encode(
                y=_up(None), text="part:N"
            )
        )
    return sheet.drawn(layers, {"points": rows}, sheet.say("described_curve"))


def _rim(dark: bool) -> Any:
    """What is picked has a rim."""
    return alt.StrokeValue(None, condition={"test": IS_PICKED, "value": ink(dark)})


def _band(base: Any, sheet: _Sheet, **more: Any) -> Any:
    return base.mark_area(color=sheet.accent, opacity=0.18, aria=False, **more).encode(
        y=_up(None, "low"), y2="high:Q"
    )


def lifecycle(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    """Bars by period: who came, in three kinds, above the line; who stayed away, below it."""
    sheet = _Sheet(language=language, dark=dark, width=width, height=height)
    colours = dict(zip(KINDS, (_RETURNING, _RESURRECTED, _NEW, EXIT), strict=True))
    rows = []
    for at, row in zip(_times(answer), rows_of(answer.table), strict=True):
        for order, kind in enumerate(colours):
            n = int(getattr(row, kind))
            if n:
                rows.append(
                    {
                        "id": mark_of(row.period, kind),
                        "at": at,
                        "n": -n if kind == "dormant" else n,
                        "kind": sheet.say(kind),
                        "order": order,
                        "shown": 1.0 if row.observed else 0.45,
                        "when": at if row.observed else f"{at} · {sheet.say('partly')}",
                        "who": count(n, language),
                    }
                )
    tips = sheet.tips(when="when", kind="kind", who="customers")
    scale = alt.Scale(domain=[sheet.say(kind) for kind in colours], range=list(colours.values()))
    bars = (
        alt.Chart(alt.NamedData("bars"))
        .mark_bar(cursor="pointer")
        .encode(
            stroke=alt.StrokeValue(None, condition={"test": IS_PICKED, "value": ink(dark)}),
            strokeWidth=alt.StrokeWidthValue(2),
            x=_across(""),
            y=alt.Y("n:Q", axis=alt.Axis(title=sheet.say("customers"), tickCount=5, labelExpr=_UNSIGNED)),
            color=alt.Color(
                "kind:N",
                scale=scale,
                legend=alt.Legend(
                    orient="top", title=None, columns=alt.expr("width < 420 ? 2 : 4"), symbolOpacity=1
                ),
            ),
            opacity=alt.Opacity("shown:Q", scale=None, legend=None),
            order="order:Q",
            tooltip=tips,
            description=spoken(tips),
        )
        .add_params(picking(picked))
    )
    return sheet.drawn([bars], {"bars": rows}, sheet.say("described_lifecycle"))


_UNSIGNED = "format(abs(datum.value), ',')"


def repurchase(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    """Who has bought again by days since the first purchase; the rates within some days as points."""
    sheet = _Sheet(language=language, dark=dark, width=width, height=height)
    steps: list[Row] = [{"day": 0, "share": 0.0, "low": 0.0, "high": 0.0}]
    survival = answer.survival
    for row in rows_of(survival) if survival is not None else []:
        low, high = (one if one == one else row.share for one in (row.low, row.high))
        steps.append({"day": int(row.days), "share": row.share, "low": low, "high": high})
    last = max([int(answer.table["within_days"].max()), steps[-1]["day"]])
    steps.append({**steps[-1], "day": last})
    points = [
        {
            "id": mark_of(None, int(row.within_days)),
            "day": int(row.within_days),
            "share": row.share,
            "when": sheet.say("day", day=int(row.within_days)),
            "part": share(row.share, language),
            "who": sheet.say("of", k=int(row.returned), n=int(row.customers)),
            "span": sheet.interval(row.low, row.high),
        }
        for row in rows_of(answer.table[answer.table["customers"] >= _FEWEST])
    ]
    axis = alt.Axis(title=sheet.say("days"), tickCount=6, grid=False, offset=6)
    x = alt.X("day:Q", axis=axis, scale=alt.Scale(domain=[0, last * 1.04], nice=False))
    base = alt.Chart(alt.NamedData("steps")).encode(x=x)
    tips = sheet.tips(when="when", part="share", who="returned", span="interval")
    line = base.mark_line(interpolate="step-after", color=sheet.accent, strokeWidth=2, aria=False).encode(
        y=_up(sheet.say("bought"))
    )
    marked = alt.Chart(alt.NamedData("points")).encode(x=x, y=_up(sheet.say("bought")))
    dots = (
        marked.mark_circle(size=90, color=sheet.accent, opacity=1, cursor="pointer", strokeWidth=3)
        .encode(stroke=_rim(dark), tooltip=tips, description=spoken(tips))
        .add_params(picking(picked))
    )
    # The rates of the first days stand too close to each other to be read on a phone.
    told = marked.mark_text(dy=-13, color=ink(dark), fontSize=11, aria=False).encode(text="part:N")
    told = told.transform_filter(f"datum.day * width / {last * 1.04} > 24 && datum.day >= {last} / 14")
    layers = [_band(base, sheet, interpolate="step-after"), line, dots, told]
    return sheet.drawn(layers, {"steps": steps, "points": points}, sheet.say("described_repurchase"))


def churn(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    """A bar a period for its churn rate, with the interval."""
    sheet = _Sheet(language=language, dark=dark, width=width, height=height)
    rows = [
        {
            "id": mark_of(row.period, "away"),
            "at": at,
            "share": row.share,
            "low": row.low,
            "high": row.high,
            "part": share(row.share, language),
            "who": sheet.say("of", k=int(row.away), n=int(row.customers)),
            "span": sheet.interval(row.low, row.high),
        }
        for at, row in zip(_times(answer), rows_of(answer.table), strict=True)
    ]
    tips = sheet.tips(at="when", part="churn", who="lost", span="interval")
    base = alt.Chart(alt.NamedData("bars")).encode(x=_across(""))
    title = sheet.say("churn")
    bars = (
        base.mark_bar(color=EXIT, opacity=0.75, cornerRadius=2, cursor="pointer", strokeWidth=2)
        .encode(
            stroke=alt.StrokeValue(None, condition={"test": IS_PICKED, "value": ink(dark)}),
            y=_up(title),
            tooltip=tips,
            description=spoken(tips),
        )
        .add_params(picking(picked))
    )
    spans = base.mark_rule(color=ink(dark), strokeWidth=1.5, opacity=0.7, aria=False).encode(
        y=_up(title, "low"), y2="high:Q"
    )
    layers = [bars, spans]
    if len(rows) <= _LABELLED:
        told = base.mark_text(dy=-8, color=ink(dark), fontSize=11, aria=False)
        layers.append(told.encode(y=_up(title, "high"), text="part:N"))
    return sheet.drawn(layers, {"bars": rows}, sheet.say("described_churn"))


def path(
    answer: Retention, *, language: str, dark: bool, width: float, height: float | None, picked: str | None
) -> alt.LayerChart:
    """The last visits that differ most: their share of those who fell silent, and of those who stayed."""
    table = answer.table.copy()
    table["far"] = table["difference"].abs()
    table = table.sort_values(["clear", "far"], ascending=False, kind="stable").head(_MOST_PATHS)
    table = table.sort_values("difference", ascending=False, kind="stable")
    tall = _PATH_HEAD + _PATH_ROW * len(table) + 8
    sheet = _Sheet(language=language, dark=dark, width=width, height=tall)
    names = {"silent": sheet.say("silent"), "stayed": sheet.say("stayed")}
    n_of = dict(zip(GROUPS, answer.groups, strict=True))
    pairs: list[Row] = []
    points: list[Row] = []
    for place, row in enumerate(rows_of(table)):
        y = _PATH_HEAD + _PATH_ROW * place
        route = plain_line(" → ".join(row.route))
        both = f"{share(row.share_silent, language)} · {share(row.share_stayed, language)}"
        shown = 1.0 if row.clear else 0.4
        q = f"{row.q:.3f}" if row.q >= 0.001 else "<0.001"
        pairs.append(
            {
                "y": y + 28,
                "label": y + 9,
                "route": route,
                "told": f"{route}   {both}",
                "a": row.share_silent,
                "b": row.share_stayed,
                "shown": shown,
                "ink": max(shown, 0.7),
            }
        )
        points += [
            {
                "id": path_mark(group, row.route),
                "y": y + 28,
                "share": getattr(row, f"share_{group}"),
                "group": names[group],
                "shown": shown,
                "route": route,
                "part": share(getattr(row, f"share_{group}"), language),
                "who": sheet.say("of", k=int(getattr(row, group)), n=n_of[group]),
                "gap": f"{share(row.difference, language)} ({sheet.interval(row.low, row.high)})",
                "sure": sheet.say("clear" if row.clear else "unclear", q=q),
            }
            for group in names
        ]
    tips = sheet.tips(
        route="last_visits", group="customers", part="share", who="of_group", gap="difference", sure="test"
    )
    axis = alt.Axis(format=".0%", orient="top", tickCount=5, title=None)

    def x(field: str) -> Any:
        return alt.X(f"{field}:Q", axis=axis, scale=alt.Scale(zero=True))

    opacity = alt.Opacity("shown:Q", scale=None, legend=None)
    base = alt.Chart(alt.NamedData("pairs"))
    joined = base.mark_rule(strokeWidth=3, color=EXIT, aria=False).encode(
        x=x("a"), x2="b:Q", y=Y("y", tall), opacity=opacity
    )
    scale = alt.Scale(domain=list(names.values()), range=[_SILENT, _STAYED])
    dots = (
        alt.Chart(alt.NamedData("points"))
        .mark_circle(size=130, cursor="pointer", strokeWidth=3)
        .encode(
            stroke=_rim(dark),
            x=x("share"),
            y=Y("y", tall),
            color=alt.Color(
                "group:N", scale=scale, legend=alt.Legend(orient="top", title=None, symbolOpacity=1)
            ),
            opacity=opacity,
            tooltip=tips,
            description=spoken(tips),
        )
        .add_params(picking(picked))
    )
    told = base.mark_text(
        align="left", baseline="middle", fontSize=12, color=ink(dark), aria=False, limit=alt.expr("width - 8")
    ).encode(
        x=alt.value(2),
        y=Y("label", tall),
        text="told:N",
        opacity=alt.Opacity("ink:Q", scale=None, legend=None),
    )
    data = {"pairs": pairs, "points": points}
    return sheet.drawn([joined, dots, told], data, sheet.say("described_path", n=len(pairs)), tall)
