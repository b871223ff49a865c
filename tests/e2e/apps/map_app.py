"""A small app around the board of a journey map: one map in memory, and what was done to it in a list.

Query parameters: lang=ko|en, slow=seconds each run takes, many=number of further cards, stages=number of
stages (4), hostile=1, read=1 read only, mode=present, persona=id, felt=1 with feelings, remote=text that
somebody else writes on the second card and as a new card with each run, refuse=text of a card that is not
kept, lost=1 a card of a stage that is gone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import datetime as dt

import streamlit as st

from journey.errors import JourneyError, SettingWrong
from journey.stages.board import Board, Card, Lane, keys
from journey.stages.board_edits import apply, card_to_json
from journey.stages.stage_map import StageMap
from ui.components.journey_board import journey_board
from ui.journey_map_model import Measures, map_model

KINDS = ("goals", "actions", "touchpoints", "thoughts", "emotion", "pains", "opportunities", "owner", "kpi")
NAMES = ("인지", "탐색", "구매", "이용", "문의", "재구매", "추천", "휴면", "복귀", "평가", "공유", "해지")
TEXTS = (
    ("goals", 0, "나에게 맞는 상품이 있는지 빨리 알고 싶어요"),
    ("goals", 2, "실수 없이 한 번에 결제하고 싶어요"),
    ("actions", 0, "광고를 눌러 첫 화면에 와요"),
    ("actions", 0, "친구가 보낸 링크를 열어요"),
    ("actions", 1, "검색하고 후기를 비교해요"),
    ("actions", 2, "쿠폰을 찾다가 장바구니로 돌아가요"),
    ("actions", 3, "배송 조회를 하루에 몇 번씩 봐요"),
    ("touchpoints", 0, "인스타그램 광고"),
    ("touchpoints", 1, "검색 결과, 상품 상세"),
    ("touchpoints", 2, "결제 화면"),
    ("touchpoints", 3, "알림톡, 고객센터"),
    ("thoughts", 1, "“후기가 진짜일까?”"),
    ("thoughts", 2, "배송비가 마지막에 붙네"),
    ("pains", 1, "필터를 바꾸면 목록이 처음으로 돌아가요"),
    ("pains", 2, "결제 단계에서 로그인이 풀려요"),
    ("pains", 2, "쿠폰을 어디에 넣는지 못 찾아요"),
    ("opportunities", 2, "배송비를 장바구니에서 미리 보여 주기"),
    ("opportunities", 3, "도착 예정일을 알림톡에 넣기"),
    ("owner", 0, "마케팅팀"),
    ("owner", 2, "결제 파트"),
)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>{text}</b> :red[**x**] $x$"
FIGURES = {
    "결제 단계에서 로그인이 풀려요": ("21.4%", "412명", True, "17.9%"),
    "결제 화면": ("38.2%", "1,204명", False, ""),
}


def first(stages: int, many: int) -> Board:
    lanes = [Lane(f"l{i}", kind, key) for i, (kind, key) in enumerate(zip(KINDS, keys(9), strict=True))]
    lane_of = {lane.kind: lane.id for lane in lanes}
    cards = [
        Card(f"c{i}", lane_of[kind], f"s{at + 1}", key, text)
        for i, ((kind, at, text), key) in enumerate(zip(TEXTS, keys(len(TEXTS)), strict=True))
    ]
    for i, key in enumerate(keys(many)):
        lane = lanes[i // stages % 8]
        if lane.kind != "emotion":
            cards.append(Card(f"m{i}", lane.id, f"s{i % stages + 1}", key, f"카드 {i}: 여정에서 본 것"))
    board = Board(
        "map1", "쇼핑 여정", dt.datetime(2026, 11, 1, tzinfo=dt.UTC), lanes={one.id: one for one in lanes}
    )
    edits = [{"op": "add_card", "card": card_to_json(card)} for card in cards]
    edits += [
        {"op": "add_persona", "persona": {"id": "p1", "name": "알뜰한 지영", "key": "c"}},
        {"op": "add_persona", "persona": {"id": "p2", "name": "바쁜 민수", "key": "i"}},
        {"op": "set_card", "id": "c5", "fields": {"persona": "p1", "tags": ["쿠폰"], "owner": "하은"}},
        {"op": "set_card", "id": "c13", "fields": {"persona": "p2", "status": "agreed"}},
        {
            "op": "set_card",
            "id": "c11",
            "fields": {"source": {"kind": "interview", "who": "P3"}, "tags": ["후기", "신뢰"]},
        },
        {
            "op": "set_card",
            "id": "c16",
            "fields": {"colour": "#DDAA33", "owner": "준호", "status": "discussed"},
        },
    ]
    return apply(board, {"op": "many", "edits": edits})


class Memory:
    """One map with its history, and how far each client has been heard."""

    def __init__(self, stages: int, many: int) -> None:
        self.past, self.now = [first(stages, many)], 0
        self.acks: dict[str, int] = {}
        self.done: list[str] = []
        self.opened: list[str] = []
        self.refuse = ""
        self.runs = 0

    @property
    def board(self) -> Board:
        return self.past[self.now]

    def apply(self, client: str, ops: list[dict]) -> dict[int, str]:
        refused = {}
        for op in ops:
            if op["seq"] <= self.acks.get(client, 0):
                continue
            try:
                self.step({name: value for name, value in op.items() if name not in ("seq", "base")})
            except JourneyError:
                self.done.append("refused")
                refused[op["seq"]] = "이 카드는 둘 수 없어요."
            self.acks[client] = op["seq"]
        return refused

    def step(self, op: dict) -> None:
        if op["op"] == "undo":
            self.now = max(0, self.now - 1)
        elif op["op"] == "redo":
            self.now = min(len(self.past) - 1, self.now + 1)
        elif self.refuse and op.get("card", {}).get("text") == self.refuse:
            raise SettingWrong(setting="text", value="", allowed="")
        else:
            self.past = [*self.past[: self.now + 1], apply(self.board, op)]
            self.now += 1
        self.done.append(op["op"])


st.set_page_config(layout="wide")
asked = st.query_params
language = asked.get("lang", "ko")
n = int(asked.get("stages", 4))
stages = StageMap()
for name in NAMES[:n]:
    stages = stages.add_stage(name)
if "memory" not in st.session_state:
    st.session_state.memory = Memory(n, int(asked.get("many", 0)))
    if "hostile" in asked:
        edits = [
            {"op": "set_card", "id": "c0", "fields": {"text": HOSTILE, "tags": ["<i>t</i>"], "owner": "<o>"}}
        ]
        edits.append(
            {"op": "set_lane", "id": "l1", "fields": {"name": "<script>document.title='owned'</script>"}}
        )
        st.session_state.memory.step({"op": "many", "edits": edits})
    if "felt" in asked:
        for stage, value in (("s1", 1.0), ("s2", 0.4), ("s3", -1.4), ("s4", 0.8)):
            st.session_state.memory.step({"op": "feel", "persona": "", "stage": stage, "value": value})
    if "lost" in asked:
        st.session_state.memory.step(
            {
                "op": "add_card",
                "card": {"id": "lost1", "lane": "l1", "stage": "s99", "key": "i", "text": "남은 카드"},
            }
        )
memory: Memory = st.session_state.memory
memory.refuse = asked.get("refuse", "")
memory.runs += 1
if "remote" in asked and memory.runs > 1:
    second = {"op": "set_card", "id": "c3", "fields": {"text": f"{asked['remote']} {memory.runs}"}}
    memory.past[memory.now] = apply(memory.board, second)

time.sleep(float(asked.get("slow", 0)))
board = memory.board


def metric(key: str, label: str, text: str, n_text: str, changed: bool = False, was: str = "") -> dict:
    told = {"key": key, "label": label, "text": text, "n_text": n_text, "range_text": ""}
    return told | {"changed": changed, "was_text": was, "evidence": "measured"}


heads = {
    stage.id: [
        metric("reach", "도달", f"{2000 - 380 * at:,}명", f"{100 - 19 * at}%"),
        metric("drop", "이탈", f"{12 + 4 * at}.3%", "", at == 2, "17.9%"),
        metric("time", "머문 시간", f"{3 + at}분", "n 1,204"),
    ]
    for at, stage in enumerate(stages.stages[:4])
}
kpi = {stage: [metric("share", "구매 전환", "3.2%", "n 1,204")] for stage in ("s3",)}
by_text = {card.text: card.id for card in board.cards.values()}
figures = {
    by_text[text]: {"text": share, "n_text": n_text, "changed": changed, "was_text": was}
    for text, (share, n_text, changed, was) in FIGURES.items()
    if text in by_text
}
cells = {f"{card.lane}|{card.stage}": "assumed" for card in board.cards.values()}
cells |= {"l5|s3": "partly", "l2|s3": "measured", "l8|s3": "measured", "l3|s2": "partly"}
measures = Measures(
    heads=heads,
    kpi=kpi,
    figures=figures,
    evidence={id_: "measured" for id_ in figures},
    cells=cells,
    felt=[
        {"stage": "s1", "value": 0.9, "low": 0.7, "high": 1.1, "n": 312, "text": "+0.9"},
        {"stage": "s2", "value": 0.1, "low": -0.2, "high": 0.4, "n": 140, "text": "+0.1"},
        {"stage": "s3", "value": -0.5, "low": -0.8, "high": -0.2, "n": 96, "text": "-0.5"},
        {"stage": "s4", "value": 0.9, "low": 0.5, "high": 1.3, "n": 44, "text": "+0.9"},
    ]
    if "felt" in asked
    else (),
    marks={by_text.get("배송비를 장바구니에서 미리 보여 주기", ""): [{"icon": "flask", "text": "실험 중"}]},
)
journey_board(
    map_model(
        board,
        stages,
        language=language,
        measures=measures,
        persona=asked.get("persona", ""),
        revision=len(memory.past),
        number=memory.now,
        can_undo=memory.now > 0,
        can_redo=memory.now < len(memory.past) - 1,
        read_only="read" in asked,
        mode=asked.get("mode", "board"),
    ),
    key="map",
    on_ops=memory.apply,
    seen=lambda client: memory.acks.get(client, 0),
    on_open=memory.opened.append,
    on_gap=memory.opened.append,
)
st.text(f"done: {' '.join(memory.done)}")
st.text(f"ops: {len(memory.done)}")
st.text(f"opened: {' '.join(memory.opened)}")
st.text(f"cards: {len(board.cards)}")
for place in sorted(
    {(card.lane, card.stage) for card in board.cards.values()} if len(board.cards) < 60 else ()
):
    st.text(f"{place[0]} {place[1]}: {' / '.join(card.text for card in board.cell(*place))}")
lanes = [lane.kind + ("-" if lane.hidden else "") for lane in board.ordered_lanes]
st.text(f"lanes: {' '.join(lanes)}")
