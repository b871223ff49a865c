"""What the team felt along a map's journey, over what customers said, as a chart below the board."""

from __future__ import annotations

import streamlit as st

from journey.analysis.emotion import ALL, Emotion
from journey.charts.emotion import emotion_chart
from ui import presenting, session
from ui.picture import picture
from ui.words import sentence, t

__all__ = ["panel"]


def panel(answer: Emotion | None, source: str) -> None:
    """The chart by one source of ratings; nothing without data, or where nobody rated anything at a stage."""
    if presenting.is_on() or answer is None or not answer.sources:
        return
    with st.expander(t("emotion.panel"), icon=":material/sentiment_satisfied:"):
        st.markdown(f"**{sentence(answer.finding)}**")
        chart = emotion_chart(
            answer,
            language=session.current().language,
            dark=session.is_dark(),
            source=source if source in answer.sources else ALL,
        )
        with st.container(key="chart_emotion"):
            picture(chart, key="emotion")
