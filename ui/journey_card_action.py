"""What becomes of a card: of a pain point opportunities, of an opportunity a test and an improvement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from journey.projects.register import MOST_TESTS, Entry, entries, entry, planned
from journey.stages.board import LARGEST_POINTS, LONGEST_TEXT, STATES, Card
from journey.stages.board_actions import came_out_of, opportunity
from journey.stages.experiment_plan import LONGEST_NAME, Plan
from journey.stages.improvements import (
    IMPROVED,
    Improvement,
    is_lower,
    is_of_leaving,
    judged,
    measure_of,
    moved,
)
from ui import asked, moments, session, toasts
from ui.experiment_status import status_of
from ui.experiments_card import open_planner, open_register, open_results, status_badge, verdict_said
from ui.improvement_effects import effect, effect_said, effect_text, now_text
from ui.journey_card_fields import Place, change, field, open_card, short
from ui.journey_card_figures import Proposal, proposal
from ui.journey_card_trial import judged_said, trial_of
from ui.journey_map_links import link_said
from ui.navigation import go
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.planner_draft import DRAFT
from ui.words import literal, t

__all__ = ["is_opportunity", "part"]

_POINTS = range(1, LARGEST_POINTS + 1)


def part(place: Place) -> None:
    """Where it came from and what came of it, and the next step from here."""
    parent = place.board.cards.get(place.card.parent)
    if parent is not None and parent.id != place.card.id:
        _line("subdirectory_arrow_right", "came_from", place, parent)
    lane, is_more = place.board.lanes.get(place.card.lane), is_opportunity(place)
    if not is_more or (lane is not None and lane.kind == "pains"):
        _begin(place)
    if is_more:
        _improve(place)
        _test(place)
    for child in came_out_of(place.board, place.card.id):
        _line("lightbulb", "led_to", place, child)


def is_opportunity(place: Place) -> bool:
    """Does the card propose something, rather than say what is?"""
    card, lane = place.card, place.board.lanes.get(place.card.lane)
    given = (card.parent, card.hypothesis, card.test, card.state, card.effort, card.impact)
    return any(given) or (lane is not None and lane.kind == "opportunities")


def _line(icon: str, what: str, place: Place, other: Card) -> None:
    """Another card in a line, and the way to it; a file may say that each came out of the other."""
    says = t(f"map_card.{what}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/{icon}: {literal(says)} **{literal(short(other.text))}**", width="stretch")
        st.button(
            t("map_card.open"),
            type="tertiary",
            **once(f"one_card.{what}.{other.id}", open_card, place.board.id, other.id),
        )


# ---- from a pain point ----------------------------------------------------------------------------------


def _begin(place: Place) -> None:
    """Make an opportunity of what the card says; where it is bound, with the impact that is proposed."""
    st.markdown(t("map_card.opportunity_help"))
    found = proposal(place.card.link)
    if found is not None:
        _proposed(found)
    st.button(
        t("map_card.opportunity"),
        icon=":material/lightbulb:",
        type="primary",
        **once("one_card.opportunity", _make_opportunity, place, found.impact if found else 0),
    )


def _make_opportunity(place: Place, impact: int) -> None:
    id_, lane, (at, by) = new_id(), new_id(), now_and_who()
    words = t("map_card.opportunity_text", pain=short(place.card.text))
    edit = opportunity(
        place.board,
        place.card,
        id_=id_,
        text=words[:LONGEST_TEXT],
        lane=lane,
        impact=impact,
        at=at.isoformat(),
        by=by,
    )
    change(place.board.id, edit)
    toasts.say(t("map_card.opportunity_made"))
    open_card(place.board.id, id_)


def _proposed(found: Proposal) -> None:
    """What impact the friction score proposes, and by which rule."""
    st.caption(
        literal(t("map_card.proposed", impact=found.impact, name=found.name)),
        help=t(
            "map_card.proposed_rule",
            score=found.score,
            largest=found.largest,
            most=LARGEST_POINTS,
        ),
    )


# ---- an opportunity -------------------------------------------------------------------------------------


def _improve(place: Place) -> None:
    """Effort, impact and hypothesis, and how far it is as an improvement."""
    card = place.card
    with st.container(horizontal=True):
        for name in ("effort", "impact"):
            given = getattr(card, name)
            st.segmented_control(
                t(f"map_card.{name}"),
                _POINTS,
                help=t(f"map_card.{name}_help", most=LARGEST_POINTS),
                **field(place, name, given or None, lambda chosen: chosen or 0),
            )
    found = proposal(card.link)
    if found is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            _proposed(found)
            if found.impact != card.impact:
                st.button(
                    t("map_card.proposed_use"),
                    type="tertiary",
                    **once("one_card.impact", _set, place, {"impact": found.impact}),
                )
    st.text_area(
        t("map_card.hypothesis"),
        max_chars=LONGEST_TEXT,
        height=80,
        placeholder=t("map_card.hypothesis_hint"),
        **field(place, "hypothesis", card.hypothesis),
    )
    if card.state:
        _state(place)
    else:
        st.button(
            t("map_card.improve"),
            icon=":material/task_alt:",
            help=t("map_card.improve_help"),
            **once("one_card.improve", _make_improvement, place),
        )


def _set(place: Place, fields: dict[str, Any]) -> None:
    place.set(**fields)


def _make_improvement(place: Place) -> None:
    """Put it on the list of improvements; what it is bound to shows whether it helps."""
    change(place.board.id, moved(place.card, "found", moments.today()))
    toasts.say(t("map_card.improve_done"))


def _state(place: Place) -> None:
    """How far the improvement is and until when, whether it helped, and the way to all of them."""
    card = place.card
    said = {one: t(f"improvements.state_{one}") for one in STATES if one}
    said[""] = t("map_card.state_none")
    key = place.key("state")
    if session.widget(key) != card.state:
        session.put(key, card.state)

    def keep() -> None:
        now = Place.of(place.subject)
        change(now.board.id, moved(now.card, session.widget(key), moments.today()))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("map_card.state"),
            [*STATES[1:], ""],
            format_func=said.__getitem__,
            width=170,
            key=key,
            on_change=session.later(keep),
        )
        _date(place, "due", card.due)
        if card.state in IMPROVED:
            _date(place, "since", card.since)
    _measured(place)
    st.button(
        t("map_card.improvements"),
        icon=":material/arrow_forward:",
        type="tertiary",
        **once("one_card.improvements", _leave, "improvements"),
    )


def _measured(place: Place) -> None:
    """By what it is seen whether it helps, what that is now, and before and after where it is there."""
    card, measure, language = place.card, measure_of(place.card), session.current().language
    if not measure:
        st.caption(t("map_card.no_measure"))
        return
    now = now_text(card, language)
    said = t("map_card.measured_by", what=link_said(measure))
    st.markdown(f":material/straighten: {literal(said)} {f'**{literal(now)}**' if now else ''}")
    if not is_of_leaving(measure):
        _wished(place, measure)
    bound = measure_of(replace(card, measure={}))
    if bound and judged(measure, lower=False) != bound:
        st.button(
            t("map_card.measure_bound", what=link_said(bound)),
            type="tertiary",
            **once("one_card.measure", _set, place, {"measure": {}}),
        )
    found = effect(Improvement(place.board, card))
    if found is not None:
        told = " · ".join(filter(None, [effect_text(found, language), effect_said(found, language)]))
        st.markdown(f":material/monitoring: {literal(told)}")


def _wished(place: Place, measure: Mapping[str, Any]) -> None:
    """Whether more or less of it is better: nobody but the team knows that of an event."""
    key, shown = place.key("better"), "lower" if is_lower(measure) else "higher"
    if session.widget(key) != shown:
        session.put(key, shown)

    def keep() -> None:
        now = Place.of(place.subject)
        now.set(measure=judged(measure_of(now.card), lower=session.widget(key) == "lower"))

    st.segmented_control(
        t("map_card.better"),
        ["higher", "lower"],
        format_func=lambda one: t(f"map_card.better_{one}"),
        required=True,
        key=key,
        on_change=session.later(keep),
    )


def _date(place: Place, name: str, shown: str) -> None:
    """A day of the card: until when it is due, or since when it is there."""
    st.date_input(
        t(f"map_card.{name}"),
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        width=170,
        **field(place, name, _day(shown), lambda day: day.isoformat() if day else ""),
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _leave(page: str) -> None:
    asked.close()
    go(page)


# ---- the test that tries it -----------------------------------------------------------------------------


def _test(place: Place) -> None:
    """The test with how far it is and what was decided, or the ways to one."""
    st.markdown(f"**{t('map_card.test')}**")
    if not place.card.test:
        _plan(place)
        return
    found = entry(session.state().settings, place.card.test)
    if found is None:
        st.caption(t("map_card.test_gone"))
        _plan(place)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(literal(found.plan.name or t("experiments_register.nameless")), width="content")
        status_badge(found)
    if found.decision is not None:
        said = verdict_said(found.decision.verdict)
        why = f" — {literal(found.decision.why)}" if found.decision.why else ""
        st.markdown(f":material/gavel: **{literal(said)}**{why}")
    with st.container(horizontal=True):
        ways = {"register": open_register, "planner": open_planner, "results": open_results}
        if not found.plan.metrics or status_of(found) in ("idea", "planned"):
            del ways["results"]
        for name, way in ways.items():
            st.button(
                t(f"map_card.test_{name}"),
                type="tertiary",
                **once(f"one_card.test.{name}", _away, way, found.id),
            )
        st.button(
            t("map_card.test_drop"),
            icon=":material/link_off:",
            type="tertiary",
            **once("one_card.test.drop", _set, place, {"test": ""}),
        )


def _away(way: Any, id_: str) -> None:
    asked.close()
    way(id_)


def _plan(place: Place) -> None:
    """Plan a test with what the card knows, or name one that is written down already."""
    known = [one for one in entries(session.state().settings) if not one.is_archived]
    is_full = len(entries(session.state().settings)) >= MOST_TESTS
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            t("map_card.plan"),
            icon=":material/science:",
            disabled=is_full,
            help=t("map_card.plan_help"),
            **once("one_card.plan", _plan_test, place),
        )
        if known:
            _choose(place, known)
    if is_full:
        st.caption(t("experiments_register.full", most=MOST_TESTS))
    else:
        st.caption(literal(judged_said(trial_of(place.card))))


def _choose(place: Place, known: list[Entry]) -> None:
    names = {one.id: one.plan.name or t("experiments_register.nameless") for one in known}
    key = place.key("test")
    session.put(key, None)

    def keep() -> None:
        place.set(test=session.widget(key) or "")

    st.selectbox(
        t("map_card.test_known"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("map_card.test_known_hint"),
        label_visibility="collapsed",
        width=260,
        key=key,
        on_change=session.later(keep),
    )


def _plan_test(place: Place) -> None:
    """Write a test down with name, hypothesis and goal, tie both together, and go to the planner."""
    card, id_, (at, who) = place.card, new_id(), now_and_who()
    tried = trial_of(card)
    plan = Plan(
        name=" ".join(card.text.split())[:LONGEST_NAME],
        hypothesis=card.hypothesis,
        metrics=() if tried.metric is None else (tried.metric,),
    )
    session.edit(planned(id_, plan, at=at, by=who, owner=card.owner or who))
    place.set(test=id_)
    # The numbers of the draft before it are of another test.
    values = dict.fromkeys(("own_numbers", "guardrails", "goal", "better"))
    values |= {"start": tried.start}
    session.edit({"op": "settings", "values": {f"{DRAFT}{name}": one for name, one in values.items()}})
    asked.close()
    open_planner(id_)
