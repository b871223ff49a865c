"""The page of segments: conditions with a live count, saved, and taken away without loss for others."""

import pytest

from journey.i18n import text
from journey.projects.store import Store
from journey.stages.segment import segments
from tests.pages.test_every_page import said

DID = {"did": {"event": "결제 완료"}}


def kept(home, project):
    return {one.name: one for one in segments(Store(home).open(project).state.settings)}


@pytest.mark.parametrize("query", [{}, {"demo": "1"}], ids=["plain", "demo"])
def test_conditions_are_counted_at_once_and_kept_as_a_segment(app, sample_project, home, query):
    project = sample_project("en")
    at = app("en", "overlap", project, **query)
    add = f"{project}.rule.add."
    at.selectbox(key=add).set_value("orders:count").run()
    several = at.metric[0].value
    at.selectbox(key=add).set_value("attribute:지역").run()
    # What is still to be filled in changes nothing.
    assert at.metric[0].value == several
    at.multiselect(key=f"{project}.rule.1.values").set_value(["부산"]).run()
    both = at.metric[0].value
    assert int(both.replace(",", "")) < int(several.replace(",", ""))
    at.toggle(key=f"{project}.rule.1.not").set_value(True).run()
    assert not at.exception
    left = int(several.replace(",", "")) - int(both.replace(",", ""))
    assert at.metric[0].value == text("segments.count_n", "en", n=left)
    at.text_input(key=f"{project}.rule.name").set_value("Not Busan").run()
    at.button(key="rule_keep").click().run()
    assert not at.exception
    rule = {
        "all": [{"orders": {"what": "count", "from": 2}}, {"not": {"attribute": "지역", "values": ["부산"]}}]
    }
    assert kept(home, project)["Not Busan"].rule == rule


def test_what_uses_a_removed_segment_keeps_its_conditions_and_what_is_gone_is_said(app, sample_project, home):
    project = sample_project("en")
    opened = Store(home).open(project)
    for id_, name, rule in (
        ("0123456789ab", "Buyers", DID),
        ("0123456789ac", "Others", {"not": {"segment": "0123456789ab"}}),
        ("0123456789ad", "Lost", {"did": {"stage": "s99"}}),
    ):
        opened.apply({"op": "setting", "name": f"segment.{id_}", "value": {"name": name, "rule": rule}})
    at = app("en", "overlap", project)
    assert not at.error
    assert any("Lost" in words and ":orange[" in words for words in said(at))
    at.button(key="shelf_remove_0123456789ab").click().run()
    assert not at.exception
    assert kept(home, project)["Others"].rule == {"not": DID}
    assert set(kept(home, project)) == {"Others", "Lost"}


def test_rfm_groups_are_conditions_by_their_own_names_and_two_segments_make_a_table(
    app, sample_project, home
):
    project = sample_project("ko")
    opened = Store(home).open(project)
    names = {"rfm.names": {"risk": "**떠날** 손님"}, "overlap.view.look": "pairs"}
    opened.apply({"op": "settings", "values": names})
    at = app("ko", "overlap", project)
    field = at.selectbox(key=f"{project}.rule.add.")
    assert "RFM 등급 · **떠날** 손님" in field.options
    field.select_index(field.options.index("RFM 등급 · **떠날** 손님")).run()
    at.button(key="rule_keep").click().run()
    assert not at.exception
    kept_now = kept(home, project)
    assert kept_now["RFM 등급 **떠날** 손님"].rule == {"rfm": {"groups": ["risk"]}}
    (id_,) = (one.id for one in kept_now.values())
    value = {"name": "아님", "rule": {"not": {"segment": id_}}}
    opened.apply({"op": "setting", "name": "segment.0123456789ab", "value": value})
    at = app("ko", "overlap", project)
    assert not at.exception
    heads = [list(one.value.columns) for one in at.dataframe]
    assert any(text("column.both", "ko") in columns for columns in heads), heads
