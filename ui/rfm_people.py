"""The people of a group, a cell of the grid, or a ribbon of the movement, and the group of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from journey.aggregates.rfm import GROUPS, NOBODY, cell_of, group_of_cell
from journey.analysis.rfm import Rfm
from journey.charts.rfm import cell_mark, group_mark
from journey.charts.rfm_movement import link_mark, node_mark
from ui import by_name, presenting, session
from ui.people import rule_panel
from ui.rfm import MAPPING, called, how_scored
from ui.words import t

__all__ = ["panel", "unpick_lost"]

_CELL = "C:"


@dataclass(frozen=True)
class _Mark:
    """What can be picked: its name, how many, what holds of them together, and of whom they are a share."""

    name: str
    customers: int
    holds: tuple[dict[str, Any], ...]
    of: int
    of_name: str


def unpick_lost(answer: Rfm) -> None:
    """Let go of what is picked when the answer, after a change of the controls, has it no more."""
    if session.picked("rfm").id not in _marks(answer):
        session.pick("rfm", None)


def panel(answer: Rfm, settings: Mapping[str, Any]) -> None:
    """Who is behind what was clicked or chosen by name."""
    if presenting.is_on():
        return
    marks = _marks(answer)
    said = {
        id_: f"{one.name} · {t('charts.amount_customers', n=one.customers)}" for id_, one in marks.items()
    }
    picked = by_name.mark("rfm", t("rfm.pick"), said, t("rfm.pick_hint"))
    if picked is None:
        return
    mark, how = marks[picked], _scored(answer, settings)
    if picked.startswith(_CELL):
        _group_of(picked.removeprefix(_CELL))
    parts = [_rule(one, how) for one in mark.holds]
    rule = parts[0] if len(parts) == 1 else {"all": parts}
    rule_panel(rule, mark.name, of=mark.of, key="rfm", of_name=mark.of_name)


def _rule(holds: dict[str, Any], how: dict[str, Any]) -> dict[str, Any]:
    return {"not": _rule(holds["not"], how)} if "not" in holds else {"rfm": {**holds, **how}}


def _scored(answer: Rfm, settings: Mapping[str, Any]) -> dict[str, Any]:
    """How the page scores, as settings of a rule that scores the same way another day."""
    if settings.get("fixed"):
        return {**how_scored(), "cuts": {name: list(points) for name, points in answer.cuts.items()}}
    return how_scored()


def _marks(answer: Rfm) -> dict[str, _Mark]:
    """Everything that can be picked, by its id."""
    if answer.view == "movement":
        return {**_ribbons(answer), **_boxes(answer)}
    of = answer.n_buyers, t("rfm.of_buyers")
    found = {
        group_mark(row.group): _Mark(called(row.group), int(row.customers), ({"groups": [row.group]},), *of)
        for row in answer.groups.itertuples(index=False)
        if row.customers
    }
    cells = answer.cells if answer.view == "grid" else answer.cells.iloc[:0]
    for row in cells[cells["customers"] > 0].itertuples(index=False):
        r, level = int(row.recency_score), int(row.fm_score)
        named = t("rfm.cell", recency=r, level=level, group=called(row.group))
        found[cell_mark(r, level)] = _Mark(named, int(row.customers), ({"cells": [cell_of(r, level)]},), *of)
    return found


def _in(group: str, day: Any) -> dict[str, Any]:
    return {"groups": [group], "on": day.isoformat()}


def _ribbons(answer: Rfm) -> dict[str, _Mark]:
    """The ribbons, the latest ones first."""
    sizes = answer.table.groupby(["step", "group_before"])["customers"].sum()
    found = {}
    for row in answer.table.sort_values("step", ascending=False, kind="stable").itertuples(index=False):
        source, target = called(row.group_before), called(row.group)
        named = t("rfm.moved", before=row.day_before, source=source, day=row.day, target=target)
        holds = _in(row.group_before, row.day_before), _in(row.group, row.day)
        of = int(sizes[row.step, row.group_before])
        of_name = t("rfm.of_group", group=source)
        found[link_mark(row.step, row.group_before, row.group)] = _Mark(
            named, int(row.customers), holds, of, of_name
        )
    return found


def _boxes(answer: Rfm) -> dict[str, _Mark]:
    """The groups of each day, the latest day first."""
    found, of_name = {}, t("rfm.of_buyers")
    for step, rows in reversed(list(answer.table.groupby("step"))):
        sides = [("group_before", rows["day_before"].iloc[0], int(step))]
        if not found:
            sides.insert(0, ("group", rows["day"].iloc[0], int(step) + 1))
        for side, day, at in sides:
            sizes = rows.groupby(side)["customers"].sum()
            n = int(sizes.drop(NOBODY, errors="ignore").sum())
            for code in (one for one in (*GROUPS, NOBODY) if one in sizes.index):
                holds: tuple[dict[str, Any], ...] = (_in(code, day),)
                if code == NOBODY:
                    # Those only who bought for the first time until the next day.
                    holds = (*holds, {"not": _in(NOBODY, rows["day"].iloc[0])})
                named = t("rfm.on_day", group=called(code), day=day)
                of = n if code != NOBODY else int(rows["customers"].sum())
                found[node_mark(at, code)] = _Mark(named, int(sizes[code]), holds, of, of_name)
    return found


def _group_of(cell: str) -> None:
    """The group of a cell of the grid, which the team can choose."""
    usual = group_of_cell(*map(int, cell.split(".")))
    names = {"": t("rfm.cell_default", group=called(usual))}
    names |= {code: called(code) for code in GROUPS if code != usual}
    keep = partial(session.kept, item=cell)
    by_name.one_of(MAPPING, t("rfm.cell_group"), names, keep=keep, help=t("rfm.edit_shared"), width=260)
