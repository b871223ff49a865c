"""The benchmark's own promises: its data is what it says, and it judges as it should."""

from __future__ import annotations

from argparse import Namespace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv as arrow_csv

from journey.aggregates.bound import Bound
from journey.aggregates.steps import steps
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.sources.files import read_table
from journey.stages.board import LINKS
from tests.bench import __main__ as bench
from tests.bench import csv_arrow, map_ours, workbook_openpyxl
from tests.bench.__main__ import Disagreement, Runner, Target, agree
from tests.bench.data import EVENTS, STAGE_OF_EVENT, numbered_ids, rows
from tests.bench.drag_ours import STEPS, stage_map
from tests.bench.journey_map import journey_map
from tests.bench.peers import answer, masks, prepared
from tests.bench.prepare import A_SESSION, save_log
from tests.bench.table import ROLES, checks, checks_of_texts, table, write_csv, write_workbook


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


def test_rows_of_a_session_come_at_once_and_about_as_many_as_promised(tmp_path):
    save_log(tmp_path, 50_000, 0.005, A_SESSION)
    log = EventLog.open(tmp_path)
    assert log.n_customers == 5_000
    assert log.n_rows / log.by_session().n_customers == pytest.approx(A_SESSION, rel=0.05)


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


def test_a_workbook_and_its_text_hold_the_same_table(tmp_path):
    write_workbook(tmp_path / "t.xlsx", 400)
    write_csv(tmp_path / "t.csv", 400)
    ours, text = (checks_of_texts(read_table(tmp_path / name, name).frame) for name in ("t.xlsx", "t.csv"))
    made = table(400)
    numbers = [made.column(name).to_numpy() for name in ("amount", "number")]
    seconds = made.column("time").cast(pa.int64()).to_numpy()
    assert ours == text == checks(40, seconds, *numbers)
    assert len(workbook_openpyxl.rows(tmp_path / "t.xlsx")) == 400
    assert not np.array_equal(checks(40, seconds, *numbers), checks(40, seconds[::-1], *reversed(numbers)))


def test_the_roles_that_are_measured_are_those_that_are_guessed(tmp_path):
    write_csv(tmp_path / "t.csv", 2_000)
    raw = read_table(tmp_path / "t.csv", "t.csv")
    choice = guess_table(raw).choice()
    assert (choice.kind, choice.roles) == ("events", ROLES)


def test_both_sorts_of_the_peer_are_the_order_of_our_log(tmp_path):
    write_csv(tmp_path / "t.csv", 1_000)
    bare = arrow_csv.read_csv(tmp_path / "t.csv").select(csv_arrow.KEPT)
    first, second = csv_arrow.by_arrow(bare), csv_arrow.by_codes(bare)
    for name in csv_arrow.ORDER:
        assert first.column(name).equals(second.column(name))
    log = cleaned(read_table(tmp_path / "t.csv", "t.csv"), TableChoice("events", ROLES, zone="UTC")).log
    assert log.time.tolist() == pc.cast(first.column("time").cast(pa.timestamp("us")), "int64").to_pylist()
    assert [log.event_names[code] for code in log.event] == first.column("event").to_pylist()


def test_every_card_of_the_map_that_is_measured_has_a_figure(tmp_path):
    save_log(tmp_path, 2_000, 0.005)
    found, everybody = Bound(EventLog.open(tmp_path), stage_map()), np.ones(200, dtype=bool)
    members = {id_: (name, everybody) for id_, name in map_ours.SEGMENTS.items()}
    map_ = map_ours.board(stage_map(), 300)
    assert {card.link["kind"] for card in map_.cards.values()} == set(LINKS) - {"answer"}
    # Nobody leaves at the goal, and nobody has told how they feel.
    silent = [card.link for card in map_.cards.values() if found.figure(card.link, members) is None]
    assert {link["measure"] for link in silent} == {"drop_off"}
    assert {link["stage"] for link in silent} == {stage_map().goal_stage.id}


def test_the_time_of_an_edit_is_judged_over_a_tenth_of_the_rows(monkeypatch, tmp_path):
    taken = {2_000: 0.04, 200: 0.02}
    monkeypatch.setattr(Runner, "log", lambda self, n, tied: n)
    monkeypatch.setattr(
        Runner, "ours", lambda _, name, n, *__: dict.fromkeys(("first", "edit", "stored", "drawn"), taken[n])
    )
    page, targets = journey_map(Namespace(rows=10_000), Runner(tmp_path, 2, tmp_path))
    assert [target.met for target in targets] == [True, True, False]
    assert "| an edit of a card | 0.040 | 0.020 |" in page


def test_a_part_that_is_measured_alone_leaves_the_other_as_it_was():
    old = bench.page_of({"core": "Core\n\nold core\n\n### one", "files": "Files\n\nold files"}, "")
    new = bench.page_of({"files": bench.part_of("files", ["new"], ["| 6 |"])}, old)
    assert "old core\n\n### one" in new
    assert "old files" not in new
    assert new.index("old core") < new.index("| 6 |") < new.index("new")
    assert "Not measured yet" in bench.page_of({"core": "Core"}, "")


def test_contenders_that_read_other_tables_are_not_timed():
    with pytest.raises(Disagreement, match="checks: openpyxl"):
        bench.same({"ours": {"checks": [1]}, "openpyxl": {"checks": [2]}}, "checks")


def test_a_change_of_role_is_judged_by_its_median(monkeypatch, tmp_path):
    each = {"change": [0.2, 0.25, 0.9], "empty": [0.1, 0.1, 0.1]}
    monkeypatch.setattr(bench, "find_browser", lambda: "chromium")
    monkeypatch.setattr(Runner, "ours", lambda *_: {"change": 0.25, "empty": 0.1, "shown": 4, "all": each})
    section, target = bench.roles(Runner(tmp_path, 1, tmp_path), tmp_path, 1_000)
    assert target.met and target.value == 0.25
    assert "| change to its preview | 0.250 | 0.200 | 0.900 |" in section
    monkeypatch.setattr(bench, "find_browser", lambda: None)
    section, target = bench.roles(Runner(tmp_path, 1, tmp_path), tmp_path, 1_000)
    assert target is None and bench.NO_BROWSER in section


def test_one_question_is_told_and_the_page_is_left_as_it_was(monkeypatch, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("as it was", encoding="utf-8")
    told = ["| conformance | 0.100 |"], [Target("conformance: CPU seconds", 0.1, most=1.5)]
    asked = []
    monkeypatch.setattr(bench, "alone", lambda options, runner, only: asked.append(only) or told)
    monkeypatch.setattr("sys.argv", ["bench", "--question", "conformance", "--out", str(page)])
    assert bench.main() == 0
    assert asked == ["conformance"]
    assert "| conformance | 0.100 |" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == "as it was"
