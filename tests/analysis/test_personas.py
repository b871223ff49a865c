"""Who are the customers of each segment, told against counts by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given

from journey.aggregates.customer_table import customer_table
from journey.aggregates.nodes import nodes
from journey.aggregates.routes import beginning
from journey.aggregates.traits import made_of
from journey.aggregates.visits import visits
from journey.analysis.personas import personas
from journey.analysis.reach import reach
from journey.analysis.routes import routes
from journey.charts.persona_words import evidence_words, fact_words
from journey.charts.personas import personas_chart, portrait
from journey.errors import ColumnMissing, SettingWrong
from journey.events.other_tables import NO_TABLES, registered
from journey.i18n import LANGUAGES, text
from tests.analysis.logs import event_log, places, rows, stage_map
from tests.analysis.oracle import Row
from tests.analysis.test_segments import SAMPLES, opened, shop

_AT = pd.Timestamp("2024-01-01", tz="Asia/Seoul")
_PLACED = {"보기": "인지", "담기": "고려", "사기": "구매"}


def _shop():
    """Ten who buy for 100 each after looking at night, thirty who only look by day."""
    found, amounts = [], []
    for n in range(40):
        who, late = f"c{n:02d}", n < 10
        day = n * 24 * 60
        for event, minute in (("보기", 60 if late else 780), ("담기", 70), ("사기", 80)):
            if event == "보기" or (late and event != "담기") or (event == "담기" and n % 2):
                found.append(Row(who, event, day + minute, "강남" if late else "부산"))
                amounts.append(100.0 if event == "사기" else math.nan)
    log = event_log(found)
    # The log sorts its rows, so the amounts go with their events.
    bought = log.event == log.event_names.index("사기")
    return replace(log, amount=np.where(bought, 100.0, np.nan))


def _split(log, late=True):
    return np.array([(int(who[1:]) < 10) == late for who in log.customer_ids.to_pylist()])


def _fact(persona, code):
    return next(fact for fact in persona.facts if fact.finding.code == f"personas.fact_{code}")


def test_value_and_target_are_those_of_the_orders():
    log = _shop()
    found = personas(
        log,
        stage_map(_PLACED),
        rules=[_split(log), _split(log, late=False)],
        ids=["late", "day"],
        names=["밤 손님", "낮 손님"],
        purchases=["사기"],
    )
    late, day = found.personas
    assert (late.customers, late.share, late.buyers, late.revenue, late.revenue_share) == (
        10,
        0.25,
        10,
        1000,
        1,
    )
    assert (late.clv, late.clv_low, late.clv_high) == (100, 100, 100)
    assert (day.buyers, day.revenue) == (0, 0)
    assert (found.target, found.finding.code) == (None, "personas.finding_largest")
    assert _fact(late, "buyers").finding.values["share"] == 1


def test_a_target_needs_two_who_bring_money():
    log = _shop()
    halves = {name: _split(log) & (np.arange(40) % 2 == part) for part, name in enumerate(("even", "odd"))}
    wide = {**halves, "even": halves["even"] | (np.arange(40) == 1)}
    found = personas(log, stage_map(_PLACED), rules=list(wide.values()), ids=list(wide), purchases=["사기"])
    assert found.target == "even"
    assert found.reason.values["revenue_share"] == pytest.approx(0.6)
    assert found.headline.value == pytest.approx(0.6)
    assert [note.code for note in found.notes].count("personas.note_several") == 1
    alone = personas(log, stage_map(_PLACED), rules=[_split(log)], purchases=["사기"])
    assert alone.target is None


@given(rows(), places())
def test_route_reach_and_first_touchpoint_are_those_of_the_other_questions(found, placed):
    log, stages = event_log(found), stage_map(placed)
    chosen = np.arange(log.n_customers) % 2 == 0
    (persona,) = personas(log, stages, rules=[chosen]).personas
    own = log.of_customers(chosen)
    assert list(persona.reach.values()) == pytest.approx(reach(own, stages).table["share"].tolist())
    told = {fact.finding.code: fact.finding.values for fact in persona.facts}
    most = routes(own, stages, limit=1).table
    if len(most) and most["share"].iloc[0] >= 0.1 and most["customers"].iloc[0] >= 3:
        assert told["personas.fact_route"]["route"] == " → ".join(most["route"].iloc[0])
        assert told["personas.fact_route"]["customers"] == most["customers"].iloc[0]
    else:
        assert ("personas.fact_begins" in told) == (len(most) > 0)
    ids = [who for who, flag in zip(log.customer_ids.to_pylist(), chosen, strict=True) if flag]
    firsts = Counter()
    for who in ids:
        mine = sorted(
            (row.minute, row.event) for row in found if row.customer == who and placed.get(row.event)
        )
        firsts.update([mine[0][1]] if mine else [])
    if firsts:
        assert told["personas.fact_first"]["customers"] == max(firsts.values())


def test_what_hurts_is_the_place_of_the_worst_ratings_of_enough_customers():
    log = _shop()
    ids = log.customer_ids.to_pylist()
    worst = (
        [(who, "배송", 1) for who in ids[:6]] + [(who, "결제", 5) for who in ids[:6]] + [(ids[0], "앱", 1)]
    )
    answers = pd.DataFrame(worst, columns=["customer", "touchpoint", "score"]).assign(
        time=_AT, question="만족도", scale="1-5"
    )
    (persona,) = personas(
        log, stage_map(_PLACED), rules=[_split(log)], tables=replace(NO_TABLES, answers=answers)
    ).personas
    told = _fact(persona, "felt")
    assert (told.finding.values["place"], told.finding.values["feeling"], told.n) == ("배송", -2, 6)
    assert told.evidence == "measured"
    assert persona.feelings["place"].tolist() == ["배송", "앱", "결제"]


def test_habits_and_what_sets_apart():
    log = _shop()
    (persona,) = personas(log, stage_map(_PLACED), rules=[_split(log)], purchases=["사기"]).personas
    assert _fact(persona, "time").finding.values["part"].code == "personas.when_night"
    assert _fact(persona, "time").finding.values["share"] == 1
    clear = persona.apart[persona.apart["clear"]]
    assert {"rfm.frequency", "when.night"} <= set(clear["feature"])
    assert clear["q"].max() < 0.05
    made = personas(
        log,
        stage_map(_PLACED),
        rules=[_split(log)],
        made_of=[["rfm.frequency"]],
        purchases=["사기"],
    ).personas[0]
    own = made.apart[made.apart["feature"] == "rfm.frequency"]
    assert own["p"].isna().all() and not own["clear"].any()


def test_without_segments_the_values_of_an_attribute_are_the_segments():
    log = event_log(
        [Row("a", "보기", 0, "강남"), Row("b", "보기", 0, "부산"), Row("c", "보기", 0, None)], of="customer"
    )
    name = next(iter(log.attributes))
    found = personas(log, stage_map(_PLACED), by=name)
    assert [(one.name, one.customers) for one in found.personas] == [("강남", 1), ("부산", 1)]
    assert [one.customers for one in personas(log, stage_map(_PLACED)).personas] == [3]
    with pytest.raises(ColumnMissing):
        personas(log, stage_map(_PLACED), by="없는 열")


def test_too_many_segments_and_nobody_in_one():
    log = _shop()
    with pytest.raises(SettingWrong):
        personas(log, stage_map({}), rules=[_split(log)] * 13)
    found = personas(log, stage_map({}), rules=[np.zeros(40, dtype=bool)])
    assert (found.personas, found.finding.code) == ((), "personas.finding_none")
    assert [note.code for note in found.notes if note.code == "personas.note_empty"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said(language):
    log = _shop()
    found = personas(
        log,
        stage_map(_PLACED),
        rules=[_split(log), np.ones(40, dtype=bool)],
        purchases=["사기"],
    )
    for said in (
        found.finding,
        *found.notes,
        *(fact.finding for one in found.personas for fact in one.facts),
    ):
        if not said.code.startswith("personas.fact_apart"):
            assert text(said.code, language, **said.values)
    assert set(found.table["evidence"]) <= {"measured", "partly"}


@given(rows(), places())
def test_the_commonest_beginning_is_the_one_of_most_paths(found, placed):
    log, stages = event_log(found), stage_map(placed)
    at = nodes(log, stages)
    path, customers = beginning(log, stages, at, n=2)
    paths = [
        tuple(at.names[one] for one in seen.node[low:high][:2])
        for seen in [visits(log, stages, at)]
        for low, high in pairwise(seen.offsets)
        if high > low
    ]
    counts = Counter(paths)
    assert customers == max(counts.values(), default=0)
    often = [path for path, n in counts.items() if n == customers]
    if often:
        first = min(often, key=lambda one: (len(one), [at.position[at.names.index(name)] for name in one]))
        assert tuple(at.names[one] for one in path) == first


def test_a_customer_alone_has_no_interval_and_three_can_be_told():
    log = _shop()
    answers = pd.DataFrame(
        {
            "customer": log.customer_ids.to_pylist()[:3],
            "touchpoint": "배송",
            "score": 1,
            "time": _AT,
            "question": "만족도",
            "scale": "1-5",
        }
    )
    rules = [np.arange(40) < n for n in (0, 1, 3)]
    found = personas(
        log,
        stage_map(_PLACED),
        rules=rules,
        names=["없음", "하나", "셋"],
        purchases=["사기"],
        tables=replace(NO_TABLES, answers=answers),
        target_by="clv",
    )
    one, three = found.personas
    assert (one.name, three.name, found.target) == ("하나", "셋", None)
    assert found.notes[-2].values == {"n": 1, "names": ["없음"]}
    for persona in (one, three):
        assert math.isnan(persona.clv_low) and persona.words.empty and not persona.apart["clear"].any()
        assert "personas.fact_revenue_few" in {fact.finding.code for fact in persona.facts}
        assert not [fact for fact in persona.facts if fact.slot == "pain"]
    assert not [fact for fact in one.facts if fact.slot == "score"]
    assert _fact(three, "feeling_few").n == 3
    _draws(found)


def test_twelve_segments_that_overlap_and_a_rule_are_told_as_their_flags():
    log, stages = _shop(), stage_map(_PLACED)
    flags = [np.arange(40) % n == 0 for n in range(1, 13)]
    found = personas(log, stages, rules=flags, purchases=["사기"])
    assert [one.customers for one in found.personas] == [int(each.sum()) for each in flags]
    rule = {"did": {"event": "사기"}}
    by_rule = personas(log, stages, rules=[rule], purchases=["사기"]).personas[0]
    assert (by_rule.customers, by_rule.buyers) == (10, 10)
    assert made_of({"all": [rule, {"not": {"orders": {"what": "count", "from": 1}}}]}) == [
        "orders.price",
        "rfm.frequency",
        "rfm.monetary",
        "rfm.recency",
    ]
    assert made_of({"did": {"stage": "s1"}}) == ["journey.reached:s1", "journey.visits:s1", "journey.time:s1"]
    _draws(found)


def test_customers_of_a_table_alone_have_a_portrait_of_their_figures():
    n = 60
    table = pa.table(
        {
            "customer": [f"c{at}" for at in range(n)],
            "소득": [str(at * 10) for at in range(n)],
            "성별": ["여" if at % 2 else "남" for at in range(n)],
        },
        schema=pa.schema([(name, pa.large_string()) for name in ("customer", "소득", "성별")]),
    )
    tables = replace(NO_TABLES, customers=(table,))
    log = registered(tables)
    rich = np.array([int(who[1:]) >= 30 for who in log.customer_ids.to_pylist()])
    design = [made_of({"number": {"attribute": "소득", "from": 300}})]
    found = personas(
        log, stage_map({}), rules=[rich], names=["<b>많이 버는 사람들</b>"], made_of=design, tables=tables
    )
    (one,) = found.personas
    assert one.standing == {"attribute:소득": pytest.approx(0.75)}
    assert {fact.slot for fact in one.facts} == {"about"}
    told = _fact(one, "about_mean").finding.values
    assert (told["feature"], told["mine"], told["others"]) == ("attribute:소득", 445, 145)
    assert _fact(one, "about_share").finding.values["mine"] == 0.5
    assert math.isnan(one.revenue_share) and one.orders == 0
    _draws(found)


def test_what_the_team_assumes_stands_beside_what_was_measured():
    log = _shop()
    said = {"says": "밤이 좋아요", "who": "", "other": "x"}
    found = personas(log, stage_map(_PLACED), rules=[_split(log)], assumed=[said], purchases=["사기"])
    assert found.personas[0].assumed == {"says": "밤이 좋아요"}
    own = found.table[found.table["evidence"] == "assumed"]
    assert own["fact"].tolist() == ["says"]
    drawn = {row["text"] for row in personas_chart(found, language="ko").datasets["words"]}
    assert any("밤이 좋아요" in words for words in drawn)


def _draws(found):
    """Every sentence and picture is there in both languages, and no text leaves the sheet."""
    for language in LANGUAGES:
        for one in found.personas:
            for fact in one.facts:
                assert fact_words(fact, found.offers, language) and evidence_words(fact, language)
            assert portrait(found, one, language=language).to_dict()["datasets"]["petals"]
        chart = personas_chart(found, language=language, dark=True)
        spec = chart.to_dict()
        height = spec["height"]
        assert all(0 <= row["y"] <= height for row in spec["datasets"]["words"])
        assert all(row["y1"] <= height for row in spec["datasets"]["bars"])
        for row in spec["datasets"]["words"]:
            if row["needs"]:
                assert row["wide"] <= row["room_f"] * 1100 + row["room_p"] + 1


# ---- what the sample holds ---------------------------------------------------------------------------------


def _big_baskets(log, stages, tables):
    """Those who buy expensive things, found by the price alone."""
    price = customer_table(log, stages, features=["orders.price"], tables=tables).features["orders.price"]
    flags = price.values >= 40_000
    design = ["orders.price", "rfm.monetary"]
    return personas(log, stages, rules=[flags], made_of=[design], tables=tables).personas[0]


def test_the_card_of_the_planted_big_baskets_says_why():
    log, stages, tables = shop()
    one = _big_baskets(log, stages, tables)
    assert one.customers == 153 and one.revenue_share == pytest.approx(0.561, abs=0.001)
    worth = _fact(one, "baskets").finding.values
    assert worth["aov"] > 3 * worth["aov_others"]
    device = next(
        fact.finding.values
        for fact in one.facts
        if fact.slot == "channel" and fact.finding.values["attribute"] == "기기"
    )
    assert device["value"] == "PC" and device["share"] > device["others"] + 0.2
    clear = one.apart[one.apart["clear"]]
    assert "mix:기기:PC" in set(clear["feature"])


def test_where_nothing_is_planted_a_high_price_comes_with_no_device(tmp_path):
    arguments = ["--plant", "none", "--out", str(tmp_path)]
    subprocess.run([sys.executable, "-B", str(SAMPLES / "generate.py"), *arguments], check=True, timeout=120)
    one = _big_baskets(*opened(tmp_path))
    assert one.customers > 20
    assert not [name for name in one.apart[one.apart["clear"]]["feature"] if name.startswith("mix:기기")]
