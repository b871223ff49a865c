"""What customers answered: responses, and the scores they gave to each question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.events.cells import Cells, moments, texts_of
from journey.events.cleaned import Cleaned
from journey.events.kinds import TableChoice
from journey.events.scales import scores
from journey.sources.raw_table import RawTable

__all__ = ["given_answers", "survey"]

_COLUMNS = ("response", "customer", "time", "touchpoint", "comment")


def survey(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "responses": one row for each row with a score or a comment; `response` is its place in the file.

    Table "answers": one row for each score, by question and response; `scale` is that of the question (see
    `scales`), null where its scores are on none. Rows without a customer or a time are kept: an anonymous
    answer is an answer.
    """
    cells = Cells(raw, choice)
    who, times = cells.ids("customer"), cells.times()
    comment, touchpoint = cells.texts("comment"), cells.texts("touchpoint")
    found = {column: scores(cells, column) for column in choice.all("scores")}
    said = np.zeros(len(cells.reason), dtype=bool) if comment is None else comment.codes >= 0
    for score in found.values():
        said |= ~np.isnan(score.values)
    cells.leave_out("no_value", ~said)
    attributes = cells.attributes(_COLUMNS)
    cells.leave_out_duplicates()
    rows = cells.used_rows("no_customer", "no_value")

    number = np.arange(len(cells.reason) + (raw.total_row is not None))
    number = number if raw.total_row is None else np.delete(number, raw.total_row)
    responses = {
        "response": pa.array(number[rows]),
        "customer": texts_of(who, rows),
        "time": moments(None if times is None else times.values, rows),
        "touchpoint": texts_of(touchpoint, rows),
        "comment": texts_of(comment, rows),
    } | {name: texts_of(column, rows) for name, column in attributes.items()}
    answers = [_SCHEMA.empty_table()]
    for question, score in found.items():
        given = rows[~np.isnan(score.values[rows])]
        answers.append(
            pa.table(
                {
                    "response": pa.array(number[given]),
                    "question": pa.array([question] * len(given), pa.large_string()),
                    "score": pa.array(score.values[given]),
                    "scale": pa.array([score.scale] * len(given), pa.large_string()),
                },
                schema=_SCHEMA,
            )
        )
    return cells.done("survey", {"responses": pa.table(responses), "answers": pa.concat_tables(answers)})


def given_answers(surveys: Iterable[tuple[pa.Table, pa.Table]]) -> pd.DataFrame:
    """The answers of several surveys with who gave them, when and about what.

    customer, time, touchpoint, question, score, scale, survey (its place among these) and response. Each
    survey is its tables "responses" and "answers"; an anonymous answer has no customer.
    """
    wanted = ["customer", "time", "touchpoint", "question", "score", "scale", "survey", "response"]
    parts = []
    for place, (responses, found) in enumerate(surveys):
        who = responses.select(["response", "customer", "time", "touchpoint"]).to_pandas()
        given = found.to_pandas().merge(who, on="response", validate="many_to_one")
        parts.append(given.assign(survey=place)[wanted])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=wanted)


_SCHEMA = pa.schema(
    [
        ("response", pa.int64()),
        ("question", pa.large_string()),
        ("score", pa.float64()),
        ("scale", pa.large_string()),
    ]
)
