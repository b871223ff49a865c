"""Who is looking at what: the one place that touches `st.session_state` for data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

import streamlit as st

from journey.errors import JourneyError, NotStored, ProjectMissing, SignedOut
from journey.findings import Finding
from journey.i18n import LANGUAGES, pick_language
from journey.projects.person import Person
from journey.projects.state import ProjectState
from journey.projects.store import Project, Store
from journey.projects.tray import Tray
from journey.sources.staging import Staging
from ui.identity import BADGE, person_at, person_here
from ui.settings import sound

__all__ = [
    "Picked",
    "Session",
    "Shown",
    "choose_language",
    "come_to",
    "current",
    "download",
    "edit",
    "follow_url",
    "forget",
    "forget_clicks",
    "has_log",
    "is_dark",
    "kept",
    "later",
    "leave",
    "open_project",
    "opened_project",
    "person",
    "pick",
    "picked",
    "project",
    "put",
    "refresh",
    "remember",
    "state",
    "store",
    "switch",
    "take_problem",
    "widget",
    "widget_key",
]

_KEY = "journey"
# Switches of a tab that stand in its URL: names masked, and the presentation view.
_SWITCHES = ("demo", "show")


@dataclass(frozen=True)
class Picked:
    """The mark that is picked in a chart, by its `id`.

    The browser keeps what was clicked. A pick that was not clicked there needs a new chart, which is the next
    `turn` and shows the mark `first` as picked.
    """

    id: str | None = None
    first: str | None = None
    turn: int = 0


@dataclass(frozen=True)
class Shown:
    """Which edit of a project was the newest, and at which revision, when the page was drawn."""

    project_id: str
    head: int
    revision: int


@dataclass
class Session:
    """Ids and settings of one browser tab, never data; `opened` and `state` are what this run found.

    `owner` is the key of the person whose all this is; "" before anybody came in.
    `problem` is what went wrong in a widget's callback, for the next run to say, `said` what an edit had to
    say that was done nevertheless; `shown` is what the page shows, `unsaved` what was typed into which widget
    and could not be kept yet. `tray` names the files that were brought and wait to be put into a project,
    `tray_of` the project that was open when they were looked at last, `staging` the folder that holds them.
    `demo` masks names, `show` is the presentation view on a `screen` of that width and height, in which keys
    were pressed, `presses`, the last of which has the number `heard`; `clicks` are those on `page` that no
    run has come to yet; `aliases` are what names are replaced by in this run.
    """

    language: str = "en"
    project_id: str | None = None
    opened: Project | None = None
    state: ProjectState | None = None
    problem: JourneyError | None = None
    shown: Shown | None = None
    said: list[Finding] = field(default_factory=list)
    unsaved: dict[str, str] = field(default_factory=dict)
    picks: dict[str, Picked] = field(default_factory=dict)
    tray: Tray = field(default_factory=Tray)
    tray_of: str | None = None
    staging: Staging | None = None
    owner: str = ""
    demo: bool = False
    show: bool = False
    screen: tuple[int, int] | None = None
    presses: list[str] = field(default_factory=list)
    heard: int = 0
    clicks: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    aliases: Mapping[str, str] | None = None


def current() -> Session:
    """This tab's session, begun from the URL and the browser's language when it is new."""
    session: Session | None = st.session_state.get(_KEY)
    if session is None:
        language = pick_language(st.query_params.get("lang"), st.context.locale)
        session = st.session_state[_KEY] = Session(language, st.query_params.get("project"))
    return session


def follow_url() -> None:
    """Take over what a typed or copied URL asks for; a page change drops it, so it is written back."""
    _begin_anew_for_another()
    session = current()
    refresh()
    wish = st.query_params.get("lang")
    if wish in LANGUAGES:
        session.language = wish
    session.project_id = st.query_params.get("project") or session.project_id
    for name in _SWITCHES:
        if name in st.query_params:
            setattr(session, name, st.query_params[name] != "0")
    _write_url()


def _begin_anew_for_another() -> None:
    """A tab that comes back with another person's login begins anew: nothing of the former is left in it."""
    here = person_here()
    owner = here.key if here else ""
    if current().owner not in ("", owner):
        st.session_state.clear()
    current().owner = owner


