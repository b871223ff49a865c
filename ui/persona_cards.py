"""The cards of personas: who a segment is, its own small Sankey, what sets it apart, and what can be done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.aggregates.portraits import ASSUMED, Persona
from journey.analysis.personas import Personas
from journey.charts.flows import flows_chart
from journey.charts.persona_apart import differences
from journey.charts.persona_words import evidence_words, fact_words, grouped
from journey.charts.personas import portrait
from ui import demo, persona_links, presenting, session
from ui.ask import again, filters_now
from ui.people import rule_panel
from ui.personas import Chosen, Group, text_setting
from ui.picture import picture
from ui.words import literal, md, sentence, t

__all__ = ["gallery"]

# Of fewer customers a card says so.
_FEW = 30
_WAY: Mapping[str, Any] = {"steps": 4, "nodes": 6, "group": "stage"}
_WAY_SIZE = {"width": 560, "height": 270}
_BADGES = {"measured": "gray", "partly": "orange"}
_LONGEST = 400
_OPEN = "personas.open"


def gallery(answer: Personas, chosen: Chosen) -> None:
    """What the segments say together, and a card for each; while presenting one at a time."""
    for lost, problem in chosen.lost:
        said = md("personas.note_lost", name=demo.covered(lost.shown))
        st.warning(f"{said} {sentence(problem)}", icon=":material/warning:")
    if not answer.personas:
        if chosen.groups:
            st.info(sentence(answer.finding), icon=":material/info:")
        return
    st.markdown(f"**{sentence(answer.finding)}**")
    by_id = {one.id: one for one in chosen.groups}
    shown = list(enumerate(answer.personas))
    if presenting.is_on():
        at = presenting.leaf(len(shown), "personas")
        shown = shown[at : at + 1]
        if len(answer.personas) > 1:
            st.caption(t("personas.leaf", at=at + 1, of=len(answer.personas)))
    for place, one in shown:
        with st.container(border=True, key=f"persona_card_{place}"):
            _card(place, one, by_id[one.id], answer)


def _card(place: int, one: Persona, group: Group, answer: Personas) -> None:
    look = {"language": session.current().language, "dark": session.is_dark()}
    face, head = st.columns([2, 5], vertical_alignment="center")
    with face:
        picture(portrait(answer, one, **look), key=f"persona_face_{place}")
        if one.standing:
            st.caption(t("personas.standing_help"))
    with head:
        _head(one, group, answer)
    facts, pictures = st.columns([6, 5], gap="medium")
    with facts:
        _facts(one, answer, look["language"])
        _assumed(one, group)
    with pictures:
        _way(place, group, look)
        st.markdown(f"**{t('personas.group_apart')}**")
        drawn = differences(answer, one, **look)
        if drawn is None:
            st.caption(t("personas.apart_none"))
        else:
            picture(drawn, key=f"persona_apart_{place}")
            st.caption(t("personas.apart_counted"))
    if presenting.is_on() or group.rule is None:
        return
    key = session.widget_key(_OPEN)
    is_open = session.widget(key) == one.id
    with st.container(horizontal=True, key=f"persona_do_{place}"):
        st.button(
            t("personas.people_hide" if is_open else "personas.people"),
            icon=":material/group:",
            key=f"persona_people_{place}",
            on_click=session.put,
            args=(key, None if is_open else one.id),
        )
        persona_links.buttons(place, group, is_suggested=one.id == answer.target)
    if is_open:
        rule_panel(group.rule, group.shown, of=answer.n_customers, key="personas", whole=True)


def _head(one: Persona, group: Group, answer: Personas) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(one.name), anchor=False, width="content")
        if persona_links.is_goal(group):
            st.badge(t("personas.goal_here"), icon=":material/flag:", color="green")
        if one.id == answer.target:
            st.badge(
                t("personas.suggested"),
                icon=":material/ads_click:",
                color="blue",
                help=t("personas.suggested_why"),
            )
    ends = {name: t("page.flows.share", share=getattr(one, name)) for name in ("share", "low", "high")}
    number = t("page.flows.number", n=one.customers)
    st.caption(literal(t("personas.card_size", n=number, **ends)))
    if one.customers < _FEW:
        st.caption(f":material/info: {t('personas.few', n=one.customers)}")
    figures = _figures(one)
    for column, (name, value) in zip(st.columns(max(len(figures), 1)), figures, strict=False):
        column.metric(t(f"personas.value_{name}"), value)


def _figures(one: Persona) -> list[tuple[str, str]]:
    """The figures that stand large; of what is not known nothing."""
    found = []
    if not math.isnan(one.revenue_share):
        found.append(("revenue_share", t("page.flows.share", share=one.revenue_share)))
        found.append(("clv", t("page.flows.number", n=round(one.clv))))
    if one.orders:
        found.append(("buyers", t("page.flows.share", share=one.buyers / one.customers)))
    if not math.isnan(one.aov):
        found.append(("aov", t("page.flows.number", n=round(one.aov))))
    return found


def _facts(one: Persona, answer: Personas, language: str) -> None:
    """What was measured, under small headings, each with how well it is known and of how many."""
    for name, facts in grouped(one).items():
        if name == "apart":
            continue  # it is drawn
        lines = [f"**{t(f'personas.group_{name}')}**"]
        for fact in facts:
            known = literal(evidence_words(fact, language))
            said = literal(fact_words(fact, answer.offers, language))
            lines.append(f"- {said} :{_BADGES[fact.evidence]}-badge[{known}]")
        st.markdown("\n".join([lines[0], "", *lines[1:]]))


def _assumed(one: Persona, group: Group) -> None:
    """What the team says of them beside what was measured, and the fields to write it."""
    if one.assumed:
        badge = f":violet-badge[{literal(t('personas.evidence_assumed'))}]"
        lines = [
            f"- {literal(t(f'personas.text_{what}'))}: {literal(said)} {badge}"
            for what, said in one.assumed.items()
        ]
        st.markdown("\n".join([f"**{t('personas.group_assumed')}**", "", *lines]))
    # What is typed is shown as it is, so nobody types in demo mode.
    if presenting.is_on() or demo.is_on():
        return
    with st.popover(t("personas.texts_edit"), icon=":material/edit_note:"):
        st.caption(t("personas.texts_help"))
        for what in ASSUMED:
            st.text_area(
                t(f"personas.text_{what}"),
                max_chars=_LONGEST,
                height="content",
                **session.kept(text_setting(group.id, what), ""),
            )


def _way(place: int, group: Group, look: dict[str, Any]) -> None:
    """The question of the flows, asked of this segment alone."""
    filters = filters_now()
    if group.rule is not None:
        rules = [rule for rule in (filters["segment"], dict(group.rule)) if rule]
        filters |= {"segment": {"all": rules} if len(rules) > 1 else rules[0]}
    answer = again("flows", _WAY, filters)
    if answer.table.empty:
        return
    st.markdown(f"**{t('personas.way_of', n=_WAY['steps'])}**")
    with st.container(key=f"beside_flows_persona_{place}"):
        picture(flows_chart(answer, **look, **_WAY_SIZE), key=f"persona_way_{place}")
