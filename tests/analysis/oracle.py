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
    before: int = 0
    # Nodes, any of which counts: ("stage", name), or ("missing", "").
    start: tuple[tuple[str, str], ...] | None = None
    into: tuple[tuple[str, str], ...] | None = None
    through: tuple[tuple[str, str], ...] | None = None
    between: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] | None = None
    occurrence: int | str | None = None
    hide: tuple[tuple[str, str], ...] = ()
    join: tuple[tuple[tuple[str, str], ...], ...] = ()
    repeats: bool = False
    expand: tuple[str, str] | None = None  # the node whose visits go by the value
    where: tuple[str | None, ...] | None = None
    where_at: str = "start"
    opened: tuple[int, ...] = ()
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
    return [
        (as_drawn(node, rows[0], rules), rows[0].minute, rows[-1].minute)
        for node, rows in runs(history, rules)
    ]


def runs(history, rules):
    """The same with the rows of each run, and the expanded node still whole: [(node, rows)]."""
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
    found = []
    for row in mapped:
        if rules.group == "stage":
            node = ("stage", rules.places[row.event])
        elif rules.group == "event":
            node = ("stage", row.event)
        else:
            node = MISSING if row.value is None else ("stage", row.value)
        if node in rules.hide:
            continue
        node = united(node, rules)
        if found and found[-1][0] == node and not rules.repeats:
            found[-1][1].append(row)
        else:
            found.append((node, [row]))
    return found


def united(node, rules):
    """The node under which this one is drawn: of joined ones all names, in their order."""
    for group in rules.join:
        inside = sorted({*group} - {*rules.hide}, key=lambda one: position(one, rules))
        if node in inside and len(inside) > 1:
            return ("joined", " + ".join(name or "–" for _, name in inside))
    return node


def as_drawn(node, row, rules):
    """The node of a visit that begins with this row: its part, if it is the expanded one."""
    if rules.expand is None or rules.expand in rules.hide or node != united(rules.expand, rules):
        return node
    return ("part", f"{node[1] or '–'} · {row.value or '–'}")


def is_active(history, rows, rules):
    """Is the last row of any kind so late that more may follow?"""
    start, end = rules.window or (min(r.minute for r in rows), max(r.minute for r in rows))
    return max(row.minute for row in history) >= end - min(rules.within, (end - start) / 4)


def position(node, rules):
    """Where a node stands among the nodes of its step: stage order, else by stage then name; missing last.

    Joined nodes stand where their first one would, parts where their node would, by value, missing last.
    """
    kind, name = node
    if kind == "part":
        value = name.rpartition(" · ")[2]
        return (*position(united(rules.expand, rules), rules)[:3], (value == "–", value))
    if kind == "joined":
        every = [one for group in rules.join for one in group]
        return min(position(one, rules) for one in every if united(one, rules) == node)
    if rules.group == "stage":
        return (0, rules.order.index(name), "", (False, ""))
    if rules.group == "event":
        return (0, rules.order.index(rules.places[name]), name, (False, ""))
    return (node == MISSING, 0, name, (False, ""))


def hits(path, nodes, rules, default):
    """The places in a path at which one of the nodes stands, and the one that the occurrence asks for."""
    wanted = {united(node, rules) for node in nodes if node not in rules.hide}
    places = [place for place, (node, _) in enumerate(path) if node in wanted]
    which = rules.occurrence or default
    if which == "last":
        return places[-1:]
    number = 1 if which == "first" else which
    return places[number - 1 : number]


def drawn(rows, rules):
    """What each customer adds to the picture: {customer: ([(step, node)], beginning, end)}, before folding.

    The end is (step of the last drawn node, kind), the beginning (step of the first one, kind); None where
    there is none in a picture of that kind.
    """
    found = {}
    for customer, history in histories(rows).items():
        path = runs(history, rules)
        zero, last, begins, ends = 0, len(path) - 1, False, True
        first_step, last_step, at = 1, rules.steps, 1
        if rules.start is not None:
            places = hits(path, rules.start, rules, "first")
        elif rules.into is not None:
            places = hits(path, rules.into, rules, "last")
            first_step, last_step, at, begins, ends = 1 - rules.steps, 0, 0, True, False
        elif rules.through is not None:
            places = hits(path, rules.through, rules, "first")
            first_step, at, begins = -rules.before, 0, True
        elif rules.between is not None:
            places = hits(path, rules.between[0], rules, "first")
            goals = {united(node, rules) for node in rules.between[1] if node not in rules.hide}
            later = [p for p in range(places[0] + 1, len(path)) if path[p][0] in goals] if places else []
            last = later[0] if later else 0
            places = places if later else []
        else:
            places = [0] if path else []
        if not places:
            continue
        (zero,) = places
        seen = [
            (place - zero + at, place)
            for place in range(0 if begins else zero, (zero if not ends else last) + 1)
            if first_step <= place - zero + at <= last_step
        ]
        edge = path[seen[0 if rules.where_at == "start" else -1][1]][1][0]
        if rules.where is not None and edge.value not in rules.where:
            continue
        beginning = end = None
        if begins:
            beginning = (seen[0][0], "earlier" if seen[0][1] else "start")
        if ends and seen[-1][1] < len(path) - 1:
            end = (seen[-1][0], "more")
        elif ends:
            end = (seen[-1][0], "active" if is_active(history, rows, rules) else "exit")
        nodes = [(step, as_drawn(path[place][0], path[place][1][0], rules)) for step, place in seen]
        found[customer] = (nodes, beginning, end)
    return found


def folded(pictures, rules):
    """Rename the nodes of a step that are under the minimum, or beyond the number kept, to other."""
    at = defaultdict(lambda: defaultdict(int))
    for seen, _, _ in pictures.values():
        for step, node in seen:
            at[step][node] += 1
    names = {}
    for step, counts in at.items():
        ranked = sorted(counts, key=lambda node: (-counts[node], position(node, rules)))
        for rank, node in enumerate(ranked):
            keep = counts[node] >= rules.min_customers and (rules.nodes is None or rank < rules.nodes)
            names[step, node] = node if keep or step in rules.opened else ("other", "other")
    return {
        customer: ([(step, names[step, node]) for step, node in seen], beginning, end)
        for customer, (seen, beginning, end) in pictures.items()
    }


def flows(rows, rules):
    """Who is at each link and node: {(step, source, target): customers}, {(step, node): customers}."""
    links, nodes = defaultdict(set), defaultdict(set)
    for customer, (seen, beginning, end) in folded(drawn(rows, rules), rules).items():
        for step, node in seen:
            nodes[step, node].add(customer)
        for (step, source), (_, target) in pairwise(seen):
            links[step, source, target].add(customer)
        if beginning is not None:
            links[beginning[0], (beginning[1],) * 2, seen[0][1]].add(customer)
        if end is not None:
            links[end[0], seen[-1][1], (end[1],) * 2].add(customer)
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