def _write_url() -> None:
    session = current()
    wanted = {"lang": session.language}
    if session.project_id:
        wanted["project"] = session.project_id
    wanted |= {name: "1" for name in _SWITCHES if getattr(session, name)}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def choose_language(language: str) -> None:
    """Speak this language from now on."""
    current().language = language
    _write_url()


def switch(name: str, on: bool) -> None:
    """Turn demo mode (`demo`) or the presentation view (`show`) of this tab on or off."""
    setattr(current(), name, on)
    _write_url()


def is_dark() -> bool:
    """Does this browser show the app in dark colours?"""
    return st.context.theme.type == "dark"


def store() -> Store:
    """The projects, as the person at this tab may see and change them."""
    return _store().for_(person())


def person() -> Person:
    """Who sits at this tab. Raises SignedOut where nobody does, or another than when the tab was drawn."""
    here = person_here()
    if here is None or here.key != current().owner:
        raise SignedOut
    return here


@st.cache_resource(show_spinner=False)
def _store() -> Store:
    return Store()


def project() -> Project | None:
    """The open project, its access checked by the store once a run; None while none is open."""
    person()
    session = current()
    if session.opened is None and session.project_id:
        session.opened = store().open(session.project_id)
    return session.opened


def opened_project() -> Project:
    """The open project; raises ProjectMissing while none is open."""
    found = project()
    if found is None:
        raise ProjectMissing
    return found


def open_project(project_id: str | None) -> None:
    """Look at this project from now on; None looks at no project."""
    session = current()
    session.project_id = project_id
    refresh()
    _write_url()


def leave(project_id: str) -> None:
    """Keep nothing of a project in this tab, and look at none where it was the open one."""
    session = current()
    session.picks = {key: mark for key, mark in session.picks.items() if not key.startswith(project_id)}
    for key in list(st.session_state):
        if str(key).startswith(f"{project_id}."):
            del st.session_state[key]
    if session.project_id == project_id:
        open_project(None)


def state() -> ProjectState:
    """Data, stages and settings of the open project, read once a run; an empty state while none is open."""
    person()
    session = current()
    if session.state is None:
        opened = project()
        session.state = ProjectState() if opened is None else _sound(opened.state)
    return session.state


def has_log() -> bool:
    """Has the open project events to ask? Results of tests alone have none."""
    data = state().data
    return data is not None and data.fingerprint is not None


def _sound(found: ProjectState) -> ProjectState:
    return replace(found, settings=sound(found.settings))


def come_to(page: str) -> None:
    """The run draws this page; what was clicked on another one is not followed here."""
    session = current()
    if session.page != page:
        session.page = page
        session.clicks.clear()


def forget_clicks() -> None:
    """The whole page was drawn: a click on a button that it does not have any more is not followed later."""
    current().clicks.clear()


def refresh() -> None:
    """Read the project anew at its next use: the first thing that every run does."""
    session = current()
    session.opened = session.state = session.aliases = None


def later(change: Callable[..., None]) -> Callable[..., None]:
    """The callback of a widget: what goes wrong in it is said by the run that follows, not by Streamlit.

    It sees the project as it is now, not as the run that drew the widget saw it.
    """

    @wraps(change)
    def careful(*args: Any, **kwargs: Any) -> None:
        refresh()
        try:
            change(*args, **kwargs)
        except JourneyError as problem:
            current().problem = problem

    return careful


def download(write: Callable[[], Any]) -> Callable[[], Any]:
    """What a download button hands out, made when it is clicked, outside of any run.

    A tab may be open for long: only while who drew it is signed in, and may open the project.
    """
    badge, opened = st.context.headers.get(BADGE), project()

    def careful() -> Any:
        if person_at(badge) is None:
            raise SignedOut
        if opened is not None:
            opened.revision  # noqa: B018 - the store says who may see it
        return write()

    return careful


