"""A card that is bound says what a walk over the rows says, and what the page of its thing says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from journey.aggregates.bound import Bound, bound, head_key, heads_of
from journey.analysis.friction import friction
from tests.analysis.logs import EVENTS, STAGES, event_log, mapped, places, rows, stage_map
from tests.analysis.oracle import Row


@given(rows(), places())
def test_events_and_links_are_shares_of_customers_as_a_walk_counts_them(found, placed):
    log, stages = event_log(found), stage_map(placed)
    told = Bound(log, stages)
    everybody = {row.customer for row in found}
    for event in EVENTS:
        those = {row.customer for row in found if row.event == event}
        figure = told.figure({"kind": "event", "event": event})
        if not those:
            assert figure is None
            continue
        assert (figure.value, figure.n) == (len(those) / len(everybody), len(everybody))
    paths = {}
    for row in sorted(found, key=lambda row: (row.customer, row.minute)):
        paths.setdefault(row.customer, []).append(row)
    if any(len({row.minute for row in own}) < len(own) for own in paths.values()):
        return  # rows of one instant are told apart by the visits' own tests
    places_ = mapped(placed)
    for source in STAGES:
        for target in STAGES:
            came, went = set(), set()
            for who, own in paths.items():
                seen = [places_[row.event] for row in own if row.event in places_]
                came |= {who} if source in seen else set()
                went |= {who} if (source, target) in pairwise(seen) else set()
            link = {"kind": "link", "from": stages.named(source).id, "to": stages.named(target).id}
            figure = told.figure(link)
            if source == target:
                assert figure is None
            else:
                share = len(went) / len(came) if came else np.nan
                assert figure.n == len(came)
                np.testing.assert_equal(figure.value, share)


@given(rows(), places())
def test_a_line_of_friction_has_the_score_of_its_page(found, placed):
    log, stages = event_log(found), stage_map(placed)
    told = Bound(log, stages)
    for group in ("stage", "event"):
        answer = friction(log, stages, group=group)
        for line in answer.table.itertuples():
            name = stages.named(line.name).id if group == "stage" else line.name
            figure = told.figure({"kind": "friction", "of": group, "name": name})
            np.testing.assert_equal(figure.value, line.score)
            assert figure.n == line.customers
            if answer.headline is not None and answer.headline.values == {"stage": line.name}:
                assert figure.is_same_as(answer.headline)
                assert (figure.low, figure.high) == pytest.approx((answer.headline.low, answer.headline.high))


def test_a_segment_is_told_by_its_members_and_what_is_gone_by_nothing():
    log, stages = event_log([Row("a", "가입", 0), Row("b", "가입", 0)]), stage_map({"가입": "인지"})
    members = {"one": ("첫 고객", np.array([True, False])), "lost": ("없어진 규칙", None)}
    figure = bound(log, stages, {"kind": "segment", "segment": "one"}, members=members)
    assert (figure.value, figure.n, figure.values) == (0.5, 2, {"segment": "첫 고객"})
    gone = [
        {"kind": "segment", "segment": "lost"},
        {"kind": "segment", "segment": "other"},
        {"kind": "stage", "stage": "gone"},
        {"kind": "event", "event": "gone"},
        {"kind": "link", "from": "gone", "to": stages.stages[0].id},
        {"kind": "friction", "of": "stage", "name": "gone"},
        {"kind": "friction", "of": "event", "name": "gone"},
        {"kind": "answer", "cell": "abc"},
        {},
    ]
    assert [bound(log, stages, link, members=members) for link in gone] == [None] * len(gone)
    stage = stages.stages[0].id
    heads = heads_of(Bound(log, stages))
    assert heads[head_key(stage, "reach")] == bound(log, stages, {"kind": "stage", "stage": stage})
    assert bound(log, stages, {"kind": "stage", "stage": stage, "measure": "time"}).form == "seconds"
