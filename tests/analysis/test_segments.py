"""Clusters of customers: what is planted is found, what is not is not, and bad data ends in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey.aggregates.cluster_points import assign, drift
from journey.aggregates.customer_table import CustomerTable, Feature, Offer, customer_table
from journey.aggregates.segment import members_of
from journey.analysis.segments import cluster_drift, default_features, grouped, segments
from journey.charts.lettering import text_width
from journey.charts.segments import (
    cluster_choice,
    cluster_map,
    cluster_profile,
    cluster_silhouettes,
    cluster_tree,
    rule_words,
    segments_chart,
)
from journey.charts.segments_drift import drift_bars
from journey.charts.segments_words import axis_words, cluster_name, proposed_names
from journey.errors import SegmentMissing, SettingWrong
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.other_tables import other_tables
from journey.i18n import LANGUAGES, text
from journey.sources.files import read_table
from journey.stages.segment import checked, models, resolved
from journey.stages.suggest import suggest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
PLANTED = "clusters.finding_clear_revenue"


def opened(folder):
    """The shop's events and orders: log, stages, tables."""
    names = ("shop_events.csv", "shop_orders.csv")
    raws = [read_table((folder / name).read_bytes(), name) for name in names]
    parts = [cleaned(raw, guess_table(raw).choice()) for raw in raws]
    log = joined(parts).log
    tables = other_tables((part.kind, part.tables) for part in parts)
    return log, suggest(log.event_names, language="ko").stage_map, tables


@cache
def shop():
    return opened(SAMPLES)


@cache
def of_shop(method="kmeans"):
    log, stages, tables = shop()
    return segments(log, stages, tables=tables, method=method)


def number(name, values, form="number"):
    values = np.asarray(values, dtype=float)
    offer = Offer(f"attribute:{name}", "attributes", form, {"attribute": name})
    return Feature(offer, values, np.full(len(values), -1, dtype=np.int32))


def category(name, codes, names):
    offer = Offer(f"attribute:{name}", "attributes", "category", {"attribute": name})
    return Feature(offer, np.full(len(codes), np.nan), np.asarray(codes, dtype=np.int32), tuple(names))


def table_of(*features, rows=None):
    n = len(features[0].values)
    found = {feature.offer.name: feature for feature in features}
    return CustomerTable(found, np.ones(n, dtype=np.int64) if rows is None else np.asarray(rows))


def groups_of(table, **settings):
    return grouped(table, tuple(table.features), **settings)


def blobs(each=25, seed=0):
    draw = np.random.default_rng(seed)
    points = np.concatenate([draw.normal(at, 0.5, (each, 2)) for at in ((0, 0), (6, 0), (0, 6))])
    return table_of(number("a", points[:, 0]), number("b", points[:, 1]))


def speak(answer):
    """Everything that it says, in both languages."""
    for language in LANGUAGES:
        for said in (answer.finding, *answer.notes):
            assert text(said.code, language, **said.values)
        assert segments_chart(answer, language=language).to_dict()
    return True


# ---- what the sample holds ---------------------------------------------------------------------------------


def test_the_planted_big_baskets_come_out_with_their_part_of_the_revenue():
    answer = of_shop()
    assert speak(answer)
    assert answer.finding.code == PLANTED
    said = answer.finding.values
    assert (said["n"], said["m"]) == (721, 153)
    assert said["share"] == pytest.approx(0.212, abs=0.001)
    assert said["revenue_share"] == pytest.approx(0.561, abs=0.001)
    assert answer.headline.value == said["revenue_share"]
    assert answer.left_out.to_dict("records") == [{"reason": "never", "n": 1279}]
    rule = answer.rules[answer.rules["cluster"] == 1].iloc[0]
    assert (rule["feature"], rule["low"]) == ("orders.price", 40_000)
    assert (rule["precision"], rule["coverage"]) == (1, 1)
    three = answer.at(3)
    assert three.verdict == "clear" and len(three.clusters) == 3
    assert three.finding.values["revenue_share"] > 0.45


def test_customers_of_one_kind_are_no_clusters(tmp_path):
    arguments = ["--plant", "none", "--out", str(tmp_path)]
    subprocess.run([sys.executable, "-B", str(SAMPLES / "generate.py"), *arguments], check=True, timeout=120)
    log, stages, tables = opened(tmp_path)
    answer = segments(log, stages, tables=tables)
    assert answer.finding.code == "clusters.finding_none"
    assert set(answer.choice["verdict"]) == {"none"} and answer.picked == 1
    assert speak(answer)


