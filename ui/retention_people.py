"""The people of every figure of retention: cells and points of cohorts, bars, rates and paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.retention import Retention
from journey.charts.retention import mark_of
from journey.charts.retention_plots import GROUPS, KINDS, path_mark
from ui import by_name, presenting, session
from ui.ask import filtered
from ui.people import rule_panel
from ui.words import t

__all__ = ["panel", "unpick_lost"]

# The row of all cohorts, among the days on which cohorts begin.
_ALL = "all"
_SIDES = ("returned", "not", "all")
_DAY = dt.timedelta(days=1)
_EVER = ["1900-01-01", "2999-12-31"]


def unpick_lost(answer: Retention) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("retention").id not in _marks(answer):
        session.pick("retention", None)


def panel(answer: Retention, chosen: Mapping[str, Any]) -> None:
    """Who is behind the cell, point or bar that was clicked or chosen by name."""
    if presenting.is_on():
        return
    if answer.view in ("cohorts", "curve"):
        _of_cell(answer, chosen)
    elif answer.view == "repurchase":
        _of_rate(answer, chosen)
    elif answer.view == "path":
        _of_path(answer, chosen)
    else:
        _of_bar(answer, chosen)


def _marks(answer: Retention) -> list[str]:
    """Everything that can be picked, by its id."""
    table = answer.table
    match answer.view:
        case "cohorts" | "curve":
            cells = _cells(answer)
            return [
                mark_of(None if day == _ALL else day, *ends) for day in cells for ends in cells[day].index
            ]
        case "repurchase":
            return [mark_of(None, days) for days in table["within_days"]]
        case "path":
            return [path_mark(group, row["route"]) for _, row in table.iterrows() for group in GROUPS]
    kinds = KINDS if answer.view == "lifecycle" else ("away",)
    return [mark_of(row["period"], kind) for _, row in table.iterrows() for kind in kinds if row[kind]]


def _named(day: dt.date, answer: Retention) -> str:
    return day.isoformat()[: 7 if answer.period == "month" else 10]


def _pick(marks: Sequence[str], said: Callable[[str], str], hint: str) -> str | None:
    """Which of the marks is picked, by a click or here by name."""
    return by_name.mark("retention", t("retention.pick"), {one: said(one) for one in marks}, t(hint))


def _side(names: Mapping[str, str]) -> str:
    """Those for whom it holds, the others, or both."""
    found: str = st.selectbox(
        t("retention.who_side"),
        _SIDES,
        format_func=lambda one: t(names[one]),
        width=190,
        key=session.widget_key("retention.who_side"),
    )
    return found


def _returned(side: str) -> bool | None:
    return None if side == "all" else side == "returned"


def _cut() -> list[str] | None:
    """The days to which the filters cut the log, as a rule says them."""
    period, _ = filtered()
    return period and [day.isoformat() for day in period]


# ---- a cell of the triangle, or a point of the curve -----------------------------------------------------


def _cells(answer: Retention) -> dict[Any, pd.DataFrame]:
    """The cells that are seen to their end, by (from, to) and cohort; all cohorts together come first."""
    found = {}
    if answer.curve is not None and not answer.curve.empty:
        found[_ALL] = answer.curve.set_index(["age", "until"])
    if answer.view == "cohorts":
        known = answer.table[answer.table["observed"]]
        for day in sorted(known["cohort"].unique(), reverse=True):
            found[day] = known[known["cohort"] == day].set_index(["age", "until"])
    return found


def _of_cell(answer: Retention, chosen: Mapping[str, Any]) -> None:
    cells = _cells(answer)
    day, at = _picked_cell()
    keys = [session.widget_key(f"retention.who_{part}") for part in ("cohort", "age")]
    session.put(keys[0], day)
    session.put(keys[1], at)

    def pick(day: dt.date | str | None) -> None:
        pair, pairs = session.widget(keys[1]), _pairs(cells, day)
        fitting = pair if pair in pairs else pairs[min(1, len(pairs) - 1)] if pairs else None
        session.pick("retention", fitting and _cell_mark(day, fitting))

    def pick_age() -> None:
        pair = session.widget(keys[1])
        session.pick("retention", pair and _cell_mark(_ALL if is_point else day, pair))

    is_point = answer.view == "curve" or day == _ALL
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if answer.view == "cohorts":
            st.selectbox(
                t("retention.who_cohort"),
                list(cells),
                index=None,
                placeholder=t("retention.who_hint"),
                format_func=lambda one: t("retention.who_every") if one == _ALL else _named(one, answer),
                width=250,
                key=keys[0],
                on_change=lambda: pick(session.widget(keys[0])),
            )
            if day is None or at is None:
                return
        side = "all"
        if at is not None:
            whole = "retention.who_everybody" if is_point else "retention.who_all"
            side = _side({"returned": "retention.who_returned", "not": "retention.who_not", "all": whole})
        st.selectbox(
            t("retention.who_age"),
            _pairs(cells, _ALL if is_point else day),
            index=None,
            placeholder=t("retention.who_point_hint"),
            format_func=lambda ends: t(f"retention.chart_at_{answer.period}", age=_ages(ends)),
            disabled=side == "all" and not is_point,
            width=250 if at is None else 190,
            key=keys[1],
            on_change=pick_age,
        )
    if day is None or at is None:
        return
    cell: dict[str, Any] = {
        **{name: chosen[name] for name in ("mode", "first", "start_event", "return_event")},
        "period": answer.period,
        "between": _cut(),
    }
    back = {"ages": list(at), "returned": _returned(side)}
    said = {"returned": "back", "not": "gone", "all": "seen"}[side]
    told = {"cohort": t("retention.who_every"), "age": _ages(at)}
    of, of_name = int(cells[day].at[at, "customers"]), "retention.who_of_watched"
    if day == _ALL:
        cell |= back
        heading = t(f"retention.who_{said}_{answer.period}", **told)
        if side == "all" or chosen["first"] == "recurring":
            of, of_name = answer.n_customers, ""
    else:
        cell["cohort"] = day.isoformat()
        heading, of_name = t("retention.who_named", cohort=day), "retention.who_of_cohort"
        if side == "all":
            of, of_name = answer.n_customers, ""
        else:
            cell |= back
            heading = t(f"retention.who_{said}_{answer.period}", **{**told, "cohort": heading})
    rule_panel({"cohort": cell}, heading, of=of, key="retention", of_name=of_name and t(of_name))
    if day == _ALL and chosen["first"] == "recurring":
        st.caption(t("retention.who_once"))


def _picked_cell() -> tuple[Any, tuple[int, int] | None]:
    picked = session.picked("retention").id
    if not picked:
        return None, None
    day, age, until = picked.split(".")
    return _ALL if day == _ALL else dt.date.fromisoformat(day), (int(age), int(until))


def _cell_mark(day: Any, pair: tuple[int, int]) -> str:
    return mark_of(None if day == _ALL else day, *pair)


def _pairs(cells: Mapping[Any, pd.DataFrame], day: Any) -> list[tuple[int, int]]:
    return [(int(low), int(high)) for low, high in cells[day].index] if day in cells else []


def _ages(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}–{pair[1]}"


# ---- a repurchase rate, and the last visits ---------------------------------------------------------------


def _of_rate(answer: Retention, chosen: Mapping[str, Any]) -> None:
    """Those who bought again within so many days, and those who did not."""
    rates = answer.table.set_index("within_days")

    def said(mark: str) -> str:
        row = rates.loc[_days_of(mark)]
        who = t("retention.who_rebought", days=_days_of(mark))
        return f"{who} · {t('retention.chart_of', k=int(row['returned']), n=int(row['customers']))}"

    picked = _pick(_marks(answer), said, "retention.who_rate_hint")
    if picked is None:
        return
    days = _days_of(picked)
    side = _side(
        {
            "returned": "retention.who_again",
            "not": "retention.who_not_again",
            "all": "retention.who_everybody",
        }
    )
    rule = {
        "within_days": days,
        "returned": _returned(side),
        "purchase": chosen["purchase"],
        # What the project says is a purchase is one in every list, too.
        "purchases": session.state().settings.get("kpi.purchases") or None,
        "between": _cut(),
    }
    said_of = {"returned": "rebought", "not": "not_rebought", "all": "watched"}[side]
    of, of_name = int(rates.at[days, "customers"]), t("retention.who_of_watched")
    rule_panel(
        {"rebought": rule},
        t(f"retention.who_{said_of}", days=days),
        of=answer.n_customers if side == "all" else of,
        key="retention",
        of_name=None if side == "all" else of_name,
    )


def _days_of(mark: str) -> int:
    return int(mark.partition(".")[2])


def _of_path(answer: Retention, chosen: Mapping[str, Any]) -> None:
    """Those whose last visits these were: who fell silent, or who stayed."""
    rows = {
        path_mark(group, row["route"]): (group, row) for _, row in answer.table.iterrows() for group in GROUPS
    }

    def named(mark: str) -> str:
        group, row = rows[mark]
        return f"{' → '.join(row['route'])} · {t(f'retention.chart_{group}')}"

    def said(mark: str) -> str:
        group, row = rows[mark]
        return f"{named(mark)} · {t('charts.amount_customers', n=int(row[group]))}"

    picked = _pick(list(rows), said, "retention.who_rate_hint")
    if picked is None:
        return
    group, row = rows[picked]
    stages = session.state().stage_map
    rule = {
        "route": [stages.named(name).id for name in row["route"]],
        "last": chosen["last"],
        "active_within_days": chosen["active_within_days"],
        "silent": group == "silent",
        "between": _cut(),
    }
    of = answer.groups[GROUPS.index(group)]
    rule_panel(
        {"last_visits": rule}, named(picked), of=of, key="retention", of_name=t(f"retention.who_of_{group}")
    )


# ---- a bar of lifecycle or churn -------------------------------------------------------------------------


def _of_bar(answer: Retention, chosen: Mapping[str, Any]) -> None:
    counts = answer.table.set_index("period")

    def said(mark: str) -> str:
        day, kind = _parts(mark)
        n = t("charts.amount_customers", n=int(counts.at[day, kind]))
        return f"{_named(day, answer)} · {t(f'retention.who_{kind}')} · {n}"

    picked = _pick(list(reversed(_marks(answer))), said, "retention.who_bar_hint")
    if picked is None:
        return
    day, kind = _parts(picked)
    rule = _rule(answer, day, kind, int(chosen.get("active_within_days", 0)))
    of, of_name = answer.n_customers, None
    if kind == "away":
        of, of_name = int(counts.at[day, "customers"]), t("retention.who_of_active")
    rule_panel(rule, said(picked).rpartition(" · ")[0], of=of, key="retention", of_name=of_name)


def _parts(mark: str) -> tuple[dt.date, str]:
    day, kind = mark.split(".")
    return dt.date.fromisoformat(day), kind


def _rule(answer: Retention, day: dt.date, kind: str, within: int) -> dict[str, Any]:
    """Who is behind a bar: with an event in one stretch of days, and without one in another."""
    cut, _ = filtered()
    low, high = cut or (dt.date.min, dt.date.max)

    def there(first: dt.date, last: dt.date) -> dict[str, Any]:
        # The filters cut the period, and outside of it nobody was seen.
        days = [max(first, low), min(last, high)]
        if days[0] > days[1]:
            return {"not": {"period": _EVER}}
        return {"period": [one.isoformat() for one in days]}

    here = there(day, _after(day, answer.period) - _DAY)
    if kind == "away":
        return {"all": [there(day - within * _DAY, day - _DAY), {"not": here}]}
    before = _after(day - _DAY, answer.period, back=True)
    last = there(before, day - _DAY)
    earlier = there(dt.date.fromisoformat(_EVER[0]), before - _DAY)
    return {
        "new": {"all": [here, {"not": last}, {"not": earlier}]},
        "returning": {"all": [here, last]},
        "resurrected": {"all": [here, {"not": last}, earlier]},
        "dormant": {"all": [last, {"not": here}]},
    }[kind]


def _after(day: dt.date, period: str, *, back: bool = False) -> dt.date:
    """The first day of the next period; `back`: the first day of the one in which this day lies last."""
    if period == "month":
        return day.replace(day=1) if back else (day.replace(day=1) + 31 * _DAY).replace(day=1)
    days = 7 if period == "week" else 1
    return day - (days - 1) * _DAY if back else day + days * _DAY
