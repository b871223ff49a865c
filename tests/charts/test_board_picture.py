"""The picture of a journey map: all of its text is in it, whatever it holds, and stays text in a PDF."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from journey.charts.board_picture import Band, BoardPicture, Column, Felt, Measured, Slip, board_picture
from journey.charts.export import render_svg
from journey.charts.lettering import text_width
from journey.errors import SettingWrong
from tests.hostile import NAMES as HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def picture(text="배송비를 마지막에야 알았어요", **more):
    told = {
        "title": "첫 구매 여정",
        "subtitle": "지금 모습",
        "columns": [
            Column("s1", "방문", "#4477AA", ["도달률 96.5% · 고객 2,000명"]),
            Column("s2", "결제", "#EE8866"),
        ],
        "bands": [
            Band("l1", "불편"),
            Band("l2", "감정", True),
            Band("l3", "KPI", lines={"s2": ["이탈률 3%"]}),
        ],
        "cards": {"l1|s2": [Slip(text, ["담당 지수"], "#CC6677", "measured"), Slip("둘째")]},
        "felt": [Felt("느낀 감정", "", {"s1": 1.0, "s2": -2.0})],
        "measured": [Measured("s1", 0.5, 0.1, 0.9, "+0.5 · 105명")],
        "words": {"measured": "측정함", "evidence": "근거:", "intervals": "측정한 감정"},
    }
    return BoardPicture(**{**told, **more})


def lines(svg):
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_of_the_map_is_in_the_picture(dark):
    said = " ".join(lines(board_picture(picture(), dark=dark)))
    for word in (
        "첫 구매 여정",
        "지금 모습",
        "방문",
        "결제",
        "불편",
        "감정",
        "둘째",
        "담당 지수",
        "이탈률 3%",
        "느낀 감정",
    ):
        assert word in said
    assert "배송비를 마지막에야 알았어요".replace(" ", "") in said.replace(" ", "")


@pytest.mark.parametrize("name", [*HOSTILE, "a\x00b\uffff\ud800", "x" * 2_000, "가" * 2_000])
def test_text_is_drawn_to_the_letter_and_fits_its_card(name):
    svg = board_picture(picture(name, title=name, bands=[Band("l1", name)]))
    told = ElementTree.fromstring(svg)
    known = {f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "text", "circle")}
    assert {node.tag for node in told.iter()} <= known
    assert not [
        node for node in told.iter() if any(key.startswith("on") or "href" in key for key in node.attrib)
    ]
    for node in told.iter(f"{SVG}text"):
        if node.get("font-size") == "12.5" and float(node.get("x")) > 140:
            assert text_width(node.text or "", 12.5) <= 196


def test_curves_stand_where_their_values_are():
    svg = board_picture(picture(measured=[], cards={}))
    felt = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4.6"', svg)]
    scale = {
        node.text: float(node.get("y")) - 4
        for node in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if node.text in ("+1", "−2")
    }
    assert [y for _, y in felt[:2]] == pytest.approx([scale["+1"], scale["−2"]], abs=0.2)


def test_a_map_without_anything_has_a_picture_too():
    empty = BoardPicture("빈 지도", "", [], [], {})
    assert lines(board_picture(empty)) == ["빈 지도"]
    assert render_svg(board_picture(empty), "png").startswith(b"\x89PNG")


def test_a_picture_is_png_svg_or_pdf_with_its_text():
    svg = board_picture(picture())
    assert render_svg(svg, "svg").decode() == svg
    assert render_svg(svg, "png").startswith(b"\x89PNG")
    pdf = render_svg(svg, "pdf")
    assert pdf.startswith(b"%PDF")
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
        assert {"첫 구매 여정", "방문", "둘째"} <= set(told.decode().split("\n"))
    with pytest.raises(SettingWrong):
        render_svg(svg, "gif")


def test_a_huge_map_has_a_png_of_bounded_size():
    many = {"l1|s2": [Slip("카드 " * 40) for _ in range(150)]}
    data = render_svg(board_picture(picture(cards=many)), "png", scale=20)
    width, height = (int.from_bytes(io.BytesIO(data[at : at + 4]).read(), "big") for at in (16, 20))
    assert width * height <= 41_000_000
