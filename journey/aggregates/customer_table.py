"""One row a customer: what the log and all tables beside it tell of each, as numbers and as groups."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from journey.aggregates.active_days import active_days, day_number, days_of
from journey.aggregates.beside import (
    Scored,
    answer_scores,
    category_lines,
    category_names,
    has_prices,
    mean_prices,
    questions,
    review_scores,
    strangers,
)
from journey.aggregates.customer_attributes import (
    MOST_CATEGORIES,
    OTHER,
    Column,
    attribute_columns,
    categories,
    numbers,
)
from journey.aggregates.day_parts import DAY_PARTS, class_rows, rows_by_time
from journey.aggregates.rfm_values import as_of_day, rfm_values
from journey.aggregates.stage_visits import median_times, stage_visits
from journey.aggregates.visits import pieces
from journey.errors import ColumnMissing, SettingWrong
from journey.events.deeds import deeds
from journey.events.log import EventLog
from journey.events.other_tables import NO_TABLES, REGISTERED, OtherTables
from journey.findings import Finding
from journey.stages.stage_map import StageMap

__all__ = ["FAMILIES", "OTHER", "CustomerTable", "Family", "Feature", "Offer", "customer_table", "offered"]

Family = Literal["rfm", "journey", "when", "channel", "orders", "scores", "attributes"]
Form = Literal["days", "count", "money", "seconds", "share", "flag", "score", "number", "category"]
FAMILIES: tuple[Family, ...] = get_args(Family)

# The first part of a feature's name tells where it comes from.
_FAMILY: Mapping[str, Family] = {
    "rfm": "rfm",
    "journey": "journey",
    "when": "when",
    "mix": "channel",
    "orders": "orders",
    "answers": "scores",
    "reviews": "scores",
    "attribute": "attributes",
}
_SKEWED = frozenset(("days", "count", "money", "seconds"))
_MARK = 8


@dataclass(frozen=True)
class Offer:
    """A feature that can be had of a log and its tables.

    name    the same text as long as the project's stages, questions and columns are the same ones
    form    what its numbers are: days, counts, money, seconds, shares 0-1, flags 0 or 1, mean scores, numbers
            as they stand in a table; "category" has none
    about   what the words for it need: stage, attribute, value, category, question and scale
    """

    name: str
    family: Family
    form: Form
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> Literal["number", "category"]:
        return "category" if self.form == "category" else "number"

    @property
    def is_skewed(self) -> bool:
        """Does it have no upper end, so that a few customers are far from all others?"""
        return self.form in _SKEWED


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature of all customers of a log, in their order.

    values      of a number (float64, NaN missing); of a category all NaN
    codes       of a category: positions in `categories` (int32, -1 missing); of a number all -1
    categories  ascending; OTHER stands at the end for all that are too rare to have a name of their own
    """

    offer: Offer
    values: np.ndarray
    codes: np.ndarray
    categories: tuple[str, ...] = ()

    @property
    def known(self) -> np.ndarray:
        """One flag a customer: is there a value?"""
        return self.codes >= 0 if self.offer.kind == "category" else ~np.isnan(self.values)

    @property
    def missing_share(self) -> float:
        """Customers without a value, over all customers; 0 where there is nobody."""
        return float(1 - self.known.mean()) if len(self.known) else 0.0


@dataclass(frozen=True, eq=False)
class CustomerTable:
    """Features by name, and the rows of each customer in the log; `notes` say who is not in it."""

    features: Mapping[str, Feature]
    rows: np.ndarray
    notes: tuple[Finding, ...] = ()

    @property
    def n_customers(self) -> int:
        return len(self.rows)


def offered(
    log: EventLog,
    stages: StageMap,
    tables: OtherTables = NO_TABLES,
    *,
    purchases: Sequence[str] | None = None,
) -> tuple[Offer, ...]:
    """Which features can be had, family by family in the order of FAMILIES?

    Nothing is read row by row here but the columns of tables of customers, so a feature may turn out to be
    the same for all customers. `purchases` as in `customer_table`.
    """
    source = _Source(log, stages, tables, purchases)
    return tuple(offer for family in FAMILIES for offer in source.offers(family))


def customer_table(
    log: EventLog,
    stages: StageMap,
    *,
    features: Sequence[str],
    purchases: Sequence[str] | None = None,
    tables: OtherTables = NO_TABLES,
) -> CustomerTable:
    """These features of every customer of the log (definitions: docs/numbers.md, "Features of customers").

    `purchases` are the names of the events that RFM counts (None: those whose names say so). Under a filter
    by period, rows of the log and dated lines, answers and reviews are those of the period.
    Raises ColumnMissing for a feature that cannot be had, and SettingWrong for a log by session. A channel
    or category that nobody has is no error: all have 0 of it.
    """
    if log.owner is not None:
        raise SettingWrong(setting="unit", value="session", allowed="customer")
    source = _Source(log, stages, tables, purchases)
    found = {name: source.feature(name) for name in features}
    notes: tuple[Finding, ...] = ()
    # Whom filters left out is known to the tables too, and no stranger.
    if not log.period and log.origin is None and (n := strangers(log, tables)):
        notes = (Finding("features.only_in_tables", {"n": n}),)
    return CustomerTable(found, np.diff(log.offsets), notes)


