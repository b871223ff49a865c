from __future__ import annotations

from itertools import combinations

from journey.theme import ACTIVE, EXIT, OTHER, STAGE_COLOURS, ink, ink_on, paper


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_can_be_read_on_the_page_and_on_every_stage():
    for dark in (False, True):
        assert contrast(ink(dark), paper(dark)) >= 7
    for colour in (*STAGE_COLOURS, EXIT, ACTIVE, OTHER):
        assert contrast(ink_on(colour), colour) >= 3.4


def test_stages_and_ends_have_colours_of_their_own():
    everything = (*STAGE_COLOURS, EXIT, ACTIVE, OTHER)
    assert all(one != other for one, other in combinations(everything, 2))
    for colour in STAGE_COLOURS:
        assert contrast(colour, paper(False)) >= 1.9 and contrast(colour, paper(True)) >= 2.5
