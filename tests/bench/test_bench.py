"""The benchmark's own promises: its data is what it says, and it judges as it should."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journey.aggregates.steps import steps
from journey.events.log import EventLog
from tests.bench import __main__ as bench
from tests.bench.__main__ import Disagreement, Runner, Target, agree
from tests.bench.data import EVENTS, STAGE_OF_EVENT, numbered_ids, rows
from tests.bench.drag_ours import STEPS, stage_map
from tests.bench.peers import answer, masks, prepared
from tests.bench.prepare import save_log


@pytest.mark.parametrize("tied", [0.005, 0.5])
def test_about_the_promised_share_of_rows_is_tied(tied):
    made = rows(50_000, tied=tied)
    log = EventLog.from_codes(
        made.customer,
        pa.array(numbered_ids(5_000), pa.large_string()),
        made.event,
        pa.array(EVENTS, pa.large_string()),
        made.second * 1_000_000,
    )
    assert log.n_customers == 5_000
    assert log.event_names == EVENTS == tuple(sorted(EVENTS))
    assert len(log.tied) / log.n_rows == pytest.approx(tied, rel=0.1)


def test_what_the_peers_are_given_leads_to_our_counts(tmp_path):
    save_log(tmp_path, 20_000, 0.3)
    given, log = prepared(tmp_path), EventLog.open(tmp_path)
    ours = steps(log, stage_map(), steps=STEPS)
    code: dict[int, int] = {}
    staged = np.array(STAGE_OF_EVENT)[given.event]
    for customer in range(log.n_customers):
        low, high = log.offsets[customer : customer + 2]
        ordered = sorted(zip(given.second[low:high], staged[low:high], strict=True))
        path = [stage for at, (_, stage) in enumerate(ordered) if not at or ordered[at - 1][1] != stage]
        for rank, (one, other) in enumerate(zip(path, [*path[1:], given.end[low]], strict=True)):
            key = min(rank, STEPS) << 8 | int(one) << 4 | int(other)
            code[key] = code.get(key, 0) + 1
    reach = [int(((given.events_of & mask) != 0).sum()) for mask in masks()]
    theirs = answer(np.array(list(code)), np.array(list(code.values())), reach)
    assert theirs["links"] == ours.links.ravel().tolist()
    assert theirs["reach"] == ours.reach[: len(reach)].tolist()
    assert np.array_equal(given.tie, log.tie_groups)
    assert np.array_equal(given.tied, log.tied)


def test_contenders_that_differ_are_not_timed():
    same = {"links": [1, 2], "reach": [3], "exits": [1]}
    agree({"ours": same, "polars": dict(same)})
    with pytest.raises(Disagreement, match="reach: polars"):
        agree({"ours": same, "polars": {**same, "reach": [4]}})


def test_a_target_is_met_or_missed():
    assert Target("faster", 4.0, least=4).met
    assert not Target("faster", 3.9, least=4).met
    assert not Target("memory", 251, most=250).met
    assert "missed" in Target("memory", 251, most=250).line()


def test_without_a_browser_the_page_says_why_there_is_no_figure(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(bench, "find_browser", lambda: None)
    section, target = bench.browser(Runner(tmp_path, 1, tmp_path), 1_000)
    assert target is None
    assert "Not measured" in capsys.readouterr().out
    assert any("Not measured" in line for line in section)


def test_a_drop_is_judged_by_the_ratio_of_the_medians(monkeypatch, tmp_path):
    found = {"drop": 0.3, "empty": 0.1, "all": {"drop": [0.2, 0.3, 0.4], "empty": [0.1, 0.1, 0.1]}}
    monkeypatch.setattr(bench, "find_browser", lambda: "chromium")
    monkeypatch.setattr(Runner, "ours", lambda *_: found)
    section, target = bench.browser(Runner(tmp_path, 1, tmp_path), 1_000)
    assert target.value == pytest.approx(3) and not target.met
    assert "| drop to new numbers | 0.300 | 0.200 | 0.400 |" in section
