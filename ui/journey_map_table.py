"""The journey map as a table: many cards changed at once, and read by those who cannot see a board.

What is typed waits in the table until it is saved as one edit, so that it can be taken back as one. What
others change meanwhile stays: only the cells that were typed in are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from journey.charts.bound_words import evidence_name
from journey.stages.board import LARGEST_POINTS, LONGEST_NAME, LONGEST_TEXT, Board
from journey.stages.board_rows import Names, rows
from journey.stages.board_table import Changes, changes
from ui import demo, own_maps, presenting, session, toasts
from ui.journey_card_fields import change
from ui.journey_map_names import table_names
from ui.journey_map_veiled import veiled_board
from ui.once import once
from ui.pinning import new_id
from ui.words import md, t

__all__ = ["MEASURED", "edited_rows", "left_said", "measured", "table"]

# What can be read in the table and not written there.
MEASURED = ("evidence", "figure")
_SHOWN = (
    "stage",
    "lane",
    "text",
    "evidence",
    "figure",
    "persona",
    "tags",
    "owner",
    "status",
    "effort",
    "impact",
    "state",
    "due",
    "hypothesis",
)
_BASE, _EDITOR = "map_rows.base", "map_rows.editor"
_MOST_LEFT = 100
_ROW = 36


@dataclass(frozen=True)
class _Base:
    """What a table stands on: the rows `before` anything was typed, those that it was `given`, and `told`.

    What was told outlives the table, which forgets it when it is not drawn; `turn` counts how often it began.
    """

    before: Sequence[Mapping[str, Any]]
    given: Sequence[Mapping[str, Any]]
    told: Sequence[Mapping[str, Any]]
    turn: int = 0


def table(board: Board, model: Mapping[str, Any] | None = None) -> None:
    """Draw the cards of a map as rows; `model` is what its board shows, for what was measured."""
    shown = veiled_board(board)
    names = table_names(shown)
    now = rows(shown, names)
    if demo.is_on() or presenting.is_on():
        st.dataframe(
            _frame(now, model, names),
            hide_index=True,
            column_order=_SHOWN,
            column_config=_config(shown, names, new={}),
            placeholder="–",
            key="map_rows.shown",
        )
        return
    begun = _begun(board, now)
    found = changes(board, begun.told, names, new_id=new_id, before=begun.before, removing=True)
    _waiting(board, found)
    st.data_editor(
        _frame(begun.given, model, names),
        hide_index=True,
        num_rows="dynamic",
        column_order=_SHOWN,
        column_config=_config(board, names, new=_place(board, names)),
        placeholder="–",
        height=min(max(len(begun.given) + 2, 6), 18) * _ROW,
        key=_editor(board.id, begun),
        alt=t("map_table.alt", name=board.name, n=len(begun.given)),
    )
    st.caption(t("map_table.help"))


def edited_rows(
    given: Sequence[Mapping[str, Any]], state: Mapping[str, Any] | None
) -> list[Mapping[str, Any]]:
    """The rows that a table was given with what was typed into it since; rows are gone that were deleted."""
    state = state or {}
    typed = {int(at): cells for at, cells in (state.get("edited_rows") or {}).items()}
    gone = set(state.get("deleted_rows") or ())
    kept = [{**row, **typed.get(at, {})} for at, row in enumerate(given) if at not in gone]
    return [*kept, *(dict(row) for row in state.get("added_rows") or ())]


def left_said(found: Changes, names: Names) -> pd.DataFrame:
    """What could not be taken as it stands, a row each, in words."""
    return pd.DataFrame(
        [
            {
                t("map_table.left_line"): str(one.line) if one.line else "–",
                t("map_table.left_column"): names.columns.get(one.column, one.column),
                t("map_table.left_value"): one.value[:200],
                t("map_table.left_why"): t(f"map_table.why_{one.why}"),
            }
            for one in found.left
        ]
    )


# ---- what waits to be saved -----------------------------------------------------------------------------


def _key(id_: str) -> str:
    return session.widget_key(f"{_BASE}.{id_}")


def _editor(id_: str, begun: _Base) -> str:
    return session.widget_key(f"{_EDITOR}.{id_}.{begun.turn}")


def _begun(board: Board, now: Sequence[Mapping[str, Any]]) -> _Base:
    """What the table stands on: the map as it is until something is typed, then as it was at that moment."""
    begun: _Base = session.widget(_key(board.id)) or _Base(now, now, now)
    state = session.widget(_editor(board.id, begun))
    if state is None and begun.told != begun.given:
        begun = _Base(begun.before, begun.told, begun.told, begun.turn + 1)
    elif not _is_typed(state) and begun.given == begun.before and list(now) != list(begun.before):
        begun = _Base(now, now, now, begun.turn + 1)
    begun = replace(begun, told=edited_rows(begun.given, session.widget(_editor(board.id, begun))))
    session.put(_key(board.id), begun)
    return begun


def _is_typed(state: Mapping[str, Any] | None) -> bool:
    return any((state or {}).get(part) for part in ("edited_rows", "added_rows", "deleted_rows"))


def _waiting(board: Board, found: Changes) -> None:
    """How much waits to be saved, and the two buttons that end the waiting."""
    with st.container(horizontal=True, vertical_alignment="center", key="map_table_bar"):
        if found.op is None and not found.left:
            st.caption(t("map_table.saved", n=found.same))
        else:
            st.button(
                t("map_table.save"),
                type="primary",
                icon=":material/save:",
                disabled=found.op is None,
                **once("map_rows.save", _save, board.id),
            )
            st.button(
                t("map_table.discard"),
                icon=":material/undo:",
                **once("map_rows.discard", _discard, board.id),
            )
            st.markdown(_counted(found))
    if found.left:
        with st.expander(t("map_table.left", n=len(found.left)), icon=":material/warning:", expanded=True):
            st.dataframe(left_said(found, table_names(board)).head(_MOST_LEFT), hide_index=True)


def _counted(found: Changes) -> str:
    told = {"added": found.added, "changed": found.changed, "removed": found.removed}
    said = [t(f"map_table.count_{what}", n=n) for what, n in told.items() if n]
    return md("map_table.unsaved", what=", ".join(said)) if said else t("map_table.unsaved_nothing")


def _save(id_: str) -> None:
    board = own_maps.named(id_)
    begun: _Base | None = session.widget(_key(id_))
    if begun is None:
        return
    told = edited_rows(begun.given, session.widget(_editor(id_, begun)))
    found = changes(board, told, table_names(board), new_id=new_id, before=begun.before, removing=True)
    if found.op is not None:
        change(id_, found.op)
    _discard(id_)
    toasts.say(t("map_table.done", n=found.added + found.changed + found.removed))


def _discard(id_: str) -> None:
    board = own_maps.named(id_)
    begun: _Base | None = session.widget(_key(id_))
    now = rows(board, table_names(board))
    session.put(_key(id_), _Base(now, now, now, begun.turn + 1 if begun else 0))


# ---- the cells ------------------------------------------------------------------------------------------


def _place(board: Board, names: Names) -> dict[str, str]:
    """Stage and lane of a row that is added, until somebody says otherwise."""
    lane = next((one.id for one in board.ordered_lanes if not one.hidden), "")
    return {"stage": next(iter(names.stages.values()), ""), "lane": names.lanes.get(lane, "")}


def _frame(given: Sequence[Mapping[str, Any]], model: Mapping[str, Any] | None, names: Names) -> pd.DataFrame:
    found = measured(model)
    columns: dict[str, list[Any]] = {"id": [row.get("id") for row in given]}
    for name in _SHOWN:
        if name in MEASURED:
            columns[name] = [found.get(str(row.get("id"))[1:], {}).get(name, "") for row in given]
        else:
            columns[name] = [_typed(name, row.get(name)) for row in given]
    frame = pd.DataFrame(columns).astype({"effort": "Int64", "impact": "Int64"})
    if given:
        return frame
    # Without a row no cell says of what kind its column is.
    lists = pd.Series([], dtype=pd.ArrowDtype(pa.list_(pa.string())))
    words = frame.columns.difference(["effort", "impact", "due", "tags"])
    kinds = {**dict.fromkeys(words, "str"), "due": "datetime64[s]"}
    return frame.astype(kinds).assign(tags=lists)


def _typed(name: str, value: Any) -> Any:
    if name == "due":
        return dt.date.fromisoformat(value[:10]) if value else None
    if name in ("persona", "status", "state"):
        return value or None
    return value


def measured(model: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """Card id -> its evidence and its figure, in words."""
    found, language = {}, session.current().language
    for card in () if model is None else model["cards"]:
        figure = card.get("figure") or {}
        said = " · ".join(filter(None, [figure.get("text", ""), figure.get("n_text", "")]))
        found[card["id"]] = {"figure": said, "evidence": evidence_name(card.get("evidence", ""), language)}
    return found


def _config(board: Board, names: Names, new: Mapping[str, str]) -> dict[str, Any]:
    column = st.column_config

    def said(name: str) -> str:
        return t(f"map_table.column_{name}")

    tags = sorted({tag for card in board.cards.values() for tag in card.tags})
    points = {"min_value": 1, "max_value": LARGEST_POINTS, "step": 1, "width": "small"}
    return {
        "stage": column.SelectboxColumn(
            said("stage"),
            width=110,
            options=list(names.stages.values()),
            required=True,
            default=new.get("stage"),
            pinned=True,
        ),
        "lane": column.SelectboxColumn(
            said("lane"),
            width=120,
            options=list(names.lanes.values()),
            required=True,
            default=new.get("lane"),
        ),
        "text": column.TextColumn(said("text"), max_chars=LONGEST_TEXT, required=True, width="large"),
        "persona": column.SelectboxColumn(said("persona"), width=150, options=list(names.personas.values())),
        "tags": column.MultiselectColumn(said("tags"), width=150, options=tags, accept_new_options=True),
        "owner": column.TextColumn(said("owner"), max_chars=LONGEST_NAME),
        "status": column.SelectboxColumn(said("status"), options=list(names.statuses.values())),
        "effort": column.NumberColumn(
            said("effort"), help=t("map_table.points_help", most=LARGEST_POINTS), **points
        ),
        "impact": column.NumberColumn(
            said("impact"), help=t("map_table.points_help", most=LARGEST_POINTS), **points
        ),
        "state": column.SelectboxColumn(said("state"), options=list(names.states.values())),
        "due": column.DateColumn(said("due"), format="YYYY-MM-DD"),
        "hypothesis": column.TextColumn(said("hypothesis"), max_chars=LONGEST_TEXT, width="medium"),
        "evidence": column.TextColumn(
            said("evidence"), disabled=True, width=100, help=t("map_table.evidence_help")
        ),
        "figure": column.TextColumn(said("figure"), disabled=True, width=195),
    }
