"""A log that may be shown to strangers: codes for customers, numbers for values that may name somebody."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey.events.column_names import normal, word_scores
from journey.events.id_codes import mask_ids
from journey.events.log import Attribute, EventLog
from journey.events.masking import masked_texts
from journey.events.other_tables import OtherTables

__all__ = ["are_plain_numbers", "disguised", "disguised_tables", "may_name", "naming", "stand_ins"]

# More different values than a group has, and of so many customers that a value points at few of them.
_MANY, _SHARE = 50, 0.2
# So many values, nearly all of the shape of a Korean name, are no coincidence.
_FEWEST_NAMES, _NAMES_SHARE = 5, 0.8
# A word for a customer that fills a column's name, or ends it, and is no ending that anything may have.
_ID_WORD = 0.75
# What people wrote in their own words, in tables beside the log.
_FREE_TEXT = ("comment", "text")
# What a plan of a test is written in, as stages are in the names of events.
_OF_TESTS = ("experiment", "arm", "metric")
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d[%]?")
_COVERED = re.compile(r"\*{3}")
# A number with one decimal point at most, as no date has it, and a day written as a number.
_PLAIN_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?")
_DAY_NUMBER = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
# Of more digits it is rather the number of something: an account, a card, a telephone.
_MOST_DIGITS = 9


def naming(log: EventLog) -> tuple[str, ...]:
    """The attributes of a log whose values may name somebody, in their order."""
    found = log.attributes.items()
    return tuple(name for name, one in found if may_name(name, one.categories, log.n_customers))


def may_name(name: str, values: Sequence[str], n_customers: int) -> bool:
    """Could a value of this attribute tell who somebody is?

    By the name of its column (names, contacts, addresses, ids, companies, remarks), by values that hold
    personal data or were masked, by values of which nearly all look like Korean names, or because there are
    so many of them: more than 50, and more than a fifth of the customers.
    """
    if len(values) > _MANY and len(values) > _SHARE * n_customers:
        return True
    return _is_called_so(name) or _hold_personal(name, values) or _look_like_names(values)


def are_plain_numbers(name: str, values: Sequence[str]) -> bool:
    """Are these numbers that name nobody in a mean or a range, however many different ones there are?

    Ages, incomes, scores; not dates, not telephones or other numbers of persons, and no columns that are
    called like names or ids.
    """
    there = [value.strip() for value in values if value.strip()]
    if not there or not all(map(_PLAIN_NUMBER.fullmatch, there)):
        return False
    digits = max(sum(map(str.isdigit, value.split(".")[0])) for value in there)
    days = sum(bool(_DAY_NUMBER.fullmatch(value)) for value in there)
    if digits > _MOST_DIGITS or days * 2 > len(there):
        return False
    return not _is_called_so(name) and not _hold_personal(name, values)


def stand_ins(values: Sequence[str], key: bytes, word: str) -> dict[str, str]:
    """Value -> "Value 07": what is shown for each, in an order that tells nothing about the values.

    The numbers follow a keyed hash, so they are the same wherever the values are the same ones, and have
    equally many digits: their order as texts is that of the numbers.
    """
    inorder = sorted(
        values, key=lambda value: hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")
    )
    digits = len(str(len(inorder)))
    return {value: f"{word} {number:0{digits}d}" for number, value in enumerate(inorder, 1)}


def disguised(log: EventLog, key: bytes, *, attributes: Collection[str], word: str) -> EventLog:
    """The same log with codes as ids and stand-ins as values of these attributes; the figures stay.

    Filtering before or after gives the same, as long as the values are those of the whole log.
    """
    codes = mask_ids(log.customer_ids, key)
    hidden = sorted(set(attributes) & log.attributes.keys())
    shown = {name: _covered(log.attributes[name], key, word) for name in hidden}
    mark = f"{log.fingerprint} disguised {json.dumps([hidden, word])}"
    return replace(
        log,
        customer_ids=pa.array(codes, pa.large_string()),
        attributes={name: shown.get(name, one) for name, one in log.attributes.items()},
        notes=(),
        lineage=hashlib.sha256(mark.encode()).hexdigest(),
    )


def disguised_tables(
    tables: OtherTables, key: bytes, ids: pa.LargeStringArray, said: Mapping[str, Mapping[str, str]]
) -> OtherTables:
    """The same tables with the codes that the log's `ids` have, what is said for values, and no free text.

    `said` is value -> stand-in, of each attribute that is hidden. Orders are numbered anew, so that lines of
    one still belong together. Of other columns that may name somebody only numbers are left.
    """

    def coded(column: pa.Array) -> pa.Array:
        known = column.unique().drop_null().cast(pa.large_string())
        codes = pa.array([*mask_ids(known, key, among=ids), None], pa.large_string())
        return codes.take(pc.fill_null(pc.index_in(column, value_set=known), len(known)))

    def shown(table: pa.Table) -> pa.Table:
        for place, name in enumerate(table.column_names):
            column = table.column(name).combine_chunks()
            if name == "customer":
                made = coded(column)
            elif not pa.types.is_large_string(column.type) or name in _OF_TESTS:
                continue
            elif name in _FREE_TEXT:
                made = pa.nulls(len(column), pa.large_string())
            elif name in said:
                made = pa.array([said[name].get(value) for value in column.to_pylist()], pa.large_string())
            else:
                values = column.unique().drop_null().to_pylist()
                if all(map(_NUMBER.fullmatch, values)) or not may_name(name, values, len(column)):
                    continue
                made = pa.nulls(len(column), pa.large_string())
            table = table.set_column(place, name, made)
        return table

    def numbered(table: pa.Table) -> pa.Table:
        if "order" not in table.column_names:
            return table
        numbers = table.column("order").combine_chunks().dictionary_encode().indices
        return table.set_column(
            table.column_names.index("order"), "order", pc.cast(numbers, pa.large_string())
        )

    answers = tables.answers
    if not answers.empty:
        who = coded(pa.array(answers["customer"], pa.large_string(), from_pandas=True))
        answers = answers.assign(customer=who.to_pandas())
    return OtherTables(
        customers=tuple(map(shown, tables.customers)),
        lines=tuple(shown(numbered(table)) for table in tables.lines),
        answers=answers,
        comments=tuple(map(shown, tables.comments)),
        reviews=tuple(map(shown, tables.reviews)),
        records=tuple(map(shown, tables.records)),
        sums=tuple(map(shown, tables.sums)),
    )


def _covered(attribute: Attribute, key: bytes, word: str) -> Attribute:
    names = stand_ins(attribute.categories, key, word)
    inorder = sorted(names.values())
    places = {name: place for place, name in enumerate(inorder)}
    # One more at the end, which is what -1 of a missing value takes.
    new = np.array([*(places[names[value]] for value in attribute.categories), -1], dtype=np.int32)
    return replace(attribute, codes=new[attribute.codes], categories=tuple(inorder))


def _is_called_so(name: str) -> bool:
    words = _words()
    whole = normal(name)
    tokens = set(re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).casefold()))
    if any(thing in (tokens if thing.isascii() else whole) for thing in words["things"]):
        return False
    if any(word in whole for word in words["syllables"]) or tokens & set(words["tokens"]):
        return True
    return whole in words["tokens"] or word_scores(name).get("customer", 0.0) >= _ID_WORD


def _hold_personal(name: str, values: Sequence[str]) -> bool:
    if any(_COVERED.search(value) for value in values):
        return True
    texts = pa.chunked_array([pa.array(values, pa.large_string())])
    return bool(values) and not masked_texts(texts, name).equals(texts)


def _look_like_names(values: Sequence[str]) -> bool:
    if len(values) < _FEWEST_NAMES:
        return False
    surnames = "".join(_words()["surnames"])
    shape = re.compile(rf"[{surnames}][\uac00-\ud7a3]{{2}}")
    return sum(bool(shape.fullmatch(value.strip())) for value in values) >= _NAMES_SHARE * len(values)


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    written = resources.files("journey.events").joinpath("person_words.json").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in json.loads(written).items()}
