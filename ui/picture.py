"""A chart on its way to the browser, without being checked against all of Vega-Lite's schema once more."""

from __future__ import annotations

from typing import Any

import streamlit as st

__all__ = ["Unchecked", "picture"]


class Unchecked:
    """A chart that is sent as it is: the check of its parts is a fifth to a third of a page's run.

    What it would find is a mistake of ours, for which the tests of charts and pages look.
    """

    def __init__(self, chart: Any) -> None:
        self.chart = chart

    def to_dict(self) -> Any:
        """What Streamlit asks of a chart."""
        return self.chart.to_dict(validate=False)


def picture(chart: Any, **more: Any) -> None:
    """Draw a chart with the looks that it has by itself; `more` is what `st.altair_chart` takes."""
    st.altair_chart(Unchecked(chart), theme=None, **more)  # type: ignore[arg-type]
