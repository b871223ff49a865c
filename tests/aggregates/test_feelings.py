"""Where did customers say how they felt?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.aggregates.feelings import feelings
from journey.events.other_tables import NO_TABLES, OtherTables
from journey.statistics.sums import ratio
from tests.aggregates.test_voices import LOG as WALKED
from tests.aggregates.test_voices import STAGES as WALKED_STAGES
from tests.aggregates.test_voices import reviews, survey
from tests.analysis.logs import STAGES, event_log, mapped, places, rows, stage_map
from tests.analysis.oracle import Row

_SCALES = {"1-5": (3.0, 1.0), "0-10": (5.0, 2.5), "1-10": (5.5, 2.25)}
_BEGIN = pd.Timestamp("2024-01-01", tz="Asia/Seoul")


def _answers(given_):
    columns = ["customer", "minute", "touchpoint", "score", "scale"]
    frame = pd.DataFrame(given_, columns=columns)
    later = pd.to_timedelta(frame["minute"].astype("float"), unit="min")
    return frame.assign(time=(_BEGIN + later).dt.tz_convert("UTC"), question="q")


_RATINGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "nobody", None]),
        st.one_of(st.none(), st.integers(0, 250)),
        st.sampled_from(["결제", "배송", None]),
        st.integers(1, 5),
        st.sampled_from([*_SCALES, "0-100", None]),
    ),
    max_size=12,
)


@given(rows(), places(), _RATINGS)
def test_each_rating_is_where_a_walk_over_the_rows_finds_it(found, placed, given_):
    log = event_log(found)
    tables = replace(NO_TABLES, answers=_answers(given_))
    told = feelings(log, stage_map(placed), tables)
    ids = log.customer_ids.to_pylist()
    expected = []
    for who, minute, touchpoint, score, scale in given_:
        if who not in ids or scale not in _SCALES or (touchpoint is None and minute is None):
            continue
        middle, step = _SCALES[scale]
        place = touchpoint
        if touchpoint is None:
            seen = [
                (row.minute, STAGES.index(mapped(placed)[row.event]))
                for row in found
                if row.customer == who and row.event in mapped(placed) and row.minute <= minute
            ]
            # Of rows at one instant the one whose name comes last stands last.
            latest = [one for one in seen if one[0] == max(seen)[0]]
            place = [STAGES[stage] for _, stage in latest] or None
        expected.append((who, (score - middle) / step, place))
    assert len(expected) == len(told.customer)
    for (who, value, place), customer, felt, at in zip(
        expected, told.customer, told.value, told.place, strict=True
    ):
        assert (ids[customer], felt) == (who, pytest.approx(value))
        name = None if at < 0 else told.places[at]
        assert name in place if isinstance(place, list) else name == place


def test_the_mean_of_a_place_is_over_all_ratings_and_its_interval_over_customers():
    log = event_log([Row("a", "보기", 0), Row("b", "보기", 0), Row("c", "보기", 0)])
    answers = _answers(
        [
            ("a", 1, "결제", 5, "1-5"),
            ("a", 2, "결제", 5, "1-5"),
            ("b", 1, "결제", 1, "1-5"),
            ("c", 1, "배송", 3, "1-5"),
        ]
    )
    told = feelings(log, stage_map({}), replace(NO_TABLES, answers=answers))
    sums = told.of(np.array([True, True, False]))
    assert set(sums) == {"결제"}
    assert sums["결제"].n == 2
    assert ratio(sums["결제"])[0] == pytest.approx((2 + 2 - 2) / 3)
    halves = [told.of(np.array(flags)) for flags in ([True, False, False], [False, True, False])]
    assert halves[0]["결제"] + halves[1]["결제"] == sums["결제"]


def test_stars_of_reviews_count_too_and_no_ratings_are_no_feelings():
    log = event_log([Row("a", "보기", 0)])
    stars = pa.table(
        {
            "customer": pa.array(["a"], pa.large_string()),
            "time": pa.array([None], pa.timestamp("us", "UTC")),
            "touchpoint": pa.array(["상품"], pa.large_string()),
            "rating": [2.0],
            "scale": pa.array(["1-5"], pa.large_string()),
        }
    )
    told = feelings(log, stage_map({}), OtherTables(reviews=(stars,)))
    assert (told.value.tolist(), [told.places[at] for at in told.place]) == ([-1.0], ["상품"])
    assert len(feelings(log, stage_map({}), NO_TABLES).value) == 0


def test_the_stage_of_a_rating_is_what_its_file_says_else_where_its_writer_was_by_then():
    tables = survey(
        [
            ("a", 30, "결제", "고려", None, [5]),  # a column that names stages
            ("a", 30, " 고려 ", "인지", None, [5]),  # a touchpoint that is a stage wins over it
            ("a", None, "보기", None, None, [5]),  # a touchpoint that is an event of a stage
            ("a", 30, "결제", None, None, [5]),  # none of them: the latest visit
            ("b", None, "결제", None, None, [5]),  # and without a time none
            ("b", None, None, "고려", None, [5]),
            ("b", -5, None, None, None, [5]),  # before the journey
        ]
    )
    told = feelings(WALKED, WALKED_STAGES, tables)
    places = [None if at < 0 else told.places[at] for at in told.place]
    assert places == ["결제", "고려", "보기", "결제", "결제", "고려", None]
    stages = [None if at < 0 else WALKED_STAGES.names[at] for at in told.stage]
    assert stages == ["고려", "고려", "고려", "인지", None, "고려", None]
    assert told.n_touchpoints == 2 and told.n_given == 7


def test_a_touchpoint_that_is_a_stage_is_one_place_with_it():
    rated = [("a", 30, "인지", "글", 5), ("a", 30, None, "글", 1), ("b", 30, "nothing", "글", 3)]
    told = feelings(WALKED, WALKED_STAGES, reviews(rated))
    sums = told.of(np.ones(2, dtype=bool))
    assert ratio(sums["인지"])[0] == 0.0 and told.at_stages()["feeling"].tolist()[0] == 0.0
    assert told.at_stages()["ratings"].tolist() == [3, 0, 0]
