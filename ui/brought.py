"""What the open project holds: its files, what is in them, and what changed with the last one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from journey.errors import ProjectDamaged, ProjectMissing
from journey.events.joined import joined
from journey.events.kinds import KINDS
from journey.events.matches import matches
from journey.events.privacy import mask_ids
from journey.findings import Finding
from journey.projects.arrivals import Arrival, arrivals
from journey.projects.data_ref import DataRef, FileRef
from journey.projects.history import Edit
from journey.projects.remembered import changes
from ui import ask, demo, problems, session, uploads, veil
from ui.navigation import page_named
from ui.once import pressed
from ui.quality import is_used_whole, quality_card, rejected_rows, share_used
from ui.stored import ROWS, Mask, show_stored, typed_frame
from ui.words import literal, md, sentence, t

__all__ = ["outline", "show"]

_REMOVE = "data.remove"
# The setting that says up to which edit its changes were seen.
_SEEN = "data.seen"
_HISTORY = 1000
# Kinds whose tables say what customers of a log said; without one they wait.
_SAID = ("survey", "reviews")
# The tables that are made of files, in the order in which they are shown.
_TABLES = ("orders", "lines", "responses", "answers", "reviews", "records", "sums", "customers")
_MOST_COLUMNS = 6
# From this share on nobody asks why the others do not match.
_WELL_MATCHED = 0.95


def show() -> None:
    """The sentence on top, what changed with the last file, and a card for each file."""
    if demo.is_on():
        outline()
        return
    data = session.state().data
    if data is None:
        raise ProjectMissing
    with problems.told("data"):
        _headline(data)
    opened = session.project()
    edits = () if opened is None else tuple(opened.history(_HISTORY))
    new = _unseen(edits)
    with problems.told("data"):
        _changes(edits, new)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(t("brought.files"), anchor=False, width="content")
        _undo_redo(edits, told=bool(new))
    for file in data.files:
        with st.container(border=True, key=f"kept_{file.id}"), problems.told("data"):
            _card(data, file)


def _headline(data: DataRef) -> None:
    """How much there is of what the pages count, or what has to come before they can."""
    if data.fingerprint is None and data.of_kind("experiment"):
        _tests(data)
        return
    if data.fingerprint is None:
        said = t("brought.waiting", n=len(data.files)) if data.files else t("brought.no_files")
        st.info(said, icon=":material/hourglass_empty:")
        return
    found = ask.log()
    first, last = found.days()
    size = {"customers": found.n_customers, "rows": found.n_rows}
    st.success(t("page.data.ready", first=first, last=last, **size), icon=":material/check:")
    # What is said of one file stands on its card.
    known = {note.code for file in data.files for note in file.notes}
    notes = [note for note in found.notes if note.code not in known]
    if notes and not demo.is_on():
        st.caption("  \n".join(f":material/info: {sentence(note)}" for note in notes))
    if pressed(
        st.button, t("page.data.to_stages"), key="to_stages", type="primary", icon=":material/arrow_forward:"
    ):
        st.switch_page(page_named("stages"))


def _tests(data: DataRef) -> None:
    """What tests without a journey can be asked, and the way to their results."""
    files = data.of_kind("experiment")
    told = [file for file in files if file.choice.is_summed or file.choice.all("outcomes")]
    if not told:
        st.info(t("brought.tests_assigned"), icon=":material/hourglass_empty:")
        return
    st.success(t("brought.tests_ready", n=len(told)), icon=":material/check:")
    label, icon = t("brought.to_tests"), ":material/arrow_forward:"
    if pressed(st.button, label, key="to_tests", type="primary", icon=icon):
        st.switch_page(page_named("experiment"))


def outline() -> None:
    """In demo mode: how much there is and of which kind, without a cell, a remark or the name of a file."""
    st.info(t("demo.data_hidden"), icon=":material/visibility_off:")
    data = session.state().data
    if data is None:
        return
    with problems.told("data"):
        _headline(data)
    for number, file in enumerate(data.files, 1):
        with st.container(border=True, key=f"kept_{file.id}"), problems.told("data"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{t('demo.file')} {number}**", width="content")
                st.badge(t(f"bring.kind_{file.kind}"), color="gray")
            st.caption(" · ".join(_facts(file)))
            share_used(file)


# ---- edits of the files ---------------------------------------------------------------------------------


def _undo_redo(edits: Sequence[Edit], *, told: bool) -> None:
    """Take back the last change of files, or bring it again; cards on the board have their own buttons.

    A change that is told has its undo beside what is told.
    """
    now, me = session.state(), session.person().key
    own = [edit for edit in edits if edit.person == me]
    done = next((edit for edit in own if not edit.undone and edit.op.get("op") != "erase"), None)
    undone = next((edit for edit in reversed(own) if edit.undone), None)
    ways = {"undo": (done, now.can_undo and not told), "redo": (undone, now.can_redo)}
    with st.container(horizontal=True, width="content"):
        for op, (edit, possible) in ways.items():
            if possible and edit is not None and edit.op.get("op") == "data":
                _step(op)


def _step(op: str) -> None:
    """The button of undo or redo."""
    st.button(
        t(f"brought.{op}"),
        key=session.widget_key(f"data.{op}"),
        icon=f":material/{op}:",
        on_click=session.later(session.edit),
        args=({"op": op},),
    )


def _unseen(edits: Sequence[Edit]) -> tuple[Arrival, ...]:
    """Files of the last edit that came after one of their shape, until somebody has seen what changed."""
    seen = session.state().settings.get(_SEEN)
    number = next((edit.number for edit in edits if not edit.undone), 0)
    return () if isinstance(seen, int) and number <= seen else arrivals(edits)


def _changes(edits: Sequence[Edit], new: Sequence[Arrival]) -> None:
    """What is different in each file that came, and the way back; another edit ends it too."""
    opened = session.project()
    if opened is None or not new:
        return
    number = next(edit.number for edit in edits if not edit.undone)
    with st.container(border=True, key="changes"):
        for arrival in new:
            names = {"name": arrival.new.name, "old": arrival.old.name}
            found = _differences(opened.id, number, arrival.new.id, arrival)
            said = [f"- {sentence(one)}" for one in found] or [t("brought.changed_nothing")]
            st.markdown("\n".join([f"**{md('brought.changed', **names)}**\n", *said]))
        with st.container(horizontal=True):
            st.button(
                t("brought.changed_seen"),
                key=session.widget_key("data.seen"),
                icon=":material/check:",
                on_click=session.later(session.remember),
                args=(_SEEN, number),
            )
            if session.state().can_undo:
                _step("undo")


@st.cache_resource(max_entries=32, show_spinner=False)
def _differences(project_id: str, number: int, file_id: str, _arrival: Arrival) -> tuple[Finding, ...]:
    opened, old, new = session.store().open(project_id), _arrival.old, _arrival.new
    return changes(old, opened.made(file_id), columns=new.columns, old_log=opened.file_log(old))


# ---- one file -------------------------------------------------------------------------------------------


def _card(data: DataRef, file: FileRef) -> None:
    """One file: what it is, how much of it is used, whom it knows, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(file.name)}**", width="content")
        st.badge(t(f"bring.kind_{file.kind}"), color="gray")
    st.caption("  \n".join(line for line in (" · ".join(_facts(file)), *_match(data, file)) if line))
    share_used(file)
    if file.kind in _SAID:
        st.caption(t(f"brought.used_{file.kind}" if data.fingerprint else "brought.waits"))
    elif file.kind == "experiment":
        st.caption(t("brought.waits_experiment"))
    elif file.kind == "customers" and data.fingerprint is None:
        st.caption(t("brought.attributes_wait"))
    quality_card(file)
    rejected_rows(file, _mask)
    roles = _roles(file)
    if roles:
        with st.expander(t("brought.roles")):
            st.markdown("  \n".join(roles))
    _preview(data, file)
    _buttons(file)


