"""Records of an experiment: who was in which arm, and what came of it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cells import Cells, moments, numbers_of, texts_of
from journey.events.cleaned import Cleaned
from journey.events.encode import Encoded
from journey.events.identity import clean_texts
from journey.events.kinds import TableChoice
from journey.events.numbers import parse_numbers
from journey.events.summed import summed
from journey.events.summed_names import measures
from journey.events.times import parse_times
from journey.events.yes_words import yes_and_no
from journey.findings import Finding
from journey.sources.how import ALL_SHEETS
from journey.sources.raw_table import RawTable, as_text, text_series
from journey.sources.sheets import SHEET_COLUMN
from journey.sources.single_names import SingleNames

__all__ = ["arms_of", "experiment", "shape_of"]

_MOST_ARMS = 20
# Cells that are looked at to tell numbers from words.
_LOOKED_AT = 1_000
_COLUMNS = ("customer", "experiment", "arm", "time")


def experiment(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "records", in the order of the file: one row for each row with an arm.

    Where there is a column of customers, rows without one are left out. Outcomes are numbers; yes and no, in
    the words of either language, are 1 and 0, and 35% is 0.35. A column without any number (days, words) is
    no outcome and stays as an attribute. Labels of arms stay as they are written. Customers in two arms of
    one experiment stay here and are counted; who compares the arms leaves them out. Where columns hold
    numbers of units the table is "sums": see `summed`.
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
    wordy = [column for column in choice.all("outcomes") if _holds_no_number(cells, column)]
    columns = [column for column in choice.all("outcomes") if column not in wordy]
    outcomes = [_outcome(cells, column) for column in columns]
    others = (*wordy, *choice.all("attributes"))
    names = SingleNames(_COLUMNS).all((*columns, *others))
    attributes = [cells.column(column) for column in others]
    cells.leave_out_duplicates()
    rows = cells.used_rows("no_customer", "no_value")

    cells.notes += _notes_on_arms(who, arm, of, rows)
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


def _holds_no_number(cells: Cells, column: str) -> bool:
    """Is nothing in a column of outcomes a number, or a yes or no? What is there instead is noted."""
    texts = as_text(cells.frame[column]).slice(0, _LOOKED_AT)
    filled = texts.filter(pc.not_equal(pc.utf8_trim_whitespace(texts), ""))
    if not len(filled):
        return False
    words = pc.utf8_lower(pc.utf8_trim_whitespace(filled))
    told = pc.is_in(words, value_set=pa.array(list(yes_and_no()), words.type))
    cells_of = text_series(filled)
    if pc.any(told).as_py() or not np.isnan(parse_numbers(cells_of).values).all():
        return False
    days = not np.isnat(parse_times(cells_of, zone=cells.choice.zone).values).all()
    cells.notes.append(Finding(f"tables.outcome_{'days' if days else 'words'}", {"column": column}))
    return True


def _outcome(cells: Cells, column: str) -> np.ndarray:
    found, worded = cells.numbers_or_words(column, yes_and_no())
    known = found.values[~np.isnan(found.values)]
    if len(known) and found.missing and worded and (known == 1).all():
        cells.notes.append(Finding("tables.outcome_only_yes", {"column": column, "n": found.missing}))
    if found.percent:
        cells.notes.append(Finding("tables.outcome_percent", {"column": column, "n": found.percent}))
    return found.values


def _notes_on_arms(who: Encoded | None, arm: Encoded, of: Encoded | None, rows: np.ndarray) -> list[Finding]:
    """What is odd about the arms: one alone, customers in two of them, or with several rows in one."""
    notes = []
    codes = arm.codes.take(rows)
    if (codes == codes[0]).all():
        notes.append(Finding("tables.arms_one", {"arm": arm.values[int(codes[0])].as_py()}))
    if who is None:
        return notes
    twice = _in_two_arms(who, arm, of, rows)
    if twice:
        notes.append(Finding("tables.arms_two", {"n": twice}))
    return notes


def _in_two_arms(who: Encoded, arm: Encoded, of: Encoded | None, rows: np.ndarray) -> int:
    """How many customers stand in more than one arm of an experiment."""
    experiments = np.zeros(len(rows), np.int64) if of is None else of.codes.take(rows) + 1
    n_experiments = int(experiments.max(initial=0)) + 1
    unit = who.codes.take(rows).astype(np.int64) * n_experiments + experiments
    seen = np.unique(unit * len(arm.values) + arm.codes.take(rows)) // len(arm.values)
    return len(np.unique(seen[1:][seen[1:] == seen[:-1]] // n_experiments))
