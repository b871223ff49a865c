"""Which pages there are, in which order, under which signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from ui import session
from ui.words import t

__all__ = ["PAGES", "follow", "go", "page_named", "pages"]

ROOT = Path(__file__).resolve().parents[1]
# Section -> page -> icon. A page's address is its name; its words are `page.<name>.title` and `.help`.
PAGES: dict[str, dict[str, str]] = {
    "prepare": {"home": "home", "data": "table_view", "stages": "view_kanban", "history": "history"},
    "explore": {
        "flows": "account_tree",
        "reach": "bar_chart",
        "routes": "route",
        "funnel": "align_horizontal_left",
        "friction": "speed",
        "comparison": "compare_arrows",
        "drivers": "join_inner",
        "retention": "event_repeat",
        "segments": "bubble_chart",
        "rfm": "grid_view",
        "overlap": "join",
        "personas": "groups",
    },
    "map": {"journey_map": "map", "conformance": "rule", "improvements": "task_alt"},
    "tests": {"planner": "edit_note", "experiment": "science", "experiments_register": "inventory"},
    "gather": {"kpi": "monitoring", "notebook": "menu_book"},
}
_GO = "go"


def page_named(name: str) -> Any:
    """The page of this name in the language of the tab."""
    icon = next(section[name] for section in PAGES.values() if name in section)
    return st.Page(
        ROOT / "pages" / f"{name}.py",
        title=t(f"page.{name}.title"),
        icon=f":material/{icon}:",
        help=t(f"page.{name}.help"),
        url_path=name,
        default=name == "home",
    )


def pages() -> dict[str, list[Any]]:
    """All pages by the title of their section, as `st.navigation` takes them."""
    return {
        t(f"app.section_{section}"): [page_named(name) for name in names]
        for section, names in PAGES.items()
        if names
    }


def go(name: str) -> None:
    """From a callback, which cannot leave its page: let the run that follows go to the page of this name."""
    session.put(_GO, name)


def follow() -> None:
    """Go where a callback wished to go."""
    name = session.widget(_GO)
    if name is not None:
        session.put(_GO, None)
        st.switch_page(page_named(name))
