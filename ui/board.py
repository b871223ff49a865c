"""The board of stages of the open project: its model, its edits, and the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from journey.stages.search import found as matching
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap
from journey.stages.templates import TEMPLATES
from ui import presenting, problems, session
from ui.ask import ask, counts, customers_of, sure
from ui.boards import latest
from ui.components.stage_board import board_model, searched, stage_board
from ui.words import t

__all__ = ["board", "templates"]

# Templates that bear the name of a trade beside those of their stages.
_TRADES = ("shop", "subscription", "service")


@st.fragment
def board() -> None:
    """Draw the board; a drop is stored and comes back with new figures, without drawing the page again."""
    with problems.told("board"):
        session.refresh()
        _board()


def _board() -> None:
    model, mapped = latest("stages", _model)
    stage_board(
        model,
        key=session.widget_key("board"),
        on_ops=_apply,
        seen=lambda client: session.opened_project().seen(client),
    )
    if mapped is not None and mapped[1]:
        st.caption(t("page.stages.summary", rows=mapped[1], share=mapped[0] / mapped[1]))


def _model() -> tuple[dict[str, Any], tuple[int, int]]:
    """What the board shows now, and how many of the rows that count are in a stage."""
    now, found = session.state(), counts()
    codes = now.stage_map.codes(found.names)
    places = {name: _place(int(code), now.stage_map) for name, code in zip(found.names, codes, strict=True)}
    rules = _rules(now.stage_map, found.names)
    model = board_model(
        now.stage_map.stages,
        places,
        dict(zip(found.names, zip(found.customers, found.rows, strict=True), strict=True)),
        language=session.current().language,
        reach=ask("reach").table.to_dict("records"),
        confidence=_unconfirmed(),
        rules=rules,
        rule_customers=_customers(rules, found.names),
        find=searched(session.widget_key("board")),
        goal=now.stage_map.goal,
        can_undo=now.can_undo,
        can_redo=now.can_redo,
        revision=now.revision,
        number=now.head,
    )
    return model, (int(found.rows[codes < UNMAPPED].sum()), int(found.rows[codes != IGNORED].sum()))


def _rules(stage_map: StageMap, names: Sequence[str]) -> dict[str, str]:
    """Event -> pattern of the rule that places it."""
    return {name: rule.pattern for name in names if (rule := stage_map.rule_of(name)) is not None}


def _customers(rules: Mapping[str, str], names: Sequence[str]) -> dict[str, int]:
    """Pattern -> distinct customers of the events it places; empty where counting takes too long."""
    numbers = {pattern: number for number, pattern in enumerate(dict.fromkeys(rules.values()))}
    if not numbers:
        return {}
    groups = np.array([numbers.get(rules.get(name, ""), -1) for name in names], dtype=np.int64)
    counted = customers_of(groups, len(numbers))
    return {} if counted is None else dict(zip(numbers, counted.tolist(), strict=True))


def templates() -> None:
    """Begin again from a template: its stages, and the events where their names suggest."""
    if presenting.is_on():
        return
    with st.popover(t("page.stages.template"), icon=":material/dashboard_customize:"):
        language = session.current().language
        name = st.radio(
            t("page.stages.template_choose"),
            list(TEMPLATES),
            format_func=_template_words,
            index=list(TEMPLATES).index("six"),
            key=session.widget_key("template"),
        )
        st.caption(t("page.stages.template_help"))
        st.button(
            t("page.stages.use_template"),
            on_click=session.later(session.edit),
            args=({"op": "template", "template": name, "language": language, "suggest": True},),
        )


def _template_words(name: str) -> str:
    """A trade's template by its name and stages; the others are named by their stages alone."""
    stages = " – ".join(t(f"stages.kind_{kind}") for kind in TEMPLATES[name].kinds)
    return t(f"stages.template_{name}", stages=stages) if name in _TRADES else stages


def _apply(client: str, ops: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Store the edits of the board; returns why one of them could not be done, by its number."""
    session.refresh()
    done = session.opened_project().apply_ops(client, ops)
    session.current().said += [said for _, said in done.over]
    placed = {name for op in ops for name in _placed(op)}
    unsure = placed & sure().keys()
    confirmed = set(session.state().settings.get("confirmed") or [])
    if not unsure <= confirmed:
        session.remember("confirmed", sorted(confirmed | unsure))
    return {refusal.seq: t(refusal.error.key, **refusal.error.values) for refusal in done.refused}


def _place(code: int, stage_map: StageMap) -> str:
    return "tray" if code == UNMAPPED else "bin" if code == IGNORED else stage_map.stages[code].id


def _placed(op: Mapping[str, Any]) -> list[str]:
    """The events and patterns of rules that somebody has placed by this edit."""
    if op["op"] == "place_found":
        return matching(counts().names, op["text"])
    return op.get("events") or [name for key in ("event", "pattern") if (name := op.get(key))]


def _unconfirmed() -> dict[str, float]:
    """How sure the guess was, for the cards that nobody has placed or confirmed since."""
    confirmed = set(session.state().settings.get("confirmed") or [])
    return {name: sureness for name, sureness in sure().items() if name not in confirmed}