def take_problem() -> JourneyError | None:
    """What went wrong in a callback and was not said yet."""
    session = current()
    problem, session.problem = session.problem, None
    return problem


def edit(op: Mapping[str, Any]) -> None:
    """Change the open project; the change is on the disk when this returns."""
    opened = project()
    if opened is not None:
        found = current().state = _sound(opened.apply(op))
        current().said += found.told


def remember(name: str, value: Any) -> None:
    """Let the open project keep a setting."""
    if state().settings.get(name) != value:
        edit({"op": "setting", "name": name, "value": value})


def widget_key(name: str) -> str:
    """The key of the widget that shows this setting of the open project."""
    return f"{current().project_id}.{name}"


def widget(key: str, default: Any = None) -> Any:
    """What the widget of this key shows now."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Let the widget of this key show a value; before the widget is drawn, or in a callback."""
    st.session_state[key] = value


def kept(
    name: str,
    default: Any,
    allowed: Collection[Any] | None = None,
    *,
    item: str | None = None,
    said: Mapping[Any, Any] | None = None,
) -> dict[str, Any]:
    """Arguments that make a widget show the project's setting and store what is chosen.

    What is stored wins over what the widget showed last: another tab may have changed it since. With `item`
    the setting is a mapping and the widget is about that one entry of it. A stored value that is not
    `allowed` any more (another file, another stage map) falls back to the default. Where entries, alone or
    in a list, are `said` by other names, the widget knows these names only, and what is stored are the
    entries.
    """
    said = said or {}
    meant = {shown: entry for entry, shown in said.items()}
    stored = state().settings.get(name, default)
    if item:
        stored = stored if isinstance(stored, Mapping) else {}
    key = widget_key(f"{name}.{item}" if item else name)
    value = stored.get(item, default) if item else stored
    if type(value) is not type(default):
        value = default
    elif allowed is not None and isinstance(value, list):
        known = frozenset(allowed)
        plain = [entry for entry in value if not isinstance(entry, list | Mapping)]
        value = [shown for entry in plain if (shown := said.get(entry, entry)) in known]
    elif allowed is not None:
        value = said.get(value, value)
        value = value if value in allowed else default
    is_typed = allowed is None and isinstance(value, str)
    if is_typed:
        value = _unsaved(key, name, value)
    st.session_state[key] = value

    @later
    def keep() -> None:
        chosen = widget(key)
        if is_typed:
            current().unsaved[key] = chosen
        if isinstance(chosen, list):
            chosen = [meant.get(shown, shown) for shown in chosen]
        elif meant:
            chosen = meant.get(chosen, chosen)
        if item:
            stored = state().settings.get(name)
            entries = {**(stored if isinstance(stored, Mapping) else {}), item: chosen}
            chosen = {entry: given for entry, given in entries.items() if given} or None
        remember(name, chosen)
        current().unsaved.pop(key, None)

    return {"key": key, "on_change": keep}


def _unsaved(key: str, name: str, stored: str) -> str:
    """What was typed last; what could not be kept stays to be seen, and every run tries again."""
    waits = current().unsaved
    if key in waits:
        stored = waits[key]
        with suppress(NotStored):
            remember(name, stored)
            del waits[key]
    return stored


def picked(chart: str) -> Picked:
    """What is picked in this chart of the open project."""
    return current().picks.get(widget_key(chart), Picked())


def pick(chart: str, mark: str | None, *, by_click: bool = False) -> None:
    """Let this mark be the one that is picked; None for none."""
    before = picked(chart)
    if mark == before.id:
        return
    after = replace(before, id=mark) if by_click else Picked(mark, mark, before.turn + 1)
    current().picks[widget_key(chart)] = after


@later
def forget(*names: str) -> None:
    """Take settings away, from the project and from the widgets that show them."""
    edit({"op": "settings", "values": dict.fromkeys(names)})
    for key in list(st.session_state):
        if any(str(key).startswith(widget_key(name)) for name in names):
            del st.session_state[key]