def _facts(file: FileRef) -> list[str]:
    facts = [t("brought.used_all", rows=file.rows)] if is_used_whole(file) else []
    if file.customers:
        facts.append(t("brought.customers", customers=file.customers))
    elif file.customers == 0:
        facts.append(t("brought.no_customers"))
    if file.names is not None and file.kind == "events":
        facts.append(t("brought.names", n=file.names))
    if file.span is not None:
        first, last = (_day(moment, file.choice.zone) for moment in file.span)
        facts.append(t("brought.span", first=first, last=last))
    return facts


def _day(microseconds: int, zone: str) -> dt.date:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    return moment.astimezone(ZoneInfo(zone)).date()


def _match(data: DataRef, file: FileRef) -> list[str]:
    """How many of the file's customers the other files know; a log looks at all, the others at the logs."""
    alone = len(data.files) < 2 or (file.log is None and data.fingerprint is None)
    if alone or file.matched is None or not file.customers:
        return []
    key = "brought.match_files" if file.log is not None else "brought.match_log"
    share = file.matched / file.customers
    hint = _hints().get(file.id) if share < _WELL_MATCHED else None
    said = t(key, customers=file.customers, matched=file.matched, share=share)
    return [said] if hint is None else [said, f":material/lightbulb: {sentence(hint)}"]


