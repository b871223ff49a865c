"""Real experiments and the sample, from the file to the answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from journey.aggregates.arm_units import proposed_plans
from journey.aggregates.summed_arms import proposed_sums
from journey.analysis.experiment import experiment
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.other_tables import nobody, other_tables, registered
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from tests.shared_tables import shared_table

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


def tables_of(raw):
    """The tables of a project with this one file, as the wizard guesses it."""
    return other_tables([("experiment", cleaned(raw, guess_table(raw).choice()).tables)])


def answered(tables, at=0, **plan):
    log = registered(tables) or nobody()
    plans = proposed_plans(log, StageMap(), tables) or proposed_sums(tables)
    found = experiment(log, StageMap(), plan={**plans[at].to_json(), **plan}, tables=tables)
    said = [found.finding, *found.notes, *(one.finding for one in found.guards), found.verdict.finding]
    assert all(text(one.code, language, **one.values) for language in LANGUAGES for one in said)
    return found


def row(found, metric, arm):
    mine = found.table[(found.table["name"] == metric) & (found.table["arm"] == arm)]
    assert len(mine) == 1
    return mine.iloc[0]


def blocking(found):
    return [guard.code for guard in found.guards if guard.level == "block"]


# ---- the sample --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted():
    return tables_of(read_table(FOLDER / "shop_experiments.csv", "shop_experiments.csv"))


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory):
    out = tmp_path_factory.mktemp("none")
    arguments = ["--plant", "none", "--seed", "7", "--out", str(out)]
    subprocess.run([sys.executable, "-B", str(FOLDER / "generate.py"), *arguments], check=True, timeout=120)
    return tables_of(read_table(out / "shop_experiments.csv", "shop_experiments.csv"))


def test_the_planted_lift_is_found(planted):
    found = answered(planted, ended=True)
    assert (found.plan.name, found.control) == ("무료배송 배너", "A")
    assert found.verdict.code == "ship"
    best = row(found, "전환", "B")
    assert (best["n"], best["numerator"], best["state"]) == (527, 202, "better")
    assert best["difference"] == pytest.approx(202 / 527 - 144 / 559, abs=1e-12)
    assert row(found, "매출", "B")["is_adjusted"]
    # While nobody has written down a size, even this is no winner.
    assert answered(planted).verdict.code == "extend"


def test_the_planted_mismatch_stops_the_test_and_is_told_where(planted):
    found = answered(planted, 1, ended=True)
    assert found.plan.name == "추천 목록 개편"
    assert (found.stage, found.verdict.code) == ("blocked", "stop")
    assert blocking(found) == ["mismatch"]
    (where,) = [one for one in found.guards if one.code == "mismatch_parts"]
    assert where.finding.values["parts"][0] == "기기: iPhone"
    assert set(found.table["state"]) == {"control", "blocked"}


@pytest.mark.parametrize("at", [0, 1])
def test_nothing_is_found_where_nothing_was_planted(unplanted, at):
    found = answered(unplanted, at, ended=True)
    assert not blocking(found)
    assert found.verdict.code == "extend"
    assert not set(found.table["state"]) & {"better", "worse"}


# ---- real ones ---------------------------------------------------------------------------------------------


@pytest.mark.needs_shared_data
def test_cookie_cats(shared_data):
    """90,189 players: the gate at level 40 keeps fewer after a week, and the split is suspect."""
    found = answered(tables_of(shared_table(shared_data, "experiments/cookie_cats.csv")), ended=True)
    assert found.mismatch == pytest.approx(0.0086, abs=1e-4)
    assert [guard.code for guard in found.guards] == ["mismatch", "outliers"]
    one, seven = row(found, "retention_1", "gate_40"), row(found, "retention_7", "gate_40")
    for day, value, control, p in ((one, 0.442283, 0.448188, 0.0744), (seven, 0.182000, 0.190201, 0.00155)):
        assert day["value"] == pytest.approx(value, abs=1e-6)
        assert day["value"] - day["difference"] == pytest.approx(control, abs=1e-6)
        assert day["p"] == pytest.approx(p, abs=5e-5)
    assert (seven["state"], one["state"]) == ("worse", "open")
    assert found.guards[1].finding.values["value"] == ("number", 49_854)


@pytest.mark.needs_shared_data
def test_three_promotions(shared_data):
    """548 weeks of shops, sales as text: the second promotion sells clearly less than the first."""
    found = answered(tables_of(shared_table(shared_data, "experiments/fastfood_promotions.csv")), ended=True)
    rows = found.primary.set_index("arm")
    assert rows["n"].to_dict() == {"1": 172, "2": 188, "3": 188}
    assert rows["state"].to_dict() == {"1": "control", "2": "worse", "3": "open"}
    assert found.verdict.arms == {"2": "stop", "3": "extend"}
    assert rows.loc["2", "bootstrap_high"] == pytest.approx(rows.loc["2", "difference_high"], rel=0.05)


@pytest.mark.needs_shared_data
def test_arms_that_are_sheets(shared_data):
    tables = tables_of(shared_table(shared_data, "experiments/ab_testing.xlsx"))
    found = answered(tables, ended=True)
    other = row(found, "Purchase", "Test Group")
    assert found.control == "Control Group"
    assert other["value"] == pytest.approx(582.106, abs=5e-4)
    assert other["value"] - other["difference"] == pytest.approx(550.894, abs=5e-4)
    assert other["p"] == pytest.approx(0.3493, abs=5e-4)


@pytest.mark.needs_shared_data
def test_sums_over_time(shared_data):
    """The first of 78 experiments of a shop: some two million customers, looked at twice a day."""
    table = shared_table(shared_data, "experiments/asos_digital_experiments_dataset.parquet")
    found = answered(tables_of(table), ended=True)
    assert found.n == 2_101_502
    assert found.unit == "row"
    other = row(found, "1", "2")
    assert (other["numerator"], other["denominator"]) == (616_937, 1_050_508)
    days = found.days[found.days["metric"] == found.plan.metrics[0].id]
    assert days["day"].is_monotonic_increasing
    assert days["difference"].iloc[-1] == pytest.approx(other["difference"], abs=1e-12)
    assert days["n"].iloc[-1] == found.n
