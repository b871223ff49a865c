"""One test of the register: how far it is, what was decided and learned, and the ways to change that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from journey.i18n import text
from journey.projects.register import (
    LONGEST_LEARNINGS,
    LONGEST_OWNER,
    LONGEST_WHY,
    STATUSES,
    VERDICTS,
    Decision,
    Entry,
    archived,
    decided,
    entry,
    learned,
    owned,
    put_to,
    removed,
)
from journey.reports.notebook import value_said
from ui import ask, asked, demo, map_origins, moments, presenting, session, toasts, veil
from ui.arms import arm_said
from ui.experiment_chosen import TEST
from ui.experiment_status import status_of
from ui.navigation import go
from ui.once import once, pressed
from ui.pinning import new_id, now_and_who
from ui.plan_form import saved_form
from ui.plan_metrics import called
from ui.planner_draft import DRAFT
from ui.words import literal, md, sentence, t

__all__ = [
    "DIALOGS",
    "OPEN",
    "SHOWN",
    "card",
    "finding_said",
    "open_planner",
    "open_register",
    "open_results",
    "status_badge",
    "verdict_said",
]

# The test that lies open for this person, here and on the page where tests are planned.
OPEN, SHOWN = "experiments_register.open", "experiments_register.shown"
_PLANNER = f"{DRAFT}open"
_PLANNING = "experiments_register.planning"
# A status that nobody says, which follows from the plan and what came of it.
_ITSELF = "itself"
_ICONS: Mapping[str, str] = {
    "ship": ":material/rocket_launch:",
    "keep": ":material/undo:",
    "extend": ":material/hourglass_top:",
    "stop": ":material/front_hand:",
}
_COLOURS: Mapping[str, str] = {
    "idea": "gray",
    "planned": "blue",
    "running": "orange",
    "ended": "violet",
    "decided": "green",
}


def open_results(test: str) -> None:
    """Go to the results of a test: of an id, or of a source as JSON."""
    session.remember(TEST, test)
    go("experiment")


def open_planner(id_: str | None = None) -> None:
    """Go where size and length are worked out: of a test that is written down, or of a new one."""
    session.remember(_PLANNER, id_)
    go("planner")


def open_register(id_: str) -> None:
    """Go to a test in the register, laid open, whatever was looked at there before."""
    session.edit({"op": "settings", "values": {OPEN: id_, SHOWN: None}})
    go("experiments_register")


def status_badge(one: Entry) -> None:
    """How far a test is today."""
    status = status_of(one)
    st.badge(t(f"experiments_register.status_{status}"), color=_COLOURS[status])  # type: ignore[arg-type]


def verdict_said(verdict: str) -> str:
    """What was decided, in a word."""
    return t(f"experiments_register.verdict_{verdict}")


def finding_said(decision: Decision, language: str) -> str:
    """What the result said when it was decided."""
    said = decision.finding
    return "" if said is None else text(said.code, language, **said.values)


def card(one: Entry) -> None:
    """A test with what holds of it; the one that lies open with all that can be changed."""
    is_open = session.state().settings.get(OPEN) == one.id and not presenting.is_on()
    with st.container(border=True, key=f"register_{one.id}"):
        _head(one)
        if one.decision is not None:
            _decision(one.decision)
        if one.learnings and not is_open:
            st.markdown(f":material/lightbulb: {literal(veil.veiled(one.learnings))}")
        if not presenting.is_on():
            _ways(one, is_open)
        if is_open:
            _opened(one)


def _head(one: Entry) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        name = one.plan.name or t("experiments_register.nameless")
        st.markdown(f"**{literal(veil.veiled(name))}**", width="content")
        status_badge(one)
        if one.is_archived:
            st.badge(t("experiments_register.put_away"), icon=":material/archive:", color="gray")
    facts = [*_facts(one)]
    if facts:
        st.caption(literal(" · ".join(facts)))
    if one.plan.hypothesis:
        st.markdown(literal(veil.veiled(one.plan.hypothesis)))
    map_origins.told(one.id, f"register.{one.id}")


def _facts(one: Entry) -> list[str]:
    plan, facts = one.plan, []
    if plan.starts or plan.ends:
        first, last = (moment and t("planner.day", day=moment) for moment in (plan.starts, plan.ends))
        facts.append(f"{first or ''} – {last or ''}".strip())
    if plan.primary is not None:
        facts.append(t("experiments_register.judged_by", metric=veil.veiled(called(plan.primary))))
    if plan.arms:
        facts.append(" / ".join(arm_said(plan.source, arm) for arm in plan.arms))
    if plan.planned:
        facts.append(t(f"experiments_register.planned_size_{plan.unit}", n=plan.planned))
    if one.owner:
        facts.append(t("experiments_register.owned_by", who=demo.called(one.owner)))
    return facts


def _decision(one: Decision) -> None:
    """What was decided, why, by whom and when, and what the result said then."""
    why = f" — {literal(veil.veiled(one.why))}" if one.why else ""
    st.markdown(f"{_ICONS[one.verdict]} **{literal(verdict_said(one.verdict))}**{why}")
    if one.finding is not None:
        figure = value_said(one.headline, session.current().language)
        beside = f" :gray[{literal(figure)}]" if figure else ""
        st.markdown(
            f":gray[{t('experiments_register.then')}] {sentence(veil.veiled_finding(one.finding))}{beside}"
        )
    told = [_by("decided", one.by, one.at)]
    if one.advised and one.advised != one.verdict:
        told.append(t("experiments_register.against", advised=verdict_said(one.advised)))
    st.caption(literal(" · ".join(told)))


def _by(done: str, by: str, at: dt.datetime) -> str:
    """Who did it and when; a project without login knows nobody by name."""
    who, when = demo.called(by), moments.since(at)
    if who:
        return t(f"experiments_register.{done}_by", who=who, at=when)
    return t(f"experiments_register.{done}_when", at=when)


# ---- what can be done -----------------------------------------------------------------------------------


def _ways(one: Entry, is_open: bool) -> None:
    """The page of results, the details, and the menu of what is seldom done."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"register_ways_{one.id}"):
        # An idea without metrics has no results of its own, even where there is only one file to look into.
        if one.plan.metrics and ask.plans().place(one.plan.source) is not None:
            st.button(
                t("experiments_register.results"),
                icon=":material/science:",
                **once(f"register.results.{one.id}", open_results, one.id),
            )
        st.button(
            t("experiments_register.close" if is_open else "experiments_register.open"),
            icon=":material/expand_less:" if is_open else ":material/expand_more:",
            type="tertiary",
            **once(f"register.open.{one.id}", session.remember, OPEN, None if is_open else one.id),
        )
        if demo.is_on():
            return
        away = "unarchive" if one.is_archived else "archive"
        ways = {way: t(f"experiments_register.menu_{way}") for way in (away, "remove")}
        picked = pressed(
            st.menu_button,
            t("experiments_register.menu"),
            list(ways),
            format_func=ways.__getitem__,
            type="tertiary",
            key=f"register.menu.{one.id}",
        )
    if picked == away:
        session.edit(archived(session.state().settings, one.id, not one.is_archived))
        st.rerun()
    if picked == "remove":
        asked.ask("drop_test", one.id)
        st.rerun()


