"""How did customers feel, and where on their journey? A feeling for each score and each review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.aggregates.visits import NO_STAGE
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.stages.stage_map import StageMap
from journey.statistics.sums import Sums, ratio

__all__ = ["Feelings", "feelings"]

# Scale -> the middle of it, and how many points are one of a feeling.
_SCALES: Mapping[str, tuple[float, float]] = {
    "1-5": (3.0, 1.0),
    "0-10": (5.0, 2.5),
    "1-10": (5.5, 2.25),
    "1-7": (4.0, 1.5),
}


@dataclass(frozen=True, eq=False)
class Feelings:
    """One entry a rating of a customer of the log, on the scale -2 (bad) to +2 (good).

    customer  position in the log
    value     the feeling
    place     position in `places`: what the rating is about; -1 before the customer's first visit
    places    names of touchpoints, as files of ratings have them, then the stages by their names
    n_touchpoints  how many of the places are touchpoints

    A rating belongs to its touchpoint; without one, to the stage of the customer's latest row in a stage at
    or before it; a rating without a time belongs nowhere and is left out.
    """

    customer: np.ndarray
    value: np.ndarray
    place: np.ndarray
    places: tuple[str, ...]
    n_touchpoints: int

    def of(self, chosen: np.ndarray) -> dict[str, Sums]:
        """Sums at each place over the chosen customers (one flag each): of their feelings, of how many.

        Their ratio is the mean feeling, with the customer as what was drawn by chance.
        """
        inside = np.flatnonzero(chosen.take(self.customer) & (self.place >= 0))
        inside = inside[np.lexsort((self.customer[inside], self.place[inside]))]
        place, who = self.place[inside], self.customer[inside]
        begins = np.flatnonzero((np.diff(place, prepend=-1) != 0) | (np.diff(who, prepend=-1) != 0))
        if not len(begins):
            return {}
        total = np.add.reduceat(self.value[inside], begins)
        count = np.diff(begins, append=len(inside))
        return {
            self.places[at]: Sums.of(total[place[begins] == at], count[place[begins] == at])
            for at in np.unique(place)
        }

    def mean(self, chosen: np.ndarray) -> tuple[float, float, float]:
        """Of all places together: the mean over ratings, with low and high (95 %; customers vary)."""
        inside = chosen.take(self.customer) & (self.place >= 0)
        count = np.bincount(self.customer[inside], minlength=len(chosen))
        total = np.bincount(self.customer[inside], self.value[inside], minlength=len(chosen))
        return ratio(Sums.of(total[count > 0], count[count > 0]))


def feelings(log: EventLog, stages: StageMap, tables: OtherTables) -> Feelings:
    """The ratings of surveys and reviews by customers of the log; on other scales than these four: none."""
    given = _ratings(tables)
    ids = pd.Index(log.customer_ids.to_pandas())
    who = ids.get_indexer(given["customer"])
    middle, step = (given["scale"].map({name: one[at] for name, one in _SCALES.items()}) for at in (0, 1))
    value = ((given["score"] - middle) / step).to_numpy(dtype=float)
    about = given["touchpoint"].to_numpy(dtype=object)
    touched = pd.notna(about)
    dated = given["time"].notna().to_numpy()
    used = np.flatnonzero((who >= 0) & ~np.isnan(value) & (touched | dated))
    codes, names = pd.factorize(pd.Series(about[used], dtype="str"), sort=True)
    at = codes.astype(np.int64)
    untouched = np.flatnonzero(codes < 0)
    moments = pd.to_datetime(given["time"].iloc[used[untouched]], utc=True).dt.as_unit("us").astype("int64")
    stage = _latest_stage(log, stages, who[used[untouched]], moments.to_numpy())
    at[untouched] = np.where(stage >= 0, stage + len(names), -1)
    return Feelings(
        customer=who[used],
        value=value[used],
        place=at,
        places=(*map(str, names), *stages.names),
        n_touchpoints=len(names),
    )


def _ratings(tables: OtherTables) -> pd.DataFrame:
    """Customer, time, touchpoint, score and scale of answers and of reviews, one below the other."""
    columns = ["customer", "time", "touchpoint", "score", "scale"]
    parts = [tables.answers[columns]] if len(tables.answers) else []
    for table in tables.reviews:
        stars = table.select(["customer", "time", "touchpoint", "rating", "scale"]).to_pandas()
        parts.append(stars.rename(columns={"rating": "score"}))
    parts = [part for part in parts if len(part)]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return found.astype({"score": float})


def _latest_stage(log: EventLog, stages: StageMap, who: np.ndarray, when: np.ndarray) -> np.ndarray:
    """The stage of each customer's latest row in a stage at or before a moment; -1 where there is none."""
    code = stages.codes(log.event_names).take(log.event)
    asked = np.unique(who)
    rows = np.flatnonzero(code < NO_STAGE)
    rows = rows.compress(np.isin(log.customer_of_row().take(rows), asked))
    if not len(rows):
        return np.full(len(who), -1)
    owner, time = log.customer_of_row().take(rows), log.time.take(rows)
    # Rows and questions in one order, a row before a question of its instant: the last row passed is the one.
    is_asked = np.repeat([False, True], [len(rows), len(who)])
    order = np.lexsort((is_asked, np.r_[time, when], np.r_[owner, who]))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.maximum.accumulate(np.where(is_asked[order], -1, order))
    last = found[len(rows) :]
    is_own = (last >= 0) & (owner.take(last, mode="clip") == who)
    # Codes are bytes without a sign, in which -1 would be 255.
    return np.where(is_own, code.take(rows.take(last, mode="clip")).astype(np.int64), -1)
