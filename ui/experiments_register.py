"""All tests of the project: those that somebody wrote down, and those that only the data know of."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from journey.i18n import text
from journey.projects.register import MOST_TESTS, STATUSES, Entry, entries, planned
from journey.reports.notebook import value_said
from journey.stages.experiment_plan import LONGEST_NAME, MOST_ARMS, Arm, Plan
from ui import ask, demo, history, moments, presenting, sample_tests, session, veil
from ui.arms import arm_said
from ui.experiment_status import status_of
from ui.experiments_card import OPEN, SHOWN, card, finding_said, open_planner, open_results, verdict_said
from ui.files import as_table
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.plan_metrics import called
from ui.words import literal, t

__all__ = ["begin", "cards", "chosen", "need_project", "table", "unwritten"]

_ALL, _ARCHIVED = "all", "archived"
_COUNT, _AT_ONCE = "experiments_register.count", 20
_MOST_FOUND = 30


def need_project() -> None:
    """Go on only with a project, which keeps the tests."""
    history.need_project(t("experiments_register.no_project"), ":material/inventory:")


def _entries() -> tuple[Entry, ...]:
    return entries(session.state().settings)


def begin() -> None:
    """Write a test down that there are no data of, or plan its size first."""
    if presenting.is_on() or demo.is_on():
        return
    is_full = len(_entries()) >= MOST_TESTS
    with st.container(horizontal=True, key="controls"):
        st.button(
            t("experiments_register.new"),
            type="secondary" if is_full else "primary",
            icon=":material/add:",
            disabled=is_full,
            **once("register.new", _write_down, Plan()),
        )
        st.button(
            t("experiments_register.plan"), icon=":material/edit_note:", **once("register.plan", open_planner)
        )
    if is_full:
        st.caption(t("experiments_register.full", most=MOST_TESTS))


def _write_down(plan: Plan) -> None:
    """Make an entry of a plan, and lay it open."""
    id_, (at, who) = new_id(), now_and_who()
    session.edit(planned(id_, plan, at=at, by=who, owner=who))
    session.edit({"op": "settings", "values": {OPEN: id_, SHOWN: None}})


# ---- only in the data -----------------------------------------------------------------------------------


def unwritten() -> None:
    """Tests that the data know of and nobody wrote down yet."""
    found = _unwritten()
    if not found or presenting.is_on():
        return
    with st.container(border=True, key="register_found"):
        st.markdown(f":material/database: **{t('experiments_register.found', n=len(found))}**")
        for place, plan in enumerate(found[:_MOST_FOUND]):
            with st.container(horizontal=True, vertical_alignment="center", key=f"register_found_{place}"):
                arms = ", ".join(demo.covered(one.label) for one in plan.arms)
                metrics = ", ".join(demo.covered(called(one)) for one in plan.metrics)
                with st.container(gap="xsmall", width="stretch"):
                    st.markdown(f"**{literal(plan.name or t('experiments_register.nameless'))}**")
                    st.caption(literal(" · ".join(filter(None, [arms, metrics]))))
                with st.container(horizontal=True, width="content"):
                    st.button(
                        t("experiments_register.results"),
                        icon=":material/science:",
                        type="tertiary",
                        **once(f"register.look.{place}", open_results, _key(plan)),
                    )
                    st.button(
                        t("experiments_register.write_down"),
                        icon=":material/edit_note:",
                        disabled=demo.is_on() or len(_entries()) >= MOST_TESTS,
                        **once(f"register.take.{place}", _write_down, plan),
                    )
        if len(found) > _MOST_FOUND:
            st.caption(t("experiments_register.found_more", n=len(found) - _MOST_FOUND))


def _unwritten() -> list[Plan]:
    data = session.state().data
    if data is None or not data.has_experiments:
        return []
    proposed = {_key(plan): plan for plan in ask.plainly("proposed_plans", {}, {})}
    places = [one for one in ask.plans().places if "attribute" not in one.source]
    for one in places:
        name = next(iter(one.source.values()))
        plan = Plan(
            (name or "")[:LONGEST_NAME], source=one.source, arms=tuple(map(Arm, one.labels[:MOST_ARMS]))
        )
        proposed.setdefault(_key(plan), plan)
    known = [ask.plans().place(one.plan.source) for one in _entries()]
    taken = {_key(Plan(source=place.source)) for place in known if place is not None}
    return [plan for key, plan in proposed.items() if key not in taken]


def _key(plan: Plan) -> str:
    """Where the results of a plan stand, as the page of results names a test that nobody wrote down."""
    return json.dumps(dict(plan.source), ensure_ascii=False)


# ---- those written down ---------------------------------------------------------------------------------


def chosen() -> tuple[Entry, ...]:
    """The tests of the status that is chosen; those put away only where these are."""
    known = _entries()
    if not known:
        st.info(t("experiments_register.empty"), icon=":material/inventory:")
        if not _unwritten():
            sample_tests.offer()
        return ()
    counts = {one: sum(_has(entry, one) for entry in known) for one in (_ALL, *STATUSES, _ARCHIVED)}
    options = [one for one, n in counts.items() if n or one == _ALL]
    said = {one: t(f"experiments_register.shown_{one}", n=counts[one]) for one in options}
    kept = session.kept(SHOWN, _ALL, options)
    if len(options) > 2 and not presenting.is_on():
        st.segmented_control(
            t("experiments_register.shown"),
            options,
            format_func=said.__getitem__,
            required=True,
            label_visibility="collapsed",
            **kept,
        )
    wanted = session.widget(kept["key"], _ALL)
    return tuple(entry for entry in known if _has(entry, wanted))


def _has(entry: Entry, shown: str) -> bool:
    if shown == _ARCHIVED:
        return entry.is_archived
    return not entry.is_archived and shown in (_ALL, status_of(entry))


def cards(shown: Sequence[Entry]) -> None:
    """A card a test, the newest first; of many a page at a time."""
    key = session.widget_key(_COUNT)
    count = session.widget(key, _AT_ONCE)
    for entry in shown[:count]:
        card(entry)
    if len(shown) > count:
        st.button(
            t("experiments_register.more", n=min(_AT_ONCE, len(shown) - count)),
            icon=":material/expand_more:",
            **once("register.more", session.put, key, count + _AT_ONCE),
        )


def table(shown: Sequence[Entry]) -> None:
    """The same as a table, on the screen and as files."""
    if not shown or presenting.is_on():
        return
    frame = _frame(shown, session.current().language)
    as_table(frame, t("page.experiments_register.title"), key="register")


def _frame(shown: Sequence[Entry], language: str) -> pd.DataFrame:
    """One row a test: plan, decision and learnings, as text where people wrote it."""
    rows = []
    for one in shown:
        plan, decision = one.plan, one.decision
        rows.append(
            {
                "test": plan.name,
                "progress": text(f"experiments_register.status_{status_of(one)}", language),
                "hypothesis": plan.hypothesis,
                "arms": ", ".join(arm_said(plan.source, arm) for arm in plan.arms),
                "primary_metric": "" if plan.primary is None else called(plan.primary),
                "first_day": "" if plan.starts is None else plan.starts.isoformat(),
                "last_day": "" if plan.ends is None else plan.ends.isoformat(),
                "planned_size": plan.planned,
                "test_owner": demo.called(one.owner),
                "decision": "" if decision is None else verdict_said(decision.verdict),
                "decided_why": "" if decision is None else decision.why,
                "decided_at": "" if decision is None else f"{moments.here(decision.at):%Y-%m-%d %H:%M}",
                "decided_who": "" if decision is None else demo.called(decision.by),
                "result_then": "" if decision is None else finding_said(decision, language),
                "figure_then": "" if decision is None else value_said(decision.headline, language),
                "learnings": one.learnings,
            }
        )
    frame = pd.DataFrame(rows).astype({"planned_size": "Int64"})
    texts = frame.select_dtypes(exclude="number").columns
    return frame.assign(**{name: frame[name].map(_covered) for name in texts})


def _covered(words: str) -> str:
    return demo.covered(veil.veiled(words)) if words else ""
