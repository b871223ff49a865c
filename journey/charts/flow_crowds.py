"""Which nodes of a crowded step are drawn as one?"""

from __future__ import annotations

import pandas as pd

from journey.charts.sankey_shapes import STARTS

__all__ = ["FOLDED", "MOST_NODES", "folded_nodes"]

# More nodes than this in one step cannot be told apart; the smallest are drawn as one, and a line says so.
MOST_NODES = 14
FOLDED = "folded"


def folded_nodes(links: pd.DataFrame, nodes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    """At most `MOST_NODES` nodes a step; the rest bear the kind 'folded', which nobody can pick."""
    rank = nodes.groupby("step")["customers"].rank(method="first", ascending=False)
    crowded = nodes.groupby("step")["customers"].transform("size") > MOST_NODES
    small = nodes[crowded & (rank >= MOST_NODES)]
    if small.empty:
        return links, nodes, False
    gone = set(zip(small["step"], small["kind"], small["name"], strict=True))
    kept = nodes.drop(small.index)
    rest = small.groupby("step")[["customers"]].sum().reset_index()
    last = int(nodes["position"].max()) + 1
    rest = rest.assign(name="", kind=FOLDED, position=last)
    links = links.copy()
    for side, shift in (("source", 0), ("target", 1)):
        where = [
            key in gone
            for key in zip(
                links["step"] + (shift if side == "target" else 0),
                links[f"{side}_kind"],
                links[side],
                strict=True,
            )
        ]
        if side == "target":
            beginning = links["source_kind"].isin(STARTS).to_numpy()
            here = [
                key in gone for key in zip(links["step"], links["target_kind"], links["target"], strict=True)
            ]
            where = [now if first else then for first, now, then in zip(beginning, here, where, strict=True)]
        links.loc[where, f"{side}_kind"] = FOLDED
        links.loc[where, side] = ""
    keys = ["step", "source", "source_kind", "target", "target_kind"]
    merged = links[(links["source_kind"] == FOLDED) | (links["target_kind"] == FOLDED)]
    alone = links.drop(merged.index)
    merged = merged.groupby(keys)[["customers"]].sum().reset_index()
    whole = pd.concat([alone, merged], ignore_index=True)
    return whole, pd.concat([kept, rest], ignore_index=True)[list(nodes.columns)], True
