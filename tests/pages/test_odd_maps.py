"""Maps at the edge of what a map can be, and what a stranger reads of one: pages and dialogs answer."""

from __future__ import annotations

import datetime as dt

import pytest

from journey.i18n import text
from journey.projects.maps import written
from journey.projects.store import Store
from journey.stages.board import Board, Card, Lane, MapPersona
from journey.stages.improvements import Improvement
from tests.pages.brought import drop, go_on

A, B = "a" * 12, "b" * 12
NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
PAGES = ("journey_map", "improvements", "conformance")
LANES = {
    "p": Lane("p", "pains", "9"),
    "o": Lane("o", "opportunities", "i"),
    "e": Lane("e", "emotion", "r"),
    "k": Lane("k", "kpi", "z"),
}
SMALL = "customer,event,time,plan\n" + "".join(
    f"member{n:03d},{event},2024-05-{1 + n % 20:02d} 10:{at:02d},{('gold', 'silver')[n % 2]}\n"
    for n in range(30)
    for at, event in enumerate(["view", "search", "buy"][: 1 + n % 3])
)
GONE = [
    {"link": {"kind": "event"}},
    {"link": {"kind": "event", "event": "x" * 10_000}},
    {"link": {"kind": "stage", "stage": "constructor", "measure": "__proto__"}},
    {"link": {"kind": "link", "from": "x"}},
    {"link": {"kind": "friction", "of": "nothing", "name": "y"}},
    {"link": {"kind": "friction"}},
    {"link": {"kind": "segment", "segment": "zz"}},
    {"link": {"kind": "answer", "cell": "zz"}},
    {"test": "zz", "state": "found", "due": "9999-12-31"},
    {"state": "doing", "due": "0001-01-01"},
    {"state": "done", "since": "9999-12-31", "link": {"kind": "stage", "stage": "s2"}},
    {"state": "done", "since": "0001-01-01", "link": {"kind": "stage", "stage": "s2"}},
    *(
        {"state": "watching", "since": "2024-05-10", "measure": measure}
        for measure in (
            {"kind": "event", "event": "gone"},
            {"kind": "stage"},
            {"kind": "link", "from": "s1", "to": "zz"},
            {"kind": "friction"},
        )
    ),
    {"lane": "gone", "state": "found"},
    {"parent": "c17"},
    {"parent": "c19"},
    {"parent": "c18", "stage": "__proto__"},
    {"persona": "zz", "stage": "constructor", "source": {"kind": "x", "quote": "q" * 9_000}},
]


def odd_map():
    cards = {}
    for n, fields in enumerate(GONE):
        place = {"lane": "o", "stage": "s2", **fields}
        cards[f"c{n}"] = Card(f"c{n}", key="i" * (n + 1), text=str(n), **place)
    felt = {"": {"s1": 1.0, "zz": 2.0, "__proto__": 1.0}, "q": {"s2": -2.0}}
    people = {"q": MapPersona("q", "민지", "i", saved="zz")}
    return Board(A, "odd", NOON, lanes=LANES, personas=people, cards=cards, felt=felt)


def put(home, project, *boards, **settings):
    values = {name: value for board in boards for name, value in written(board).items()} | settings
    Store(home).open(project).apply({"op": "settings", "values": values})


def quiet(at):
    assert not at.exception
    assert not [one.value for one in at.error]
    return at


def asked(at, subject):
    at.session_state["dialog.asked"] = ("map_card", subject)
    return at.run()


@pytest.fixture
def small(app):
    """small(): the id of a project of a few customers."""
    return lambda: go_on(drop(app("en", "data"), ("small.csv", SMALL.encode())))


def test_what_links_and_days_of_cards_say_breaks_no_page_and_no_dialog(app, home, small):
    project = small()
    put(home, project, odd_map())
    for page in PAGES:
        quiet(app("ko", page, project))
    at = app("en", "journey_map", project)
    for n in (0, 3, 4, 8, 10, 17, 18, 20):
        quiet(asked(at, f"{A}.c{n}"))
    for subject in (f"{A}.gone", f"{B}.c1"):
        assert len(asked(at, subject).error) == 1, subject


