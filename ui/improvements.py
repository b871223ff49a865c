"""What the team does about its journey: which opportunity first, how far each is, and whether it helped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from journey.analysis.priorities import Opportunity, Priorities, priorities
from journey.charts.priorities import priorities_chart
from journey.i18n import text
from journey.stages.board import Board
from journey.stages.board_actions import friction_of
from journey.stages.improvements import Improvement, improvements, moved, opportunities
from ui import by_name, demo, history, moments, own_maps, presenting, room, session
from ui.answer import section, show
from ui.files import as_table
from ui.improvement_effects import effect, effect_said
from ui.journey_card_fields import change, open_card
from ui.journey_card_figures import proposal
from ui.navigation import page_named
from ui.once import once
from ui.veil import veiled
from ui.words import literal, sentence, t

__all__ = ["Shown", "chosen", "matrix", "need_maps", "table"]

_MAP, _OWNER = "improvements.map", "improvements.owner"
_ALL = ""
_MOST_OFFERED = 20


@dataclass(frozen=True)
class Shown:
    """The improvements and all opportunities that are shown, which first, and the stages' names by id."""

    improvements: tuple[Improvement, ...]
    opportunities: tuple[Improvement, ...]
    stages: Mapping[str, str]
    ranked: Priorities


def need_maps() -> None:
    """Go on only with a project that has a map, where improvements come from."""
    history.need_project(t("improvements.no_project"), ":material/task_alt:")
    if own_maps.every_one():
        room.told()
        return
    st.info(t("improvements.no_map"), icon=":material/task_alt:")
    st.page_link(page_named("journey_map"), label=t("improvements.go_map"), icon=":material/map:")
    st.stop()


def chosen() -> Shown:
    """The maps and the people that are chosen; no question where there is one only."""
    known = own_maps.every_one()
    wanted = _of_map(known)
    found = list(opportunities(board for board in known if wanted in (_ALL, board.id)))
    who = _of_owner(found)
    found = [one for one in found if who in (_ALL, one.card.owner)]
    theirs = {one.key for one in found}
    doing = tuple(one for one in improvements(known) if one.key in theirs)
    stages = {stage.id: stage.name for stage in session.state().stage_map.stages}
    ranked = priorities([_opportunity(one, stages, impact) for one, impact in _proposed(found)])
    return Shown(doing, tuple(found), stages, ranked)


def _of_map(known: Sequence[Board]) -> str:
    names = {_ALL: t("improvements.every_map")}
    for board in known:
        names[board.id] = f"{demo.covered(veiled(board.name))} · {t(f'journey_map.version_{board.version}')}"
    if len(known) < 2:
        return _ALL
    return by_name.one_of(_MAP, t("improvements.map"), names, width=260)


def _of_owner(found: Sequence[Improvement]) -> str:
    owners = sorted({one.card.owner for one in found} - {""})
    if not owners:
        return _ALL
    names = {_ALL: t("improvements.every_owner"), **{one: demo.called(one) for one in owners}}
    return by_name.one_of(_OWNER, t("improvements.owner"), names, width=200)


# ---- which first ----------------------------------------------------------------------------------------


def matrix(shown: Shown) -> None:
    """The opportunities on the field of effort and impact; a click opens the card."""
    section("improvements.matrix")
    answer = shown.ranked
    if answer.table.empty:
        st.info(sentence(answer.finding), icon=":material/lightbulb:")
        return
    if answer.table["rank"].notna().any():
        picked = session.picked("priorities").first
        show(priorities_chart, answer, key="priorities", clickable=True)
        _opened(picked, shown)
        if not presenting.is_on():
            for note in answer.notes:
                st.caption(sentence(note))
    else:
        st.info(sentence(answer.finding), icon=":material/grid_view:")
        _opened(str(answer.table["id"].iloc[0]), shown)
    _offered(answer, shown)


def _proposed(found: Sequence[Improvement]) -> Iterator[tuple[Improvement, int]]:
    """Each with the impact that its line of the friction score proposes, 0 for none; a line is asked once."""
    known: dict[object, int] = {}
    for one in found:
        line = friction_of(one.card.link) if one.card.impact else None
        if line is not None and line not in known:
            proposed = proposal(one.card.link)
            known[line] = proposed.impact if proposed else 0
        yield one, known.get(line, 0)


