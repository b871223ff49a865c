"""One row a customer: against plain loops, laws, and what real tables are read as."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.aggregates.customer_table import FAMILIES, OTHER, customer_table, offered
from journey.charts.feature_words import category_words, family_words, feature_value, feature_words
from journey.errors import ColumnMissing, SettingWrong
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, OtherTables, other_tables, registered
from journey.i18n import LANGUAGES
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from tests.analysis.logs import DAY, STAGES, disguised, event_log, mapped, places, rows, stage_map
from tests.analysis.oracle import Row, Rules, histories, visits
from tests.endurance import examples

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@cache
def shop():
    """The sample shop with all its tables: log, stages, tables."""
    names = (
        "shop_events.csv",
        "shop_orders.csv",
        "shop_survey.csv",
        "shop_reviews.csv",
        "shop_customers.csv",
    )
    raws = [read_table((SAMPLES / name).read_bytes(), name) for name in names]
    parts = [cleaned(raw, guess_table(raw).choice()) for raw in raws]
    log = joined(parts).log
    tables = other_tables((part.kind, part.tables) for part in parts)
    return log, suggest(log.event_names, language="ko").stage_map, tables


def test_the_shop_offers_features_of_every_family_and_all_can_be_had():
    log, stages, tables = shop()
    offers = offered(log, stages, tables)
    assert [*dict.fromkeys(offer.family for offer in offers)] == list(FAMILIES)
    assert len({offer.name for offer in offers}) == len(offers)
    table = customer_table(log, stages, features=[offer.name for offer in offers], tables=tables)
    assert table.rows.sum() == log.n_rows
    for feature in table.features.values():
        assert len(feature.values) == len(feature.codes) == table.n_customers == log.n_customers
        assert feature.known.any(), feature.offer.name
        known = feature.values[feature.known]
        if feature.offer.form in ("share", "flag"):
            assert ((known >= 0) & (known <= 1)).all()
    for language in LANGUAGES:
        words = [feature_words(offer, language) for offer in offers]
        assert len(set(words)) == len(words)
        for offer in offers:
            assert family_words(offer.family, language)
            assert feature_value(offer, 0.5, language) != feature_value(offer, np.nan, language) == "–"
    assert category_words("", "en") == "Other"


# ---- against plain loops -----------------------------------------------------------------------------------

PARTS = ("night", "morning", "afternoon", "evening")


def by_loops(found, placed, stages):
    """{customer: {feature: value}} of rows, None where there is no value."""
    rules = Rules(order=STAGES, places=mapped(placed))
    last = max(row.minute for row in found) // DAY
    told = {}
    for customer, history in histories(found).items():
        path = visits(history, rules)
        spans = [(one[0][1], other[1] - one[1]) for one, other in pairwise(path)]
        names = [name for (_, name), _, _ in path]
        own = told[customer] = {
            "journey.recency": last + 1 - history[-1].minute // DAY,
            "journey.active_days": len({row.minute // DAY for row in history}),
            "journey.visits": len(path),
            "journey.stages": len(set(names)),
            "journey.loops": len(path) - len(set(names)),
            "when.weekend": sum(row.minute // DAY % 7 >= 5 for row in history) / len(history),
        }
        for place, part in enumerate(PARTS):
            own[f"when.{part}"] = sum(row.minute % DAY // 360 == place for row in history) / len(history)
        values = [row.value for row in history if row.value]
        for value in ("강남", "부산"):
            own[f"mix:value:{value}"] = values.count(value) / len(values) if values else None
        for stage in stages.stages:
            took = sorted(span for name, span in spans if name == stage.name)
            own[f"journey.reached:{stage.id}"] = float(stage.name in names)
            own[f"journey.visits:{stage.id}"] = names.count(stage.name)
            own[f"journey.time:{stage.id}"] = 60 * took[(len(took) - 1) // 2] if took else None
    return told


def values_of(log, stages, tables=NO_TABLES):
    """{customer: {feature: value}} of everything that is offered, as the package has it."""
    offers = offered(log, stages, tables)
    made = customer_table(log, stages, features=[offer.name for offer in offers], tables=tables)
    told = {}
    for place, customer in enumerate(log.customer_ids.to_pylist()):
        told[customer] = {}
        for name, feature in made.features.items():
            if feature.offer.kind == "category":
                code = feature.codes[place]
                told[customer][name] = None if code < 0 else feature.categories[code]
            else:
                value = feature.values[place]
                told[customer][name] = None if np.isnan(value) else float(value)
    return told


@settings(max_examples=examples(60))
@given(rows(), places())
def test_features_of_a_log_are_those_of_plain_loops(found, placed):
    log, stages = event_log(found), stage_map(placed)
    told, expected = values_of(log, stages), by_loops(found, placed, stages)
    assert told.keys() == expected.keys()
    for customer, features in told.items():
        compared = {name: value for name, value in features.items() if not name.startswith("rfm.")}
        assert compared == pytest.approx({name: expected[customer][name] for name in compared})
    offers = {offer.name for offer in offered(log, stages)}
    assert {"when.night", "when.morning"} <= offers or log.date_only
    there = {placed.get(row.event) for row in found} - {None}
    assert {stages.named(name).id for name in there} == {
        name.split(":")[1] for name in offers if name.startswith("journey.reached:")
    }


@settings(max_examples=examples(30))
@given(rows(), places(), st.randoms())
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(found, placed, random):
    stages = stage_map(placed)
    shuffled, renamed, new = disguised(found, random)
    told = values_of(event_log(found), stages)
    assert values_of(event_log(shuffled), stages) == told
    assert values_of(event_log(renamed), stages) == {new[one]: values for one, values in told.items()}


@settings(max_examples=examples(30))
@given(rows(), places())
def test_parts_with_disjoint_customers_stand_one_after_the_other(found, placed):
    log, stages = event_log(found), stage_map(placed)
    told = values_of(log, stages)
    for half in ("ab", "cd"):
        chosen = np.array([customer in half for customer in log.customer_ids.to_pylist()])
        if chosen.any():
            part = values_of(log.of_customers(chosen), stages)
            assert part == {customer: told[customer] for customer in part}


def test_hours_and_weekends_are_those_of_the_wall_also_where_clocks_change():
    times = [
        "2024-03-31 00:30",
        "2024-03-31 05:30",
        "2024-03-31 06:30",
        "2024-10-27 23:30",
        "2024-10-28 00:30",
    ]
    frame = pd.DataFrame({"customer": "a", "event": "v", "time": pd.to_datetime(times)})
    log = EventLog.from_frame(frame, zone="Europe/London")
    assert values_of(log, StageMap())["a"] == pytest.approx(
        {
            "journey.recency": 1,
            "journey.active_days": 3,
            "when.night": 0.6,
            "when.morning": 0.2,
            "when.afternoon": 0,
            "when.evening": 0.2,
            "when.weekend": 0.8,
        }
    )


# ---- tables beside the log ---------------------------------------------------------------------------------


def texts(*values):
    return pa.array(values, pa.large_string())


def moments(*days):
    stamps = [None if day is None else dt.datetime(2024, 1, day, 3, tzinfo=dt.UTC) for day in days]
    return pa.array(stamps, pa.timestamp("us", "UTC"))


def small_log(customers="abc"):
    frame = pd.DataFrame(
        {"customer": [*customers] * 2, "event": "v", "time": pd.Timestamp("2024-01-01 10:00")}
    )
    frame.loc[len(customers) :, "time"] = pd.Timestamp("2024-01-20 10:00")
    return EventLog.from_frame(frame)


TABLES = OtherTables(
    customers=(pa.table({"customer": texts("a", "z", "y"), "tier": texts("gold", "gold", "none")}),),
    lines=(
        pa.table(
            {
                "customer": texts("a", "a", "a", "b", "z", None, "a"),
                "order": texts(*"1234567"),
                "time": moments(2, 2, 15, 15, 2, 2, 3),
                "category": texts("tea", "tea", "cup", "cup", "tea", "tea", None),
                "amount": [5.0, 5.0, 7.0, -7.0, 1.0, 1.0, 1.0],
            }
        ),
    ),
    answers=pd.DataFrame(
        {
            "customer": ["a", "a", "b", None, "c"],
            "time": pd.to_datetime(["2024-01-02", "2024-01-15", None, "2024-01-02", "2024-01-02"], utc=True),
            "question": ["Happy?"] * 5,
            "score": [5.0, 2.0, 4.0, 1.0, 90.0],
            "scale": ["1-5", "1-5", "1-5", "1-5", "0-100"],
        }
    ),
    reviews=(
        pa.table(
            {
                "customer": texts("b", "b", None, "a"),
                "time": moments(2, None, 3, 2),
                "rating": pa.array([4.0, 5.0, 1.0, None]),
                "scale": texts("1-5", "1-5", "1-5", "1-5"),
            }
        ),
    ),
)
HAPPY = "answers:" + hashlib.sha256(b"Happy?").hexdigest()[:8]


def test_orders_answers_and_reviews_are_means_of_each_customer():
    told = values_of(small_log(), StageMap(), TABLES)
    wanted = ("orders:tea", "orders:cup", HAPPY, "reviews.rating", "attribute:tier")
    assert {one: [features[name] for name in wanted] for one, features in told.items()} == {
        "a": [2 / 3, 1 / 3, 3.5, None, "gold"],
        "b": [None, None, 4.0, 4.5, None],
        "c": [None, None, None, None, None],
    }


def test_in_a_period_only_what_is_dated_in_it_counts():
    log = small_log().between(dt.date(2024, 1, 10), dt.date(2024, 1, 31))
    told = values_of(log, StageMap(), TABLES)
    assert [told["a"][name] for name in ("orders:tea", "orders:cup", HAPPY)] == [0.0, 1.0, 2.0]
    assert (told["b"][HAPPY], told["b"]["reviews.rating"]) == (None, None)
    assert told["a"]["journey.recency"] == 12


def test_customers_of_tables_alone_are_counted_and_those_whom_filters_left_out_are_not():
    log = small_log()
    made = customer_table(log, StageMap(), features=["attribute:tier"], tables=TABLES)
    assert [(note.code, note.values) for note in made.notes] == [("features.only_in_tables", {"n": 2})]
    some = log.of_customers(np.array([True, False, False]))
    assert not customer_table(some, StageMap(), features=["attribute:tier"], tables=TABLES).notes


def test_a_value_that_nobody_has_any_more_is_no_error_but_a_lost_column_is():
    log = event_log([Row("a", "보기", 10, "강남")])
    made = customer_table(log, StageMap(), features=["mix:value:구로", "mix:value:강남"])
    assert [feature.values.tolist() for feature in made.features.values()] == [[0.0], [1.0]]
    for name in (
        "attribute:tier",
        "mix:colour:red",
        "journey.reached:s9",
        "orders:tea",
        "nonsense",
        "rfm.recency",
    ):
        with pytest.raises(ColumnMissing):
            customer_table(log, StageMap(), features=[name])
    with pytest.raises(SettingWrong):
        customer_table(small_log().by_session(), StageMap(), features=["journey.visits"])


# ---- what a column is read as ------------------------------------------------------------------------------


def read(values, rare=()):
    """Form of the column of these texts, and its first customer's value."""
    cells = [*values, *rare]
    ids = [f"c{number:04d}" for number in range(len(cells))]
    tables = OtherTables(customers=(pa.table({"customer": texts(*ids), "it": texts(*cells)}),))
    log = registered(tables)
    offers = {offer.name: offer for offer in offered(log, StageMap(), tables)}
    if "attribute:it" not in offers:
        return None
    feature = customer_table(log, StageMap(), features=["attribute:it"], tables=tables).features[
        "attribute:it"
    ]
    offer = feature.offer
    assert offer == offers["attribute:it"]
    first = feature.values[0] if offer.kind == "number" else feature.categories[feature.codes[0]]
    return offer.form, first, int(feature.known.sum())


