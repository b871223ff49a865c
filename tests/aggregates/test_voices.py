"""What customers wrote stands at the stage that it is about, and tells nobody's number."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest

from journey.aggregates.voices import voices
from journey.errors import StageUnknown
from journey.events.other_tables import NO_TABLES
from journey.events.surveys import given_answers
from tests.analysis.logs import event_log, stage_map
from tests.analysis.oracle import Row

_BEGIN = pd.Timestamp("2024-01-01", tz="Asia/Seoul")
LOG = event_log([Row("a", "가입", 0), Row("a", "보기", 60), Row("b", "가입", 0)])
STAGES = stage_map({"가입": "인지", "보기": "고려"})


def survey(responses):
    """Tables of a survey: (customer, minute, touchpoint, stage column, comment, scores on 1-5)."""
    columns = ["customer", "minute", "touchpoint", "여정 단계", "comment", "scores"]
    frame = pd.DataFrame(responses, columns=columns).assign(response=range(len(responses)))
    later = pd.to_timedelta(frame["minute"].astype(float), unit="min")
    frame["time"] = (_BEGIN + later).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    texts = ["customer", "touchpoint", "여정 단계", "comment"]
    told = frame[["response", "time", *texts]].astype(dict.fromkeys(texts, "str"))
    responses_ = pa.Table.from_pandas(told, preserve_index=False)
    scores = [(at, f"q{place}", float(score), "1-5") for at, own in enumerate(frame["scores"])
              for place, score in enumerate(own)]  # fmt: skip
    given = pd.DataFrame(scores, columns=["response", "question", "score", "scale"])
    answers = pa.Table.from_pandas(given, preserve_index=False)
    return replace(NO_TABLES, answers=given_answers([(responses_, answers)]), comments=(responses_,))


def reviews(rows):
    """One table of reviews: (customer, minute, touchpoint, text, stars)."""
    frame = pd.DataFrame(rows, columns=["customer", "minute", "touchpoint", "text", "rating"])
    later = pd.to_timedelta(frame["minute"].astype(float), unit="min")
    frame["time"] = (_BEGIN + later).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    frame = frame.assign(scale="1-5", product=None, rating=frame["rating"].astype(float))
    texts = ["customer", "touchpoint", "text", "scale", "product"]
    table = frame.drop(columns="minute").astype(dict.fromkeys(texts, "str"))
    return replace(NO_TABLES, reviews=(pa.Table.from_pandas(table, preserve_index=False),))


def test_comments_stand_where_their_file_says_or_where_their_writer_was_by_then():
    tables = survey(
        [
            ("a", 30, None, None, "처음이라 헷갈려요", [2, 4]),
            ("a", 90, None, None, "비교가 쉬워요", [5]),
            ("b", 90, "결제", "고려", "결제가 막혀요 010-1234-5678", [1]),
            ("b", 90, " 고려", None, "느려요", []),
            (None, 90, "보기", None, "이름 없는 사람의 말", [3]),
            ("nobody", 90, None, None, "아무도 모르는 사람", [3]),
            ("b", 90, None, None, "   ", [1]),
        ]
    )
    first, then = (voices(LOG, STAGES, name, tables) for name in ("인지", "고려"))
    assert first.table["text"].tolist() == ["처음이라 헷갈려요"] and first.table["feeling"].tolist() == [0.0]
    assert then.n == 4 and then.n_rated == 3
    assert then.table["text"].tolist() == [
        "결제가 막혀요 010-****-5678",
        "이름 없는 사람의 말",
        "비교가 쉬워요",
        "느려요",
    ]
    assert then.table["customer"].tolist() == ["b", "", "a", "b"]
    best = voices(LOG, STAGES, "고려", tables, order="high", most=1)
    assert best.table["text"].tolist() == ["비교가 쉬워요"] and best.n == 4


def test_reviews_are_told_by_their_stars_and_the_newest_of_equals_stands_first():
    tables = reviews(
        [("b", 10, None, "별로예요", 2), ("a", 20, None, "그저 그래요", 2), ("b", 30, "인지", "좋아요", 5)]
    )
    told = voices(LOG, STAGES, STAGES.named("인지").id, tables)
    assert told.table["text"].tolist() == ["그저 그래요", "별로예요", "좋아요"]
    assert set(told.table["source"]) == {"review"} and told.table["feeling"].tolist() == [-1, -1, 2]


def test_without_texts_there_are_none_and_no_stage_of_that_name_is_an_error():
    empty = voices(LOG, STAGES, "인지", NO_TABLES)
    assert empty.table.empty and (empty.n, empty.n_rated) == (0, 0)
    with pytest.raises(StageUnknown):
        voices(LOG, STAGES, "없음", NO_TABLES)
