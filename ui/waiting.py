"""The files that wait, one card each: what was found, which columns, how it was read."""

from __future__ import annotations

import streamlit as st

from journey.projects.tray import Brought
from ui import columns, found, preview, problems, reading, session, uploads
from ui.found import Understood, sureness
from ui.words import literal, md, sentence, t

__all__ = ["cards"]

_SIGNS = {"sure": ":material/check_circle:", "likely": ":material/help:", "guess": ":material/error:"}


def cards(files: list[Understood]) -> None:
    """Every file that waits, in the order of its coming."""
    known = {file.file.id: file for file in files}
    waiting = uploads.tray().files
    for file in waiting:
        with st.container(border=True, gap="small", key=f"file_{file.id}"), problems.told("data"):
            _head(file)
            if file.id in known:
                _card(known[file.id], alone=len(waiting) == 1)
            else:
                _unread(file)


def _head(file: Brought) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{literal(file.title)}**", width="stretch")
        st.button(
            t("bring.remove"),
            key=f"{file.id}.remove",
            icon=":material/close:",
            type="tertiary",
            help=md("bring.remove_help", name=file.title),
            on_click=session.later(uploads.remove),
            args=(file.id,),
        )


def _unread(file: Brought) -> None:
    """A file whose reading was stopped, or failed: why, and another try."""
    if file.problem is None:
        st.info(t("bring.stopped"), icon=":material/pause_circle:")
    else:
        problems.tell_of(file.title, file.problem)
        if reading.helps(file.problem, file.how):
            with st.expander(t("bring.how"), expanded=True):
                reading.choose(file, None)
    st.button(
        t("bring.again"),
        key=f"{file.id}.again",
        icon=":material/refresh:",
        on_click=session.later(uploads.again),
        args=(file.id,),
    )


def _card(file: Understood, *, alone: bool) -> None:
    found.say(file)
    _kind_said(file)
    notes = found.notes(file)
    if notes:
        st.caption("  \n".join(f":material/info: {note}" for note in notes))
    _personal(file)
    _like(file)
    preview.show(file)
    key = f"{file.file.id}.columns"
    opened = alone or columns.is_unsure(file)
    with st.expander(t("bring.columns"), expanded=opened, key=key, on_change="rerun") as part:
        if part.open:
            columns.choose(file)
    if uploads.kept(file.file) is not None:
        st.caption(t("bring.how_kept"))
        return
    if not reading.controls(file.raw):
        return
    key = f"{file.file.id}.how"
    with st.expander(t("bring.how"), expanded=False, key=key, on_change="rerun") as part:
        if part.open:
            reading.choose(file.file, file.raw)


def _kind_said(file: Understood) -> None:
    """The kind of the table with its reason, and on how many rows the guess stands."""
    guess = file.guess
    kind = None if file.choice is None else file.choice.kind
    if kind is None:
        st.warning(f"{sentence(guess.reason)} {t('bring.no_kind')}", icon=":material/help:")
    elif kind == guess.kind:
        sure = sureness(guess.kinds.get(kind, 0.0))
        said = [f"**{t(f'bring.kind_{kind}')}** ({t(f'bring.{sure}')}).", sentence(guess.reason)]
        st.markdown(f"{_SIGNS[sure]} {' '.join(said)}")
    else:
        st.markdown(f":material/edit: **{t(f'bring.kind_{kind}')}** ({t('bring.by_hand')})")
    if guess.sampled < guess.rows:
        st.caption(t("bring.sampled", looked=guess.sampled, rows=guess.rows))


def _personal(file: Understood) -> None:
    """Which columns hold personal data, and whether it is masked."""
    for note in found.removed(file):
        st.warning(sentence(note), icon=":material/gpp_maybe:")
    # What the door left in a column of order numbers can look like a resident number among a few rows.
    hidden = {name: one for name, one in file.personal.items() if one.kind != "rrn"}
    if not hidden:
        return
    listed = [
        t("bring.personal_one", column=name, what=t(f"bring.personal_{one.kind}"))
        for name, one in hidden.items()
    ]
    st.warning(md("bring.personal", columns=listed), icon=":material/visibility_off:")
    if file.choice is not None:
        columns.masked(file, file.choice)


def _like(file: Understood) -> None:
    """Which stored file this one is like, and whether it comes beside that one or in its place."""
    before = found.like(file.file)
    if before is None and not file.file.expected:
        _elsewhere(file)
        return
    like = "bring.like_same" if file.file.same else "bring.like_close"
    said = t("portable.waited_for") if before is None else md(like, name=before.name)
    st.info(said, icon=":material/history:")
    for key, names in (("bring.columns_gone", file.file.gone), ("bring.columns_new", file.file.added)):
        if names:
            st.caption(md(key, columns=list(names)))
    if file.file.way is None:
        return
    key = f"{file.file.id}.way"
    ways = {way: t(f"bring.way_{way}") for way in ("replace", "add")}
    session.put(key, file.file.way if file.file.way in ways else None)

    @session.later
    def change() -> None:
        uploads.keep(uploads.tray().change(file.file.id, way=session.widget(key)))

    st.radio(
        t("bring.way"),
        list(ways),
        index=None,
        format_func=ways.__getitem__,
        key=key,
        on_change=change,
        horizontal=True,
    )


def _elsewhere(file: Understood) -> None:
    """Another project may know the shape of the file: this month's export belongs to the last one's."""
    if file.file.stored is not None:
        return
    known = found.elsewhere(file)
    if known is None:
        return
    project, name, project_id = known
    with st.container(horizontal=True, vertical_alignment="center"):
        said = md("bring.elsewhere", project=project, name=name)
        st.markdown(f":material/history: {said}", width="stretch")
        st.button(
            t("bring.elsewhere_open"),
            key=f"{file.file.id}.elsewhere",
            on_click=session.later(uploads.take_to),
            args=(project_id,),
        )
