"""Where no test is found: a sample's own records of one, brought into it, or opened with it."""

from __future__ import annotations

import streamlit as st

from journey.sources.samples import SAMPLES, Sample
from ui import demo, opening, presenting, session
from ui.navigation import page_named
from ui.once import pressed
from ui.words import t

__all__ = ["offer"]

_TABLE = "experiments"


def offer() -> None:
    """A button for a test to look at: of the open project where that is the sample, else of a new one."""
    if presenting.is_on() or demo.is_on():
        return
    opened = _opened()
    sample = opened or next(one for one in SAMPLES.values() if _TABLE in one.tables)
    words = "arms.sample_bring" if opened else "arms.sample_open"
    st.caption(t(f"{words}_help"))
    if pressed(st.button, t(words), key="sample_tests", icon=":material/science:"):
        with st.spinner(t("bring.building")):
            _go(sample, is_here=opened is not None)
        st.switch_page(page_named("experiment"))


def _opened() -> Sample | None:
    """The sample that the open project was made of, while its records of tests are not there yet."""
    data = session.state().data
    there = {file.name: file.choice for file in data.files} if data is not None else {}
    for sample in SAMPLES.values():
        tests = sample.tables.get(_TABLE)
        # A file of that name alone may be anybody's.
        if tests and tests not in there and there.get(sample.file) == opening.sample_choice(sample):
            return sample
    return None


def _go(sample: Sample, *, is_here: bool) -> None:
    if not is_here:
        opening.open_sample(sample)
    opening.bring_sample_table(sample, _TABLE)
