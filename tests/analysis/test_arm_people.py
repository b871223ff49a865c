"""Those behind the figures of an experiment are exactly those whom its result counts."""

import pytest

from journey.analysis.experiment import experiment
from journey.analysis.people import arm_people
from journey.errors import SettingWrong
from journey.stages.stage_map import StageMap
from tests.aggregates.arms import log_of, metric, plan_of, tables_of

PLAN = plan_of(metric("conversion", "yes", id="yes")).to_json()


@pytest.fixture
def case():
    """A log of a to f; b and d were in arm B, d twice, g is a stranger, h was in two arms."""
    log = log_of([{"customer": who, "event": "방문", "minute": at} for at, who in enumerate("abcdef")])
    rows = [
        {"customer": who, "arm": arm, "yes": yes}
        for who, arm, yes in [
            *(("a", "A", 1), ("c", "A", 0), ("e", "A", None), ("b", "B", 1), ("d", "B", 0)),
            *(("d", "B", 1), ("g", "B", 1), ("f", "A", 0), ("h", "A", 1), ("h", "B", 0)),
        ]
    ]
    return log, StageMap(), tables_of(*rows, numbers=["yes"])


def listed(case, **wanted):
    log, stages, tables = case
    return arm_people(log, stages, plan=PLAN, tables=tables, **wanted)


@pytest.mark.parametrize("arm", ["A", "B"])
def test_boxes_are_those_of_the_result_and_add_up_to_the_arm(case, arm):
    log, stages, tables = case
    result = experiment(log, stages, plan=PLAN, tables=tables).table
    row = result[result["arm"] == arm].iloc[0]
    boxes = {box: listed(case, arm=arm, metric="yes", box=box) for box in ("yes", "no", "missing")}
    strangers = 1 if arm == "B" else 0
    assert boxes["yes"].n_customers + strangers == row["numerator"]
    assert boxes["no"].n_customers == row["n"] - row["numerator"]
    assert boxes["missing"].n_customers == row["missing"]
    everybody = listed(case, arm=arm).table["customer"].tolist()
    assert sorted(who for one in boxes.values() for who in one.table["customer"]) == everybody


def test_who_is_not_in_the_log_is_counted_in_a_note(case):
    found = listed(case, arm="B")
    assert found.table["customer"].tolist() == ["b", "d"]
    assert (found.notes[0].code, found.notes[0].values) == ("people.note_strangers", {"n": 1})
    assert listed(case, arm="A").table["customer"].tolist() == ["a", "c", "e", "f"]


@pytest.mark.parametrize(
    "wanted",
    [{"arm": "C"}, {"arm": "A", "box": "yes"}, {"arm": "A", "metric": "yes"}, {"arm": "A", "box": "often"}],
)
def test_arms_and_boxes_that_there_are_not_are_refused(case, wanted):
    with pytest.raises(SettingWrong):
        listed(case, **wanted)
