"""Which labels mean one arm, and which arm is the control?"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from journey.stages.experiment_plan import MOST_ARMS, Arm

__all__ = ["ArmLabels", "arm_labels", "control_first", "experiment_words", "plain"]


class ArmLabels(NamedTuple):
    """Labels of the data as arms.

    arms    the control first
    place   for each label the position of its arm; from len(arms) on a number of its own for each label that
            is no arm of the plan, which its other spellings share
    merged  (label of an arm, other spellings of it that the data has), where there are any
    """

    arms: tuple[Arm, ...]
    place: np.ndarray
    merged: tuple[tuple[str, tuple[str, ...]], ...]


def arm_labels(labels: Sequence[str], rows: np.ndarray, planned: Sequence[Arm] = ()) -> ArmLabels:
    """Take labels that differ in case, spaces and ways of encoding for one; `rows` counts those of each.

    Labels that the plan writes as they stand are those arms, whatever else is like them. Without a plan the
    most frequent spelling names an arm, and of more than MOST_ARMS arms the largest are taken.
    """
    groups: dict[str, list[int]] = {}
    for at, label in enumerate(labels):
        groups.setdefault(plain(label), []).append(at)
    arms = tuple(planned) or _largest(labels, rows, groups)
    exact = {arm.label: at for at, arm in enumerate(arms)}
    alike: dict[str, int] = {}
    for at, arm in enumerate(arms):
        alike.setdefault(plain(arm.label), at)
    place = np.empty(len(labels), dtype=np.int32)
    n = len(arms)
    for key, members in groups.items():
        other, n = (alike[key], n) if key in alike else (n, n + 1)
        for at in members:
            place[at] = exact.get(labels[at], other)
    spelled = [
        (
            arm.label,
            tuple(sorted(labels[i] for i in np.flatnonzero(place == at).tolist() if labels[i] != arm.label)),
        )
        for at, arm in enumerate(arms)
    ]
    return ArmLabels(arms, place, tuple((label, others) for label, others in spelled if others))


def control_first(labels: Sequence[str]) -> list[str]:
    """The labels, the likely control first: what is called so, else A, 0 or off; others as people count.

    Where no name says it, the first in this order stands for the control.
    """
    words = experiment_words()

    def rank(label: str) -> tuple[int, list[tuple[int, int | str]]]:
        tokens = [token for token in re.split(r"[\W_]+", plain(label, spaces=True)) if token]
        named = any(token in words["control"] for token in tokens)
        rest = [token for token in tokens if token not in words["group"]]
        first = plain(label) in words["first"] or (len(rest) == 1 and rest[0] in words["first"])
        return (0 if named else 1 if first else 2), _counted(label)

    return sorted(labels, key=rank)


def plain(label: str, *, spaces: bool = False) -> str:
    """A label without case and ways of encoding, and without spaces: equal for spellings of one arm."""
    found = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
    return found if spaces else "".join(found.split())


@cache
def experiment_words() -> dict[str, tuple[str, ...]]:
    """Words of experiments in both languages, in plain spelling, by what they mean."""
    file = resources.files("journey.aggregates").joinpath("experiment_words.json")
    written: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return {meaning: tuple(words) for meaning, words in written.items()}


def _largest(labels: Sequence[str], rows: np.ndarray, groups: dict[str, list[int]]) -> tuple[Arm, ...]:
    named = [
        (sum(int(rows[at]) for at in members), min(members, key=lambda at: (-int(rows[at]), labels[at])))
        for members in groups.values()
    ]
    named.sort(key=lambda one: (-one[0], labels[one[1]]))
    return tuple(Arm(label) for label in control_first([labels[at] for _, at in named[:MOST_ARMS]]))


def _counted(label: str) -> list[tuple[int, int | str]]:
    """As people count: gate_30 before gate_100."""
    parts = re.findall(r"\d+|\D+", plain(label, spaces=True))
    found: list[tuple[int, int | str]] = [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
    return [*found, (2, label)]
