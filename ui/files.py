"""Files to take away, below one button; each is made only when it is asked for, outside of any run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from journey.reports.tables import to_csv, to_xlsx
from ui import session
from ui.tables import named_file, share_names, show_table, worded
from ui.words import t

__all__ = ["MIMES", "PICTURES", "Writer", "as_table", "file_buttons", "table_writers"]

Writer = Callable[[], bytes]

# The endings of pictures, in the order in which they are offered.
PICTURES = ("png", "svg", "pdf")
MIMES: Mapping[str, str] = {
    "html": "text/html",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_buttons(writers: Mapping[str, Writer], named: str, *, key: str) -> None:
    """A button an ending, for inside of a popover; `named` is what the files are called after the project."""
    for ending, write in writers.items():
        st.download_button(
            t(f"app.download_{ending}"),
            data=session.download(write),
            file_name=named_file(named, ending),
            mime=MIMES[ending],
            on_click="ignore",
            key=f"{key}.{ending}",
            width="stretch",
        )


def as_table(frame: pd.DataFrame, named: str, *, key: str) -> None:
    """What a page shows in its own way, as a table: to take away, and below it to look at."""
    with (
        st.container(horizontal=True, key=f"take_{key}"),
        st.popover(t("app.download"), icon=":material/download:"),
    ):
        file_buttons(table_writers(frame, named), named, key=key)
    with st.expander(t("app.table")):
        show_table(frame, key=f"{key}.table")


def table_writers(frame: pd.DataFrame, sheet: str) -> dict[str, Writer]:
    """A table in the words of the tab: as CSV, and as a workbook with this sheet, shares as percent."""
    language = session.current().language
    shares = share_names(frame, language)
    return {
        "csv": lambda: to_csv(worded(frame, language)),
        "xlsx": lambda: to_xlsx({sheet: worded(frame, language)}, percent=shares),
    }
