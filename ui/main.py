"""The frame around every page: language, project, navigation, and the last word when something breaks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
ICON = Path(__file__).with_name("icon.png")  # a named icon would be fetched from the network
if ROOT not in sys.path:  # Streamlit puts only this file's own folder there
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from journey.sources.limits import LIMITS  # noqa: E402
from ui import (  # noqa: E402
    brand,
    dialogs,
    live,
    login,
    navigation,
    presenting,
    problems,
    session,
    sidebar,
    upkeep,
    uploads,
)
from ui.words import t  # noqa: E402

_SIDEBAR = 240  # pixels; the charts and the board need the rest


def style() -> None:
    """The few looks that the theme cannot say, and the words of the one widget that cannot be told."""
    st.html(Path(__file__).with_name("style.css"))
    most = min(st.get_option("server.maxUploadSize"), LIMITS.bytes // 2**20)
    said = {
        "name": t("app.name"),
        "lost": t("live.lost"),
        "lost-help": t("live.lost_help"),
        "upload": t("app.upload"),
        "upload-hint": t("app.upload_hint", most=most),
        "import-hint": t("page.home.import_hint", most=most),
        "notes-hint": t("map_table.notes_hint"),
        "table-hint": t("map_table.table_hint"),
        "list-hint": t("planner.file_hint"),
        "upload-refused": t("app.upload_refused", most=most, files=LIMITS.session_files),
    }
    words = "".join(
        f"--journey-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in said.items()
    )
    st.html(f"<style>:root {{{words}}}</style>")


def main() -> None:
    """Draw the frame, then the page inside it."""
    session.follow_url()
    uploads.hold()
    st.set_page_config(
        page_title=t("app.name"), page_icon=ICON, layout="wide", initial_sidebar_state=_SIDEBAR
    )
    if login.is_needed():
        login.ask()
        return
    place = "hidden" if presenting.is_on() else "sidebar"
    page = st.navigation(navigation.pages(), position=place, expanded=True)
    # Tabs of a browser, and links that people keep, are told apart by it.
    st.set_page_config(page_title=f"{page.title} · {t('app.name')}")
    try:
        with problems.told(page.url_path or "home"):
            session.come_to(page.url_path)
            style()
            sidebar.show(page.url_path)
            presenting.looks()
            brand.band()
            presenting.mark()
            navigation.follow()
            dialogs.show()
            live.watch(page.url_path)
            presenting.view(page.url_path or "home")
            page.run()
        session.forget_clicks()
    finally:
        upkeep.spare_modules()


main()