def test_columns_are_read_as_numbers_dates_or_groups():
    many = range(1000, 1040)
    assert read([f"{n:,}" for n in many], ["모름"]) == ("number", 1000, 40)
    assert read([f"{n}원" for n in many]) == ("number", 1000, 40)
    # Words for nothing are missing, however many.
    assert read([str(n) for n in many], ["-", "n/a"] * 9) == ("number", 1000, 40)
    assert read([f"{n}%" for n in range(40)]) == ("share", 0, 40)
    # Too few different numbers, or too many words among them.
    assert read(["3", "1", "2"] * 9) == ("category", "3", 27)
    assert read([str(n) for n in many], ["모름"] * 60) == ("category", "1000", 100)
    dates = [f"2024-03-{day:02d}" for day in range(1, 31)]
    assert read(dates) == ("days", 30, 30)
    assert read([date.replace("-", "") for date in dates]) == ("days", 30, 30)
    assert read(["yes", "no"] * 4) == ("category", "yes", 8)
    # Names: hardly anybody shares one.
    assert read([f"Name of {n:04d} x" for n in range(100)]) is None
    assert read([None, ""]) is None


def test_of_many_values_the_frequent_ones_keep_their_names():
    values = [f"city {n:02d}" for n in range(25) for _ in range(30 - n)]
    ids = [f"c{number:04d}" for number in range(len(values))]
    tables = OtherTables(customers=(pa.table({"customer": texts(*ids), "city": texts(*values)}),))
    log = registered(tables)
    feature = customer_table(log, StageMap(), features=["attribute:city"], tables=tables).features[
        "attribute:city"
    ]
    assert feature.categories == (*(f"city {n:02d}" for n in range(20)), OTHER)
    assert np.bincount(feature.codes).tolist() == [*(30 - n for n in range(20)), sum(range(6, 11))]


