"""Pictures keep their Korean text, also on a machine without any font."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdf
import pytest

from journey.charts.export import FORMATS, render
from journey.charts.flows import flows_chart
from journey.charts.reach import reach_chart
from journey.charts.routes import routes_chart
from journey.errors import SettingWrong
from tests.charts.answers import nothing, reached, routed, sampled

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def chart():
    return flows_chart(sampled(400, 4, 4), language="ko", width=700, height=360)


def pdf_text(data):
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def test_pdf_text_is_korean_and_can_be_searched(chart):
    data = render(chart, "pdf")
    assert data.startswith(b"%PDF")
    text = pdf_text(data)
    assert all(name in text for name in ("인지", "관심", "구매", "1걸음", "이탈"))


def test_svg_keeps_text_as_text(chart):
    svg = render(chart, "svg").decode()
    assert svg.startswith("<svg") and "인지" in svg and "Noto Sans KR" in svg
    assert 'fill="#FFFFFF"' in svg or "fill: #FFFFFF" in svg or "#FFFFFF" in svg.upper()


def test_png_is_not_blank_and_scales(chart):
    small, large = render(chart, "png", scale=1), render(chart, "png", scale=2)
    assert small.startswith(b"\x89PNG") and int.from_bytes(small[16:20]) * 2 == int.from_bytes(large[16:20])
    assert len(small) > 10_000


def test_other_charts_and_empty_ones_render():
    for one in (
        reach_chart(reached(3), language="ko"),
        routes_chart(routed(50, 3), language="ko"),
        flows_chart(nothing(), language="ko"),
    ):
        assert pdf_text(render(one, "pdf")).strip()


def test_a_dark_chart_has_a_dark_page():
    dark = flows_chart(sampled(100, 3, 3), language="en", dark=True, width=500, height=300)
    assert "#12161c" in render(dark, "svg").decode().lower()


def test_another_format_is_refused(chart):
    with pytest.raises(SettingWrong) as caught:
        render(chart, "gif")
    assert caught.value.values == {"setting": "format", "value": "gif", "allowed": list(FORMATS)}


def test_threads_may_render_at_once(chart):
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: render(chart, "svg"), range(4)))
    assert len({len(picture) for picture in pictures}) == 1


SCRIPT = """
import sys
from tests.charts.answers import sampled
from journey.charts.flows import flows_chart
from journey.charts.export import render
chart = flows_chart(sampled(100, 3, 3), language="ko", width=500, height=300)
sys.stdout.buffer.write(render(chart, "pdf"))
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare to hide the system's fonts")
def test_text_survives_where_the_system_has_no_fonts():
    hide = 'mount -t tmpfs none /usr/share/fonts && exec "$0" -c "$1"'
    run = subprocess.run(
        ["unshare", "--mount", "--net", "--map-root-user", "sh", "-c", hide, sys.executable, SCRIPT],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        env={"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"},
    )
    if run.returncode and (b"unshare" in run.stderr or b"mount" in run.stderr):
        pytest.skip("this machine lets nobody hide its fonts")
    assert run.returncode == 0, run.stderr
    assert "인지" in pdf_text(run.stdout) and "걸음" in pdf_text(run.stdout)
