"""Random tiny logs, and the bridge from an oracle's rows to the package's own types."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from journey.events.log import EventLog
from journey.i18n import LANGUAGES, text
from journey.stages.stage_map import StageMap
from tests.analysis.oracle import Row, Rules

EVENTS = ("가입", "보기", "담기", "사기", "묻기", "쉬기")
STAGES = ("인지", "고려", "구매")
VALUES = ("강남", "부산")
DAY = 24 * 60
_BEGIN = int(pd.Timestamp("2024-01-01", tz="Asia/Seoul").timestamp()) * 1_000_000


def rows(*, most=24, customers=("a", "b", "c", "d"), minutes=None, sessions=False):
    """Few minutes, so that ties are common; values and sessions may be missing."""
    minute = st.one_of(st.integers(0, 6), st.integers(0, 200), st.integers(0, 90 * DAY))
    row = st.builds(
        Row,
        customer=st.sampled_from(customers),
        event=st.sampled_from(EVENTS),
        minute=minute if minutes is None else minutes,
        value=st.sampled_from([*VALUES, None]),
        session=st.sampled_from(["s1", "s2", None]) if sessions else st.none(),
    )
    # Left alone, two in five draws are a row or two, of which no law has much to say.
    return st.lists(row, min_size=most // 2, max_size=most) | st.lists(row, min_size=1, max_size=most)


def places():
    """Where each event stands: in a stage, ignored (None) or nowhere."""
    anywhere = st.sampled_from([*STAGES, *STAGES, None])
    return st.fixed_dictionaries(dict.fromkeys(EVENTS, anywhere)) | st.dictionaries(
        st.sampled_from(EVENTS), anywhere
    )


def stage_map(placed, goal=None):
    """The stages with these placements; None puts an event into the bin."""
    stages = StageMap()
    for name in STAGES:
        stages = stages.add_stage(name)
    for event, stage in placed.items():
        stages = stages.ignore(event) if stage is None else stages.place(event, stages.named(stage).id)
    return stages if goal is None else stages.set_goal(stages.named(goal).id)


def mapped(placed):
    """The placements as the oracle wants them: mapped events only."""
    return {event: stage for event, stage in placed.items() if stage is not None}


def event_log(found, *, sessions=False, of="event"):
    """The log of these rows, minutes counted from 2024-01-01 in Korea."""
    what, value, who, session = (
        _codes([getattr(row, name) for row in found]) for name in ("event", "value", "customer", "session")
    )
    minutes = np.array([row.minute for row in found], dtype=np.int64)
    return EventLog.from_codes(
        *who,
        *what,
        _BEGIN + minutes * 60_000_000,
        attributes={"value": (*value, of)},
        session=session[0] if sessions else None,
        date_only=bool(2 * sum(minutes % DAY == 0) > len(found)),
    )


def _codes(texts):
    """Codes (-1 for None) into the distinct texts, sorted."""
    names = sorted({text for text in texts if text is not None})
    return np.array([-1 if t is None else names.index(t) for t in texts]), pa.array(names, pa.large_string())


@st.composite
def cases(draw, *, anchored=False, reshaped=False, sessions=False, minutes=None):
    """Rows, where their events stand, and the setting of a flow.

    `anchored`: perhaps from, into, through or between nodes; `reshaped`: perhaps with nodes hidden, joined or
    split, repeats, opened steps, and only those that begin or end with some value.
    """
    found = draw(rows(sessions=sessions, minutes=minutes))
    placed = draw(places())
    group = draw(st.sampled_from(["stage", "stage", "event", "value"]))
    rules = Rules(
        order=STAGES,
        places=mapped(placed),
        group=group,
        steps=draw(st.integers(1, 5)),
        min_customers=draw(st.sampled_from([0, 0, 2, 3])),
        nodes=draw(st.sampled_from([None, None, 1, 2])),
    )
    names = {
        "stage": STAGES,
        "event": sorted({row.event for row in found} & set(rules.places)),
        "value": [*sorted({row.value for row in found if row.value}), ""],
    }[group]
    known = [("stage" if name else "missing", name) for name in names]
    if anchored and known:
        some = st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True).map(tuple)
        way = draw(st.sampled_from([None, "start", "into", "through", "between"]))
        if way is not None:
            nodes = (draw(some), draw(some)) if way == "between" else draw(some)
            rules = replace(rules, **{way: nodes})
            rules = replace(rules, occurrence=draw(st.sampled_from([None, None, "first", "last", 1, 2])))
        if way == "through":
            rules = replace(rules, before=draw(st.integers(0, 3)))
    if reshaped and known:
        mixed = draw(st.permutations(known))
        rules = replace(
            rules,
            hide=tuple(draw(st.sampled_from([(), mixed[:1], mixed[-2:]]))),
            join=draw(st.sampled_from([(), (tuple(mixed[:2]),), (tuple(mixed[:2]), tuple(mixed[2:4]))])),
            repeats=draw(st.sampled_from([False, False, True])),
            expand=draw(st.sampled_from([None, *known])),
            where=draw(st.sampled_from([None, None, (None,), ("강남",), ("부산", None)])),
            where_at=draw(st.sampled_from(["start", "end"])),
            opened=draw(st.sampled_from([(), (1,), (-1, 0, 2)])),
        )
        rules = replace(rules, join=tuple(one for one in rules.join if len(one) > 1))
    return found, placed, rules


def disguised(found, random):
    """The same rows in another order, once more with other customer ids, and the new id of each old one."""
    shuffled = list(found)
    random.shuffle(shuffled)
    ids = ["z", "9", "가", "B"]
    random.shuffle(ids)
    new = dict(zip("abcd", ids, strict=True))
    return shuffled, [replace(row, customer=new[row.customer]) for row in shuffled], new


def setting_of(rules):
    """The oracle's setting as that of a flow."""

    def named(nodes):
        return nodes and [name for _, name in nodes]

    return {
        "steps": rules.steps,
        "before": rules.before,
        "group": rules.group,
        "start": named(rules.start),
        "into": named(rules.into),
        "through": named(rules.through),
        "between": rules.between and [named(nodes) for nodes in rules.between],
        "occurrence": rules.occurrence,
        "hide": named(rules.hide),
        "join": [named(nodes) for nodes in rules.join],
        "repeats": rules.repeats,
        "expand": rules.expand and [rules.expand[1], "value"],
        "where": None if rules.where is None else {"value": list(rules.where)},
        "where_at": rules.where_at if rules.where is not None else "whole",
        "opened": rules.opened,
        "min_customers": rules.min_customers,
        "nodes": rules.nodes,
    }


def call(question, log, stages, rules, **more):
    """Ask with the oracle's setting."""
    return question(log, stages, **setting_of(rules), **more)


def links_of(answer):
    """{(step, source, target): customers}, as the oracle writes it."""
    columns = ["step", "source_kind", "source", "target_kind", "target", "customers"]
    rows = answer.links[columns].itertuples(index=False, name=None)
    return {(step, (a, b), (c, d)): customers for step, a, b, c, d, customers in rows}


def nodes_of(answer):
    """{(step, node): customers}, as the oracle writes it."""
    rows = answer.nodes[["step", "kind", "name", "customers"]].itertuples(index=False, name=None)
    return {(step, (kind, name)): customers for step, kind, name, customers in rows}


def sizes(sets):
    """How many are in each."""
    return {key: len(who) for key, who in sets.items()}


def speak(answer):
    """Say the finding, its number and the notes in both languages: a missing word or value is an error."""
    headline = getattr(answer, "headline", None)
    return [
        text(said.code, language, **said.values)
        for said in (answer.finding, *answer.notes, *([headline] if headline else []))
        for language in LANGUAGES
    ]
