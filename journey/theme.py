"""The look that every page, chart and export shares: one colour a stage, grey for exit, one accent."""

from __future__ import annotations

__all__ = ["ACCENT", "ACTIVE", "EXIT", "FONT", "MUTED", "OTHER", "STAGE_COLOURS", "stage_colour"]

# Twelve hues that stay apart for the common colour blindnesses and on white as well as on near-black:
# neighbours differ in lightness, not in hue alone.
STAGE_COLOURS = (
    "#4477AA",
    "#EE8866",
    "#44AA99",
    "#CC6677",
    "#DDAA33",
    "#8866BB",
    "#66BBDD",
    "#998844",
    "#DD77BB",
    "#228855",
    "#7788CC",
    "#AA5544",
)
EXIT = "#9A9A9A"
ACTIVE = "#B9C4CF"
OTHER = "#B8B0A2"
MUTED = "#8A8F98"
ACCENT = "#3B5BDB"
# The family of the bundled Korean font comes first so that screen and export agree where it is present.
FONT = "Noto Sans KR, NanumGothic, Apple SD Gothic Neo, Malgun Gothic, sans-serif"


def stage_colour(position: int) -> str:
    """The colour of the stage at this position (0-based); the twelve repeat."""
    return STAGE_COLOURS[position % len(STAGE_COLOURS)]
