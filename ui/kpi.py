"""The KPI board: the goal on top, cards that a team chooses and orders, and what stands behind each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.kpi_survey import BOXES
from journey.analysis.kpi import KINDS, Card, Kpi
from journey.charts.bound_words import called
from journey.charts.kpi import trend
from journey.charts.kpi_words import changed, interval, valued
from journey.i18n import text
from ui import by_name, demo, people, presenting, session
from ui.ask import filters_now, log, saved, view_of
from ui.groups import MOST_STRATA, choosable
from ui.picture import picture
from ui.veil import veiled
from ui.words import literal, md, sentence, t

__all__ = ["board", "goal", "settings", "table"]

_A_ROW = 3
_WITHIN = (30, 60, 90, 180)
_EVENTS = ("purchases", "clicks", "impressions")
# What a board begins with; of the stages the one that loses most, so that a long journey does not fill it.
_USUAL = (
    "conversion",
    "revenue",
    "orders",
    "aov",
    "repurchase",
    "retention",
    "churn",
    "drop_off",
    "bounce",
    "ctr",
    "csat",
    "nps",
)
_CARDS, _OPEN = "kpi.cards", "kpi.view.open"
_N_OF = {
    "orders": "orders",
    "aov": "orders",
    "bounce": "sessions",
    "ctr": "impressions",
    "csat": "answers",
    "nps": "answers",
}
_DAY_SECONDS = 86_400
_TEXTS = ("goal.text", "goal.target")
_LONGEST = 300
# Beyond it a number has more digits than anybody meant, and than a float can tell apart.
_HIGHEST_GOAL = 1e15


def settings() -> dict[str, Any]:
    """How the figures are counted: days to come back, and which events mean something."""
    within = st.selectbox(
        t("kpi.within"),
        _WITHIN,
        format_func=lambda n: t("kpi.within_days", n=n),
        help=t("kpi.within_help"),
        width=170,
        **session.kept("kpi.within", _WITHIN[0], _WITHIN),
    )
    return {"within_days": within, "goals": _goals(), **_events(), **_mix()}


def _mix() -> dict[str, str | None]:
    """An attribute of whose customers both periods are to have equally many."""
    names = list(choosable(MOST_STRATA))
    if not names:
        return {}
    chosen = by_name.one_of(
        "kpi.view.mix",
        t("kpi.mix"),
        {name: name for name in names},
        names[0],
        nothing=t("kpi.mix_none"),
        help=t("kpi.mix_help"),
        width=170,
    )
    return {"weight_by": chosen or None}


def _goals() -> dict[str, float]:
    """The goals of cards: settings named `goal.CARD`."""
    found = {name.removeprefix("goal."): value for name, value in session.state().settings.items()}
    return {
        card: float(value)
        for card, value in found.items()
        if card.split(".")[0] in KINDS and type(value) in (int, float) and abs(value) <= _HIGHEST_GOAL
    }


def _events() -> dict[str, list[str]]:
    """The events that were chosen by hand; a list that is empty means: guess."""
    names = set(log().event_names)
    chosen = {what: session.state().settings.get(f"kpi.{what}") or [] for what in _EVENTS}
    known = {what: [name for name in each if name in names] for what, each in chosen.items()}
    return {what: each for what, each in known.items() if each}


# ---- the goal of the project ------------------------------------------------------------------------------


def goal() -> None:
    """What the team is after, and for whom; written by anybody of the project."""
    kept = session.state().settings
    said, target = (veiled(kept.get(name, "")) for name in _TEXTS)
    segment = next((one for one in saved() if one.id == kept.get("goal.segment")), None)
    is_set = bool(said or target or segment)
    if not is_set and presenting.is_on():
        return
    with st.container(border=is_set, horizontal=True, vertical_alignment="center", key="kpi_goal"):
        if is_set:
            lines = [f":material/flag: **{literal(said)}**"] if said else []
            lines += [md("kpi.goal_for", target=target)] if target else []
            lines += [md("kpi.goal_all", segment=demo.covered(segment.name))] if segment else []
            st.markdown("  \n".join(lines), width="stretch")
        if not presenting.is_on():
            if segment is not None and kept.get("segment") != segment.id:
                st.button(
                    t("kpi.goal_narrow"),
                    icon=":material/filter_alt:",
                    key="kpi_goal_narrow",
                    on_click=session.later(lambda: session.remember("segment", segment.id)),
                )
            _goal_asked(t("kpi.goal_change" if is_set else "kpi.goal_write"))


def _goal_asked(label: str) -> None:
    with st.popover(label, icon=":material/edit:"):
        # What is typed is shown as it is, so nobody types in demo mode.
        if not demo.is_on():
            st.text_area(
                t("kpi.goal_text"),
                placeholder=t("kpi.goal_text_like"),
                max_chars=_LONGEST,
                **session.kept("goal.text", ""),
            )
            st.text_input(
                t("kpi.goal_target"),
                placeholder=t("kpi.goal_target_like"),
                max_chars=_LONGEST,
                **session.kept("goal.target", ""),
            )
        names = {one.id: one.name for one in saved()}
        if names:
            nobody = t("kpi.goal_no_segment")
            by_name.one_of("goal.segment", t("kpi.goal_segment"), names, nothing=nobody)


# ---- the cards --------------------------------------------------------------------------------------------


def board(answer: Kpi) -> None:
    """The sentence, the days, the cards in their order, and what cannot be counted."""
    st.markdown(f"**{sentence(answer.finding)}**")
    now, before = _calendar(answer.period), answer.before and _calendar(answer.before)
    st.caption(t("kpi.against", now=now, before=before) if before else now)
    chosen = _shown(answer)
    if not presenting.is_on():
        with st.container(horizontal=True, key="kpi_tools"):
            _chooser(answer, [card.id for card in chosen])
            _meanings(answer)
    if not chosen:
        st.info(t("kpi.empty"), icon=":material/info:")
    for start in range(0, len(chosen), _A_ROW):
        columns = st.columns(_A_ROW)
        for column, card in zip(columns, chosen[start : start + _A_ROW], strict=False):
            with column, st.container(border=True, height="stretch", key=f"kpi_card_{_mark(card.id)}"):
                _card(card, answer)
        for card in chosen[start : start + _A_ROW]:
            # Below the row in which it was asked for: there somebody looks.
            if card.id == session.widget(session.widget_key(_OPEN)):
                _people(card, answer)
    if answer.missing and not presenting.is_on():
        with st.expander(t("kpi.missing", n=len(answer.missing))):
            for reason in answer.missing:
                st.markdown(f"- {sentence(reason)}")


def _mark(id_: str) -> str:
    """The id of a card as a part of a widget's key, which becomes a class of the page."""
    return id_.replace(".", "_")


