"""How is it going? The figures that a team steers by, these days against those before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from journey.aggregates.coverage import coverage_notes
from journey.aggregates.kpi_groups import DROP_OFF, KpiGroups, Window, groups, window_of
from journey.aggregates.kpi_mix import counts_by_stratum, strata_of
from journey.aggregates.kpi_survey import SURVEY_KINDS, Answers, answers
from journey.aggregates.steps import EXIT, Steps, steps
from journey.errors import SettingWrong
from journey.events.log import DAY, EventLog
from journey.figures import Figure, Form
from journey.findings import Finding
from journey.stages.stage_map import StageMap
from journey.statistics.differences import mover
from journey.statistics.intervals import wilson
from journey.statistics.mix import mixed_difference
from journey.statistics.scores import csat, nps
from journey.statistics.sums import Sums, mean, median, ratio, total

__all__ = ["KINDS", "Card", "Kpi", "kpi"]

Change = Literal["up", "down", "unclear", "none"]

# What kind of number each card is, and which way is the better one.
KINDS: Mapping[str, tuple[Form, Literal["up", "down"]]] = {
    "customers": ("count", "up"),
    "conversion": ("share", "up"),
    "revenue": ("amount", "up"),
    "orders": ("count", "up"),
    "aov": ("amount", "up"),
    "arpu": ("amount", "up"),
    "clv": ("amount", "up"),
    "repurchase": ("share", "up"),
    "retention": ("share", "up"),
    "churn": ("share", "down"),
    "time_to_purchase": ("seconds", "down"),
    "bounce": ("share", "down"),
    "ctr": ("share", "up"),
    "drop_off": ("share", "down"),
    "csat": ("share", "up"),
    "nps": ("score", "up"),
}
_DEFAULT_DAYS, _WEEK = 28, 7
_MOST_POINTS, _MOST_READ = 7, 1.5
_SECOND = 1_000_000
_UNKNOWN = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Card:
    """One KPI: its figure in the period and in the one before, and whether they differ by more than chance.

    id          "revenue", "drop_off.STAGE ID", "nps.QUESTION'S MARK"; `kind` is its first part
    difference  this period minus the one before, with its 95 % interval; NaN where one is not known
    change      "up" or "down" where that interval leaves 0 out, "unclear" where it does not, "none" without
                a comparison
    series      the same figure over equally long times: (their last day, value), the period's own last
    mixed       the difference with its interval if both periods had the same mix of an attribute; NaN where
                that is not asked for, or not for a share of customers or sessions
    boxes       of a card about answers: how many were high (promoters, satisfied), middle and low
    """

    id: str
    kind: str
    figure: Figure
    before: Figure | None
    difference: tuple[float, float, float]
    change: Change
    goal: float | None = None
    series: tuple[tuple[dt.date, float], ...] = ()
    mixed: tuple[float, float, float] = _UNKNOWN
    boxes: tuple[int, int, int] | None = None

    @property
    def flips(self) -> bool:
        """Does the difference turn around when both periods have the same mix (Simpson)?"""
        return self.mixed[0] * self.difference[0] < 0

    @property
    def better(self) -> Literal["up", "down"]:
        """Which way is the better one."""
        return KINDS[self.kind][1]

    @property
    def is_met(self) -> bool | None:
        """Is the goal met? None without a goal."""
        if self.goal is None or not self.figure.is_known:
            return None
        value = self.figure.value
        return value >= self.goal if self.better == "up" else value <= self.goal


@dataclass(frozen=True)
class Kpi:
    """One row a card, in the order that was asked for.

    table    card, about (the stage or question), value, n, value_low, value_high, before, moved (by how
             much), moved_low, moved_high, adjusted, adjusted_low, adjusted_high (the same with the mix of
             `weight_by` held equal), flips (its sign is the other one), change, aim, met
    cards    the same with what a board shows of them
    period   the days that are looked at, `before` the equally long ones just before; None where the log does
             not reach so far back
    missing  what cannot be counted here, and why
    """

    table: pd.DataFrame
    cards: tuple[Card, ...]
    period: tuple[dt.date, dt.date]
    before: tuple[dt.date, dt.date] | None
    purchases: tuple[str, ...]
    clicks: tuple[str, ...]
    impressions: tuple[str, ...]
    settings: Mapping[str, object]
    missing: tuple[Finding, ...]
    finding: Finding
    headline: Figure | None
    notes: tuple[Finding, ...] = field(default=())
    unit: str = "customer"
    weight_by: str | None = None


def kpi(
    log: EventLog,
    stages: StageMap,
    *,
    survey: pd.DataFrame | None = None,
    cards: Sequence[str] | None = None,
    days: Sequence[str] | None = None,
    goals: Mapping[str, float] | None = None,
    within_days: int = 30,
    active_within_days: int = 30,
    purchases: Sequence[str] | None = None,
    clicks: Sequence[str] | None = None,
    impressions: Sequence[str] | None = None,
    weight_by: str | None = None,
) -> Kpi:
    """Count every card over `days` (the first and the last) and over the equally long time before.

    Without them it is the last 28 whole days, the same weekdays as the 28 before; with less history as
    many whole weeks as fit twice. The log must not be cut to these days: what lies before is compared with.
    `cards` are ids or kinds, in their order; None means all. `survey` has the answers (customer, time,
    question, score, scale). `goals` are values by card. `purchases`, `clicks` and `impressions` are names of
    events; None means those whose names or amounts say so. `weight_by` is an attribute whose mix may differ
    between both times: the differences of shares are given with its mix held equal too. A share is 0 to 1.
    docs/numbers.md has every definition. Raises SettingWrong.
    """
    if weight_by is not None and weight_by not in log.attributes:
        raise SettingWrong(setting="weight_by", value=weight_by, allowed=list(log.attributes))
    known = groups(
        log,
        stages,
        within_days=within_days,
        active_within_days=active_within_days,
        purchases=purchases,
        clicks=clicks,
        impressions=impressions,
    )
    wanted = None if cards is None else list(dict.fromkeys(cards))
    for card in wanted or ():
        if card.split(".")[0] not in KINDS:
            raise SettingWrong(setting="cards", value=card, allowed=", ".join(KINDS))
    board = _Board(known, answers(survey, known.log.zone))
    window = _latest(log) if days is None else window_of(days)
    earlier = window.before() if window.before().first >= known.observed.first else None
    trend_of = _trend(window, known.observed)
    known.watch([*trend_of, window, *([] if earlier is None else [earlier])])
    now, part = board.figures(window), known.part(window)
    strata = None if weight_by is None or earlier is None else strata_of(log, weight_by)
    # Beside the figures of the same days, for which the rows are cut out anyway.
    apart = {} if strata is None else counts_by_stratum(known, window, strata)
    notes = _notes(board, window, part, earlier)
    then = {} if earlier is None else board.figures(earlier)
    apart_then = {} if strata is None or earlier is None else counts_by_stratum(known, earlier, strata)
    trend = [(one.last, board.figures(one)) for one in trend_of]
    found = tuple(
        _card(
            id_,
            figure,
            then.get(id_),
            trend,
            (goals or {}).get(id_),
            mixed_difference(*apart[id_], *apart_then[id_])
            if id_ in apart and id_ in apart_then
            else _UNKNOWN,
            board.answers.boxes(id_, window) if id_.split(".")[0] in SURVEY_KINDS else None,
        )
        for id_, figure in _chosen(now, wanted).items()
    )
    return Kpi(
        table=_table(found),
        cards=found,
        period=(window.first, window.last),
        before=None if earlier is None else (earlier.first, earlier.last),
        purchases=known.deeds.purchases,
        clicks=known.deeds.clicks,
        impressions=known.deeds.impressions,
        settings={
            "within_days": within_days,
            "active_within_days": active_within_days,
            "purchases": purchases,
            "clicks": clicks,
            "impressions": impressions,
        },
        missing=board.missing(window, now),
        finding=_finding(board, now.get("conversion"), then.get("conversion"), part.n_customers),
        headline=now.get("conversion") or now.get("customers"),
        notes=notes,
        weight_by=weight_by,
    )


def _latest(log: EventLog) -> Window:
    """The last 28 days that are whole; fewer whole weeks, or halves, where the log does not hold them twice.

    The log's last day counts as whole where it has no clock times or its last event lies in its last hour.
    """
    first, last = log.days()
    end = dt.datetime.fromtimestamp(log.observed[1] / _SECOND, ZoneInfo(log.zone))
    if not log.date_only and not log.period and end.hour < 23 and last > first:
        last -= dt.timedelta(days=1)
    known = (last - first).days + 1
    half = known // 2
    days = min(_DEFAULT_DAYS, half - half % _WEEK if half >= _WEEK else max(half, 1))
    return Window(last - dt.timedelta(days=days - 1), last)


def _trend(window: Window, observed: Window) -> list[Window]:
    """Equally long times that end later and later, the window itself last.

    They lie a quarter of the length apart. Where seven of them would look through the whole log more than
    once and a half, they lie half of it apart, and are as few as do not; three there are in any case.
    """
    most = int(_MOST_READ * observed.days / window.days)
    is_long = most < _MOST_POINTS
    step = max(1, round(window.days / (2 if is_long else 4)))
    back = [window.moved(-step * at) for at in range(max(3, most) if is_long else _MOST_POINTS)]
    return [one for one in reversed(back) if one.first >= observed.first or one == window]


class _Board:
    """Figures of any window, each counted once."""

    def __init__(self, known: KpiGroups, said: Answers) -> None:
        self.groups, self.answers = known, said
        self._found: dict[Window, dict[str, Figure]] = {}
        self.counts: dict[Window, Steps] = {}

    def figures(self, window: Window) -> dict[str, Figure]:
        """Every card that can be counted over these days, by its id."""
        if window not in self._found:
            found = {**self._journeys(window), **self._purchases(window), **self._answers(window)}
            order = list(KINDS)
            inorder = sorted(found, key=lambda id_: order.index(id_.split(".")[0]))
            self._found[window] = {id_: found[id_] for id_ in inorder if found[id_].is_known}
        return self._found[window]

    def _journeys(self, window: Window) -> dict[str, Figure]:
        part = self.groups.part(window)
        found = {"customers": _figure("customers", total(_ones(part.n_customers)), part.n_customers)}
        if not part.is_empty:
            counts = self.counts[window] = steps(
                part, self.groups.stages, steps=1, active_within=self.groups.lost_days * DAY
            )
            found |= self._stages(counts)
        if not part.date_only:
            sessions = self.groups.bounces(window)
            found["bounce"] = _share("bounce", sessions.bounced, sessions.sessions)
        if self._has_ctr:
            sums = self.groups.clicks.sums(*window.span(part.zone))
            value, low, high = ratio(sums)
            found["ctr"] = _figure("ctr", (value, max(low, 0.0), high), round(sums.y))
        for kind, cohort in (("retention", self.groups.returned), ("churn", self.groups.churned)):
            of, hit = cohort(window)
            found[kind] = _share(kind, int(hit.sum()), int(of.sum()), self._days(kind))
        return found

    def _stages(self, counts: Steps) -> dict[str, Figure]:
        """Reach of the goal and drop-off of the others, as the question `reach` counts them."""
        stages, found = self.groups.stages, {}
        exits = counts.transitions[:, EXIT]
        for code, stage in enumerate(stages.stages):
            there, named = int(counts.reach[code]), {"stage": stage.name}
            if stage == stages.goal_stage:
                # Where no event of the data leads to the goal, 0 % would be a figure about nothing.
                if self._has_goal:
                    found["conversion"] = _share("conversion", there, counts.n_customers, named)
            else:
                found[DROP_OFF + stage.id] = _share("drop_off", int(exits[code]), there, named)
        return found

    def _purchases(self, window: Window) -> dict[str, Figure]:
        known = self.groups
        if not known.deeds.purchases:
            return {}
        low, high = window.span(known.log.zone)
        bought = known.purchases
        sums, ever = bought.sums(low, high), bought.sums(np.iinfo(np.int64).min, high)
        of, hit = known.rebought(window)
        _, waits = known.waits(window)
        found = {
            "orders": _figure("orders", total(sums.orders), round(sums.orders.x)),
            "repurchase": _share("repurchase", int(hit.sum()), int(of.sum()), self._days("repurchase")),
            "time_to_purchase": _figure("time_to_purchase", median(waits / _SECOND), len(waits)),
        }
        if bought.has_amounts:
            active = int(known.active(window.first, window.last).sum())
            found |= {
                "revenue": _figure("revenue", total(sums.revenue), sums.revenue.n),
                "aov": _figure("aov", ratio(sums.values), round(sums.values.y)),
                "arpu": _figure("arpu", mean(_over(sums.revenue, active)), active),
                "clv": _figure("clv", mean(_over(ever.revenue, ever.orders.n)), ever.orders.n),
            }
        return found

    def _answers(self, window: Window) -> dict[str, Figure]:
        found = {}
        for id_, question in self.answers.questions.items():
            kind = id_.split(".")[0]
            high, middle, low = self.answers.boxes(id_, window)
            n = high + middle + low
            value = nps(high, middle, low) if kind == "nps" else csat(high, n)
            found[id_] = _figure(kind, value, n, {"question": question})
        return found

    @property
    def _has_goal(self) -> bool:
        """Does any event of the log stand in the goal stage?"""
        stages, goal = self.groups.stages, self.groups.stages.goal_stage
        held = stages.codes(self.groups.log.event_names)
        return goal is not None and bool((held == stages.stages.index(goal)).any())

    @property
    def _has_ctr(self) -> bool:
        return bool(self.groups.deeds.clicks and self.groups.deeds.impressions)

    def _days(self, kind: str) -> dict[str, int]:
        return {"days": self.groups.lost_days if kind == "churn" else self.groups.within_days}

    def missing(self, window: Window, found: Mapping[str, Figure]) -> tuple[Finding, ...]:
        """What cannot be counted in this log, and what would be needed; not what nobody asked for."""
        known = self.groups
        reasons: list[Finding] = []
        if known.stages.goal_stage is None:
            reasons.append(Finding("kpi.missing_stages"))
        elif not self._has_goal:
            reasons.append(Finding("kpi.missing_goal", {"stage": known.stages.goal_stage.name}))
        if not known.deeds.purchases:
            reasons.append(Finding("kpi.missing_purchases"))
        if not known.deeds.purchases or not known.purchases.has_amounts:
            reasons.append(Finding("kpi.missing_amounts"))
        if not self._has_ctr:
            reasons.append(Finding("kpi.missing_clicks"))
        if known.log.date_only:
            reasons.append(Finding("kpi.missing_sessions"))
        if "churn" not in found:
            reasons.append(Finding("kpi.missing_churn", {"days": known.lost_days, "first": window.first}))
        if "retention" not in found:
            reasons.append(Finding("kpi.missing_retention", {"days": known.within_days}))
        if known.deeds.purchases and "repurchase" not in found:
            reasons.append(Finding("kpi.missing_repurchase", {"days": known.within_days}))
        if known.deeds.purchases and "time_to_purchase" not in found:
            reasons.append(Finding("kpi.missing_time"))
        if not self.answers.questions:
            reasons.append(Finding("kpi.missing_survey"))
        elif not any(id_ in found for id_ in self.answers.questions):
            reasons.append(Finding("kpi.missing_answers"))
        return tuple(reasons)


def _ones(n: int) -> Sums:
    return Sums(n, n, n, n, n, n)


def _over(sums: Sums, n: int) -> Sums:
    """The same sums over `n` customers, of whom the others have nothing."""
    return Sums(n, sums.x, n, sums.xx, n, sums.x)


def _figure(
    kind: str, value: tuple[float, float, float], n: int, values: Mapping[str, object] | None = None
) -> Figure:
    return Figure(f"kpi.card_{kind}", value[0], KINDS[kind][0], n, value[1], value[2], values or {})


def _share(kind: str, k: int, n: int, values: Mapping[str, object] | None = None) -> Figure:
    low, high = wilson(k, n)
    return _figure(kind, (k / n, float(low), float(high)) if n else _UNKNOWN, n, values)


def _chosen(found: Mapping[str, Figure], wanted: Sequence[str] | None) -> dict[str, Figure]:
    """The figures in the order that is wanted: by id, or all of a kind."""
    if wanted is None:
        return dict(found)
    ids = [id_ for card in wanted for id_ in found if id_ == card or id_.split(".")[0] == card]
    return {id_: found[id_] for id_ in dict.fromkeys(ids)}


def _card(
    id_: str,
    figure: Figure,
    before: Figure | None,
    trend: Sequence[tuple[dt.date, Mapping[str, Figure]]],
    goal: float | None,
    mixed: tuple[float, float, float],
    boxes: tuple[int, int, int] | None,
) -> Card:
    difference = _UNKNOWN
    if before is not None:
        low, high = mover(figure.value, figure.low, figure.high, before.value, before.low, before.high)
        difference = (figure.value - before.value, float(low), float(high))
    return Card(
        id=id_,
        kind=id_.split(".")[0],
        figure=figure,
        before=before,
        difference=difference,
        change=_change(before, difference),
        goal=goal,
        series=tuple((day, found[id_].value) for day, found in trend if id_ in found),
        mixed=_UNKNOWN if before is None else (float(mixed[0]), float(mixed[1]), float(mixed[2])),
        boxes=boxes,
    )


def _change(before: Figure | None, difference: tuple[float, float, float]) -> Change:
    _, low, high = difference
    if before is None:
        return "none"
    return "up" if low > 0 else "down" if high < 0 else "unclear"


def _table(cards: Sequence[Card]) -> pd.DataFrame:
    columns: dict[str, Callable[[Card], object]] = {
        "card": lambda card: card.kind,
        "about": lambda card: str(card.figure.values.get("stage", card.figure.values.get("question", ""))),
        "value": lambda card: card.figure.value,
        "n": lambda card: card.figure.n,
        "value_low": lambda card: card.figure.low,
        "value_high": lambda card: card.figure.high,
        "before": lambda card: math.nan if card.before is None else card.before.value,
        "moved": lambda card: card.difference[0],
        "moved_low": lambda card: card.difference[1],
        "moved_high": lambda card: card.difference[2],
        "adjusted": lambda card: card.mixed[0],
        "adjusted_low": lambda card: card.mixed[1],
        "adjusted_high": lambda card: card.mixed[2],
        "flips": lambda card: card.flips,
        "change": lambda card: card.change,
        "aim": lambda card: math.nan if card.goal is None else card.goal,
        "met": lambda card: {True: "yes", False: "no", None: ""}[card.is_met],
    }
    texts = ("card", "about", "change", "met")
    return pd.DataFrame(
        {
            name: pd.Series([of(card) for card in cards], dtype="str" if name in texts else "float64")
            for name, of in columns.items()
        }
    ).astype({"n": "int64", "flips": "bool"})


def _finding(board: _Board, now: Figure | None, before: Figure | None, n_customers: int) -> Finding:
    if not n_customers:
        return Finding("kpi.finding_no_rows")
    if now is None:
        return Finding("kpi.finding_no_goal", {"customers": n_customers})
    values = {
        "stage": now.values["stage"],
        "customers": round(now.value * now.n),
        "of": now.n,
        "share": now.value,
        "low": now.low,
        "high": now.high,
    }
    if before is None:
        return Finding("kpi.finding_alone", values)
    low, high = mover(now.value, now.low, now.high, before.value, before.low, before.high)
    change = _change(before, (now.value - before.value, float(low), float(high)))
    return Finding(f"kpi.finding_{change}", {**values, "before": before.value})


def _notes(board: _Board, window: Window, part: EventLog, earlier: Window | None) -> tuple[Finding, ...]:
    known = board.groups
    notes = [] if earlier is not None else [Finding("kpi.note_no_before")]
    if window != known.observed:
        notes.append(Finding("kpi.note_window", {"first": window.first, "last": window.last}))
    if known.deeds.purchases:
        notes.append(Finding("kpi.note_purchases", {"events": list(known.deeds.purchases)}))
    if known.deeds.clicks and known.deeds.impressions:
        told = {"clicks": list(known.deeds.clicks), "impressions": list(known.deeds.impressions)}
        notes.append(Finding("kpi.note_clicks", told))
    if board.answers.undated:
        notes.append(Finding("kpi.note_undated", {"n": board.answers.undated}))
    if (counts := board.counts.get(window)) is not None:
        notes += coverage_notes(
            part, known.stages, n_customers=counts.n_customers, n_visitors=counts.n_visitors
        )
    # Which days are looked at stands above the cards.
    return tuple(note for note in notes if note.code != "notes.period")
