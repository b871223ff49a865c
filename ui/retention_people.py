"""The people of a cell of the cohort triangle, and of the bars of lifecycle and churn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.analysis.retention import Retention
from journey.charts.retention import mark_of
from journey.charts.retention_plots import KINDS
from ui import presenting, session
from ui.ask import filtered
from ui.people import rule_panel
from ui.words import t

__all__ = ["can_be_picked", "panel", "unpick_lost"]

_SIDES = ("returned", "not", "all")
_DAY = dt.timedelta(days=1)
_EVER = ["1900-01-01", "2999-12-31"]


def can_be_picked(answer: Retention) -> bool:
    """Does a rule say who is behind the marks of this view?"""
    return answer.view in ("cohorts", "lifecycle", "churn")


def unpick_lost(answer: Retention) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("retention").id not in _marks(answer):
        session.pick("retention", None)


def panel(answer: Retention, chosen: Mapping[str, Any]) -> None:
    """Who is behind the cell or bar that was clicked or chosen by name."""
    if presenting.is_on() or not can_be_picked(answer):
        return
    if answer.view == "cohorts":
        _of_cell(answer, chosen)
    else:
        _of_bar(answer, chosen)


def _marks(answer: Retention) -> list[str]:
    """Everything that can be picked, by its id."""
    table = answer.table
    if answer.view == "cohorts":
        rows = table.loc[table["observed"], ["cohort", "age", "until"]].itertuples(index=False)
        return [mark_of(row.cohort, row.age, row.until) for row in rows]
    if not can_be_picked(answer):
        return []
    kinds = KINDS if answer.view == "lifecycle" else ("away",)
    return [mark_of(row["period"], kind) for _, row in table.iterrows() for kind in kinds if row[kind]]


def _named(day: dt.date, answer: Retention) -> str:
    return day.isoformat()[: 7 if answer.period == "month" else 10]


# ---- a cell of the triangle ------------------------------------------------------------------------------


def _of_cell(answer: Retention, chosen: Mapping[str, Any]) -> None:
    table = answer.table
    known = table[table["observed"]]
    day, at = _picked_cell()
    keys = [session.widget_key(f"retention.who_{part}") for part in ("cohort", "age")]
    session.put(keys[0], day)
    session.put(keys[1], at)

    def pick() -> None:
        cohort, pair = session.widget(keys[0]), session.widget(keys[1])
        pairs = _pairs(known, cohort)
        fitting = pair if pair in pairs else pairs[min(1, len(pairs) - 1)] if pairs else None
        session.pick("retention", fitting and mark_of(cohort, *fitting))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("retention.who_cohort"),
            sorted(known["cohort"].unique(), reverse=True),
            index=None,
            placeholder=t("retention.who_hint"),
            format_func=lambda one: _named(one, answer),
            width=250,
            key=keys[0],
            on_change=pick,
        )
        if day is None or at is None:
            return
        side = st.selectbox(
            t("retention.who_side"),
            _SIDES,
            format_func=lambda one: t(f"retention.who_{one}"),
            width=190,
            key=session.widget_key("retention.who_side"),
        )
        st.selectbox(
            t("retention.who_age"),
            _pairs(known, day),
            format_func=lambda ends: t(f"retention.chart_at_{answer.period}", age=_ages(ends)),
            disabled=side == "all",
            width=190,
            key=keys[1],
            on_change=pick,
        )
    period, _ = filtered()
    cell: dict[str, Any] = {
        **{name: chosen[name] for name in ("mode", "first", "start_event", "return_event")},
        "period": answer.period,
        "cohort": day.isoformat(),
        "between": period and [one.isoformat() for one in period],
    }
    heading, of, of_name = t("retention.who_named", cohort=day), answer.n_customers, None
    if side != "all":
        cell |= {"ages": list(at), "returned": side == "returned"}
        of_name = t("retention.who_of_cohort")
        of = int(known.loc[known["cohort"] == day, "customers"].iloc[0])
        said = "back" if side == "returned" else "gone"
        heading = t(f"retention.who_{said}_{answer.period}", cohort=day, age=_ages(at))
    rule_panel({"cohort": cell}, heading, of=of, key="retention", of_name=of_name)


def _picked_cell() -> tuple[dt.date | None, tuple[int, int] | None]:
    picked = session.picked("retention").id
    if not picked:
        return None, None
    day, age, until = picked.split(".")
    return dt.date.fromisoformat(day), (int(age), int(until))


def _pairs(known: Any, cohort: dt.date | None) -> list[tuple[int, int]]:
    own = known[known["cohort"] == cohort]
    return list(zip(own["age"].tolist(), own["until"].tolist(), strict=True))


def _ages(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}–{pair[1]}"


# ---- a bar of lifecycle or churn -------------------------------------------------------------------------


def _of_bar(answer: Retention, chosen: Mapping[str, Any]) -> None:
    marks, key = _marks(answer), session.widget_key("retention.pick")
    picked = session.picked("retention").id
    session.put(key, picked)
    counts = answer.table.set_index("period")

    def said(mark: str) -> str:
        day, kind = _parts(mark)
        n = t("charts.amount_customers", n=int(counts.at[day, kind]))
        return f"{_named(day, answer)} · {t(f'retention.who_{kind}')} · {n}"

    st.selectbox(
        t("retention.pick"),
        list(reversed(marks)),
        index=None,
        placeholder=t("retention.who_bar_hint"),
        format_func=said,
        label_visibility="collapsed",
        key=key,
        on_change=lambda: session.pick("retention", session.widget(key)),
    )
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
