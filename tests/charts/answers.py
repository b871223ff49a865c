"""Answers made by hand: small simulated journeys counted in the same tables as the real questions give."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from journey.findings import Finding
from journey.theme import stage_colour

KO = ("인지", "관심", "고려", "구매", "사용", "재구매", "추천", "문의", "환불", "휴면", "복귀", "충성도")
EN = ("Awareness", "Interest", "Consideration", "Purchase", "Onboarding", "Repurchase", "Advocacy", "Support",
      "Refund", "Dormant", "Return", "Loyalty")  # fmt: skip

COLOURS = {name: stage_colour(place) for names in (KO, EN) for place, name in enumerate(names)}


@dataclass(frozen=True)
class FakeFlows:
    links: pd.DataFrame
    nodes: pd.DataFrame
    colours: dict
    n_customers: int
    direction: str = "forward"
    unit: str = "customer"
    steps: int = 6
    n_shown: int = 0
    finding: Finding = field(default_factory=lambda: Finding("flows.none"))
    notes: tuple = ()


LINK_COLUMNS = ["step", "source", "source_kind", "target", "target_kind", "customers", "share", "low", "high"]
NODE_COLUMNS = ["step", "name", "kind", "customers", "position"]


def counted(routes, names, *, steps, backward=False, active_of=0.2, seed=3) -> FakeFlows:
    """Links and nodes of routes (lists of stage positions), counted one by one."""
    rng = random.Random(seed)
    links, nodes = Counter(), Counter()
    for route in routes:
        if backward:
            shown = route[-steps:]
            ks = [i - len(shown) + 1 for i in range(len(shown))]
            begin = "start" if len(route) <= steps else "earlier"
            links[ks[0], "", begin, names[shown[0]], "stage"] += 1
        else:
            shown, ks = route[:steps], list(range(1, steps + 1))
            end = "more" if len(route) > steps else "active" if rng.random() < active_of else "exit"
            links[ks[len(shown) - 1], names[shown[-1]], "stage", "", end] += 1
        for k, a in zip(ks, shown, strict=False):
            nodes[k, names[a], "stage"] += 1
        for k, a, b in zip(ks, shown, shown[1:], strict=False):
            links[k, names[a], "stage", names[b], "stage"] += 1
    totals = {}
    for k, a, ak, b, bk in links:
        at = (k, a, ak) if ak == "stage" else (k, b, bk)
        totals[at] = nodes[at]
    rows = []
    for (k, a, ak, b, bk), n in sorted(links.items()):
        whole = totals[(k, a, ak) if ak == "stage" else (k, b, bk)]
        p = n / whole
        half = 1.96 * (p * (1 - p) / whole) ** 0.5
        rows.append((k, a, ak, b, bk, n, p, max(p - half, 0), min(p + half, 1)))
    order = {name: i for i, name in enumerate(names)}
    return FakeFlows(
        links=pd.DataFrame(rows, columns=LINK_COLUMNS),
        nodes=pd.DataFrame(
            [(k, name, kind, n, order[name]) for (k, name, kind), n in sorted(nodes.items())],
            columns=NODE_COLUMNS,
        ),
        colours={name: stage_colour(i) for i, name in enumerate(names)},
        n_customers=len(routes),
        direction="backward" if backward else "forward",
        steps=steps,
    )


def journeys(n, stages, *, seed=1, stay=0.72, into=None):
    """Routes that mostly go on to the next stage, sometimes jump, sometimes go back."""
    rng = random.Random(seed)
    routes = []
    for _ in range(n):
        at = min(int(rng.expovariate(0.9)), stages - 1)
        route = [at]
        while rng.random() < stay and len(route) < 20:
            step = rng.choices((1, 2, -1, 3, -2), (0.6, 0.15, 0.14, 0.06, 0.05))[0]
            nxt = min(max(at + step, 0), stages - 1)
            if nxt == at:
                break
            route.append(nxt)
            at = nxt
        if into is not None:
            if into not in route:
                continue
            route = route[: len(route) - route[::-1].index(into)]
        routes.append(route)
    return routes


def sampled(n=500, stages=5, steps=5, *, names=KO, seed=1, backward=False, stay=0.72) -> FakeFlows:
    """Flows of `n` simulated customers; backward leads into the fourth stage."""
    routes = journeys(n, stages, seed=seed, stay=stay, into=min(3, stages - 1) if backward else None)
    return counted(routes, names[:stages], steps=steps, backward=backward)


def nothing() -> FakeFlows:
    return FakeFlows(pd.DataFrame(columns=LINK_COLUMNS), pd.DataFrame(columns=NODE_COLUMNS), {}, 0)


@dataclass(frozen=True)
class FakeReach:
    table: pd.DataFrame
    n_customers: int = 0
    unit: str = "customer"
    colours: dict = field(default_factory=lambda: COLOURS)


@dataclass(frozen=True)
class FakeRoutes:
    table: pd.DataFrame
    n_customers: int = 0
    unit: str = "customer"
    colours: dict = field(default_factory=lambda: COLOURS)


REACH_COLUMNS = [
    "stage",
    "customers",
    "share",
    "low",
    "high",
    "rows",
    "exits",
    "active",
    "drop_off",
    "drop_low",
    "drop_high",
    "goal",
]
ROUTE_COLUMNS = ["rank", "route", "customers", "share", "low", "high", "median_seconds"]


def reached(stages=5, *, names=KO, of=200) -> FakeReach:
    """Each stage is reached by a smaller share; the last is the goal and nobody can drop off there."""
    rows = []
    for i, name in enumerate(names[:stages]):
        share = 0.9 / (i + 1)
        goal = i == stages - 1
        drop = (math.nan,) * 3 if goal else (0.3, 0.2, 0.4)
        rows.append((name, round(of * share), share, share - 0.05, share + 0.05, 10, 3, 1, *drop, goal))
    return FakeReach(pd.DataFrame(rows, columns=REACH_COLUMNS), of)


def routed(n=300, stages=5, *, names=KO, stay=0.72) -> FakeRoutes:
    found = Counter(tuple(route) for route in journeys(n, stages, stay=stay)).most_common(50)
    rows = [
        (rank, [names[a] for a in route], k, k / n, max(k / n - 0.01, 0), k / n + 0.01, len(route) * 90_000.0)
        for rank, (route, k) in enumerate(found, 1)
    ]
    return FakeRoutes(pd.DataFrame(rows, columns=ROUTE_COLUMNS), n)