def test_a_date_of_customers_with_a_log_counts_to_the_day_after_its_last():
    days = [f"2024-01-{day:02d}" for day in range(1, 13)]
    ids = [f"c{number:02d}" for number in range(12)]
    tables = OtherTables(customers=(pa.table({"customer": texts(*ids), "joined": texts(*days)}),))
    feature = customer_table(
        small_log(ids), StageMap(), features=["attribute:joined"], tables=tables
    ).features
    assert feature["attribute:joined"].values.tolist() == [*range(20, 8, -1)]


# ---- real tables -------------------------------------------------------------------------------------------


def only_customers(path):
    raw = read_table(path, path.name)
    part = cleaned(raw, guess_table(raw).choice("customers"))
    tables = other_tables([(part.kind, part.tables)])
    return registered(tables), tables


@pytest.mark.needs_shared_data
def test_mall_customers_are_200_of_two_genders_with_three_numbers(shared_data):
    log, tables = only_customers(shared_data / "customers" / "Mall_Customers.csv")
    offers = offered(log, StageMap(), tables)
    assert [(offer.about["attribute"], offer.form) for offer in offers] == [
        ("Genre", "category"),
        ("Age", "number"),
        ("Annual Income (k$)", "number"),
        ("Spending Score (1-100)", "number"),
    ]
    made = customer_table(log, StageMap(), features=[offer.name for offer in offers], tables=tables)
    means = [made.features[offer.name].values.mean() for offer in offers[1:]]
    assert means == pytest.approx([38.85, 60.56, 50.20])
    assert made.n_customers == 200
    assert made.features["attribute:Genre"].categories == ("Female", "Male")