# ---- laws --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_every_customer_is_in_one_cluster_and_the_shares_are_one(method):
    answer = of_shop(method)
    log = shop()[0]
    for k, view in answer.views.items():
        assert len(view.labels) == log.n_customers
        sizes = np.bincount(view.labels[view.labels >= 0], minlength=k)
        assert sizes.tolist() == view.clusters["n"].tolist() == sorted(sizes, reverse=True)
        assert view.clusters["share"].sum() == pytest.approx(1)
        assert view.clusters["revenue_share"].sum() == pytest.approx(1)
        by_feature = view.table.groupby("feature")
        for _, rows in by_feature:
            assert (rows["value"] * rows["share"]).sum() == pytest.approx(rows["base"].iloc[0])
        assert len(view.silhouettes) == answer.sampled
        assert view.labels[view.clusters["typical"]].tolist() == list(range(k))
        assert view.points["customer"].map(lambda at, of=view: of.labels[at]).tolist() == (
            view.points["cluster"].tolist()
        )


def test_a_model_puts_its_own_customers_where_they_are():
    log, stages, tables = shop()
    answer = of_shop()
    table = customer_table(
        log, stages, features=[one["name"] for one in answer.model["scales"]], tables=tables
    )
    labels, distance = assign(answer.model, table)
    assert labels.tolist() == answer.labels.tolist()
    assert np.isnan(distance).tolist() == (labels < 0).tolist()


def test_neither_the_order_of_customers_nor_another_run_changes_anything():
    table, again = blobs(), blobs()
    order = np.random.default_rng(1).permutation(len(table.rows))
    turned = CustomerTable(
        {n: replace(f, values=f.values[order], codes=f.codes[order]) for n, f in table.features.items()},
        table.rows[order],
    )
    one, same, other = groups_of(table), groups_of(again), groups_of(turned)
    for k in one.views:
        assert one.at(k).labels.tolist() == same.at(k).labels.tolist()
        assert one.at(k).labels[order].tolist() == other.at(k).labels.tolist()
        assert one.at(k).model == other.at(k).model
    assert one.choice.equals(other.choice) and one.choice.equals(same.choice)


def test_blobs_are_clear_and_another_number_is_only_looked_up():
    answer = groups_of(blobs())
    assert (answer.k, answer.verdict, answer.picked) == (3, "clear", 3)
    assert answer.finding.code == "clusters.finding_clear"
    assert answer.at(5).k == 5 and answer.at(5).views is answer.views
    assert groups_of(blobs(), k=4).k == 4
    with pytest.raises(SettingWrong):
        answer.at(9)
    assert speak(answer)


# ---- bad data ----------------------------------------------------------------------------------------------


def test_fewer_than_fifty_customers_are_not_grouped():
    answer = groups_of(blobs(each=16))
    assert answer.finding.code == "clusters.finding_few" and answer.finding.values["n"] == 48
    assert answer.table.empty and answer.clusters.empty and answer.model == {} and speak(answer)


def test_customers_who_are_all_the_same_are_not_grouped():
    answer = groups_of(table_of(number("a", np.ones(80)), category("b", [0] * 80, ["x"])))
    assert answer.finding.code == "clusters.finding_constant" and speak(answer)
    assert answer.constant == ("attribute:a", "attribute:b")


def test_two_different_customers_make_no_more_than_two_clusters():
    draw = np.random.default_rng(0)
    answer = groups_of(table_of(number("a", draw.integers(0, 2, 80) * 3.0)))
    assert list(answer.views) == [2] and speak(answer)
    assert answer.verdict == "none"  # two values are two groups, without any distance between others


def test_missing_and_endless_values_are_imputed_and_told():
    table = blobs()
    values = table.features["attribute:a"].values.copy()
    values[:9], values[9] = np.nan, np.inf
    answer = groups_of(
        table_of(number("a", values), table.features["attribute:b"], number("c", np.full(75, np.nan)))
    )
    row = answer.prepared.set_index("feature").loc["attribute:a"]
    assert row["missing_share"] == pytest.approx(10 / 75)
    assert row["imputed"] == pytest.approx(np.median(values[10:]))
    assert answer.constant == ("attribute:c",)
    codes = [note.code for note in answer.notes]
    assert "clusters.note_imputed" in codes and "clusters.note_constant" in codes and speak(answer)
    assert np.isfinite(answer.table["value"]).all()


