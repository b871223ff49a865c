"""What every real file is taken for: its kind, its preset, its roles, or why it is no journey."""

from __future__ import annotations

import pytest

from journey.events.columns import guess_table
from journey.i18n import LANGUAGES, text
from tests.shared_tables import shared_table

pytestmark = [pytest.mark.needs_shared_data, pytest.mark.usefixtures("books_here")]

XES = {"customer": "case:concept:name", "event": "concept:name", "time": "time:timestamp"}
RATINGS = (
    "Inflight wifi service,Departure/Arrival time convenient,Ease of Online booking,Gate location,"
    "Food and drink,Online boarding,Seat comfort,Inflight entertainment,On-board service,Leg room service,"
    "Baggage handling,Checkin service,Inflight service,Cleanliness"
)

# file, kind, preset, roles but attributes, how many attributes
JOURNEYS = [
    ("events/ga4_sample.csv", "events", "ga4", dict(customer="user_pseudo_id", time="event_timestamp"), 5),
    (
        "events/rees46_1000.csv",
        "events",
        "rees46",
        dict(customer="user_id", event="event_type", time="event_time", session="user_session"),
        2,
    ),
    ("events/helpdesk.csv", "events", "xes", XES, 8),
    ("events/receipt.csv", "events", "xes", XES, 6),
    ("events/receipt.parquet", "events", "xes", XES, 6),
    ("events/yoochoose_epoch_seconds.txt", "events", None, dict(customer="SessionId", time="Time"), 0),
    ("events/diginetica_semicolon.csv", "events", None, dict(customer="session_id", time="eventdate"), 0),
    (
        "transactions/completejourney_coupon_redemptions.csv",
        "events",
        None,
        dict(customer="household_id", time="redemption_date"),
        0,
    ),
    (
        "transactions/completejourney_transactions.csv.gz",
        "orders",
        None,
        dict(
            customer="household_id",
            time="transaction_timestamp",
            order="basket_id",
            amount="sales_value",
            quantity="quantity",
            product="product_id",
        ),
        1,
    ),
    (
        "transactions/online_retail.parquet",
        "orders",
        None,
        dict(
            customer="CustomerID",
            time="InvoiceDate",
            order="InvoiceNo",
            quantity="Quantity",
            unit_price="UnitPrice",
            product="Description",
        ),
        1,
    ),
    (
        "messy/superstore_old.xls",
        "orders",
        None,
        dict(
            customer="Customer ID",
            time="Order Date",
            order="Order ID",
            amount="Sales",
            quantity="Quantity",
            product="Product Name",
            category="Category",
        ),
        6,
    ),
    ("surveys/airline_satisfaction.csv", "survey", None, dict(customer="id", scores=RATINGS), 5),
    (
        "korean/nsmc_train_200000.csv.gz",
        "reviews",
        None,
        dict(text="review", rating="rating", product="movie_id"),
        0,
    ),
    (
        "experiments/cookie_cats.csv",
        "experiment",
        None,
        dict(customer="userid", arm="version", outcomes="sum_gamerounds,retention_1,retention_7"),
        0,
    ),
    (
        "experiments/fastfood_promotions.csv",
        "experiment",
        None,
        dict(arm="Promotion", outcomes="Gross Sales"),
        3,
    ),
    (
        "experiments/asos_digital_experiments_dataset.parquet",
        "experiment",
        None,
        dict(
            arm="variant_id",
            experiment="experiment_id",
            units="count_c,count_t",
            metric="metric_id",
            elapsed="time_since_start",
            mean="mean_c,mean_t",
            variance="variance_c,variance_t",
        ),
        0,
    ),
    (
        "experiments/ab_testing.xlsx",
        "experiment",
        None,
        dict(arm="sheet", outcomes="Impression,Click,Purchase,Earning"),
        0,
    ),
    (
        "messy/ab_data_cut_mid_row.csv",
        "experiment",
        None,
        dict(customer="user_id", arm="group", time="timestamp", outcomes="converted"),
        1,
    ),
    ("customers/Mall_Customers.csv", "customers", None, dict(customer="CustomerID"), 4),
    ("customers/Telco-Customer-Churn.csv", "customers", None, dict(customer="customerID"), 20),
    ("customers/marketing_campaign.xlsx", "customers", None, dict(customer="ID"), 28),
    ("customers/marketing_campaign_semicolon_bom.csv", "customers", None, dict(customer="ID"), 26),
    (
        "transactions/completejourney_demographics.csv",
        "customers",
        None,
        dict(customer="household_id"),
        7,
    ),
]

