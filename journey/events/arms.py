"""Records of an experiment: who was in which arm, and what came of it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from journey.events.cells import Cells, moments, numbers_of, texts_of
from journey.events.cleaned import Cleaned
from journey.events.encode import Encoded
from journey.events.identity import clean_texts
from journey.events.kinds import TableChoice
from journey.events.summed import summed
from journey.events.summed_names import measures
from journey.events.yes_words import yes_and_no
from journey.findings import Finding
from journey.sources.how import ALL_SHEETS
from journey.sources.raw_table import RawTable, as_text
from journey.sources.sheets import SHEET_COLUMN
from journey.sources.single_names import SingleNames

__all__ = ["arms_of", "experiment", "shape_of"]

_MOST_ARMS = 20
_COLUMNS = ("customer", "experiment", "arm", "time")


def experiment(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "records", in the order of the file: one row for each row with an arm.

    Where there is a column of customers, rows without one are left out. Outcomes are numbers; yes and no, in
    the words of either language, are 1 and 0. Customers in two arms of one experiment stay here and are
    counted; who compares the arms leaves them out. Where columns hold numbers of units the table is "sums":
    see `summed`.
    """
    if choice.is_summed:
        return summed(raw, choice, now)
    cells = Cells(raw, choice)
    who, arm, times = cells.ids("customer"), cells.texts("arm"), cells.times()
    assert arm is not None
    of = cells.texts("experiment")
    if who is not None:
        cells.leave_out("no_customer", who.codes < 0)
    cells.leave_out("no_value", arm.codes < 0)
    columns = choice.all("outcomes")
    outcomes = [_outcome(cells, column) for column in columns]
    names = SingleNames(_COLUMNS).all((*columns, *choice.all("attributes")))
    attributes = [cells.column(column) for column in choice.all("attributes")]
    cells.leave_out_duplicates()
    rows = cells.used_rows("no_customer", "no_value")

    if who is not None:
        twice = _in_two_arms(who, arm, of, rows)
        if twice:
            cells.notes.append(Finding("tables.arms_two", {"n": twice}))
    table = {
        "customer": texts_of(who, rows),
        "experiment": texts_of(of, rows),
        "arm": texts_of(arm, rows),
        "time": moments(None if times is None else times.values, rows),
    }
    made = [*(numbers_of(values, rows) for values in outcomes), *(texts_of(one, rows) for one in attributes)]
    table |= dict(zip(names, made, strict=True))
    return cells.done("experiment", {"records": pa.table(table)})


def shape_of(choice: TableChoice, raw: RawTable) -> str:
    """What a row of results is: of "units", "exposures" (without outcomes), "sums", or an arm's "sheets"."""
    if choice.is_summed:
        return "sums"
    if raw.sheet == ALL_SHEETS and choice.one("arm") == SHEET_COLUMN:
        return "sheets"
    return "units" if choice.all("outcomes") else "exposures"


def arms_of(choice: TableChoice, raw: RawTable) -> tuple[str, ...]:
    """What the arms are called, in the order of the file; none where there are too many to be arms."""
    found = measures(choice.roles)[0] if choice.is_summed else ()
    column = choice.one("arm")
    if column is None or column not in raw.frame:
        return tuple(dict.fromkeys(one.arm for one in found if one.arm is not None))
    texts = clean_texts(pa.chunked_array([as_text(raw.frame[column]).unique()]))
    named = [text for text in texts.unique().to_pylist() if text]
    controls = dict.fromkeys(one.arm for one in found if one.arm is not None and one.is_control)
    return () if len(named) > _MOST_ARMS else (*controls, *named)


def _outcome(cells: Cells, column: str) -> np.ndarray:
    found, worded = cells.numbers_or_words(column, yes_and_no())
    known = found.values[~np.isnan(found.values)]
    if len(known) and found.missing and worded and (known == 1).all():
        cells.notes.append(Finding("tables.outcome_only_yes", {"column": column, "n": found.missing}))
    return found.values


def _in_two_arms(who: Encoded, arm: Encoded, of: Encoded | None, rows: np.ndarray) -> int:
    """How many customers stand in more than one arm of an experiment."""
    experiments = np.zeros(len(rows), np.int64) if of is None else of.codes.take(rows) + 1
    n_experiments = int(experiments.max(initial=0)) + 1
    unit = who.codes.take(rows).astype(np.int64) * n_experiments + experiments
    seen = np.unique(unit * len(arm.values) + arm.codes.take(rows)) // len(arm.values)
    return len(np.unique(seen[1:][seen[1:] == seen[:-1]] // n_experiments))
