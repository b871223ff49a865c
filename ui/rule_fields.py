"""The fields of one condition of a rule: each change is a new condition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from journey.aggregates.rfm import GROUPS, NOBODY
from journey.stages.clustering import Clustering, clusterings
from journey.stages.segment import Rule
from ui import arms, demo, session
from ui.ask import choices, experiments, log, saved
from ui.logs import whole
from ui.rfm import called as group_name
from ui.rfm import how_scored
from ui.rule_words import figure_name, is_known, place_name, rule_said, value_said
from ui.words import literal, t

__all__ = ["ANY", "addable", "begun", "called", "fields", "is_ready"]

_OFFERED_VALUES = 500
_TIMES = ("least", "most", "exactly", "never")
_WHEN = ("ever", "last", "days")
_EVENTS = 200
# What stands before the name in the id of something that a condition can be about.
ANY = ":"

Change = Callable[[Rule], None]


def addable() -> list[str]:
    """What a new condition can be about, as ids of a kind and a name, in the order in which it is offered."""
    can, found = choices(), []
    found += [f"attribute:{name}" for name in whole().attributes if name not in can.numbers]
    found += [f"number:{name}" for name in can.numbers]
    found += [f"date:{name}" for name in can.dates]
    if can.orders:
        found += ["orders:count", *(["orders:spent"] if can.money else []), "orders:days_since"]
        found += [f"rfm:{code}" for code in (*GROUPS, NOBODY)]
    found += [f"score:{name}" for name in can.questions]
    found += ["rating:"] if can.rating is not None else []
    if can.journey:
        stages = session.state().stage_map.stages
        for kind in ("stage", "skipped", "looped", "ended"):
            found += [f"{kind}:{stage.id}" for stage in stages]
        found += [f"event:{name}" for name in log().event_names[:_EVENTS]]
        found.append("period:")
    found += [f"cluster:{one.id}.{place}" for one in _clusterings() for place in range(len(one.groups))]
    found += [f"arm:{place}.{number}" for place, number in _arms()]
    found += [f"segment:{one.id}" for one in saved()]
    return found


def _arms() -> list[tuple[int, int]]:
    """Every arm by the place of its experiment and its own."""
    return [(at, number) for at, one in enumerate(experiments()) for number in range(len(one.arms))]


def _arm(name: str) -> Rule:
    """The rule of an arm, by these two places."""
    place, number = map(int, name.split("."))
    one = experiments()[place]
    return arms.rule_of(one.source, one.arms[number].label)


def _clusterings() -> tuple[Clustering, ...]:
    return clusterings(session.state().settings)


def _cluster(name: str) -> Rule:
    """The rule of a group of a saved clustering, of which `name` has the id and the group's place."""
    id_, place = name.split(".")
    (one,) = (one for one in _clusterings() if one.id == id_)
    return {"cluster": {"model": id_, "groups": list(one.groups[int(place)].clusters)}}


def called(added: str) -> str:
    """What is offered, in words: its family and its name."""
    kind, name = added.split(ANY, 1)
    if kind in ("stage", "skipped", "looped", "ended"):
        name = place_name({"stage": name})
    elif kind == "segment":
        name = next((one.name for one in saved() if one.id == name), t("segments.gone"))
    elif kind == "orders":
        name = t(f"segments.orders_{name}")
    elif kind == "rfm":
        name = group_name(name)
    elif kind == "cluster":
        return rule_said(_cluster(name))
    elif kind == "arm":
        return rule_said(_arm(name))
    said = t(f"segments.kind_{kind}")
    return f"{said} · {name}" if name else said


def begun(added: str) -> dict[str, Any]:
    """The condition that stands there first."""
    kind, name = added.split(ANY, 1)
    can = choices()
    match kind:
        case "attribute":
            return {"attribute": name, "values": []}
        case "number":
            low, high = can.numbers[name]
            return {"number": {"attribute": name, "from": low, "to": high}}
        case "date":
            first, last = can.dates[name]
            return {"number": {"attribute": name, "from": first, "to": last}}
        case "orders":
            ends = {"count": {"from": 2}, "spent": {"from": 100_000}, "days_since": {"to": 30}}[name]
            named = session.state().settings.get("kpi.purchases")
            return {"orders": {"what": name, **ends, **({"purchases": list(named)} if named else {})}}
        case "rfm":
            return {"rfm": {"groups": [name], **how_scored()}}
        case "score":
            low, high = can.questions[name]
            return {"score": {"question": name, "from": low, "to": _unhappy(low, high)}}
        case "rating":
            low, high = can.rating or (1, 5)
            return {"rating": {"from": low, "to": _unhappy(low, high)}}
        case "period":
            first, last = whole().days()
            return {"period": [str(max(first, last - dt.timedelta(days=29))), str(last)]}
        case "cluster":
            return dict(_cluster(name))
        case "segment":
            return {"segment": name}
        case "arm":
            return dict(_arm(name))
        case "skipped" | "looped" | "ended":
            return {kind: {"stage": name}}
        case _:
            return {"did": {kind: name}}


