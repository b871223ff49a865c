"""The filled map of the sample shop: brought into the open sample, or opened with it, by one click."""

from __future__ import annotations

import streamlit as st

from journey.sources.samples import SAMPLES, Sample
from journey.stages.map_example import example_map
from ui import logs, navigation, opening, session
from ui.journey_map import every_map, keep
from ui.once import pressed
from ui.pinning import new_id, now_and_who
from ui.words import t

__all__ = ["bring", "is_offered", "offer"]

_SAMPLE = "shop"
# What customers said, by which the feelings of the map are measured.
_TABLE = "survey"


def offer() -> None:
    """The button where there is no map yet; only of the sample, or of no project at all."""
    if session.project() is not None and not is_offered():
        return
    is_here = session.project() is not None
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="map_example"):
        with st.container(gap="xsmall"):
            st.markdown(f":material/auto_stories: **{t('journey_map.example')}**")
            st.caption(t("journey_map.example_text"))
        if pressed(
            st.button,
            t("journey_map.example_here" if is_here else "journey_map.example_open"),
            key="sample_map",
            type="primary" if is_here else "secondary",
            icon=":material/play_arrow:",
        ):
            with st.spinner(t("bring.building")):
                if not is_here:
                    opening.open_sample(SAMPLES[_SAMPLE])
                bring()
            # Anew from the top: the map is there now, and the project maybe too.
            st.switch_page(navigation.page_named("journey_map"))


def is_offered() -> bool:
    """Is the open project the sample, and the example not in it yet?"""
    return _is_sample(SAMPLES[_SAMPLE]) and not any(
        as_is.name == t("map_example.name") for as_is, _ in every_map().values()
    )


def bring() -> None:
    """Put the example into the open sample, with its survey, by which feelings are measured."""
    sample = SAMPLES[_SAMPLE]
    data = session.state().data
    if data is not None and sample.tables[_TABLE] not in {file.name for file in data.files}:
        opening.bring_sample_table(sample, _TABLE)
        session.refresh()
    at, who = now_and_who()
    keep(
        example_map(
            session.state().stage_map,
            frozenset(logs.whole().event_names),
            id_=new_id(),
            at=at,
            by=who,
            language=session.current().language,
        )
    )


def _is_sample(sample: Sample) -> bool:
    """Was the open project made of this sample? A file of that name alone may be anybody's."""
    data = session.state().data
    if data is None or data.fingerprint is None:
        return False
    there = {file.name: file.choice for file in data.files}
    return there.get(sample.file) == opening.sample_choice(sample)
