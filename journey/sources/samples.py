"""Which sample data can be opened with one click, and what do their columns mean?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journey.errors import Unreadable

__all__ = ["FOLDER", "SAMPLES", "Sample", "SampleMissing"]

# Beside the package in a clone; an installed package carries no samples, and says so when one is asked for.
FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


class SampleMissing(Unreadable):
    """The sample `file` is not in `folder`; `python sample_data/generate.py` of a clone writes it."""

    code = "sample_missing"

    @property
    def key(self) -> str:
        return "samples.missing"


@dataclass(frozen=True)
class Sample:
    """One table of events with everything that a user would else have to say about it.

    columns   the role of each column: customer, event, time, session (a name or None) and attributes (names)
    zone      the time zone of naive times
    template  the name of the stage template that fits its trade
    language  the language of its event names
    tables    other tables of the same customers: what they hold -> file name
    """

    name: str
    file: str
    columns: Mapping[str, Any]
    zone: str
    template: str
    language: str
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The catalogue key of its title."""
        return f"samples.{self.name}_title"

    @property
    def description(self) -> str:
        """The catalogue key of the line that says what is in it."""
        return f"samples.{self.name}_description"

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    def read(self, table: str | None = None) -> bytes:
        """The bytes of the event table, or of the linked `table`; SampleMissing where the file is absent."""
        file = self.file if table is None else self.tables[table]
        try:
            return (FOLDER / file).read_bytes()
        except FileNotFoundError as missing:
            raise SampleMissing(file=file, folder=str(FOLDER)) from missing


SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample(
            name="shop",
            file="shop_events.csv",
            columns={
                "customer": "고객ID",
                "event": "이벤트",
                "time": "일시",
                "session": None,
                "attributes": ("채널", "기기", "앱버전", "지역"),
            },
            zone="Asia/Seoul",
            template="six",
            language="ko",
            tables={
                "orders": "shop_orders.csv",
                "survey": "shop_survey.csv",
                "reviews": "shop_reviews.csv",
                "experiments": "shop_experiments.csv",
                "customers": "shop_customers.csv",
            },
        ),
        Sample(
            name="subscription",
            file="subscription_events.csv",
            columns={
                "customer": "user_id",
                "event": "event",
                "time": "timestamp",
                "session": "session_id",
                "attributes": ("plan", "source", "country"),
            },
            zone="UTC",
            template="subscription",
            language="en",
        ),
    )
}
