"""The saved segments in a list, which of them are compared, and who is behind a mark of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from journey.aggregates.combinations import MOST_GROUPS
from journey.analysis.overlap import Overlap
from journey.charts.overlap import overlap_chart, pair_matrix, pair_of, segment_of, set_of
from journey.errors import JourneyError
from journey.stages.segment import BEGINNING, Rule, Segment, users_of, without, writable
from journey.theme import stage_colour
from ui import by_name, demo, presenting, session
from ui.ask import picked, saved, view
from ui.people import rule_panel
from ui.rule_builder import open_draft
from ui.rule_words import rule_said
from ui.segment_starters import starters
from ui.words import literal, md, sentence, t

__all__ = ["chosen", "panel", "picture", "shelf", "tables", "unpick_lost"]

# Headings of a table of two segments, where other pages mean something else by the same word.
_OF_PAIRS = {"share_a": "share_of_segment", "share_b": "share_of_other", "lift": "times_chance"}


def shelf() -> None:
    """Every saved segment: how many it picks now, of what it is made, and what can be done with it."""
    known = saved()
    if not known or presenting.is_on():
        return
    with st.expander(t("segments.shelf", n=len(known)), expanded=len(known) <= 6):
        for one in known:
            _row(one, known)
        if len(known) > 1:
            _merge(known)


def _row(one: Segment, known: tuple[Segment, ...]) -> None:
    told = [f"**{literal(one.name)}** {_size_said(one)}"]
    if one.about:
        told.append(literal(demo.covered(one.about)))
    made_of = rule_said(one.rule)
    # Without a name of its own it is called what it is made of.
    if made_of[: len(one.name)] != one.name:
        told.append(f":gray[{literal(made_of)}]")
    with st.container(horizontal=True, vertical_alignment="center", key=f"shelf_{one.id}"):
        st.markdown("  \n".join(told), width="stretch")
        st.button(
            t("segments.edit"),
            key=f"shelf_edit_{one.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=session.later(_opened(one, of=one.id)),
        )
        st.button(
            t("segments.copy"),
            key=f"shelf_copy_{one.id}",
            icon=":material/content_copy:",
            type="tertiary",
            on_click=session.later(_opened(one, of="")),
        )
        with st.popover(t("segments.remove"), icon=":material/delete:", type="tertiary"):
            used = [other.name for other in known if other.id in users_of(one.id, known)]
            st.markdown(md("segments.remove_sure", name=one.name))
            if used:
                st.markdown(md("segments.remove_used", n=len(used), names=", ".join(used)))
            st.button(
                t("segments.remove_yes"), key=f"shelf_remove_{one.id}", on_click=session.later(_removal(one))
            )


def _size_said(one: Segment) -> str:
    try:
        n = int(np.count_nonzero(picked({"segment": one.id})))
    except JourneyError as problem:
        return f":orange[:material/warning: {sentence(problem)}]"
    return md("segments.alone", n=n, share=n / max(view().n_customers, 1))


def _opened(one: Segment, *, of: str) -> Any:
    def opened() -> None:
        stored = session.state().settings.get(f"{BEGINNING}{one.id}")
        name = writable(str(stored["name"])) if isinstance(stored, Mapping) else one.name
        name = name if of else t("segments.copy_of", name=name)
        open_draft(one.rule, name=name, of=of, colour=one.colour, about=one.about)

    return opened


def _removal(one: Segment) -> Any:
    def remove() -> None:
        """Take it away; what is built on it keeps its conditions, written out."""
        kept = session.state().settings
        changed: dict[str, Any] = {f"{BEGINNING}{one.id}": None}
        for other in saved():
            rule = without(other.rule, one)
            if rule != other.rule:
                name = f"{BEGINNING}{other.id}"
                changed[name] = {**kept[name], "rule": rule}
        if kept.get("segment") == one.id:
            changed["segment"] = None
        session.edit({"op": "settings", "values": changed})

    return remove


def _merge(known: tuple[Segment, ...]) -> None:
    names = {one.id: one.name for one in known}
    key = session.widget_key("segments.merge")

    def merge() -> None:
        parts = [{"segment": id_} for id_ in session.widget(key, ()) if id_ in names]
        if len(parts) > 1:
            open_draft({"any": parts}, name=" + ".join(names[part["segment"]] for part in parts)[:80])
            session.put(key, [])

    with st.container(horizontal=True, vertical_alignment="bottom", key="shelf_merge"):
        st.multiselect(
            t("segments.merge"),
            list(names),
            format_func=lambda id_: demo.covered(names[id_]),
            placeholder=t("segments.merge_hint"),
            select_all=False,  # it speaks English only
            width=360,
            key=key,
        )
        st.button(t("segments.merge_yes"), key="shelf_merge_yes", on_click=session.later(merge))


def chosen() -> dict[str, Any]:
    """Which segments are compared: those that were chosen, else the saved ones, else some to begin with."""
    offered = {one.id: one for one in (*saved(), *starters()) if _works(one)}
    own = [id_ for id_ in offered if not id_.startswith("starter.")]
    wanted = st.multiselect(
        t("overlap.which"),
        list(offered),
        format_func=lambda id_: demo.covered(offered[id_].name),
        placeholder=t("overlap.which_own" if own else "overlap.which_starters"),
        max_selections=MOST_GROUPS,
        select_all=False,  # it speaks English only
        **session.kept("overlap.view.shown", [], list(offered)),
    )
    ids = wanted or (own or list(offered))[:MOST_GROUPS]
    colours = _colours([offered[id_] for id_ in ids])
    return {
        "rules": [dict(offered[id_].rule) for id_ in ids],
        "names": [offered[id_].name for id_ in ids],
        "colours": colours,
    }


def _works(one: Segment) -> bool:
    try:
        picked(one.rule)
    except JourneyError:
        return False
    return True


def _colours(chosen_: list[Segment]) -> list[str]:
    """Their own colours, and for the rest those that nobody has."""
    taken = {one.colour for one in chosen_}
    free = [stage_colour(place) for place in range(MOST_GROUPS) if stage_colour(place) not in taken]
    free += [stage_colour(place) for place in range(MOST_GROUPS)]
    return [one.colour or free.pop(0) for one in chosen_]


def picture() -> Any:
    """Which picture is drawn: the sets, or each two."""
    drawn = {"sets": overlap_chart, "pairs": pair_matrix}
    look = st.segmented_control(
        t("overlap.view"),
        list(drawn),
        format_func=lambda name: t(f"overlap.view_{name}"),
        required=True,
        **session.kept("overlap.view.look", "sets", list(drawn)),
    )
    return drawn[look]


def _marks(answer: Overlap, rules: list[Rule]) -> dict[str, tuple[str, Rule, int]]:
    """Everything that can be picked, by its id: its name, the rule behind it, and of how many it is part."""
    names, found = list(answer.sizes["segment"]), {}
    for place, name in enumerate(names):
        found[segment_of(place)] = (name, rules[place], answer.n_customers)
    for line in answer.table.itertuples():
        places = tuple(int(one) for one in line.places)
        parts = [rule if at in places else {"not": rule} for at, rule in enumerate(rules)]
        name = " + ".join(names[one] for one in places)
        name = t("overlap.exactly", name=name) if places else t("overlap.none")
        found[set_of(places)] = (name, {"all": parts} if len(parts) > 1 else parts[0], answer.n_customers)
    for a, one in enumerate(names):
        for b, other in enumerate(names):
            if a != b:
                size = int(answer.sizes["customers"][a])
                found[pair_of(a, b)] = (f"{one} ∩ {other}", {"all": [rules[a], rules[b]]}, size)
    return found


def unpick_lost(answer: Overlap, settings: Mapping[str, Any]) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("overlap").id not in _marks(answer, settings["rules"]):
        session.pick("overlap", None)


def panel(answer: Overlap, settings: Mapping[str, Any]) -> None:
    """Who is in the segment, in the set or in both: exactly those whom the mark counts."""
    marks = _marks(answer, settings["rules"])
    names = {id_: name for id_, (name, _, _) in marks.items()}
    picked = by_name.mark("overlap", t("overlap.pick"), names, t("overlap.pick_hint"))
    if picked is None:
        return
    name, rule, of = marks[picked]
    first = name.split(" ∩ ")[0]
    of_name = t("overlap.of", name=first) if picked.startswith("pair.") else None
    rule_panel(rule, name, of=of, key="overlap", of_name=of_name, whole=True)


def tables(answer: Overlap, chart: Any) -> Any:
    """What is taken away as a table beside a picture: each two segments, or the sets with their names."""
    if chart is pair_matrix:
        return answer.pairs.rename(columns=_OF_PAIRS)
    frame = answer.table.drop(columns="places")
    return frame.assign(segments=[name or t("overlap.none") for name in frame["segments"]])
