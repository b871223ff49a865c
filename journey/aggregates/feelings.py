"""How did customers feel, and where on their journey? A feeling for each score and each review."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey.aggregates.told_stages import latest_stage, told_stages
from journey.events.log import EventLog
from journey.events.other_tables import OtherTables
from journey.events.scales import is_recommending
from journey.stages.stage_map import StageMap
from journey.statistics.sums import Sums, ratio

__all__ = ["FEWEST_RATERS", "SOURCES", "Feelings", "feeling_of", "feelings"]

# What a feeling was told by: satisfaction (1-5, 1-7), would they recommend it (0-10), the rating of a review,
# and any other score.
SOURCES = ("csat", "nps", "review", "score")
# An interval over fewer customers means nothing.
FEWEST_RATERS = 5
# Scale -> the middle of it, and how many points are one of a feeling.
_SCALES: Mapping[str, tuple[float, float]] = {
    "1-5": (3.0, 1.0),
    "0-10": (5.0, 2.5),
    "1-10": (5.5, 2.25),
    "1-7": (4.0, 1.5),
}
_SATISFACTION = ("1-5", "1-7")
_RATED = ["customer", "time", "touchpoint", "score", "scale"]


@dataclass(frozen=True, eq=False)
class Feelings:
    """One entry a rating of a customer of the log, on the scale -2 (bad) to +2 (good).

    customer  position in the log
    value     the feeling
    place     position in `places`: what the rating is about; -1 before the customer's first visit
    places    names of touchpoints, as files of ratings have them, then the stages by their names
    n_touchpoints  how many of the places are touchpoints
    stage     position of the stage that the rating is about or was given in, touchpoints too; -1 for none
    source    position in SOURCES: what it was told by
    n_given   ratings on known scales in all files, also those of nobody in the log

    A rating belongs to its touchpoint, or to the stage that its file names; without both, to the stage of the
    customer's latest row in a stage at or before it; a rating that has no time either belongs nowhere and is
    left out. Its `stage` is told as in `told_stages`, and where a file does not tell it, by the latest row.
    """

    customer: np.ndarray
    value: np.ndarray
    place: np.ndarray
    places: tuple[str, ...]
    n_touchpoints: int
    stage: np.ndarray
    source: np.ndarray
    n_given: int = 0

    def at_stages(self, chosen: np.ndarray | None = None, sources: Collection[str] = SOURCES) -> pd.DataFrame:
        """One row a stage, in their order: feeling (mean over ratings) with feeling_low and feeling_high,
        raters (customers) and ratings.

        Of the chosen customers (one flag each) and sources. The interval is that of 95 % where customers
        vary; there is none for fewer than FEWEST_RATERS, and no mean without any.
        """
        used = (self.stage >= 0) & np.isin(self.source, [SOURCES.index(name) for name in sources])
        if chosen is not None:
            used &= chosen.take(self.customer)
        n = len(self.places) - self.n_touchpoints
        inside = np.flatnonzero(used)
        who, order = np.unique(self.customer[inside], return_inverse=True)
        cell = self.stage[inside] * max(len(who), 1) + order
        shape = n, max(len(who), 1)
        counts = np.bincount(cell, minlength=n * shape[1]).reshape(shape)
        totals = np.bincount(cell, self.value[inside], minlength=n * shape[1]).reshape(shape)
        rows = []
        for count, total in zip(counts, totals, strict=True):
            sums = Sums.of(total[count > 0], count[count > 0])
            mean, *ends = ratio(sums)
            low, high = ends if sums.n >= FEWEST_RATERS else (math.nan, math.nan)
            rows.append((mean, low, high, sums.n, int(count.sum())))
        return pd.DataFrame(rows, columns=["feeling", "feeling_low", "feeling_high", "raters", "ratings"])

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


def feeling_of(score: pd.Series, scale: pd.Series) -> np.ndarray:
    """What scores on their scales say on -2 to +2; NaN on a scale that is not known, or without a score."""
    middle, step = (scale.map({name: one[at] for name, one in _SCALES.items()}) for at in (0, 1))
    return ((score.astype(float) - middle.astype(float)) / step.astype(float)).to_numpy(dtype=float)


def feelings(log: EventLog, stages: StageMap, tables: OtherTables) -> Feelings:
    """The ratings of surveys and reviews by customers of the log; on other scales than these four: none."""
    given = _ratings(log, stages, tables)
    ids = pd.Index(log.customer_ids.to_pandas())
    who = ids.get_indexer(given["customer"])
    value = feeling_of(given["score"], given["scale"])
    dated = given["time"].notna().to_numpy()
    told, named = (given[name].to_numpy(dtype=np.int64) for name in ("told", "named"))
    # A touchpoint that is a stage is one place with it, and what only says the stage is about the stage.
    touched = given["touchpoint"].notna().to_numpy() & (named < 0)
    used = np.flatnonzero((who >= 0) & ~np.isnan(value) & (touched | (told >= 0) | dated))
    touchpoint = given["touchpoint"].where(touched).iloc[used]
    codes, names = pd.factorize(pd.Series(touchpoint.to_numpy(dtype=object), dtype="str"), sort=True)
    stage = told[used]
    asked = np.flatnonzero((stage < 0) & dated[used])
    moments = pd.to_datetime(given["time"].iloc[used[asked]], utc=True).dt.as_unit("us").astype("int64")
    stage[asked] = latest_stage(log, stages, who[used[asked]], moments.to_numpy())
    return Feelings(
        customer=who[used],
        value=value[used],
        place=np.where(codes >= 0, codes, np.where(stage >= 0, stage + len(names), -1)),
        places=(*map(str, names), *stages.names),
        n_touchpoints=len(names),
        stage=stage,
        source=given["source"].to_numpy(dtype=np.int64)[used],
        n_given=int(np.count_nonzero(~np.isnan(value))),
    )


def _ratings(log: EventLog, stages: StageMap, tables: OtherTables) -> pd.DataFrame:
    """Answers and reviews, one below the other: customer, time, touchpoint, score, scale, source, and the
    stages that their files tell of (`told`) and that touchpoints are named like (`named`), -1 for none."""
    parts = []
    if len(tables.answers):
        answers = tables.answers
        told = np.full(len(answers), -1)
        named = told_stages(answers[["touchpoint"]], log, stages).named
        for at, responses in enumerate(tables.comments if "survey" in answers else ()):
            own = np.flatnonzero(answers["survey"] == at)
            of_response = told_stages(responses.to_pandas(), log, stages).stage
            by_response = pd.Series(of_response, index=responses.column("response").to_pandas())
            told[own] = by_response.reindex(answers["response"].iloc[own]).to_numpy()
        parts.append(answers[_RATED].assign(told=told, named=named, source=_sources(answers)))
    for table in tables.reviews:
        found = table.to_pandas()
        places = told_stages(found, log, stages)
        source = np.full(len(found), SOURCES.index("review"))
        stars = found.rename(columns={"rating": "score"})[_RATED]
        parts.append(stars.assign(told=places.stage, named=places.named, source=source))
    parts = [part for part in parts if len(part)]
    columns = [*_RATED, "told", "named", "source"]
    rated = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return rated.astype({"score": float})


def _sources(answers: pd.DataFrame) -> np.ndarray:
    """What each answer tells a feeling by, as on the cards of KPIs; see `kpi_survey.answers`."""
    found = np.where(answers["scale"].isin(_SATISFACTION), SOURCES.index("csat"), SOURCES.index("score"))
    recommending = {one for one in answers["question"].unique() if is_recommending(one)}
    is_nps = (answers["scale"] == "0-10") & answers["question"].isin(recommending)
    return np.where(is_nps, SOURCES.index("nps"), found)
