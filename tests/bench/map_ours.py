"""Ours: what the server does for a journey map with many bound cards: the first look at it, and an edit."""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice, permutations
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from journey.aggregates.stage_measures import MEASURES
from journey.events.log import EventLog
from journey.projects.maps import written
from journey.projects.project import Project
from journey.projects.store import Store
from journey.stages.board import KINDS, Board, Card, Lane, keys
from journey.stages.stage_map import StageMap
from tests.bench.data import EVENTS
from tests.bench.drag_ours import stage_map
from tests.bench.measure import report
from tests.projects.one_file import put_log
from ui import journey_map

HOME = Path(__file__).parents[2]
MAP = "a" * 12
SEGMENTS = {f"{at:012x}": event for at, event in enumerate(EVENTS[:10])}


def links(stages: StageMap) -> list[dict[str, str]]:
    """Everything of the log that a card can be bound to, and ten segments."""
    ids = [stage.id for stage in stages.stages]
    return [
        *({"kind": "stage", "stage": id_, "measure": measure} for id_ in ids for measure in MEASURES),
        *({"kind": "event", "event": event} for event in EVENTS),
        *({"kind": "link", "from": source, "to": target} for source, target in permutations(ids, 2)),
        *({"kind": "friction", "of": "stage", "name": id_} for id_ in ids),
        *({"kind": "friction", "of": "event", "name": event} for event in EVENTS),
        *({"kind": "segment", "segment": id_} for id_ in SEGMENTS),
    ]


def board(stages: StageMap, cards: int) -> Board:
    """A map whose cards, spread over all lanes, are bound to one thing after the other."""
    lanes = {kind: Lane(kind, kind, key) for kind, key in zip(KINDS, keys(len(KINDS)), strict=True)}
    ids = [stage.id for stage in stages.stages]
    made = (
        Card(f"c{at}", KINDS[at // len(ids) % len(KINDS)], ids[at % len(ids)], key, f"Saw {at}", link=link)
        for at, (key, link) in enumerate(zip(keys(cards), islice(cycle(links(stages)), cards), strict=True))
    )
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Board(MAP, "Map", at, lanes=lanes, cards={card.id: card for card in made})


def project(home: Path, log: EventLog, cards: int) -> Project:
    """A new project with this log, and a map of it."""
    stages = stage_map()
    made = Store(home).create("bench")
    put_log(made, b"bench", "bench.csv", log, stage_map=stages)
    rules = {
        f"segment.{id_}": {"name": event, "rule": {"did": {"event": event}}}
        for id_, event in SEGMENTS.items()
    }
    made.apply({"op": "settings", "values": written(board(stages, cards)) | rules})
    return made


class Spent:
    """A function that remembers how many processor seconds each call of it took."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.work = work
        self.cpu: list[float] = []

    def __call__(self, *given: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return self.work(*given, **named)
        finally:
            self.cpu.append(time.process_time() - begin)


def run(page: AppTest) -> None:
    page.run()
    if page.exception or page.error:
        raise RuntimeError(f"the map is not there: {[*page.exception, *page.error]}")


def main(folder: Path, cards: int, edits: int) -> None:
    # Streamlit says of each run that no server is there.
    logging.disable(logging.WARNING)
    log = EventLog.open(folder)
    with tempfile.TemporaryDirectory() as home:
        os.environ["JOURNEY_HOME"] = home
        made = project(Path(home), log, cards)
        # All that a run of the map does, whoever started it; the frame of the page around it is not drawn
        # anew when a card is edited.
        drawn = journey_map._board = Spent(journey_map._board)
        store = Spent(made.apply_ops)
        page = AppTest.from_file(str(HOME / "ui" / "main.py"), default_timeout=120)
        page.context = {"locale": "en-US"}
        page.query_params["project"] = made.id
        page.switch_page("../pages/journey_map.py")
        run(page)
        for at in range(edits):
            edit = {"op": "set_card", "id": f"c{at}", "fields": {"text": f"Said otherwise {at}"}}
            store("bench", [{"op": "board", "map": MAP, "edit": edit, "seq": at + 1}])
            run(page)
    first, *again = drawn.cpu
    if len(again) != edits:
        raise RuntimeError(f"{len(again)} runs for {edits} edits")
    report(
        first=first,
        drawn=float(np.median(again)),
        stored=float(np.median(store.cpu)),
        edit=float(np.median(np.add(again, store.cpu))),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
