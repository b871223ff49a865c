"""What does the picture of two groups say, and in which colours?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from journey.analysis.comparison import Comparison
from journey.charts.canvas import Row, tooltip
from journey.charts.lettering import fit, plain_line
from journey.i18n import text
from journey.i18n.formats import points, share
from journey.theme import LESS, MORE, MUTED, TURNED

__all__ = ["ENDED", "ComparisonWords", "paint_of"]

# The rows of the matrix for those who had ended before a step.
ENDED = ("exit", "active")
_NAME_ROOM = 110.0
# From this difference on a colour is at its strongest.
_FULL = 0.2


def paint_of(row: Any) -> tuple[str, float]:
    """Colour and opacity of a link or a cell: only what is clear has a colour, the stronger the larger."""
    if row.state == "clear":
        strength = 0.4 + 0.5 * min(1.0, abs(row.difference) / _FULL)
        return (TURNED if row.flips else MORE if row.difference > 0 else LESS), round(strength, 3)
    return MUTED, 0.34 if row.state == "unclear" else 0.13


class ComparisonWords:
    """The words of the chart, in the reader's language and with the names of the groups."""

    def __init__(self, answer: Comparison, language: str) -> None:
        self.language = language
        self.answer = answer
        self.names = tuple(plain_line(name) for name in answer.names)

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the comparison."""
        return text(f"comparison.{key}", self.language, **values)

    def caption(self, kind: str, name: str) -> str:
        """The name of a stage, or the word for a kind of node that has none."""
        return plain_line(name) if kind == "stage" else text(f"charts.kind_{kind}", self.language)

    def row_name(self, kind: str, name: str) -> str:
        """A row of the step matrix: ends are those of the steps before."""
        return self.say(f"ended_{kind}") if kind in ENDED else self.caption(kind, name)

    def share(self, value: float) -> str:
        """The mean share of both groups."""
        return share(value, self.language)

    def step(self, step: int) -> str:
        """The name of a step."""
        return text("charts.step", self.language, n=step)

    def heading(self, step: int, _share: float, brevity: int) -> str:
        """What stands above a column: 2 is shortest."""
        return str(step) if brevity == 2 else self.step(step)

    def legend(self, drawn: pd.DataFrame) -> list[tuple[str, str, float]]:
        """Meaning, colour and opacity; the last one only where something that is drawn turns around."""
        a, b = (fit(name, 11.0, _NAME_ROOM) for name in self.names)
        found = [
            (self.say("legend_a", name=a), MORE, 0.9),
            (self.say("legend_b", name=b), LESS, 0.9),
            (self.say("legend_unclear"), MUTED, 0.34),
            (self.say("legend_small"), MUTED, 0.13),
        ]
        if (drawn["flips"] & (drawn["state"] == "clear")).any():
            found.append((self.say("legend_flips"), TURNED, 0.9))
        return found

    def tips(self, what: str) -> list[Any]:
        """The lines of a tooltip."""
        titles = {
            "what": self.say(what),
            "when": text("charts.tip_when", self.language),
            "a": self.say("tip_a"),
            "b": self.say("tip_b"),
            "apart": self.say("tip_difference"),
            "verdict": self.say("tip_state"),
        }
        if self.answer.weight_by is not None:
            titles["mixed"] = self.say("tip_adjusted")
        return tooltip(titles)

    def link(self, row: Any) -> Row:
        """The tooltip of a ribbon."""
        source = self.caption(row.source_kind, row.source)
        return {
            "what": f"{source} → {self.caption(row.target_kind, row.target)}",
            "when": self.step(int(row.step)),
            **self._figures(row),
        }

    def cell(self, row: Any) -> Row:
        """The tooltip of a box or of a cell of the step matrix."""
        return {
            "what": self.row_name(row.kind, row.name),
            "when": self.step(int(row.step)),
            **self._figures(row),
        }

    def _figures(self, row: Any) -> Row:
        def of(name: str, part: float, k: int, n: int) -> str:
            return self.say("of_group", name=name, share=part, k=k, n=n)

        found = {
            "a": of(self.names[0], row.share_a, row.customers_a, row.n_a),
            "b": of(self.names[1], row.share_b, row.customers_b, row.n_b),
            "apart": self.apart(row),
            "verdict": self.verdict(row),
        }
        if self.answer.weight_by is not None:
            found["mixed"] = self.mixed(row)
        return found

    def apart(self, row: Any) -> str:
        """The difference and its interval."""
        low, high = row.difference_low, row.difference_high
        return self.say("difference", difference=row.difference, low=low, high=high)

    def mixed(self, row: Any) -> str:
        """The same with the mix held equal; a dash where that was not tested."""
        if row.adjusted != row.adjusted:
            return "–"
        return self.say("difference", difference=row.adjusted, low=row.adjusted_low, high=row.adjusted_high)

    def difference(self, row: Any) -> str:
        """A minus B in percentage points."""
        return points(row.difference, self.language)

    def verdict(self, row: Any) -> str:
        """Clear, not clear, or why it was not tested; and whether it turns around."""
        tested = row.state in ("clear", "unclear")
        said = self.say(f"state_{row.state}", **({"q": row.q} if tested else {}))
        return f"{said} · {self.say('state_flips')}" if row.flips else said