def _calendar(days: tuple[Any, Any]) -> str:
    return t("kpi.calendar", first=days[0], last=days[1], days=(days[1] - days[0]).days + 1)


def _shown(answer: Kpi) -> list[Card]:
    """The chosen cards that can be counted, in their order; the usual ones where nobody chose."""
    by_id = {card.id: card for card in answer.cards}
    chosen = session.state().settings.get(_CARDS)
    if isinstance(chosen, list):
        return [by_id[id_] for id_ in chosen if id_ in by_id]
    return [by_id[id_] for id_ in _usual(answer)]


def _usual(answer: Kpi) -> list[str]:
    found: list[str] = []
    for kind in _USUAL:
        of = [card for card in answer.cards if card.kind == kind]
        if kind == "drop_off":
            # The one that surely loses most: three customers who all left do not hide a loss of thousands.
            of = sorted(of, key=lambda card: -card.figure.low)[:1]
        found += [card.id for card in of]
    return found


def _card(card: Card, answer: Kpi) -> None:
    language, form = session.current().language, card.figure.form
    unclear = card.change not in ("up", "down")
    delta = changed(card.difference[0], form, language)
    if not unclear:
        # Streamlit tells down from up by a hyphen; it takes a minus sign for an increase.
        delta = delta.replace("−", "-")
    st.metric(
        demo.covered(called(card.figure, language)),
        valued(card.figure.value, form, language),
        delta=None if card.change == "none" else delta,
        delta_color="off" if unclear else "normal" if card.better == "up" else "inverse",
        delta_arrow="off" if unclear else "auto",
    )
    if card.change == "none":
        st.caption(t("kpi.change_none"))
    else:
        moved = t("kpi.row_interval", interval=interval(card, language))
        st.caption(literal(f"{t(f'kpi.change_{card.change}')} · {moved}"))
    if card.flips:
        _flag(card, answer)
    if len(card.series) > 1:
        drawn = trend(card, language=language, dark=session.is_dark())
        picture(drawn, key=f"kpi_trend_{card.id}", height=64)
    if card.goal is not None:
        st.caption(_goal_line(card, language))
    if not presenting.is_on():
        with st.popover(t("kpi.more"), icon=":material/info:", width="stretch"):
            _details(card, answer)


