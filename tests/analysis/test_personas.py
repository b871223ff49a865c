"""Who are the customers of each segment, told against counts by hand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from journey.analysis.personas import personas
from journey.analysis.reach import reach
from journey.analysis.routes import routes
from journey.errors import ColumnMissing, SettingWrong
from journey.events.other_tables import NO_TABLES
from journey.i18n import LANGUAGES, text
from tests.analysis.logs import event_log, places, rows, stage_map
from tests.analysis.oracle import Row

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
    assert ("personas.fact_route" in told) == (len(most) > 0)
    if len(most):
        assert told["personas.fact_route"]["route"] == " → ".join(most["route"].iloc[0])
        assert told["personas.fact_route"]["customers"] == most["customers"].iloc[0]
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
