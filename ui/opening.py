"""From files or a sample to an open project."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import streamlit as st

from journey.aggregates.event_counts import event_counts
from journey.errors import JourneyError
from journey.events.columns import guess_table
from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.events.log import EventLog
from journey.projects.arriving import arriving, as_parquet, is_seen_whole
from journey.projects.incoming import Incoming
from journey.projects.remembered import proposal
from journey.projects.store import Project
from journey.sources.files import read_table
from journey.sources.how import How
from journey.sources.samples import SAMPLES, Sample
from journey.stages.stage_map import StageMap
from journey.stages.suggest import suggest
from ui import expected, found, joining, problems, session, uploads
from ui.found import Understood
from ui.navigation import page_named
from ui.once import pressed
from ui.words import literal, md, t

__all__ = [
    "bring_sample_table",
    "invite",
    "is_open",
    "open_sample",
    "sample_buttons",
    "sample_choice",
    "straight_through",
    "take",
]

_HERE, _NEW = "here", "new"
# Of these kinds of table a journey is made.
_FLOWING = ("events", "orders")


def is_open() -> bool:
    """Is a project open that has data?"""
    return session.state().data is not None


class _Undecided(JourneyError):
    """Whether a file stands beside the one that it is like, or in its place, is for its owner to say."""

    code = "misuse"


# ---- the button -----------------------------------------------------------------------------------------


def straight_through() -> None:
    """Put files in at once whose columns the open project knows from last time."""
    files = found.know()
    waiting = uploads.tray().files
    known = [file for file in files if _goes_through(file)]
    if not files or len(known) < len(waiting) or session.project() is None:
        return
    if any(file.file.way is not None for file in known):
        return
    try:
        _put(known, session.project(), on_cancel=_look_first)
    except JourneyError:
        _look_first()
        raise


def _goes_through(file: Understood) -> bool:
    """Is everything known about the file that has to be asked otherwise?"""
    known = file.choice is not None and not file.choice.missing
    return known and file.file.same and found.like(file.file) is not None


def _look_first() -> None:
    """Show the columns of every file instead of taking them as they were."""
    for file in uploads.tray().files:
        uploads.keep(uploads.tray().change(file.id, same=False))


def take(files: Sequence[Understood]) -> None:
    """The button that puts the files into a project, and what keeps it from being there."""
    used = [file for file in files if file.choice is not None]
    left = [file.title for file in uploads.tray().files if file.id not in {one.file.id for one in used}]
    if not used:
        _put_away()
        return
    lacking = [(file, role) for file in used if file.choice for role in file.choice.missing]
    for file, role in lacking:
        said = md("bring.missing", name=file.file.title, role=t(f"bring.role_{role}"))
        st.warning(said, icon=":material/help:")
    if left:
        st.caption(md("bring.left_out", names=left))
    opened = _where(used)
    asked = [file for file in used if file.file.way == "ask"]
    if lacking or (opened is not None and asked):
        return
    changed = any(file.file.stored for file in used)
    makes = any(file.choice and file.choice.kind in _FLOWING for file in used)
    new = "bring.make" if makes else "bring.keep"
    words = "bring.apply" if changed else "bring.put_here" if opened is not None else new
    with st.container(horizontal=True):
        wanted = pressed(st.button, t(words), type="primary", icon=":material/arrow_forward:", key="build")
        _put_away()
    if wanted:
        _put(used, opened)


def _put_away() -> None:
    """The way back, with nothing put in."""
    if uploads.is_waiting():
        st.button(t("bring.put_away"), key="put_away", type="tertiary", on_click=session.later(uploads.clear))


def _where(files: Sequence[Understood]) -> Project | None:
    """The open project, or None for a new one."""
    opened = session.project()
    if opened is None or session.state().data is None or any(file.file.stored for file in files):
        return opened
    first = any(file.file.like or file.file.expected for file in files) or joining.with_project(files)
    key = session.widget_key(f"data.where.{files[0].file.id}")
    if session.widget(key) is None:
        session.put(key, _HERE if first else _NEW)
    words = {_HERE: t("bring.where_here", name=literal(opened.name)), _NEW: t("bring.where_new")}
    chosen = st.radio(
        t("bring.where"), [_HERE, _NEW], format_func=words.__getitem__, key=key, horizontal=True
    )
    return opened if chosen == _HERE else None


# ---- the building ---------------------------------------------------------------------------------------


def _put(files: Sequence[Understood], opened: Project | None, on_cancel: object = None) -> None:
    """Clean every file, put all of them in as one edit, and show what came of it.

    A click meanwhile ends the run between two files, and nothing is stored.
    """
    place = st.empty()
    with place.container(border=True, key="building"):
        bar = st.progress(0.0, t("bring.building"))
        st.button(
            t("bring.cancel"),
            key="cancel.build",
            icon=":material/close:",
            on_click=None if on_cancel is None else session.later(on_cancel),
        )
        try:
            incoming: list[Incoming] = []
            replaced: list[str] = []
            for number, file in enumerate(files):
                if _is_there(file, opened):
                    uploads.tell_already(file.file.title)
                    continue
                bar.progress(number / (len(files) + 1), md("bring.building_file", name=file.file.title))
                made = _told_of(file, opened)
                gone = _replaced(file, made, opened)
                if gone is not None:
                    replaced.append(gone)
                incoming.append(made)
            bar.progress(len(files) / (len(files) + 1), t("bring.storing"))
            is_new = bool(incoming) and _store(incoming, replaced, opened, _stem(files[0].file.name))
        except _Undecided:
            st.rerun()
        except JourneyError:
            # What is said of it shall not stand beside a bar that waits for something.
            place.empty()
            raise
    uploads.clear()
    # What was left out is seen before anything is read from the rest.
    whole = not any(one.quality.get("dropped") for one in incoming)
    st.switch_page(page_named("stages" if is_new and whole else "data"))


def _is_there(file: Understood, opened: Project | None) -> bool:
    """Does the project have this very file, read and chosen in this very way?"""
    before = found.like(file.file)
    if opened is None or before is None or before.upload != file.file.digest:
        return False
    return (before.choice, before.how) == (file.choice, file.file.how)


def _replaced(file: Understood, arrived: Incoming, opened: Project | None) -> str | None:
    """The id of the stored file that goes for this one."""
    if opened is None:
        return None
    if file.file.stored is not None:
        return file.file.stored
    before = found.like(file.file)
    if before is None:
        return None
    ids = opened.customer_ids(before.id)
    way = proposal(before, arrived.made, upload=arrived.upload, how=arrived.how, old_ids=ids)
    if way == "ask":
        way = file.file.way or "ask"
    if way not in ("add", "replace", "same"):
        uploads.keep(uploads.tray().change(file.file.id, way="ask"))
        raise _Undecided
    return None if way == "add" else before.id


def _told_of(file: Understood, opened: Project | None) -> Incoming:
    """The file as it is kept; where that cannot be, its name is said with the reason, and the run ends."""
    try:
        return _incoming(file, opened)
    except JourneyError as problem:
        problems.tell_of(file.file.title, problem)
        if file.file.same:
            # Nobody has seen its columns yet: the next run shows them.
            uploads.tell_refused(file.file.title, problem)
            _look_first()
            st.rerun()
        st.stop()
        raise


def _incoming(file: Understood, opened: Project | None) -> Incoming:
    """The file as it is kept: personal data masked, and cleaned."""
    assert file.choice is not None
    brought, how, upload = file.file, file.file.how, file.file.digest
    source: Path | bytes = uploads.source(brought)
    if opened is not None and brought.stored is not None:
        # What is kept of the file may be a table that was made of it.
        before = opened.file(brought.stored)
        upload = before.upload or upload
        how = before.how if before.is_scrubbed else how
    if not (uploads.is_as_it_came(brought) and is_seen_whole(file.raw)):
        source = as_parquet(file.raw)
    return arriving(file.raw, file.choice, brought.title, source, how, upload)


def _store(
    incoming: Sequence[Incoming],
    replaced: Sequence[str],
    opened: Project | None,
    name: str,
    *,
    template: str | None = None,
) -> bool:
    """Put the files in, in one edit; True where the project has its first log now, with guessed stages."""
    before = None if opened is None else opened.state.data
    parts = [one.made for one in incoming] if opened is None else opened.parts(incoming, replace=replaced)
    whole = joined(parts)
    is_new = whole.log is not None and (before is None or before.fingerprint is None)
    # Stages that came without their data, or were made before it, stay.
    is_bare = opened is None or not opened.state.stage_map.stages
    stages = _suggested(whole.log, template) if is_new and is_bare and whole.log is not None else None
    store = session.store()
    with store.begun(store.free_name(name)) if opened is None else nullcontext(opened) as target:
        target.put_files(incoming, whole, replace=replaced, since=before, stage_map=stages)
    session.open_project(target.id)
    return is_new


def _stem(name: str) -> str:
    """A file's name as the name of a project."""
    bare = name[:-3] if name.lower().endswith(".gz") else name
    return bare.rpartition(".")[0].strip() or bare


