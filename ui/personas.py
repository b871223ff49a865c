"""Whose personas are shown: saved segments, groups by RFM, values of an attribute, or everybody as one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from journey.aggregates.portraits import ASSUMED
from journey.aggregates.rfm import GROUPS
from journey.aggregates.traits import made_of
from journey.analysis.personas import MOST_PERSONAS, Personas
from journey.charts.persona_words import fact_words
from journey.errors import JourneyError
from journey.stages.segment import BEGINNING, OF_MODELS, Rule, models, resolved
from ui import by_name, demo, rfm, session
from ui.ask import choices, picked, saved
from ui.logs import whole
from ui.veil import said, veiled
from ui.words import t

__all__ = ["Chosen", "Group", "chosen", "table", "text_setting"]

_SEGMENTS, _RFM, _ALL = "segments", "rfm", "all"
_CLUSTERS, _ATTRIBUTE = "clusters:", "attribute:"
_TARGETS = ("revenue", "clv")


@dataclass(frozen=True)
class Group:
    """One segment that gets a card.

    `name` is what it is called, `shown` what this tab says for it; `rule` is None of everybody. A value of an
    attribute says so in `value`.
    """

    id: str
    name: str
    shown: str
    rule: Rule | None = None
    value: tuple[str, str] | None = None


@dataclass(frozen=True)
class Chosen:
    """The segments of the page, those that cannot be told and why not, and how a target is suggested."""

    groups: tuple[Group, ...]
    lost: tuple[tuple[Group, JourneyError], ...]
    target_by: str

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the question as this tab may show them."""
        return {**self.plain, "names": [one.shown for one in self.groups]}

    @property
    def plain(self) -> dict[str, Any]:
        """The same with names as they are, to keep."""
        known, clusterings = {one.id: one.rule for one in saved()}, models(session.state().settings)
        rules = [dict(one.rule) for one in self.groups if one.rule is not None]
        return {
            "rules": rules,
            "ids": [one.id for one in self.groups],
            "names": [one.name for one in self.groups],
            "made_of": [
                made_of(resolved(one.rule, known, clusterings)) if one.rule is not None else []
                for one in self.groups
            ],
            "assumed": [_texts(one.id) for one in self.groups],
            "target_by": self.target_by,
        }


def chosen() -> Chosen:
    """The controls: whose personas, which of them, and what a target brings most of."""
    sources = _sources()
    said = {source: _source_said(source) for source in sources}
    source = by_name.one_of("personas.view.source", t("personas.source"), said, width=220)
    groups = sources[source]()
    if source == _SEGMENTS:
        groups = _some(groups)
    target = _target_by() if choices().money else _TARGETS[0]
    works, lost = [], []
    for one in groups:
        problem = _problem(one)
        if problem is None:
            works.append(one)
        else:
            lost.append((one, problem))
    return Chosen(tuple(works), tuple(lost), target)


def _target_by() -> str:
    found: str = st.selectbox(
        t("personas.target_by"),
        _TARGETS,
        format_func=lambda name: t(f"personas.target_by_{name}"),
        width=220,
        **session.kept("personas.view.target", _TARGETS[0], _TARGETS),
    )
    return found


def _sources() -> dict[str, Callable[[], list[Group]]]:
    """What there are personas of, by its name: what the team made before what the data say by themselves."""
    found: dict[str, Callable[[], list[Group]]] = {}
    if saved():
        found[_SEGMENTS] = _saved
    for id_ in models(session.state().settings):
        found[f"{_CLUSTERS}{id_}"] = lambda id_=id_: _clusters(id_)  # type: ignore[misc]
    if choices().orders:
        found[_RFM] = _rfm
    for name, one in whole().attributes.items():
        if one.of == "customer" and 2 <= len(one.categories) <= MOST_PERSONAS:
            found[f"{_ATTRIBUTE}{name}"] = lambda name=name: _values(name)  # type: ignore[misc]
    found[_ALL] = lambda: [Group(_ALL, t("personas.source_all"), t("personas.source_all"))]
    return found


def _source_said(source: str) -> str:
    if source.startswith(_ATTRIBUTE):
        return t("personas.source_attribute", attribute=source.removeprefix(_ATTRIBUTE))
    if source.startswith(_CLUSTERS):
        return t("personas.source_clusters", name=veiled(_clustering(source.removeprefix(_CLUSTERS))))
    return t(f"personas.source_{source}")


