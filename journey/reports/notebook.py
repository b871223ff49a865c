"""The notebook as one page that anybody can open: its words, its charts of today, and what was pinned.

It is made like the page of one answer: no server, no network, nothing in it that runs but ours. What was
written in the notebook stands there as text, whatever it looks like.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journey.figures import Figure
from journey.findings import Finding
from journey.i18n import formats, text
from journey.reports.html import Drawing, drawn, library_of_charts, page, said
from journey.reports.marked import blocks

__all__ = ["Exhibit", "drawings", "notebook_page", "value_said"]


@dataclass(frozen=True)
class Exhibit:
    """One answer of the notebook: what was pinned, and what became of it.

    line      what somebody said about it, "" for nothing
    source    which question it answers, and `counted` how, in the language of the page
    filters   what of the data it is about, in words; "" for all of it
    then      the finding and the headline as `who` pinned them `at` a moment in the zone of the data
    now       today's answer with its chart, or None, and `why` there is none
    verdict   same, within, beyond, changed, other (see projects.again), or gone
    """

    line: str
    source: str
    counted: str
    filters: str
    then: tuple[Finding, Figure | None]
    at: dt.datetime
    who: str
    now: Any
    chart: Callable[..., Any] | None
    verdict: str
    why: str = ""


def drawings(cells: Sequence[str | Exhibit], language: str) -> Iterator[Drawing | None]:
    """The chart of each cell for the page, one after the other: the slow part, up to a second each."""
    library_of_charts()
    for one in cells:
        if isinstance(one, str) or one.now is None or one.chart is None:
            yield None
        else:
            yield drawn(one.chart, one.now, language)


def notebook_page(
    cells: Sequence[str | Exhibit],
    *,
    language: str,
    title: str,
    lead: str = "",
    facts: Sequence[tuple[str, str]] = (),
    figures: Sequence[Drawing | None] | None = None,
) -> bytes:
    """The cells in order: texts with their marks, answers with chart, today's value and the pinned one.

    `figures` are the drawings of the cells where they have been made already.
    """
    made = tuple(drawings(cells, language)) if figures is None else figures
    told = [
        {"blocks": blocks(one)} if isinstance(one, str) else {**_told(one, language), "drawing": figure}
        for one, figure in zip(cells, made, strict=True)
    ]
    return page(
        "notebook.html",
        [figure for figure in made if figure is not None],
        language=language,
        title=title,
        lead=lead,
        cells=told,
        facts=facts,
        say={name: text(f"report.{name}", language) for name in ("counted", "origin")},
    )


def value_said(figure: Figure | None, language: str) -> str:
    """A figure for readers, with its interval and over how many it is; "" where there is no number."""
    if figure is None or not figure.is_known:
        return ""
    words = formats.of_form(figure.value, figure.form, language)
    if figure.has_interval:
        ends = {
            # The unit of points stands once, behind the second end.
            "low": formats.signed(figure.low, language)
            if figure.form == "points"
            else formats.of_form(figure.low, figure.form, language),
            "high": formats.of_form(figure.high, figure.form, language),
        }
        words = text("notebook.interval", language, value=words, **ends)
    return text("notebook.of_n", language, value=words, n=figure.n) if figure.n else words


def _told(one: Exhibit, language: str) -> Mapping[str, Any]:
    finding, headline = one.then
    key = "notebook.kept_by" if one.who else "notebook.kept"
    rows = [
        (text("notebook.today", language), value_said(getattr(one.now, "headline", None), language)),
        (text("notebook.then", language), value_said(headline, language)),
        (text("notebook.then_said", language), "" if one.verdict == "same" else said(finding, language)),
        (text("notebook.pinned_at", language), text(key, language, at=one.at, who=one.who)),
        (text("report.filters", language), one.filters or text("report.no_filters", language)),
    ]
    return {
        "line": one.line,
        "source": one.source,
        "finding": "" if one.now is None else said(one.now.finding, language),
        "verdict": one.verdict,
        "flag": text(f"notebook.flag_{one.verdict}", language),
        "why": one.why,
        "rows": [(name, value) for name, value in rows if value],
        "counted": one.counted,
        "notes": [] if one.now is None else [said(note, language) for note in one.now.notes],
    }
