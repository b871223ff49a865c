"""One answer as one page that anybody can open: no server, no network, and nothing in it that runs but ours.

Names come from somebody's file. In the page they are escaped by the template; in the chart they are values in
a block of JSON, which cannot be left because it holds no `<`. The page's own policy lets only the two scripts
run whose digests stand in it, without `eval`, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from journey.charts.export import render
from journey.i18n import formats, text
from journey.theme import ACCENT, FONT, ink, paper

__all__ = ["Drawing", "drawn", "html_page", "library_of_charts", "page", "said"]

Chart = Callable[..., Any]


_FOLDER = Path(__file__).parent
# What could end a script block, and the line ends that JSON allows and older readers of scripts do not.
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_MOST_ROWS = 1000
_bundling = threading.Lock()


@dataclass(frozen=True)
class Drawing:
    """A chart as it stands in a page: its two specs, what it shows in words, and an SVG in base64."""

    specs: Mapping[str, Any]
    description: str
    picture: str


def html_page(
    answer: Any,
    chart: Chart,
    table: pd.DataFrame,
    *,
    language: str,
    title: str,
    lead: str = "",
    counted: str = "",
    facts: Sequence[tuple[str, str]] = (),
    shares: Collection[str] = (),
) -> bytes:
    """The finding of an answer, its chart for light and dark, its table, and how all of it was counted.

    `table` has its headings in words already; the columns `shares` are shown as percent. `facts` say where
    the figures come from, a name and a value each.
    """
    figure = drawn(chart, answer, language)
    shown = table.head(_MOST_ROWS)
    cut = len(table) - len(shown)
    return page(
        "answer.html",
        [figure],
        language=language,
        title=title,
        lead=lead,
        finding=said(answer.finding, language),
        description=figure.description,
        picture=figure.picture,
        headings=[(str(name), _is_number(table[name])) for name in table.columns],
        rows=_rows(shown, shares, language),
        cut=text("report.cut", language, shown=len(shown), n=len(table)) if cut else "",
        counted=counted,
        notes=[said(note, language) for note in answer.notes],
        facts=facts,
        say={name: text(f"report.{name}", language) for name in ("table", "counted", "origin", "no_script")},
    )


def page(template: str, figures: Sequence[Drawing], *, language: str, **words: Any) -> bytes:
    """A page made of this template, with its figures in the order in which they stand there."""
    library, drawing = library_of_charts(), (_FOLDER / "answer.js").read_text(encoding="utf-8")
    made: str = _template(template).render(
        language=language,
        look={
            "font": FONT,
            "accent": ACCENT,
            "light": {"paper": paper(False), "ink": ink(False)},
            "dark": {"paper": paper(True), "ink": ink(True)},
        },
        policy=_policy(library, drawing),
        charts=_json([figure.specs for figure in figures]),
        library=library,
        drawing=drawing,
        **words,
    )
    return made.encode("utf-8", "replace")


def drawn(chart: Chart, answer: Any, language: str) -> Drawing:
    """The chart of an answer for light and dark, and as a picture for viewers that run no scripts."""
    light, dark = (chart(answer, language=language, dark=is_dark) for is_dark in (False, True))
    specs = {"light": light.to_dict(), "dark": dark.to_dict()}
    # The picture is of the light one alone: a page without scripts is white, and each takes up to a second.
    picture = base64.b64encode(render(light, "svg")).decode()
    return Drawing(specs, specs["light"].get("description", ""), picture)


def _json(value: Any) -> str:
    """JSON that can stand in a block of a page."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def _policy(*scripts: str) -> str:
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    room = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return room.get_template(name)


def library_of_charts() -> str:
    """Vega with what reads our grammar, as one script (0.9 MB); making it takes a second or two, once."""
    with _bundling:
        return _bundle()


@cache
def _bundle() -> str:
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # A page is read with line ends made one; its digest must be that of what is read.
    return script.replace("\r\n", "\n").replace("\r", "\n")


def said(finding: Any, language: str) -> str:
    """The sentence of a finding."""
    return text(finding.code, language, **finding.values)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _rows(table: pd.DataFrame, shares: Collection[str], language: str) -> list[list[Mapping[str, Any]]]:
    columns = [
        [
            {"text": _cell(value, str(name) in shares, language), "number": number}
            for value in table[name].tolist()
        ]
        for name, number in ((name, _is_number(table[name])) for name in table.columns)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any, is_share: bool, language: str) -> str:
    if isinstance(value, list | tuple | np.ndarray):
        return " > ".join(str(item) for item in value)
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return "–"
    if is_share:
        return formats.share(float(value), language)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return formats.count(value, language)
    if not isinstance(value, float):
        return str(value)
    # One digit after the point would make 0.0 of a p-value, and 0.3 of 0.258.
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.3g}"
