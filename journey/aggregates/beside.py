"""What tables beside the log tell of its customers: kinds of things ordered, scores, ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from journey.aggregates.customer_attributes import MOST_CATEGORIES
from journey.events.encode import encode
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables

__all__ = [
    "Scored",
    "answer_scores",
    "category_lines",
    "category_names",
    "has_prices",
    "mean_prices",
    "questions",
    "review_scores",
    "strangers",
]


@dataclass(frozen=True, eq=False)
class Scored:
    """The mean score of each customer of a log (NaN: none given), and its scale; None: nobody gave any."""

    values: np.ndarray
    scale: str | None


def strangers(log: EventLog, tables: OtherTables) -> int:
    """How many customers of the tables of customers does the log not know?"""
    unknown = set[str]()
    for table in tables.customers:
        ids = table.column("customer").combine_chunks()
        absent = pc.invert(pc.is_in(ids, value_set=log.customer_ids.cast(ids.type)))
        unknown.update(ids.filter(absent).drop_null().to_pylist())
    return len(unknown)


# ---- orders ------------------------------------------------------------------------------------------------


def category_names(log: EventLog, tables: OtherTables) -> list[str]:
    """The categories of most lines of all orders, in code-point order: at most 20."""
    counts = Counter[str]()
    for table in tables.lines:
        if "category" in table.column_names:
            for one in pc.value_counts(table.column("category").combine_chunks()).to_pylist():
                counts[one["values"] or ""] += one["counts"]
    counts.pop("", None)
    return sorted(sorted(counts, key=lambda name: (-counts[name], name))[:MOST_CATEGORIES])


def category_lines(log: EventLog, tables: OtherTables) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """By category the lines of each customer, and by customer all lines of a known category.

    Lines of less than nothing are what came back, and do not count; under a period filter only its own do.
    """
    names = category_names(log, tables)
    counts = np.zeros((log.n_customers, len(names)), dtype=np.int64)
    whole = np.zeros(log.n_customers, dtype=np.int64)
    for table in tables.lines:
        if "category" not in table.column_names:
            continue
        who = _places(log, table.column("customer"))
        found = encode(table.column("category"))
        amount = table.column("amount").to_numpy() if "amount" in table.column_names else np.zeros(len(who))
        rows = np.flatnonzero(
            (who >= 0) & (found.codes >= 0) & ~(amount < 0) & _inside(log, _instants(table.column("time")))
        )
        place = np.array([names.index(one) if one in names else -1 for one in found.values.to_pylist()])
        own, kind = who.take(rows), place.take(found.codes.take(rows))
        whole += np.bincount(own, minlength=log.n_customers)
        named = np.flatnonzero(kind >= 0)
        keys = own.take(named) * len(names) + kind.take(named)
        counts += np.bincount(keys, minlength=counts.size).reshape(counts.shape)
    return dict(zip(names, counts.T, strict=True)), whole


def has_prices(tables: OtherTables) -> bool:
    """Does any line of an order say what it cost?"""
    return any(_priced(table) for table in tables.lines)


def mean_prices(log: EventLog, tables: OtherTables) -> np.ndarray:
    """What one piece cost each customer on average: amounts of lines over quantities; NaN without any.

    A line without a quantity is one piece. Lines that came back, or cost nothing, do not count; under a
    period filter only its own do.
    """
    paid, pieces = np.zeros(log.n_customers), np.zeros(log.n_customers)
    for table in tables.lines:
        if not _priced(table):
            continue
        who, amount = _places(log, table.column("customer")), table.column("amount").to_numpy()
        quantity = table.column("quantity").to_numpy() if "quantity" in table.column_names else amount * 0 + 1
        quantity = np.where(np.isnan(quantity), 1.0, quantity)
        inside = (who >= 0) & (amount > 0) & (quantity > 0) & _inside(log, _instants(table.column("time")))
        rows = np.flatnonzero(inside)
        # By size, so that the sum does not hang on the order of the rows.
        rows = rows[np.lexsort((amount.take(rows), who.take(rows)))]
        paid += np.bincount(who.take(rows), amount.take(rows), log.n_customers)
        pieces += np.bincount(who.take(rows), quantity.take(rows), log.n_customers)
    return np.divide(paid, pieces, out=np.full(log.n_customers, np.nan), where=pieces > 0)


def _priced(table: pa.Table) -> bool:
    return "amount" in table.column_names and table.column("amount").null_count < table.num_rows


# ---- scores ------------------------------------------------------------------------------------------------


def questions(tables: OtherTables) -> Iterator[tuple[str, str | None]]:
    """The questions of all surveys in code-point order, each with the scale of most of its answers."""
    answers = tables.answers
    if answers.empty:
        return
    counts = answers.assign(scale=answers["scale"].fillna("")).groupby(["question", "scale"]).size()
    each = counts.reset_index(name="n").sort_values(["question", "n", "scale"], ascending=[True, False, True])
    for one in each.drop_duplicates("question").itertuples():
        yield str(one.question), str(one.scale) or None


def answer_scores(log: EventLog, tables: OtherTables, question: str, scale: str | None) -> np.ndarray:
    """The mean of each customer's answers to a question on this scale; anonymous answers are nobody's."""
    answers = tables.answers
    on_scale = answers["scale"].isna() if scale is None else answers["scale"] == scale
    asked = answers[(answers["question"] == question) & on_scale]
    who = _places(log, pa.chunked_array([pa.array(asked["customer"], pa.large_string(), from_pandas=True)]))
    times = pd.to_datetime(asked["time"], utc=True)
    instants = pa.chunked_array([pa.array(times, pa.timestamp("us", "UTC"), from_pandas=True)])
    return _means(log, who, asked["score"].to_numpy(dtype=np.float64), _instants(instants))


def review_scores(log: EventLog, tables: OtherTables) -> Scored:
    """The mean of each customer's ratings on the scale of most reviews."""
    wanted = ["customer", "time", "rating", "scale"]
    parts = [table.select(wanted) for table in tables.reviews if set(wanted) <= set(table.column_names)]
    table = pa.concat_tables(parts, promote_options="permissive") if parts else None
    if table is None or table.column("rating").null_count == table.num_rows:
        return Scored(np.full(log.n_customers, np.nan), None)
    table = table.filter(pc.is_valid(table.column("rating")))
    scales = Counter(table.column("scale").to_pylist())
    scale = min((one for one in scales if one), key=lambda one: (-scales[one], one), default=None)
    if scale is None:
        return Scored(np.full(log.n_customers, np.nan), None)
    table = table.filter(pc.equal(table.column("scale"), scale))
    who, rating = _places(log, table.column("customer")), table.column("rating").to_numpy()
    return Scored(_means(log, who, rating, _instants(table.column("time"))), scale)


