"""A journey map as rows of plain cells, in the words of a language: a row a card, and a row a feeling.

A row is a mapping of the columns below to text; only tags are a list, and effort, impact and felt numbers,
where a table can show them as such. What comes back is read by journey.stages.board_table.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from journey.stages.board import EVERYBODY, Board, Card

__all__ = [
    "COLUMNS",
    "SOURCE_COLUMNS",
    "Names",
    "canonical",
    "distinct",
    "felt_rows",
    "folded",
    "headings",
    "link_code",
    "rows",
    "said_in",
]

Row = Mapping[str, Any]

SOURCE_COLUMNS = ("source_kind", "source_name", "source_who", "source_quote", "source_rest")
# In this order they stand in a table; "id" names the card, and "parent" the card that it came out of.
# "link" is what it is bound to, "test" the test that tries it; "felt" stands in rows of feelings alone.
COLUMNS = (
    "id",
    "stage",
    "lane",
    "text",
    "persona",
    "tags",
    "owner",
    "status",
    "effort",
    "impact",
    "state",
    "due",
    "hypothesis",
    "link",
    "test",
    "colour",
    "parent",
    *SOURCE_COLUMNS,
    "felt",
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# What readers of files take out.
_UNSEEN = re.compile("[\u200b\u2060\ufeff]")


@dataclass(frozen=True)
class Names:
    """What is written in a cell for each code, one name for each: stage, lane and persona ids, and the rest.

    The code of a link is `link_code` of it, and that of a test its id in the register.

    `also` is what a cell may say besides, in any language: kind of name -> spelling -> code.
    """

    stages: Mapping[str, str]
    lanes: Mapping[str, str]
    personas: Mapping[str, str]
    statuses: Mapping[str, str]
    states: Mapping[str, str]
    sources: Mapping[str, str]
    columns: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def code(self, kind: str, said: str) -> str | None:
        """The code of a cell's words; None where they name nothing."""
        named: Mapping[str, str] = getattr(self, kind)
        plain = canonical(said)
        for code, name in named.items():
            if canonical(name) == plain:
                return code
        short = folded(said)
        spelt = {folded(name): code for code, name in named.items()}
        spelt = {folded(name): code for name, code in self.also.get(kind, {}).items()} | spelt
        return spelt.get(short, plain if plain in named else None)


def distinct(named: Mapping[str, str]) -> dict[str, str]:
    """The names with a number behind those that another one has already: "결제", "결제 (2)"."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for code, name in named.items():
        plain, number = " ".join(name.split()) or code, 1
        wished = plain
        while folded(wished) in taken:
            number += 1
            wished = f"{plain} ({number})"
        taken.add(folded(wished))
        found[code] = wished
    return found


def rows(board: Board, names: Names) -> list[dict[str, Any]]:
    """A row a card: by stage, lane and place, those of stages that are no more last."""
    stages = {id_: at for at, id_ in enumerate(names.stages)}
    lanes = {lane.id: at for at, lane in enumerate(board.ordered_lanes)}
    cards = sorted(
        board.cards.values(),
        key=lambda card: (
            stages.get(card.stage, len(stages)),
            card.stage,
            lanes.get(card.lane, len(lanes)),
            card.key,
            card.id,
        ),
    )
    return [_row(card, names) for card in cards]


def _row(card: Card, names: Names) -> dict[str, Any]:
    source = card.source
    kind = str(source.get("kind", ""))
    return {
        "id": f"#{card.id}",
        "stage": names.stages.get(card.stage, card.stage),
        "lane": names.lanes.get(card.lane, card.lane),
        "text": card.text,
        "persona": names.personas.get(card.persona, ""),
        "tags": list(card.tags),
        "owner": card.owner,
        "status": names.statuses.get(card.status, "") if card.status else "",
        "effort": card.effort or None,
        "impact": card.impact or None,
        "state": names.states.get(card.state, "") if card.state else "",
        "due": card.due,
        "hypothesis": card.hypothesis,
        "link": names.links.get(link_code(card.link), "") if card.link else "",
        "test": names.tests.get(card.test, ""),
        "colour": card.colour,
        "parent": f"#{card.parent}" if card.parent else "",
        "source_kind": names.sources.get(kind, kind) if kind else "",
        **{f"source_{name}": str(source.get(name, "")) for name in ("name", "who", "quote", "rest")},
        "felt": None,
    }


def felt_rows(board: Board, names: Names) -> list[dict[str, Any]]:
    """A row for each feeling that somebody drew: its stage, its persona ("" is everybody), and -2 to +2."""
    stages = [*names.stages, *sorted({at for curve in board.felt.values() for at in curve} - {*names.stages})]
    people = [EVERYBODY, *names.personas]
    blank = _row(Card("", "", "", ""), names)
    return [
        {
            **blank,
            "id": "",
            "stage": names.stages.get(stage, stage),
            "persona": names.personas.get(who, ""),
            "felt": board.felt[who][stage],
        }
        for who in people
        for stage in stages
        if stage in board.felt.get(who, {})
    ]


def link_code(link: Mapping[str, Any]) -> str:
    """A link as one text, the same for the same link."""
    return json.dumps(dict(link), ensure_ascii=False, sort_keys=True)


def headings(found: Iterable[str], names: Names) -> dict[str, str]:
    """Heading of a file -> column, for those that are one: by name, by code, and in any known spelling."""
    known: dict[str, str] = {}
    for heading in found:
        code = names.code("columns", heading)
        if code is None and heading in COLUMNS:
            code = heading
        if code is not None and code not in known.values():
            known[heading] = code
    return known


def said_in(value: Any) -> str:
    """What a cell says, however a table or a file holds it."""
    if value is None or value != value:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(canonical(str(one)) for one in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return canonical(str(value))


def canonical(text: str) -> str:
    """The text as a file gives it back: composed, with plain line ends, and without what none can hold."""
    seen = _UNSEEN.sub("", _UNPRINTABLE.sub("\ufffd", text))
    return unicodedata.normalize("NFC", seen.replace("\r\n", "\n").replace("\r", "\n")).strip()


def folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())