class _Source:
    """A log with its stages and tables; what several features are made of is counted once."""

    def __init__(
        self, log: EventLog, stages: StageMap, tables: OtherTables, purchases: Sequence[str] | None
    ) -> None:
        self.log, self.stages, self.tables, self.purchases = log, stages, tables, purchases
        self.bare = log.event_names == (REGISTERED,)
        self._made: dict[str, Any] = {}

    def feature(self, name: str) -> Feature:
        offer = self._offer(name)
        if offer.family == "attributes":
            column = self.columns()[offer.about["attribute"]]
            if offer.kind == "category":
                codes, names = categories(column)
                return Feature(offer, np.full(self.log.n_customers, np.nan), codes, names)
            values = numbers(column, None if self.bare else as_of_day(self.log), self.log.zone)
        else:
            values = getattr(self, f"_{name.split('.')[0].split(':')[0]}")(offer)
        codes = np.full(self.log.n_customers, -1, dtype=np.int32)
        return Feature(offer, np.asarray(values, dtype=np.float64), codes)

    def columns(self) -> dict[str, Column]:
        """The columns of what is known of customers, by name."""
        found: dict[str, Column] = self._once(
            "columns", lambda: {one.name: one for one in attribute_columns(self.log, self.tables)}
        )
        return found

    # ---- what there is -----------------------------------------------------------------------------------

    def offers(self, family: Family) -> Iterator[Offer]:
        if self.bare and family in ("rfm", "journey", "when", "channel"):
            return iter(())
        found: Iterator[Offer] = getattr(self, f"_{family}_offers")()
        return found

    def _offer(self, name: str) -> Offer:
        start = name.split(".")[0].split(":")[0]
        family = _FAMILY.get(start)
        known = {} if family is None else {offer.name: offer for offer in self.offers(family)}
        offer = known.get(name) or (self._of_nobody(name) if start in ("mix", "orders") else None)
        if offer is None:
            raise ColumnMissing(name=name, have=sorted(known), near="")
        return offer

    def _of_nobody(self, name: str) -> Offer | None:
        """The offer of a value or category that nobody has here; None where nothing is known of any."""
        kind, rest = name.split(":", 1) if ":" in name else ("", "")
        if kind == "orders":
            known = category_names(self.log, self.tables)
            return Offer(name, "orders", "share", {"category": rest}) if known else None
        for attribute in self._mixed():
            if rest.startswith(f"{attribute}:"):
                about = {"attribute": attribute, "value": rest[len(attribute) + 1 :]}
                return Offer(name, "channel", "share", about)
        return None

    def _rfm_offers(self) -> Iterator[Offer]:
        if deeds(self.log, purchases=self.purchases).purchases:
            yield Offer("rfm.recency", "rfm", "days")
            yield Offer("rfm.frequency", "rfm", "count")
            if self.log.amount is not None:
                yield Offer("rfm.monetary", "rfm", "money")

    def _journey_offers(self) -> Iterator[Offer]:
        yield Offer("journey.recency", "journey", "days")
        yield Offer("journey.active_days", "journey", "count")
        codes = self.stages.codes(self.log.event_names)
        there = [stage for place, stage in enumerate(self.stages.stages) if (codes == place).any()]
        if there:
            for name in ("visits", "stages", "loops"):
                yield Offer(f"journey.{name}", "journey", "count")
        for name, form in _OF_STAGES.items():
            for stage in there:
                yield Offer(f"journey.{name}:{stage.id}", "journey", form, {"stage": stage.name})

    def _when_offers(self) -> Iterator[Offer]:
        if not self.log.date_only:
            for part in (*DAY_PARTS[1:], DAY_PARTS[0]):
                yield Offer(f"when.{part}", "when", "share")
        yield Offer("when.weekend", "when", "share")

    def _mixed(self) -> list[str]:
        """The attributes of events that are few enough to have a share each."""
        attributes = self.log.attributes.items()
        return [
            name
            for name, one in attributes
            if one.of == "event" and 0 < len(one.categories) <= MOST_CATEGORIES
        ]

    def _channel_offers(self) -> Iterator[Offer]:
        for name in self._mixed():
            for value in self.log.attributes[name].categories:
                about = {"attribute": name, "value": value}
                yield Offer(f"mix:{name}:{value}", "channel", "share", about)

    def _orders_offers(self) -> Iterator[Offer]:
        if has_prices(self.tables):
            yield Offer("orders.price", "orders", "money")
        for category in category_names(self.log, self.tables):
            yield Offer(f"orders:{category}", "orders", "share", {"category": category})

    def _scores_offers(self) -> Iterator[Offer]:
        for question, scale in self._questions().values():
            about = {"question": question, "scale": scale}
            yield Offer(_name_of(question), "scores", "score", about)
        scale = self._reviews().scale
        if scale is not None:
            yield Offer("reviews.rating", "scores", "score", {"scale": scale})

    def _attributes_offers(self) -> Iterator[Offer]:
        forms: Mapping[str, Form] = {"number": "number", "share": "share", "days": "days"}
        for name, column in self.columns().items():
            form = forms.get(column.reading, "category")
            yield Offer(f"attribute:{name}", "attributes", form, {"attribute": name})

    # ---- what it is of each customer ---------------------------------------------------------------------

    def _rfm(self, offer: Offer) -> np.ndarray:
        known = self._once("rfm", lambda: rfm_values(self.log, self.purchases, tables=self.tables))
        found: np.ndarray | None = getattr(known, offer.name.split(".")[1])
        return np.full(self.log.n_customers, np.nan) if found is None else found

    def _journey(self, offer: Offer) -> np.ndarray:
        what, _, stage = offer.name.removeprefix("journey.").partition(":")
        if what == "recency":
            last = days_of(self.log.last_time, self.log)
            # Rows behind the observation window are of its last day.
            return np.maximum(1, day_number(as_of_day(self.log)) - last)
        if what == "active_days":
            return self._active_days()
        if what == "time":
            return self._times()[stage]
        counts: np.ndarray = self._once("visits", lambda: stage_visits(self.log, self.stages))
        if stage:
            own = counts[:, [one.id for one in self.stages.stages].index(stage)]
            return own if what == "visits" else own > 0
        visited, seen = counts.sum(axis=1), np.count_nonzero(counts, axis=1)
        return {"visits": visited, "stages": seen, "loops": visited - seen}[what]

    def _active_days(self) -> np.ndarray:
        days = [
            np.bincount(active_days(piece).customer, minlength=piece.n_customers)
            for _, _, piece in pieces(self.log)
        ]
        return np.concatenate(days) if days else np.zeros(0)

    def _times(self) -> dict[str, np.ndarray]:
        """By stage's id the median seconds of each customer; all stages in one pass."""

        def measured() -> dict[str, np.ndarray]:
            ids = [stage.id for stage in self.stages.stages]
            return dict(zip(ids, median_times(self.log, self.stages, range(len(ids))).T, strict=True))

        found: dict[str, np.ndarray] = self._once("times", measured)
        return found

    def _when(self, offer: Offer) -> np.ndarray:
        parts, weekend = self._once("when", lambda: rows_by_time(self.log))
        what = offer.name.split(".")[1]
        rows: np.ndarray = weekend if what == "weekend" else parts[:, DAY_PARTS.index(what)]
        return rows / np.diff(self.log.offsets)

    def _mix(self, offer: Offer) -> np.ndarray:
        name, value = offer.about["attribute"], offer.about["value"]
        attribute = self.log.attributes[name]
        counts: np.ndarray = self._once(
            f"mix:{name}", lambda: class_rows(self.log, attribute.codes, len(attribute.categories))
        )
        if value not in attribute.categories:
            own = np.zeros(self.log.n_customers)
        else:
            own = counts[:, attribute.categories.index(value)]
        return _share(own, counts.sum(axis=1))

    def _orders(self, offer: Offer) -> np.ndarray:
        if offer.name == "orders.price":
            return mean_prices(self.log, self.tables)
        counts, whole = self._once("orders", lambda: category_lines(self.log, self.tables))
        none = np.zeros(self.log.n_customers)
        return _share(counts.get(offer.about["category"], none), whole)

    def _questions(self) -> dict[str, tuple[str, str | None]]:
        found: dict[str, tuple[str, str | None]] = self._once("questions", self._named_questions)
        return found

    def _named_questions(self) -> dict[str, tuple[str, str | None]]:
        return {_name_of(question): (question, scale) for question, scale in questions(self.tables)}

    def _answers(self, offer: Offer) -> np.ndarray:
        return answer_scores(self.log, self.tables, offer.about["question"], offer.about["scale"])

    def _reviews(self, offer: Offer | None = None) -> Any:
        found: Scored = self._once("reviews", lambda: review_scores(self.log, self.tables))
        return found if offer is None else found.values

    def _once(self, name: str, made: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = made()
        return self._made[name]


_OF_STAGES: Mapping[str, Form] = {"reached": "flag", "visits": "count", "time": "seconds"}


def _name_of(question: str) -> str:
    return f"answers:{hashlib.sha256(question.encode()).hexdigest()[:_MARK]}"


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part` over `whole`, NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
