"""A small app around the stage board: one map in memory, ten events, and what was done to it in a list.

Query parameters: lang=ko|en, held=file (no run goes on while it is there), many=number of further events,
hostile=1, forms=number of events /product/N, which a rule places,
refuse=name of a stage that takes no cards, why=what is said then (without it the op is not acknowledged).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import streamlit as st

from journey.errors import JourneyError, SettingWrong
from journey.stages.edits import apply
from journey.stages.stage_map import IGNORED, UNMAPPED, StageMap
from ui.components.stage_board import board_model, searched, stage_board

EVENTS = {
    "광고 클릭": (1840, 2950),
    "홈 방문": (1610, 8210),
    "검색": (1502, 6120),
    "상품 보기": (1388, 14021),
    "장바구니 담기": (702, 1204),
    "결제 시작": (431, 512),
    "구매 완료": (388, 447),
    "리뷰 작성": (61, 74),
    "coupon_download": (240, 260),
    "heartbeat": (1900, 88412),
}
HOSTILE = {
    "<img src=x onerror=\"document.title='owned'\">": (90, 91),
    "<script>document.title='owned'</script>": (80, 81),
    "{event} :red[**x**] $x$": (70, 71),
}


class Memory:
    """One map with its history, and how far each client has been heard."""

    def __init__(self) -> None:
        stages = StageMap()
        for name in ("인지", "고려", "구매"):
            stages = stages.add_stage(name)
        for event, position in (
            ("광고 클릭", 0),
            ("홈 방문", 0),
            ("검색", 1),
            ("장바구니 담기", 1),
            ("구매 완료", 2),
        ):
            stages = stages.place(event, stages.stages[position].id)
        self.past, self.now = [stages.ignore("heartbeat")], 0
        self.acks: dict[str, int] = {}
        self.confidence = {"홈 방문": 0.91, "검색": 0.42}
        self.done: list[str] = []
        self.names: list[str] = []
        self.refuse = self.why = ""

    @property
    def stages(self) -> StageMap:
        return self.past[self.now]

    def apply(self, client: str, ops: list[dict]) -> dict[int, str]:
        refused = {}
        for op in ops:
            if op["seq"] <= self.acks.get(client, 0):
                continue
            try:
                self.step(op)
            except JourneyError:
                self.done.append("refused")
                if not self.why:
                    break
                refused[op["seq"]] = self.why
            self.acks[client] = op["seq"]
        return refused

    def step(self, op: dict) -> None:
        if op["op"] == "undo":
            self.now = max(0, self.now - 1)
        elif op["op"] == "redo":
            self.now = min(len(self.past) - 1, self.now + 1)
        elif self.refuse and op.get("to") == self.stages.named(self.refuse).id:
            raise SettingWrong(setting="to", value=op["to"], allowed="")
        else:
            for event in op.get("events", [op.get("event")]):
                self.confidence.pop(event, None)
            self.past[self.now + 1 :] = [apply(self.stages, op, self.names)]
            self.now += 1
        self.done.append(op["op"])


st.set_page_config(layout="wide")
language = st.query_params.get("lang", "ko")
held = st.query_params.get("held", "")
events = dict(EVENTS)
if "hostile" in st.query_params:
    events |= HOSTILE
events |= {f"event_{i:04}": (5000 - i, 9000 - i) for i in range(int(st.query_params.get("many", 0)))}
forms = int(st.query_params.get("forms", 0))
events |= {f"/product/{i}": (3000 - i % 1000, 6000 - i % 1000) for i in range(forms)}
if "memory" not in st.session_state:
    st.session_state.memory = Memory()
    if forms:
        st.session_state.memory.past[0] = st.session_state.memory.stages.add_rule("/product/*", "s2")
memory: Memory = st.session_state.memory
memory.names = list(events)
memory.refuse = st.query_params.get("refuse", "")
memory.why = st.query_params.get("why", "")

while held and Path(held).exists():
    time.sleep(0.02)
codes = dict(zip(events, memory.stages.codes(memory.names), strict=True))
place_of = [stage.id for stage in memory.stages.stages]
places = {
    event: "bin" if code == IGNORED else "tray" if code == UNMAPPED else place_of[code]
    for event, code in codes.items()
}
rules = {event: rule.pattern for event in events if (rule := memory.stages.rule_of(event))}
reach = []
for stage in memory.stages.stages:
    inside = [events[event][0] for event, place in places.items() if place == stage.id]
    customers = min(2000, sum(inside))
    reach.append(
        {"customers": customers, "share": customers / 2000, "drop_off": 0.234 if inside else float("nan")}
    )

stage_board(
    board_model(
        memory.stages.stages,
        places,
        events,
        language=language,
        reach=reach,
        confidence=memory.confidence,
        rules=rules,
        rule_customers={"/product/*": 2900},
        find=searched("board"),
        goal=memory.stages.goal,
        can_undo=memory.now > 0,
        can_redo=memory.now < len(memory.past) - 1,
    ),
    key="board",
    on_ops=memory.apply,
    seen=lambda client: memory.acks.get(client, 0),
)
for stage in memory.stages.stages:
    st.text(f"{stage.name} holds {sum(place == stage.id for place in places.values())}")
    st.text(f"{stage.name}: {', '.join(sorted(e for e, p in places.items() if p == stage.id)[:300])}")
st.text(f"bin: {', '.join(sorted(e for e, p in places.items() if p == 'bin'))}")
st.text(f"done: {' '.join(memory.done)}")
st.text(f"ops: {len(memory.done)}")