def _saved() -> list[Group]:
    kept = session.state().settings
    return [Group(one.id, kept[f"{BEGINNING}{one.id}"]["name"], one.name, one.rule) for one in saved()]


def _some(groups: Sequence[Group]) -> list[Group]:
    """Those that were chosen; the first ones until somebody chooses."""
    names = {one.id: demo.covered(one.shown) for one in groups}
    ids = st.multiselect(
        t("personas.segments"),
        list(names),
        format_func=lambda id_: names[id_],
        placeholder=t("personas.segments_hint", most=MOST_PERSONAS),
        max_selections=MOST_PERSONAS,
        select_all=False,  # it speaks English only
        **session.kept("personas.view.shown", [], list(names)),
    )
    return [one for one in groups if one.id in ids] or list(groups[:MOST_PERSONAS])


def _clustering(id_: str) -> str:
    """What a saved clustering is called."""
    return str(session.state().settings[f"{OF_MODELS}{id_}"].get("name") or "")


def _clusters(id_: str) -> list[Group]:
    """The clusters of a saved model, by the names that the team gave them."""
    kept = session.state().settings[f"{OF_MODELS}{id_}"]
    if not isinstance(groups := kept.get("groups"), list):
        groups = [{"clusters": [place]} for place in range(len(kept["model"]["centres"]))]
    found = []
    for place, one in enumerate(groups):
        called = str(one.get("name") or t("clusters.group", number=str(place + 1)))
        # Its own segment, where it is one, so that what the team says of it stands on that card too.
        mark = one.get("segment") or f"cluster.{id_}.{place}"
        rule = {"cluster": {"model": id_, "groups": one["clusters"]}}
        found.append(Group(mark, called, veiled(called), rule))
    return found[:MOST_PERSONAS]


def _rfm() -> list[Group]:
    """The groups by RFM, as their own page has them."""
    kept = session.state().settings
    how = {name: kept[key] for name, key in (("cuts", rfm.CUTS), ("mapping", rfm.MAPPING)) if kept.get(key)}
    if bought := kept.get("kpi.purchases"):
        how["purchases"] = list(bought)
    own = kept.get(rfm.NAMES) or {}
    return [
        Group(
            f"rfm.{code}",
            str(own.get(code) or t(f"rfm.group_{code}")),
            rfm.called(code),
            {"rfm": {"groups": [code], **how}},
        )
        for code in GROUPS
    ]


def _values(attribute: str) -> list[Group]:
    shown = said(attribute)
    return [
        Group(
            f"value.{_digest(attribute, value)}",
            value,
            shown.get(value, value),
            {"attribute": attribute, "values": [value]},
            (attribute, value),
        )
        for value in whole().attributes[attribute].categories
    ]


def _digest(*names: str) -> str:
    """Names out of a file as a part of a setting's name."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


def _problem(one: Group) -> JourneyError | None:
    """Why it cannot be told: a stage, an attribute or a segment that it is made of is gone."""
    if one.rule is None:
        return None
    try:
        picked(one.rule)
    except JourneyError as problem:
        return problem
    return None


def text_setting(id_: str, what: str) -> str:
    """The project's setting that holds what the team says of a segment."""
    return f"persona.{id_}.{what}"


def _texts(id_: str) -> dict[str, str]:
    kept = session.state().settings
    found: Mapping[str, Any] = {what: kept.get(text_setting(id_, what)) for what in ASSUMED}
    return {what: veiled(said) for what, said in found.items() if isinstance(said, str) and said.strip()}


def table(answer: Personas) -> pd.DataFrame:
    """Every fact as it is said, with how many it is known of and how well, and what is assumed."""
    language, rows = session.current().language, []
    for one in answer.personas:
        for fact in one.facts:
            said_so = fact_words(fact, answer.offers, language)
            known = t(f"personas.evidence_{fact.evidence}")
            rows.append((one.name, said_so, fact.n, fact.of, known))
        for what, words in one.assumed.items():
            assumed = f"{t(f'personas.text_{what}')}: {words}"
            rows.append((one.name, assumed, None, one.customers, t("personas.evidence_assumed")))
    frame = pd.DataFrame(rows, columns=["persona", "fact", "n", "of", "evidence"])
    return frame.astype({"n": "Int64"})
