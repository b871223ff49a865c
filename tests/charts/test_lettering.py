from __future__ import annotations

from pathlib import Path

import pylopdf_fonts_ko
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from journey.charts.lettering import fit, plain_line, text_width, wrapped

# A thousandth of an em is the face's own unit.
FACE = ImageFont.truetype(str(Path(pylopdf_fonts_ko.sans_path())), 1000)
ASCII = [chr(code) for code in range(0x20, 0x7F)]
HANGUL = [chr(code) for code in range(ord("가"), ord("힣") + 1, 23)]


@pytest.mark.parametrize(
    "text", ["구매 1,234", "Consideration", "WWW mmm 100.0%", "장바구니 담기 → 결제", "첫 방문 (앱)"]
)
def test_the_estimate_is_not_much_wider_than_the_bundled_face(text):
    drawn = FACE.getlength(text) / 1000 * 12
    assert drawn <= text_width(text, 12) <= drawn * 1.25


@pytest.mark.parametrize("char", [*ASCII, *(chr(code) for code in range(0xA0, 0x100)), *"œłşж–−…→“”₩"])
def test_no_letter_is_wider_than_its_estimate(char):
    assert FACE.getlength(char) / 1000 <= text_width(char, 1)


def test_no_syllable_is_wider_than_its_estimate():
    assert len(HANGUL) > 400
    assert [char for char in HANGUL if FACE.getlength(char) / 1000 > text_width(char, 1)] == []


@given(st.text(st.sampled_from([*ASCII, *HANGUL]), max_size=30))
def test_no_text_is_wider_than_its_estimate(text):
    assert FACE.getlength(text) / 1000 * 12 <= text_width(text, 12) + 1e-9


@given(st.text(max_size=40), st.floats(0, 300))
def test_what_fits_is_a_beginning_and_fits(text, width):
    short = fit(text, 12, width)
    assert text_width(short, 12) <= width or short == ""
    assert short == text or short == "" or text.startswith(short.removesuffix("…"))


def test_a_line_has_no_control_characters():
    assert plain_line("첫\n줄\t\x00둘 \ud800") == "첫 줄 둘 \ufffd"


@given(st.text(alphabet="가나 aW.…\t", max_size=60), st.floats(20, 200))
def test_wrapped_lines_fit_and_keep_every_letter(text, width):
    lines = wrapped(text, 12, width)
    assert all(text_width(line, 12) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(lines)
