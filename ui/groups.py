"""Which two groups of customers are compared? Chosen by attribute, period, conversion or saved segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from journey.aggregates.arm_sources import ArmSource
from journey.analysis.comparison import Comparison
from journey.charts.comparison import comparison_chart, step_matrix
from journey.charts.comparison_words import ENDED, ComparisonWords
from journey.charts.flows import PickedLink, PickedNode, link_id, node_id, parse_id
from journey.events.log import Attribute
from ui import arms, by_name, presenting, session
from ui.ask import ASSIGNED, log, saved, view
from ui.controls import value_said
from ui.people import compared_panel
from ui.tables import name_of
from ui.veil import said
from ui.words import literal, sentence, t

__all__ = ["MOST_STRATA", "Chosen", "at_a_glance", "choosable", "chooser", "picture", "remarks", "who"]

_STEPS = range(1, 13)
_MOST_VALUES = 1000
MOST_STRATA = 200
_SHOWN_NAMES = 2
_MOST_NODES = 12
# What is said at once; the other notes stand under "how it was counted".
_AT_ONCE = ("note_busier", "note_periods", "note_same_customers")
_WARNED = ("note_turned",)


@dataclass(frozen=True)
class Chosen:
    """Two rules, what the groups are called, and what else is asked; `b` is None for all the others."""

    a: Mapping[str, Any]
    b: Mapping[str, Any] | None
    names: tuple[str, str]
    attribute: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        return {"a": dict(self.a), "b": self.b and dict(self.b), "names": list(self.names), **self.more}


def chooser(page: str) -> dict[str, Any]:
    """The groups, as settings of a question; arms of experiments are offered where there are some."""
    goal = session.state().stage_map.goal_stage
    attributes = choosable(_MOST_VALUES)
    ways = ["attribute"] if attributes else []
    ways += ["period"] + (["converted"] if goal is not None else []) + (["segment"] if saved() else [])
    tested = arms.known()
    ways += ["arm"] if tested else []
    way = st.selectbox(
        t("comparison.by"),
        ways,
        format_func=lambda name: t(f"comparison.by_{name}"),
        width=170,
        **session.kept(f"{page}.by", ways[0], ways),
    )
    if way == "attribute":
        chosen = _by_attribute(page, attributes)
    elif way == "period":
        chosen = _by_period(page)
    elif way == "segment":
        chosen = _by_segment(page)
    elif way == "arm":
        chosen = _by_arm(page, tested)
    else:
        assert goal is not None
        names = t("comparison.converted", stage=goal.name), t("comparison.not_converted")
        chosen = Chosen({"did": {"stage": goal.id}}, None, names)
    with st.popover(t("comparison.more"), icon=":material/tune:"):
        return {**chosen.settings, **_mix(page, chosen.attribute), **_flow(page)}


def choosable(most: int) -> dict[str, Attribute]:
    """Attributes whose values tell groups apart, those with few values first."""
    found = {name: one for name, one in log().attributes.items() if 2 <= len(one.categories) <= most}
    return dict(sorted(found.items(), key=lambda pair: len(pair[1].categories) > _MOST_NODES))


def _by_attribute(page: str, attributes: Mapping[str, Attribute]) -> Chosen:
    attribute = by_name.one_of(
        f"{page}.attribute", t("comparison.attribute"), {name: name for name in attributes}, width=170
    )
    shown_as = said(attribute)
    meant = {shown: value for value, shown in shown_as.items()}
    options = _by_frequency(attributes[attribute])
    first = meant.get(options[0], options[0])

    def choose(side: str, default: list[str | None], placeholder: str) -> list[str | None]:
        found: list[str | None] = st.multiselect(
            t(f"comparison.values_{side}"),
            options,
            format_func=value_said,
            placeholder=placeholder,
            select_all=False,  # it speaks English only
            width=220,
            **session.kept(f"{page}.values_{side}", default, options, item=attribute, said=shown_as),
        )
        return found

    a = choose("a", [first], t("comparison.rest"))
    b = choose("b", [], t("comparison.rest"))
    rules = [
        {"attribute": attribute, "values": [meant.get(value, value) if value else value for value in side]}
        for side in (a, b)
    ]
    named = _listed(a), _listed(b) if b else t("comparison.rest_name")
    return Chosen(rules[0], rules[1] if b else None, named, attribute)


def _by_frequency(attribute: Attribute) -> list[Any]:
    """The values, the most frequent first; rows without a value last."""
    counts = np.bincount(attribute.codes[attribute.codes >= 0], minlength=len(attribute.categories))
    order = np.argsort(-counts, kind="stable")
    return [*(attribute.categories[code] for code in order), *([None] if (attribute.codes < 0).any() else [])]


def _listed(values: list[str | None]) -> str:
    names = [value_said(value) for value in values[:_SHOWN_NAMES]]
    rest = len(values) - len(names)
    return ", ".join([*names, *([t("controls.more_values", n=rest)] if rest else [])])


def _by_period(page: str) -> Chosen:
    """The later half of the observed time against the earlier one, until somebody says otherwise."""
    first, last = view().days()
    half = dt.timedelta(days=max(0, ((last - first).days + 1) // 2 - 1))
    a = _days(f"{page}.period_a", t("comparison.period_a"), (last - half, last), (first, last))
    b = _days(f"{page}.period_b", t("comparison.period_b"), (first, first + half), (first, last))
    rules = [{"period": [day.isoformat() for day in days]} for days in (a, b)]
    return Chosen(rules[0], rules[1], (_days_said(a), _days_said(b)))


Days = tuple[dt.date, dt.date]


def _days(name: str, label: str, default: Days, bounds: Days) -> Days:
    key = session.widget_key(name)
    first, last = bounds

    @session.later
    def keep() -> None:
        chosen = session.widget(key)
        if len(chosen) == 2:  # between the two clicks there is only the first day
            session.remember(name, [day.isoformat() for day in chosen])

    days = _stored_days(name) or default
    days = (max(first, min(days[0], last)), min(last, max(days[1], first)))
    half = len(session.widget(key, ())) == 1
    if not half:
        session.put(key, days)
    st.date_input(
        label,
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD" if session.current().language == "ko" else "MM/DD/YYYY",
        width=260,
        help=t("comparison.period_half") if half else None,
        key=key,
        on_change=keep,
    )
    return days


def _stored_days(name: str) -> Days | None:
    stored = session.state().settings.get(name)
    try:
        first, last = (dt.date.fromisoformat(day) for day in stored or ())
    except (TypeError, ValueError):
        return None
    return (first, last) if first <= last else None


def _days_said(days: Days) -> str:
    """Short enough for a sentence: 4/29–5/28, with years where they differ."""
    first, last = days
    return "–".join(
        f"{day.month}/{day.day}" if first.year == last.year else f"{day.year}/{day.month}/{day.day}"
        for day in days
    )


def _by_segment(page: str) -> Chosen:
    known = {one.id: one.name for one in saved()}
    a = by_name.one_of(f"{page}.segment_a", t("comparison.segment_a"), known, width=220)
    rest = t("comparison.rest")
    b = by_name.one_of(f"{page}.segment_b", t("comparison.segment_b"), known, "", nothing=rest, width=220)
    names = known[a], known[b] if b else t("comparison.rest_name")
    return Chosen({"segment": a}, {"segment": b} if b else None, names)


def _by_arm(page: str, tested: Mapping[str, ArmSource]) -> Chosen:
    """An arm against another one, at first the one after the control against the control."""
    tests = {kept: arms.name_said(one) for kept, one in tested.items()}
    chosen = by_name.one_of(f"{page}.experiment", t("journeys.experiment"), tests, width=220)
    one = tested[chosen]
    names = arms.among(one)

    keep = partial(session.kept, item=chosen)
    control, second = list(names)[:2]
    a = by_name.one_of(f"{page}.arm_a", t("journeys.arm_a"), names, second, keep=keep, width=170)
    others = {label: name for label, name in names.items() if label != a}
    first = control if control in others else None
    b = by_name.one_of(f"{page}.arm_b", t("journeys.arm_b"), others, first, keep=keep, width=170)
    rules = [arms.rule_of(one.source, label) for label in (a, b)]
    named = t("journeys.arm", name=names[a]), t("journeys.arm", name=names[b])
    return Chosen(*rules, named, more=arms.assigned_to(one, page))


def _mix(page: str, compared: str | None) -> dict[str, Any]:
    """An attribute whose mix is held equal; what is compared itself cannot be."""
    names = [name for name in choosable(MOST_STRATA) if name != compared]
    if not names:
        return {}
    chosen = by_name.one_of(
        f"{page}.mix",
        t("comparison.mix"),
        {name: name for name in names},
        names[0],
        nothing=t("comparison.mix_none"),
        help=t("comparison.mix_help"),
    )
    return {"weight_by": chosen or None}


def _flow(page: str) -> dict[str, Any]:
    """Of which flow: steps, and what the columns show."""
    groups = ("stage", "event")
    group = st.selectbox(
        t("controls.group"),
        groups,
        format_func=lambda name: t(f"controls.group_{name}"),
        **session.kept(f"{page}.group", "stage", groups),
    )
    steps = st.slider(t("controls.steps"), _STEPS[0], _STEPS[-1], **session.kept(f"{page}.steps", 6, _STEPS))
    return {"steps": steps, "group": group, "nodes": None if group == "stage" else _MOST_NODES}


def picture(page: str) -> Any:
    """Which picture is drawn: the flow, or the matrix of steps."""
    drawn = {"flow": comparison_chart, "matrix": step_matrix}
    look = st.segmented_control(
        t("comparison.view"),
        list(drawn),
        format_func=lambda name: t(f"comparison.view_{name}"),
        required=True,
        **session.kept(f"{page}.view", "flow", list(drawn)),
    )
    return drawn[look]


def remarks(answer: Comparison, settings: Mapping[str, Any]) -> None:
    """How large the groups are, and what turns the sentence above around."""
    a, b = answer.names
    # Arms are often called A and B, so letters of groups would say the wrong one.
    key = "journeys.group_sizes" if settings.get(ASSIGNED) else "comparison.group_sizes"
    key += "_sessions" if answer.unit == "session" else ""
    st.caption(literal(t(key, a=a, n_a=answer.n_a, b=b, n_b=answer.n_b)))
    for note in answer.notes:
        name = note.code.split(".")[1]
        if name in _WARNED:
            st.warning(sentence(note), icon=":material/swap_horiz:")
        elif name in _AT_ONCE:
            st.caption(f":material/info: {sentence(note)}")
    if settings.get(ASSIGNED):
        st.caption(f":material/info: {t('journeys.descriptive')}")


def at_a_glance(page: str, answer: Comparison, settings: Mapping[str, Any]) -> None:
    """Conversion, reach and drop-off of both groups beside each other, and those whom each counts."""
    st.subheader(t("comparison.measures"), anchor=False)
    told = ComparisonWords(answer, session.current().language)
    a, b = answer.names
    if not settings.get(ASSIGNED) or a == b:
        # Two groups may bear one name, and a table needs each heading once.
        a, b = f"A · {a}", f"B · {b}"
    rows = [
        {
            t("column.figure"): t(f"comparison.measure_{row.measure}", stage=row.stage),
            a: t("comparison.glance_share", share=row.share_a, k=row.customers_a, n=row.n_a),
            b: t("comparison.glance_share", share=row.share_b, k=row.customers_b, n=row.n_b),
            t("comparison.glance_difference"): told.apart(row),
            **({t("column.adjusted"): told.mixed(row)} if answer.weight_by is not None else {}),
            t("column.state"): told.verdict(row),
        }
        for row in answer.measures.itertuples(index=False)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", key="comparison.measures")
    if not presenting.is_on():
        _measured(page, answer, settings)


def _measured(page: str, answer: Comparison, settings: Mapping[str, Any]) -> None:
    """The people of a measure, of one group at a time."""
    rows = {
        (row.measure, row.stage, side): row
        for row in answer.measures.itertuples(index=False)
        for side in ("a", "b")
    }
    ids = session.state().stage_map

    def said(one: tuple[str, str, str]) -> str:
        row, side = rows[one], one[2]
        name, k = answer.names[side == "b"], getattr(row, f"customers_{side}")
        figure = t(f"comparison.measure_{row.measure}", stage=row.stage)
        return t("comparison.pick_measure", name=name, figure=figure, k=k)

    chosen = by_name.line(
        f"{page}.measure",
        t("comparison.pick"),
        {one: said(one) for one in rows},
        t("comparison.pick_measure_hint"),
        label_visibility="collapsed",
    )
    if chosen is None:
        return
    measure, stage, side = chosen
    left, place = measure == "drop_off", {"stage": ids.named(stage).id}
    name, row = answer.names[side == "b"], rows[chosen]
    flow = {one: settings[one] for one in ("unit", ASSIGNED) if settings.get(one)}
    wanted = {**flow, "step": 0, "source": stage, "left": left, "a": settings["a"], "b": settings["b"]}
    compared_panel(
        {**wanted, "side": side},
        _saved_as(settings, side, {"ended": place} if left else {"did": place}),
        f"{name}: {t(f'comparison.measure_{measure}', stage=stage)}",
        of=int(getattr(row, f"n_{side}")),
        of_name=t("comparison.of_source" if left else "comparison.of_group_all", name=name, source=stage),
        key="comparison_measure",
    )


def _saved_as(settings: Mapping[str, Any], side: str, there: Mapping[str, Any]) -> dict[str, Any] | None:
    """The rule of those of one group who are there; periods to compare are no groups of customers.

    A rule is about all that a customer did, and so cannot say what was done since an exposure.
    """
    if "period" in settings["a"] or (settings.get(ASSIGNED) or {}).get("since"):
        return None
    rules = {"a": settings["a"], "b": settings["b"] or {"not": settings["a"]}}
    return {"all": [rules[side], {"not": rules["b" if side == "a" else "a"]}, there]}


def who(page: str, answer: Comparison, settings: Mapping[str, Any]) -> None:
    """Those of the ribbon, box or cell that was clicked, of one group at a time: exactly whom it counts."""
    _pick(page, answer, answer.names if settings.get(ASSIGNED) else ("A", "B"))
    mark = parse_id(session.picked(page).id or "")
    if mark is None or (row := _row(answer, mark)) is None:
        return
    side = st.segmented_control(
        t("comparison.whose"),
        ["a", "b"],
        format_func=lambda one: answer.names[one == "b"],
        required=True,
        **session.kept(f"{page}.whose", "a", ["a", "b"]),
    )
    language, name = session.current().language, answer.names[side == "b"]
    flow = {one: settings[one] for one in ("steps", "group", "nodes", "unit") if settings.get(one)}
    asked = {ASSIGNED: settings[ASSIGNED]} if settings.get(ASSIGNED) else {}
    if isinstance(mark, PickedLink):
        place: dict[str, Any] = asdict(mark)
        source = name_of(mark.source, mark.source_kind, language)
        target = name_of(mark.target, mark.target_kind, language)
        heading = t("comparison.people", name=name, source=source, target=target)
        of_name = t("comparison.of_source", name=name, source=source)
        there: dict[str, Any] = {"link": {**flow, **place}}
    else:
        place = {"step": mark.step, "source": mark.name, "source_kind": mark.kind}
        heading, of_name = f"{name}: {_at(answer, mark)}", t("comparison.of_group_all", name=name)
        steps = range(1, mark.step) if mark.kind in ENDED else (mark.step,)
        there = {"any": [{"link": {**flow, **place, "step": step}} for step in steps]}
    wanted = {**flow, **asked, **place, "a": settings["a"], "b": settings["b"]}
    compared_panel(
        {**wanted, "side": side},
        _saved_as(settings, side, there),
        heading,
        of=int(row[f"n_{side}"]),
        of_name=of_name,
    )


def _pick(page: str, answer: Comparison, called: tuple[str, str]) -> None:
    """What is drawn by name, what differs clearly first: for keys, and for fingers on a small picture."""
    if presenting.is_on() or answer.links.empty:
        return
    language = session.current().language
    order = {"clear": 0, "unclear": 1}
    names, cells = {}, {}
    groups = dict(zip(("first", "second"), called, strict=True))
    for row in sorted(answer.cells.itertuples(index=False), key=lambda one: order.get(one.state, 2)):
        mark = PickedNode(int(row.step), row.name, row.kind)
        said = t("comparison.pick_cell", at=_at(answer, mark), a=row.share_a, b=row.share_b, **groups)
        cells[node_id(mark.step, mark.kind, mark.name)] = said
    for row in sorted(answer.links.itertuples(index=False), key=lambda one: order.get(one.state, 2)):
        ends = {"source": name_of(row.source, row.source_kind, language)}
        ends["target"] = name_of(row.target, row.target_kind, language)
        shares = {"a": row.share_a, "b": row.share_b}
        names[link_id(row)] = t("comparison.pick_link", step=row.step, **shares, **groups, **ends)
    # First what stands in the picture that is looked at.
    is_matrix = session.state().settings.get(f"{page}.view") == "matrix"
    names = {**cells, **names} if is_matrix else {**names, **cells}
    by_name.mark(page, t("comparison.pick"), names, t("comparison.pick_hint"))


def _at(answer: Comparison, mark: PickedNode) -> str:
    """A cell of the matrix by its step and its row."""
    told = ComparisonWords(answer, session.current().language)
    return f"{told.step(mark.step)} · {told.row_name(mark.kind, mark.name)}"


def _row(answer: Comparison, mark: PickedLink | PickedNode) -> pd.Series | None:
    """The line of the ribbon or of the cell; None where it is not there any more."""
    place, table = asdict(mark), answer.links if isinstance(mark, PickedLink) else answer.cells
    rows = table[(table[list(place)] == pd.Series(place)).all(axis="columns")]
    return None if rows.empty else rows.iloc[0]
