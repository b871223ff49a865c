"""What a card is bound to, the figure that follows from it, and how sure that makes what the card says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from journey.aggregates.stage_measures import MEASURES
from journey.charts.bound_words import evidence_name, measure_name
from journey.stages.search import found as matching
from ui import session
from ui.ask import counts, saved
from ui.journey_card_fields import Place
from ui.journey_card_figures import told_of
from ui.journey_map_links import link_said, pinned
from ui.map_measures import has_data
from ui.once import once
from ui.words import literal, t

__all__ = ["badge", "figure", "part"]

_MOST_FOUND = 50
_ICONS = {"measured": "verified", "partly": "rule", "assumed": "help"}
_COLOURS: Mapping[str, Any] = {"measured": "green", "partly": "orange", "assumed": "gray"}
Link = dict[str, str]


def badge(place: Place) -> None:
    """How sure the card is: measured, partly or assumed, and why, which is counted and not typed."""
    told = told_of(place.card)
    st.badge(
        evidence_name(told.evidence, session.current().language),
        icon=f":material/{_ICONS[told.evidence]}:",
        color=_COLOURS[told.evidence],
        help=told.why,
    )


def part(place: Place) -> None:
    """What it is bound to, with today's figure, and the choice of something else."""
    card = place.card
    if card.link:
        figure(place)
        st.button(
            t("map_card.unbind"),
            icon=":material/link_off:",
            type="tertiary",
            **once("one_card.unbind", _bind, place, {}),
        )
    else:
        st.caption(t("map_card.bind_help"))
    _choice(place)


def figure(place: Place) -> None:
    """What it is bound to, with today's figure and how sure that is."""
    told = told_of(place.card)
    with st.container(border=True, gap="xsmall"):
        said = f":material/link: {literal(link_said(place.card.link))}"
        if told.value:
            st.metric(said, told.value)
            st.caption(literal(told.about))
        else:
            st.markdown(said)
            st.caption(t("map_card.no_figure"))
        st.caption(f"{told.why} {t('map_card.all_data')}" if has_data() else told.why)


def _choice(place: Place) -> None:
    """The kinds that the project has something of, and what there is of the one that is chosen."""
    kinds = _kinds()
    if not kinds:
        st.caption(t("map_card.bind_nothing"))
        return
    key = place.key("bind.kind")
    shown = session.widget(key)
    if shown not in kinds:
        shown = place.card.link.get("kind")
        session.put(key, shown if shown in kinds else None)
    said = {kind: t(f"map_card.bind_{kind}") for kind in kinds}
    st.selectbox(
        t("map_card.bind"),
        list(kinds),
        index=None,
        format_func=said.__getitem__,
        placeholder=t("map_card.bind_hint"),
        key=key,
    )
    kind = session.widget(key)
    if kind in kinds:
        kinds[kind](place)


def _kinds() -> dict[str, Callable[[Place], None]]:
    """Kind of a link -> its controls; what the project has nothing of is left out."""
    found: dict[str, Callable[[Place], None]] = {}
    if has_data():
        stages = session.state().stage_map.stages
        if stages:
            found["stage"] = _stage
        found["event"] = _event
        if len(stages) > 1:
            found["link"] = _link
        found["friction"] = _friction
        if saved():
            found["segment"] = _segment
    if pinned():
        found["answer"] = _answer
    return found


def _bind(place: Place, link: Link) -> None:
    place.set(link=link)


def _stages() -> dict[str, str]:
    return {one.id: one.name for one in session.state().stage_map.stages}


def _pick(
    place: Place, name: str, options: Mapping[str, str], now: str | None, link: Callable[[str], Link]
) -> None:
    """A choice that binds the card at once to what `link` makes of it."""
    key = place.key(f"bind.{name}")
    shown = now if now in options else None
    if session.widget(key) != shown:
        session.put(key, shown)

    def keep() -> None:
        chosen = session.widget(key)
        if chosen is not None:
            _bind(place, link(chosen))

    st.selectbox(
        t(f"map_card.bind_{name}"),
        list(options),
        index=None,
        format_func=options.__getitem__,
        placeholder=t("map_card.bind_which"),
        key=key,
        on_change=session.later(keep),
    )


def _of(place: Place, kind: str, name: str) -> str | None:
    """What the card is bound to now, if it is bound to something of this kind."""
    link = place.card.link
    return str(link[name]) if link.get("kind") == kind and name in link else None


