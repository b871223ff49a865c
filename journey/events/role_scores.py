"""How well could a column play a role? One role, one score: 0 where it cannot, 1 at the most."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from journey.events.column_facts import Facts
from journey.events.column_names import ends, is_question, normal, vocabulary
from journey.events.summed_names import MEASURES, measures, summed_role
from journey.events.yes_words import yes_and_no

__all__ = [
    "MOST_NUMBERS",
    "MOST_VALUES",
    "SAYS_SO",
    "Column",
    "Score",
    "answers",
    "arm",
    "attribute",
    "comment",
    "contact",
    "customer",
    "event",
    "is_private",
    "is_scale",
    "is_summed",
    "names_arms",
    "number",
    "order",
    "outcome",
    "paid",
    "product",
    "rating",
    "session",
    "status",
    "summed",
    "text",
    "time",
    "touchpoint",
    "trait",
]

MOST_VALUES = 500
MOST_NUMBERS = 30
SAYS_SO = 0.9
_SCALES = ((0, 5), (1, 5), (1, 7), (0, 10), (1, 10))
# As many unnamed columns of one scale are no chance.
_SCALE_COLUMNS = 3
_ARMS = 20
_LETTERS = ({"a", "b"}, {"a", "b", "c"}, {"a", "b", "c", "d"})
_NUMBERED_ARMS = re.compile(
    r"(?:variant|variation|version|ver|arm|group|option|test|\uadf8\ub8f9|\uc9d1\ub2e8|\ubc84\uc804|\uc2dc\uc548|\uc548)"
    r"[\s._-]*(?:[a-h]|\d{1,2})"
    r"|[a-h][\s._-]*(?:\uc548|\uad70|\uadf8\ub8f9|\uc9d1\ub2e8|\ubc84\uc804|group|variant|version)"
)
_ZERO_ONE = frozenset(("0", "1", "0.0", "1.0"))


@dataclass(frozen=True)
class Column:
    """A column of the table at its `place`: what its name says and what its values look like."""

    place: int
    facts: Facts
    words: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.facts.name

    def says(self, role: str) -> float:
        """How well the name fits a role, 0 to 1."""
        return self.words.get(role, 0.0)

    @cached_property
    def rank(self) -> tuple[str, str]:
        """Equal columns stand in the order of their names: where they stand in the file says nothing."""
        return normal(ends(self.name)), self.name


# Each function bears the name of the role that it scores, or of what several roles need.
Score = Callable[[Column], float]


def time(column: Column) -> float:
    facts, name = column.facts, column.says("time")
    if facts.times < 0.5 or not facts.years:
        return 0.0
    if not name and facts.numeric > 0.5 and facts.stamped < 0.9:
        # Numbers alone look like dates too easily: a price of 45,000 is an Excel day.
        return 0.0
    values = 0.45 if facts.numeric > 0.5 else 0.6
    clock = 0.05 if facts.distinct > 1 else 0.0
    return (0.6 * name + 0.4 if name else values) * facts.times * facts.filled + clock


def session(column: Column) -> float:
    name = column.says("session")
    # Session_Length only speaks of sessions.
    return name * column.facts.named if name > 0.6 and column.facts.distinct > 1 else 0.0


def customer(column: Column) -> float:
    facts, name = column.facts, column.says("customer")
    if facts.distinct < 1 or (facts.times > 0.9 and facts.numeric < 0.5):
        return 0.0
    if column.says("not_customer") > name:
        return 0.0
    if not name:
        looks = (
            facts.distinct > 1
            and facts.repeats >= 1.2
            and facts.spaced < 0.2
            and facts.distinct > 0.02 * facts.rows
        )
        # A number or code that comes back may be anybody's.
        tail = column.rank[0].endswith(vocabulary("id_ending"))
        return 0.4 * facts.named if looks and tail else 0.0
    # A real id has many values; a "customer" column of six segments has few.
    many = facts.distinct > min(20.0, 0.02 * facts.rows) or facts.rows < 50
    if not many and name < SAYS_SO:
        return 0.0
    # A plain "id" that never repeats is more likely the number of the row.
    name = 0.5 if column.rank[0] == "id" and facts.repeats < 1.05 else name
    return (0.3 + 0.7 * name) * (1.0 if many else 0.6) * (0.4 + 0.6 * facts.named)


def contact(column: Column) -> float:
    """Where no column holds ids, an e-mail address or a mobile number still says who it is."""
    return 0.6 * column.facts.named if column.facts.personal >= 0.8 else 0.0


def event(column: Column) -> float:
    facts, name = column.facts, column.says("event")
    if not name or facts.times > 0.5 or facts.distinct < 1 or column.says("not_event") >= name:
        return 0.0
    few = 1.0 if facts.distinct <= MOST_VALUES else 0.7 if facts.repeats > 3 else 0.4
    return name * few * (0.5 + 0.5 * facts.filled)


def number(role: str) -> Score:
    """A measured number of that name; ids and times are none."""

    def score(column: Column) -> float:
        facts = column.facts
        fits = facts.numeric > 0.9 and facts.distinct > 0 and not _is_id(column)
        return column.says(role) * (0.7 + 0.3 * facts.filled) if fits else 0.0

    return score


def paid(column: Column) -> float:
    """An amount beside events: one that its name alone proves, and not that of a whole case on each row."""
    vague = column.rank[0] in map(normal, vocabulary("vague_amount"))
    of_case = column.name.casefold().startswith("case:")
    return 0.0 if vague or of_case else number("amount")(column)


def text(role: str) -> Score:
    """A column of that name whose values are no times."""

    def score(column: Column) -> float:
        facts = column.facts
        # A code of five digits reads as an Excel day.
        return column.says(role) if facts.distinct and (facts.times < 0.5 or facts.numeric > 0.5) else 0.0

    return score


def order(column: Column) -> float:
    facts = column.facts
    fits = facts.distinct > 1 and not (facts.times > 0.9 and facts.numeric < 0.5) and facts.spaced < 0.2
    return column.says("order") * facts.filled if fits else 0.0


def product(column: Column) -> float:
    return 0.0 if column.facts.personal > 0.1 else text("product")(column)


def status(column: Column) -> float:
    facts = column.facts
    known = column.says("not_event") < column.says("status")
    return text("status")(column) if known and facts.distinct <= MOST_NUMBERS and facts.numeric < 0.5 else 0.0


def is_scale(facts: Facts) -> tuple[int, int] | None:
    """The scale of a question that these values answer, such as 1 to 5; None where they are no answers."""
    if facts.low is None or facts.high is None:
        return None
    low, high = int(facts.low), int(facts.high)
    return (low, high) if (low, high) in _SCALES and facts.distinct >= high - 1 else None


def _named_score(column: Column) -> float:
    """A question by its name, whose answers are few small numbers: 0 to 10 at most."""
    facts = column.facts
    fits = facts.whole > 0.9 and facts.low is not None and facts.low >= 0 and (facts.high or 0) <= 10
    return max(column.says("scores"), 0.9 * is_question(column.name)) if fits else 0.0


def answers(columns: Iterable[Column]) -> Score:
    """Questions by name, or by values where several columns have answers on one scale."""
    scales: dict[tuple[int, int], int] = {}
    for column in columns:
        scale = is_scale(column.facts)
        if scale is not None and not _is_id(column):
            # Who leaves a question out ticks 0 or nothing: 0 to 5 and 1 to 5 are one form.
            scales[(0, scale[1])] = scales.get((0, scale[1]), 0) + 1

    def score(column: Column) -> float:
        by_name, scale = _named_score(column), is_scale(column.facts)
        if by_name >= 0.6 or scale is None or _is_id(column):
            return by_name
        return max(by_name, 0.6) if scales[(0, scale[1])] >= _SCALE_COLUMNS else 0.0

    return score


def comment(role: str) -> Score:
    """Words of people: texts of that name, or long ones."""

    def score(column: Column) -> float:
        facts, name = column.facts, column.says(role)
        if role == "comment" and is_question(column.name):
            name = max(name, 0.7)
        if facts.distinct < 1 or facts.numeric > 0.5 or facts.times > 0.5 or facts.personal > 0.5:
            return 0.0
        prose = facts.length >= 15 and (facts.spaced > 0.5 or facts.length > 40) and facts.repeats < 2
        if name:
            # Four characters are an answer; a column of five categories is none.
            few = facts.distinct <= 5 and facts.rows >= 50
            return 0.0 if few else name * (1.0 if prose or facts.length >= 4 else 0.6)
        return 0.45 if prose and facts.length > 30 and not column.says("free_text") else 0.0

    return score


def touchpoint(column: Column) -> float:
    facts = column.facts
    return text("touchpoint")(column) if facts.distinct <= MOST_VALUES and facts.numeric < 0.5 else 0.0


def rating(column: Column) -> float:
    facts = column.facts
    low, high = facts.low, facts.high
    scale = facts.numeric > 0.9 and (high is None or (high <= 100 and low is not None and low >= 0))
    few = facts.distinct <= 101
    return column.says("rating") if scale and few and facts.distinct else 0.0


def names_arms(facts: Facts) -> bool:
    """Do the values say that they are the arms of a test: control and treatment, A and B, 대조군?"""
    values = set(facts.values)
    return 2 <= len(values) <= _ARMS and (
        not values.isdisjoint(vocabulary("arm_values"))
        or values in _LETTERS
        or all(map(_NUMBERED_ARMS.fullmatch, values))
    )


def arm(column: Column) -> float:
    facts, name = column.facts, column.says("arm")
    if not 1 <= facts.distinct <= _ARMS or facts.filled < 0.5 or facts.times > 0.5:
        return 0.0
    if facts.distinct == 1:
        # One arm alone is known by the name of the column only, and what it lacks is said later.
        return 0.5 if column.says("arm_only") >= SAYS_SO else 0.0
    known = names_arms(facts)
    if known:
        return max(name, 0.6)
    return name if column.says("arm_only") >= 0.6 else 0.8 * name if name > 0.9 else 0.0


def outcome(column: Column) -> float:
    """A number or a yes and no that the arms may differ in."""
    facts, name = column.facts, column.says("outcomes")
    yes_no = bool(facts.values) and facts.values <= _ZERO_ONE | yes_and_no().keys()
    # What is called so is one also where it happened to nobody, or where many cells are no number.
    fewest, numeric = (1, 0.5) if name else (2, 0.9)
    if _is_id(column) or facts.distinct < fewest or not (yes_no or facts.numeric > numeric):
        return 0.0
    if name:
        return max(name, 0.5)
    if max(column.says("not_outcome"), column.says("time")) > 0.5:
        return 0.0
    steps = facts.low is not None and (facts.high or 0) - facts.low + 1 == facts.distinct and not yes_no
    # A number that only runs up is a label: market 1 to 10, week 1 to 4.
    return 0.0 if steps and facts.distinct <= 12 else 0.5


def summed(role: str) -> Score:
    """A number of a summed table that is called so: how many units, how many of them, a mean, its spread."""

    def score(column: Column) -> float:
        fits = column.facts.numeric >= 0.5 and column.facts.distinct > 0 and column.facts.filled >= 0.5
        return SAYS_SO if fits and summed_role(column.name) == role else 0.0

    return score


def is_summed(columns: Sequence[Column]) -> bool:
    """Are these results of an experiment that were summed before: units and what came of them, by arm?

    No column tells who a row is about, and the arms stand in a column or in the names of the others.
    """
    called = {role: [one for one in columns if summed(role)(one)] for role in MEASURES}
    units = called["units"]
    if not units or any(
        customer(one) >= 0.5 and one.facts.distinct > _ARMS for one in columns if one not in units
    ):
        return False
    if all(one.facts.high is not None and one.facts.high <= 1 for one in units):
        return False
    by_name = {role: [one.name for one in found] for role, found in called.items()}
    found, _ = measures(by_name)
    if not found:
        return False
    taken = {one.name for role in called.values() for one in role}
    return any(arm(one) for one in columns if one.name not in taken) or all(one.arm for one in found)


def attribute(column: Column) -> float:
    facts = column.facts
    few = 2 <= facts.distinct <= MOST_VALUES and (facts.repeats >= 2 or facts.rows < 50)
    is_amount = facts.numeric > 0.9 and facts.distinct > MOST_NUMBERS
    if not few or is_amount or is_private(column) or _is_id(column) or facts.times >= 0.9:
        return 0.0
    return 0.6 + 0.3 * column.says("dimension") - 0.0001 * facts.distinct


def trait(column: Column) -> float:
    """What a table of customers says about each of them: numbers and days too, never ids or prose."""
    facts = column.facts
    if facts.distinct < 1 or is_private(column) or _is_id(column):
        return 0.0
    typed = facts.numeric > 0.5 or facts.times > 0.5
    few = facts.distinct <= MOST_VALUES and (facts.repeats >= 2 or facts.rows < 50)
    return 0.6 + 0.3 * column.says("dimension") if (typed or few) and facts.distinct > 1 else 0.0


def is_private(column: Column) -> bool:
    """Names, addresses, whole sentences: nothing to group customers by."""
    facts = column.facts
    prose = facts.length > 60 or (facts.spaced > 0.8 and facts.repeats < 5)
    return column.says("free_text") >= SAYS_SO or prose or facts.personal > 0.1


def _is_id(column: Column) -> bool:
    return max(column.says("not_customer"), column.says("customer")) >= SAYS_SO
