"""What do customers who get there have in common before they do, that the others do not have?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from journey.aggregates.arrivals import EVENT, STAGE, arrivals
from journey.aggregates.behind import Behind
from journey.aggregates.contrast import compared, contrast, holders
from journey.aggregates.coverage import coverage_notes
from journey.aggregates.segment import members_of
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.figures import Figure
from journey.findings import Finding
from journey.stages.segment import Rule
from journey.stages.stage_map import StageMap
from journey.statistics.corrections import false_discovery
from journey.statistics.intervals import wilson
from journey.statistics.least_squares import MOST_SHARED, shares_explained
from journey.statistics.logit import inflation, logit

__all__ = ["Drivers", "drivers"]

_OF_ATTRIBUTES = ("attribute", "first", "last")
# As much as the coefficient of a feature may be blurred by its ties to others before it is said.
_INFLATED = 5
_ADJUSTED = ("adjusted_odds", "adjusted_odds_low", "adjusted_odds_high", "inflation", "explained")


@dataclass(frozen=True)
class Drivers:
    """One row a feature: those who have it against all others who are compared.

    table        kind, name, value, above (see aggregates.contrast), n_with and k_with (units with it, and of
                 them with the outcome), n_without, k_without, share_with, share_without, odds_ratio with
                 odds_low and odds_high (95 %), p, q (false-discovery rate over all rows), clear; for the
                 clearest ten also adjusted_odds with adjusted_odds_low and adjusted_odds_high (the others of
                 the ten held equal), inflation (VIF) and explained (share of R squared), NaN for the rest
    left_out     kind, name, value, reason, features: what was not tested
    outcome      what the outcome is called; "" where it has no name
    n_compared   units that are compared; n_reached of them reached the outcome
    within_days  for how long after the moment the outcome counted; NaN: to the end of a session, or no limit
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    outcome: str
    n_compared: int
    n_reached: int
    within_days: float
    unit: str
    finding: Finding
    headline: Figure | None = None
    notes: tuple[Finding, ...] = field(default=())

    @property
    def n_tested(self) -> int:
        """Features that were tested; the false-discovery rate is over these."""
        return len(self.table)


def drivers(
    log: EventLog,
    stages: StageMap,
    *,
    outcome: str = "goal",
    rule: Rule | np.ndarray | None = None,
    called: str = "",
    among: Rule | np.ndarray | None = None,
    start: str | None = None,
    look_days: float = 0,
    within_days: float | None = None,
    purchases: Sequence[str] | None = None,
    unit: str = "customer",
    alpha: float = 0.05,
    least: int = 30,
) -> Drivers:
    """Hold what customers had behind them at one moment against what became of them after it.

    The moment is `look_days` after the customer's first row of `start` (a stage by id or name, or
    "event:NAME"; without it the first row of all), so that it does not hang on the outcome: whoever gets
    there and whoever does not is looked at for as long. Who got there before the moment is left out and
    counted.

    outcome      "goal" (the goal stage), a stage by id or name, "event:NAME", "repurchase" (a purchase on a
                 later day than the first one, which is then the start), or "rule": those whom `rule` picks,
                 called `called`, which has no time
    among        only these customers are compared
    within_days  the outcome counts within so many days after the moment; who is not observed for as long is
                 left out and counted. None: 30 days, but at most a quarter of the observation window. In the
                 unit "session" it counts up to the end of the session
    purchases    names of the events that are purchases; None: those whose names or amounts say so
    alpha        the false-discovery rate below which a feature is called clear; `least` have it, and have it
                 not, or it is not tested

    Raises SettingWrong, StageUnknown and what rules raise.
    """
    if not 0 < alpha < 1:
        raise SettingWrong(setting="alpha", value=alpha, allowed="0 < alpha < 1")
    found = arrivals(
        log,
        stages,
        outcome=outcome,
        flags=_flags(log, stages, rule) if outcome == "rule" else None,
        among=_flags(log, stages, among),
        start=start,
        look_days=look_days,
        within_days=within_days,
        purchases=purchases,
        unit=unit,
    )
    view, units, seen = found.view, found.view.log, found.seen
    inside, reached, goal, days = found.inside, found.reached, found.goal, found.within_days
    counted = contrast(units, stages, among=inside, outcome=reached, leave_out=goal, seen=seen)
    table, left_out = compared(counted, alpha=alpha, least=least)
    table, left_out = _once(table, left_out, units, stages, seen, inside, alpha)
    table = table.rename(columns={"low": "odds_low", "high": "odds_high"})
    table, tied, endless, is_told = _adjusted(table, units, stages, seen, inside, reached)
    named = _outcome_name(stages, outcome, rule, called, goal)
    numbers = {
        "compared": counted.n_customers,
        "reached": counted.n_reached,
        "came": int(np.count_nonzero(found.came)),
        "early": int(np.count_nonzero(found.early)),
        "late": int(np.count_nonzero(found.late)),
        "days": f"{days:.3g}" if days == days else "",
    }
    n_visitors = units.n_customers if not stages.stages else _visitors(units, stages)
    notes = [
        *_notes(view.worded, table, numbers, tied, endless, unit),
        *([Finding("drivers.note_unadjusted")] if is_told else []),
        *coverage_notes(units, stages, n_customers=units.n_customers, n_visitors=n_visitors, unit=unit),
    ]
    return Drivers(
        table=table,
        left_out=left_out,
        outcome=named,
        n_compared=counted.n_customers,
        n_reached=counted.n_reached,
        within_days=days,
        unit=unit,
        finding=_finding(view.worded, table, named, numbers),
        headline=_headline(table, named, numbers),
        notes=tuple(notes),
    )