def test_of_whom_nothing_is_known_nobody_is_in_a_cluster():
    table = blobs()
    gone = {
        name: number(name[-1], np.r_[one.values, np.full(40, np.nan)]) for name, one in table.features.items()
    }
    answer = groups_of(table_of(*gone.values()))
    assert answer.left_out.to_dict("records") == [{"reason": "unknown", "n": 40}]
    assert (answer.labels[-40:] == -1).all() and speak(answer)
    # The others are grouped as if those were not there.
    assert (answer.labels[:-40] == groups_of(table).labels).all()


def test_who_has_too_many_of_all_rows_is_left_out():
    rows = np.ones(75, dtype=np.int64)
    rows[7] = 200
    table = blobs()
    answer = groups_of(table_of(*table.features.values(), rows=rows))
    assert answer.labels[7] == -1 and answer.n == 74
    assert answer.left_out.to_dict("records") == [{"reason": "crowd", "n": 1}]
    assert speak(answer)


def test_categories_alone_are_no_structure_and_with_numbers_they_tell():
    draw = np.random.default_rng(0)
    places = draw.integers(0, 3, 90)
    alone = groups_of(table_of(category("city", places, ["x", "y", "z"])))
    assert alone.picked == 1 and alone.verdict == "none"
    spend = places * 40.0 + draw.normal(100, 3, 90)
    both = groups_of(table_of(category("city", places, ["x", "y", "z"]), number("spend", spend)))
    assert both.picked > 1 and (both.k, both.verdict) == (3, "clear")
    assert both.table[both.table["feature"] == "attribute:city"].groupby("cluster")[
        "value"
    ].sum().tolist() == (pytest.approx([1, 1, 1]))
    assert all(rule_words(both, cluster, "en") for cluster in range(3))


def test_what_to_group_by_where_nobody_said():
    def offers(*names):
        family = {"rfm": "rfm", "journey": "journey", "orders": "orders", "attribute": "attributes"}
        return [Offer(name, family[name.split(".")[0].split(":")[0]], "number") for name in names]

    journey = ("journey.active_days", "journey.recency", "journey.visits", "journey.stages")
    rfm = ("rfm.recency", "rfm.frequency", "rfm.monetary")
    assert default_features(offers(*rfm, *journey, "orders.price")) == ("journey.active_days", "orders.price")
    assert default_features(offers(*rfm, *journey)) == rfm
    assert set(default_features(offers(*journey))) == set(journey)
    assert default_features(offers("attribute:age", "attribute:sex")) == ("attribute:age", "attribute:sex")


@pytest.mark.parametrize("wrong", [{"k": 1}, {"k": 9}, {"method": "dbscan"}, {"features": ["rfm.nothing"]}])
def test_what_cannot_be_is_refused(wrong):
    log, stages, tables = shop()
    with pytest.raises(Exception, match=r"setting_wrong|column_missing"):
        segments(log, stages, tables=tables, **wrong)


# ---- kept --------------------------------------------------------------------------------------------------


def test_a_saved_model_is_a_rule_that_picks_its_clusters():
    log, stages, tables = shop()
    model = json.loads(json.dumps(dict(of_shop().model)))
    known = models({"clustering.0123456789ab": {"name": "봄", "model": model}, "clustering.x": {"model": {}}})
    assert list(known) == ["0123456789ab"]
    rule = {"not": {"cluster": {"model": "0123456789ab", "groups": [0]}}}
    with pytest.raises(SegmentMissing):
        members_of(log, stages, rule, tables)
    with pytest.raises(SegmentMissing):
        resolved(rule, {})
    picked = members_of(log, stages, resolved(rule, {}, known), tables)
    assert picked.tolist() == (of_shop().labels != 0).tolist()
    for wrong in ({"model": "x"}, {"model": "x", "groups": []}, {"model": 3, "groups": [0]}, "x"):
        with pytest.raises(SettingWrong):
            checked({"cluster": wrong})


def test_drift_says_how_far_customers_are_from_those_of_the_model():
    table = blobs()
    model = groups_of(table).model
    same = drift(model, table)
    assert (same.stability, same.p, same.moved) == pytest.approx((0, 1, 1))
    assert same.table["now"].tolist() == same.table["then"].tolist() == [25, 25, 25]
    half = CustomerTable(
        {n: replace(f, values=f.values[:50] + 0.5, codes=f.codes[:50]) for n, f in table.features.items()},
        table.rows[:50],
    )
    other = drift(model, half)
    assert sorted(other.table["now"]) == [0, 25, 25]
    # Two halves of 25 and none of them against 25 each: by hand, with half a customer in the empty cluster.
    shares = np.array([25, 25, 0.5]) / 50.5
    assert other.stability == pytest.approx(((shares - 1 / 3) * np.log(shares * 3)).sum())
    assert other.p < 0.001 and other.moved > 1.2


