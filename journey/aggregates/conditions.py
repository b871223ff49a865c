"""What can a rule be about in this project? Its numbers, dates, questions, ratings and orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from journey.aggregates.customer_figures import days_in
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.numbers import parse_numbers
from journey.events.other_tables import REGISTERED, OtherTables

__all__ = ["Conditions", "conditions"]

# As a number, or as a date, is read what nearly always is one, with more values than a list is for.
_MOSTLY, _LEAST_VALUES = 0.95, 11
_LOOKED_AT = 5_000


@dataclass(frozen=True)
class Conditions:
    """What there is to choose from, with the lowest and the highest value of each.

    journey    are there events that tell of a journey, or only customers of tables?
    orders     does any event count as an order, and `money`: has any of them an amount?
    numbers    attributes whose values are numbers; `dates`: days as ISO dates
    questions  questions of surveys; `rating` of reviews, None without any
    """

    journey: bool = True
    orders: bool = False
    money: bool = False
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    questions: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    rating: tuple[float, float] | None = None


def conditions(log: EventLog, tables: OtherTables, purchases: Sequence[str] | None = None) -> Conditions:
    """Look through the names and values once; `purchases` are the events that the project calls orders."""
    is_journey = log.event_names != (REGISTERED,)
    done = deeds(log, purchases=purchases) if is_journey else None
    values: dict[str, Sequence[str]] = {name: one.categories for name, one in log.attributes.items()}
    for table in tables.customers:
        for name in table.column_names:
            if name != "customer" and name not in values:
                values[name] = table.column(name).unique().drop_null().to_pylist()
    numbers, dates = {}, {}
    for name, found in values.items():
        if len(found) < _LEAST_VALUES:
            continue
        sample = pd.Series(found[:_LOOKED_AT], dtype="str")
        if (read := _span(parse_numbers(sample).values)) is not None:
            whole = _span(parse_numbers(pd.Series(found, dtype="str")).values) or read
            numbers[name] = whole
        elif (read := _span(days_in(sample))) is not None:
            whole = _span(days_in(pd.Series(found, dtype="str"))) or read
            first, last = (str(np.datetime64(int(day), "D")) for day in whole)
            dates[name] = first, last
    answers = tables.answers
    questions = {
        str(question): _scale(str(own["scale"].iloc[0]), own["score"])
        for question, own in answers.groupby("question", sort=True)
    }
    rated = [table.select(["rating", "scale"]).to_pandas() for table in tables.reviews]
    given = pd.concat(rated).dropna(subset="rating") if rated else pd.DataFrame()
    return Conditions(
        journey=is_journey,
        orders=done is not None and bool(done.purchases),
        money=done is not None and bool(done.purchases) and log.amount is not None,
        numbers=numbers,
        dates=dates,
        questions=questions,
        rating=None if given.empty else _scale(str(given["scale"].iloc[0]), given["rating"]),
    )


def _span(values: np.ndarray) -> tuple[float, float] | None:
    """The lowest and the highest, where nearly all are known."""
    known = values[~np.isnan(values)]
    if len(known) < _MOSTLY * len(values) or not len(known):
        return None
    return float(known.min()), float(known.max())


def _scale(scale: str, scores: pd.Series) -> tuple[float, float]:
    """The ends of a scale ("0-10"), or of what was given where it is not known."""
    low, dash, high = scale.partition("-")
    if dash and low.isdecimal() and high.isdecimal():
        return float(low), float(high)
    return float(scores.min()), float(scores.max())
