"""What customers wrote: one text a row, with its rating and the scale of that."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from journey.events.cells import Cells, moments, numbers_of, texts_of
from journey.events.cleaned import Cleaned
from journey.events.identity import clean_texts
from journey.events.kinds import TableChoice
from journey.events.scales import scores
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text

__all__ = ["LONGEST_TEXT", "reviews"]

# Characters. What is longer is a file in a cell, not a review.
LONGEST_TEXT = 1_000_000
_COLUMNS = ("customer", "time", "text", "rating", "scale", "product", "touchpoint")


def reviews(raw: RawTable, choice: TableChoice, now: dt.datetime | None = None) -> Cleaned:
    """Table "reviews", in the order of the file: one row for each row with a text.

    Rows without a customer or a time are kept: what they say is worth reading. `rating` is null where it is
    missing, unreadable or off its `scale` (see `scales`).
    """
    cells = Cells(raw, choice)
    who, times = cells.ids("customer"), cells.times()
    column = choice.one("text")
    assert column is not None
    texts = clean_texts(as_text(cells.frame[column])).combine_chunks()
    cells.leave_out("no_value", pc.equal(texts, "").to_numpy(zero_copy_only=False))
    long = pc.greater(pc.utf8_length(texts), LONGEST_TEXT)
    if pc.any(long).as_py():
        told = {"n": pc.sum(long).as_py(), "most": LONGEST_TEXT}
        cells.notes.append(Finding("tables.reviews_cut", told))
        texts = pc.utf8_slice_codeunits(texts, 0, LONGEST_TEXT)
    rating = choice.one("rating")
    score = None if rating is None else scores(cells, rating)
    product, touchpoint = cells.texts("product"), cells.texts("touchpoint")
    attributes = cells.attributes(_COLUMNS)
    cells.leave_out_duplicates(texts)
    rows = cells.used_rows("no_customer", "no_value")

    table = {
        "customer": texts_of(who, rows),
        "time": moments(None if times is None else times.values, rows),
        "text": texts.take(pa.array(rows)),
        "rating": numbers_of(None if score is None else score.values, rows),
        "scale": pa.array([None if score is None else score.scale] * len(rows), pa.large_string()),
        "product": texts_of(product, rows),
        "touchpoint": texts_of(touchpoint, rows),
    } | {name: texts_of(found, rows) for name, found in attributes.items()}
    return cells.done("reviews", {"reviews": pa.table(table)})
