"""A chart as a picture: PNG, SVG or PDF with its Korean text intact, drawn without the network."""

from __future__ import annotations

import math
import re
import threading
from functools import cache
from typing import Any

from journey.errors import SettingWrong
from journey.theme import paper

__all__ = ["FORMATS", "render", "render_svg"]

FORMATS = ("pdf", "png", "svg")
_FAMILY = "Noto Sans KR"
# A larger bitmap than this is of no use, and takes gigabytes while it is made.
_MOST_PIXELS = 40_000_000
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_FACES = re.compile(r'font-family="[^"]*"')
_lock = threading.Lock()


@cache
def _fonts_registered() -> bool:
    """Make the bundled Korean font known to the converter, once a process.

    An unknown first family would drop all text, so charts are exported with this family alone.
    """
    import pylopdf_fonts_ko
    import vl_convert

    vl_convert.register_font_directory(str(pylopdf_fonts_ko.sans_path().parent))
    return True


def render(chart: Any, format: str = "png", *, scale: float = 2, background: str | None = None) -> bytes:
    """The bytes of an Altair chart as `format`: png, svg or pdf.

    The page behind it is `background`, else the one that the chart was drawn for (light or dark). `scale` is
    pixels of a PNG for each pixel of the chart. Text in PDF and SVG stays text.
    """
    if format not in FORMATS:
        raise SettingWrong(setting="format", value=format, allowed=list(FORMATS))
    import vl_convert

    spec = chart.to_dict()
    drawn_for = spec.get("usermeta", {}).get("journey", {})
    spec["background"] = background or paper(bool(drawn_for.get("dark")))
    spec["padding"] = 16
    stack = f"{_FAMILY}, sans-serif" if format == "svg" else _FAMILY
    spec["config"] = {**spec.get("config", {}), "font": stack}
    with _lock:
        _fonts_registered()
        if format == "png":
            return bytes(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]))
        if format == "pdf":
            return bytes(vl_convert.vegalite_to_pdf(spec, allowed_base_urls=[]))
        return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()


def render_svg(svg: str, format: str = "png", *, scale: float = 2) -> bytes:
    """The same of a picture that is SVG already; of a very large one a PNG has fewer pixels."""
    if format not in FORMATS:
        raise SettingWrong(setting="format", value=format, allowed=list(FORMATS))
    if format == "svg":
        return svg.encode()
    import vl_convert

    svg = _FACES.sub(f'font-family="{_FAMILY}"', svg)
    if size := _SIZE.search(svg):
        scale = min(scale, math.sqrt(_MOST_PIXELS / (float(size[1]) * float(size[2]))))
    with _lock:
        _fonts_registered()
        return bytes(
            vl_convert.svg_to_pdf(svg) if format == "pdf" else vl_convert.svg_to_png(svg, scale=scale)
        )
