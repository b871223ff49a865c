"""Which column plays which role in a table of a kind? By name first, checked against the values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from journey.events import role_scores
from journey.events.role_scores import MOST_VALUES, SAYS_SO, Column, Score, is_summed
from journey.events.summed_names import MEASURES, says_share
from journey.findings import Finding

__all__ = [
    "MOST_ATTRIBUTES",
    "MOST_SHARED",
    "Guessed",
    "Roles",
    "events_possible",
    "roles_of",
]

MOST_ATTRIBUTES = 20
MOST_SHARED = 100
_ENOUGH = 0.35
# Less sure of a customer: the number or code may be anybody's.
_KNOWN = 0.5


@dataclass(frozen=True)
class Guessed:
    """A column for a role; `confidence` is 0 to 1, the reason says why in the words of a catalogue."""

    column: str
    confidence: float
    reason: Finding


Roles = dict[str, tuple[Guessed, ...]]


def roles_of(kind: str, columns: Sequence[Column]) -> Roles:
    """The best columns for each role of a kind; a role without a column is left out."""
    pick = _Pick(columns)
    if kind == "experiment" and is_summed(columns):
        _sums(pick)
        return pick.roles
    if kind != "customers":
        pick.one("time", role_scores.time)
    if kind == "events":
        pick.unread("time", lambda column: column.says("time"))
    if kind in ("events", "orders"):
        pick.one("session", role_scores.session)
    pick.one("customer", lambda column: found if (found := role_scores.customer(column)) >= _KNOWN else 0.0)
    pick.one("customer", role_scores.contact, "columns.customer_by_contact")
    pick.one("customer", role_scores.customer)
    if kind in ("events", "orders"):
        pick.unread("customer", lambda column: column.says("customer") * (column.facts.distinct < 1))
        _prefer_session(pick)
    if kind == "orders":
        pick.drop("session")
    _OWN[kind](pick)
    return pick.roles


class _Pick:
    """Gives the columns away, role by role: each plays one at most."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.free = {column.place: column for column in columns}
        self.roles: Roles = {}

    def one(self, role: str, score: Score, code: str | None = None) -> None:
        """The free column with the highest score, where that is enough and the role is free, too."""
        best = None if role in self.roles else self._best(score)
        if best is not None and score(best) >= _ENOUGH:
            self._give(role, best, score(best), code)

    def unread(self, role: str, score: Score) -> None:
        """Better a column whose values cannot be read than none: what is wrong with it is then said."""
        best = self._best(score)
        if role not in self.roles and best is not None and score(best) >= SAYS_SO:
            self._give(role, best, 0.1, f"events.{role}_unread")

    def many(self, role: str, score: Score, most: int, code: str | None = None) -> None:
        """All free columns that fit, the best `most` of them, in the order of the file."""
        fitting = [column for column in self.free.values() if score(column) >= _ENOUGH]
        best = sorted(fitting, key=lambda column: (-round(score(column), 6), *column.rank))[:most]
        for column in sorted(best, key=lambda column: column.place):
            self._give(role, column, score(column), code)

    def drop(self, role: str) -> None:
        """Take a role back; its column is free again."""
        for guessed in self.roles.pop(role, ()):
            column = next(column for column in self.columns if column.name == guessed.column)
            self.free[column.place] = column

    def column(self, role: str) -> Column | None:
        """The column that plays a role."""
        found = self.roles.get(role)
        return next((c for c in self.columns if c.name == found[0].column), None) if found else None

    def _best(self, score: Score) -> Column | None:
        scores = [(round(score(column), 9), column) for column in self.free.values()]
        best = max((found for found, _ in scores), default=0.0)
        if best <= 0:
            return None
        return min((one for found, one in scores if found == best), key=lambda one: one.rank)

    def _give(self, role: str, column: Column, score: float, code: str | None) -> None:
        del self.free[column.place]
        if code is None:
            by = "name" if column.says(role) else "values"
            file = "events" if role in ("customer", "event", "time", "session") else "columns"
            code = f"{file}.{role}_by_{by}"
        guessed = Guessed(column.name, round(min(1.0, score), 2), Finding(code, {"column": column.name}))
        self.roles[role] = (*self.roles.get(role, ()), guessed)


