"""A journey map as files: tables out and in again, pictures out, and the panel where all that comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from journey.charts.board_picture import board_picture
from journey.charts.export import render_svg
from journey.errors import JourneyError, SettingWrong
from journey.i18n import LANGUAGES, text
from journey.projects.register import entries
from journey.reports.tables import to_csv, to_xlsx
from journey.sources.how import How
from journey.sources.reading import read_file
from journey.stages.board import Board
from journey.stages.board_rows import COLUMNS, Names, felt_rows, headings, rows
from journey.stages.board_table import Changes, Left, changes
from ui import demo, own_maps, presenting, problems, session, toasts, uploads
from ui.experiment_status import status_of
from ui.files import PICTURES, Writer, file_buttons
from ui.journey_card_fields import change
from ui.journey_map_names import table_names
from ui.journey_map_picture import picture_of
from ui.journey_map_table import MEASURED, left_said, measured
from ui.journey_map_veiled import veiled_board
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.words import md, t

__all__ = ["bring", "panel", "take"]

_OPEN, _WHAT = "map_bring.open", "map_bring.what"
_FILE, _TURN, _REFUSED = "map_bring.file", "map_bring.turn", "map_bring.refused"
_LANE, _STAGE, _REMOVING = "map_bring.lane", "map_bring.stage", "map_bring.removing"
_READ_ONLY = (*MEASURED, "test_status")
_MOST_ROWS, _MOST_SHOWN = 5_000, 200


# ---- out ------------------------------------------------------------------------------------------------


def take(board: Board, model: Mapping[str, Any] | None = None) -> None:
    """Hand out the map as table and picture; `model` is what its board shows, with what was measured."""
    if presenting.is_on():
        return
    own = veiled_board(board)
    names = table_names(own, writing=True)
    frame = _framed(own, names, model)
    with st.popover(t("app.download"), icon=":material/download:", key="map_take"):
        looks = {"light": False, "dark": True}
        look = st.segmented_control(
            t("map_table.take_look"),
            list(looks),
            format_func=lambda one: t(f"map_table.take_{one}"),
            default="dark" if session.is_dark() else "light",
            required=True,
            key=session.widget_key("map_take.look"),
        )
        shown = picture_of(own, model)
        is_dark = looks.get(look or "", False)
        pictures = {ending: _drawn(shown, ending, dark=is_dark) for ending in PICTURES}
        # As it comes back: with headings and words of its own, and every cell as it is.
        table = {
            "csv": lambda: to_csv(frame()),
            "xlsx": lambda: to_xlsx({own.name or names.columns["text"]: frame()}),
        }
        file_buttons({**pictures, **table}, t("map_table.take_file", name=own.name), key="map_take")


def _drawn(shown: Any, ending: str, *, dark: bool) -> Writer:
    return lambda: render_svg(board_picture(shown, dark=dark), ending)


def _framed(board: Board, names: Names, model: Mapping[str, Any] | None) -> Callable[[], pd.DataFrame]:
    """A row a card under the headings of the language, with everything that a cell can say of it.

    What was measured stands behind, to be read only. The table is made when somebody wants it, outside of any
    run; its words are those of this one.
    """
    found, far = measured(model), _how_far(board)
    headings = names.columns | {name: t(f"map_table.column_{name}") for name in _READ_ONLY}

    def made() -> pd.DataFrame:
        told = [
            {**row, "tags": ", ".join(row["tags"])} for row in (*rows(board, names), *felt_rows(board, names))
        ]
        kinds = {"effort": "Int64", "impact": "Int64", "felt": "float64"}
        frame = pd.DataFrame(told, columns=list(COLUMNS)).astype(kinds)
        frame["test_status"] = [far.get(row["id"][1:], "") for row in told]
        for name in MEASURED:
            frame[name] = [found.get(row["id"][1:], {}).get(name, "") for row in told]
        return frame.rename(columns=headings)

    return made


def _how_far(board: Board) -> dict[str, str]:
    """Card id -> how far its test is, in words."""
    known = {one.id: one for one in entries(session.state().settings)}
    return {
        card.id: t(f"experiments_register.status_{status_of(known[card.test])}")
        for card in board.cards.values()
        if card.test in known
    }


# ---- in -------------------------------------------------------------------------------------------------


def bring(board: Board) -> None:
    """The button that opens the panel below the controls."""
    if presenting.is_on() or demo.is_on():
        return
    st.button(
        t("map_table.bring"),
        icon=":material/upload_file:",
        key="map_bring",
        on_click=_opened,
        args=(not session.widget(_key(board, _OPEN)),),
        kwargs={"id_": board.id},
    )


def panel(board: Board) -> None:
    """What is brought into a map: a table, or notes; nothing while the panel is closed."""
    if presenting.is_on() or demo.is_on() or not session.widget(_key(board, _OPEN)):
        return
    # What is read belongs to the map: another panel would need it.
    from ui import journey_map_notes

    with st.container(border=True, key="map_bring_panel"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{t('map_table.bring_title')}**")
            st.button(
                t("map_table.close"),
                icon=":material/close:",
                type="tertiary",
                key="map_bring.close",
                on_click=_opened,
                args=(False,),
                kwargs={"id_": board.id},
            )
        names = table_names(board)
        if not names.lanes or not names.stages:
            st.info(t("map_table.no_place"), icon=":material/grid_off:")
            return
        shown = _key(board, _WHAT)
        session.put(shown, session.widget(shown) or "notes")
        what = st.segmented_control(
            t("map_table.bring_what"),
            ("notes", "table"),
            format_func=lambda one: t(f"map_table.bring_{one}"),
            required=True,
            label_visibility="collapsed",
            key=shown,
        )
        if what == "table":
            _table(board)
        else:
            journey_map_notes.bring_notes(board, lambda: _opened(False, id_=board.id))


def _key(board: Board, name: str) -> str:
    return session.widget_key(f"{name}.{board.id}")


def _opened(is_open: bool, *, id_: str) -> None:
    session.put(session.widget_key(f"{_OPEN}.{id_}"), is_open)
    session.put(session.widget_key(f"{_FILE}.{id_}"), None)


def _table(board: Board) -> None:
    st.caption(t("map_table.table_text"))
    turn = session.widget(_key(board, _TURN), 0)
    with st.container(key="map_table_file"):
        dropped = st.file_uploader(t("map_table.table_file"), key=_key(board, f"{_FILE}.{turn}"))
    if (refused := session.widget(_key(board, _REFUSED))) is not None:
        problems.tell_of(*refused)
    if dropped is not None:
        try:
            read, refused = uploads.held(dropped, lambda path: _read(path, dropped.name, board)), None
        except JourneyError as said:
            read, refused = None, (dropped.name, said)
        uploads.free_memory()
        session.put(_key(board, _TURN), turn + 1)
        session.put(_key(board, _REFUSED), refused)
        session.put(_key(board, _FILE), read)
        st.rerun()
    read = session.widget(_key(board, _FILE))
    if read is not None:
        _preview(board, *read)


def _read(path: Path, name: str, board: Board) -> tuple[str, list[str], list[dict[str, str]], int]:
    """Name, headings and rows of a file, and the line of its first row; where the headings are said nowhere
    on the first line, the reader finds them."""
    names = table_names(board)
    raw = read_file(path, name, How(header=1))
    if "text" not in headings(raw.frame.columns, names).values():
        raw = read_file(path, name)
    if len(raw.frame) > _MOST_ROWS:
        raise SettingWrong(setting="rows", value=len(raw.frame), allowed=f"<= {_MOST_ROWS}")
    told = raw.frame.fillna("").astype(object).to_dict("records")
    return name, [str(one) for one in raw.frame.columns], told, raw.header_line + 1


def _preview(
    board: Board, name: str, columns: Sequence[str], told: Sequence[Mapping[str, str]], line: int
) -> None:
    names = table_names(board, reading=True)
    known = headings(columns, names)
    if "text" not in known.values():
        st.warning(md("map_table.table_none", found=list(columns)[:20]), icon=":material/help:")
        return
    found = _changes(board, names, name, columns, told, line)
    whys = {one.why for one in found.left}
    with st.container(horizontal=True):
        if "lane" in whys or "lane" not in known.values():
            _choose(board, _LANE, "map_table.table_place_lane", names.lanes)
        if "stage" in whys or "stage" not in known.values():
            _choose(board, _STAGE, "map_table.table_place_stage", names.stages)
    if "id" in known.values():
        st.checkbox(t("map_table.table_removing"), key=_key(board, _REMOVING))
        found = _changes(board, names, name, columns, told, line)
    counts = {
        "added": found.added,
        "changed": found.changed,
        "removed": found.removed,
        "felt": found.felt,
        "same": found.same,
    }
    st.markdown(" · ".join(t(f"map_table.count_{what}", n=n) for what, n in counts.items() if n))
    if found.left:
        with st.expander(t("map_table.left", n=len(found.left)), icon=":material/warning:", expanded=True):
            st.dataframe(left_said(found, names).head(_MOST_SHOWN), hide_index=True, key="map_bring.left")
            if len(found.left) > _MOST_SHOWN:
                st.caption(t("map_table.left_more", n=_MOST_SHOWN))
    if found.op is None:
        st.info(t("map_table.table_nothing"), icon=":material/check:")
        return
    differing = _differing(board, names, found)
    if len(differing):
        with st.expander(t("map_table.table_changes"), icon=":material/difference:", expanded=True):
            st.dataframe(differing.head(_MOST_SHOWN), hide_index=True, key="map_bring.changes")
    st.button(
        t("map_table.table_take"),
        type="primary",
        icon=":material/check:",
        **once("map_bring.take", _taken, board.id, name, columns, told, line),
    )


def _choose(board: Board, key: str, label: str, named: Mapping[str, str]) -> None:
    st.selectbox(t(label), list(named), format_func=named.__getitem__, key=_key(board, key), width=280)


def _changes(
    board: Board,
    names: Names,
    name: str,
    columns: Sequence[str],
    told: Sequence[Mapping[str, str]],
    line: int,
) -> Changes:
    known = headings(columns, names)
    read = [{known[column]: cell for column, cell in row.items() if column in known} for row in told]
    at, _ = now_and_who()
    source = {"kind": "import", "name": name[:200], "at": at.isoformat(timespec="seconds")}
    found = changes(
        board,
        read,
        names,
        new_id=new_id,
        lines=range(line, line + len(read)),
        removing=bool("id" in known.values() and session.widget(_key(board, _REMOVING))),
        place=(session.widget(_key(board, _LANE)) or "", session.widget(_key(board, _STAGE)) or ""),
        source=source,
        curves="felt" in known.values(),
    )
    read_only = {text(f"map_table.column_{name}", one) for name in _READ_ONLY for one in LANGUAGES}
    ours = {*known, *read_only}
    unused = tuple(Left(0, column, "", "column") for column in columns if column not in ours)
    return replace(found, left=(*unused, *found.left))


def _differing(board: Board, names: Names, found: Changes) -> pd.DataFrame:
    """What cards that are there say now, and what they would say: a row a cell."""
    from journey.stages.board_edits import apply

    changed = apply(board, found.op or {})
    was = {row["id"]: row for row in rows(board, names)}
    # A link that the map did not have is called as the file may call it.
    known = replace(names, links={code: said for said, code in names.also["links"].items()} | names.links)
    after = {row["id"]: row for row in rows(changed, known)}
    drawn = {_place(row): row["felt"] for row in felt_rows(board, names)}
    redrawn = {_place(row): row["felt"] for row in felt_rows(changed, names)}
    told = [
        {
            t("map_table.table_change_text"): before["text"][:80],
            t("map_table.table_change_what"): names.columns[column],
            t("map_table.table_change_was"): _said(before[column]),
            t("map_table.table_change_is"): _said(after[id_][column]),
        }
        for id_, before in was.items()
        if id_ in after
        for column in COLUMNS
        if before[column] != after[id_][column]
    ]
    told += [
        {
            t("map_table.table_change_text"): place,
            t("map_table.table_change_what"): names.columns["felt"],
            t("map_table.table_change_was"): _said(drawn.get(place)),
            t("map_table.table_change_is"): _said(redrawn.get(place)),
        }
        for place in dict.fromkeys([*drawn, *redrawn])
        if drawn.get(place) != redrawn.get(place)
    ]
    return pd.DataFrame(told)


def _place(row: Mapping[str, Any]) -> str:
    """Where a feeling stands, in words."""
    return " · ".join(filter(None, [row["stage"], row["persona"] or t("journey_map.everybody")]))


def _said(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _taken(id_: str, name: str, columns: Sequence[str], told: Sequence[Mapping[str, str]], line: int) -> None:
    board = own_maps.named(id_)
    found = _changes(board, table_names(board, reading=True), name, columns, told, line)
    if found.op is not None:
        change(id_, found.op)
    _opened(False, id_=id_)
    toasts.say(t("map_table.done", n=found.added + found.changed + found.removed + found.felt))