def _opportunity(one: Improvement, stages: Mapping[str, str], proposed: int) -> Opportunity:
    card = one.card
    return Opportunity(
        id=one.key,
        text=demo.covered(veiled(card.text)),
        impact=card.impact,
        effort=card.effort,
        is_measured=0 < proposed == card.impact,
        stage=demo.covered(stages.get(card.stage, "")),
        owner=demo.called(card.owner) if card.owner else "",
    )


def _opened(picked: str | None, shown: Shown) -> None:
    """What was clicked, or waits to be rated, lies below the field: its text, and the way to its card."""
    one = next((one for one in shown.opportunities if one.key == picked), None)
    if one is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="improvement_picked"):
        st.markdown(f"**{literal(veiled(one.card.text))}**", width="content")
        st.button(
            t("improvements.open_card"),
            icon=":material/open_in_new:",
            **once("improvement.open", open_card, one.board.id, one.card.id),
        )


def _offered(answer: Priorities, shown: Shown) -> None:
    """Opportunities that nobody works on yet, the best ones first, with the click that begins it."""
    if presenting.is_on() or demo.is_on():
        return
    waiting = {one.key: one for one in shown.opportunities if not one.card.state}
    first = [waiting[id_] for id_ in answer.table["id"] if id_ in waiting]
    if not first:
        return
    with st.expander(t("improvements.waiting", n=len(first)), expanded=not shown.improvements):
        for one in first[:_MOST_OFFERED]:
            with st.container(horizontal=True, vertical_alignment="center"):
                place = shown.stages.get(one.card.stage, t("journey_map.lost"))
                said = literal(veiled(one.card.text)) or t("improvements.nameless")
                st.markdown(f"{said} :gray[{literal(place)}]", width="stretch")
                st.button(
                    t("improvements.begin"),
                    icon=":material/add_task:",
                    **once(f"improvement.begin.{one.board.id}.{one.card.id}", _begin, one),
                )
        if len(first) > _MOST_OFFERED:
            st.caption(t("improvements.waiting_more", n=len(first) - _MOST_OFFERED))


def _begin(one: Improvement) -> None:
    change(one.board.id, moved(one.card, "found", moments.today()))


# ---- as a table -----------------------------------------------------------------------------------------


def table(shown: Shown) -> None:
    """The same as a table, on the screen and as files."""
    if not shown.opportunities or presenting.is_on():
        return
    frame = _frame(shown, session.current().language)
    as_table(frame, t("page.improvements.title"), key="improvements")


def _frame(shown: Shown, language: str) -> pd.DataFrame:
    """One row an opportunity, in the order in which to take them."""
    ranks = shown.ranked.table
    cards = {one.key: one for one in shown.opportunities}
    rows: list[dict[str, Any]] = []
    for id_, rank in zip(ranks["id"], ranks["rank"], strict=True):
        one = cards[id_]
        card, found = one.card, effect(one)
        rows.append(
            {
                "rank": rank,
                "improvement": veiled(card.text),
                "stage": shown.stages.get(card.stage, ""),
                "map": veiled(one.board.name),
                "progress": text(f"improvements.state_{card.state}", language) if card.state else "",
                "owner": demo.called(card.owner) if card.owner else "",
                "impact": card.impact or None,
                "effort": card.effort or None,
                "due": card.due,
                "done_since": card.since,
                "share_before": found.before[0] if found and found.days else None,
                "n_before": found.n_before if found and found.days else None,
                "share_after": found.after[0] if found and found.days else None,
                "n_after": found.n_after if found and found.days else None,
                "share_moved": found.difference[0] if found and found.days else None,
                "share_moved_low": found.difference[1] if found and found.days else None,
                "share_moved_high": found.difference[2] if found and found.days else None,
                "effect": effect_said(found, language) if found else "",
            }
        )
    counts = ("impact", "effort", "n_before", "n_after", "rank")
    shares = ("share_before", "share_after", "share_moved", "share_moved_low", "share_moved_high")
    kinds = {**dict.fromkeys(counts, "Int64"), **dict.fromkeys(shares, "float64")}
    frame = pd.DataFrame(rows).astype(kinds)
    texts = frame.select_dtypes(exclude="number").columns
    return frame.assign(**{name: frame[name].map(demo.covered) for name in texts})
