"""The numbers of a journey map, counted once more from the files by loops written from the definitions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from journey.aggregates.bound import Bound
from journey.aggregates.told_stages import latest_stage
from journey.analysis.conformance import conformance
from journey.analysis.emotion import ALL, emotion
from journey.analysis.friction import friction
from journey.analysis.kpi import kpi
from journey.analysis.reach import reach
from journey.events.clean import cleaned
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.log import EventLog
from journey.events.other_tables import other_tables
from journey.sources.files import read_table
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from tests.analysis import oracle
from tests.analysis.logs import STAGES, event_log, mapped, places, rows, stage_map
from tests.endurance import examples

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
FILES = ("shop_events.csv", "shop_survey.csv", "shop_reviews.csv")
DAY = 86_400_000_000
NOWHERE = 99
TO_FEELING = {
    "1-5": lambda score: score - 3,
    "1-7": lambda score: (score - 4) / 1.5,
    "0-10": lambda score: (score - 5) / 2.5,
    "1-10": lambda score: (score - 5.5) / 2.25,
}


# ---- the same files, read twice --------------------------------------------------------------------------


@cache
def by_the_app():
    parts = []
    for name in FILES:
        raw = read_table((SAMPLES / name).read_bytes(), name)
        parts.append(cleaned(raw, guess_table(raw).choice()))
    return joined(parts).log, other_tables([(part.kind, part.tables) for part in parts])


def _plain(name):
    return pd.read_csv(SAMPLES / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _moments(texts):
    told = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    return told.dt.tz_localize("Asia/Seoul").dt.tz_convert("UTC").dt.as_unit("us")


@cache
def by_pandas():
    """Events (customer, event, microseconds) and ratings (customer, microseconds, stage, feeling, source)."""
    events = _plain("shop_events.csv")
    events = events.assign(who=events["고객ID"].str.strip(), time=_moments(events["일시"]))
    known = ~events["who"].isin(["", "-", "NULL", "(not set)"]) & (events["이벤트"] != "")
    events = events[known & events["time"].notna()]
    told = list(zip(events["who"], events["이벤트"], events["time"].astype("int64"), strict=True))
    survey, reviews = _plain("shop_survey.csv"), _plain("shop_reviews.csv")
    ratings = []
    for column, scale, source in (("CSAT", "1-5", "csat"), ("NPS", "0-10", "nps")):
        given_ = survey[survey[column] != ""]
        when = _moments(given_["응답일시"]).astype("int64")
        for who, at, stage, score in zip(given_["고객ID"], when, given_["단계"], given_[column], strict=True):
            ratings.append((who, at, stage, TO_FEELING[scale](float(score)), source))
    when = _moments(reviews["작성일시"]).astype("int64")
    for who, at, stars in zip(reviews["고객ID"], when, reviews["별점"], strict=True):
        ratings.append((who, at, "", TO_FEELING["1-5"](float(stars)), "review"))
    return told, ratings


# ---- loops -----------------------------------------------------------------------------------------------


def histories(told, place):
    """Customer -> their rows (instant, place of the stage, event), ties in the order of stages, names."""
    found = defaultdict(list)
    for who, event, time in told:
        found[who].append((time, place.get(event, NOWHERE), event))
    return {who: sorted(own) for who, own in found.items()}


def counted(walks, observed, of):
    """Who came, who left, links and spans of the nodes that `of` gives a row (stage, event)."""
    start, end = observed
    still = end - min(30 * DAY, (end - start) // 4)
    came, left, links, spans = Counter(), Counter(), Counter(), defaultdict(list)
    for own in walks.values():
        visits = []
        for time, stage, event in own:
            node = of(stage, event)
            if stage != NOWHERE and (not visits or visits[-1][1] != node):
                visits.append((time, node))
        came.update({node for _, node in visits})
        links.update({(a, b) for (_, a), (_, b) in pairwise(visits)})
        for (at, node), (then, _) in pairwise(visits):
            spans[node].append(then - at)
        if visits and own[-1][0] < still:
            left[visits[-1][1]] += 1
    return came, left, links, spans


def wilson(k, n):
    return proportion_confint(k, n, method="wilson") if n else (math.nan, math.nan)


def scored(came, left, is_goal):
    """Node -> score, low, high; each is measured by the median drop-off of all other ones but the goal."""
    drop = {node: left[node] / n for node, n in came.items() if not is_goal(node)}
    found = {}
    for node, own in drop.items():
        others = [one for other, one in drop.items() if other != node]
        if others:
            ends = (own, *wilson(left[node], came[node]))
            found[node] = [came[node] * max(0.0, end - float(np.median(others))) for end in ends]
    return found


def mean_of_customers(rated):
    """Mean over ratings [(customer, feeling)], and where customers vary its interval, of 5 (Cochran 6.4)."""
    by_who = defaultdict(list)
    for who, feeling in rated:
        by_who[who].append(feeling)
    if not by_who:
        return math.nan, math.nan, math.nan, 0
    total, n = (np.array([of(own) for own in by_who.values()], dtype=float) for of in (sum, len))
    mean = total.sum() / n.sum()
    rest = total - mean * n
    if len(n) < 5:
        return mean, math.nan, math.nan, len(n)
    point = stats.t.ppf(0.975, len(n) - 1)
    half = point * math.sqrt((rest**2).sum() / (len(n) - 1) / len(n)) / n.mean()
    return mean, mean - half, mean + half, len(n)


def placed_in(log, stages):
    ids = [stage.id for stage in stages.stages]
    known = {event: stages.stage_of(event) for event in log.event_names}
    return {event: ids.index(stage) for event, stage in known.items() if stage in ids}


# ---- the sample ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_number_of_a_map_is_that_of_loops_over_the_files_and_of_the_other_pages(language):
    log, tables = by_the_app()
    told, ratings = by_pandas()
    stages = suggest(log.event_names, language=language).stage_map
    place, names = placed_in(log, stages), list(stages.names)
    ids = [stage.id for stage in stages.stages]
    goal, found = ids.index(stages.goal_stage.id), Bound(log, stages, tables)
    walks, moments = histories(told, place), [time for *_, time in told]
    observed = min(moments), max(moments)
    came, left, links, spans = counted(walks, observed, lambda stage, event: stage)
    scores = scored(came, left, lambda stage: stage == goal)
    pages = reach(log, stages).table.set_index("stage"), friction(log, stages).table.set_index("name")
    first, last = log.days()
    board = {card.id: card.figure for card in kpi(log, stages, days=[str(first), str(last)]).cards}
    for at, id_ in enumerate(ids):
        share = found.figure({"kind": "stage", "stage": id_})
        assert (share.value, share.n) == (came[at] / len(walks), len(walks))
        assert (share.low, share.high) == pytest.approx(wilson(came[at], len(walks)))
        drop = found.figure({"kind": "stage", "stage": id_, "measure": "drop_off"})
        line = found.figure({"kind": "friction", "of": "stage", "name": id_})
        if at == goal:
            assert drop is None and math.isnan(line.value)
            assert board["conversion"].value == share.value
        else:
            assert (drop.value, drop.n) == (left[at] / came[at], came[at])
            assert (drop.low, drop.high) == pytest.approx(wilson(left[at], came[at]))
            assert board[f"drop_off.{id_}"].value == drop.value
            assert line.value == pytest.approx(scores[at][0]) == pages[1]["score"][names[at]]
            if line.value:
                assert (line.low, line.high) == pytest.approx(scores[at][1:])
        assert share.value == pages[0]["share"][names[at]]
        assert pages[1]["customers"][names[at]] == came[at]
        time = found.figure({"kind": "stage", "stage": id_, "measure": "time"})
        middle = sorted(spans[at])[math.ceil(len(spans[at]) / 2) - 1] / 1e6
        assert (time.value, time.n) == (middle, len(spans[at]))
        assert pages[1]["median_seconds"][names[at]] == middle
        for to, other in enumerate(ids):
            link = found.figure({"kind": "link", "from": id_, "to": other})
            assert at == to or (link.value, link.n) == (links[at, to] / came[at], came[at])
    those = defaultdict(set)
    for who, event, _ in told:
        those[event].add(who)
    came, left, *_ = counted(walks, observed, lambda stage, event: event)
    scores = scored(came, left, lambda event: place[event] == goal)
    for event in log.event_names:
        assert found.figure({"kind": "event", "event": event}).value == len(those[event]) / len(walks)
        line = found.figure({"kind": "friction", "of": "event", "name": event})
        assert line.value == pytest.approx(scores.get(event, [math.nan])[0], nan_ok=True)
    check_feelings(emotion(log, stages, tables=tables), found, ids, walks, ratings)


def check_feelings(answer, found, ids, walks, ratings):
    """A rating stands in the stage that its file names, else where its customer was last by then."""
    placed = []
    for who, at, stage, feeling, source in ratings:
        before = [code for time, code, _ in walks.get(who, ()) if time <= at and code != NOWHERE]
        own = list(answer.ids).index(stage) if stage in answer.ids else before[-1] if before else None
        placed.append((own, who, feeling, source))
    assert len(ratings) == 1721 and answer.sources == ("csat", "nps", "review")
    for source in (ALL, *answer.sources):
        for at, row in enumerate(answer.curve(source).itertuples()):
            those = [(who, of) for own, who, of, by in placed if own == at and source in (ALL, by)]
            want = mean_of_customers(those)
            assert (row.feeling, row.low, row.high, row.raters) == pytest.approx(want, nan_ok=True)
            assert row.ratings == len(those)
            if source == ALL:
                head = found.figure({"kind": "stage", "stage": ids[at], "measure": "feeling"})
                assert (head.value, head.low, head.high, head.n) == pytest.approx(want, nan_ok=True)


def conformed(told, order, goal_events):
    """Ways, departures and those beside them, by the words of the numbers' definition."""
    step = {event: at for at, events in enumerate(order) for event in events}
    own = defaultdict(list)
    for who, event, time in told:
        own[who].append((time, event))
    ways, lines, left, went_on, came_by = Counter(), Counter(), *(defaultdict(list) for _ in range(3))
    for history in own.values():
        way = []
        for time, at in sorted((time, step[event]) for time, event in history if event in step):
            if not way or way[-1][1] != at:
                way.append((time, at))
            if at == len(order) - 1:
                break
        seq = [at for _, at in way]
        if not seq or seq[0]:
            ways["elsewhere" if seq else "none"] += 1
            continue
        goals = [time for time, event in history if event in goal_events]
        skipped = [at for at in range(max(seq)) if at not in seq]
        back = [(a, b) for a, b in pairwise(seq) if b < a]
        followed = "followed" if max(seq) == len(order) - 1 else "stopped"
        ways[
            "both" if skipped and back else "only_back" if back else "only_skipped" if skipped else followed
        ] += 1
        lines.update([("skipped", at, None) for at in skipped] + [("back", *pair) for pair in set(back)])
        lines.update(("looped", at, None) for at, n in Counter(seq).items() if n > 1)
        straight = next((n for n, at in enumerate(seq) if at != n), len(seq))
        for n in range(straight):
            hit = any(goal >= way[n][0] for goal in goals)
            came_by[n].append(hit)
            if n + 1 < straight or straight == len(seq):
                went_on[n].append(hit)
        if straight < len(seq):
            (_, source), (time, target) = way[straight - 1 : straight + 1]
            hit = any(goal >= time for goal in goals)
            for line in [("skipped", at, None) for at in range(source + 1, target)] or [
                ("back", source, target)
            ]:
                left[line].append(hit)
    return ways, lines, left, went_on, came_by