def _suggested(log: EventLog, template: str | None = None) -> StageMap:
    """The stages of this template, by default of the one that fits the names."""
    language = session.current().language
    return suggest(log.event_names, event_counts(log).rows, language=language, template=template).stage_map


# ---- the samples ----------------------------------------------------------------------------------------


def invite() -> None:
    """What to do while nothing was brought: into which project files would go, and the samples."""
    opened = session.project()
    if not expected.show() and opened is not None:
        st.info(md("page.home.empty_project", name=opened.name), icon=":material/upload_file:")
    st.caption(t("page.home.or_sample"))
    sample_buttons()


def sample_buttons(*, beside: bool = True) -> None:
    """One button a sample, beside or below each other; each opens it as a project of its own."""
    places = st.columns(max(2, len(SAMPLES))) if beside else [st.container() for _ in SAMPLES]
    for place, (name, sample) in zip(places, SAMPLES.items(), strict=False):
        with place, st.container(border=True):
            st.markdown(f"**{t(sample.title)}**")
            st.caption(t(sample.description))
            if pressed(
                st.button, t("page.home.open_sample"), key=f"sample.{name}", icon=":material/play_arrow:"
            ):
                with st.spinner(t("bring.building")):
                    open_sample(sample)
                st.switch_page(page_named("stages"))


def sample_choice(sample: Sample) -> TableChoice:
    """What the columns of a sample's events are."""
    roles = {
        role: (name,) if isinstance(name, str) else tuple(name or ()) for role, name in sample.columns.items()
    }
    return TableChoice("events", {role: names for role, names in roles.items() if names}, zone=sample.zone)


def open_sample(sample: Sample) -> None:
    """Open the events of a sample as a project of its own."""
    data = sample.read()
    arrived = arriving(read_table(data, sample.file), sample_choice(sample), sample.file, data, How(), "")
    _store([arrived], [], None, t(sample.title), template=sample.template)


def bring_sample_table(sample: Sample, table: str) -> None:
    """Put another table of a sample into the open project, as it is understood by itself."""
    data, name = sample.read(table), sample.tables[table]
    raw = read_table(data, name)
    choice = replace(guess_table(raw).choice(), zone=sample.zone)
    _store([arriving(raw, choice, name, data, How(), "")], [], session.project(), name)
