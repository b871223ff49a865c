"""The look that every page, chart and export shares: one colour a stage, grey for exit, one accent."""

from __future__ import annotations

__all__ = [
    "ACCENT",
    "ACTIVE",
    "EXIT",
    "FONT",
    "LANE_COLOURS",
    "LESS",
    "MORE",
    "MUTED",
    "OTHER",
    "STAGE_COLOURS",
    "TURNED",
    "accent",
    "contrast",
    "ink",
    "ink_on",
    "mixed",
    "paper",
    "shade",
    "stage_colour",
    "text_on",
]

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
# The lanes of a journey map by their kind, as its board draws them.
LANE_COLOURS = {
    "goals": "#4477AA",
    "actions": "#3FA7D6",
    "touchpoints": "#44AA99",
    "thoughts": "#8866BB",
    "emotion": "#DDAA33",
    "pains": "#D9536F",
    "opportunities": "#4F9D4F",
    "owner": "#7788CC",
    "kpi": "#8A8F98",
    "own": "#B08A3C",
}
EXIT = "#9A9A9A"
ACTIVE = "#B9C4CF"
OTHER = "#B8B0A2"
MUTED = "#8A8F98"
ACCENT = "#3B5BDB"
# A difference up, down, and one that turns around: apart for the common colour blindnesses, light and dark.
MORE, LESS, TURNED = "#2F7FC8", "#E0762B", "#9B59B6"
# The family of the bundled Korean font comes first so that screen and export agree where it is present.
FONT = "Noto Sans KR, NanumGothic, Apple SD Gothic Neo, Malgun Gothic, sans-serif"


def stage_colour(position: int) -> str:
    """The colour of the stage at this position (0-based); the twelve repeat."""
    return STAGE_COLOURS[position % len(STAGE_COLOURS)]


def shade(colour: str, towards: float) -> str:
    """The colour on its way to black (`towards` from 0 to -1) or to white (to 1).

    >>> shade("#4477AA", 0.5), shade("#4477AA", -0.5)
    ('#A2BBD4', '#223C55')
    """
    end = 255 if towards > 0 else 0
    channels = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(c + (end - c) * abs(towards)):02X}" for c in channels)


def paper(dark: bool) -> str:
    """The page behind a chart; text has a rim of it, and an exported picture is filled with it."""
    return "#12161C" if dark else "#FFFFFF"


def accent(dark: bool) -> str:
    """The accent as it is seen on `paper`."""
    return "#8DA2FB" if dark else ACCENT


def ink(dark: bool) -> str:
    """The colour of text on `paper`."""
    return "#E6E9EE" if dark else "#27303A"


def ink_on(colour: str) -> str:
    """Near-black or white, whichever reads better on a filled area of this colour (WCAG contrast)."""
    return "#FFFFFF" if contrast("#FFFFFF", colour) >= 3.4 else "#1A2028"


def text_on(colour: str) -> str:
    """Black or white for a line of text on this colour: the better one reads at 4.5 to 1 on any colour."""
    return max("#000000", "#FFFFFF", key=lambda ink: contrast(ink, colour))


def mixed(one: str, other: str, part: float) -> str:
    """The colour between two, `part` of the way from the first to the second."""
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (one, other)]
    return "#" + "".join(f"{round(low + (high - low) * part):02X}" for low, high in zip(*ends, strict=True))


def contrast(one: str, other: str) -> float:
    """How far apart two colours are in light, from 1 to 21 (WCAG 2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
