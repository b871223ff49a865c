"""A component that does nothing but go to Python and back: what a drop on the board is measured against."""

from __future__ import annotations

import streamlit as st

_JS = """
export default ({ parentElement, data, setStateValue }) => {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    parentElement.append(button);
  }
  button.textContent = String(data.n);
  button.onclick = () => setStateValue("n", data.n + 1);
};
"""
_empty = st.components.v2.component("journey_lab_bench_empty", js=_JS)


def _count() -> None:
    st.session_state.count = st.session_state.empty["n"]


@st.fragment
def there_and_back() -> None:
    _empty(key="empty", data={"n": st.session_state.get("count", 0)}, on_n_change=_count)


there_and_back()
