"""Rules of segments: what is one, and how saved ones are written out."""

import pytest

from journey.errors import SegmentMissing, SettingWrong
from journey.stages.segment import Segment, checked, resolved, segments

DID = {"did": {"event": "담기"}, "at_least": 2}


@pytest.mark.parametrize(
    "rule",
    [
        DID,
        {"attribute": "채널", "values": ["검색", None]},
        {"all": [DID, {"not": {"period": ["2024-01-01", "2024-01-31"]}}]},
        {"any": [{"did": {"stage": "s1"}}, {"segment": "0123456789ab"}]},
        {"link": {"step": 1, "source": "인지"}},
        {"ended": {"event": "담기"}},
        {"did": {"event": "담기"}, "at_most": 0},
        {"did": {"stage": "s1"}, "at_least": 2, "at_most": 2, "last_days": 30},
        {"did": {"stage": "s1"}, "days": ["2024-01-01", "2024-01-31"]},
        {"looped": {"stage": "s1"}},
        {"skipped": {"stage": "s1"}},
        {"number": {"attribute": "나이", "from": 20, "to": 29.5}},
        {"number": {"attribute": "가입일", "from": "2024-01-01", "to": None}},
        {"orders": {"what": "count", "from": 2, "to": 2, "last_days": 90, "purchases": ["사기"]}},
        {"orders": {"what": "days_since", "to": 30}},
        {"score": {"question": "추천", "from": 0, "to": 6}},
        {"rating": {"to": 2}},
        {"stuck": {"stage": "s1", "attribute": "채널", "value": "검색"}},
        {"stuck": {"event": "담기", "attribute": "채널", "value": "검색"}},
    ],
)
def test_a_rule_is_what_it_was(rule):
    assert checked(rule) == rule


@pytest.mark.parametrize(
    "rule",
    [
        {},
        [],
        None,
        {"did": {"event": "a"}, "not": DID},
        {"did": {"event": 3}},
        {"did": {"event": "a"}, "at_least": 0},
        {"did": {"event": "a"}, "at_least": True},
        {"did": {"event": "a"}, "at_least": 3, "at_most": 2},
        {"did": {"event": "a"}, "last_days": 0},
        {"did": {"event": "a"}, "days": ["2024-01-01", "2024-01-31"], "last_days": 3},
        {"looped": {"stage": "s1", "event": "a"}},
        {"skipped": {"event": "a"}},
        {"number": {"attribute": "a"}},
        {"number": {"attribute": "a", "from": 3, "to": 2}},
        {"number": {"attribute": "a", "from": float("nan")}},
        {"number": {"attribute": "a", "from": "2024-13-01"}},
        {"number": {"attribute": "a", "from": "2024-01-01", "to": 3}},
        {"number": {"from": 1}},
        {"orders": {"what": "average", "from": 1}},
        {"orders": {"what": "count", "from": 1, "last_days": "30"}},
        {"orders": {"what": "count", "from": 1, "purchases": "사기"}},
        {"score": {"question": "추천", "from": True}},
        {"score": {"question": "추천", "from": 10**400}},
        {"rating": {"from": "1"}},
        {"rating": {"from": 1, "more": 1}},
        {"rating": 3},
        {"attribute": "a"},
        {"ended": {"stage": "s1", "event": "a"}},
        {"ended": "s1"},
        {"stuck": {"stage": "s1", "attribute": "채널"}},
        {"stuck": {"attribute": "채널", "value": "검색"}},
        {"stuck": {"stage": "s1", "attribute": "채널", "value": None}},
        {"attribute": "a", "values": [3]},
        {"all": []},
        {"period": ["2024-02-01", "2024-01-01"]},
        {"period": ["yesterday", "today"]},
        {"magic": 1},
    ],
)
def test_anything_else_is_refused(rule):
    with pytest.raises(SettingWrong):
        checked(rule)


def test_a_rule_in_a_rule_in_a_rule_has_an_end():
    rule = DID
    for _ in range(9):
        rule = {"not": rule}
    with pytest.raises(SettingWrong):
        checked(rule)


def test_saved_segments_come_by_name_and_what_is_none_is_left_out():
    kept = {
        "segment.0123456789ab": {"name": "나", "rule": DID},
        "segment.0123456789ac": {"name": "가", "rule": {"not": DID}},
        "segment.0123456789ad": {"name": " ", "rule": DID},
        "segment.0123456789ae": {"name": "다", "rule": {"magic": 1}},
        "segment.else": {"name": "라", "rule": DID},
        "flows.steps": 3,
    }
    assert segments(kept) == (
        Segment("0123456789ac", "가", {"not": DID}),
        Segment("0123456789ab", "나", DID),
    )


def test_a_saved_segment_is_written_out_wherever_it_stands():
    known = {"a": {"not": {"segment": "b"}}, "b": DID}
    assert resolved({"all": [{"segment": "a"}, DID]}, known) == {"all": [{"not": DID}, DID]}


@pytest.mark.parametrize(
    "known", [{}, {"a": {"segment": "a"}}, {"a": {"segment": "b"}, "b": {"segment": "a"}}]
)
def test_a_segment_that_is_gone_or_about_itself_is_missing(known):
    with pytest.raises(SegmentMissing):
        resolved({"segment": "a"}, known)