def test_without_data_stages_lanes_or_cards_every_view_answers(app, home):
    project = Store(home).create("비었어요").id
    put(home, project, odd_map(), Board(B, "empty", NOON))
    for page in PAGES:
        quiet(app("ko", page, project))
    for id_ in (A, B):
        for view in ("table", "board"):
            put(home, project, **{"journey_map.map": id_, "journey_map.view": view})
            at = quiet(app("en", "journey_map", project))
    at.button(key="map_bring").click().run()
    assert text("map_table.no_place", "en") in [one.value for one in quiet(at).info]


def test_of_maps_that_name_each_other_none_is_out_of_reach(app, home):
    project = Store(home).create("돌고 돌아").id
    ids = [one * 12 for one in "abcde"]
    of = dict(zip(ids, [ids[0], ids[2], ids[1], "", ids[3]], strict=True))
    boards = [Board(id_, id_, NOON, of=of[id_], version="to_be", lanes=LANES) for id_ in ids]
    put(home, project, *boards, Board("f" * 12, "second", NOON, of=ids[3], lanes=LANES))
    names = quiet(app("en", "journey_map", project)).selectbox[0].options
    assert names == [*ids[:4], "second"]


def test_improvements_of_two_maps_whose_cards_have_one_id_are_two(app, home, small):
    project = small()
    cards = [Card("c1", "o", "s1", "i", "same", state=state) for state in ("found", "doing")]
    boards = [
        Board(id_, id_, NOON, lanes=LANES, cards={"c1": card})
        for id_, card in zip((A, B), cards, strict=True)
    ]
    put(home, project, *boards)
    told = drawn(quiet(app("en", "improvements", project)))
    assert all(Improvement(board, card).key in told for board, card in zip(boards, cards, strict=True))


def test_a_map_that_goes_while_it_is_open_in_another_tab_is_told(app, home):
    project = Store(home).create("둘이서").id
    put(home, project, odd_map())
    at = quiet(asked(quiet(app("en", "journey_map", project)), f"{A}.c1"))
    Store(home).open(project).apply({"op": "settings", "values": dict.fromkeys(written(odd_map()))})
    at.run()
    assert not at.exception
    assert {one.value for one in at.error} <= {text("errors.map_part_gone_map", "en")} or at.info


def drawn(at):
    """Everything that was sent to the browser."""
    found = []

    def walk(block):
        for child in getattr(block, "children", {}).values():
            proto = getattr(child, "proto", None)
            if proto is not None:
                found.append(str(proto) + proto.SerializeToString().decode("utf-8", "replace"))
            walk(child)

    walk(at._tree)
    return "\n".join(found)


def test_in_demo_mode_a_stranger_reads_no_id_value_person_or_quote(app, home, small):
    said = "member001 is on gold, write to kim@secret.kr"
    hidden = ("member001", "gold", "secret.kr", "Mina", "P7", "her own words")
    source = {"kind": "interview", "name": "x.csv", "who": "P7", "quote": "her own words"}
    more = {"owner": "Mina", "tags": ("gold",), "hypothesis": said, "source": source, "by": "Mina"}
    cards = {
        "c1": Card("c1", "p", "s1", "i", said, persona="q", link={"kind": "event", "event": "buy"}, **more),
        "c2": Card("c2", "o", "s1", "i", said, state="doing", impact=3, effort=2, **more),
        "c3": Card("c3", "o", "s1", "r", said, **more),
    }
    lanes = {**LANES, "x": Lane("x", "own", "zz", said)}
    board = Board(A, said, NOON, "Mina", lanes=lanes, personas={"q": MapPersona("q", said, "i")}, cards=cards)
    project = small()
    put(home, project, board, **{"demo.hidden": {"plan": True}})

    def read(at):
        told = drawn(quiet(at))
        assert not [word for word in hidden if word in told]

    for page in (*PAGES, "history"):
        read(app("ko", page, project, demo="1"))
    read(app("en", "journey_map", project, demo="1", show="1"))
    read(asked(app("en", "journey_map", project, demo="1"), f"{A}.c1"))
    put(home, project, **{"journey_map.view": "table"})
    read(app("en", "journey_map", project, demo="1"))
    assert "member001" in drawn(app("en", "journey_map", project))
