"""What a card of a journey map is bound to, by its names of now: in full, and short for a board."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from journey.charts.bound_words import measure_name
from journey.i18n import text
from journey.projects.notebook import cells
from ui import session
from ui.ask import saved
from ui.map_measures import has_data
from ui.veil import veiled, veiled_finding
from ui.words import sentence, t

__all__ = ["Called", "link_said", "link_short", "pinned"]

Link = Mapping[str, Any]


class Called:
    """What stages and segments are called now, looked up once for many links."""

    @cached_property
    def gone(self) -> str:
        return t("map_card.link_gone")

    @cached_property
    def stages(self) -> Mapping[str, str]:
        return {one.id: one.name for one in session.state().stage_map.stages}

    @cached_property
    def segments(self) -> Mapping[str, str]:
        return {one.id: one.name for one in saved()} if has_data() else {}


def link_said(link: Link, language: str | None = None, called: Called | None = None) -> str:
    """What a card is bound to, in full; a name that is not there any more is said to be gone."""
    language = language or session.current().language
    names = _names(link, called or Called(), language)
    return text(f"map_card.link_{link['kind'] if names else 'gone'}", language, **names)


def link_short(link: Link, called: Called) -> str:
    """The same in the little room that a card has on the board; "" for a link of no known kind."""
    if link.get("kind") == "answer":
        # Its words would not fit, and are looked up among all answers.
        return t("journey_map.link_answer")
    names = _names(link, called, session.current().language)
    match link.get("kind"):
        case "friction" if names:
            return t("journey_map.link_friction", **names)
        case "link" if names:
            return f"{names['source']} → {names['target']}"
        case kind:
            return names.get(str(kind), "")


def pinned() -> dict[str, str]:
    """The answers of the notebook, by their line or by what they said."""
    those = [one for one in cells(session.state().settings) if one.kind == "answer"]
    return {one.id: veiled(one.text) or sentence(veiled_finding(one.finding)) for one in those}


def _names(link: Link, called: Called, language: str) -> dict[str, str]:
    """What the sentence of a link names; nothing for one of no known kind."""
    gone, stages = called.gone, called.stages
    match link:
        case {"kind": "stage", "stage": stage}:
            measure = measure_name(link.get("measure", ""), language)
            return {"stage": stages.get(stage, gone), "measure": measure}
        case {"kind": "event", "event": name}:
            return {"event": veiled(name)}
        case {"kind": "link", "from": source, "to": target}:
            return {"source": stages.get(source, gone), "target": stages.get(target, gone)}
        case {"kind": "friction", "of": of, "name": name}:
            return {"name": stages.get(name, gone) if of == "stage" else veiled(name)}
        case {"kind": "segment", "segment": id_}:
            return {"segment": called.segments.get(id_, gone)}
        case {"kind": "answer", "cell": id_}:
            return {"answer": pinned().get(id_, gone)}
        case _:
            return {}