@pytest.mark.parametrize("goal", ["구매", "사용", "충성도"])
@pytest.mark.parametrize("by", ["stages", "events"])
def test_ways_and_what_goes_with_them_are_those_of_loops_with_the_intervals_of_statsmodels(goal, by):
    log, _ = by_the_app()
    stages = suggest(log.event_names, language="ko").stage_map
    stages, place = stages.set_goal(stages.named(goal).id), placed_in(log, stages)
    at_goal = {event for event, at in place.items() if stages.names[at] == goal}
    if by == "stages":
        steps = [stage.id for stage in stages.stages]
        order = [{event for event, at in place.items() if at == own} for own in range(len(steps))]
    else:
        wanted = ("홈 방문", "장바구니 담기", "주문서 작성", "결제 오류", "결제 완료")
        steps, order = [f"event:{event}" for event in wanted], [{event} for event in wanted]
    answer = conformance(log, stages, steps=steps)
    ways, lines, left, went_on, came_by = conformed(by_pandas()[0], order, at_goal)
    whole = answer.table[answer.table["step"] == ""].set_index("way")["customers"]
    assert {way: whole[way] for way in ways} == dict(ways)
    assert whole[["followed", "stopped", "only_skipped", "only_back", "both"]].sum() == whole["began"]
    assert whole[["began", "elsewhere", "none"]].sum() == log.n_customers
    at_the_goal = next((n for n, events in enumerate(order) if events <= at_goal), len(order))
    names, seen = list(answer.names), {}
    for row in answer.deviations.itertuples():
        line = row.way, names.index(row.step), names.index(row.target) if row.target else None
        seen[line] = row.customers
        assert row.departed == len(left[line])
        beside, n = (came_by, line[1] + 1) if row.way == "skipped" else (went_on, line[1])
        if row.way == "looped" or not left[line] or not beside[n] or n >= at_the_goal:
            assert math.isnan(row.gap)
            said = answer.costs[row.Index]
            assert (
                row.way == "looped"
                or not left[line]
                or (said.code == "conformance.cost_none") == (n >= at_the_goal)
            )
            continue
        k1, n1, k2, n2 = sum(left[line]), len(left[line]), sum(beside[n]), len(beside[n])
        low, high = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb")
        assert (row.gap, row.gap_low, row.gap_high) == pytest.approx((k1 / n1 - k2 / n2, low, high))
        assert row.goals_short == pytest.approx(n1 * k2 / n2 - k1)
    assert seen == dict(lines)