def _opened(one: Entry) -> None:
    if demo.is_on():
        st.caption(t("plan_form.demo"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = {status: t(f"experiments_register.status_{status}") for status in STATUSES}
        itself = status_of(replace(one, status=""))
        said = {_ITSELF: t("experiments_register.status_itself", status=said[itself])} | said
        st.selectbox(
            t("experiments_register.status"),
            list(said),
            format_func=said.__getitem__,
            help=t("experiments_register.status_help"),
            width=210,
            **_kept(
                one,
                "status",
                one.status or _ITSELF,
                lambda now, value: put_to(now, one.id, None if value == _ITSELF else value),  # type: ignore[arg-type]
            ),
        )
        st.text_input(
            t("experiments_register.owner"),
            max_chars=LONGEST_OWNER,
            width=200,
            **_kept(one, "owner", one.owner, lambda now, value: owned(now, one.id, value)),
        )
        _decide(one)
    st.text_area(
        t("experiments_register.learnings"),
        max_chars=LONGEST_LEARNINGS,
        placeholder=t("experiments_register.learnings_hint"),
        **_kept(one, "learnings", one.learnings, lambda now, value: _learnings(now, one.id, value)),
    )
    if one.learned_at is not None:
        st.caption(literal(_by("learned", one.learned_by, one.learned_at)))
    for earlier in reversed(one.decisions[:-1]):
        st.markdown(f"**{t('experiments_register.earlier')}**")
        _decision(earlier)
    if isinstance(salt := one.draw.get("salt"), str):
        st.caption(md("experiments_register.salt", salt=salt))
    _plan(one)


def _kept(
    one: Entry, what: str, value: str, change: Callable[[Mapping[str, object], str], Mapping[str, object]]
) -> dict[str, object]:
    """Arguments of a widget that shows a fact of the test and changes it."""
    key = session.widget_key(f"register.{one.id}.{what}")
    session.put(key, value)

    def keep() -> None:
        session.edit(change(session.state().settings, session.widget(key)))

    return {"key": key, "on_change": session.later(keep)}


def _learnings(now: Mapping[str, object], id_: str, words: str) -> Mapping[str, object]:
    at, who = now_and_who()
    return learned(now, id_, words, at=at, by=who)


def _decide(one: Entry) -> None:
    """A decision that was taken elsewhere than on the page of results."""
    verdict, why = (session.widget_key(f"register.{one.id}.{what}") for what in ("verdict", "why"))
    said = {code: f"{_ICONS[code]} {verdict_said(code)}" for code in VERDICTS}

    def keep() -> None:
        at, who = now_and_who()
        words = str(session.widget(why) or "")
        verdict_now = session.widget(verdict) or VERDICTS[0]
        now = session.state().settings
        session.edit(decided(now, one.id, new_id(), verdict_now, why=words, at=at, by=who))
        session.put(why, "")
        toasts.say(t("experiments_register.decided"))

    with st.popover(t("experiments_register.decide"), icon=":material/gavel:"):
        st.segmented_control(
            t("experiments_register.verdict"), VERDICTS, format_func=said.__getitem__, key=verdict
        )
        st.text_area(t("experiments_register.why"), max_chars=LONGEST_WHY, key=why)
        st.button(
            t("experiments_register.decide_yes"),
            type="secondary" if session.widget(verdict) is None else "primary",
            disabled=session.widget(verdict) is None,
            **once(f"register.decide.{one.id}", keep),
        )
        st.caption(t("experiments_register.decide_help"))


def _plan(one: Entry) -> None:
    """The plan: to be read, and where somebody wishes to change it the form."""
    key = session.widget_key(_PLANNING)
    with st.container(horizontal=True, vertical_alignment="center"):
        is_on = st.toggle(
            t("experiments_register.change_plan"), key=f"{key}.{one.id}", value=not one.plan.metrics
        )
        st.button(
            t("experiments_register.to_planner"),
            icon=":material/calculate:",
            type="tertiary",
            **once(f"register.planner.{one.id}", open_planner, one.id),
        )
    if not is_on:
        return
    if status_of(one) in ("running", "ended", "decided"):
        st.caption(t("experiments_register.late"))
    saved_form(one.id)


# ---- dialogs --------------------------------------------------------------------------------------------


def _drop(id_: str) -> None:
    """What goes with a test, and that archiving would keep it."""
    found = entry(session.state().settings, id_)
    if found is None:
        asked.close()
        st.rerun()
    name = found.plan.name or t("experiments_register.nameless")
    st.markdown(md("experiments_register.drop_what", name=name))
    if found.decisions:
        st.warning(t("experiments_register.drop_decisions", n=len(found.decisions)), icon=":material/gavel:")
    st.caption(t("experiments_register.drop_final"))
    asked.decide("drop_test", t("experiments_register.drop_yes"), ":material/delete:", _dropped, id_)


def _dropped(id_: str) -> None:
    session.edit(removed(session.state().settings, id_))
    asked.close()


DIALOGS: Mapping[str, Callable[[str], None]] = {"drop_test": _drop}
