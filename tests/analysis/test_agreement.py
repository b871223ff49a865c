"""One number everywhere: what two questions define alike they count alike, in any log and in the sample."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey.aggregates.segment import members_of
from journey.analysis.comparison import comparison
from journey.analysis.drivers import drivers
from journey.analysis.flows import flows
from journey.analysis.friction import friction
from journey.analysis.funnel import funnel
from journey.analysis.kpi import kpi
from journey.analysis.people import answer_people, compared_people, funnel_people, rule_people
from journey.analysis.reach import reach
from journey.analysis.retention import retention
from journey.analysis.routes import routes
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.other_tables import NO_TABLES
from journey.sources.files import read_table
from journey.stages.suggest import suggest
from tests.analysis.logs import STAGES, event_log, places, rows, stage_map
from tests.endurance import examples

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
UNITS = ("customer", "session")


@cache
def shop():
    raws = {
        name: read_table((SAMPLES / name).read_bytes(), name)
        for name in ("shop_events.csv", "shop_orders.csv")
    }
    log = joined([cleaned(raw, guess_table(raw).choice()) for raw in raws.values()]).log
    return log, suggest(log.event_names, language="ko").stage_map


@st.composite
def asked(draw):
    """A log, its stages, and a unit in which it can be counted."""
    log = event_log(
        draw(rows(sessions=True)),
        sessions=draw(st.booleans()),
        of=draw(st.sampled_from(["event", "customer"])),
    )
    return (
        log,
        stage_map(draw(places()), draw(st.sampled_from([None, *STAGES]))),
        "customer" if log.date_only else draw(st.sampled_from(UNITS)),
    )


def whole(answer):
    """Stage -> (reach, exits, drop-off) of an answer whose lines are stages."""
    name = "stage" if "stage" in answer.table else "name"
    columns = answer.table[[name, "customers", "exits"]].itertuples(index=False, name=None)
    return {stage: (customers, exits) for stage, customers, exits in columns if customers}


def check_stages(log, stages, unit):
    """Reach, exits and conversion of every question that says them, with the people behind them."""
    answer = reach(log, stages, unit=unit)
    reached, goal = whole(answer), stages.goal_stage
    assert whole(friction(log, stages, unit=unit)) == reached
    ways = routes(log, stages, unit=unit, limit=10_000).table
    by_stage = dict.fromkeys(reached, 0)
    for way, n in zip(ways["route"], ways["customers"], strict=True):
        for stage in set(way):
            by_stage[stage] += n
    assert by_stage == {stage: n for stage, (n, _) in reached.items()}
    drawn = flows(log, stages, unit=unit, steps=12)
    if not (drawn.links["target_kind"] == "more").any():
        ends = drawn.links[drawn.links["target_kind"] == "exit"].groupby("source")["customers"].sum()
        assert ends.to_dict() == {stage: exits for stage, (_, exits) in reached.items() if exits}
    everybody = np.ones(log.n_customers, dtype=bool)
    measures = comparison(log, stages, a=everybody, unit=unit).measures
    for row in measures.itertuples(index=False):
        n, exits = reached.get(row.stage, (0, 0))
        assert (row.n_a, row.customers_a) == (
            (n, exits) if row.measure == "drop_off" else (answer.n_customers, n)
        )
        assert (row.measure == "conversion") == (goal is not None and row.stage == goal.name)
    for stage in stages.stages:
        n, exits = reached.get(stage.name, (0, 0))
        one = funnel(log, stages, steps=[stage.id], entry="open", window_days=None, unit=unit)
        assert (one.n_completed, one.n_customers) == (n, answer.n_customers)
        there = rule_people(log, stages, rule={"did": {"stage": stage.id}}, unit=unit, limit=0)
        ended = rule_people(log, stages, rule={"ended": {"stage": stage.id}}, unit=unit, limit=0)
        assert (there.n_customers, ended.n_customers) == (n, exits)
    if stages.stages:
        steps = funnel(log, stages, window_days=None, unit=unit)
        assert steps.table["customers"].iloc[0] == reached.get(stages.names[0], (0,))[0]
        for step, row in enumerate(steps.table.itertuples(index=False), start=1):
            lost = funnel_people(log, stages, **steps.setting, step=step, outcome="lost", limit=0)
            assert lost.n_customers == row.lost
            assert row.customers <= reached.get(row.name, (0,))[0]


@settings(max_examples=examples(6), deadline=None)
@given(asked())
def test_a_stage_has_one_reach_and_one_number_of_exits_in_every_question(case):
    check_stages(*case)


@pytest.mark.parametrize("unit", UNITS)
def test_so_it_is_in_the_sample(unit):
    check_stages(*shop(), unit)


@settings(max_examples=examples(8), deadline=None)
@given(asked())
def test_time_and_visits_are_those_of_the_routes(case):
    log, stages, unit = case
    places_, ways = friction(log, stages, unit=unit).table, routes(log, stages, unit=unit, limit=10_000)
    visits = sum(len(way) * n for way, n in zip(ways.table["route"], ways.table["customers"], strict=True))
    assert places_["visits"].sum() == visits
    # Last visits have no time, and every unit with a visit has one last one.
    assert places_["finished"].sum() == visits - ways.n_visitors
    longest = ways.table["median_seconds"].max() if ways.n_routes == ways.n_visitors else np.inf
    assert not (places_["median_seconds"] > longest).any()


@settings(max_examples=examples(8), deadline=None)
@given(asked(), st.sampled_from(["강남", "부산"]))
def test_a_group_is_counted_as_under_a_filter_to_it(case, value):
    log, stages, unit = case
    rule = {"attribute": "value", "values": [value]}
    group = members_of(log, stages, rule)
    answer = comparison(log, stages, a=group, unit=unit, steps=12, nodes=1)
    for side, inside in (("a", group), ("b", ~group)):
        part = reach(log.of_customers(inside), stages, unit=unit)
        reached = whole(part)
        for row in answer.measures.itertuples(index=False):
            n, exits = reached.get(row.stage, (0, 0))
            k = getattr(row, f"customers_{side}")
            assert k == (exits if row.measure == "drop_off" else n)
        for place, row in drawn(answer):
            found = compared_people(
                log, stages, a=group, unit=unit, steps=12, nodes=1, side=side, limit=0, **place
            )
            assert found.n_customers == getattr(row, f"customers_{side}")


@settings(max_examples=examples(6), deadline=None)
@given(asked(), st.sampled_from([("2024-01-01", "2024-01-05"), ("2024-01-01", "2024-03-01")]))
def test_a_period_is_counted_as_under_a_filter_to_it(case, days):
    log, stages, unit = case
    a, b = {"period": list(days)}, {"period": ["2024-01-20", "2024-02-28"]}
    answer = comparison(log, stages, a=a, b=b, unit=unit)
    part = log.between(*map(dt.date.fromisoformat, days))
    reached = whole(reach(part, stages, unit=unit))
    for row in answer.measures.itertuples(index=False):
        n, exits = reached.get(row.stage, (0, 0))
        assert row.customers_a == (exits if row.measure == "drop_off" else n)
    for place, row in drawn(answer):
        for side in "ab":
            found = compared_people(log, stages, a=a, b=b, unit=unit, side=side, limit=0, **place)
            assert found.n_customers == getattr(row, f"customers_{side}")


def drawn(answer):
    """The measures, some links, boxes and cells of a comparison: what each asks for, and its row."""
    for row in answer.measures.itertuples(index=False):
        yield {"step": 0, "source": row.stage, "left": row.measure == "drop_off"}, row
    link = ("step", "source", "source_kind", "target", "target_kind")
    for row in answer.links.head(6).itertuples(index=False):
        yield {name: getattr(row, name) for name in link}, row
    ended = answer.cells["kind"].isin(["exit", "active"])
    for cells in (answer.cells[~ended].head(4), answer.cells[ended].tail(4)):
        for row in cells.itertuples(index=False):
            yield {"step": row.step, "source": row.name, "source_kind": row.kind}, row


def shares(board):
    """Card -> (how many it holds for, of how many)."""
    return {card.id: (round(card.figure.value * card.figure.n), card.figure.n) for card in board.cards}


def check_board(log, stages, days, within):
    """The board over some days against the questions that it takes its figures from."""
    bought = None if "사기" not in log.event_names else ["사기"]
    cards = kpi(
        log,
        stages,
        days=[str(day) for day in days],
        within_days=within,
        active_within_days=30,
        purchases=bought,
    )
    told, part = shares(cards), log.between(*days)
    table = reach(part, stages).table
    for row in table.itertuples(index=False):
        card = "conversion" if row.goal else f"drop_off.{stages.named(row.stage).id}"
        if card in told:
            assert told[card] == (
                (row.customers, part.n_customers) if row.goal else (row.exits, row.customers)
            )
    for card in told:
        if card.partition(".")[0] in ("conversion", "drop_off", "churn", "retention", "repurchase"):
            rule = {"card": card, "days": [str(day) for day in days], "within_days": within}
            rule |= {} if bought is None else {"purchases": bought}
            assert members_of(log, stages, {"kpi": rule}).sum() == told[card][0]
    if days == log.days():
        again = retention(log, stages, view="repurchase", within_days=within, purchases=bought).table
        row = again[again["within_days"] == within]
        if cards.purchases:
            assert told.get("repurchase", (0, 0)) == tuple(map(int, row[["returned", "customers"]].sum()))
        back = retention(
            log, stages, view="curve", period="day", mode="bracket", brackets=f"1-{within}"
        ).table
        if within < (days[1] - days[0]).days:
            assert told.get("retention", (0, 0)) == tuple(map(int, back[["returned", "customers"]].sum()))
    return told


@settings(max_examples=examples(12), deadline=None)
@given(rows(), places(), st.sampled_from([1, 7, 30]), st.booleans(), st.booleans())
def test_the_board_says_what_reach_and_retention_say(found, placed, within, cut, paid):
    log, stages = event_log(found), stage_map(placed)
    if paid:
        log = replace(log, amount=np.resize([5.0, -2.0, np.nan, 0.0], log.n_rows))
    first, last = log.days()
    assume(first < last)
    check_board(log, stages, (first + (last - first) // 2, last) if cut else (first, last), within)


def test_so_does_the_board_of_the_sample_and_drivers_with_it():
    log, stages = shop()
    told = check_board(log, stages, log.days(), 30)
    goal = rule_people(log, stages, rule={"did": {"stage": stages.goal_stage.id}}, limit=0)
    assert told["conversion"] == (goal.n_customers, log.n_customers)
    named = drivers(log, stages, outcome="rule", rule={"did": {"stage": stages.goal_stage.id}})
    assert (named.n_reached, named.n_compared) == told["conversion"]
    again = drivers(log, stages, outcome="repurchase", within_days=30)
    bought = retention(log, stages, view="repurchase", within_days=30)
    assert again.n_compared <= int(bought.table["customers"].max())


@settings(max_examples=examples(6), deadline=None)
@given(
    rows(),
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "d", "z", None]),
            st.integers(0, 20),
            st.sampled_from([("추천하시겠어요", "0-10"), ("만족도", "1-5")]),
            st.integers(1, 5),
        ),
        min_size=1,
    ),
    st.sampled_from([None, ["강남"]]),
)
def test_who_gave_an_answer_is_listed_and_every_answer_of_a_card_told(found, given_, values):
    whole = event_log(found)
    log, stages = (whole.where("value", values) if values else whole), stage_map({})
    assume(not log.is_empty)
    survey = pd.DataFrame(
        {
            "customer": [customer for customer, *_ in given_],
            "time": [pd.Timestamp("2024-01-01T03:00Z") + pd.Timedelta(days=day) for _, day, *_ in given_],
            "question": [question for _, _, (question, _), _ in given_],
            "score": [float(2 * score if scale == "0-10" else score) for *_, (_, scale), score in given_],
            "scale": [scale for *_, (_, scale), _ in given_],
        }
    )
    days = ["2024-01-03", "2024-01-18"]
    highest = {"0-10": (9, 7), "1-5": (4, 3)}
    for card in kpi(log, stages, survey=survey, days=days, cards=["nps", "csat"]).cards:
        assert sum(card.boxes) == card.figure.n
        scale = "0-10" if card.kind == "nps" else "1-5"
        for box, (n, name) in enumerate(zip(card.boxes, ("high", "middle", "low"), strict=True)):
            own = [
                who
                for who, day, (_, of), score in given_
                if of == scale
                and 2 <= day <= 17
                and sum((2 * score if of == "0-10" else score) < least for least in highest[of]) == box
            ]
            people = answer_people(log, stages, card=card.id, days=days, box=name, survey=survey)
            known = [who for who in own if who in log.customer_ids.to_pylist()]
            assert len(own) == n
            assert set(people.table["customer"]) == set(known)
            told = people.notes[0].values
            assert (told["answers"], told["others"]) == (n, n - len(known))
            rule = {"kpi": {"card": card.id, "days": days, "box": name}}
            flags = members_of(log, stages, rule, replace(NO_TABLES, answers=survey))
            assert flags.sum() == people.n_customers


def test_churn_of_a_month_is_that_of_the_board():
    log, stages = shop()
    table = retention(log, stages, view="churn", period="month").table
    assert len(table)
    for row in table.itertuples(index=False):
        last = (row.period.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        board = shares(kpi(log, stages, days=[str(row.period), str(last)], cards=["churn"]))
        assert board["churn"] == (row.away, row.customers)


@pytest.mark.parametrize("unit", UNITS)
def test_whoever_stands_out_at_a_place_can_be_listed(unit):
    log, stages = shop()
    answer = friction(log, stages, unit=unit)
    assert len(answer.standouts) or unit == "session"
    for row in answer.standouts.itertuples(index=False):
        place = {"event": row.name} if row.kind == "event" else {"stage": stages.named(row.name).id}
        rule = {"stuck": {**place, "attribute": row.attribute, "value": row.value}}
        assert rule_people(log, stages, rule=rule, unit=unit, limit=0).n_customers == row.stuck
