"""Typed tables of real files, by the figures that are known of them."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
from scipy import stats

from journey.events.clean import cleaned
from journey.events.cleaned import REASONS
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from tests.shared_tables import shared_table

pytestmark = [pytest.mark.needs_shared_data, pytest.mark.usefixtures("books_here")]


def load(folder, name, kind, **roles):
    raw = shared_table(folder, name)
    roles = {role: (columns,) if isinstance(columns, str) else columns for role, columns in roles.items()}
    return cleaned(raw, TableChoice(kind, roles, zone="UTC"))


def left_out(made):
    return {
        REASONS[code]: int(n) for code, n in zip(*np.unique(made.reason, return_counts=True), strict=True)
    }


def notes(made):
    return {note.code: dict(note.values) for note in made.notes}


def total(table, column="amount"):
    return math.fsum(table.column(column).drop_null().to_pylist())


# ---- orders ------------------------------------------------------------------------------------------------


def test_online_retail(shared_data):
    """25,900 invoices, of which 22,190 have a customer; their 406,829 lines are what a journey can use."""
    name = "transactions/online_retail.parquet"
    made = load(
        shared_data,
        name,
        "orders",
        customer="CustomerID",
        order="InvoiceNo",
        time="InvoiceDate",
        quantity="Quantity",
        unit_price="UnitPrice",
        product="StockCode",
        attributes="Country",
    )
    assert left_out(made) == {"used": 406_829, "no_customer": 135_080}
    assert made.rows == 541_909
    assert len(made.customer_ids) == 4_372
    assert "17850" in made.customer_ids.to_pylist()
    assert notes(made)["events.duplicates_kept"] == {"rows": 5_225}
    assert notes(made)["tables.refunds_found"] == {"n": 3_654, "negative": 3_654, "cancelled": 0}
    orders, lines = made.tables["orders"], made.tables["lines"]
    assert orders.num_rows == made.log.n_rows == 22_190
    file = pd.read_parquet(shared_data / name)
    assert file["InvoiceNo"].nunique() == 25_900
    known = file[file["CustomerID"].notna()]
    assert known.groupby(["CustomerID", "InvoiceNo"]).ngroups == known["InvoiceNo"].nunique() == 22_190
    expected = math.fsum(known["Quantity"] * known["UnitPrice"])
    assert total(orders) == pytest.approx(expected, abs=1e-6)
    assert total(lines) == pytest.approx(8_300_065.814, abs=1e-6)
    assert pc.sum(orders.column("lines")).as_py() == 406_829
    refunds = orders.filter(pc.equal(orders.column("event"), "refund"))
    assert all(order.startswith("C") for order in refunds.column("order").to_pylist())
    assert dict(zip(made.log.event_names, made.log.event_rows.tolist(), strict=True)) == {
        "purchase": 4_606,
        "refund": 3_654,
        "repurchase": 13_930,
    }
    assert made.log.days() == (dt.date(2010, 12, 1), dt.date(2011, 12, 9))


def test_complete_journey_and_its_households(shared_data):
    made = load(
        shared_data,
        "transactions/completejourney_transactions.csv.gz",
        "orders",
        customer="household_id",
        order="basket_id",
        time="transaction_timestamp",
        amount="sales_value",
        quantity="quantity",
        product="product_id",
    )
    assert (made.rows, made.used, len(made.customer_ids)) == (75_000, 75_000, 2_377)
    assert made.log.n_rows == made.tables["orders"].num_rows == 47_243
    assert total(made.tables["orders"]) == pytest.approx(233_935.24, abs=1e-6)
    assert total(made.tables["lines"]) == pytest.approx(233_935.24, abs=1e-6)
    households = load(
        shared_data,
        "transactions/completejourney_demographics.csv",
        "customers",
        customer="household_id",
        attributes=("age", "income", "kids_count"),
    )
    assert households.used == len(households.customer_ids) == 801
    both = joined([made, households])
    there = set(made.customer_ids.to_pylist()) & set(households.customer_ids.to_pylist())
    assert [match.matched for match in both.matches] == [len(there)] * 2
    assert both.matches[1].customers == 801
    assert {"age", "income", "kids_count"} <= set(both.log.attributes)
    assert both.log.n_rows == 47_243
    assert sum((both.log.attributes["age"].codes >= 0).tolist()) == len(there)


def test_superstore(shared_data):
    made = load(
        shared_data,
        "messy/superstore_old.xls",
        "orders",
        customer="Customer ID",
        order="Order ID",
        time="Order Date",
        amount="Sales",
        quantity="Quantity",
        product="Product Name",
        category="Category",
        attributes=("Segment", "Region"),
    )
    assert (made.rows, made.used, len(made.customer_ids)) == (9_994, 9_994, 793)
    assert made.tables["orders"].num_rows == 5_009
    assert total(made.tables["orders"]) == pytest.approx(2_297_200.86, abs=0.01)


# ---- experiments -------------------------------------------------------------------------------------------


def by_arm(made, column):
    frame = made.tables["records"].to_pandas()
    return {arm: group[column].dropna().to_numpy() for arm, group in frame.groupby("arm")}


def test_cookie_cats(shared_data):
    made = load(
        shared_data,
        "experiments/cookie_cats.csv",
        "experiment",
        customer="userid",
        arm="version",
        outcomes=("sum_gamerounds", "retention_1", "retention_7"),
    )
    assert {arm: len(values) for arm, values in by_arm(made, "retention_1").items()} == {
        "gate_30": 44_700,
        "gate_40": 45_489,
    }
    for column, means in (("retention_1", (0.448188, 0.442283)), ("retention_7", (0.190201, 0.182000))):
        found = by_arm(made, column)
        assert [found[arm].mean() for arm in ("gate_30", "gate_40")] == pytest.approx(means, abs=5e-7)
    assert pc.max(made.tables["records"].column("sum_gamerounds")).as_py() == 49_854
    assert len(made.customer_ids) == made.used == 90_189
    assert "tables.arms_two" not in notes(made)


def test_fastfood_promotions(shared_data):
    made = load(
        shared_data,
        "experiments/fastfood_promotions.csv",
        "experiment",
        customer="LocationID",
        arm="Promotion",
        outcomes="Gross Sales",
        attributes="MarketSize",
    )
    sales = by_arm(made, "Gross Sales")
    assert [len(sales[arm]) for arm in "123"] == [172, 188, 188]
    assert stats.f_oneway(*sales.values()).statistic == pytest.approx(21.953, abs=5e-4)


def test_arms_that_were_summed_before_and_share_a_control(shared_data):
    file = pd.read_parquet(shared_data / "experiments/asos_digital_experiments_dataset.parquet")
    raw = shared_table(shared_data, "experiments/asos_digital_experiments_dataset.parquet")
    made = cleaned(raw, guess_table(raw).choice())
    sums = made.tables["sums"].to_pandas()
    assert (made.rows, made.used, len(made.customer_ids)) == (24_153, 24_153, 0)
    assert sums.groupby("experiment").ngroups == 78
    assert sums["cumulative"].all()
    treated = sums[sums["arm"] != "control"]
    assert treated.groupby(["experiment", "arm"]).ngroups == 99
    assert treated["n"].to_numpy() == pytest.approx(file["count_t"])
    n, x, xx = (treated[name].to_numpy() for name in ("n", "x", "xx"))
    mean, spread = file["mean_t"].to_numpy(), file["variance_t"].to_numpy()
    known = n > 1
    assert x[known] / n[known] == pytest.approx(mean[known])
    # The variance of a share is p (1 - p) in that file, which its sums tell with n - 1.
    known &= (treated["metric"] != "1").to_numpy() & ~np.isnan(spread) & (mean > 0)
    n, x, xx = n[known], x[known], xx[known]
    found = (xx - x**2 / n) / (n - 1)
    assert found == pytest.approx(spread[known], rel=1e-6)
    # Metric 1 happens to a unit or does not, and the control of several variants is there once.
    shares = sums[sums["metric"] == "1"]
    assert (shares["xx"] == shares["x"]).all()
    keys = ["experiment_id", "metric_id", "time_since_start"]
    assert (sums["arm"] == "control").sum() == file.groupby(keys).ngroups
    assert set(notes(made)) == {"tables.sums_cumulative", "tables.sums_spread_missing"}


def test_an_arm_a_sheet(shared_data):
    made = load(
        shared_data,
        "experiments/ab_testing.xlsx",
        "experiment",
        arm="sheet",
        outcomes=("Purchase", "Earning"),
    )
    control, test = by_arm(made, "Purchase").values()
    assert (control.mean(), test.mean()) == pytest.approx((550.894, 582.106), abs=5e-4)
    found = stats.ttest_ind(control, test)
    assert (found.statistic, found.pvalue) == pytest.approx((-0.9416, 0.3493), abs=5e-5)


# ---- surveys and reviews -----------------------------------------------------------------------------------


def test_airline_satisfaction(shared_data):
    file = pd.read_csv(shared_data / "surveys/airline_satisfaction.csv")
    questions = tuple(file.columns[8:22])
    made = load(
        shared_data,
        "surveys/airline_satisfaction.csv",
        "survey",
        customer="id",
        scores=questions,
        attributes=("satisfaction", "Class"),
    )
    assert made.used == made.rows == made.tables["responses"].num_rows == 25_976
    happy = pc.equal(made.tables["responses"].column("satisfaction"), "satisfied")
    assert pc.mean(happy).as_py() == pytest.approx(0.43898, abs=5e-6)
    answers = made.tables["answers"]
    assert pc.unique(answers.column("scale")).to_pylist() == ["1-5"]
    assert pc.min(answers.column("score")).as_py() == 1
    assert pc.count_distinct(answers.column("question")).as_py() == 14
    assert answers.num_rows == int((file[list(questions)] > 0).to_numpy().sum())
    zeros = sum(note.values["n"] for note in made.notes if note.code == "tables.zeros_missing")
    assert zeros == int((file[list(questions)] == 0).to_numpy().sum())


def test_korean_film_reviews(shared_data):
    made = load(
        shared_data,
        "korean/nsmc_train_200000.csv.gz",
        "reviews",
        text="review",
        rating="rating",
        product="movie_id",
    )
    assert made.used == made.rows == 200_000
    table = made.tables["reviews"]
    assert pc.unique(table.column("scale")).to_pylist() == ["1-10"]
    rating = table.column("rating").to_numpy()
    assert [int((rating >= 9).sum()), int((rating <= 4).sum())] == [90_000, 90_000]
    assert int(((rating > 4) & (rating < 9)).sum()) == 20_000


# ---- customers ---------------------------------------------------------------------------------------------


def test_telco_churn(shared_data):
    made = load(
        shared_data,
        "customers/Telco-Customer-Churn.csv",
        "customers",
        customer="customerID",
        attributes=("Contract", "TotalCharges", "Churn"),
    )
    table = made.tables["customers"]
    assert table.num_rows == 7_043
    assert pc.mean(pc.equal(table.column("Churn"), "Yes")).as_py() == pytest.approx(0.26537, abs=5e-6)
    assert table.column("TotalCharges").null_count == 11
    assert notes(made)["tables.attribute_many_values"]["column"] == "TotalCharges"


def test_both_layouts_of_the_marketing_campaign_are_the_same_table(shared_data):
    columns = ("Year_Birth", "Education", "Marital_Status", "Income", "Dt_Customer", "MntWines", "Response")
    semicolon, workbook = (
        load(shared_data, f"customers/{name}", "customers", customer="ID", attributes=columns)
        for name in ("marketing_campaign_semicolon_bom.csv", "marketing_campaign.xlsx")
    )
    assert semicolon.tables["customers"].equals(workbook.tables["customers"])
    table = semicolon.tables["customers"]
    assert table.num_rows == 2_240
    assert pc.mean(pc.equal(table.column("Response"), "1")).as_py() == pytest.approx(0.1491, abs=5e-5)
    assert table.column("Income").null_count == 24


def test_mall_customers(shared_data):
    columns = ("Age", "Annual Income (k$)", "Spending Score (1-100)")
    made = load(
        shared_data, "customers/Mall_Customers.csv", "customers", customer="CustomerID", attributes=columns
    )
    assert made.used == 200
    means = [pc.mean(made.tables["customers"].column(name).cast("float64")).as_py() for name in columns]
    assert means == pytest.approx([38.85, 60.56, 50.20], abs=1e-9)
    assert made.customer_ids[0].as_py() == "0001"
