"""What stands in a column of the flow: the stages, the events, or the values of an attribute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey.errors import SettingWrong, StageUnknown
from journey.events.log import Attribute, EventLog
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap
from journey.theme import MUTED, stage_colour

__all__ = ["Nodes", "nodes"]


@dataclass(frozen=True, eq=False)
class Nodes:
    """The nodes of a grouping by code, and how a row finds its own.

    group      "stage", "event" or the name of an attribute
    names      by code; the node of rows without a value is the last one of an attribute and has the name ""
    kinds      by code: "stage", or "missing"
    position   by code: the order in which nodes stand above each other
    colours    by code
    used       by code: can a row be there at all? (an event may be unmapped)
    """

    group: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    position: np.ndarray
    colours: tuple[str, ...]
    used: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    def of_rows(self, log: EventLog, stage: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The node of each of these mapped rows; `stage` holds the stage code of every row of the log."""
        if self.group == "stage":
            return stage.take(rows).astype(np.int32)
        if self.group == "event":
            return log.event.take(rows).astype(np.int32)
        return self.value_of_rows(log, rows)

    def value_of_rows(self, log: EventLog, rows: np.ndarray) -> np.ndarray:
        """The attribute's value of each row, a missing one last; all alike when the group is no attribute."""
        attribute = self._attribute(log)
        if attribute is None:
            return np.zeros(len(rows), dtype=np.int32)
        at = rows if attribute.of == "event" else log.customer_of_row().take(rows)
        codes = attribute.codes.take(at)
        return np.where(codes < 0, len(attribute.categories), codes).astype(np.int32)

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

    def _attribute(self, log: EventLog) -> Attribute | None:
        return None if self.group in ("stage", "event") else log.attributes[self.group]


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
