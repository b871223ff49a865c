"""The first rows of a file as its choice of columns reads them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from journey.events.kinds import KINDS, TableChoice
from journey.events.numbers import parse_numbers
from journey.events.times import parse_times

__all__ = ["Preview", "preview"]

_ROWS = 50
_LETTERS = 500
_AMOUNTS = ("amount", "unit_price", "quantity", "rating", "scores")


@dataclass(frozen=True)
class Preview:
    """`frame` has the columns with a role first; `roles` maps those to the role that each plays.

    `time` is the first time as the file has it and as it is read (in the zone of the choice), `amount` the
    first number of the first column that is read as numbers; None where there is none among these rows.
    """

    frame: pd.DataFrame
    roles: dict[str, str]
    time: tuple[str, dt.datetime] | None = None
    amount: tuple[str, float] | None = None


def preview(head: pd.DataFrame, choice: TableChoice | None, *, rows: int = _ROWS) -> Preview:
    """Show the first `rows` of a table of text; long cells are cut for the screen."""
    head = head.head(rows)
    roles: dict[str, str] = {}
    if choice is not None:
        for role in KINDS[choice.kind]:
            roles |= {name: role.name for name in choice.all(role.name) if name in head.columns}
    order = [*roles, *(name for name in head.columns if name not in roles)]
    shown = head[order].apply(lambda column: column.str.slice(0, _LETTERS))
    if choice is None:
        return Preview(shown, roles)
    return Preview(shown, roles, _first_time(head, choice), _first_amount(head, choice))


def _first_time(head: pd.DataFrame, choice: TableChoice) -> tuple[str, dt.datetime] | None:
    name = choice.one("time")
    if name is None or name not in head:
        return None
    read = parse_times(head[name], zone=choice.zone, order=choice.date_order).values
    at = np.flatnonzero(~np.isnat(read))
    if not len(at):
        return None
    moment = pd.Timestamp(read[at[0]], tz="UTC").tz_convert(ZoneInfo(choice.zone)).to_pydatetime()
    return str(head[name].iloc[at[0]]), moment


def _first_amount(head: pd.DataFrame, choice: TableChoice) -> tuple[str, float] | None:
    for role in _AMOUNTS:
        for name in choice.all(role):
            if name not in head:
                continue
            values = parse_numbers(head[name]).values
            at = np.flatnonzero(~np.isnan(values))
            if len(at):
                return str(head[name].iloc[at[0]]), float(values[at[0]])
    return None