def _means(log: EventLog, who: np.ndarray, values: np.ndarray, time: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero((who >= 0) & ~np.isnan(values) & _inside(log, time))
    who, values = who.take(rows), values.take(rows)
    n = np.bincount(who, minlength=log.n_customers)
    # Scores of one customer in order of size: the sum must not hang on the order of the rows.
    inorder = np.lexsort((values, who))
    total = np.bincount(who.take(inorder), values.take(inorder), log.n_customers)
    return np.divide(total, n, out=np.full(log.n_customers, np.nan), where=n > 0)


# ---- rows --------------------------------------------------------------------------------------------------

_UNDATED = np.iinfo(np.int64).min


def _places(log: EventLog, ids: pa.ChunkedArray) -> np.ndarray:
    """The position of each row's customer in the log, -1 for nobody's and strangers'."""
    column = ids.combine_chunks().cast(pa.large_string())
    found = pc.index_in(column, value_set=log.customer_ids.cast(pa.large_string()), skip_nulls=True)
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _instants(times: pa.ChunkedArray) -> np.ndarray:
    """Microseconds UTC, the smallest number where there is no time."""
    column = pc.cast(times.combine_chunks(), pa.timestamp("us", "UTC"))
    return pc.fill_null(pc.cast(column, pa.int64()), _UNDATED).to_numpy(zero_copy_only=False)


def _inside(log: EventLog, time: np.ndarray) -> np.ndarray:
    """One flag a row: is it in the period that the log was filtered by? Without one, all are."""
    if not log.period:
        return np.ones(len(time), dtype=bool)
    low, high = log.observed
    return (time >= low) & (time < high)
