"""What a team thinks makes it hard at a stage or an event: chosen beside a line, kept for everybody."""

from __future__ import annotations

import streamlit as st

from journey.stages.causes import CAUSES, Assigned, assigned, content, setting_of
from ui import demo, presenting, session
from ui.words import literal, t

__all__ = ["at_line", "choose"]


def at_line(kind: str, name: str) -> Assigned | None:
    """What is assigned to a line; `name` is the id of a stage or the name of an event."""
    found = assigned(session.state().settings)
    return next((one for one in found if (one.kind, one.name) == (kind, name)), None)


def choose(kind: str, name: str) -> None:
    """The causes to assign to a line, with who did so last."""
    known, setting = at_line(kind, name), setting_of(kind, name)
    key = session.widget_key(setting)
    session.put(key, list(known.causes) if known else [])

    @session.later
    def keep() -> None:
        chosen = session.widget(key) or []
        session.remember(setting, content(kind, name, chosen, by=session.person().name))

    st.pills(
        t("friction.causes"),
        CAUSES,
        selection_mode="multi",
        format_func=lambda cause: t(f"friction.cause_{cause}"),
        help=t("friction.causes_help"),
        disabled=presenting.is_on(),
        key=key,
        on_change=keep,
    )
    if known and known.by:
        said = [t(f"friction.cause_{cause}") for cause in known.causes]
        st.caption(literal(t("friction.causes_by", who=demo.called(known.by), causes=", ".join(said))))
