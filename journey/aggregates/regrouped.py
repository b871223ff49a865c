"""Nodes that are hidden, drawn as one, or split by an attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from journey.aggregates.nodes import NO_VALUE, Nodes, Parts
from journey.errors import SettingWrong
from journey.events.log import EventLog
from journey.stages.stage_map import StageMap

__all__ = ["regrouped"]


def regrouped(
    own: Nodes,
    log: EventLog,
    stages: StageMap,
    *,
    hide: Sequence[str] = (),
    join: Sequence[str | Sequence[str]] = (),
    expand: Sequence[str] | None = None,
) -> Nodes:
    """The nodes as a flow draws them; every name differs from all others, whatever the stages are called.

    hide    the rows of these nodes count as unmapped ones: they neither end nor separate a visit
    join    these nodes are one, "a + b", where the first of them stood; names, or several lists of names.
            Hidden ones are no part of it
    expand  (node, attribute): each visit to the node, which may be a joined one, goes by the attribute's
            value at its first row, "node · value"; one without a value is "node · –"
    Raises SettingWrong and StageUnknown.
    """
    if not hide and not join and expand is None:
        return own
    if isinstance(hide, str):
        hide = [hide]
    label = np.arange(len(own), dtype=np.int32)
    drawn = replace(own, plain=own, label=label)
    gone = [own.named(name, stages) for name in hide]
    for group in _groups(join):
        drawn = _joined(drawn, own, sorted({own.named(name, stages) for name in group}.difference(gone)))
    label[gone] = -1
    used = drawn.used.copy()
    used[gone] = False
    drawn = replace(drawn, used=used)
    return drawn if expand is None else _split(drawn, log, stages, expand)


def _groups(join: Sequence[str | Sequence[str]]) -> list[list[str]]:
    if isinstance(join, str) or (join and all(isinstance(one, str) for one in join)):
        return [[join] if isinstance(join, str) else [str(one) for one in join]]
    return [[one] if isinstance(one, str) else list(one) for one in join]


def _joined(drawn: Nodes, own: Nodes, codes: list[int]) -> Nodes:
    """With these nodes as one, whose code is the next free one; `label` is written in place."""
    if len(codes) < 2:
        return drawn
    assert drawn.label is not None
    codes.sort(key=lambda code: int(own.position[code]))
    wished = " + ".join(own.names[code] or NO_VALUE for code in codes)
    if (drawn.label[codes] != codes).any():
        raise SettingWrong(setting="join", value=wished, allowed="a, b | c, d")
    drawn.label[codes] = len(drawn)
    used = drawn.used.copy()
    used[codes] = False
    return replace(
        drawn,
        names=(*drawn.names, _unlike(wished, set(drawn.names))),
        kinds=(*drawn.kinds, "joined"),
        position=np.append(drawn.position, own.position[codes[0]]),
        colours=(*drawn.colours, own.colours[codes[0]]),
        used=np.append(used, True),
    )


def _split(drawn: Nodes, log: EventLog, stages: StageMap, expand: Sequence[str]) -> Nodes:
    if isinstance(expand, str) or len(expand) != 2:
        raise SettingWrong(setting="expand", value=expand, allowed="node, attribute")
    name, attribute = expand
    if attribute not in log.attributes:
        raise SettingWrong(setting="expand", value=attribute, allowed=list(log.attributes))
    codes = drawn.codes_of(name, stages)
    if not codes:
        return drawn
    (code,) = codes
    values = log.attributes[attribute].categories
    taken, names = set(drawn.names), []
    for value in (*values, NO_VALUE):
        names.append(_unlike(f"{drawn.names[code] or NO_VALUE} · {value}", taken))
        taken.add(names[-1])
    # The parts stand where the node stood, in the order of the values.
    before = np.r_[drawn.position, np.full(len(names), drawn.position[code])]
    within = np.r_[np.zeros(len(drawn), dtype=np.int64), np.arange(1, len(names) + 1)]
    order = np.lexsort((within, before))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    used = np.r_[drawn.used, np.ones(len(names), dtype=bool)]
    used[code] = False
    return replace(
        drawn,
        names=(*drawn.names, *names),
        kinds=(*drawn.kinds, *["part"] * len(names)),
        position=position,
        colours=(*drawn.colours, *[drawn.colours[code]] * len(names)),
        used=used,
        parts=Parts(code, attribute, len(drawn), len(names)),
    )


def _unlike(wished: str, taken: set[str]) -> str:
    """The name, with a number behind it where another node bears it already."""
    name, number = wished, 1
    while name in taken:
        number += 1
        name = f"{wished} ({number})"
    return name