def _prefer_session(pick: _Pick) -> None:
    """More than half of the customers missing, or none at all, and a full session column: sessions it is."""
    customer, session = pick.column("customer"), pick.column("session")
    if session is None or session.facts.named < 0.95:
        return
    if customer is not None and customer.facts.named >= 0.5:
        return
    missing = 1.0 if customer is None else 1 - customer.facts.named
    (found,) = pick.roles.pop("session")
    code = "events.session_instead_of_nobody" if customer is None else "events.session_instead_of_customer"
    values = {
        "column": session.name,
        "instead": "" if customer is None else customer.name,
        "missing": missing,
    }
    pick.drop("customer")
    pick.roles["customer"] = (Guessed(session.name, found.confidence, Finding(code, values)),)
    if customer is not None:
        # The customers are nearly all missing: a poor attribute.
        pick.free.pop(customer.place, None)


# ---- what each kind has of its own ------------------------------------------------------------------------


def _events(pick: _Pick) -> None:
    pick.one("event", role_scores.event)
    pick.one("amount", role_scores.paid)
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _orders(pick: _Pick) -> None:
    pick.one("order", role_scores.order)
    pick.one("amount", role_scores.number("amount"))
    pick.one("quantity", role_scores.number("quantity"))
    # A price without a quantity is what was paid.
    is_paid = "amount" not in pick.roles and "quantity" not in pick.roles
    pick.one(
        "amount" if is_paid else "unit_price", role_scores.number("unit_price"), "columns.unit_price_by_name"
    )
    pick.one("product", role_scores.product)
    pick.one("category", role_scores.text("category"))
    pick.one("status", role_scores.status)
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _survey(pick: _Pick) -> None:
    pick.one("touchpoint", role_scores.touchpoint)
    pick.many("scores", role_scores.answers(pick.free.values()), MOST_SHARED)
    pick.one("comment", role_scores.comment("comment"))
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _reviews(pick: _Pick) -> None:
    pick.one("rating", role_scores.rating)
    pick.one("text", role_scores.comment("text"))
    pick.one("product", role_scores.product)
    pick.one("touchpoint", role_scores.touchpoint)
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _experiment(pick: _Pick) -> None:
    pick.one("experiment", role_scores.text("experiment"))
    pick.one("arm", role_scores.arm)
    pick.many("outcomes", role_scores.outcome, MOST_SHARED)
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _sums(pick: _Pick) -> None:
    """Results of an experiment that were summed before: each row a number of units."""
    by_name = "columns.sums_by_name"
    pick.one("time", role_scores.time)
    pick.one("experiment", role_scores.text("experiment"))
    pick.one("metric", role_scores.text("metric"), by_name)
    for role in MEASURES:
        pick.many(role, role_scores.summed(role), MOST_SHARED, by_name)
    pick.one("arm", role_scores.arm)
    pick.one("elapsed", role_scores.number("elapsed"), by_name)
    if pick.roles.get("converted"):
        # A rate beside the count that it is made of says nothing new.
        rates = [one for one in pick.roles.get("mean", ()) if says_share(one.column)]
        pick.roles["mean"] = tuple(one for one in pick.roles.get("mean", ()) if one not in rates)
        pick.roles = {role: found for role, found in pick.roles.items() if found}
    pick.many("outcomes", role_scores.number("outcomes"), MOST_SHARED)
    pick.many("attributes", role_scores.attribute, MOST_ATTRIBUTES, "columns.attributes_by_values")


def _customers(pick: _Pick) -> None:
    pick.many("attributes", role_scores.trait, MOST_SHARED, "columns.trait_by_values")


_OWN: Mapping[str, Callable[[_Pick], None]] = {
    "events": _events,
    "orders": _orders,
    "survey": _survey,
    "reviews": _reviews,
    "experiment": _experiment,
    "customers": _customers,
}


def events_possible(columns: Sequence[Column], roles: Roles) -> tuple[str, ...]:
    """Columns that could name the event where none does: 2 to 500 values, products before all others."""
    taken = {guessed.column for role, found in roles.items() if role != "attributes" for guessed in found}
    free = sorted(
        (column for column in columns if column.name not in taken),
        key=lambda column: (-column.says("item"), column.facts.distinct, *column.rank),
    )
    return tuple(
        column.name
        for column in free
        if 2 <= column.facts.distinct <= MOST_VALUES
        and column.facts.times < 0.5
        and column.facts.numeric < 0.5
        and not role_scores.is_private(column)
    )