# ---- drawn and told ----------------------------------------------------------------------------------------

PICTURES = (cluster_choice, cluster_map, cluster_profile, cluster_silhouettes, cluster_tree)


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_every_picture_draws_every_number_of_clusters(method):
    answer = of_shop(method)
    for k in (2, 8):
        for draw in PICTURES:
            assert draw(answer.at(k), language="ko", dark=k == 2).to_dict()


def test_nothing_to_group_is_drawn_as_a_sentence():
    few = groups_of(blobs(each=10))
    for draw in (segments_chart, *PICTURES):
        assert draw(few, language="en").to_dict()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [350, 1100])
def test_rules_are_read_to_their_end_on_a_phone_too(width, language):
    split = False
    for k in of_shop().views:
        drawn = segments_chart(of_shop().at(k), language=language).datasets["words"]
        seen = [row for row in drawn if width >= row["needs"] and not width >= row.get("most", 0) > 0]
        split = split or any("most" in row for row in drawn)
        for row in seen:
            room = row["room_f"] * width + row["room_p"]
            assert min(row["wide"], text_width(row["short"], row["size"]) * 0.98) <= room, row["text"]
        spots = [(row["x_f"], row["x_p"], row["y"]) for row in seen]
        assert len(spots) == len(set(spots))
    assert split, "no rule was too long for a line of a phone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_proposed_names_are_different_ones_and_give_way_to_those_of_people(language):
    for k in of_shop().views:
        names = proposed_names(of_shop().at(k), language)
        assert sorted(names) == list(range(k)) and len(set(names.values())) == k
    named = replace(of_shop(), names={0: "단골"})
    assert cluster_name(named, 0, language) == "단골"
    assert cluster_name(named, 1, language) == proposed_names(of_shop(), language)[1]


def test_the_axes_of_the_map_are_told_by_their_features():
    told = [axis_words(of_shop(), axis, "en") for axis in (0, 1)]
    explained = of_shop().axes.groupby("axis")["explained"].first()
    assert explained.sum() == pytest.approx(1)
    for words, part in zip(told, explained, strict=True):
        assert f"{100 * part:.1f}%" in words and "↑" in words


def test_the_branches_of_the_tree_have_the_colours_of_their_clusters():
    answer = of_shop("ward").at(3)
    drawn = cluster_tree(answer, language="en").datasets["strokes"]
    assert {row["id"] for row in drawn} == {"", "C:0", "C:1", "C:2"}


def test_customers_of_the_model_itself_have_not_drifted():
    log, stages, tables = shop()
    answer = cluster_drift(log, stages, model=of_shop().model, tables=tables)
    assert answer.finding.code == "clusters.finding_drift_little"
    assert answer.stability == pytest.approx(0, abs=1e-9) and answer.moved == pytest.approx(1, rel=1e-4)
    assert answer.labels.tolist() == of_shop().labels.tolist()
    assert (answer.n, answer.left) == (721, 1279)
    for language in LANGUAGES:
        assert drift_bars(answer, language=language).to_dict()
        for said in (answer.finding, *answer.notes):
            assert text(said.code, language, **said.values)


def test_other_customers_have():
    log, stages, tables = shop()
    one = cluster_drift(log.of_customers(of_shop().labels == 1), stages, model=of_shop().model, tables=tables)
    assert one.finding.code == "clusters.finding_drift_much"
    assert one.table["now"].tolist() == [0, 153, *[0] * (len(one.table) - 2)]
    none = cluster_drift(log.of_customers(of_shop().labels < 0), stages, model=of_shop().model, tables=tables)
    assert none.finding.code == "clusters.finding_drift_nobody" and none.n == 0
    assert drift_bars(none, language="ko").to_dict()


def test_the_mean_price_is_what_was_paid_over_how_many_pieces():
    log, stages, tables = shop()
    found = customer_table(log, stages, features=["orders.price"], tables=tables).features["orders.price"]
    lines = pd.read_csv(SAMPLES / "shop_orders.csv", encoding="utf-8-sig")
    bought = lines[lines["금액"] > 0].groupby("고객ID")[["금액", "수량"]].sum()
    wanted = (bought["금액"] / bought["수량"]).reindex(log.customer_ids.to_pylist())
    assert found.values == pytest.approx(wanted.to_numpy(), nan_ok=True)
