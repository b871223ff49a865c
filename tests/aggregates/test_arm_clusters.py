"""Sessions of one customer: errors by customer where arms were given by customer, and by session else."""

import numpy as np
import pytest
import statsmodels.api as sm

from journey.analysis.experiment import experiment
from journey.i18n import LANGUAGES, text
from journey.stages.experiment_plan import Metric, Plan
from tests.analysis.logs import DAY, Row, event_log, stage_map

BOUGHT = Metric("bought", "conversion", {"event": "buy"}, "bought")
PAID = Metric("n", "mean", {"event": "view"}, "views", "secondary")


def visits(seed, n=160, *, by_session=0.0):
    """Rows of customers with one to six sessions each, of whom some always buy and others never do; a part
    of the sessions is drawn by itself."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(n):
        arm, keen = "AB"[rng.integers(2)], rng.random() ** 2
        for day in range(int(rng.integers(1, 7))):
            own = "AB"[rng.integers(2)] if rng.random() < by_session else arm
            row = {"customer": f"c{at:03}", "value": own, "session": None}
            found.append(Row(event="view", minute=day * DAY + 601, **row))
            if rng.random() < keen:
                found.append(Row(event="buy", minute=day * DAY + 602, **row))
    return found


def answered(found, *metrics):
    log = event_log(found, of="event")
    plan = Plan(metrics=metrics, source={"attribute": "value"}, unit="session", ended=True)
    return experiment(log, stage_map({}), plan=plan.to_json(), by=())


def by_hand(found):
    """For each session its customer, its arm, and whether it bought."""
    seen = {}
    for row in found:
        key = (row.customer, row.minute // DAY)
        arm, bought = seen.get(key, (row.value, 0))
        seen[key] = (arm, max(bought, int(row.event == "buy")))
    who, arm, y = zip(*((key[0], *told) for key, told in seen.items()), strict=True)
    return np.unique(who, return_inverse=True)[1], np.array(arm), np.array(y, dtype=float)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_error_of_arms_given_by_customer_is_the_cluster_robust_one_of_statsmodels(seed):
    found = visits(seed)
    answer = answered(found, BOUGHT, PAID)
    row = answer.table[(answer.table["metric"] == "bought") & (answer.table["arm"] == "B")].iloc[0]
    who, arm, y = by_hand(found)
    x = sm.add_constant((arm == "B").astype(float))
    robust = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": who})
    assert row["difference"] == pytest.approx(robust.params[1])
    assert row["error"] == pytest.approx(robust.bse[1], rel=0.02)
    plain = sm.OLS(y, x).fit()
    assert row["error"] > 1.3 * plain.bse[1] and row["method"] == "welch"
    wide = row["difference_high"] - row["difference_low"]
    assert wide == pytest.approx(2 * 1.96 * row["error"], rel=0.02)
    (guard,) = [one for one in answer.guards if one.code == "sessions"]
    assert guard.finding.values["times"] > 1.3
    assert all(text(guard.finding.code, language, **guard.finding.values) for language in LANGUAGES)


def test_arms_drawn_by_session_are_tested_by_session():
    found = visits(3, by_session=1.0)
    answer = answered(found, BOUGHT)
    row = answer.table[answer.table["arm"] == "B"].iloc[0]
    _, arm, y = by_hand(found)
    one, other = y[arm == "B"], y[arm == "A"]
    assert row["error"] == pytest.approx(np.sqrt(one.var() / len(one) + other.var() / len(other)))
    assert row["method"] == "z" and answer.guards[-1].finding.code == "experiment.guard_sessions"


def test_customers_who_now_and_then_change_the_arm_are_tested_by_customer_and_not_too_surely():
    found = visits(4, by_session=0.3)
    row = answered(found, BOUGHT).table.iloc[1]
    who, arm, y = by_hand(found)
    x = sm.add_constant((arm == "B").astype(float))
    robust = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": who}).bse[1]
    assert 0.98 * robust < row["error"] < 1.6 * robust and row["method"] == "welch"


def test_without_any_difference_one_test_in_twenty_sees_one():
    called = [answered(visits(seed, 100), BOUGHT).table["p"].iloc[1] < 0.05 for seed in range(100, 160)]
    assert np.mean(called) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(called))
