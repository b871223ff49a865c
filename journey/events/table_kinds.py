"""Which of the six kinds is a table? Or why is it none?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journey.events.column_names import is_question, vocabulary
from journey.events.column_roles import Roles
from journey.events.kinds import KINDS
from journey.events.role_scores import Column, is_scale, names_arms
from journey.findings import Finding
from journey.sources.sheets import SHEET_COLUMN

__all__ = ["best_kind", "kind_scores", "reason_for", "reason_for_none"]

_ENOUGH = 0.5
# A column that may be anybody's id: not enough to call a table a journey.
_KNOWN = 0.5
_FEW_ROWS = 10
# Columns that lists of exposures may have beside those that they are about.
_BESIDE = 2
_SHOWN = 3


def best_kind(scores: Mapping[str, float]) -> str | None:
    """The kind with the highest score, the first of equals; None where no score is enough."""
    best = max(KINDS, key=lambda kind: scores.get(kind, 0.0))
    return best if scores.get(best, 0.0) >= _ENOUGH else None


def kind_scores(columns: Sequence[Column], roles: Mapping[str, Roles]) -> dict[str, float]:
    """How sure is each kind, 0 to 1? From the roles that found a column, and from what else stands there."""
    by_name = {column.name: column for column in columns}
    scores = {
        "events": _events(by_name, roles["events"]),
        "orders": _orders(by_name, roles["orders"]),
        "survey": _survey(by_name, roles["survey"]),
        "reviews": _reviews(by_name, roles["reviews"]),
        "experiment": _experiment(by_name, roles["experiment"], roles["events"]),
        "customers": _customers(by_name, roles["customers"], roles["events"], roles["orders"]),
    }
    return {kind: round(min(1.0, score), 2) for kind, score in scores.items()}


_Columns = Mapping[str, Column]


def _sure(roles: Roles, role: str) -> float:
    found = roles.get(role)
    return found[0].confidence if found else 0.0


def _who_and_when(roles: Roles) -> float:
    """0 where no column says who or none says when, else the lesser confidence of the two."""
    who, when = _sure(roles, "customer"), _sure(roles, "time")
    return min(who, when) if who >= _KNOWN and when >= 0.35 else 0.0


def _column(by_name: _Columns, roles: Roles, role: str) -> Column | None:
    found = roles.get(role)
    return by_name[found[0].column] if found else None


def _is_once(by_name: _Columns, roles: Roles) -> bool:
    """Does every customer stand in one row?"""
    who = _column(by_name, roles, "customer")
    return who is not None and who.facts.is_unique


def _names_event(by_name: _Columns, roles: Roles) -> float:
    """How surely does a column name the event? A state, a step or a page may be something else too."""
    column = _column(by_name, roles, "event")
    if column is None:
        return 0.0
    vague = max(column.says("status"), column.says("touchpoint"), column.says("scores"))
    return _sure(roles, "event") * (0.5 if vague >= 0.6 else 1.0)


def _events(by_name: _Columns, roles: Roles) -> float:
    known = _who_and_when(roles)
    if not known:
        return 0.0
    event = _names_event(by_name, roles)
    score = 0.45 + 0.1 * known + 0.35 * event + 0.05 * bool(roles.get("session"))
    return score - 0.3 if _is_once(by_name, roles) and event < 0.6 else score


def _orders(by_name: _Columns, roles: Roles) -> float:
    known = _who_and_when(roles)
    if not known:
        return 0.0
    paid = [_column(by_name, roles, role) for role in ("amount", "unit_price")]
    amount = max((_sure(roles, role) for role in ("amount", "unit_price")), default=0.0)
    if not any(column is not None and column.facts.distinct > 1 for column in paid):
        amount = 0.0
    order, lines = _sure(roles, "order"), max(_sure(roles, "quantity"), _sure(roles, "product"))
    if amount < 0.5 and not (order >= 0.6 and lines >= 0.6):
        return 0.0
    score = 0.4 + 0.1 * known + 0.15 * amount + 0.2 * order + 0.1 * lines
    # Clicks have prices, too: what names the event makes the table a log.
    event = max((column.says("event") for column in by_name.values() if _is_event_name(column)), default=0.0)
    if event >= 0.6 and order < 0.6:
        score *= 0.6
    return score * 0.6 if _is_once(by_name, roles) and order < 0.6 else score


def _is_event_name(column: Column) -> bool:
    vague = max(column.says("status"), column.says("touchpoint"), column.says("not_event"))
    return column.facts.distinct > 1 and vague < 0.6 and column.facts.numeric < 0.5


def _survey(by_name: _Columns, roles: Roles) -> float:
    asked = [by_name[guessed.column] for guessed in roles.get("scores", ())]
    if not asked:
        return 0.0
    known = max((column.says("survey_only") for column in by_name.values()), default=0.0)
    named = [column for column in asked if column.says("survey_only") >= 0.6 or is_question(column.name)]
    if named:
        return 0.75 + 0.05 * min(4, len(named))
    unnamed = [column for column in asked if is_scale(column.facts)]
    score = 0.3 + 0.08 * min(8, len(unnamed)) if len(unnamed) >= 3 else 0.2 + 0.1 * len(asked)
    return min(0.95, score + (0.3 if known >= 0.6 else 0.0))


def _reviews(by_name: _Columns, roles: Roles) -> float:
    text = _column(by_name, roles, "text")
    if text is None:
        return 0.0
    rating = _sure(roles, "rating") >= 0.6
    if text.says("review_only") >= 0.6:
        return 0.95 if rating else 0.8
    asked = any(column.says("survey_only") >= 0.6 for column in by_name.values())
    if text.says("text") < 0.6 or asked:
        return 0.3
    return 0.9 if rating else 0.4


def _experiment(by_name: _Columns, roles: Roles, events: Roles) -> float:
    if roles.get("units"):
        return 0.95
    arm = _column(by_name, roles, "arm")
    if arm is None:
        return 0.0
    outcomes = [by_name[guessed.column] for guessed in roles.get("outcomes", ())]
    measured = any(column.says("outcomes") >= 0.5 for column in outcomes)
    called = arm.says("arm_only") >= 0.6 or _sure(roles, "experiment") >= 0.6
    if arm.facts.distinct == 1:
        score = 0.55
    elif called:
        score = 0.8 + 0.1 * measured + 0.05 * bool(outcomes)
    elif names_arms(arm.facts):
        score = 0.7 + 0.2 * measured if outcomes else 0.82 if _tells_arms_only(by_name, roles, arm) else 0.4
    else:
        # A group, a version or a promotion is an arm where something is measured and nothing is bought.
        score = 0.8 if measured and arm.says("arm") >= 0.9 else 0.3
    # A log of events may carry the arm of its customers.
    named = _names_event(by_name, events) if _who_and_when(events) else 0.0
    event = _column(by_name, events, "event")
    by_page = event is not None and event.says("event") < 0.9
    return score * 0.7 if named >= 0.6 and not by_page and _sure(roles, "experiment") < 0.6 else score


def _tells_arms_only(by_name: _Columns, roles: Roles, arm: Column) -> bool:
    """Does a table say who saw which arm, and next to nothing else?"""
    said = {one.column for role, found in roles.items() if role != "attributes" for one in found}
    beside = [one for name, one in by_name.items() if name not in said and one.facts.distinct]
    named = arm.says("arm") >= 0.6 or not arm.facts.values.isdisjoint(vocabulary("arm_values"))
    return named and _sure(roles, "customer") >= _KNOWN and len(beside) <= _BESIDE


def _customers(by_name: _Columns, roles: Roles, events: Roles, orders: Roles) -> float:
    who = _column(by_name, roles, "customer")
    if who is None or _sure(roles, "customer") < _KNOWN or not roles.get("attributes"):
        return 0.0
    if not who.facts.is_unique:
        few = who.facts.distinct == who.facts.rows and not events.get("event") and not orders.get("order")
        return 0.55 if few and not events.get("time") else 0.2
    score = 0.7 if events.get("time") else 0.8
    return score * 0.6 if _names_event(by_name, events) >= 0.6 or _sure(orders, "order") >= 0.6 else score


# ---- why ---------------------------------------------------------------------------------------------------


def reason_for(kind: str, roles: Roles) -> Finding:
    """Why a table is of this kind, with the columns that say so."""

    def first(*names: str) -> str:
        return next((roles[name][0].column for name in names if roles.get(name)), "")

    who, when = first("customer"), first("time")
    if kind == "events":
        return Finding("columns.kind_events", {"customer": who, "time": when})
    if kind == "orders":
        paid = first("amount", "unit_price", "order")
        return Finding("columns.kind_orders", {"customer": who, "time": when, "amount": paid})
    if kind == "survey":
        asked = [guessed.column for guessed in roles["scores"]]
        return Finding("columns.kind_survey", {"columns": asked[:_SHOWN], "n": len(asked)})
    if kind == "reviews":
        return Finding("columns.kind_reviews", {"text": first("text")})
    if kind == "experiment" and roles.get("units"):
        return Finding("columns.kind_sums", {"units": [one.column for one in roles["units"]][:_SHOWN]})
    if kind == "experiment" and not roles.get("outcomes"):
        return Finding("columns.kind_exposures", {"arm": first("arm")})
    if kind == "experiment" and first("arm") == SHEET_COLUMN:
        return Finding("columns.kind_sheets", {"arm": first("arm")})
    if kind == "experiment":
        return Finding("columns.kind_experiment", {"arm": first("arm")})
    return Finding("columns.kind_customers", {"customer": who})


def reason_for_none(columns: Sequence[Column], roles: Mapping[str, Roles]) -> Finding:
    """What a table lacks to be any of the six."""
    filled = sorted((column for column in columns if column.facts.distinct), key=lambda column: column.rank)
    if not filled:
        return Finding("columns.no_journey_empty")
    paths = next((column for column in filled if column.facts.paths > 0.5), None)
    if paths is not None and any(column.facts.numeric > 0.9 for column in filled):
        return Finding("columns.no_journey_paths", {"column": paths.name})
    who = roles["events"].get("customer") or roles["customers"].get("customer")
    if who is not None and who[0].confidence >= _KNOWN:
        if not roles["events"].get("time"):
            return Finding("columns.no_journey_time", {"customer": who[0].column})
        when = next(column for column in filled if column.name == roles["events"]["time"][0].column)
        if not (when.facts.times >= _KNOWN and when.facts.years):
            return Finding("columns.no_journey_when", {"customer": who[0].column, "time": when.name})
        return Finding("columns.no_journey_once", {"customer": who[0].column})
    numbers = sum(
        column.facts.numeric > 0.9 and column.facts.times < 0.9 and column.says("not_customer") < 0.6
        for column in filled
    )
    if numbers * 2 > len(filled):
        return Finding("columns.no_journey_summed", {"n": numbers, "columns": len(filled)})
    return Finding("columns.no_journey_customer", {"columns": len(filled)})