def _flag(card: Card, answer: Kpi) -> None:
    """The change goes the other way with the same mix; quietly where the change may be chance anyway."""
    moved = changed(card.mixed[0], card.figure.form, session.current().language)
    st.badge(
        t("kpi.flips"),
        icon=":material/swap_horiz:",
        color="gray" if card.change == "unclear" else "orange",
        help=md("kpi.flips_help", attribute=demo.covered(answer.weight_by or ""), moved=moved),
    )


def _goal_line(card: Card, language: str) -> str:
    """The goal, whether it is met, and whether chance alone could say otherwise."""
    assert card.goal is not None
    sign = "flag" if card.is_met else "outlined_flag"
    unsure = card.figure.has_interval and card.figure.low < card.goal < card.figure.high
    key = f"kpi.goal_{'met' if card.is_met else 'missed'}{'_unsure' if unsure else ''}"
    return f":material/{sign}: {literal(t(key, goal=valued(card.goal, card.figure.form, language)))}"


def _details(card: Card, answer: Kpi) -> None:
    """How it was counted, over how many, with which interval, against what; its goal, and the people."""
    st.markdown(f"**{literal(called(card.figure, session.current().language))}**")
    st.markdown(md(f"kpi.define_{card.kind}", **card.figure.values))
    st.markdown("\n".join(f"- {literal(line)}" for line in _told(card, answer)))
    st.caption(t("kpi.more_curve", days=(answer.period[1] - answer.period[0]).days + 1))
    _goal_input(card)
    is_open = session.widget(session.widget_key(_OPEN)) == card.id
    st.button(
        t("kpi.people_hide" if is_open else "kpi.people"),
        icon=":material/group:",
        key=f"kpi_people_{card.id}",
        on_click=session.put,
        args=(session.widget_key(_OPEN), None if is_open else card.id),
    )


def _told(card: Card, answer: Kpi) -> list[str]:
    """The figure of both periods with their days, and what lies between them."""
    language, form, figure = session.current().language, card.figure.form, card.figure
    now = {"value": valued(figure.value, form, language), "n": _n(card.kind, figure.n)}
    now["days"] = _calendar(answer.period)
    if figure.has_interval:
        ends = {name: valued(getattr(figure, name), form, language) for name in ("low", "high")}
        lines = [t("kpi.more_now", **now, **ends)]
    else:
        lines = [t("kpi.more_now_plain", **now)]
    if card.before is None or answer.before is None:
        return lines
    then = {"value": valued(card.before.value, form, language), "n": _n(card.kind, card.before.n)}
    lines.append(t("kpi.more_before", **then, days=_calendar(answer.before)))
    moved = {"moved": changed(card.difference[0], form, language), "interval": interval(card, language)}
    lines.append(t("kpi.more_change", **moved))
    if not math.isnan(card.mixed[0]):
        moved = {"moved": changed(card.mixed[0], form, language)}
        moved |= {"interval": interval(card, language, mixed=True)}
        lines.append(t("kpi.more_mixed", attribute=demo.covered(answer.weight_by or ""), **moved))
    return lines


def _n(kind: str, n: int) -> str:
    return t(f"kpi.n_{_N_OF.get(kind, 'customers')}", n=n)


def _goal_input(card: Card) -> None:
    """A share is typed as percent, a time in days, everything else as it stands there."""
    form, name = card.figure.form, f"goal.{card.id}"
    key = session.widget_key(name)
    scale = {"share": 0.01, "seconds": float(_DAY_SECONDS)}.get(form, 1.0)
    session.put(key, None if card.goal is None else round(card.goal / scale, 6))

    @session.later
    def keep() -> None:
        typed = session.widget(key)
        session.remember(name, None if typed is None else round(float(typed) * scale, 9))

    label = {"share": "kpi.goal_percent", "seconds": "kpi.goal_seconds"}.get(form, "kpi.goal_value")
    # Only of shares and scores the ends are known.
    ends = {"share": (0.0, 100.0), "score": (-100.0, 100.0)}.get(form, (0.0, _HIGHEST_GOAL))
    st.number_input(t(label), min_value=ends[0], max_value=ends[1], key=key, on_change=keep)


