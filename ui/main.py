"""The frame around every page: language, project, navigation, and the last word when something breaks."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import uuid
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
ICON = Path(__file__).with_name("icon.png")  # a named icon would be fetched from the network
if ROOT not in sys.path:  # Streamlit puts only this file's own folder there
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from journey.errors import JourneyError, ProjectMissing  # noqa: E402
from journey.i18n import LANGUAGES  # noqa: E402
from ui import navigation, session  # noqa: E402
from ui.words import literal, sentence, t  # noqa: E402

log = logging.getLogger("journey.app")

_SIDEBAR = 240  # pixels; the charts and the board need the rest


def style() -> None:
    """The few looks that the theme cannot say, and the words of the one widget that cannot be told."""
    st.html(Path(__file__).with_name("style.css"))
    said = {
        "name": t("app.name"),
        "upload": t("app.upload"),
        "upload-hint": t("app.upload_hint", most=st.get_option("server.maxUploadSize")),
    }
    words = "".join(
        f"--journey-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in said.items()
    )
    st.html(f"<style>:root {{{words}}}</style>")


def sidebar() -> None:
    """The open project and the language."""
    with st.sidebar:
        opened = session.project()
        if opened is not None:
            st.caption(t("app.project"))
            st.markdown(f"**{literal(opened.name)}**")
        st.segmented_control(
            t("app.language"),
            LANGUAGES,
            default=session.current().language,
            format_func=lambda language: t(f"app.language_{language}"),
            key="language",
            required=True,
            on_change=lambda: session.choose_language(st.session_state.language),
        )


def main() -> None:
    """Draw the frame, then the page inside it."""
    session.follow_url()
    st.set_page_config(
        page_title=t("app.name"), page_icon=ICON, layout="wide", initial_sidebar_state=_SIDEBAR
    )
    page = st.navigation(navigation.pages())
    try:
        style()
        sidebar()
        page.run()
    except ProjectMissing as problem:
        session.open_project(None)
        st.error(sentence(problem), icon=":material/error:")
        st.page_link(navigation.page_named("home"), label=t("app.go_home"))
    except JourneyError as problem:
        st.error(sentence(problem), icon=":material/error:")
    except Exception as problem:
        # Only the kind of problem and where it happened are logged: its message may hold what a customer did.
        mark = uuid.uuid4().hex[:8]
        places = "".join(traceback.format_tb(problem.__traceback__))
        log.error("problem %s on %s: %s\n%s", mark, page.url_path or "home", type(problem).__name__, places)
        st.error(t("app.broken", mark=mark), icon=":material/error:")


main()