# ---- ties, scales, real files ----------------------------------------------------------------------------


@settings(max_examples=examples(40), deadline=None)
@given(
    rows(most=12, customers=("a", "b"), minutes=st.integers(0, 2)),
    places(),
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), min_size=1, max_size=6),
)
def test_who_rates_at_the_instant_of_several_rows_stands_in_the_last_of_their_stages(found, placed, asked):
    log, stages = event_log(found), stage_map(placed)
    ids, begin = (
        log.customer_ids.to_pylist(),
        int(log.time.min()) - min(row.minute for row in found) * 60_000_000,
    )
    asked = [(who, minute) for who, minute in asked if who in ids]
    where = mapped(placed)
    want = []
    for who, minute in asked:
        own = [
            (row.minute, STAGES.index(where[row.event]))
            for row in found
            if row.customer == who and row.minute <= minute and row.event in where
        ]
        want.append(max(own)[1] if own else -1)
    who = np.array([ids.index(name) for name, _ in asked], dtype=np.int64)
    when = np.array([begin + minute * 60_000_000 for _, minute in asked], dtype=np.int64)
    assert latest_stage(log, stages, who, when).tolist() == want


def test_scales_of_other_lengths_tell_the_same_feelings_and_a_segment_only_its_own():
    """Each scale in its own column of one file, read as an upload is: the first ten are unhappy."""
    n = 40
    frame = pd.DataFrame({"customer_id": [f"c{at:02}" for at in range(n)]})
    frame["time"] = "2024-03-01 12:00:00"
    for scale in TO_FEELING:
        low, high = map(int, scale.split("-"))
        title = "How likely are you to recommend us? (0-10)" if scale == "0-10" else f"Satisfied? ({scale})"
        frame[title] = [low if at < 10 else high for at in range(n)]
    raw = read_table(frame.assign(comment="ok").to_csv(index=False).encode(), "survey.csv")
    part = cleaned(raw, guess_table(raw).choice())
    assert part.kind == "survey"
    tables = other_tables([(part.kind, part.tables)])
    log = event_log([oracle.Row(who, "보기", 0) for who in frame["customer_id"]])
    stages = stage_map({"보기": "고려"})
    answer = emotion(log, stages, tables=tables)
    assert answer.sources == ("csat", "nps", "score")
    counts = {source: answer.curve(source)["ratings"][1] for source in answer.sources}
    assert counts == {"csat": 2 * n, "nps": n, "score": n}
    for source in (ALL, *answer.sources):
        assert answer.curve(source)["feeling"][1] == pytest.approx((10 * -2 + 30 * 2) / n)
    some = np.arange(n) < 10
    assert emotion(log, stages, tables=tables, among=some).curve()["feeling"][1] == -2


