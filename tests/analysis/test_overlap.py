"""Who is in several segments at once: against loops over sets, and the laws of sets."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.combinations import combinations as counted
from journey.analysis.overlap import overlap
from journey.errors import SettingWrong
from journey.statistics.corrections import false_discovery
from journey.statistics.odds import independence
from tests.analysis.logs import EVENTS, event_log, places, rows, speak, stage_map
from tests.analysis.oracle import Row
from tests.endurance import examples

CUSTOMERS = tuple("abcdefgh")


@settings(max_examples=examples(60))
@given(rows(customers=CUSTOMERS), places(), st.lists(st.sampled_from(EVENTS), max_size=4))
def test_every_count_is_that_of_sets(found, placed, events):
    answer = overlap(
        event_log(found), stage_map(placed), rules=[{"did": {"event": one}} for one in events], names=events
    )
    everybody = {row.customer for row in found}
    groups = [{row.customer for row in found if row.event == event} for event in events]
    assert answer.n_customers == len(everybody)
    assert answer.sizes["customers"].tolist() == [len(group) for group in groups]
    for place, group in enumerate(groups):
        rest = set().union(*(other for at, other in enumerate(groups) if at != place))
        assert answer.sizes["only"][place] == len(group - rest)
    exact = {}
    for who in everybody if events else ():
        own = tuple(place for place, group in enumerate(groups) if who in group)
        exact[own] = exact.get(own, 0) + 1
    assert dict(zip(answer.table["places"], answer.table["customers"], strict=True)) == exact
    sizes = [n for own, n in zip(answer.table["places"], answer.table["customers"], strict=True) if own]
    assert sizes == sorted(sizes, reverse=True)
    for row, (a, b) in zip(answer.pairs.itertuples(), combinations(range(len(events)), 2), strict=True):
        met, either = len(groups[a] & groups[b]), len(groups[a] | groups[b])
        assert (row.segment, row.other, row.both) == (events[a], events[b], met)
        if groups[a] and groups[b]:
            assert row.share_a == met / len(groups[a]) and row.share_b == met / len(groups[b])
            assert row.jaccard == met / either
            assert row.lift == pytest.approx(
                met / len(everybody) / (len(groups[a]) / len(everybody) * len(groups[b]) / len(everybody))
            )
    speak(answer)


def flagged(*groups, of):
    log = event_log([Row(f"{number:04d}", "보기", number) for number in range(of)])
    flags = []
    for group in groups:
        flags.append(np.zeros(of, dtype=bool))
        flags[-1][list(group)] = True
    return log, flags


def test_two_segments_that_meet_more_often_than_by_chance_are_the_finding():
    log, flags = flagged(range(300), range(200, 500), range(0, 1000, 10), of=1000)
    answer = overlap(log, stage_map({}), rules=flags, names=["가", "나", "다"])
    # 100 of 300 and 300 of 1,000: 90 are expected; the third is spread evenly.
    assert answer.pairs["both"].tolist() == [100, 30, 30]
    assert answer.pairs["lift"].round(6).tolist() == [1.111111, 1.0, 1.0]
    p = independence([100, 30, 30], [300, 300, 300], [200, 70, 70], [700, 700, 700])
    np.testing.assert_allclose(answer.pairs["q"], false_discovery(p))
    assert answer.finding.code == "overlap.finding_largest"
    log, flags = flagged(range(300), range(150, 350), of=1000)
    answer = overlap(log, stage_map({}), rules=flags, names=["가", "나"])
    assert answer.finding.code == "overlap.finding_meet"
    assert answer.finding.values == {
        "segment": "나",
        "other": "가",
        "customers": 150,
        "share": 0.75,
        "times": 2.5,
    }
    assert answer.headline.value == 0.35
    speak(answer)


def test_a_segment_that_is_empty_and_no_segment_at_all_are_answers():
    log, flags = flagged((), of=60)
    answer = overlap(log, stage_map({}), rules=flags, names=["없음"])
    assert answer.finding.code == "overlap.finding_nobody"
    assert answer.table["customers"].tolist() == [60] and answer.table["segments"].tolist() == [""]
    speak(answer)
    empty = overlap(log, stage_map({}))
    assert empty.finding.code == "overlap.finding_no_segments" and empty.table.empty and empty.pairs.empty
    speak(empty)


def test_the_sets_of_parts_add_up_and_twelve_are_the_most():
    random = np.random.default_rng(3)
    flags = [random.random(500) < 0.3 for _ in range(12)]
    parts = [counted([flag[part] for flag in flags], 250) for part in (slice(0, 250), slice(250, 500))]
    assert (sum(parts) == counted(flags, 500)).all()
    log, one = flagged(range(5), of=50)
    assert len(overlap(log, stage_map({}), rules=one * 12).sizes) == 12
    for wrong in ({"rules": one * 13}, {"rules": one, "names": ["a", "b"]}, {"rules": [one[0][:4]]}):
        with pytest.raises(SettingWrong):
            overlap(log, stage_map({}), **wrong)