def _unhappy(low: float, high: float) -> float:
    """The highest score of those who are not content: 6 of 0-10, 2 of 1-5."""
    return 6.0 if (low, high) == (0, 10) else float(round(low + (high - low) * 0.25))


def is_ready(leaf: Rule) -> bool:
    """Does the condition say something, or is it still to be filled in?"""
    return bool(leaf.get("values", True)) and bool(leaf.get("rfm", {}).get("groups", True))


def fields(leaf: Rule, key: str, change: Change) -> None:
    """What can be changed of one condition; `key` is its place, `change` takes the new one."""
    match leaf:
        case {"attribute": name, "values": values}:
            _values(str(name), list(values), key, change)
        case {"number": of}:
            _range(leaf, "number", of, key, change)
        case {"orders": of}:
            _range(leaf, "orders", of, key, change)
            _when(of, key, lambda changed: change({"orders": changed}))
        case {"score": of} | {"rating": of}:
            _scale("score" if "score" in leaf else "rating", of, key, change)
        case {"did": what}:
            _name(t("segments.kind_stage" if "stage" in what else "segments.kind_event"), place_name(what))
            _often(leaf, key, change)
            _when(leaf, key, change)
        case {"period": [first, last]}:
            _name(t("segments.kind_period"), "")
            _days([first, last], f"{key}.period", lambda days: change({"period": days}))
        case {"rfm": {"groups": [*groups], **rest}} if "on" not in rest and is_known(groups):
            _groups(list(groups), rest, key, change)
        case {"arm": {"experiment": source, "arm": label}} if arms.choice(source) in arms.known():
            _arm_of(source, label, key, change)
        case {"looped": what} | {"skipped": what} | {"ended": what}:
            _name(t(f"segments.kind_{next(iter(leaf))}"), place_name(what))
        case _:
            _name("", rule_said(leaf))


def _name(kind: str, name: str) -> None:
    quiet = f":gray[{literal(kind)}]" if kind else ""
    st.markdown(
        " ".join(part for part in (quiet, f"**{literal(demo.covered(name))}**" if name else "") if part),
        width="content",
    )


def _kept(key: str, value: Any, change: Callable[[Any], None]) -> dict[str, Any]:
    """Arguments of a widget that shows a part of the condition and changes it."""
    full = session.widget_key(f"rule.{key}")
    session.put(full, value)
    return {"key": full, "on_change": session.later(lambda: change(session.widget(full)))}


def _values(name: str, values: list[str | None], key: str, change: Change) -> None:
    _name(t("segments.kind_attribute"), name)
    attribute = whole().attributes.get(name)
    if attribute is None:
        return
    options: list[str | None] = list(attribute.categories[:_OFFERED_VALUES])
    options += [one for one in values if one not in options]
    if None not in options and (attribute.codes < 0).any():
        options.append(None)
    st.multiselect(
        literal(name),
        options,
        format_func=lambda one: value_said(name, one),
        placeholder=t("segments.choose_values"),
        label_visibility="collapsed",
        select_all=False,  # it speaks English only
        width=320,
        **_kept(f"{key}.values", values, lambda chosen: change({"attribute": name, "values": chosen})),
    )


def _groups(groups: list[str], how: Rule, key: str, change: Change) -> None:
    """RFM groups by the names that the project gives them; how they are scored stays."""
    _name(t("segments.kind_rfm"), "")
    st.multiselect(
        t("segments.kind_rfm"),
        [*GROUPS, NOBODY],
        format_func=lambda code: demo.covered(group_name(code)),
        placeholder=t("segments.choose_values"),
        label_visibility="collapsed",
        select_all=False,  # it speaks English only
        width=320,
        **_kept(f"{key}.groups", groups, lambda chosen: change({"rfm": {**how, "groups": chosen}})),
    )


def _arm_of(source: Mapping[str, Any], label: str, key: str, change: Change) -> None:
    """One of the arms of an experiment."""
    one = arms.known()[arms.choice(source)]
    names = arms.among(one)
    labels = list(names) if label in names else [*names, label]
    _name(t("segments.kind_arm"), arms.name_said(one))
    st.selectbox(
        t("segments.kind_arm"),
        labels,
        format_func=lambda each: names.get(each, demo.word("value") if demo.is_on() else each),
        label_visibility="collapsed",
        width=200,
        **_kept(f"{key}.arm", label, lambda chosen: change(arms.rule_of(source, chosen))),
    )


