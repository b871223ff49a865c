from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.charts.lettering import fit, plain_line, text_width


def test_the_estimate_is_never_narrower_than_the_bundled_face():
    image_font = pytest.importorskip("PIL.ImageFont")
    import pylopdf_fonts_ko

    face = image_font.truetype(str(Path(pylopdf_fonts_ko.sans_path())), 1000)
    for text in (
        "구매 1,234",
        "Consideration",
        "WWW mmm 100.0%",
        "장바구니 담기 → 결제",
        "가나다라마바사",
        "첫 방문 (앱)",
    ):
        assert (
            face.getlength(text) / 1000 * 12
            <= text_width(text, 12)
            <= face.getlength(text) / 1000 * 12 * 1.25
        )


@given(st.text(max_size=40), st.floats(0, 300))
def test_what_fits_is_a_beginning_and_fits(text, width):
    short = fit(text, 12, width)
    assert text_width(short, 12) <= width or short == ""
    assert short == text or short == "" or text.startswith(short.removesuffix("…"))


def test_a_line_has_no_control_characters():
    assert plain_line("첫\n줄\t\x00둘 \ud800") == "첫 줄 둘 \ufffd"
