"""Figures that are known of real files, counted in what was read of them."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.shared_tables import shared_table

pytestmark = [pytest.mark.needs_shared_data, pytest.mark.usefixtures("books_here")]


def read(folder, name, **how):
    return shared_table(folder, name, **how).frame


def numbers(column):
    return pd.to_numeric(column.replace("", np.nan))


def test_paths_with_counts(shared_data):
    frame = read(shared_data, "attribution/paths_10000.csv.gz")
    channels = {step for path in frame["path"] for step in path.split(" > ")}
    assert (len(frame), len(channels), int(frame.duplicated().sum())) == (10_000, 12, 522)
    assert numbers(frame["total_conversions"]).sum() == 19_785
    assert numbers(frame["total_null"]).sum() == 68_602
    assert math.fsum(numbers(frame["total_conversion_value"])) == pytest.approx(74_802.97, abs=0.005)


def test_sessions_with_revenue(shared_data):
    frame = read(shared_data, "customers/online_shoppers_intention.csv")
    assert (frame["Revenue"].str.lower() == "true").mean() == pytest.approx(0.15474, abs=5e-6)


def test_lines_of_invoices(shared_data):
    frame = read(shared_data, "transactions/online_retail.parquet")
    worth = numbers(frame["Quantity"]) * numbers(frame["UnitPrice"])
    assert frame["InvoiceNo"].str.startswith("C").sum() == 9_288
    assert (numbers(frame["UnitPrice"]) < 0).sum() == 2
    assert frame.duplicated().sum() == 5_268
    assert math.fsum(worth) == pytest.approx(9_747_747.934, abs=5e-4)
    positive = (numbers(frame["Quantity"]) > 0) & (numbers(frame["UnitPrice"]) > 0)
    assert math.fsum(worth[positive]) == pytest.approx(10_666_684.544, abs=5e-4)


def test_items_of_an_export(shared_data):
    frame = read(shared_data, "events/ga4_sample.csv")
    assert (frame["user_pseudo_id"].nunique(), frame["country"].nunique()) == (4_418, 101)
    assert (frame["event_date"].min(), frame["event_date"].max()) == ("20201101", "20210131")


def test_cells_that_are_missing(shared_data):
    telco = read(shared_data, "customers/Telco-Customer-Churn.csv")
    assert (telco["TotalCharges"].str.strip() == "").sum() == 11
    for name in ("marketing_campaign_semicolon_bom.csv", "marketing_campaign.xlsx"):
        assert (read(shared_data, f"customers/{name}")["Income"] == "").sum() == 24, name
    trials = read(shared_data, "experiments/asos_digital_experiments_dataset.parquet")
    assert len(trials[["experiment_id", "variant_id"]].drop_duplicates()) == 99
    assert int((trials == "").sum().sum()) == 1_557
    views = read(shared_data, "events/diginetica_semicolon.csv")
    empty = views[next(name for name in views.columns if "user" in name.lower())].isin(["", "NA"])
    assert empty.mean() == pytest.approx(0.62, abs=0.005)


def test_ratings_of_reviews(shared_data):
    rating = numbers(read(shared_data, "korean/nsmc_train_200000.csv.gz")["rating"])
    assert ((rating >= 9).sum(), (rating <= 4).sum()) == (90_000, 90_000)
