"""Real files, by the facts that are known of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from journey.events.numbers import parse_numbers
from journey.events.times import parse_times
from journey.sources.files import read_table

pytestmark = [pytest.mark.needs_shared_data, pytest.mark.usefixtures("books_here")]


def read(folder: Path, name: str):
    data = (folder / name).read_bytes()
    return read_table(gzip.decompress(data) if name.endswith(".gz") else data, name.removesuffix(".gz"))


def test_names_have_no_mark_and_ids_keep_their_digits(shared_data):
    assert read(shared_data, "korean/cctv_utf8_bom.csv").frame.columns[0] == "기관명"
    assert read(shared_data, "customers/marketing_campaign_semicolon_bom.csv").frame.columns[0] == "ID"
    frame = read(shared_data, "events/rees46_1000.csv").frame
    assert frame["category_id"].str.len().max() == 19
    ga4 = read(shared_data, "events/ga4_sample.csv").frame
    assert ga4["user_pseudo_id"].nunique() == 4418
    assert ga4["country"].nunique() == 101


def test_a_table_without_names_and_with_korean_dates(shared_data):
    raw = read(shared_data, "korean/web_traffic_headerless_korean_dates.csv")
    # 366 lines, the last of which is blank.
    assert raw.frame.shape == (365, 2)
    assert raw.header_line == 0
    times = parse_times(raw.frame["column_1"], zone="Asia/Seoul")
    assert (times.invalid, times.ambiguous) == (0, None)
    assert parse_numbers(raw.frame["column_2"]).invalid == 0


def test_the_same_customers_from_two_layouts(shared_data):
    book = read(shared_data, "customers/marketing_campaign.xlsx").frame
    text = read(shared_data, "customers/marketing_campaign_semicolon_bom.csv").frame
    assert sorted(book["ID"]) == sorted(text["ID"])
    for frame in (book, text):
        assert parse_numbers(frame["Response"]).values.mean() == pytest.approx(0.1491, abs=5e-5)
        assert parse_numbers(frame["Income"]).missing == 24


def test_amounts(shared_data):
    frame = read(shared_data, "transactions/completejourney_transactions.csv.gz").frame
    sales = parse_numbers(frame["sales_value"])
    # One amount is written 4.440892e-16.
    assert (sales.invalid, sales.missing) == (1, 0)
    assert np.nansum(sales.values) == pytest.approx(233_935.24)
    promotions = read(shared_data, "experiments/fastfood_promotions.csv").frame
    assert all(parse_numbers(promotions[name]).invalid == 0 for name in promotions if "Sales" in name)
    crime = read(shared_data, "korean/crime_cp949_thousand_separators.csv").frame
    assert all(parse_numbers(crime[name]).invalid == 0 for name in crime.columns[1:])
    telco = read(shared_data, "customers/Telco-Customer-Churn.csv").frame
    assert parse_numbers(telco["TotalCharges"]).missing == 11
