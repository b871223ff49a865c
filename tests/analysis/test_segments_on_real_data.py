"""Segments of real customers are those that pandas and scikit-learn find, told apart by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from journey.aggregates.cluster_points import canonical, placed, scales_of
from journey.aggregates.customer_table import customer_table, offered
from journey.analysis.rfm import rfm
from journey.analysis.segments import default_features, segments
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.other_tables import other_tables
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.statistics.clustering import kmeans
from tests.aggregates.test_customer_table import only_customers

pytestmark = pytest.mark.needs_shared_data
STAGES = StageMap()


def test_mall_customers_are_the_known_five_in_raw_and_in_equal_scales(shared_data):
    """Income and spending: 81, 39, 35, 23, 22; the inertias are scikit-learn's, best of 20."""
    log, tables = only_customers(shared_data / "customers" / "Mall_Customers.csv")
    names = ("attribute:Annual Income (k$)", "attribute:Spending Score (1-100)")
    answer = segments(log, STAGES, features=names, tables=tables)
    assert (answer.k, answer.picked, answer.verdict) == (5, 5, "clear")
    assert answer.clusters["n"].tolist() == [81, 39, 35, 23, 22]
    inertia = answer.choice.set_index("k")["inertia"]
    assert inertia[5] == pytest.approx(65.568408, rel=1e-6)
    table = customer_table(log, STAGES, features=names, tables=tables)
    raw = np.stack([table.features[name].values for name in names], axis=1)
    found = kmeans(raw, 5)
    assert found.sizes.tolist() == [81, 39, 35, 23, 22]
    assert found.inertia == pytest.approx(44_448.455448, rel=1e-6)


def test_a_campaign_is_grouped_alike_from_both_of_its_layouts(shared_data):
    """By the first numbers as they stand in the table; the one with gaps is Income, 24 of 2,240."""
    found = []
    for name in ("marketing_campaign_semicolon_bom.csv", "marketing_campaign.xlsx"):
        log, tables = only_customers(shared_data / "customers" / name)
        names = default_features(offered(log, STAGES, tables))
        table = customer_table(log, STAGES, features=names, tables=tables)
        order = canonical(table, names, np.ones(log.n_customers, dtype=bool))
        scales = scales_of(table, names, order)
        found.append((names, scales, kmeans(placed(scales, table, order), 3, starts=2).labels))
    (names, scales, labels), (again, scales_again, labels_again) = found
    columns = ["Year_Birth", "Income", "Dt_Customer", "Recency", "MntWines", "MntFruits"]
    assert names == again == tuple(f"attribute:{name}" for name in columns)
    assert scales == scales_again and (labels == labels_again).all()
    missing = {one.name: one.missing_share for one in scales.used if one.missing_share}
    assert missing == {"attribute:Income": pytest.approx(24 / 2_240)}


def test_complete_journey_has_the_groups_by_rfm_that_pandas_makes_of_its_baskets(shared_data):
    names = ("completejourney_transactions.csv.gz", "completejourney_demographics.csv")
    raws = [read_table(shared_data / "transactions" / name, name) for name in names]
    parts = [cleaned(raw, guess_table(raw).choice()) for raw in raws]
    log, tables = joined(parts).log, other_tables((part.kind, part.tables) for part in parts)
    answer = rfm(log, STAGES, view="groups", tables=tables)
    assert (answer.n_buyers, answer.as_of, answer.counted) == (2_377, dt.date(2018, 1, 2), "orders")
    assert answer.cuts["recency"] == (5, 12, 27, 64) and answer.cuts["frequency"] == (5, 11, 19, 32)
    assert answer.cuts["monetary"] == pytest.approx((20.144, 45.954, 86.95, 161.198))
    assert answer.groups["customers"].tolist() == [557, 504, 203, 181, 245, 687]
    paid = [123_947.70, 56_476.14, 6_119.70, 5_185.77, 26_277.33, 15_928.60]
    assert answer.groups["revenue"].tolist() == pytest.approx(paid)
    assert sum(paid) == pytest.approx(233_935.24)
