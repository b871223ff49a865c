"""The board of stages of the open project: its model, its edits, and the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from journey.errors import NotStored, ProjectMissing
from journey.projects.store import Project
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap
from journey.stages.templates import TEMPLATES
from ui import problems, session
from ui.ask import ask, counts, guess
from ui.components.stage_board import board_model, stage_board
from ui.words import t

__all__ = ["board", "templates"]


@st.fragment
def board() -> None:
    """Draw the board; a drop is stored and comes back with new figures, without drawing the page again."""
    with problems.told("board"):
        session.refresh()
        _board()


def _board() -> None:
    try:
        model, mapped = _model()
    except problems.LOST:
        raise
    except NotStored:
        # The board stays with what it showed last: it still holds what is not saved yet.
        model, mapped = session.widget(_last()), None
        if model is None:
            raise
    session.put(_last(), model)
    stage_board(
        model,
        key=session.widget_key("board"),
        on_ops=_apply,
        seen=lambda client: _opened().seen(client),
    )
    if mapped is not None and mapped[1]:
        st.caption(t("page.stages.summary", rows=mapped[1], share=mapped[0] / mapped[1]))


def _last() -> str:
    return session.widget_key("last_board")


def _model() -> tuple[dict[str, Any], tuple[int, int]]:
    """What the board shows now, and how many of the rows that count are in a stage."""
    now, found = session.state(), counts()
    codes = now.stage_map.codes(found.names)
    places = {name: _place(int(code), now.stage_map) for name, code in zip(found.names, codes, strict=True)}
    model = board_model(
        now.stage_map.stages,
        places,
        dict(zip(found.names, zip(found.customers, found.rows, strict=True), strict=True)),
        language=session.current().language,
        reach=ask("reach").table.to_dict("records"),
        confidence=_unconfirmed(),
        goal=now.stage_map.goal,
        can_undo=now.can_undo,
        can_redo=now.can_redo,
    )
    return model, (int(found.rows[codes < UNMAPPED].sum()), int(found.rows[codes != IGNORED].sum()))


def templates() -> None:
    """Begin again from a template: its stages, and the events where their names suggest."""
    with st.popover(t("page.stages.template"), icon=":material/dashboard_customize:"):
        language = session.current().language
        name = st.radio(
            t("page.stages.template_choose"),
            list(TEMPLATES),
            format_func=lambda name: " – ".join(t(f"stages.kind_{kind}") for kind in TEMPLATES[name].kinds),
            index=list(TEMPLATES).index("six"),
            key=session.widget_key("template"),
        )
        st.caption(t("page.stages.template_help"))
        st.button(
            t("page.stages.use_template"),
            on_click=session.later(session.edit),
            args=({"op": "template", "template": name, "language": language, "suggest": True},),
        )


def _apply(client: str, ops: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Store the edits of the board; returns why one of them could not be done, by its number."""
    session.refresh()
    done = _opened().apply_ops(client, ops)
    placed = {name for op in ops for name in (op.get("events") or [op.get("event")]) if name}
    unsure = placed & guess().confidence.keys()
    confirmed = set(session.state().settings.get("confirmed") or [])
    if not unsure <= confirmed:
        session.remember("confirmed", sorted(confirmed | unsure))
    return {refusal.seq: t(refusal.error.key, **refusal.error.values) for refusal in done.refused}


def _opened() -> Project:
    opened = session.project()
    if opened is None:
        raise ProjectMissing
    return opened


def _place(code: int, stage_map: StageMap) -> str:
    return "tray" if code == UNMAPPED else "bin" if code == IGNORED else stage_map.stages[code].id


def _unconfirmed() -> dict[str, float]:
    """How sure the guess was, for the cards that nobody has placed or confirmed since."""
    confirmed = set(session.state().settings.get("confirmed") or [])
    return {event: sure for event, sure in guess().confidence.items() if event not in confirmed}
