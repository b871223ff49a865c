"""What did customers write about a stage, in their own words?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.aggregates.feelings import feeling_of
from journey.aggregates.told_stages import latest_stage, told_stages
from journey.events.log import EventLog
from journey.events.masking import masked_texts
from journey.events.other_tables import OtherTables
from journey.stages.stage_map import StageMap

__all__ = ["ORDERS", "Voices", "voices"]

# Which texts come first: those of the worst feelings, or of the best.
ORDERS = ("low", "high")


@dataclass(frozen=True, eq=False)
class Voices:
    """Texts of one stage.

    table    text (personal data covered), feeling (-2 to +2, NaN without a rating), source ("survey" or
             "review"), customer (id, or "" where nobody is named), time (UTC, or NaT), touchpoint (or "")
    n        all texts of the stage, those that are not in the table too
    n_rated  those of them with a feeling
    """

    table: pd.DataFrame
    n: int
    n_rated: int


def voices(
    log: EventLog,
    stages: StageMap,
    stage: str,
    tables: OtherTables,
    *,
    order: str = "low",
    most: int = 50,
) -> Voices:
    """The comments and reviews of a stage (by id or name), by feeling, then the newest; without one last.

    A comment feels as the mean of the scores beside it. Where it belongs is told as for ratings (see
    `feelings`); texts of nobody in the log count where they say their stage themselves. Raises StageUnknown.
    """
    place = stages.stages.index(stages.named(stage))
    ids = pd.Index(log.customer_ids.to_pandas())
    scores = _of_responses(tables)
    parts = []
    for at, responses in enumerate(tables.comments):
        found = responses.to_pandas()
        felt = scores.get(at, pd.Series(dtype=float)).reindex(found["response"]).to_numpy(dtype=float)
        parts.append(_texts(found, "comment", felt, "survey"))
        parts[-1]["told"] = told_stages(found, log, stages).stage
    for table in tables.reviews:
        found = table.to_pandas()
        parts.append(_texts(found, "text", feeling_of(found["rating"], found["scale"]), "review"))
        parts[-1]["told"] = told_stages(found, log, stages).stage
    said = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    said = said[said["text"].fillna("").str.strip() != ""].reset_index(drop=True)
    where = said["told"].to_numpy(dtype=np.int64, copy=True)
    who = ids.get_indexer(said["customer"])
    asked = np.flatnonzero((where < 0) & (who >= 0) & said["time"].notna().to_numpy())
    moments = pd.to_datetime(said["time"].iloc[asked], utc=True).dt.as_unit("us").astype("int64")
    where[asked] = latest_stage(log, stages, who[asked], moments.to_numpy())
    here = said[where == place]
    sign = 1.0 if order == "low" else -1.0
    feeling = here["feeling"].to_numpy(dtype=float)
    newest = -pd.to_datetime(here["time"], utc=True).dt.as_unit("us").astype("int64").to_numpy()
    ranked = np.lexsort((newest, np.where(np.isnan(feeling), np.inf, sign * feeling)))
    return Voices(_shown(here.iloc[ranked[:most]]), len(here), int(np.count_nonzero(~np.isnan(feeling))))


_COLUMNS = ["text", "feeling", "source", "customer", "time", "touchpoint", "told"]


def _texts(found: pd.DataFrame, column: str, feeling: np.ndarray, source: str) -> pd.DataFrame:
    told = found[["customer", "time", "touchpoint"]].assign(
        text=found[column], feeling=feeling, source=source
    )
    return told.astype({"text": "str", "customer": "str", "touchpoint": "str"})


def _of_responses(tables: OtherTables) -> dict[int, pd.Series]:
    """By survey the mean feeling of each response that has one."""
    answers = tables.answers
    if answers.empty or "survey" not in answers:
        return {}
    felt = answers[["survey", "response"]].assign(feeling=feeling_of(answers["score"], answers["scale"]))
    means = felt.dropna().groupby(["survey", "response"])["feeling"].mean()
    return {int(str(at)): means.loc[at] for at in means.index.unique("survey")}


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    texts = pa.chunked_array([pa.array(table["text"], pa.large_string(), from_pandas=True)])
    masked = masked_texts(texts, "comment").to_pandas()
    return pd.DataFrame(
        {
            "text": pd.Series(masked.to_numpy(dtype=object), dtype="str"),
            "feeling": table["feeling"].to_numpy(dtype=float),
            "source": pd.Series(table["source"].to_numpy(dtype=object), dtype="str"),
            "customer": pd.Series(table["customer"].fillna("").to_numpy(dtype=object), dtype="str"),
            "time": pd.to_datetime(table["time"], utc=True).reset_index(drop=True),
            "touchpoint": pd.Series(table["touchpoint"].fillna("").to_numpy(dtype=object), dtype="str"),
        }
    )
