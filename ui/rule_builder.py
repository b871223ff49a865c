"""Build a segment from conditions: what is chosen is counted at once, and kept until it is saved."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from journey.errors import JourneyError, SettingWrong
from journey.stages.segment import BEGINNING, Rule, Segment, checked
from journey.statistics.intervals import wilson
from ui import demo, presenting, session, toasts
from ui.ask import picked, saved, view
from ui.rule_fields import addable, begun, called, fields, is_ready
from ui.rule_words import rule_said
from ui.segment_starters import starters
from ui.words import literal, md, sentence, t

__all__ = ["builder", "open_draft"]

_DRAFT = "overlap.view.draft"
_LONGEST, _LONGEST_ABOUT = 80, 400
_MOST_CONDITIONS = 20
Path = tuple[int, ...]


def open_draft(rule: Rule, *, name: str = "", of: str = "", colour: str = "", about: str = "") -> None:
    """Lay a rule on the table to be changed; `of` is the saved segment that it will be again."""
    word = next((word for word in ("all", "any") if word in rule), None)
    whole = {word: list(rule[word])} if word else {"all": [dict(rule)]}
    session.remember(_DRAFT, {"rule": whole, "name": name, "of": of, "colour": colour, "about": about})


def builder() -> None:
    """Conditions, how many customers each and all of them pick, and where to save them."""
    if presenting.is_on():
        return
    draft = _draft()
    join = _join(draft["rule"])
    parts = list(draft["rule"][join])
    with st.container(border=True, key="rule_builder"):
        edited = next((one for one in saved() if one.id == draft["of"]), None)
        st.subheader(
            literal(t("segments.editing", name=edited.name)) if edited else t("segments.build"), anchor=False
        )
        if len(parts) > 1:
            _joined(join)
        for place, part in enumerate(parts):
            _part(part, (place,), join)
        if len(parts) < _MOST_CONDITIONS:
            _add((), "segments.add" if parts else "segments.add_first")
        if not parts:
            _begin_with()
            return
        _counted(_effective(draft["rule"]))
        _save(draft, edited)


def _draft() -> dict[str, Any]:
    found = session.state().settings.get(_DRAFT)
    empty: dict[str, Any] = {"rule": {"all": []}, "name": "", "of": "", "colour": "", "about": ""}
    if not isinstance(found, Mapping):
        return empty
    rule = found.get("rule")
    if not isinstance(rule, Mapping) or not isinstance(rule.get(_join(rule)), list):
        return empty
    return {
        name: found[name] if isinstance(found.get(name), type(one)) else one for name, one in empty.items()
    }


def _keep(**changed: Any) -> None:
    session.remember(_DRAFT, {**_draft(), **changed})


def _join(rule: Rule) -> str:
    return "any" if "any" in rule else "all"


def _leaf(part: Rule) -> tuple[bool, Rule]:
    """Is the condition turned around, and what is it?"""
    return ("not" in part, part.get("not", part))


def _changed(path: Path, new: Rule | None) -> None:
    """Put another condition at this place, or take it away."""
    rule = _draft()["rule"]
    join = _join(rule)
    parts = list(rule[join])
    if path[0] >= len(parts):
        return
    if len(path) == 2:
        inner = _join(parts[path[0]])
        group = list(parts[path[0]].get(inner, ()))
        if path[1] >= len(group):
            return
        group[path[1] : path[1] + 1] = [] if new is None else [dict(new)]
        new = {inner: group} if len(group) > 1 else group[0] if group else None
        path = path[:1]
    parts[path[0] : path[0] + 1] = [] if new is None else [dict(new)]
    _keep(rule={join: parts})


def _joined(join: str) -> None:
    key = session.widget_key("rule.join")
    session.put(key, join)

    def keep() -> None:
        rule, chosen = _draft()["rule"], session.widget(key)
        _keep(rule={chosen: rule[_join(rule)]})

    st.segmented_control(
        t("segments.join"),
        ["all", "any"],
        format_func=lambda one: t(f"segments.join_{one}"),
        required=True,
        key=key,
        on_change=session.later(keep),
        label_visibility="collapsed",
    )


def _part(part: Rule, path: Path, join: str) -> None:
    group = next((word for word in ("all", "any") if word in part), None)
    if group is not None and len(path) == 1 and all(isinstance(one, Mapping) for one in part[group]):
        with st.container(border=True, key=f"rule_group_{path[0]}"):
            st.caption(t(f"segments.group_{group}"))
            for place, one in enumerate(part[group]):
                _part(one, (*path, place), group)
            _add(path, f"segments.add_{group}")
        return
    turned, leaf = _leaf(part)
    key = ".".join(map(str, path))

    def change(new: Rule) -> None:
        _changed(path, {"not": dict(new)} if turned else new)

    with st.container(
        horizontal=True, vertical_alignment="bottom", key=f"condition_{'_'.join(map(str, path))}"
    ):
        _turning(turned, leaf, path, key)
        fields(leaf, key, change)
        st.markdown(_alone(part), width="content")
        if len(path) == 1:
            other = "any" if join == "all" else "all"
            st.button(
                t(f"segments.group_with_{other}"),
                key=f"rule_group_with_{key}",
                type="tertiary",
                icon=":material/add:",
                on_click=session.later(lambda: _changed(path, {other: [dict(part)]})),
            )
        st.button(
            "",
            icon=":material/close:",
            help=t("segments.drop"),
            key=f"rule_drop_{key}",
            type="tertiary",
            on_click=session.later(lambda: _changed(path, None)),
        )


def _turning(turned: bool, leaf: Rule, path: Path, key: str) -> None:
    full = session.widget_key(f"rule.{key}.not")
    session.put(full, turned)
    st.toggle(
        t("segments.not"),
        key=full,
        on_change=session.later(
            lambda: _changed(path, {"not": dict(leaf)} if session.widget(full) else dict(leaf))
        ),
    )


def _alone(part: Rule) -> str:
    """How many a condition picks by itself, or why it cannot be counted."""
    if not is_ready(_leaf(part)[1]):
        return f":gray[{t('segments.incomplete')}]"
    try:
        n = int(np.count_nonzero(picked(part)))
    except JourneyError as problem:
        return f":orange[:material/warning:] {sentence(problem)}"
    return f":gray[{md('segments.alone', n=n, share=n / max(view().n_customers, 1))}]"


def _add(path: Path, words: str) -> None:
    full = session.widget_key(f"rule.add.{'.'.join(map(str, path))}")
    session.put(full, None)

    def add() -> None:
        chosen = session.widget(full)
        if not chosen:
            return
        rule = _draft()["rule"]
        join = _join(rule)
        parts = [dict(part) for part in rule[join]]
        if not path:
            parts.append(begun(chosen))
        else:
            inner = _join(parts[path[0]])
            parts[path[0]] = {inner: [*parts[path[0]].get(inner, ()), begun(chosen)]}
        _keep(rule={join: parts})

    st.selectbox(
        t(words),
        addable(),
        index=None,
        format_func=lambda one: demo.covered(called(one)),
        placeholder=t(words),
        label_visibility="collapsed",
        key=full,
        on_change=session.later(add),
    )


def _begin_with() -> None:
    """Groups to begin with, one click each."""
    known = {one.id: one for one in starters()}
    if not known:
        return
    st.caption(t("segments.begin_with"))
    with st.container(horizontal=True):
        for one in known.values():
            st.button(one.name, key=f"begin_{one.id}", on_click=session.later(_opening(one)))


def _opening(one: Segment) -> Any:
    return lambda: open_draft(one.rule, name=one.name)


def _effective(rule: Rule) -> Rule | None:
    """The rule without conditions that are still to be filled in; None without any."""
    join = _join(rule)
    if join not in rule:
        return rule if is_ready(_leaf(rule)[1]) else None
    parts = [part for one in rule[join] if (part := _effective(one)) is not None]
    return {join: parts} if len(parts) > 1 else parts[0] if parts else None


def _counted(rule: Rule | None) -> None:
    """How many customers the rule picks now, what share of those that the filters leave, and its interval."""
    if rule is None:
        return
    try:
        n = int(np.count_nonzero(picked(rule)))
    except JourneyError as problem:
        st.warning(sentence(problem), icon=":material/warning:")
        return
    of = view().n_customers
    low, high = wilson(n, of)
    with st.container(horizontal=True, vertical_alignment="center", key="rule_count"):
        st.metric(t("segments.count"), t("segments.count_n", n=n), width="content")
        share = {"share": n / max(of, 1), "of": of, "low": float(low), "high": float(high)}
        st.markdown(f"{md('segments.count_share', **share)}  \n:gray[{literal(rule_said(rule))}]")


def _save(draft: Mapping[str, Any], edited: Segment | None) -> None:
    """Name, colour and words of the segment, and the buttons that keep it."""
    hides = demo.is_on()
    names = {part: session.widget_key(f"rule.{part}") for part in ("name", "about", "colour")}
    for part in ("name", "about"):
        session.put(names[part], demo.covered(draft[part]))
    session.put(names["colour"], draft["colour"] or "#4477AA")

    def keep(part: str) -> Any:
        return session.later(lambda: _keep(**{part: session.widget(names[part]).strip()}))

    with st.container(horizontal=True, vertical_alignment="bottom", key="rule_save"):
        st.text_input(
            t("segments.name"),
            placeholder=t("segments.name_hint"),
            max_chars=_LONGEST,
            disabled=hides and bool(draft["name"]),
            width=260,
            key=names["name"],
            on_change=keep("name"),
        )
        st.text_input(
            t("segments.about"),
            placeholder=t("segments.about_hint"),
            max_chars=_LONGEST_ABOUT,
            disabled=hides and bool(draft["about"]),
            width=320,
            key=names["about"],
            on_change=keep("about"),
        )
        st.color_picker(t("segments.colour"), key=names["colour"], on_change=keep("colour"))
    with st.container(horizontal=True, key="rule_buttons"):
        st.button(
            t("segments.keep"),
            key="rule_keep",
            type="primary",
            icon=":material/group_add:",
            on_click=session.later(lambda: _kept(as_new=edited is None)),
        )
        if edited is not None:
            st.button(
                t("segments.keep_new"),
                key="rule_keep_new",
                on_click=session.later(lambda: _kept(as_new=True)),
            )
        st.button(
            t("segments.start_over"),
            key="rule_start_over",
            type="tertiary",
            on_click=session.later(lambda: session.remember(_DRAFT, None)),
        )


def _kept(*, as_new: bool) -> None:
    draft = _draft()
    rule = _effective(draft["rule"])
    if rule is None:
        raise SettingWrong(setting=t("segments.build"), value="", allowed=t("segments.add_first"))
    name = (draft["name"] or rule_said(rule))[:_LONGEST]
    content: dict[str, Any] = {"name": name, "rule": dict(checked(rule))}
    content |= {part: draft[part] for part in ("colour", "about") if draft[part]}
    id_ = secrets.token_hex(6) if as_new else draft["of"]
    session.edit({"op": "settings", "values": {f"{BEGINNING}{id_}": content, _DRAFT: None}})
    toasts.say(md("segments.kept_done", name=name))