def _flags(log: EventLog, stages: StageMap, who: Rule | np.ndarray | None) -> np.ndarray | None:
    """One flag a customer that is picked; None where nothing picks."""
    return who if who is None or isinstance(who, np.ndarray) else members_of(log, stages, who)


def _once(
    table: pd.DataFrame,
    left_out: pd.DataFrame,
    log: EventLog,
    stages: StageMap,
    seen: Behind,
    inside: np.ndarray,
    alpha: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each group of customers once: who has no version of an app has a PC, and is one feature, not two.

    One with a value stays before one without. The false-discovery rate is over those that stay.
    """
    without = (table["value"] == "") & table["kind"].isin(_OF_ATTRIBUTES) & table["above"].isna()
    alike = table.assign(without=without).sort_values("without", kind="stable").groupby(["n_with", "k_with"])
    gone: list[int] = []
    for rows in alike.groups.values():
        held: list[np.ndarray] = []
        for row in rows if len(rows) > 1 else ():
            who = _holders(log, stages, seen, table.loc[row]) & inside
            if any(np.array_equal(who, other) for other in held):
                gone.append(row)
            held.append(who)
    if not gone:
        return table, left_out
    same = table.loc[gone, ["kind", "name", "value"]].assign(reason="same", features=1)
    kept = table.drop(index=gone).reset_index(drop=True)
    q = false_discovery(kept["p"])
    kept = kept.assign(q=q, clear=q < alpha).sort_values("clear", ascending=False, kind="stable")
    return kept.reset_index(drop=True), pd.concat([left_out, same], ignore_index=True)


def _holders(log: EventLog, stages: StageMap, seen: Behind, row: pd.Series) -> np.ndarray:
    at = {name: row[name] for name in ("kind", "name", "value", "above")}
    return holders(log, stages, seen, **at)


def _adjusted(
    table: pd.DataFrame,
    log: EventLog,
    stages: StageMap,
    seen: Behind,
    inside: np.ndarray,
    reached: np.ndarray,
) -> tuple[pd.DataFrame, list[str], list[str], bool]:
    """The clearest features held against each other, those that hang together, and those without an end.

    The last says whether together they tell the outcome, so that no figures exist. Customers with the same
    features are one row with their numbers, which makes it a matter of a thousand rows.
    """
    table = table.assign(**dict.fromkeys(_ADJUSTED, np.nan))
    # A value at the start and at the end of what is looked at is one thing here: the clearer of the two.
    once = ~table.assign(kind=table["kind"].replace("last", "first")).duplicated(["kind", "name", "value"])
    clear = np.flatnonzero(table["clear"] & once)[:MOST_SHARED].tolist()
    endless = [row for row in clear if table["k_with"][row] in (0, table["n_with"][row])]
    picked = [row for row in clear if row not in endless]
    code = np.zeros(log.n_customers, dtype=np.int64)
    for bit, row in enumerate(picked):
        code |= _holders(log, stages, seen, table.loc[row]).astype(np.int64) << bit
    trials = np.bincount(code.take(np.flatnonzero(inside)), minlength=1 << len(picked))
    hits = np.bincount(code.take(np.flatnonzero(inside & reached)), minlength=1 << len(picked))
    there = np.flatnonzero(trials)
    x = (there[:, None] >> np.arange(len(picked)) & 1).astype(float)
    n, k = trials[there], hits[there]
    columns = _apart(x, n)
    tied: list[str] = []
    is_told = False
    if columns:
        x, rows = x[:, columns], [picked[column] for column in columns]
        spread = inflation(x, n)
        fit = logit(np.column_stack([np.ones(len(x)), x]), k, n)
        is_told = fit.separated
        figures = {
            "adjusted_odds": np.exp(fit.coefficient[1:]),
            "adjusted_odds_low": np.exp(fit.low[1:]),
            "adjusted_odds_high": np.exp(fit.high[1:]),
            "inflation": spread,
            "explained": shares_explained(x, k / n, n),
        }
        for name, values in figures.items():
            table.loc[rows, name] = values
        tied = [_short(table.loc[row]) for row in table.index[table["inflation"] > _INFLATED]]
    return table, tied, [_short(table.loc[row]) for row in endless], is_told


def _apart(x: np.ndarray, n: np.ndarray) -> list[int]:
    """The columns, from the first on, that are not told by those before them."""
    kept: list[int] = []
    for column in range(x.shape[1]):
        if np.isfinite(inflation(x[:, [*kept, column]], n)).all():
            kept.append(column)
    return kept


def _short(row: pd.Series) -> str:
    """What a feature is called in a list: names of the data only."""
    return " ".join(part for part in (str(row["name"]), str(row["value"])) if part) or str(row["kind"])


def _outcome_name(
    stages: StageMap, outcome: str, rule: Rule | np.ndarray | None, called: str, goal: frozenset[str]
) -> str:
    match outcome:
        case "rule":
            if not called and isinstance(rule, dict) and "attribute" in rule:
                return f"{rule['attribute']}: {', '.join(str(value) for value in rule['values'])}"
            return called
        case "repurchase":
            return ", ".join(sorted(goal))
        case "goal":
            return "" if stages.goal_stage is None else stages.goal_stage.name
        case _ if outcome.startswith(EVENT):
            return outcome.removeprefix(EVENT)
        case _:
            return stages.named(outcome.removeprefix(STAGE)).name


def _visitors(log: EventLog, stages: StageMap) -> int:
    return int(np.count_nonzero(Behind(log, stages).did([e for e in log.event_names if stages.stage_of(e)])))


def _kind(row: pd.Series) -> str:
    """Which sentence says the feature: that of its kind, of a number above its median, or of no value."""
    if row["kind"] in _OF_ATTRIBUTES:
        return "above" if row["above"] == row["above"] else row["kind"] if row["value"] else "missing"
    return str(row["kind"])


def _values(row: pd.Series, named: str) -> dict[str, Any]:
    values: dict[str, Any] = {name: int(row[name]) for name in ("n_with", "k_with", "n_without", "k_without")}
    values |= {name: float(row[name]) for name in ("share_with", "share_without")}
    values |= {"ratio": float(row["odds_ratio"]), "outcome": named}
    values |= {"low": float(row["odds_low"]), "high": float(row["odds_high"])}
    above = row["above"]
    number = f"{above:,.10g}" if above == above else ""
    return values | {"name": str(row["name"]), "value": str(row["value"]), "above": number}


def _finding(worded: Any, table: pd.DataFrame, named: str, numbers: dict[str, Any]) -> Finding:
    """The clear feature whose interval is furthest from 1; one with a value goes before one without."""
    if not numbers["came"]:
        return Finding(worded("drivers.finding_nobody_came"))
    if not numbers["compared"]:
        return Finding(worded("drivers.finding_nobody_left"), {"came": numbers["came"]})
    if numbers["reached"] in (0, numbers["compared"]):
        code = "drivers.finding_nobody_reached" if not numbers["reached"] else "drivers.finding_all_reached"
        return Finding(worded(code), {"compared": numbers["compared"], "outcome": named})
    best = _best(table)
    if best is None:
        values = {"tested": len(table), "compared": numbers["compared"], "outcome": named}
        return Finding(worded("drivers.finding_nothing_clear"), values)
    return Finding(worded(f"drivers.finding_{_kind(best)}"), _values(best, named))


def _best(table: pd.DataFrame) -> pd.Series | None:
    clear = table[table["clear"]]
    if clear.empty:
        return None
    of_attribute = clear["kind"].isin(_OF_ATTRIBUTES)
    missing = of_attribute & (clear["value"] == "") & clear["above"].isna()
    return clear.loc[missing.sort_values(kind="stable").index[0]]


def _headline(table: pd.DataFrame, named: str, numbers: dict[str, Any]) -> Figure | None:
    n, k = numbers["compared"], numbers["reached"]
    best = _best(table)
    if best is None:
        if not n:
            return None
        low, high = wilson(k, n)
        values = {"outcome": named}
        return Figure("drivers.headline_share", k / n, "share", n, float(low), float(high), values)
    values = {"feature": _short(best), "outcome": named}
    ratio, low, high = (float(best[name]) for name in ("odds_ratio", "odds_low", "odds_high"))
    return Figure("drivers.headline_odds", ratio, "ratio", n, low, high, values)


def _notes(
    worded: Any,
    table: pd.DataFrame,
    numbers: dict[str, Any],
    tied: list[str],
    endless: list[str],
    unit: str,
) -> list[Finding]:
    notes = [Finding("drivers.note_associated")]
    if len(table):
        clear = int(table["clear"].sum())
        notes.append(Finding("drivers.note_tested", {"tested": len(table), "clear": clear}))
    if numbers["early"]:
        notes.append(Finding(worded("drivers.note_early"), {"n": numbers["early"], "came": numbers["came"]}))
    if numbers["days"]:
        notes.append(Finding("drivers.note_within", {"days": numbers["days"]}))
    if numbers["late"]:
        values = {"n": numbers["late"], "days": numbers["days"]}
        notes.append(Finding("drivers.note_late", values))
    if unit == "session":
        notes.append(Finding("drivers.note_sessions"))
    if (table["kind"] == "attribute").any():
        notes.append(Finding("drivers.note_attributes"))
    if tied:
        notes.append(Finding("drivers.note_tied", {"names": tied}))
    if endless:
        notes.append(Finding("drivers.note_endless", {"names": endless}))
    return notes
