"""Who gets which arm of an experiment: a draw that anybody can repeat, in any language.

An id goes to an arm by a hash alone:

1. The text of the id, trimmed and in the Unicode form NFC, and the salt, each as UTF-8.
2. SHA-256 of the salt, a zero byte and the id; its first eight bytes are a number, big-endian.
3. The remainder of that number by 1,000,000 is the id's bucket.
4. The arms follow each other in the plan's order, each with as many buckets as its weight has of all weights:
   an arm ends before bucket round(1,000,000 x weights up to and with it / all weights), halves upwards.

So an id keeps its arm whoever else is in the list, tomorrow and in another program. With strata the ids of a
stratum are sorted by the number of step 2 and dealt in turn: the arms' shares then hold in every stratum to
within a customer or so, but an id's arm depends on the others, so it is the list that has to be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa

from journey.errors import SettingWrong
from journey.events.identity import clean_texts
from journey.findings import Finding
from journey.stages.experiment_plan import MOST_ARMS, Arm
from journey.statistics.intervals import wilson

__all__ = ["BUCKETS", "Assignment", "assignment", "boundaries", "hashed"]

BUCKETS = 1_000_000
_LONGEST_SALT = 200


@dataclass(frozen=True, eq=False)
class Assignment:
    """One row a customer who was drawn, in the order in which they came.

    table         customer, arm (its label); stratum, where there are strata
    arms          arm, name, customers, share (of all who were drawn) with low and high (Wilson 95 %), planned
                  (share), until (the bucket before which the arm ends; none with strata)
    strata        stratum, arm, customers; no rows without strata
    n_customers   who was drawn
    n_excluded    who was in the list and was not to be drawn
    n_duplicates  further lines of an id that was there before
    n_blank       lines without an id
    """

    table: pd.DataFrame
    arms: pd.DataFrame
    strata: pd.DataFrame
    salt: str
    is_stratified: bool
    n_customers: int
    n_excluded: int
    n_duplicates: int
    n_blank: int
    finding: Finding
    notes: tuple[Finding, ...] = ()
    unit: str = "customer"


def assignment(
    ids: Iterable[str | None],
    *,
    arms: Sequence[Arm],
    salt: str,
    strata: Iterable[str | None] | None = None,
    excluded: Collection[str] = (),
) -> Assignment:
    """Draw an arm for every id of a list.

    `strata` says of each line what its customer is to be alike in; a customer with several gets the first of
    them by the alphabet, and those without one are a stratum of their own. `excluded` are ids that stay
    without an arm. Raises SettingWrong for fewer than two arms or more than `MOST_ARMS`, and for no salt.
    """
    if not 2 <= len(arms) <= MOST_ARMS:
        raise SettingWrong(setting="arms", value=str(len(arms)), allowed=f"2–{MOST_ARMS}")
    if not 0 < len(salt) <= _LONGEST_SALT:
        raise SettingWrong(setting="salt", value=str(len(salt)), allowed=f"1–{_LONGEST_SALT}")
    lines = pd.DataFrame({"customer": _clean(ids)})
    if strata is not None:
        lines["stratum"] = _clean(strata)
    n_lines = len(lines)
    lines = lines[lines["customer"] != ""]
    n_blank = n_lines - len(lines)
    left_out = lines["customer"].isin(_clean(excluded).tolist())
    n_excluded = lines.loc[left_out, "customer"].nunique()
    lines = lines[~left_out]
    if strata is not None:
        lines = lines.assign(stratum=lines.groupby("customer", sort=False)["stratum"].transform("min"))
    drawn = lines.drop_duplicates("customer", ignore_index=True)
    numbers = hashed(drawn["customer"].tolist(), salt)
    weights = [arm.weight for arm in arms]
    if strata is None:
        codes = np.searchsorted(boundaries(weights), numbers % np.uint64(BUCKETS), side="right")
    else:
        codes = _dealt(numbers, drawn["customer"], drawn["stratum"], weights, salt)
    labels = np.array([arm.label for arm in arms], dtype=object)
    drawn.insert(1, "arm", pd.Series(labels[codes], dtype="str"))
    table = _arms(arms, codes, is_stratified=strata is not None)
    by_stratum = _by_stratum(drawn, [arm.label for arm in arms])
    n_duplicates = len(lines) - len(drawn)
    return Assignment(
        table=drawn,
        arms=table,
        strata=by_stratum,
        salt=salt,
        is_stratified=strata is not None,
        n_customers=len(drawn),
        n_excluded=n_excluded,
        n_duplicates=n_duplicates,
        n_blank=n_blank,
        finding=_finding(table, len(drawn)),
        notes=_notes(by_stratum, strata is not None, n_excluded, n_duplicates, n_blank, len(arms)),
    )


def hashed(ids: Iterable[str], salt: str) -> np.ndarray:
    """The 64-bit number of each id under a salt (uint64): step 2 of the draw."""
    begun = hashlib.sha256(salt.encode() + b"\0")
    digests = bytearray()
    for one in ids:
        whole = begun.copy()
        whole.update(one.encode())
        digests += whole.digest()[:8]
    return np.frombuffer(bytes(digests), ">u8").astype(np.uint64)


def boundaries(weights: Sequence[float]) -> np.ndarray:
    """For each arm the bucket before which it ends (uint64): step 4 of the draw.

    >>> boundaries([1, 1, 1]).tolist()
    [333333, 666667, 1000000]
    """
    exact = [Fraction(weight) for weight in weights]
    ends = [sum(exact[: place + 1], Fraction()) / sum(exact) for place in range(len(exact))]
    return np.array([int(end * BUCKETS + Fraction(1, 2)) for end in ends], dtype=np.uint64)


def _clean(texts: Iterable[str | None]) -> pd.Series:
    """Trimmed texts in NFC; "" where there is none."""
    given = pa.chunked_array([pa.array(list(texts), pa.large_string(), from_pandas=True)])
    return pd.Series(clean_texts(given).to_pylist(), dtype="str")


def _dealt(
    numbers: np.ndarray, ids: pd.Series, strata: pd.Series, weights: Sequence[float], salt: str
) -> np.ndarray:
    """The arm of each id, dealt through the strata one after the other, each sorted by its hash.

    The strata follow each other by their own hash, and each goes on where the one before stopped: so all
    arms together keep their shares too, however many small strata there are.
    """
    names = sorted(set(strata))
    place = dict(zip(names, np.argsort(np.argsort(hashed(names, salt), kind="stable")), strict=True))
    order = np.lexsort((ids.to_numpy(dtype=object), numbers, strata.map(place).to_numpy(dtype=np.int64)))
    codes = np.empty(len(ids), dtype=np.int64)
    codes[order] = _turns(len(ids), weights)
    return codes


def _turns(n: int, weights: Sequence[float]) -> np.ndarray:
    """Whose turn it is, n times: the turns of an arm are due at (j - 1/2) / weight, ties in the plan's order.

    With equal weights the arms take turns one by one; in any row of turns each has its share, to within two.
    """
    shares = np.array(weights, dtype=float) / sum(weights)
    # An arm is never ahead of its share by as many turns as there are arms.
    counts = np.ceil(n * shares).astype(np.int64) + len(weights)
    due = np.concatenate([(np.arange(k) + 0.5) / share for k, share in zip(counts, shares, strict=True)])
    arm = np.repeat(np.arange(len(weights)), counts)
    turns: np.ndarray = arm[np.argsort(due, kind="stable")][:n]
    return turns


def _arms(arms: Sequence[Arm], codes: np.ndarray, *, is_stratified: bool) -> pd.DataFrame:
    n, total = np.bincount(codes, minlength=len(arms)), sum(arm.weight for arm in arms)
    low, high = wilson(n, len(codes))
    ends = boundaries([arm.weight for arm in arms]).astype(float)
    return pd.DataFrame(
        {
            "arm": pd.Series([arm.label for arm in arms], dtype="str"),
            "name": pd.Series([arm.name for arm in arms], dtype="str"),
            "customers": n,
            "share": n / (len(codes) or np.nan),
            "low": low,
            "high": high,
            "planned": [arm.weight / total for arm in arms],
            "until": np.full(len(arms), np.nan) if is_stratified else ends,
        }
    )


def _by_stratum(drawn: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    if "stratum" not in drawn:
        return pd.DataFrame(
            {"stratum": pd.Series(dtype="str"), "arm": pd.Series(dtype="str"), "customers": []}
        )
    every = pd.MultiIndex.from_product([sorted(set(drawn["stratum"])), labels], names=["stratum", "arm"])
    counted = drawn.groupby(["stratum", "arm"]).size().reindex(every, fill_value=0)
    return counted.to_frame("customers").reset_index()


def _finding(table: pd.DataFrame, n: int) -> Finding:
    if not n:
        return Finding("planner.drawn_nobody")
    apart = float((table["share"] - table["planned"]).abs().max())
    return Finding("planner.drawn", {"n": n, "arms": len(table), "apart": apart * 100})


def _notes(
    strata: pd.DataFrame, is_stratified: bool, n_excluded: int, n_duplicates: int, n_blank: int, n_arms: int
) -> tuple[Finding, ...]:
    counted = {"excluded": n_excluded, "duplicates": n_duplicates, "blank": n_blank}
    notes = [Finding(f"planner.note_{name}", {"n": n}) for name, n in counted.items() if n]
    notes.append(Finding("planner.note_dealt" if is_stratified else "planner.note_hashed"))
    if is_stratified and not strata.empty:
        sizes = strata.groupby("stratum")["customers"].sum()
        if small := int((sizes < n_arms).sum()):
            notes.append(Finding("planner.note_small_strata", {"n": small, "arms": n_arms}))
    return tuple(notes)
