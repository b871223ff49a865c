"""Every figure of a result beside what scipy, statsmodels and pandas make of the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from journey.aggregates.arm_units import proposed_plans
from journey.analysis.experiment import experiment
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.other_tables import nobody, other_tables, registered
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from tests.shared_tables import shared_table

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "shop_experiments.csv"
ALPHA = 0.05


def answered(raw, at=0):
    tables = other_tables([("experiment", cleaned(raw, guess_table(raw).choice()).tables)])
    log = registered(tables) or nobody()
    plan = proposed_plans(log, StageMap(), tables)[at].to_json() | {"ended": True}
    return experiment(log, StageMap(), plan=plan, tables=tables)


def row(found, name, arm):
    return found.table[(found.table["name"] == name) & (found.table["arm"] == arm)].iloc[0]


@pytest.fixture(scope="module", params=[0, 1])
def sample(request):
    """The answer of one experiment of the sample, and its rows."""
    frame = pd.read_csv(SAMPLE, encoding="utf-8-sig")
    found = answered(read_table(SAMPLE, SAMPLE.name), request.param)
    frame = frame[frame["실험"] == found.plan.name]
    return found, frame.assign(day=pd.to_datetime(frame["노출일시"]).dt.date)


def shares(y, x):
    """An arm y against the control x, all 0 and 1: what scipy and statsmodels say."""
    k, n, j, m = y.sum(), len(y), x.sum(), len(x)
    one, two = stats.beta(1 + k, 1 + n - k), stats.beta(1 + j, 1 + m - j)
    places = {"a": 0, "b": 1, "points": [one.mean(), two.mean()], "limit": 200}
    return {
        "difference": k / n - j / m,
        "p": proportions_ztest([k, j], [n, m])[1],
        ("difference_low", "difference_high"): confint_proportions_2indep(k, n, j, m, method="newcomb"),
        ("lift_low", "lift_high"): np.subtract(
            confint_proportions_2indep(k, n, j, m, compare="ratio", method="log"), 1
        ),
        "chance": integrate.quad(lambda at: one.pdf(at) * two.cdf(at), **places)[0],
        "loss": integrate.quad(lambda at: one.cdf(at) * two.sf(at), **places)[0],
    }


def means(y, x):
    """The same of two means."""
    found = stats.ttest_ind(y, x, equal_var=False)
    one, two = stats.sem(y), stats.sem(x)
    error, by = np.hypot(one, two), y.mean() - x.mean()
    # Fieller: all ratios r for which y - r x is not clearly different from 0.
    wide = stats.t.isf(ALPHA / 2, found.df)
    roots = np.roots(
        [
            x.mean() ** 2 - (wide * two) ** 2,
            -2 * x.mean() * y.mean(),
            y.mean() ** 2 - (wide * one) ** 2,
        ]
    )
    return {
        "difference": by,
        "error": error,
        "p": found.pvalue,
        ("difference_low", "difference_high"): found.confidence_interval(1 - ALPHA),
        ("lift_low", "lift_high"): np.sort(roots) - 1,
        "chance": stats.norm.cdf(by / error),
        "loss": error * stats.norm.pdf(by / error) - by * stats.norm.sf(by / error),
    }


def hold(mine, theirs):
    for names, values in theirs.items():
        got = mine[list(names)].tolist() if isinstance(names, tuple) else mine[names]
        wanted = list(values) if isinstance(names, tuple) else values
        assert got == pytest.approx(wanted, rel=1e-6, abs=1e-9), names


def test_a_conversion_is_what_others_make_of_it(sample):
    found, frame = sample
    x, y = (frame.loc[frame["실험군"] == arm, "전환"] for arm in "AB")
    mine = row(found, "전환", "B")
    assert (mine["n"], mine["numerator"]) == (len(y), y.sum())
    assert [mine["value_low"], mine["value_high"]] == pytest.approx(
        proportion_confint(y.sum(), len(y), method="wilson")
    )
    hold(mine, shares(y, x))
    assert mine["q"] == mine["p"]
    days = (frame["day"].max() - frame["day"].min()).days + 1
    assert mine["scaled"] == pytest.approx(mine["difference"] * len(frame) / days * 30)
    assert found.mismatch == pytest.approx(stats.chisquare([len(x), len(y)]).pvalue)


def test_revenue_is_adjusted_as_an_analysis_of_covariance_does_it(sample):
    found, frame = sample
    mine = row(found, "매출", "B")
    flags = pd.get_dummies(frame["실험군"], dtype=float).assign(before=frame["사전매출"].astype(float))
    slope = sm.OLS(frame["매출"].astype(float), flags).fit().params["before"]
    moved = frame["매출"] - slope * (frame["사전매출"] - frame["사전매출"].mean())
    x, y = (moved[frame["실험군"] == arm] for arm in "AB")
    hold(mine, means(y, x))
    plain = frame.groupby("실험군")["매출"].mean()
    assert mine["is_adjusted"]
    assert mine["raw_difference"] == pytest.approx(plain["B"] - plain["A"])
    random = np.random.default_rng(1)
    drawn = [random.choice(one, (2_000, len(one))).mean(axis=1) for one in (y.to_numpy(), x.to_numpy())]
    ends = np.quantile(drawn[0] - drawn[1], [ALPHA / 2, 1 - ALPHA / 2])
    assert mine[["bootstrap_low", "bootstrap_high"]].tolist() == pytest.approx(ends, abs=0.15 * mine["error"])


def test_segments_and_days_are_those_of_the_rows(sample):
    found, everyone = sample
    # Nothing is asked of values with fewer than 30 units in an arm.
    sizes = everyone.groupby(["기기", "실험군"]).size().unstack().min(axis=1)
    frame = everyone[everyone["기기"].isin(sizes.index[sizes >= 30])]
    flags = pd.get_dummies(frame["기기"], dtype=float)
    arm = (frame["실험군"] == "B").astype(float)
    both = [flags.assign(arm=arm), flags.join(flags.mul(arm, axis=0).add_suffix(" B"))]
    plain, crossed = (sm.Logit(frame["전환"], one).fit(disp=0) for one in both)
    (asked,) = found.interactions.to_dict("records")
    assert asked["statistic"] == pytest.approx(2 * (crossed.llf - plain.llf), rel=1e-5)
    assert asked["freedom"] == flags.shape[1] - 1
    assert asked["p"] == pytest.approx(stats.chi2.sf(asked["statistic"], asked["freedom"]))
    table = found.segments.set_index("value")
    for value, part in frame.groupby("기기"):
        x, y = (part.loc[part["실험군"] == one, "전환"] for one in "AB")
        mine = table.loc[value]
        assert (mine["n"], mine["n_control"]) == (len(y), len(x))
        assert mine["difference"] == pytest.approx(y.mean() - x.mean())
        assert mine["p"] == pytest.approx(proportions_ztest([y.sum(), x.sum()], [len(y), len(x)])[1])
    judged = table[table["state"] != "small"]
    if len(judged):
        assert judged["q"].tolist() == pytest.approx(multipletests(judged["p"], method="fdr_bh")[1])
    days = found.days[found.days["metric"] == found.plan.metrics[0].id]
    for one in days.itertuples():
        until = everyone[everyone["day"] <= one.day].groupby("실험군")["전환"].agg(["mean", "size"])
        assert one.n == until["size"].sum()
        assert one.difference == pytest.approx(
            until["mean"].get("B", np.nan) - until["mean"]["A"], nan_ok=True
        )


@pytest.mark.needs_shared_data
def test_cookie_cats_by_others(shared_data):
    """90,189 players: both retentions, rounds with a tail, and the split."""
    raw = shared_table(shared_data, "experiments/cookie_cats.csv")
    frame = pd.read_csv(shared_data / "experiments" / "cookie_cats.csv")
    found = answered(raw)
    x, y = (frame[frame["version"] == arm] for arm in ("gate_30", "gate_40"))
    for name in ("retention_1", "retention_7"):
        hold(row(found, name, "gate_40"), shares(y[name], x[name]))
    hold(row(found, "sum_gamerounds", "gate_40"), means(y["sum_gamerounds"], x["sum_gamerounds"]))
    others = [row(found, name, "gate_40") for name in ("sum_gamerounds", "retention_7")]
    assert [one["q"] for one in others] == pytest.approx(
        multipletests([one["p"] for one in others], method="fdr_bh")[1]
    )
    assert stats.chi2.isf(found.mismatch, 1) == pytest.approx(6.902, abs=1e-3)


@pytest.mark.needs_shared_data
def test_three_promotions_by_others(shared_data):
    """The sales of 548 weeks of shops, written as text, by three promotions."""
    frame = pd.read_csv(shared_data / "experiments" / "fastfood_promotions.csv", thousands=",")
    sales = {str(arm): part["Gross Sales"].astype(float) for arm, part in frame.groupby("Promotion")}
    found = answered(shared_table(shared_data, "experiments/fastfood_promotions.csv"))
    assert stats.f_oneway(*sales.values()).statistic == pytest.approx(21.953, abs=1e-3)
    rows = [row(found, "Gross Sales", arm) for arm in "23"]
    tested = [stats.ttest_ind(sales[arm], sales["1"], equal_var=False) for arm in "23"]
    q = multipletests([one.pvalue for one in tested], method="holm")[1]
    for mine, theirs, q_of in zip(rows, tested, q, strict=True):
        assert (mine["p"], mine["q"]) == pytest.approx((theirs.pvalue, q_of))
        ends = theirs.confidence_interval(mine["level"])
        assert [mine["difference_low"], mine["difference_high"]] == pytest.approx(list(ends))