@pytest.mark.needs_shared_data
@pytest.mark.parametrize("n_stages", [3, 12])
def test_heads_and_links_of_a_service_desk_are_those_of_loops(shared_data, n_stages):
    frame = pd.read_csv(shared_data / "events/helpdesk.csv", dtype=str)
    time = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601").dt.as_unit("us")
    told = list(zip(frame["case:concept:name"], frame["concept:name"], time.astype("int64"), strict=True))
    plain = pd.DataFrame(told, columns=["customer", "event", "time"]).assign(time=time)
    log, stages = EventLog.from_frame(plain), StageMap()
    for at in range(n_stages):
        stages = stages.add_stage(f"S{at}")
    for at, event in enumerate(log.event_names):
        stages = stages.place(event, stages.stages[at * 7 % n_stages].id)
    stages = stages.set_goal(stages.stages[1].id)
    place, ids = placed_in(log, stages), [stage.id for stage in stages.stages]
    walks, moments = histories(told, place), [time for *_, time in told]
    came, left, links, spans = counted(walks, (min(moments), max(moments)), lambda stage, event: stage)
    scores, found = scored(came, left, lambda stage: stage == 1), Bound(log, stages)
    assert len(walks) == 4580 and sum(came.values()) > 4580
    for at, id_ in enumerate(ids):
        assert found.figure({"kind": "stage", "stage": id_}).value == came[at] / 4580
        if at != 1:
            drop = found.figure({"kind": "stage", "stage": id_, "measure": "drop_off"})
            assert drop.value == pytest.approx(left[at] / came[at] if came[at] else math.nan, nan_ok=True)
            line = found.figure({"kind": "friction", "of": "stage", "name": id_})
            assert line.value == pytest.approx(scores.get(at, [math.nan])[0], nan_ok=True)
        time_ = found.figure({"kind": "stage", "stage": id_, "measure": "time"})
        assert time_.n == len(spans[at])
        assert not spans[at] or time_.value == sorted(spans[at])[math.ceil(len(spans[at]) / 2) - 1] / 1e6
        for to, other in enumerate(ids):
            link = found.figure({"kind": "link", "from": id_, "to": other})
            assert at == to or not came[at] or link.value == links[at, to] / came[at]
