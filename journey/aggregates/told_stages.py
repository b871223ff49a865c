"""Which stage is a rating or a text about: what its file says, or where its writer stood by then?"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.aggregates.visits import NO_STAGE
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["ToldStages", "latest_stage", "told_stages"]

# Columns of surveys and reviews that never name a stage; `touchpoint` does so by itself.
_OTHER = frozenset(
    {"customer", "time", "touchpoint", "comment", "response", "text", "rating", "scale", "product"}
)
# A column tells of stages where at least this share of its cells are names of stages.
_MOST_CELLS = 0.5


@dataclass(frozen=True, eq=False)
class ToldStages:
    """By row positions of stages, -1 for none.

    stage  what the file says: the stage that its touchpoint is named like, else the stage in a column whose
           cells are mostly names of stages, else the stage of the event that the touchpoint is named like
    named  the first of these alone: the touchpoint is the stage
    """

    stage: np.ndarray
    named: np.ndarray


def told_stages(table: pd.DataFrame, log: EventLog, stages: StageMap) -> ToldStages:
    """What each row says itself. Names are compared without regard to capitals and outer blanks."""
    names = {_plain(name): place for place, name in enumerate(stages.names)}
    codes = stages.codes(log.event_names).astype(np.int64)
    events = {
        _plain(name): int(code) for name, code in zip(log.event_names, codes, strict=True) if code < NO_STAGE
    }
    nowhere = np.full(len(table), -1, dtype=np.int64)
    named, by_event = nowhere, nowhere
    if "touchpoint" in table:
        named, by_event = _found(table["touchpoint"], names), _found(table["touchpoint"], events)
    by_column, most = nowhere, 0
    for name in table.columns:
        if name in _OTHER:
            continue
        here, filled = _found(table[name], names), int(table[name].notna().sum())
        told = int((here >= 0).sum())
        if told > most and told >= _MOST_CELLS * filled:
            by_column, most = here, told
    stage = np.where(named >= 0, named, np.where(by_column >= 0, by_column, by_event))
    return ToldStages(stage, named)


def latest_stage(log: EventLog, stages: StageMap, who: np.ndarray, when: np.ndarray) -> np.ndarray:
    """The stage of each customer's latest row in a stage at or before a moment; -1 where there is none."""
    code = stages.codes(log.event_names).take(log.event)
    asked = np.unique(who)
    rows = np.flatnonzero(code < NO_STAGE)
    rows = rows.compress(np.isin(log.customer_of_row().take(rows), asked))
    if not len(rows):
        return np.full(len(who), -1)
    owner, time = log.customer_of_row().take(rows), log.time.take(rows)
    # Rows and questions in one order, a row before a question of its instant, rows of one instant by their
    # stages: the last row passed is the one.
    is_asked = np.repeat([False, True], [len(rows), len(who)])
    place = np.append(code.take(rows), np.zeros(len(who), dtype=code.dtype))
    order = np.lexsort((place, is_asked, np.r_[time, when], np.r_[owner, who]))
    passed = np.maximum.accumulate(np.where(is_asked[order], -1, np.arange(len(order))))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.where(passed >= 0, order.take(passed, mode="clip"), -1)
    last = found[len(rows) :]
    is_own = (last >= 0) & (owner.take(last, mode="clip") == who)
    # Codes are bytes without a sign, in which -1 would be 255.
    return np.where(is_own, code.take(rows.take(last, mode="clip")).astype(np.int64), -1)


def _found(cells: pd.Series, places: dict[str, int]) -> np.ndarray:
    """By cell the place of what it names, -1 for nothing."""
    codes, values = pd.factorize(cells)
    of_value = np.array([places.get(_plain(str(value)), -1) for value in values] + [-1], dtype=np.int64)
    return of_value.take(codes)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()
