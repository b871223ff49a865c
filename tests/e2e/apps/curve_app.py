"""A small app around the emotion lane of a journey map: one map in memory, and what was done to it in a list.

Query parameters: lang=ko|en, mode=board|present, persona=kim, version=as_is|to_be.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import streamlit as st

from journey.stages.board import Board, Card, Lane, MapPersona
from journey.stages.board_edits import apply
from journey.stages.stage_map import StageMap
from ui.components.journey_board import journey_board
from ui.journey_map_model import Measures, map_model

STAGES = ("인지", "고려", "구매", "사용")


class Memory:
    """A map, how far each client has been heard, and what was done and wished."""

    def __init__(self) -> None:
        self.stages = StageMap()
        for name in STAGES:
            self.stages = self.stages.add_stage(name)
        ids = [stage.id for stage in self.stages.stages]
        lanes = {
            kind: Lane(kind, kind, key) for kind, key in (("emotion", "i"), ("pains", "r"), ("kpi", "v"))
        }
        self.board = Board("0123456789ab", "여정", dt.datetime(2024, 3, 5, tzinfo=dt.UTC), lanes=lanes)
        pain = Card("pain", "pains", ids[2], "i", "배송비가 마지막에 보여요", persona="kim")
        self.board = replace(
            self.board,
            cards={"pain": pain},
            personas={"kim": MapPersona("kim", "김 고객", "i")},
            felt={"": {ids[0]: 0.5, ids[1]: 1.0, ids[2]: -1.0}, "kim": {ids[0]: -0.5, ids[3]: 1.5}},
        )
        reach = {"key": "reach", "label": "도달", "text": "702명", "n_text": "n=702", "evidence": "measured"}
        was = {"changed": True, "was_text": "688명"}
        self.measures = Measures(
            heads={ids[0]: [reach], ids[2]: [reach | was]},
            kpi={ids[2]: [reach | was]},
            felt=[
                {"stage": ids[1], "value": 0.9, "low": 0.6, "high": 1.2, "n": 300, "text": ""},
                {"stage": ids[2], "value": 0.6, "low": 0.4, "high": 0.8, "n": 120, "text": ""},
            ],
        )
        self.past = [self.board]
        self.acks: dict[str, int] = {}
        self.wished: list[str] = []

    def apply(self, client: str, ops: list[dict]) -> None:
        for op in ops:
            if op["seq"] <= self.acks.get(client, 0):
                continue
            self.acks[client] = op["seq"]
            if op["op"] == "undo":
                self.past.pop()
            else:
                edit = {key: value for key, value in op.items() if key not in ("seq", "base")}
                self.past.append(apply(self.past[-1], edit))
            self.board = self.past[-1]


st.set_page_config(layout="wide")
if "memory" not in st.session_state:
    st.session_state.memory = Memory()
memory: Memory = st.session_state.memory
journey_board(
    map_model(
        replace(memory.board, version=st.query_params.get("version", "as_is")),
        memory.stages,
        language=st.query_params.get("lang", "ko"),
        measures=memory.measures,
        persona=st.query_params.get("persona", ""),
        mode=st.query_params.get("mode", "board"),
        revision=sum(memory.acks.values()),
    ),
    key="map",
    on_ops=memory.apply,
    seen=lambda client: memory.acks.get(client, 0),
    on_open=lambda card: memory.wished.append(f"open {card}"),
    on_gap=lambda stage: memory.wished.append(f"gap {memory.stages.named(stage).name}"),
)
for stage in memory.stages.stages:
    st.text(f"{stage.name}: {memory.board.felt.get('', {}).get(stage.id)}")
st.text(f"김 고객: {memory.board.felt['kim']}")
st.text(f"wished: {', '.join(memory.wished)}")
