"""What changed on a map since its people saw it last."""

from __future__ import annotations

import json
import math

from journey.figures import Figure
from journey.projects.map_seen import MapSeen, changes, link_key, map_seen, seen_name, taken, with_new
from journey.stages.stage_map import StageMap

_STAGES = StageMap().add_stage("구매")


def _share(value, n=10):
    return Figure("bound.reach", value, "share", n)


def test_what_was_seen_is_written_and_read_again():
    seen = taken("log1", _STAGES, {"a": _share(0.5), "b": None, "c": Figure("x", math.nan, "seconds", 0)})
    written = json.loads(json.dumps(seen.to_json(), allow_nan=False))
    again = map_seen({seen_name("abc"): written}, "abc")
    assert again.source == seen.source and changes(again, taken("log2", _STAGES, seen.figures)) == {}
    assert (again.figures["a"].value, again.figures["a"].form) == (0.5, "share")
    for nothing in (None, [], {"log": 1}, {"log": "a", "stages": "b", "figures": 3}):
        assert map_seen({seen_name("abc"): nothing}, "abc") is None
    odd = map_seen({seen_name("abc"): {"log": "a", "stages": "b", "figures": {"a": "?"}}}, "abc")
    assert not odd.figures["a"].is_known


def test_of_one_log_and_stages_nothing_changed_and_what_is_new_is_no_change():
    before = taken("log1", _STAGES, {"a": _share(0.5), "gone": _share(0.1)})
    same = taken("log1", _STAGES, {"a": _share(0.6)})
    assert changes(before, same) == {} and changes(None, same) == {}
    assert with_new(None, same) == same and with_new(before, same) == same
    later = taken("log2", _STAGES, {"a": _share(0.5 + 1e-14), "new": _share(0.2)})
    seen = with_new(before, later)
    assert changes(before, later) == changes(seen, later) == {} and seen.source == before.source
    assert seen.figures == {**before.figures, "new": _share(0.2)}, "the next data are compared with that"
    last = taken("log3", _STAGES, {"a": _share(0.5), "new": _share(0.3)})
    assert changes(with_new(seen, last), last) == {"new": _share(0.2)}


def test_another_value_another_n_and_what_appears_or_vanishes_is_flagged_with_what_it_was():
    keys = ("value", "n", "appeared", "vanished", "same", "nothing")
    was = dict(zip(keys, [_share(0.5), _share(0.5), None, _share(0.5), _share(0.5), None], strict=True))
    now = dict(zip(keys, [_share(0.6), _share(0.5, 11), _share(0.5), None, _share(0.5), None], strict=True))
    before = taken("log1", _STAGES, was)
    found = changes(before, taken("log2", _STAGES, now))
    assert set(found) == {"value", "n", "appeared", "vanished"}
    assert (found["value"].value, found["n"].n, found["appeared"].is_known) == (0.5, 10, False)
    other_stages = taken("log1", _STAGES.add_stage("환불"), now)
    assert set(changes(before, other_stages)) == set(found)
    assert isinstance(before, MapSeen)


def test_a_link_has_one_key_whatever_the_order_of_its_parts():
    assert link_key({"kind": "event", "event": "보기"}) == link_key({"event": "보기", "kind": "event"})
    assert link_key({"kind": "event", "event": "보기"}) != link_key({"kind": "event", "event": "담기"})
