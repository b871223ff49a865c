"""The columns of one file by the roles they play, with the reason of every row that is not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.errors import NoUsableRows
from journey.events.build import with_total
from journey.events.cleaned import REASONS, Cleaned
from journey.events.encode import Encoded, encode
from journey.events.identity import LONGEST, clean_ids, clean_texts, shortened
from journey.events.kinds import TableChoice
from journey.events.numbers import Numbers, parse_numbers
from journey.events.times import Times, parse_times
from journey.findings import Finding
from journey.sources.raw_table import RawTable, as_text, text_series
from journey.sources.single_names import SingleNames

__all__ = ["Cells", "moments", "numbers_of", "texts_of"]

# A column of words that stand for numbers has no more different ones than this.
_MOST_WORDS = 200
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Cells:
    """A file's rows without its totals; each column is read once, and what that repaired is noted.

    `reason` has one code a row (see `cleaned.REASONS`); the first reason of a row holds.
    """

    def __init__(self, raw: RawTable, choice: TableChoice) -> None:
        self.raw, self.choice = raw, choice
        total = raw.total_row
        self.frame = raw.frame if total is None else raw.frame.drop(index=raw.frame.index[total])
        self.notes: list[Finding] = list(raw.notes)
        self.reason = np.zeros(len(self.frame), dtype=np.uint8)
        self.cut = 0
        self._who: Encoded | None = None
        self._when: Times | None = None
        # A number a row that rows with equal cells share: only those need be compared in full.
        self._mark = np.zeros(len(self.frame), dtype=np.uint64)

    # ---- columns ----------------------------------------------------------------------------------------

    def ids(self, role: str) -> Encoded | None:
        """Codes of the ids in the column of a role, or None where no column plays it."""
        column = self.choice.one(role)
        found = None if column is None else self._encoded(column, ids=True)
        if role == "customer":
            self._who = found
        return found

    def texts(self, role: str) -> Encoded | None:
        """Codes of the texts in the column of a role, or None where no column plays it."""
        column = self.choice.one(role)
        return None if column is None else self.column(column)

    def column(self, name: str) -> Encoded:
        """Codes of the cleaned texts of a column."""
        return self._encoded(name, ids=False)

    def attributes(self, taken: Sequence[str]) -> dict[str, Encoded]:
        """The columns of attributes, by names that differ from those that are taken."""
        columns = self.choice.all("attributes")
        names = SingleNames(taken).all(columns)
        return {name: self.column(column) for name, column in zip(names, columns, strict=True)}

    def amounts(self, role: str) -> np.ndarray | None:
        """The numbers in the column of a role, NaN where there is none; None where no column plays it."""
        column = self.choice.one(role)
        return None if column is None else self.numbers(column).values

    def numbers(self, column: str) -> Numbers:
        """The numbers of a column; cells that are none are noted."""
        found = parse_numbers(self.frame[column])
        self._unreadable(column, found)
        self._mixed(found.values.view(np.uint64))
        return found

    def numbers_or_words(self, column: str, words: Mapping[str, float]) -> tuple[Numbers, bool]:
        """The numbers of a column in which `words` stand for numbers too; and whether any does."""
        codes, values = self.column(column)
        if len(values) > _MOST_WORDS:
            return self.numbers(column), False
        plain = [text.casefold() for text in values.to_pylist()]
        if not any(text in words for text in plain):
            return self.numbers(column), False
        told = pa.array([f"{words[text]:g}" if text in words else text for text in plain], pa.large_string())
        found = parse_numbers(text_series(pa.chunked_array([told.take(pa.array(codes, mask=codes < 0))])))
        self._unreadable(column, found)
        return found, True

    def _unreadable(self, column: str, found: Numbers) -> None:
        if found.invalid:
            self.notes.append(Finding("tables.numbers_unreadable", {"column": column, "n": found.invalid}))

    def times(self, role: str = "time") -> Times | None:
        """The instants in the column of a role, or None where no column plays it."""
        column = self.choice.one(role)
        if column is None:
            return None
        found = parse_times(self.frame[column], zone=self.choice.zone, order=self.choice.date_order)
        self.notes += found.notes(column)
        self._mixed(found.values.view(np.uint64))
        self._when = found
        return found

    def _encoded(self, name: str, *, ids: bool) -> Encoded:
        def tidy(texts: pa.LargeStringArray) -> pa.LargeStringArray:
            clean = clean_ids if ids else clean_texts
            short, cut = shortened(clean(pa.chunked_array([texts])).combine_chunks())
            self.cut += cut
            return short

        found = encode(as_text(self.frame[name]), tidy=tidy)
        self._mixed(found.codes.astype(np.uint64))
        return found

    def _mixed(self, values: np.ndarray) -> None:
        self._mark ^= values
        self._mark *= _MIX
        self._mark ^= self._mark >> np.uint64(29)

    # ---- rows -------------------------------------------------------------------------------------------

    def leave_out(self, reason: str, rows: np.ndarray) -> None:
        """Rows that are not used, for this reason; those that had one before keep it."""
        self.reason[rows & (self.reason == 0)] = REASONS.index(reason)

    def leave_out_duplicates(self, texts: pa.LargeStringArray | None = None) -> None:
        """Rows that repeat another in every column are counted, and left out where that was chosen.

        To be called once all columns are read; `texts` is one that was read in another way.
        """
        if texts is not None:
            self._mixed(texts.dictionary_encode().indices.to_numpy().astype(np.uint64))
        used = np.flatnonzero(self.reason == 0)
        marks = np.sort(self._mark[used])
        again = marks[1:][marks[1:] == marks[:-1]]
        if not len(again):
            return
        suspects = np.zeros(len(self.reason), dtype=bool)
        suspects[used] = np.isin(self._mark[used], again)
        chosen = pa.array(suspects)
        few = {name: text_series(as_text(self.frame[name]).filter(chosen)) for name in self.frame}
        suspects[suspects] = pd.DataFrame(few).duplicated().to_numpy()
        if not suspects.any():
            return
        verb = "dropped" if self.choice.drop_duplicates else "kept"
        self.notes.append(Finding(f"events.duplicates_{verb}", {"rows": int(suspects.sum())}))
        if self.choice.drop_duplicates:
            self.leave_out("duplicate", suspects)

    def used_rows(self, *needed: str) -> np.ndarray:
        """Positions of the rows that are used; those left out are noted by reason.

        Raises NoUsableRows where there is none; `needed` are the reasons that its sentence names.
        """
        counts = {name: int((self.reason == code).sum()) for code, name in enumerate(REASONS)}
        if not counts["used"]:
            told = {name: counts[name] for name in needed}
            raise NoUsableRows(rows=len(self.reason), **told)
        if self.cut:
            self.notes.append(Finding("events.texts_cut", {"n": self.cut, "most": LONGEST}))
        for name in ("no_customer", "no_time"):
            if counts[name]:
                self.notes.append(Finding(f"events.dropped_{name}", {"rows": counts[name]}))
        if counts["no_value"]:
            self.notes.append(Finding("tables.dropped_no_value", {"rows": counts["no_value"]}))
        return np.flatnonzero(self.reason == 0)

    def done(self, kind: str, tables: Mapping[str, pa.Table]) -> Cleaned:
        """What a file that is no log says. Used rows that lack a customer or a time are noted."""
        used = self.reason == 0
        lacks = {
            "customer": None if self._who is None else self._who.codes < 0,
            "time": None if self._when is None else np.isnat(self._when.values),
        }
        for what, flags in lacks.items():
            if flags is not None and (flags & used).any():
                self.notes.append(Finding(f"tables.without_{what}", {"rows": int((flags & used).sum())}))
        ids = pa.array([], pa.large_string())
        if self._who is not None:
            codes = self._who.codes[used]
            ids = self._who.values.take(pa.array(np.flatnonzero(np.bincount(codes[codes >= 0]))))
        return Cleaned(kind, tables, None, ids, self.reasons(), tuple(self.notes))

    def reasons(self) -> np.ndarray:
        """The reason of every row of the file, its row of totals included."""
        return with_total(self.reason, self.raw)


def texts_of(found: Encoded | None, rows: np.ndarray) -> pa.LargeStringArray:
    """The texts of some rows, null where one is missing; all null without a column."""
    if found is None:
        return pa.nulls(len(rows), pa.large_string())
    codes = found.codes.take(rows)
    return found.values.take(pa.array(codes, mask=codes < 0))


def numbers_of(values: np.ndarray | None, rows: np.ndarray) -> pa.DoubleArray:
    """The numbers of some rows, null where there is none; all null without a column."""
    if values is None:
        return pa.nulls(len(rows), pa.float64())
    mine = values.take(rows)
    return pa.array(mine, mask=np.isnan(mine))


def moments(times: np.ndarray | None, rows: np.ndarray) -> pa.TimestampArray:
    """The instants of some rows as timestamps of UTC; all null without a column."""
    if times is None:
        return pa.nulls(len(rows), pa.timestamp("us", "UTC"))
    return pa.array(times.take(rows), pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
