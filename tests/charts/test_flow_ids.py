from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.charts.flow_ids import PickedLink, PickedNode, link_id, node_id, parse_id

NAMES = st.text(max_size=20) | st.sampled_from(
    ["a:b", "a→b", "%3A", "", "N:1:stage:x", "\ud800", "</script>"]
)

KINDS = st.sampled_from(["stage", "exit", "active", "more", "other", "start", "earlier", "missing"])


@given(st.integers(-12, 12), NAMES, KINDS, NAMES, KINDS)
def test_an_id_comes_back_whole_whatever_the_names_are(step, source, source_kind, target, target_kind):
    link = PickedLink(step, source, source_kind, target, target_kind)
    assert parse_id(link_id(link)) == link
    assert parse_id(node_id(step, source_kind, source)) == PickedNode(step, source, source_kind)
    link_id(link).encode()


@pytest.mark.parametrize("text", ["", "L:", "N:1", "L:x:stage:a→stage:b", "X:1:stage:a"])
def test_what_is_no_id_is_nothing(text):
    assert parse_id(text) is None


def test_a_link_row_may_be_any_object_with_the_columns():
    row = SimpleNamespace(step=1, source="a", source_kind="stage", target="", target_kind="exit")
    assert link_id(row) == "L:1:stage:a→exit:"
