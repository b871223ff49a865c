"""Notes of interviews and usability tests on their way into a map: pasted or a file, looked over, added."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from journey.errors import SettingWrong
from journey.sources.document import MOST_BYTES, is_document, text_of
from journey.sources.reading import read_file
from journey.stages.board import LONGEST_NAME, LONGEST_TEXT, MOST_CARDS, NOTES, Board
from journey.stages.board_notes import Note, Places, column_roles, n_notes, notes, notes_edit, row_notes
from journey.stages.board_rows import Names
from ui import own_maps, session, toasts, uploads
from ui.journey_card_fields import change
from ui.journey_map_names import table_names
from ui.journey_map_table import edited_rows
from ui.once import once
from ui.pinning import new_id, now_and_who
from ui.words import md, t

__all__ = ["bring_notes"]

_SPLITS, _ROLES = ("lines", "paragraphs"), ("text", "who", "stage", "lane")
_TABLES = ("csv", "tsv", "tab", "xlsx", "xlsm", "xls")
_MOST_LETTERS, _MOST_ROWS, _SAMPLE = 400_000, 3_000, 50
_COLUMNS = ("take", "line", "text", "lane", "stage", "who", "remark")


@dataclass(frozen=True)
class _Brought:
    """A file that was brought: its name, and its text or its rows with the line of the first."""

    name: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    first: int = 2


def bring_notes(board: Board, done: Callable[[], None]) -> None:
    """Choose what the notes are, see what they would become, and add them; `done` is called after that."""
    st.caption(t("map_table.notes_text"))
    key = _keys(board)
    st.segmented_control(
        t("map_table.notes_kind"),
        NOTES,
        format_func=lambda one: t(f"journey_map.source_{one}"),
        default=NOTES[0],
        required=True,
        key=key("kind"),
    )
    brought = _file(key)
    pasted = ""
    if brought is None:
        pasted = st.text_area(
            t("map_table.notes_paste"),
            placeholder=t("map_table.notes_paste_like"),
            height=160,
            max_chars=_MOST_LETTERS,
            key=key("pasted"),
        )
        st.button(t("map_table.notes_read"), icon=":material/splitscreen:", key=key("read"))
    if brought is None and not pasted.strip():
        return
    names = table_names(board)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _asked(board, brought, key, names)
    found = _found(board, brought, pasted, key, names)
    if found is not None:
        _preview(board, found, names, key, done)


def _keys(board: Board) -> Callable[[str], str]:
    return lambda name: session.widget_key(f"map_notes.{name}.{board.id}")


# ---- what is brought ------------------------------------------------------------------------------------


def _file(key: Callable[[str], str]) -> _Brought | None:
    """The file that was brought last, until another one is, or it is taken away."""
    brought: _Brought | None = session.widget(key("file"))
    if brought is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/description: {md('map_table.notes_of_file', name=brought.name)}")
            st.button(
                t("map_table.notes_other"),
                type="tertiary",
                key=key("other"),
                on_click=session.put,
                args=(key("file"), None),
            )
        return brought
    with st.container(key="map_notes_file"):
        uploads.ask_one(t("map_table.notes_file"), key, _read)
    return None


def _read(path: Path, name: str) -> _Brought:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    is_table = name.lower().rpartition(".")[2] in _TABLES
    if not is_table or is_document(data):
        said = text_of(data)
        if len(said) > _MOST_LETTERS:
            raise SettingWrong(setting="text", value=len(said), allowed=f"<= {_MOST_LETTERS}")
        return _Brought(name, said)
    raw = read_file(path, name)
    if len(raw.frame) > _MOST_ROWS:
        raise SettingWrong(setting="rows", value=len(raw.frame), allowed=f"<= {_MOST_ROWS}")
    told = raw.frame.fillna("").astype(object).to_dict("records")
    rows = tuple({str(column): str(cell) for column, cell in row.items()} for row in told)
    return _Brought(name, columns=tuple(map(str, raw.frame.columns)), rows=rows, first=raw.header_line + 1)


# ---- what is asked --------------------------------------------------------------------------------------


def _asked(board: Board, brought: _Brought | None, key: Callable[[str], str], names: Names) -> None:
    """What notes do not tell: what they are called, who speaks, and where cards go by default."""
    if brought is None:
        st.text_input(
            t("map_table.notes_name"),
            placeholder=t("map_table.notes_name_like"),
            max_chars=LONGEST_NAME,
            key=key("name"),
            width=240,
        )
    st.text_input(t("map_table.notes_who"), max_chars=LONGEST_NAME, key=key("who"), width=240)
    if brought is not None and brought.rows:
        roles = column_roles({one: [row[one] for row in brought.rows[:_SAMPLE]] for one in brought.columns})
        for role in _ROLES:
            options = ["", *brought.columns] if role != "text" else list(brought.columns)
            st.selectbox(
                t(f"map_table.notes_column_{role}"),
                options,
                index=options.index(roles.get(role, options[0])),
                format_func=lambda one: one or t("map_table.notes_column_none"),
                key=key(f"role.{role}.{brought.name}"),
                width=200,
            )
    else:
        st.segmented_control(
            t("map_table.notes_split"),
            _SPLITS,
            format_func=lambda one: t(f"map_table.notes_split_{one}"),
            default="lines",
            required=True,
            key=key("split"),
        )
    lanes = list(names.lanes)
    pains = board.lane_of("pains")
    st.selectbox(
        t("map_table.notes_lane"),
        lanes,
        index=lanes.index(pains.id) if pains is not None else 0,
        format_func=lambda one: names.lanes[one],
        key=key("lane"),
        width=200,
    )
    stages = list(names.stages)
    st.selectbox(
        t("map_table.notes_stage"),
        stages,
        format_func=lambda one: names.stages[one],
        key=key("stage"),
        width=200,
    )


def _found(
    board: Board, brought: _Brought | None, pasted: str, key: Callable[[str], str], names: Names
) -> list[Note] | None:
    places = Places(
        stages={name: id_ for id_, name in names.stages.items()},
        lanes={name: id_ for id_, name in names.lanes.items()},
        kinds={lane.kind: lane.id for lane in reversed(board.ordered_lanes)},
    )
    if brought is not None and brought.rows:
        roles = {role: session.widget(key(f"role.{role}.{brought.name}")) or "" for role in _ROLES}
        found = row_notes(brought.rows, roles, places, first_line=brought.first)
    else:
        text = brought.text if brought is not None else pasted
        split = session.widget(key("split")) or "lines"
        if n_notes(text, split=split) > _MOST_ROWS:
            st.warning(t("map_table.notes_many", most=_MOST_ROWS), icon=":material/content_cut:")
            return None
        found = notes(text, places, split=split)
    who = (session.widget(key("who")) or "").strip()
    lane, stage = session.widget(key("lane")) or "", session.widget(key("stage")) or ""
    return [
        replace(one, who=one.who or who, lane=one.lane or lane, stage=one.stage or stage) for one in found
    ]


# ---- what it becomes ------------------------------------------------------------------------------------


def _preview(
    board: Board, found: Sequence[Note], names: Names, key: Callable[[str], str], done: Callable[[], None]
) -> None:
    given = [_row(one, names) for one in found]
    mark = hashlib.sha256(repr(found).encode()).hexdigest()[:12]
    editor = key(f"editor.{mark}")
    taken = _taken(found, edited_rows(given, session.widget(editor)), names)
    room = MOST_CARDS - len(board.cards)
    said = [t("map_table.notes_summary", lines=len(found), cards=len(taken))]
    if covered := sum(bool(one.covered) for one in found):
        said.append(t("map_table.notes_covered", n=covered))
    st.markdown(" ".join(said))
    if len(taken) > room:
        st.warning(t("map_table.notes_full", room=room, n=len(taken) - room), icon=":material/warning:")
    st.data_editor(
        pd.DataFrame(given, columns=list(_COLUMNS)),
        hide_index=True,
        column_config=_config(names),
        key=editor,
        height=min(len(given) + 2, 14) * 36,
    )
    st.button(
        t("map_table.notes_add", n=min(len(taken), room)),
        type="primary",
        icon=":material/add_card:",
        disabled=not taken or room <= 0,
        **once("map_notes.add", _added, board.id, found, editor, done),
    )


def _row(one: Note, names: Names) -> dict[str, Any]:
    first, last = one.lines
    remarks = [t(f"map_table.notes_why_{one.why}")] if one.why else []
    if one.is_card:
        unknown = [part for part, is_known in zip(("lane", "stage"), one.sure, strict=True) if not is_known]
        if unknown:
            remarks.append(t(f"map_table.notes_remark_{'place' if len(unknown) == 2 else unknown[0]}"))
    if one.covered:
        remarks.append(t("map_table.notes_remark_covered"))
    if one.is_cut:
        remarks.append(t("map_table.notes_remark_cut"))
    return {
        "take": one.is_card,
        "line": str(first) if first == last else f"{first}–{last}",
        "text": one.text,
        "lane": names.lanes.get(one.lane),
        "stage": names.stages.get(one.stage),
        "who": one.who,
        "remark": " · ".join(remarks),
    }


def _taken(found: Sequence[Note], told: Sequence[Mapping[str, Any]], names: Names) -> list[Note]:
    """The notes that become cards, as somebody put them right."""
    return [
        replace(
            one,
            text=str(row["text"] or "").strip()[:LONGEST_TEXT],
            who=str(row["who"] or "").strip(),
            lane=names.code("lanes", row["lane"] or "") or one.lane,
            stage=names.code("stages", row["stage"] or "") or one.stage,
        )
        for one, row in zip(found, told, strict=True)
        if row["take"] and str(row["text"] or "").strip()
    ]


def _added(id_: str, found: Sequence[Note], editor: str, done: Callable[[], None]) -> None:
    board = own_maps.named(id_)
    names, key = table_names(board), _keys(board)
    given = [_row(one, names) for one in found]
    taken = _taken(found, edited_rows(given, session.widget(editor)), names)
    brought: _Brought | None = session.widget(key("file"))
    name = brought.name if brought else (session.widget(key("name")) or "").strip()
    at, who = now_and_who()
    made = notes_edit(
        board,
        taken,
        new_id=new_id,
        kind=session.widget(key("kind")) or NOTES[0],
        name=name or t("map_table.notes_unnamed"),
        at=at.isoformat(timespec="seconds"),
        by=who,
    )
    if made.op is not None:
        change(id_, made.op)
    for part in ("file", "pasted", "name", "who"):
        session.put(key(part), None if part == "file" else "")
    done()
    toasts.say(t("map_table.notes_done", n=made.added))


def _config(names: Names) -> dict[str, Any]:
    column = st.column_config
    return {
        "take": column.CheckboxColumn(t("map_table.notes_take"), width="small"),
        "line": column.TextColumn(t("map_table.notes_line"), disabled=True, width="small"),
        "text": column.TextColumn(t("map_table.column_text"), max_chars=LONGEST_TEXT, width="large"),
        "lane": column.SelectboxColumn(
            t("map_table.column_lane"), options=list(names.lanes.values()), required=True
        ),
        "stage": column.SelectboxColumn(
            t("map_table.column_stage"), options=list(names.stages.values()), required=True
        ),
        "who": column.TextColumn(t("map_table.column_source_who"), max_chars=LONGEST_NAME),
        "remark": column.TextColumn(t("map_table.notes_remark"), disabled=True, width="large"),
    }