def _stage(place: Place) -> None:
    """A stage, and which of the figures in its head: reach where nothing else was chosen."""
    language = session.current().language
    names = {measure: measure_name(measure, language) for measure in MEASURES}
    key, now = place.key("bind.measure"), _of(place, "stage", "stage")
    wished = _of(place, "stage", "measure") or MEASURES[0] if now else session.widget(key)
    if session.widget(key) != wished or wished not in names:
        session.put(key, wished if wished in names else MEASURES[0])

    def link(chosen: str) -> Link:
        measure = session.widget(key) or MEASURES[0]
        more = {} if measure == MEASURES[0] else {"measure": measure}
        return {"kind": "stage", "stage": chosen, **more}

    def keep() -> None:
        if chosen := _of(Place.of(place.subject), "stage", "stage"):
            _bind(place, link(chosen))

    with st.container(horizontal=True):
        _pick(place, "of_stage", _stages(), now, link)
        st.selectbox(
            t("map_card.bind_measure"),
            list(names),
            format_func=names.__getitem__,
            width=260,
            key=key,
            on_change=session.later(keep),
        )


def _link(place: Place) -> None:
    """Two stages, the first that of the card where none was chosen: bound as soon as both are."""
    names, ends = _stages(), ("from", "to")
    keys = {end: place.key(f"bind.{end}") for end in ends}
    beginnings = {"from": place.card.stage, "to": None}
    for end in ends:
        if session.widget(keys[end]) not in names:
            now = _of(place, "link", end) or beginnings[end]
            session.put(keys[end], now if now in names else None)

    def keep() -> None:
        first, then = (session.widget(keys[end]) for end in ends)
        if first and then and first != then:
            _bind(place, {"kind": "link", "from": first, "to": then})

    with st.container(horizontal=True):
        for end in ends:
            st.selectbox(
                t(f"map_card.bind_{end}"),
                list(names),
                index=None,
                format_func=names.__getitem__,
                placeholder=t("map_card.bind_which"),
                width=260,
                key=keys[end],
                on_change=session.later(keep),
            )
    if session.widget(keys["from"]) and session.widget(keys["from"]) == session.widget(keys["to"]):
        st.caption(t("map_card.bind_same"))


def _event(place: Place) -> None:
    now = _of(place, "event", "event")
    _event_of(place, "event", now, lambda chosen: {"kind": "event", "event": chosen})


def _event_of(place: Place, name: str, now: str | None, link: Callable[[str], Link]) -> None:
    """An event, looked for by a part of its name: a log may have tens of thousands."""
    known = counts()
    typed = st.text_input(
        t("map_card.bind_search"),
        placeholder=t("map_card.bind_search_hint"),
        key=place.key(f"bind.{name}.search"),
    )
    rows = dict(zip(known.names, known.rows.tolist(), strict=True))
    names = matching(rows, typed) if typed.strip() else list(rows)
    best = sorted(names, key=lambda one: (-rows[one], one))[:_MOST_FOUND]
    if not best:
        st.caption(t("map_card.bind_none"))
        return
    offered = dict.fromkeys([*([now] if now in rows else []), *best])
    _pick(place, "of_event", {one: one for one in offered}, now, link)
    if len(names) > len(best):
        st.caption(t("map_card.bind_more", n=len(names) - len(best)))


def _friction(place: Place) -> None:
    """A line of the friction score: of a stage, or of an event."""
    key, kinds = place.key("bind.of"), ["stage", "event"] if _stages() else ["event"]
    if session.widget(key) not in kinds:
        now = _of(place, "friction", "of")
        session.put(key, now if now in kinds else kinds[0])
    of = st.segmented_control(
        t("map_card.bind_of"),
        kinds,
        format_func=lambda one: t(f"map_card.bind_{one}"),
        required=True,
        label_visibility="collapsed",
        key=key,
    )
    is_same = _of(place, "friction", "of") == of
    now = _of(place, "friction", "name") if is_same else None

    def link(chosen: str) -> Link:
        return {"kind": "friction", "of": of, "name": chosen}

    if of == "event":
        _event_of(place, "friction", now, link)
    else:
        _pick(place, "of_stage", _stages(), now, link)


def _segment(place: Place) -> None:
    names = {one.id: one.name for one in saved()}
    now = _of(place, "segment", "segment")
    _pick(place, "of_segment", names, now, lambda chosen: {"kind": "segment", "segment": chosen})


def _answer(place: Place) -> None:
    now = _of(place, "answer", "cell")
    _pick(place, "of_answer", pinned(), now, lambda chosen: {"kind": "answer", "cell": chosen})
