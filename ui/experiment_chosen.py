"""Which test is looked at: one of the register, or one found in the data and not written down yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from journey.analysis.experiment import Experiment
from journey.projects.register import Entry, entries, entry, entry_of, planned, replanned
from journey.stages.experiment_plan import Plan
from ui import by_name, demo, map_origins, presenting, sample_tests, session
from ui.ask import again, filtered, log
from ui.navigation import page_named
from ui.pinning import new_id, now_and_who
from ui.veil import veiled
from ui.words import literal, t

__all__ = ["TEST", "VERDICT_ICONS", "Chosen", "choose", "heading", "need_tests", "write_down"]

# Which test this person looks at: the id of an entry, or the source of results as JSON.
TEST = "experiment.view.test"
VERDICT_ICONS = {
    "ship": ":material/rocket_launch:",
    "keep": ":material/undo:",
    "extend": ":material/hourglass_top:",
    "stop": ":material/front_hand:",
}
_COLOURS: dict[str, Any] = {"ship": "green", "keep": "gray", "extend": "blue", "stop": "red"}


@dataclass(frozen=True)
class Chosen:
    """The test, by its plan, and what the register has of it; None while nobody wrote it down."""

    plan: Plan
    entry: Entry | None = None

    @property
    def key(self) -> str:
        return self.entry.id if self.entry else json.dumps(dict(self.plan.source), ensure_ascii=False)

    @property
    def name(self) -> str:
        """What people call it; what its results are called in the file, or nothing special."""
        return self.plan.name or next(iter(self.plan.source.values())) or t("arms.test_unnamed")


def need_tests() -> list[Chosen]:
    """Go on with the tests that have results; without any, say where they come from."""
    tests = _tests()
    if not tests:
        st.info(t("arms.none"), icon=":material/science:")
        for page in ("data", "planner"):
            st.page_link(page_named(page))
        sample_tests.offer()
        st.stop()
    return tests


def choose(found: list[Chosen]) -> Chosen:
    """The test whose results are shown, chosen where there are several."""
    tests = {one.key: one for one in found}
    stored = session.state().settings.get(TEST)
    shown = tests.get(stored if isinstance(stored, str) else "") or next(iter(tests.values()))
    wanted = entry(session.state().settings, str(stored))
    if wanted is not None and wanted.id not in tests:
        gone = veiled(wanted.plan.name) or t("arms.test_unnamed")
        st.caption(literal(t("arms.test_gone", name=gone)))
    if len(tests) > 1 and not presenting.is_on():
        names = {key: _said(one) for key, one in tests.items()}
        by_name.one_of(TEST, t("arms.test"), names, shown.key, width=280)
    return shown


def _said(one: Chosen) -> str:
    name = veiled(one.name)
    return t("arms.test_found", name=name) if one.entry is None else demo.covered(name)


def _tests() -> list[Chosen]:
    """Those with results: of the register first, then what is only in the data."""
    found = list(again("proposed_plans", {}, {}))
    known = [_with_data(one, found) for one in entries(session.state().settings) if not one.is_archived]
    written = [one for one in known if one is not None]
    taken = [_source_of(one.plan, found) for one in written]
    return written + [Chosen(plan) for plan in found if dict(plan.source) not in taken]


def _with_data(entry: Entry, found: list[Plan]) -> Chosen | None:
    """The entry with the metrics and arms that its plan leaves to the data; None without results."""
    plan = entry.plan
    if "attribute" in plan.source:
        return Chosen(plan, entry) if plan.source["attribute"] in log().attributes else None
    source = _source_of(plan, found)
    proposed = next((one for one in found if dict(one.source) == source), None)
    if proposed is None:
        return None
    filled = {} if plan.metrics else {"metrics": proposed.metrics}
    return Chosen(replace(plan, source=source, **filled), entry)


def _source_of(plan: Plan, found: list[Plan]) -> Mapping[str, Any]:
    """Where the results stand; a plan that names none means the only ones that there are."""
    source = dict(plan.source)
    if source in ({"records": None}, {"sums": None}) and len(found) == 1:
        return dict(found[0].source)
    return source


def heading(chosen: Chosen, answer: Experiment) -> None:
    """Which test this is, its hypothesis where somebody wrote it down, and how many are in it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(literal(veiled(chosen.name)), anchor=False, width="content")
        if answer.verdict is not None:
            advised = answer.verdict.code
            said = t("arms.advised", verdict=t(f"arms.verdict_{advised}"))
            st.badge(literal(said), icon=VERDICT_ICONS[advised], color=_COLOURS[advised])
    if chosen.plan.hypothesis:
        st.caption(literal(veiled(chosen.plan.hypothesis)))
    if chosen.entry is not None:
        map_origins.told(chosen.entry.id, "results")
    n = t(f"arms.units_{answer.unit}", n=answer.n)
    parts = [t("arms.of_planned", n=n, planned=answer.planned) if answer.planned else t("arms.in_all", n=n)]
    if filtered()[0] is not None:
        parts.append(t("arms.no_period"))
    st.caption(literal(" · ".join(parts)))


def write_down(chosen: Chosen, plan: Plan) -> str:
    """Keep a changed plan: in its entry, or in a new one for a test that nobody wrote down. Gives its id.

    For callbacks. What another changed meanwhile stays, field by field. Raises SettingWrong for what is no
    plan.
    """
    plan = Plan.from_json(plan.to_json())
    settings = session.state().settings
    if chosen.entry is not None:
        session.edit(replanned(settings, chosen.entry.id, chosen.plan, plan))
        return chosen.entry.id
    if (other := entry_of(settings, chosen.plan.source)) is not None and not other.is_archived:
        # Somebody wrote the same test down since this page was drawn: there is one of it, with both changes.
        session.edit(replanned(settings, other.id, chosen.plan, plan))
        session.remember(TEST, other.id)
        return other.id
    id_, (at, by) = new_id(), now_and_who()
    session.edit(planned(id_, plan, at=at, by=by))
    session.remember(TEST, id_)
    return id_
