"""The answer of an experiment by known figures, laws, and what is planted in the sample."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from journey.analysis.experiment import experiment
from journey.events.other_tables import NO_TABLES, OtherTables, nobody
from journey.i18n import LANGUAGES, text
from journey.stages.experiment_plan import Metric, Plan
from journey.stages.stage_map import StageMap


def of_arms(numbers, *, texts=(), days=None):
    """Records of an experiment: {arm: {column: values}}, and perhaps texts, and days since the first."""
    parts = []
    for arm, columns in numbers.items():
        n = len(next(iter(columns.values())))
        part = {"customer": pa.nulls(n, pa.large_string()), "experiment": pa.nulls(n, pa.large_string())}
        part["arm"] = pa.array([arm] * n, pa.large_string())
        when = pa.nulls(n, pa.timestamp("us", "UTC"))
        if days is not None:
            when = pa.array(np.asarray(days[arm], dtype="M8[D]").astype("M8[us]"), pa.timestamp("us", "UTC"))
        part["time"] = when
        for name, values in columns.items():
            kind = pa.large_string() if name in texts else pa.float64()
            part[name] = pa.array(list(values), kind, from_pandas=True)
        parts.append(pa.table(part))
    return OtherTables(records=(pa.concat_tables(parts),))


def hits(k, n):
    return np.r_[np.ones(k), np.zeros(n - k)]


def shares(**arms):
    """So many conversions of so many units in each arm."""
    return of_arms({arm: {"bought": hits(*counts)} for arm, counts in arms.items()})


def asked(tables, *metrics, log=None, baseline=None, by=None, **plan):
    used = Plan(metrics=metrics, **plan).to_json() if metrics or plan else None
    return experiment(log or nobody(), StageMap(), plan=used, tables=tables, baseline=baseline, by=by)


def bought(**more):
    return Metric("bought", "conversion", {"column": "bought"}, "bought", **more)


def number(kind="mean", **more):
    return Metric("x", kind, {"column": "x"}, "x", **more)


def row(found, arm="B", metric=None):
    table = found.table if metric is None else found.table[found.table["metric"] == metric]
    return table[table["arm"] == arm].iloc[0]


def told(found):
    """All that an answer says, in both languages."""
    said = [found.finding, *found.notes, *(guard.finding for guard in found.guards)]
    said += [found.verdict.finding] if found.verdict is not None else []
    return [text(one.code, language, **one.values) for language in LANGUAGES for one in said]


def codes(found, level=None):
    return [guard.code for guard in found.guards if level in (None, guard.level)]


# ---- known answers -----------------------------------------------------------------------------------------


def test_two_shares_are_compared_as_in_o_01():
    found = row(asked(shares(A=(200, 5000), B=(250, 5000))))
    assert found["p"] == pytest.approx(0.01586897, abs=1e-7)
    assert found["difference_low"] == pytest.approx(0.00186997, abs=1e-7)
    assert found["difference_high"] == pytest.approx(0.01817129, abs=1e-7)
    assert found["lift"] == pytest.approx(0.25, abs=1e-12)
    assert found["lift_low"] == pytest.approx(0.04225222, abs=1e-7)
    assert found["lift_high"] == pytest.approx(0.49915728, abs=1e-7)
    assert found["method"] == "z"


def test_few_hits_are_tested_exactly_as_in_o_03():
    found = asked(shares(A=(1, 40), B=(8, 38)), bought(), ended=True)
    assert row(found)["method"] == "fisher"
    assert "few" in codes(found, "warn")


def test_without_any_test_it_says_so():
    found = experiment(nobody(), StageMap(), tables=NO_TABLES)
    assert found.finding.code == "experiment.finding_none"
    assert found.table.empty
    assert "state" in found.table.columns
