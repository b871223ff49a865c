"""A new file on a journey map: what it changes is flagged with what it was, and nothing else is."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from journey.events.joined import joined
from journey.events.kinds import TableChoice
from journey.i18n import text
from journey.projects.arriving import arriving
from journey.projects.maps import written
from journey.projects.project import Project
from journey.projects.store import Store
from journey.sources.files import read_table
from journey.sources.how import How
from journey.stages.board import Board, Card, Lane, keys
from journey.stages.stage_map import StageMap

from .browser import ROOT, drop, settled

APP = ROOT / "app.py"
MAP, PAINS, KPI = "a" * 12, "pain", "kpi"
PAYERS, FILLERS = "b" * 12, "c" * 12
CHOICE = TableChoice("events", {"customer": ("고객",), "event": ("행동",), "time": ("시각",)})
# 로그인 is in no stage, and 환불 comes with a later file only. Who is in the last stage has arrived.
STAGE_OF = {"검색": "s1", "비교": "s2", "장바구니": "s2", "결제": "s3", "사용": "s4"}
STAGES = {"s1": "인지", "s2": "고려", "s3": "구매", "s4": "사용"}
SEGMENTS = {PAYERS: "결제", FILLERS: "장바구니"}

# customer, event, moment
Row = tuple[str, str, dt.datetime]
# What is counted -> its value and over how many; only what can be said.
Told = dict[tuple[str, ...], tuple[float, int]]
# How many customers went which way, and on which day.
WAYS = (
    (40, "2024-01-05", "검색 비교"),
    (30, "2024-01-06", "검색"),
    (36, "2024-01-07", "검색 비교 장바구니 결제"),
    (30, "2024-01-08", "로그인 검색 비교 결제 사용"),
    (12, "2024-01-09", "검색 비교 검색"),
    (20, "2024-03-20", "검색 비교"),
    (8, "2024-01-10", "로그인"),
)


def first_rows() -> list[Row]:
    found, number = [], 0
    for n, day, way in WAYS:
        for _ in range(n):
            at = dt.datetime.fromisoformat(f"{day}T09:00")
            for step, event in enumerate(way.split()):
                found.append(
                    (f"c{number:03d}", event, at + dt.timedelta(minutes=10 * step + number % 3 * step))
                )
            number += 1
    return found


# Those who use it use it again, and those who compare go on comparing: no figure of a map is another one.
QUIET = [
    *((f"c{number:03d}", "사용", dt.datetime(2024, 3, 21, 9)) for number in range(106, 136)),
    *((f"c{number:03d}", "로그인", dt.datetime(2024, 3, 21, 10)) for number in range(110, 120)),
    *((f"c{number:03d}", "비교", dt.datetime(2024, 3, 22, 18)) for number in range(148, 168)),
]
# Ten of those who compared pay after all, and three who paid want their money back.
LOUD = [
    *((f"c{number:03d}", "결제", dt.datetime(2024, 3, 25, 10, number)) for number in range(10)),
    *((f"c{number:03d}", "환불", dt.datetime(2024, 3, 26, 10)) for number in range(70, 73)),
]


def counted(rows: Iterable[Row]) -> Told:
    """Every figure that a map of these rows can show, row by row, by the words of docs/numbers.md."""
    told: Told = {}
    ways: dict[str, list[tuple[dt.datetime, str]]] = {}
    for customer, event, moment in rows:
        ways.setdefault(customer, []).append((moment, event))
    moments = [moment for _, _, moment in rows]
    still = max(moments) - min(dt.timedelta(days=30), (max(moments) - min(moments)) / 4)
    everybody, left = len(ways), {customer for customer, way in ways.items() if max(way)[0] < still}

    for event in {event for _, event, _ in rows}:
        came = {customer for customer, other, _ in rows if other == event}
        told["event", event] = len(came) / everybody, everybody
    for id_, event in SEGMENTS.items():
        told["segment", id_] = told["event", event]

    for kind, place_of in (("stage", STAGE_OF), ("event", {event: event for event in STAGE_OF})):
        visits = {customer: _visits(sorted(way), place_of) for customer, way in ways.items()}
        places = sorted(set(place_of.values()))
        came = {
            place: [c for c, way in visits.items() if place in [one for one, _ in way]] for place in places
        }
        ended = {place: len([c for c in left if visits[c] and visits[c][-1][0] == place]) for place in places}
        drop_off = {place: ended[place] / len(came[place]) for place in places if came[place]}
        compared = [place for place in places if place not in ("s4", "사용")]
        for place in compared:
            usual = statistics.median(drop_off[other] for other in compared if other != place)
            n = len(came[place])
            told["friction", kind, place] = n * max(0.0, drop_off[place] - usual), n
        if kind == "event":
            continue
        for place in places:
            n = len(came[place])
            told["reach", place] = n / everybody, everybody
            if place != "s4":
                told["drop_off", place] = drop_off[place], n
            spans = sorted(
                (after - at).total_seconds()
                for way in visits.values()
                for (one, at), (_, after) in pairwise(way)
                if one == place
            )
            if spans:
                told["time", place] = spans[(len(spans) + 1) // 2 - 1], len(spans)
            for other in places:
                went = [
                    customer
                    for customer, way in visits.items()
                    if (place, other) in [(a, b) for (a, _), (b, _) in pairwise(way)]
                ]
                if other != place:
                    told["link", place, other] = len(went) / n, n
    return told


def _visits(way: list[tuple[dt.datetime, str]], place_of: Mapping[str, str]) -> list[tuple[str, dt.datetime]]:
    """The places of a way with the moment of the first row of each visit."""
    found: list[tuple[str, dt.datetime]] = []
    for moment, event in way:
        place = place_of.get(event)
        if place is not None and (not found or found[-1][0] != place):
            found.append((place, moment))
    return found


# id of a card -> what it is bound to, in the words of `counted`; () is not bound.
BOUND: dict[str, tuple[str, ...]] = {
    **{f"reach{stage}": ("reach", stage) for stage in STAGES},
    **{f"drop{stage}": ("drop_off", stage) for stage in STAGES},
    **{f"time{stage}": ("time", stage) for stage in STAGES},
    **{f"event{at}": ("event", event) for at, event in enumerate((*STAGE_OF, "로그인", "환불", "없는 것"))},
    **{f"link{a}{b}": ("link", a, b) for a, b in (("s1", "s2"), ("s2", "s3"), ("s3", "s4"), ("s2", "s1"))},
    **{f"rub{stage}": ("friction", "stage", stage) for stage in ("s1", "s2", "s3")},
    **{f"rubevent{at}": ("friction", "event", event) for at, event in enumerate(("장바구니", "결제"))},
    "payers": ("segment", PAYERS),
    "fillers": ("segment", FILLERS),
    # What two cards are bound to changes on both.
    "twin": ("event", "결제"),
    "lost": ("reach", "s99"),
    **{f"free{at}": () for at in range(4)},
}


def link_of(bound: tuple[str, ...]) -> dict[str, str]:
    match bound:
        case ("event", event):
            return {"kind": "event", "event": event}
        case ("segment", id_):
            return {"kind": "segment", "segment": id_}
        case ("link", source, target):
            return {"kind": "link", "from": source, "to": target}
        case ("friction", of, name):
            return {"kind": "friction", "of": of, "name": name}
        case (measure, stage):
            return {"kind": "stage", "stage": stage, "measure": measure}
    return {}


def new_map(home: Path) -> Project:
    stages = StageMap()
    for id_, name in STAGES.items():
        stages = stages.add_stage(name)
        for event in (one for one, own in STAGE_OF.items() if own == id_):
            stages = stages.place(event, id_)
    project = Store(home).create("지도의 여정")
    content = csv_of(first_rows())
    first = arriving(read_table(content, "일월.csv"), CHOICE, "일월.csv", content, How(), "")
    project.put_files([first], joined(project.parts([first])), stage_map=stages)
    cards = [
        Card(id_, PAINS, f"s{at % 4 + 1}", key, text=f"{id_} 카드", link=link_of(bound))
        for at, ((id_, bound), key) in enumerate(zip(BOUND.items(), keys(len(BOUND)), strict=True))
    ]
    lanes = {PAINS: Lane(PAINS, "pains", "i"), KPI: Lane(KPI, "kpi", "r")}
    at = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    board = Board(MAP, "단골 손님", at, lanes=lanes, cards={card.id: card for card in cards})
    named = {
        f"segment.{id_}": {"name": f"{event} 고객", "rule": {"did": {"event": event}}}
        for id_, event in SEGMENTS.items()
    }
    project.apply({"op": "settings", "values": written(board) | named})
    return project


def csv_of(rows: Iterable[Row]) -> bytes:
    lines = [f"{customer},{event},{moment:%Y-%m-%d %H:%M}" for customer, event, moment in rows]
    return "\n".join(["고객,행동,시각", *lines, ""]).encode()


# What stands on the map: what shows a figure, the figure, over how many, is it flagged, and what it was.
SHOWN = """(map) => {
  const text = (of, what) => of.querySelector(what)?.textContent ?? "";
  const n = (of, what) => Number(text(of, what).replace(/[^0-9]/g, ""));
  const cards = [...map.querySelectorAll(".cell .card")].map((card) => [`card ${card.dataset.id}`, {
    text: text(card, ".figure strong"), n: n(card, ".figure .n"), flagged: card.classList.contains("changed"),
    was: card.querySelector(".figure .changed-mark")?.title ?? "",
  }]);
  const metric = (place, stage) => (row) => [`${place} ${stage} ${row.dataset.key}`, {
    text: text(row, "b"), n: n(row, ".m-n"), flagged: row.classList.contains("changed"),
    was: text(row, ".m-was"),
  }];
  const metrics = (place, of) => [...map.querySelectorAll(of)].flatMap((cell) =>
    [...cell.querySelectorAll(".metric")].map(metric(place, cell.dataset.stage)));
  return Object.fromEntries([...cards, ...metrics("head", ".stage-head"),
    ...metrics("kpi", '.cell[data-cell^="kpi|"]')]);
}"""


def places(told: Told) -> dict[str, tuple[str, ...]]:
    """Where on the map which figure stands."""
    heads = [key for key in told if key[0] in ("reach", "drop_off", "time")]
    return {
        **{f"card {id_}": bound for id_, bound in BOUND.items()},
        **{f"{place} {stage} {name}": (name, stage) for place in ("head", "kpi") for name, stage in heads},
    }


def said(bound: tuple[str, ...], told: Told) -> str:
    """A figure as it is written on the map; "" where there is none."""
    if bound not in told:
        return ""
    value, _ = told[bound]
    if bound[0] == "friction":
        return f"{value:,.1f}"
    return text_of_span(value) if bound[0] == "time" else f"{100 * value:.1f}%"


def text_of_span(seconds: float) -> str:
    """Whole minutes below an hour."""
    return f"{seconds / 60:.0f}분"


def must_show(told: Told, seen: Told) -> dict[str, dict[str, Any]]:
    """The whole map with the figures of `told`, of which people have seen those of `seen`."""
    found = {}
    for place, bound in places(told).items():
        is_flagged = told.get(bound) != seen.get(bound)
        was = said(bound, seen) or text("journey_map.was_unknown", "ko")
        if is_flagged and place.startswith("card"):
            was = text("journey_board.was", "ko", was=was)
        elif was == said(bound, told):
            was = ""  # only over how many has changed
        found[place] = {
            "text": said(bound, told),
            "n": told.get(bound, (0, 0))[1],
            "flagged": is_flagged,
            "was": was if is_flagged else "",
        }
    return found


def shown(page: Page) -> dict[str, dict[str, Any]]:
    expect(page.locator(".map .cell .card")).to_have_count(len(BOUND))
    settled(page)
    found: dict[str, dict[str, Any]] = page.locator(".map").evaluate(SHOWN)
    return found


def bring(page: Page, address: str, project: str, name: str, rows: list[Row], n: int) -> None:
    """Drop a file; one like the file before it is put beside it at once."""
    page.goto(f"{address}/data?project={project}")
    drop(page, {"name": name, "mimeType": "text/csv", "buffer": csv_of(rows)})
    expect(page.get_by_text(f"기록 {n:,}건")).to_be_visible()


def test_an_upload_flags_what_it_changes_with_what_it_was_and_nothing_else(
    open_page: Callable[..., Page], server: Callable[..., str], app_home: Path
) -> None:
    id_ = new_map(app_home).id
    address = server(APP)
    url = f"{address}/journey_map?project={id_}"
    first = first_rows()
    before, after = counted(first), counted([*first, *QUIET, *LOUD])
    assert before == counted([*first, *QUIET])
    flags = {bound for bound in set(BOUND.values()) if before.get(bound) != after.get(bound)}
    # Among figures of every kind some change, and some do not.
    assert {bound[0] for bound in flags} == {
        "drop_off",
        "event",
        "friction",
        "link",
        "reach",
        "segment",
        "time",
    }
    assert {bound[0] for bound in set(BOUND.values()) - flags - {()}} >= {
        "drop_off",
        "event",
        "link",
        "segment",
    }

    page = open_page(url)
    assert shown(page) == must_show(before, before)
    bring(page, address, id_, "이월.csv", QUIET, len(first) + len(QUIET))
    page.goto(url)
    assert shown(page) == must_show(before, before)
    bring(page, address, id_, "삼월.csv", LOUD, len(first) + len(QUIET) + len(LOUD))
    page.goto(url)
    assert shown(page) == must_show(after, before)
    # To look at the map is not to say that one knows.
    page.reload()
    assert shown(page) == must_show(after, before)
    page.get_by_role("button", name=text("journey_map.seen", "ko")).click()
    expect(page.locator(".map .changed")).to_have_count(0)
    assert shown(page) == must_show(after, after)
