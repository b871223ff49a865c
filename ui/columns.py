"""What kind of table a file is and which column plays which role: guessed, explained, and changed at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from journey.events.arms import arms_of, shape_of
from journey.events.columns import Guessed
from journey.events.kinds import KINDS, Role, TableChoice
from journey.events.role_changes import placed
from journey.events.time_sample import TimeSample, time_sample
from journey.sources.raw_table import RawTable
from ui import found, session, uploads
from ui.found import Understood, sureness
from ui.words import literal, md, sentence, t

__all__ = ["choose", "is_unsure", "masked"]

_MOST_OFFERED = 4
# An option of its own: for None a list shows Streamlit's words, in English. No column has an empty name.
_NONE = ""
_A_ROW = 3
_CUMULATIVE = {"auto": None, "yes": True, "no": False}
_SIGNS = {"sure": ":material/check_circle:", "likely": ":material/help:", "guess": ":material/error:"}


def choose(file: Understood) -> None:
    """The kind of the table, the role of each column, and how its values are meant."""
    _kind(file)
    choice = file.choice
    if choice is None:
        return
    _roles(file, choice)
    _offer_events(file, choice)
    _meaning(file, choice)


def is_unsure(file: Understood) -> bool:
    """Should its owner look: at what is a guess, is missing, or can be read in more than one way?"""
    choice = file.choice
    if choice is None or choice.missing:
        return True
    if file.file.like is not None or file.file.expected:
        return False
    if _lacks_event(choice) or _is_ambiguous(file, choice):
        return True
    sure = file.guess.kinds.get(choice.kind, 0.0)
    roles = [role.name for role in KINDS[choice.kind] if role.needed and not role.many]
    guessed = [_guessed(file, choice, role).get(choice.one(role) or "") for role in roles]
    return "guess" in map(sureness, [sure, *(one.confidence for one in guessed if one is not None)])


def _lacks_event(choice: TableChoice) -> bool:
    return choice.kind == "events" and choice.one("event") is None


def _is_ambiguous(file: Understood, choice: TableChoice) -> bool:
    """Can its dates be read in more than one way, and has nobody said which is meant?"""
    time = choice.one("time")
    if choice.date_order is not None or time is None or time not in file.raw.frame.columns:
        return False
    return _sample(found.target(file), time, choice.zone, file.raw).ambiguous is not None


def _set(file_id: str, **values: Any) -> None:
    """Change the choice as it is now: two changes may come with one click."""
    file = uploads.tray().file(file_id)
    if file is not None and file.choice is not None:
        uploads.keep(uploads.tray().change(file_id, choice=replace(file.choice, **values)))


def _place(file_id: str, role: str, columns: Sequence[str]) -> None:
    file = uploads.tray().file(file_id)
    if file is not None and file.choice is not None:
        made = placed(file.choice, role, columns)
        # Which reading of a date is meant was said about another column.
        made = replace(made, date_order=None) if role == "time" else made
        uploads.keep(uploads.tray().change(file_id, choice=made))


def _kind(file: Understood) -> None:
    key = f"{file.file.id}.kind"

    @session.later
    def change() -> None:
        kind = session.widget(key) or None
        before = file.file.choice
        made = None
        if kind is not None:
            made = file.guess.choice(kind, **({} if before is None else {"zone": before.zone}))
            made = made if before is None else replace(made, masked=before.masked)
        uploads.keep(uploads.tray().change(file.file.id, choice=made))

    session.put(key, _NONE if file.choice is None else file.choice.kind)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    words = {_NONE: t("bring.kind_none"), **{kind: t(f"bring.kind_{kind}") for kind in KINDS}}
    left.selectbox(
        t("bring.kind"),
        list(words),
        format_func=words.__getitem__,
        key=key,
        on_change=change,
    )
    if file.choice is not None:
        right.caption("  \n".join(_described(file, file.choice)))


def _described(file: Understood, choice: TableChoice) -> list[str]:
    """What a row of such a table is; of results of a test also which arms stand in it."""
    if choice.kind != "experiment":
        return [t(f"bring.kind_{choice.kind}_help")]
    said = [t(f"bring.shape_{shape_of(choice, file.raw)}")]
    arms = arms_of(choice, file.raw)
    return [*said, md("bring.shape_arms", arms=", ".join(arms))] if arms else said


def _roles(file: Understood, choice: TableChoice) -> None:
    names = list(map(str, file.raw.frame.columns))
    possible = [role for role in KINDS[choice.kind] if role.after is None or choice.all(role.after)]
    single = [role for role in possible if not role.many]
    for start in range(0, len(single), _A_ROW):
        for column, role in zip(st.columns(_A_ROW), single[start : start + _A_ROW], strict=False):
            with column:
                _one(file, choice, role, names)
    for role in possible:
        if role.many:
            _many(file, choice, role, names)


def _label(role: Role, *, needed: bool) -> str:
    name = t(f"bring.role_{role.name}")
    return t("bring.needed", role=name) if needed else name


def _is_needed(choice: TableChoice, role: Role) -> bool:
    """Is the table of no use without the role? Not where others tell the same, as columns of arms do."""
    return role.needed and (role.name in choice.missing or bool(choice.all(role.name)))


def _one(file: Understood, choice: TableChoice, role: Role, names: list[str]) -> None:
    key, column = f"{file.file.id}.role.{role.name}", choice.one(role.name)
    session.put(key, column if column in names else _NONE)

    @session.later
    def change() -> None:
        chosen = session.widget(key)
        _place(file.file.id, role.name, (chosen,) if chosen else ())

    is_event = (choice.kind, role.name) == ("events", "event")
    needed = _is_needed(choice, role)
    none = t("bring.choose" if needed else "bring.one_event" if is_event else "bring.no_column")
    st.selectbox(
        _label(role, needed=needed),
        [_NONE, *names],
        format_func=lambda name: name or none,
        help=t(f"bring.role_{role.name}_help"),
        key=key,
        on_change=change,
    )
    guessed = _guessed(file, choice, role.name).get(column or "")
    if guessed is not None and sureness(guessed.confidence) == "guess":
        st.caption(f"{_SIGNS['guess']} {t('bring.look_at_it')}")


def _many(file: Understood, choice: TableChoice, role: Role, names: list[str]) -> None:
    key = f"{file.file.id}.role.{role.name}"
    taken = {name for one in KINDS[choice.kind] if not one.many for name in choice.all(one.name)}
    options = [name for name in names if name not in taken]
    session.put(key, [name for name in choice.all(role.name) if name in options])

    @session.later
    def change() -> None:
        _place(file.file.id, role.name, session.widget(key))

    st.multiselect(
        _label(role, needed=_is_needed(choice, role)),
        options,
        help=t(f"bring.role_{role.name}_help"),
        placeholder=t("bring.choose"),
        select_all=False,  # it speaks English only
        key=key,
        on_change=change,
    )


def _guessed(file: Understood, choice: TableChoice, role: str) -> dict[str, Guessed]:
    """The guesses for a role of this kind by their columns."""
    return {one.column: one for one in file.guess.roles.get(choice.kind, {}).get(role, ())}


def reasons(file: Understood, choice: TableChoice) -> list[str]:
    """Why each column was chosen and how sure that is, as long as the guess stands."""
    said = []
    for role in KINDS[choice.kind]:
        guesses = _guessed(file, choice, role.name)
        for column in choice.all(role.name):
            if (one := guesses.get(column)) is not None:
                sure = sureness(one.confidence)
                words = {"role": t(f"bring.role_{role.name}"), "sure": t(f"bring.{sure}")}
                said.append(f"{_SIGNS[sure]} {md('bring.because', **words)} {sentence(one.reason)}")
    return said


def _offer_events(file: Understood, choice: TableChoice) -> None:
    """Say what it means that no column names the event, and let one be taken that could."""
    if not _lacks_event(choice) or choice.one("time") is None:
        return
    offered = file.guess.events_possible[:_MOST_OFFERED]
    if not offered:
        st.info(t("bring.no_event"), icon=":material/info:")
        return
    with st.container(border=True):
        st.markdown(t("bring.event_offer"))
        with st.container(horizontal=True):
            for name in offered:
                st.button(
                    literal(name),
                    key=f"{file.file.id}.take.{name}",
                    icon=":material/add:",
                    on_click=session.later(_place),
                    args=(file.file.id, "event", (name,)),
                )


def _meaning(file: Understood, choice: TableChoice) -> None:
    """Time zone, order of ambiguous dates, and what is done with repeated rows."""
    time = choice.one("time")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if time is not None:
            _setting(file, choice, "zone", st.selectbox, _zones(), help=t("bring.zone_help"), width=260)
        _setting(file, choice, "drop_duplicates", st.toggle)
        if choice.kind == "orders":
            _setting(file, choice, "first_is_purchase", st.toggle, help=t("bring.first_is_purchase_help"))
        if choice.is_summed and (time is not None or choice.one("elapsed") is not None):
            _cumulative(file, choice)
    said = reasons(file, choice)
    if said:
        with st.popover(t("bring.why"), icon=":material/lightbulb:"):
            for one in said:
                st.markdown(one)
    if time is not None and time in file.raw.frame.columns:
        sample = _sample(found.target(file), time, choice.zone, file.raw)
        _say_times(time, sample)
        _order(file, choice, sample)


@cache
def _zones() -> list[str]:
    # The system's folder of zones takes longer to look through than the rest of a run.
    return sorted(available_timezones())


def _setting(file: Understood, choice: TableChoice, name: str, widget: Any, *args: Any, **more: Any) -> None:
    key = f"{file.file.id}.{name}"
    session.put(key, getattr(choice, name))

    @session.later
    def change() -> None:
        _set(file.file.id, **{name: session.widget(key)})

    widget(t(f"bring.{name}"), *args, key=key, on_change=change, **more)


def _cumulative(file: Understood, choice: TableChoice) -> None:
    """Whether each row of a summed table holds all up to its time."""
    key = f"{file.file.id}.cumulative"
    session.put(key, next(word for word, said in _CUMULATIVE.items() if said is choice.cumulative))

    @session.later
    def change() -> None:
        _set(file.file.id, cumulative=_CUMULATIVE[session.widget(key)])

    words = {word: t(f"bring.cumulative_{word}") for word in _CUMULATIVE}
    st.selectbox(
        t("bring.cumulative"),
        list(words),
        format_func=words.__getitem__,
        help=t("bring.cumulative_help"),
        key=key,
        on_change=change,
        width=260,
    )


def masked(file: Understood, choice: TableChoice) -> None:
    """The switch that masks what is personal."""
    _setting(file, choice, "masked", st.toggle, help=t("bring.masked_help"))


@st.cache_resource(max_entries=128, show_spinner=False)
def _sample(target: str, name: str, zone: str, _raw: RawTable) -> TimeSample:
    return time_sample(_raw.frame[name], zone=zone)


def _say_times(column: str, sample: TimeSample) -> None:
    """How the times will be read, where that is not plain to see."""
    if sample.unit != "text":
        st.caption(md(f"events.unit_{sample.unit}", column=column))
    if sample.unread:
        st.caption(md("bring.times_unread", column=column, looked=sample.rows, rows=sample.unread))
    if sample.mostly_dates:
        st.caption(t("events.date_only"))


def _order(file: Understood, choice: TableChoice, sample: TimeSample) -> None:
    """Let the owner say which reading of an ambiguous date is meant."""
    if sample.ambiguous is None:
        return
    key = f"{file.file.id}.date_order"
    example, readings = sample.ambiguous.values["example"], sample.ambiguous.values["readings"]
    shown = choice.date_order
    session.put(key, shown if shown in readings else sample.ambiguous.values["order"])

    @session.later
    def change() -> None:
        _set(file.file.id, date_order=session.widget(key))

    words = {name: t(f"bring.order_{name}", read=dt.date.fromisoformat(readings[name])) for name in readings}
    with st.container(border=True):
        st.radio(
            md("bring.order", example=example),
            list(words),
            format_func=words.__getitem__,
            help=t("bring.order_help"),
            key=key,
            on_change=change,
        )
