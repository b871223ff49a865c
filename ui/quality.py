"""What was repaired, left out, or looks odd in a file, and the rows that could not be used."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from journey.errors import ProjectMissing
from journey.findings import Finding
from journey.projects.data_ref import REJECTED, FileRef
from journey.reports.tables import to_csv, to_xlsx
from ui import problems, session
from ui.files import MIMES
from ui.stored import ROWS, Mask, rejected_frame, show_stored
from ui.tables import named_file
from ui.words import sentence, t

__all__ = ["is_used_whole", "quality_card", "rejected_rows", "share_used", "torn"]

# A workbook of more rows takes its server longer than anyone waits.
_MOST_ROWS_XLSX = 50_000
# The groups of findings, the most important first; those that count stand in the title of the card.
_GROUPS = ("dropped", "odd", "repaired", "told")
_COUNTED = ("dropped", "odd", "repaired")
# What is seen without a click.
_SEEN = {"dropped": ":material/remove_circle_outline:", "odd": ":material/help:"}
_FIRST = 3
# So much is left out that the file has probably been misunderstood: it is said beside the bar, torn rows
# included.
_MUCH_DROPPED = "quality.dropped_many"


def torn(file: FileRef) -> int:
    """How many lines of the file could not even be split into fields; they are not among its rows."""
    notes = file.quality.get("dropped", ())
    return sum(int(note.values["n"]) for note in notes if note.code == "sources.rows_rejected")


def is_used_whole(file: FileRef) -> bool:
    """Is every row of the file used, torn ones counted?"""
    return bool(file.rows) and file.used == file.rows and not torn(file)


def share_used(file: FileRef) -> None:
    """How many of the file's rows are used, as a bar, and a warning where too many are not."""
    if not file.rows or file.used is None or is_used_whole(file):
        return
    rows = file.rows + torn(file)
    share = file.used / rows
    st.progress(share, text=t("brought.used", rows=rows, used=file.used, share=share))
    if any(finding.code == _MUCH_DROPPED for finding in file.quality.get("odd", ())):
        st.warning(t("brought.dropped_much", share=1 - share), icon=":material/warning:")


def quality_card(file: FileRef) -> None:
    """What was found about the file: the most important at once, everything after a click."""
    # Projects of older versions have the findings in one heap.
    told = file.quality or {"told": file.notes}
    groups = {name: [note for note in told.get(name, ()) if note.code != _MUCH_DROPPED] for name in _GROUPS}
    groups = {name: notes for name, notes in groups.items() if notes}
    if not groups:
        st.caption(t("brought.quality_none"))
        return
    seen = [(sign, note) for name, sign in _SEEN.items() for note in sorted(groups.get(name, ()), key=_least)]
    first = seen[:_FIRST]
    if first:
        st.markdown("  \n".join(f"{sign} {sentence(note)}" for sign, note in first))
    if len(first) == sum(map(len, groups.values())):
        return
    counts = [t(f"brought.count_{name}", n=len(groups[name])) for name in _COUNTED if name in groups]
    title = t("brought.quality", parts=" · ".join(counts)) if counts else t("brought.quality_none")
    with st.expander(title):
        for name, findings in groups.items():
            said = "\n".join(f"- {sentence(finding)}" for finding in findings)
            st.markdown(f"**{t(f'brought.group_{name}')}**\n\n{said}")


def _least(finding: Finding) -> int:
    """The more rows a finding is about, the earlier it is told."""
    return -int(finding.values.get("rows", finding.values.get("n", 0)))


def rejected_rows(file: FileRef, mask: Callable[[], Mask]) -> None:
    """The rows that could not be used: the first ones to look at, all of them to take away."""
    if REJECTED not in file.tables:
        return
    unused = None if file.rows is None or file.used is None else file.rows - file.used + torn(file)
    if unused == 0:
        return
    key = session.widget_key(f"rejected.{file.id}")
    title = t("brought.rejected_some") if unused is None else t("brought.rejected", n=unused)
    with st.expander(title, key=key, on_change="rerun") as part:
        if not part.open:
            return
        with problems.told("data"):
            _rows(file, mask(), key)


def _rows(file: FileRef, mask: Mask, key: str) -> None:
    opened, language = session.project(), session.current().language
    if opened is None:
        raise ProjectMissing
    table = opened.table(file.id, REJECTED)
    rows = table.slice(0, ROWS)
    first = rejected_frame(rows, file.choice, mask, language, torn=False)
    st.caption(t("brought.rejected_shown", n=len(first)))
    show_stored(first, key=f"{key}.rows")
    if "fields" in rows["reason"].to_pylist():
        st.caption(t("brought.rejected_torn"))
    is_long = table.num_rows > _MOST_ROWS_XLSX
    _downloads(file.name, key, lambda: rejected_frame(table, file.choice, mask, language), is_long=is_long)


def _downloads(name: str, key: str, frame: Callable[[], pd.DataFrame], *, is_long: bool) -> None:
    """All of the rows as files, each made only when it is asked for, outside of any run."""
    what = t("brought.rejected_file", name=name.rpartition(".")[0] or name)
    sheet = t("brought.rejected_sheet")
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "csv": ("text/csv", lambda: to_csv(frame())),
        "xlsx": (MIMES["xlsx"], lambda: to_xlsx({sheet: frame()})),
    }
    if is_long:
        del files["xlsx"]
    with st.container(horizontal=True):
        for ending, (mime, write) in files.items():
            st.download_button(
                t(f"brought.download_{ending}"),
                data=session.download(write),
                file_name=named_file(what, ending),
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"{key}.{ending}",
            )
    if is_long:
        st.caption(t("brought.too_long", most=_MOST_ROWS_XLSX))
