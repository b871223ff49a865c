"""What does the picture of flows say, in the reader's language and the answer's unit?"""

from __future__ import annotations

import math
from typing import Any

from journey.aggregates.nodes import NAMED
from journey.analysis.flows import Flows
from journey.charts.canvas import tooltip
from journey.charts.flow_crowds import FOLDED, MOST_NODES
from journey.charts.lettering import plain_line
from journey.charts.sankey_shapes import STARTS
from journey.i18n import text
from journey.i18n.formats import count, share
from journey.theme import ACTIVE, EXIT, MUTED, OTHER, shade, stage_colour

__all__ = ["MOST_RIBBONS", "TIPS", "WEIGHTS", "FlowWords"]

# Bounds what a browser has to draw; ribbons beyond it are thinner than a hair.
MOST_RIBBONS = 600
# How far the first and the last part of a node are from its colour: towards black, and towards white.
_DARKEST, _LIGHTEST = -0.4, 0.35
# What the numbers are: shares of the node before, customers, shares of those at the anchor, or of all.
WEIGHTS = ("previous", "customers", "anchor", "all")
# Lines of a tooltip: our field -> the catalogue key of its title.
TIPS = {
    "what": "tip_what",
    "name": "tip_name",
    "when": "tip_when",
    "who": "tip_{unit}",
    "part": "tip_share",
    "span": "tip_interval",
}


class FlowWords:
    """What the chart says, in the reader's language and the answer's unit."""

    def __init__(self, answer: Flows, language: str, weight: str = "previous") -> None:
        self.language = language
        self.weight = weight
        self.of = {"anchor": answer.n_shown, "all": answer.n_customers}.get(weight, 0)
        self.unit = "sessions" if answer.unit == "session" else "customers"
        self.backward = answer.direction == "backward"
        self.around = answer.direction == "through"
        self.colours = {**answer.colours, **_shades(answer)}
        self.everyone = answer.n_customers
        positions = answer.nodes.drop_duplicates("name")
        self.positions = dict(zip(positions["name"], positions["position"], strict=True))

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the charts."""
        return text(f"charts.{key}", self.language, **values)

    def caption(self, kind: str, name: str) -> str:
        """The name of a stage, or the word for a kind of node that has none."""
        if kind in NAMED:
            return plain_line(name)
        return self.say(f"kind_{kind}")

    def number(self, customers: float) -> str:
        """A bare count, or the share that the picture's numbers are."""
        return share(customers / self.of, self.language) if self.of else count(customers, self.language)

    def amount(self, customers: float) -> str:
        """A count with its unit."""
        return self.say(f"amount_{self.unit}", n=round(customers))

    def heading(self, step: int, customers: float, brevity: int) -> str:
        """What stands above a column: 0 is in full, 2 shortest."""
        if brevity == 2:
            return f"{step}".replace("-", "−")
        return self.step(step) if brevity else f"{self.step(step)} · {self.number(customers)}"

    def step(self, step: int) -> str:
        """The name of a step; around an anchor it says how long before or after."""
        if step > 0:
            return self.say("step_after" if self.around else "step", n=step)
        return self.say("step_before", n=-step) if step else self.say("arrival" if self.backward else "here")

    def end(self, kind: str, customers: float, part: float) -> str:
        """What a stub says: its kind, and its share of the node."""
        # The share of a beginning divides by all who begin in that column, which cannot be seen at one node.
        of_node = self.weight == "previous" and kind not in STARTS
        told = share(part, self.language) if of_node else self.number(customers)
        return f"{self.caption(kind, '')} {told}"

    def part(self, link: Any, source: str) -> tuple[str, float, float]:
        """What a ribbon is a share of, and the interval of that share; NaN of nodes drawn as one."""
        begins = {"anchor": "anchor_", "all": "all_"}.get(self.weight, "")
        name = {"anchor": "share_of_anchor", "all": "share_of_all"}.get(self.weight, "share")
        value, low, high = (getattr(link, of, math.nan) for of in (name, f"{begins}low", f"{begins}high"))
        if math.isnan(value):
            return "–", math.nan, math.nan
        told = (
            self.say("share_of", share=value, name=source) if name == "share" else self.say(name, share=value)
        )
        return told, low, high

    def remark(self, folded: bool, hidden: int) -> str:
        """What the picture does not show, if anything."""
        parts = []
        if folded:
            parts.append(self.say("flows_folded", most=MOST_NODES))
        if hidden > 0:
            parts.append(self.say("flows_thinnest", most=MOST_RIBBONS))
        return " ".join(parts)

    def colour(self, kind: str, name: str) -> str:
        """The colour of a node, by its stage or its kind."""
        fixed = {
            "exit": EXIT,
            "active": ACTIVE,
            "start": EXIT,
            "other": OTHER,
            FOLDED: OTHER,
            "missing": MUTED,
        }
        if kind in fixed:
            return fixed[kind]
        return self.colours.get(name) or stage_colour(int(self.positions.get(name, 0)))

    def tips(self) -> list[Any]:
        """The lines of the tooltip of a ribbon."""
        return self._tips("what", "when", "who", "part", "span")

    def box_tips(self) -> list[Any]:
        """The lines of the tooltip of a box."""
        return self._tips("name", "when", "who", "part")

    def _tips(self, *fields: str) -> list[Any]:
        return tooltip({field: self.say(TIPS[field].format(unit=self.unit)) for field in fields})


def _shades(answer: Flows) -> dict[str, str]:
    """Colours of the parts of a node, by name: its own, from dark to light, in the order of the parts."""
    nodes = answer.nodes[answer.nodes["kind"] == "part"].sort_values("position", kind="stable")
    names = list(dict.fromkeys(nodes["name"]))
    between = max(1, len(names) - 1)
    return {
        name: shade(answer.colours[name], _DARKEST + (_LIGHTEST - _DARKEST) * place / between)
        for place, name in enumerate(names)
        if len(names) > 1
    }