def _people(card: Card, answer: Kpi) -> None:
    """Who they are; of the days that are looked at, whatever else the page is filtered by."""
    rule = {
        "kpi": {
            "card": card.id,
            "days": [day.isoformat() for day in answer.period],
            **{name: value for name, value in answer.settings.items() if value is not None},
        }
    }
    said = t(
        "kpi.people_of", card=called(card.figure, session.current().language), now=_calendar(answer.period)
    )
    filters = {**filters_now(), "period": None}
    of = view_of(filters).n_customers
    if card.boxes is None:
        people.rule_panel(rule, said, of=of, key="kpi", filters=filters)
        return
    counts = dict(zip(BOXES, card.boxes, strict=True))
    box = st.segmented_control(
        t("kpi.people_box"),
        BOXES,
        format_func=lambda one: t("kpi.people_boxed", name=t(f"kpi.people_{card.kind}_{one}"), n=counts[one]),
        required=True,
        **session.kept("kpi.view.box", BOXES[0], BOXES),
    )
    named = f"{t(f'kpi.people_{card.kind}_{box}')} · {said}"
    people.answer_panel({"kpi": {**rule["kpi"], "box": box}}, named, of=of, filters=filters)


# ---- which cards, and what events mean --------------------------------------------------------------------


def _chooser(answer: Kpi, shown: Sequence[str]) -> None:
    language = session.current().language
    names = {card.id: demo.covered(called(card.figure, language)) for card in answer.cards}
    # What is chosen but cannot be counted now comes back when it can: it keeps its place.
    stored = session.state().settings.get(_CARDS)
    order = list(stored) if isinstance(stored, list) else list(shown)

    def moved(id_: str, by: int) -> Callable[[], None]:
        def move() -> None:
            visible = [one for one in order if one in names]
            at = visible.index(id_)
            if 0 <= at + by < len(visible):
                one, other = order.index(id_), order.index(visible[at + by])
                order[one], order[other] = order[other], order[one]
                session.remember(_CARDS, order)

        return session.later(move)

    with st.popover(t("kpi.choose"), icon=":material/dashboard_customize:"):
        st.caption(t("kpi.choose_help"))
        for id_ in [one for one in order if one in names]:
            mark = _mark(id_)
            with st.container(horizontal=True, vertical_alignment="center", key=f"kpi_row_{mark}"):
                st.markdown(literal(names[id_]), width=190)
                for sign, word, change in (
                    ("arrow_upward", "up", moved(id_, -1)),
                    ("arrow_downward", "down", moved(id_, 1)),
                    ("close", "remove", session.later(_without(order, id_))),
                ):
                    st.button(
                        f":material/{sign}:",
                        key=f"kpi_{word}_{mark}",
                        help=t(f"kpi.{word}"),
                        type="tertiary",
                        on_click=change,
                    )
        key = session.widget_key("kpi.add")
        others = [id_ for id_ in names if id_ not in order]

        @session.later
        def add() -> None:
            chosen = session.widget(key)
            if chosen:
                session.remember(_CARDS, [*order, chosen])
                session.put(key, None)

        if others:
            st.selectbox(
                t("kpi.add"),
                others,
                index=None,
                format_func=names.__getitem__,
                placeholder=t("kpi.add_hint"),
                key=key,
                on_change=add,
            )
        if isinstance(stored, list):
            usual = session.later(lambda: session.remember(_CARDS, None))
            st.button(t("kpi.usual"), key="kpi_usual", on_click=usual)


def _without(order: Sequence[str], id_: str) -> Callable[[], None]:
    return lambda: session.remember(_CARDS, [one for one in order if one != id_])


def _meanings(answer: Kpi) -> None:
    """Which events count as purchases, clicks and impressions; what is guessed is shown as chosen."""
    names = list(log().event_names)
    guessed: Mapping[str, Sequence[str]] = {what: getattr(answer, what) for what in _EVENTS}
    with st.popover(t("kpi.mean"), icon=":material/sell:"):
        st.caption(t("kpi.mean_help"))
        for what in _EVENTS:
            key = session.widget_key(f"kpi.{what}")
            session.put(key, list(guessed[what]))

            @session.later
            def keep(what: str = what, key: str = key) -> None:
                session.remember(f"kpi.{what}", session.widget(key) or None)

            st.multiselect(
                t(f"kpi.mean_{what}"), names, key=key, on_change=keep, placeholder=t("kpi.add_hint")
            )


def table(answer: Kpi) -> pd.DataFrame:
    """The answer's table with cards, changes and goals in words."""
    language = session.current().language
    met = {"yes": text("kpi.met_yes", language), "no": text("kpi.met_no", language), "": ""}
    return answer.table.assign(
        card=[called(card.figure, language) for card in answer.cards],
        change=[text(f"kpi.change_{change}", language) for change in answer.table["change"]],
        met=[met[one] for one in answer.table["met"]],
    )
