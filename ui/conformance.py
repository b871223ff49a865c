"""The designed order that answers are held against, what was left of it, and who is behind each line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from journey.aggregates.conformance import LEAST_DESIGNED, MOST_DESIGNED
from journey.analysis.conformance import Conformance
from journey.charts.conformance import deviation_name
from journey.findings import Finding
from journey.projects.maps import DESIGN
from ui import by_name, controls, own_maps, presenting, session, step_order
from ui.people import rule_panel
from ui.veil import veiled
from ui.words import literal, t

__all__ = ["deviations", "settings", "steps", "who"]

# The order that a project has in mind, and those of its maps: `design.project`, `design.<id of the map>`.
_PROJECT = "project"
_VIEW = "conformance"
_MOST_LINES = 10


def steps() -> list[str]:
    """Which steps were designed in which order, as the team keeps them; without a choice all stages."""
    return _steps(f"{DESIGN}{_chosen_for()[0]}")


def settings(chosen: list[str]) -> dict[str, Any]:
    """For what the order is, how it is changed, and of whom it is asked."""
    step_order.arrange(f"{DESIGN}{_whose()}", chosen, "conformance")
    return {"steps": chosen, **controls.unit()}


def _chosen_for() -> tuple[str, dict[str, str]]:
    """Whose order is shown, the project's own or that of a map, and the names of the maps by id."""
    names = {
        one.id: f"{one.name} · {t('journey_map.version_to_be')}" if one.of else one.name
        for one in own_maps.every_one()
    }
    kept = session.kept(f"{_VIEW}.of", _PROJECT, [_PROJECT, *names])
    return str(session.widget(kept["key"])), names


def _whose() -> str:
    """The project's own order, or that of a map; asked only where there are maps."""
    chosen, names = _chosen_for()
    if not names:
        return chosen
    return by_name.one_of(
        f"{_VIEW}.of",
        t("conformance.of"),
        {_PROJECT: t("conformance.of_project"), **{id_: veiled(name) for id_, name in names.items()}},
        help=t("conformance.of_help"),
        width=220,
    )


def _steps(setting: str) -> list[str]:
    chosen = step_order.choose(setting, MOST_DESIGNED, "conformance")
    if chosen and len(chosen) < LEAST_DESIGNED:
        st.caption(t("conformance.steps_few"))
    return chosen or step_order.filled()[:MOST_DESIGNED]


def deviations(answer: Conformance) -> None:
    """Where the way was left, line by line, and what goes with it; where those who began elsewhere began."""
    lines = answer.deviations
    if not lines.empty:
        st.subheader(t("conformance.lines"), anchor=False)
        for rank, (row, said, cost) in enumerate(
            zip(lines.itertuples(), answer.said, answer.costs, strict=True), start=1
        ):
            if rank > _MOST_LINES:
                st.caption(t("conformance.more_lines", n=len(lines) - _MOST_LINES))
                break
            name = deviation_name(row.way, row.step, row.target, session.current().language)
            st.markdown(f"{rank}. **{literal(name)}** ·{_plainly(said)}{_plainly(cost)}")
    if presenting.is_on():
        return
    _parts(answer, "stopped_at")
    _parts(answer, "began_at")


def _plainly(said: Finding | None) -> str:
    """A sentence to the letter: two with a wave dash each would strike out what stands between them."""
    return "" if said is None else f" {literal(t(said.code, **said.values))}"


def _parts(answer: Conformance, way: str) -> None:
    """One line of the steps at which those stopped who followed so far, or at which the others began."""
    rows = answer.table[answer.table["way"] == way]
    if rows.empty:
        return
    ending = "_sessions" if answer.unit == "session" else ""
    told = ", ".join(
        t(f"conformance.part{ending}", step=row.step, n=row.customers, share=row.share)
        for row in rows.itertuples()
    )
    st.caption(literal(t(f"conformance.{way}{ending}", n=int(rows["customers"].sum()), steps=told)))


def who(answer: Conformance) -> None:
    """The people of one line."""
    if presenting.is_on():
        return
    rules = _rules(answer)
    with st.container(key="conformance_line"):
        names = {heading: heading for heading in rules}
        picked = by_name.line(f"{_VIEW}.pick", t("conformance.pick"), names, t("conformance.pick_hint"))
        if picked is not None:
            rule_panel(
                {"design": {"steps": list(answer.steps), **rules[picked]}},
                picked,
                of=answer.n_customers,
                key="conformance",
                unit=answer.unit,
            )


def _rules(answer: Conformance) -> Mapping[str, dict[str, Any]]:
    """What can be looked at, by what it is called, with what the rule says beside the steps."""
    language = session.current().language
    keys = dict(zip(answer.names, answer.steps, strict=True))
    found: dict[str, dict[str, Any]] = {}
    for row in answer.table.itertuples():
        if not row.customers:
            continue
        if row.way in ("skipped", "back", "looped"):
            rule = {"kind": row.way, "step": keys[row.step]}
            if row.target:
                rule["target"] = keys[row.target]
            found[deviation_name(row.way, row.step, row.target, language)] = rule
        elif row.way in ("stopped_at", "began_at"):
            kind = "stopped" if row.way == "stopped_at" else "elsewhere"
            found[t(f"conformance.name_{row.way}", step=row.step)] = {"kind": kind, "step": keys[row.step]}
        else:
            found[t(f"conformance.way_{row.way}")] = {"kind": row.way}
    return found
