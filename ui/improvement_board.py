"""The board of improvements: a column for how far they are, a card each; a drag says that one is further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from journey.stages.board import STATES, keys
from journey.stages.evidence import of_card
from journey.stages.improvements import Improvement, improvements, measure_of, moved
from journey.theme import stage_colour
from ui import demo, moments, own_maps, presenting, problems, session
from ui.answer import section
from ui.boards import ask_frame, latest, let_frame_draw
from ui.components.journey_board import journey_board
from ui.improvement_effects import effect, effect_marks, effect_text, now_text
from ui.improvements import Shown
from ui.journey_card_fields import open_card
from ui.journey_card_marks import test_marks
from ui.journey_map_links import link_said
from ui.map_measures import figure_of
from ui.veil import veiled
from ui.words import t

__all__ = ["board"]

_LANE = "all"
_STATES = tuple(state for state in STATES if state)


def board(shown: Shown) -> None:
    """Draw the board; where nobody works on anything yet a sentence says how it begins."""
    section("improvements.board")
    if not shown.improvements:
        st.info(t("improvements.empty"), icon=":material/task_alt:")
        return
    _board(shown)


@st.fragment
def _board(shown: Shown) -> None:
    with problems.told("improvements"):
        session.refresh()
        let_frame_draw()
        model, _ = latest("improvements", lambda: (_now(shown), None))
        journey_board(
            model,
            key=session.widget_key("improvements.board"),
            on_ops=_apply,
            seen=lambda client: session.opened_project().seen(client),
            on_open=_open,
            on_gap=lambda stage: None,
        )


def _now(shown: Shown) -> dict[str, Any]:
    """The board as it is now; what others moved meanwhile stands where they put it."""
    theirs = {one.key for one in shown.improvements}
    items = [one for one in improvements(own_maps.every_one()) if one.key in theirs]
    return _model(items, shown.stages)


def _model(items: Sequence[Improvement], stages: Mapping[str, str]) -> dict[str, Any]:
    now, language = session.state(), session.current().language
    boards = {one.board.id: one.board for one in items}
    tests = {card: marks for board in boards.values() for card, marks in test_marks(board).items()}
    beside = {"stages": stages, "is_one_of_many": len(own_maps.every_one()) > 1}
    columns = [
        {
            "id": state,
            "name": t(f"improvements.state_{state}"),
            "colour": stage_colour(at),
            "lost": False,
            "head": [],
        }
        for at, state in enumerate(_STATES)
    ]
    hints = {state: t(f"improvements.hint_{state}") for state in _STATES}
    lane = {"id": _LANE, "kind": "own", "name": t("improvements.board"), "key": "i", "hidden": False}
    return {
        "language": language,
        "map": "improvements",
        "revision": now.revision,
        "number": now.head,
        "can_undo": False,
        "can_redo": False,
        "read_only": demo.is_on() or presenting.is_on(),
        "fixed": True,
        "mode": "board",
        "at": 0,
        "stages": columns,
        "lanes": [{**lane, "hints": hints}],
        "cards": [
            _card(one, key, beside, tests.get(one.card.id, ()), language)
            for one, key in zip(items, keys(len(items)), strict=True)
        ],
        "cells": {},
        "kpi": {},
        "personas": [],
        "persona": "",
        "curve": {"felt": {}, "other": {}, "measured": []},
        "colours": [],
        "statuses": [],
        "owners": [],
    }


def _card(
    one: Improvement, key: str, beside: Mapping[str, Any], tests: Sequence[Any], language: str
) -> dict[str, Any]:
    card, found = one.card, effect(one)
    shares = effect_text(found, language) if found else ""
    n_text = (
        t("improvements.effect_n", before=found.n_before, after=found.n_after) if found and shares else ""
    )
    # Until there is a before and an after, what it is to move as it is now.
    shown = shares or now_text(card, language)
    due = t("improvements.due", day=dt.date.fromisoformat(card.due)) if card.due else ""
    return {
        "id": one.key,
        "lane": _LANE,
        "stage": card.state,
        "key": key,
        "text": demo.covered(veiled(card.text)),
        "colour": card.colour,
        "tags": [],
        "owner": demo.called(card.owner) if card.owner else "",
        "status": "",
        "persona": "",
        "evidence": of_card(card, figure_of(card.link) if card.link else None),
        "figure": {"text": shown, "n_text": n_text, "changed": False, "was_text": ""} if shown else None,
        "link_text": "",
        "source_text": "",
        "marks": [_about(one, **beside), *effect_marks(found, language, with_shares=False), *tests],
        "due": {"text": due, "late": one.is_late(moments.today())} if due else None,
    }


def _about(one: Improvement, stages: Mapping[str, str], *, is_one_of_many: bool) -> dict[str, str]:
    """Where the card stands, on which map where there are several, and what it is measured by."""
    measure = measure_of(one.card)
    parts = [
        stages.get(one.card.stage, ""),
        veiled(one.board.name) if is_one_of_many else "",
        link_said(measure) if measure else t("improvements.unmeasured"),
    ]
    return {"icon": "link", "text": demo.covered(" · ".join(filter(None, parts)))}


def _open(key: str) -> None:
    found = _of(key)
    if found is not None:
        open_card(found.board.id, found.card.id)
        ask_frame()


def _of(key: str) -> Improvement | None:
    those = improvements(own_maps.every_one())
    return next((one for one in those if one.key == key), None)


def _apply(client: str, ops: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Store what was dragged; returns why one of them could not be done, by its number."""
    session.refresh()
    done = session.opened_project().apply_ops(client, [_written(op) for op in ops])
    return {refusal.seq: t(refusal.error.key, **refusal.error.values) for refusal in done.refused}


def _written(op: Mapping[str, Any]) -> dict[str, Any]:
    """The edit of the map that a drag from one column to another is; within one nothing changes."""
    found = _of(str(op.get("id", "")))
    to = op.get("stage")
    edit: dict[str, Any] = {"op": "set_card", "id": str(op.get("id", "")), "fields": {}}
    if found is not None and op.get("op") == "move_card" and to in _STATES and to != found.card.state:
        edit = moved(found.card, to, moments.today())  # type: ignore[arg-type]
    return {"op": "board", "map": found.board.id if found else "", "edit": edit, "seq": op["seq"]}
