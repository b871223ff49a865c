"""A store in a fresh folder, and logs that can be counted on one hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from journey.events.log import EventLog
from journey.projects.store import Project, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


@pytest.fixture
def project(store: Store) -> Project:
    return store.create("여정")


LogOf = Callable[..., EventLog]


@pytest.fixture
def log_of() -> LogOf:
    """Makes the log of one customer who did these, a minute apart."""

    def make(*events: str) -> EventLog:
        times = pd.date_range("2024-03-05 09:00", periods=len(events), freq="min")
        frame = pd.DataFrame({"customer": "가", "event": list(events), "time": times, "channel": "search"})
        return EventLog.from_frame(frame, attributes=["channel"])

    return make


@pytest.fixture
def log(log_of: LogOf) -> EventLog:
    return log_of("view", "cart", "buy")