def _range(leaf: Rule, kind: str, of: Mapping[str, Any], key: str, change: Change) -> None:
    """Two ends, either of which may be left open."""
    # "Orders: number of orders" says it twice.
    _name("" if kind == "orders" else t(f"segments.kind_{kind}"), figure_name(kind, of))
    if any(isinstance(of.get(end), str) for end in ("from", "to")):
        first, last = choices().dates.get(of["attribute"], (of.get("from"), of.get("to")))
        days = [of.get("from") or first, of.get("to") or last]
        _days(
            days, f"{key}.dates", lambda two: change({kind: {**of, "from": two[0], "to": two[1]}}), free=True
        )
        return
    for end in ("from", "to"):
        st.number_input(
            t(f"segments.{end}"),
            value=None,
            step=1.0,
            format="%g",
            placeholder=t(f"segments.no_{end}"),
            width=170,
            **_kept(f"{key}.{end}", _number(of.get(end)), _end_changed(kind, of, end, change)),
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _end_changed(kind: str, of: Mapping[str, Any], end: str, change: Change) -> Callable[[Any], None]:
    def changed(value: float | None) -> None:
        ends = {"from": of.get("from"), "to": of.get("to"), end: value}
        low, high = ends["from"], ends["to"]
        if low is None and high is None:
            ends = {"from": 0.0, "to": None}
        elif low is not None and high is not None and low > high:
            ends = {"from": value, "to": value}
        change({kind: {**of, **ends}})

    return changed


def _scale(kind: str, of: Mapping[str, Any], key: str, change: Change) -> None:
    """The two ends on the scale of a question, or of reviews."""
    name = figure_name(kind, of)
    _name(t(f"segments.kind_{kind}") if kind == "score" else "", name)
    can = choices()
    found = can.questions.get(name) if kind == "score" else can.rating
    if found is None:
        return
    low, high = found
    ends = (
        min(max(low, float(of["from"] if of.get("from") is not None else low)), high),
        max(min(high, float(of["to"] if of.get("to") is not None else high)), low),
    )
    whole_numbers = high - low <= 20
    st.slider(
        literal(name),
        int(low) if whole_numbers else low,
        int(high) if whole_numbers else high,
        label_visibility="collapsed",
        width=280,
        **_kept(
            f"{key}.scale",
            tuple(int(end) if whole_numbers else end for end in ends),
            lambda two: change({kind: {**of, "from": float(two[0]), "to": float(two[1])}}),
        ),
    )


def _often(leaf: Rule, key: str, change: Change) -> None:
    """At least, at most or exactly so often, or never."""
    least, most = leaf.get("at_least", 0 if "at_most" in leaf else 1), leaf.get("at_most")
    how = "least" if most is None else "never" if most == 0 else "exactly" if least == most else "most"
    rest = {name: value for name, value in leaf.items() if name not in ("at_least", "at_most")}
    n = least if most is None else most

    def made(how: str, n: int) -> Rule:
        ends = {"least": {"at_least": n}, "most": {"at_most": n}, "exactly": {"at_least": n, "at_most": n}}
        return {**rest, **ends.get(how, {"at_most": 0})}

    st.selectbox(
        t("segments.times"),
        _TIMES,
        format_func=lambda one: t(f"segments.times_{one}"),
        width=130,
        **_kept(f"{key}.how", how, lambda one: change(made(one, max(n, 1)))),
    )
    if how != "never":
        st.number_input(
            t("segments.times_n"),
            1,
            9999,
            width=120,
            **_kept(f"{key}.n", max(n, 1), lambda many: change(made(how, int(many)))),
        )


def _when(of: Rule, key: str, change: Change) -> None:
    """At any time, in the last days, or on certain days."""
    when = "last" if "last_days" in of else "days" if "days" in of else "ever"
    rest = {name: value for name, value in of.items() if name not in ("last_days", "days")}
    first, last = whole().days()

    def made(one: str) -> Rule:
        days = [str(max(first, last - dt.timedelta(days=29))), str(last)]
        return {**rest, **{"last": {"last_days": 30}, "days": {"days": days}}.get(one, {})}

    st.selectbox(
        t("segments.when"),
        _WHEN,
        format_func=lambda one: t(f"segments.when_{one}"),
        width=130,
        **_kept(f"{key}.when", when, lambda one: change(made(one))),
    )
    if when == "last":
        st.number_input(
            t("segments.when_n"),
            1,
            3650,
            width=120,
            **_kept(f"{key}.last", of["last_days"], lambda n: change({**rest, "last_days": int(n)})),
        )
    elif when == "days":
        _days(list(of["days"]), f"{key}.days", lambda days: change({**rest, "days": days}))


def _days(days: list[Any], key: str, change: Callable[[list[str]], None], *, free: bool = False) -> None:
    chosen = tuple(dt.date.fromisoformat(day) for day in days)
    first, last = (min(chosen), max(chosen)) if free else whole().days()
    if free:
        first, last = dt.date(1900, 1, 1), dt.date(2100, 12, 31)

    def changed(two: Any) -> None:
        if len(two) == 2:  # between the two clicks there is only the first day
            change([day.isoformat() for day in two])

    full = session.widget_key(f"rule.{key}")
    half = len(session.widget(full, ())) == 1
    if not half:
        session.put(full, tuple(min(max(first, day), last) for day in chosen))
    st.date_input(
        t("controls.period"),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        width=265,
        key=full,
        on_change=session.later(lambda: changed(session.widget(full))),
    )
