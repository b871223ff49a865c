"""One file whose columns are chosen -> what it says: typed tables, a log, and why rows are not used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from journey.errors import RoleMissing
from journey.events.arms import experiment
from journey.events.build import check_columns, check_zone, event_rows
from journey.events.cleaned import Cleaned
from journey.events.columns import event_columns
from journey.events.customers import customers
from journey.events.kinds import TableChoice
from journey.events.orders import orders
from journey.events.reviews import reviews
from journey.events.surveys import survey
from journey.sources.raw_table import RawTable

__all__ = ["cleaned"]


def cleaned(raw: RawTable, choice: TableChoice, *, now: dt.datetime | None = None) -> Cleaned:
    """What does this file say, read as the kind of table that was chosen?

    Each kind's own module documents its tables. Rows after `now` do not stretch the log's observation
    window. What is personal stays as it is in `raw`: masking comes before. Raises RoleMissing for a role
    that the kind needs and that has no column, ColumnMissing for a column that the file lacks, SettingWrong
    for an unknown zone, and NoUsableRows when no row says anything.
    """
    for role in choice.missing:
        raise RoleMissing(kind=choice.kind, role=role)
    check_columns(raw, choice.columns)
    check_zone(choice.zone)
    return _READERS[choice.kind](raw, choice, now)


def _events(raw: RawTable, choice: TableChoice, now: dt.datetime | None) -> Cleaned:
    log, reason = event_rows(
        raw,
        event_columns(choice),
        zone=choice.zone,
        drop_duplicates=choice.drop_duplicates,
        order=choice.date_order,
        now=now,
    )
    return Cleaned("events", {}, log, log.customer_ids, reason, log.notes)


_READERS: Mapping[str, Callable[[RawTable, TableChoice, dt.datetime | None], Cleaned]] = {
    "events": _events,
    "orders": orders,
    "survey": survey,
    "reviews": reviews,
    "experiment": experiment,
    "customers": customers,
}