@pytest.mark.needs_shared_data
def test_two_layouts_of_one_campaign_give_equal_tables(shared_data):
    folder = shared_data / "customers"
    made = []
    for name in ("marketing_campaign_semicolon_bom.csv", "marketing_campaign.xlsx"):
        log, tables = only_customers(folder / name)
        names = [offer.name for offer in offered(log, StageMap(), tables)]
        made.append(customer_table(log, StageMap(), features=names, tables=tables))
    one, other = made
    # Somebody wrote sums into the workbook.
    sums = {"attribute:TotalSpend", "attribute:TotalPurchases"}
    assert other.features.keys() - one.features.keys() == sums
    for name, feature in one.features.items():
        assert feature.offer == other.features[name].offer
        assert np.array_equal(feature.values, other.features[name].values, equal_nan=True), name
        assert np.array_equal(feature.codes, other.features[name].codes), name
        assert feature.categories == other.features[name].categories
    assert one.n_customers == 2_240
    income = one.features["attribute:Income"]
    assert (income.offer.form, int((~income.known).sum())) == ("number", 24)
    assert one.features["attribute:Dt_Customer"].offer.form == "days"
    response = one.features["attribute:Response"]
    assert response.categories == ("0", "1")
    assert response.codes.mean() == pytest.approx(0.1491, abs=5e-5)