# file, code of the reason
OTHERS = [
    ("attribution/paths_10000.csv.gz", "paths"),
    ("customers/online_shoppers_intention.csv", "summed"),
    ("korean/apartment_sales_cp949.csv", "customer"),
    ("korean/cctv_utf8_bom.csv", "summed"),
    ("korean/crime_cp949_thousand_separators.csv", "summed"),
    ("korean/listed_companies_html_named_xls.xls", "customer"),
    ("korean/migration_two_headers_merged.xlsx", "summed"),
    ("korean/population_three_header_rows.xls", "summed"),
    ("korean/sales_funnel.xlsx", "time"),
    ("korean/seoul_sales_cp949.csv.gz", "summed"),
    ("korean/subway_cp949.csv", "customer"),
    ("korean/web_traffic_headerless_korean_dates.csv", "customer"),
    ("korean/지역_위치별(주유소).xls", "customer"),
    ("messy/eshop_cp1252_dictionary_beside_table.csv", "summed"),
    ("transactions/completejourney_campaign_descriptions.csv", "customer"),
    ("transactions/completejourney_campaigns.csv", "time"),
    ("transactions/completejourney_products.csv.gz", "customer"),
]


def guessed(folder, name, **how):
    return guess_table(shared_table(folder, name, **how))


@pytest.mark.parametrize(("name", "kind", "preset", "roles", "attributes"), JOURNEYS)
def test_journeys(shared_data, name, kind, preset, roles, attributes):
    found = guessed(shared_data, name)
    assert (found.kind, found.preset) == (kind, preset)
    choice = found.choice()
    own = {role: ",".join(choice.all(role)) for role in choice.roles if role != "attributes"}
    assert own == roles
    assert len(choice.all("attributes")) == attributes
    assert not choice.missing
    for one in [found.reason, *(guess.reason for each in found.roles[kind].values() for guess in each)]:
        assert all(text(one.code, language, **one.values) for language in LANGUAGES)


@pytest.mark.parametrize(("name", "why"), OTHERS)
def test_no_journeys(shared_data, name, why):
    found = guessed(shared_data, name, encoding="cp1252" if "cp1252" in name else None)
    assert (found.kind, found.preset) == (None, None)
    assert found.reason.code == f"columns.no_journey_{why}"
    assert all(text(found.reason.code, language, **found.reason.values) for language in LANGUAGES)
    # Whoever knows better may still say what it is.
    assert {kind: found.choice(kind).kind for kind in found.kinds} == {kind: kind for kind in found.kinds}


def test_an_order_table_can_still_be_read_as_events(shared_data):
    found = guessed(shared_data, "transactions/completejourney_transactions.csv.gz")
    choice = found.choice("events")
    assert (choice.one("customer"), choice.one("time")) == ("household_id", "transaction_timestamp")
    assert choice.one("event") is None


def test_both_layouts_of_one_table_are_one_guess(shared_data):
    one = guessed(shared_data, "customers/marketing_campaign.xlsx").choice()
    two = guessed(shared_data, "customers/marketing_campaign_semicolon_bom.csv").choice()
    # The workbook has two more columns, TotalSpend and TotalPurchases.
    assert set(one.all("attributes")) - {"TotalSpend", "TotalPurchases"} == set(two.all("attributes"))
    csv = guessed(shared_data, "events/receipt.csv").choice()
    parquet = guessed(shared_data, "events/receipt.parquet").choice()
    assert {role: set(columns) for role, columns in csv.roles.items()} == {
        role: set(columns) for role, columns in parquet.roles.items()
    }


def test_no_file_is_left_out(shared_data):
    pinned = {one[0] for one in (*JOURNEYS, *OTHERS)}
    found = {path.relative_to(shared_data).as_posix() for path in shared_data.glob("*/*")}
    assert found == pinned