def _hints() -> Mapping[str, Finding]:
    """File -> what keeps its customers apart from those of the others, where that can be named."""
    opened, data = session.project(), session.state().data
    if opened is None or data is None:
        return {}
    kept = [[file.id, file.log, *sorted(file.tables.values())] for file in data.files]
    try:
        return _hints_of(opened.id, json.dumps(kept))
    except ProjectDamaged:
        # What is damaged is told where it is shown; the numbers of the match are known without it.
        return {}


@st.cache_resource(max_entries=16, show_spinner=False)
def _hints_of(project_id: str, files: str) -> Mapping[str, Finding]:
    found = matches(session.store().open(project_id).parts())
    ids = [file[0] for file in json.loads(files)]
    return {one: match.hint for one, match in zip(ids, found, strict=True) if match.hint is not None}


def _roles(file: FileRef) -> list[str]:
    """Which column plays which role, one line a role; of many columns the first."""
    lines = []
    for role in KINDS[file.kind]:
        columns = file.choice.all(role.name)
        if not columns:
            continue
        rest = len(columns) - _MOST_COLUMNS
        shown = ", ".join(columns[:_MOST_COLUMNS])
        if rest > 0:
            shown = t("brought.roles_more", columns=shown, n=rest)
        lines.append(md("brought.role", role=t(f"bring.role_{role.name}"), columns=shown))
    return lines


def _preview(data: DataRef, file: FileRef) -> None:
    """The first rows of the tables that were made of the file; a log has its own pages."""
    names = [name for name in _TABLES if name in file.tables]
    if not names:
        return
    key = session.widget_key(f"preview.{file.id}")
    with st.expander(t("brought.preview"), key=key, on_change="rerun") as part:
        if not part.open:
            return
        with problems.told("data"):
            _first_rows(data, file, names, key)


def _first_rows(data: DataRef, file: FileRef, names: Sequence[str], key: str) -> None:
    opened, mask, language = session.project(), _mask(), session.current().language
    if opened is None:
        raise ProjectMissing
    for name in names:
        table = opened.table(file.id, name)
        first = typed_frame(table.slice(0, ROWS), data.zone, mask, language)
        size = t("brought.preview_shown", rows=table.num_rows, n=len(first))
        st.markdown(f"**{t(f'brought.named_{name}')}** · {size}")
        show_stored(first, key=f"{key}.{name}")
    st.caption(t("brought.preview_masked"))


def _mask() -> Mask:
    """Ids -> codes, for any customer of any file; those of the log have the codes of the lists of people."""
    opened, data = session.project(), session.state().data
    if opened is None or data is None:
        raise ProjectMissing
    known: Mapping[str, str] = {} if data.fingerprint is None else veil.masked()
    secret = opened.mask_key

    def codes(ids: Sequence[str]) -> list[str]:
        others = dict.fromkeys(one for one in ids if one not in known)
        fresh = dict(zip(others, mask_ids(others, secret), strict=True))
        return [known.get(one) or fresh[one] for one in ids]

    return codes


def _buttons(file: FileRef) -> None:
    """Choose its columns again, or take the file out, after one more question."""
    asked = session.widget_key(_REMOVE)
    with st.container(horizontal=True):
        st.button(
            t("brought.change"),
            key=session.widget_key(f"change.{file.id}"),
            icon=":material/edit:",
            on_click=session.later(uploads.change_stored),
            args=(file.id,),
        )
        st.button(
            t("brought.remove"),
            key=session.widget_key(f"remove.{file.id}"),
            icon=":material/delete:",
            type="tertiary",
            on_click=session.put,
            args=(asked, file.id),
        )
    if session.widget(asked) != file.id:
        return
    with st.container(border=True, key=f"sure_{file.id}"):
        st.markdown(md("brought.remove_sure", name=file.name))
        with st.container(horizontal=True):
            sure = pressed(
                st.button,
                t("brought.remove_yes"),
                key=session.widget_key(f"remove_yes.{file.id}"),
                type="primary",
            )
            st.button(
                t("brought.remove_no"),
                key=session.widget_key(f"remove_no.{file.id}"),
                on_click=session.put,
                args=(asked, None),
            )
        if sure:
            session.put(asked, None)
            with st.spinner(t("brought.removing")):
                _take_out(file)
            st.rerun()


def _take_out(file: FileRef) -> None:
    """The project without this file; the others are put together again. The stages stay."""
    opened, data = session.project(), session.state().data
    if opened is None or data is None:
        raise ProjectMissing
    opened.remove_file(file.id, joined(opened.parts(replace=[file.id])), since=data)
    session.refresh()
