"""Every count of docs/numbers.md once more, as plain loops over tiny logs, sharing no code with the package.

A row is `Row(customer, event, minute, value, session)`; `places` gives the stage of an event (absent: not
mapped), `order` the stages from first to last. Names stand for nodes; a node is a pair (kind, name).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

MISSING = ("missing", "")


@dataclass(frozen=True)
class Row:
    customer: str
    event: str
    minute: int
    value: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class Rules:
    """The setting of a question, as a user would put it."""

    order: tuple[str, ...]
    places: dict[str, str]
    group: str = "stage"  # "stage", "event" or "value"
    steps: int = 6
    start: tuple[str, str] | None = None
    into: tuple[str, str] | None = None
    min_customers: int = 0
    nodes: int | None = None
    within: float = 30 * 24 * 60
    window: tuple[float, float] | None = None  # observed, in minutes; None: first to last row


def histories(rows):
    """All rows of each customer in the order of time, then event name."""
    found = defaultdict(list)
    for row in rows:
        found[row.customer].append(row)
    for history in found.values():
        history.sort(key=lambda row: (row.minute, row.event))
    return dict(found)


def sessions(rows, gap):
    """The same rows with a customer of their own for each session: (customer, number)."""
    found = []
    for customer, history in histories(rows).items():
        named, loose = defaultdict(list), []
        for row in history:
            (loose if row.session is None else named[row.session]).append(row)
        runs = []
        for row in loose:
            if not runs or row.minute - runs[-1][-1].minute > gap:
                runs.append([])
            runs[-1].append(row)
        runs = [(part[0].minute, "", part) for part in runs]
        runs += [(part[0].minute, name, part) for name, part in named.items()]
        for number, (_, _, part) in enumerate(sorted(runs, key=lambda run: run[:2]), start=1):
            found += [Row((customer, number), r.event, r.minute, r.value) for r in part]
    return found


def visits(history, rules):
    """The runs of one customer's mapped rows in one node: [(node, first minute, last minute)]."""
    mapped = [row for row in history if row.event in rules.places]
    mapped.sort(
        key=lambda r: (
            r.minute,
            rules.order.index(rules.places[r.event]),
            r.event,
            r.value is None,
            r.value or "",
        )
    )
    runs = []
    for row in mapped:
        if rules.group == "stage":
            node = ("stage", rules.places[row.event])
        elif rules.group == "event":
            node = ("stage", row.event)
        else:
            node = MISSING if row.value is None else ("stage", row.value)
        if runs and runs[-1][0] == node:
            runs[-1][2] = row.minute
        else:
            runs.append([node, row.minute, row.minute])
    return [tuple(run) for run in runs]


def is_active(history, rows, rules):
    """Is the last row of any kind so late that more may follow?"""
    start, end = rules.window or (min(r.minute for r in rows), max(r.minute for r in rows))
    return max(row.minute for row in history) >= end - min(rules.within, (end - start) / 4)


def position(node, rules):
    """Where a node stands among the nodes of its step: stage order, else by stage then name; missing last."""
    if rules.group == "stage":
        return (0, rules.order.index(node[1]), "")
    if rules.group == "event":
        return (0, rules.order.index(rules.places[node[1]]), node[1])
    return (node == MISSING, 0, node[1])


def drawn(rows, rules):
    """What each customer adds to the picture: {customer: [(step, node)]} and its ends, before folding.

    A forward customer has one end (step of its last drawn node, kind); a backward one has one beginning.
    """
    found = {}
    for customer, history in histories(rows).items():
        path = [node for node, _, _ in visits(history, rules)]
        if rules.into is not None:
            if rules.into not in path:
                continue
            while path[-1] != rules.into:
                path.pop()
            steps = list(range(-len(path) + 1, 1))
            seen = [(step, node) for step, node in zip(steps, path, strict=True) if step > -rules.steps]
            end = (seen[0][0], "start" if len(seen) == len(path) else "earlier")
        else:
            if rules.start is not None:
                if rules.start not in path:
                    continue
                while path[0] != rules.start:
                    path.pop(0)
            if not path:
                continue
            seen = [(step, node) for step, node in enumerate(path, start=1) if step <= rules.steps]
            if len(path) > rules.steps:
                end = (rules.steps, "more")
            else:
                end = (len(path), "active" if is_active(history, rows, rules) else "exit")
        found[customer] = (seen, end)
    return found


def folded(pictures, rules):
    """Rename the nodes of a step that are under the minimum, or beyond the number kept, to other."""
    at = defaultdict(lambda: defaultdict(int))
    for seen, _ in pictures.values():
        for step, node in seen:
            at[step][node] += 1
    names = {}
    for step, counts in at.items():
        ranked = sorted(counts, key=lambda node: (-counts[node], position(node, rules)))
        for rank, node in enumerate(ranked):
            keep = counts[node] >= rules.min_customers and (rules.nodes is None or rank < rules.nodes)
            names[step, node] = node if keep else ("other", "other")
    return {
        customer: ([(step, names[step, node]) for step, node in seen], end)
        for customer, (seen, end) in pictures.items()
    }


def flows(rows, rules):
    """Who is at each link and node: {(step, source, target): customers}, {(step, node): customers}."""
    links, nodes = defaultdict(set), defaultdict(set)
    for customer, (seen, (end_step, end_kind)) in folded(drawn(rows, rules), rules).items():
        for step, node in seen:
            nodes[step, node].add(customer)
        for (step, source), (_, target) in pairwise(seen):
            links[step, source, target].add(customer)
        end = (end_kind, end_kind)
        if rules.into is not None:
            links[end_step, end, seen[0][1]].add(customer)
        else:
            links[end_step, seen[-1][1], end].add(customer)
    return dict(links), dict(nodes)


def reach(rows, rules):
    """{stage: (customers, exits, active, rows)}."""
    found = {stage: [set(), set(), set(), 0] for stage in rules.order}
    for customer, history in histories(rows).items():
        path = [name for (_, name), _, _ in visits(history, rules)]
        for stage in path:
            found[stage][0].add(customer)
        if path:
            found[path[-1]][2 if is_active(history, rows, rules) else 1].add(customer)
    for row in rows:
        if row.event in rules.places:
            found[rules.places[row.event]][3] += 1
    return {stage: (len(a), len(b), len(c), n) for stage, (a, b, c, n) in found.items()}


def routes(rows, rules):
    """{route: (customers, median seconds from first to last mapped row, nearest rank)}."""
    found = defaultdict(list)
    for history in histories(rows).values():
        path = visits(history, rules)
        if path:
            found[tuple(name for (_, name), _, _ in path)].append((path[-1][2] - path[0][1]) * 60)
    return {
        route: (len(times), sorted(times)[math.ceil(len(times) / 2) - 1]) for route, times in found.items()
    }


def wilson(k, n, z=1.959963984540054):
    """The interval of a share k / n, as Wilson (1927) wrote it."""
    if n == 0:
        return (math.nan, math.nan)
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (max(0.0, middle - half), min(1.0, middle + half))
