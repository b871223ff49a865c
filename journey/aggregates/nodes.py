"""What stands in a column of the flow: the stages, the events, or the values of an attribute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.errors import SettingWrong, StageUnknown
from journey.events.log import EventLog
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap
from journey.theme import MUTED, stage_colour

__all__ = ["NAMED", "NO_VALUE", "Nodes", "Parts", "nodes", "values_at"]

# The kinds of nodes that bear a name; the others are called by their kind.
NAMED = ("stage", "joined", "part")
# Stands for a missing value within the name of a node, in every language.
NO_VALUE = "–"


@dataclass(frozen=True)
class Parts:
    """A node whose visits go by an attribute's value: the codes ``first:first + n``, the last one missing."""

    node: int
    attribute: str
    first: int
    n: int


@dataclass(frozen=True, eq=False)
class Nodes:
    """The nodes of a grouping by code, and how a row finds its own.

    group      "stage", "event" or the name of an attribute
    names      by code; the node of rows without a value is the last one of an attribute and has the name ""
    kinds      by code: "stage", "missing", "joined" (several nodes as one) or "part" (of one, by a value)
    position   by code: the order in which nodes stand above each other
    colours    by code
    used       by code: can a row be there at all? (an event may be unmapped, a node hidden or joined)
    plain      the nodes of the grouping, where some of them are hidden, joined or split; else None
    label      the code by that of the plain node, -1 where it is hidden
    parts      the node that is split
    looked_at  attributes of which the value at a visit's first row is looked at
    """

    group: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    position: np.ndarray
    colours: tuple[str, ...]
    used: np.ndarray
    plain: Nodes | None = None
    label: np.ndarray | None = None
    parts: Parts | None = None
    looked_at: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def of_rows(self, log: EventLog, stage: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The node of each of these mapped rows, -1 where it is hidden; a node that is split is still whole.

        `stage` holds the stage code of every row of the log.
        """
        if self.group == "stage":
            codes = stage.take(rows).astype(np.int32)
        elif self.group == "event":
            codes = log.event.take(rows).astype(np.int32)
        else:
            codes = values_at(log, self.group, rows)
        return codes if self.label is None else self.label.take(codes)

    def split(self, log: EventLog, node: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The nodes of visits, given those of `of_rows` and the position of each visit's first row."""
        if self.parts is None:
            return node
        at = np.flatnonzero(node == self.parts.node)
        split = node.copy()
        split[at] = self.parts.first + values_at(log, self.parts.attribute, rows.take(at))
        return split

    def tie_values(self, log: EventLog, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """By what rows that are alike in time, stage and event are put in order: the last one first.

        The value by which they are grouped, then that by which a node is split, then the others that are
        looked at; missing ones come last.
        """
        wanted = [] if self.group in ("stage", "event") else [self.group]
        if self.parts is not None:
            wanted.append(self.parts.attribute)
        wanted += self.looked_at
        return tuple(values_at(log, name, rows) for name in reversed(wanted))

    def codes_of(self, name: str, stages: StageMap) -> tuple[int, ...]:
        """The codes under which a node is drawn: several where it is split, none where it is hidden.

        A node is named as in `named`, one that is joined or split also as it is drawn. Raises StageUnknown.
        """
        if self.plain is None or self.label is None:
            return (self.named(name, stages),)
        try:
            code = int(self.label[self.plain.named(name, stages)])
        except StageUnknown:
            drawn = [code for code in range(len(self.plain), len(self)) if self.names[code] == name]
            if not drawn:
                raise
            code = drawn[0]
        if self.parts is not None and code == self.parts.node:
            return tuple(range(self.parts.first, self.parts.first + self.parts.n))
        return () if code < 0 else (code,)

    def called(self, name: str, stages: StageMap) -> str:
        """A node's name as it is drawn; that of the whole node where it is split or hidden."""
        if self.plain is None or self.label is None:
            return self.names[self.named(name, stages)]
        if name in self.names[len(self.plain) :]:
            return name
        own = self.plain.named(name, stages)
        return self.names[max(own, int(self.label[own]))]

    def named(self, name: str, stages: StageMap) -> int:
        """The code of the node of this name (of a stage also by id); "" is the node without a value.

        Raises StageUnknown.
        """
        have = [own for own, used in zip(self.names, self.used, strict=True) if used]
        if self.group == "stage":
            return stages.stages.index(stages.named(name))
        if name not in have:
            raise StageUnknown(name=name, have=have)
        return self.names.index(name)


def values_at(log: EventLog, attribute: str, rows: np.ndarray) -> np.ndarray:
    """The code of an attribute's value at each of these rows; a missing value has the one behind the last."""
    own = log.attributes[attribute]
    at = rows if own.of == "event" else log.customer_of_row().take(rows)
    codes = own.codes.take(at)
    return np.where(codes < 0, len(own.categories), codes).astype(np.int32)


def nodes(log: EventLog, stages: StageMap, group: str = "stage") -> Nodes:
    """The nodes of a grouping. Raises SettingWrong when the log has no attribute of that name."""
    if group == "stage":
        names, colours = stages.names, tuple(stage.colour for stage in stages.stages)
        return _plain(group, names, np.arange(len(names)), colours, np.ones(len(names), dtype=bool))
    if group == "event":
        codes = stages.codes(log.event_names)
        used = (codes != UNMAPPED) & (codes != IGNORED)
        order = np.lexsort((np.arange(len(codes)), codes))
        position = np.empty(len(codes), dtype=np.int64)
        position[order] = np.arange(len(codes))
        own = [*(stage.colour for stage in stages.stages), *[MUTED] * (IGNORED + 1 - len(stages.stages))]
        return _plain(group, log.event_names, position, tuple(own[code] for code in codes), used)
    if group not in log.attributes:
        raise SettingWrong(setting="group", value=group, allowed=["stage", "event", *log.attributes])
    values = log.attributes[group].categories
    return Nodes(
        group=group,
        names=(*values, ""),
        kinds=(*["stage"] * len(values), "missing"),
        position=np.arange(len(values) + 1),
        colours=(*(stage_colour(code) for code in range(len(values))), MUTED),
        used=np.ones(len(values) + 1, dtype=bool),
    )


def _plain(
    group: str, names: tuple[str, ...], position: np.ndarray, colours: tuple[str, ...], used: np.ndarray
) -> Nodes:
    return Nodes(group, names, ("stage",) * len(names), position, colours, used)
