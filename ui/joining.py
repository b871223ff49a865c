"""How well the files fit together: whose customers are in the others too, before anything is put in."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from journey.errors import ProjectMissing
from journey.events.shared_ids import Shared, distinct_ids, shared_ids
from journey.projects.tray import Brought
from journey.sources.raw_table import RawTable
from ui import found, logs, session
from ui.found import Understood
from ui.words import md, sentence, t

__all__ = ["show", "with_project"]

_MOST_ROWS = 2_000_000


@st.cache_resource(max_entries=16, ttl="30m", show_spinner=False)
def _ids(target: str, column: str, _raw: RawTable) -> pa.LargeStringArray:
    return distinct_ids(_raw.frame[column])


def _customers(file: Understood) -> pa.LargeStringArray | None:
    """The customers of a file; None where it names none, or has so many rows that looking takes too long."""
    column = None if file.choice is None else file.choice.one("customer")
    if column is None or column not in file.raw.frame.columns or len(file.raw.frame) > _MOST_ROWS:
        return None
    return _ids(found.target(file), column, file.raw)


def _of_project(changed: Brought | None) -> pa.LargeStringArray | None:
    """The customers of the open project's log; None without one, and where its own file is changed."""
    data = session.state().data
    if data is None or data.fingerprint is None or changed is not None:
        return None
    try:
        return logs.whole().customer_ids
    except ProjectMissing:
        return None


def with_project(files: Sequence[Understood]) -> bool:
    """Does the open project know any customer of these files?"""
    there = _of_project(None)
    if there is None:
        return False
    here = [ids for file in files if (ids := _customers(file)) is not None]
    return any(one.matched or one.hint for one in shared_ids([*here, there])[:-1]) if here else False


def show(files: Sequence[Understood]) -> None:
    """One line a file; nothing where there is nothing to fit it to."""
    used = [file for file in files if file.choice is not None]
    there = _of_project(next((one.file for one in used if one.file.stored), None))
    if len(used) + (there is not None) < 2:
        return
    known = [(file, ids) for file in used if (ids := _customers(file)) is not None]
    counted = shared_ids([*(ids for _, ids in known), *([] if there is None else [there])])
    with st.container(border=True, key="joining"):
        st.markdown(f"**{t('bring.join')}**")
        st.caption(t("bring.join_files"))
        told = {file.file.id: one for (file, _), one in zip(known, counted, strict=False)}
        for file in used:
            _line(
                file,
                told.get(file.file.id),
                "bring.join_line" if there is None else "bring.join_line_project",
            )
        if there is not None and known:
            _say("bring.join_there", counted[-1])


def _line(file: Understood, shared: Shared | None, key: str) -> None:
    name = file.file.title
    if shared is None:
        column = None if file.choice is None else file.choice.one("customer")
        why = "bring.join_nobody" if column is None else "bring.join_later"
        st.markdown(f":material/link_off: {md(why, name=name)}")
        return
    _say(key, shared, name=name)
    if shared.hint is not None:
        st.caption(sentence(shared.hint))


def _say(key: str, shared: Shared, **names: str) -> None:
    values = {"customers": shared.customers, "matched": shared.matched, "share": shared.share}
    sign = ":material/link:" if shared.matched else ":material/link_off:"
    st.markdown(f"{sign} {md(key, **values, **names)}")
