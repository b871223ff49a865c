"""What the picture of a journey map shows: the model of its board, in words, as it may be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from journey.charts.board_picture import Band, BoardPicture, Column, Felt, Measured, Slip
from journey.charts.bound_words import evidence_name
from journey.stages.board import EVERYBODY, STATUSES, Board
from journey.stages.evidence import LEVELS
from journey.theme import LANE_COLOURS, MUTED
from ui import demo, session
from ui.journey_map_model import lane_name, map_model
from ui.veil import veiled
from ui.words import t

__all__ = ["picture_of"]

_DOT = " · "


def picture_of(board: Board, model: Mapping[str, Any] | None = None) -> BoardPicture:
    """The picture of a map; without a `model` nothing is known of what was measured."""
    language = session.current().language
    shown = model or map_model(board, session.state().stage_map, language=language)
    # Where a lane tells the same figures, the heads of the stages need not.
    has_figures = any(lane["kind"] == "kpi" and not lane["hidden"] for lane in shown["lanes"])
    plain = _covered if demo.is_on() else _as_it_is
    persona, names = shown["persona"], {one["id"]: plain(one["name"]) for one in shown["personas"]}
    version = t(f"journey_map.version_{board.version}")
    whose = t("map_table.picture_persona", name=names[persona]) if persona in names else ""
    return BoardPicture(
        title=plain(board.name),
        subtitle=_DOT.join(filter(None, [version, whose])),
        columns=[
            Column(
                one["id"],
                one["name"],
                one["colour"],
                () if has_figures and one["id"] in shown["kpi"] else _metrics(one["head"]),
            )
            for one in shown["stages"]
        ],
        bands=[
            Band(
                lane["id"],
                plain(lane_name(board.lanes[lane["id"]], language)),
                lane["kind"] == "emotion",
                {stage: _metrics(those) for stage, those in shown["kpi"].items()}
                if lane["kind"] == "kpi"
                else {},
                LANE_COLOURS.get(lane["kind"], MUTED),
            )
            for lane in shown["lanes"]
            if not lane["hidden"] and lane["id"] in board.lanes
        ],
        cards=_cards(shown["cards"], persona, names, plain),
        felt=_felt(shown, persona, names),
        measured=[
            Measured(
                one["stage"],
                one["value"],
                one["value"] if one["low"] is None else one["low"],
                one["value"] if one["high"] is None else one["high"],
                str(one.get("text", "")).replace(" (", _DOT).removesuffix(")"),
            )
            for one in shown["curve"]["measured"]
            if one["value"] is not None
        ],
        words={one: evidence_name(one, language) for one in LEVELS}
        | {
            "evidence": t("map_table.column_evidence"),
            "intervals": t("map_table.picture_measured"),
            "happy": t("map_table.picture_happy"),
            "unhappy": t("map_table.picture_unhappy"),
        },
    )


def _metrics(those: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        _DOT.join(
            filter(None, [f"{one.get('label', '')} {one.get('text', '')}".strip(), one.get("n_text", "")])
        )
        for one in those
    ]


def _cards(
    cards: Sequence[Mapping[str, Any]],
    persona: str,
    names: Mapping[str, str],
    plain: Callable[[str], str],
) -> dict[str, list[Slip]]:
    """The cards by their cells, from top to bottom; of one persona only theirs and those of everybody."""
    found: dict[str, list[Slip]] = {}
    statuses = {one: t(f"journey_map.status_{one}") for one in STATUSES if one}
    for card in sorted(cards, key=lambda card: (card["key"], card["id"])):
        if persona != EVERYBODY and card["persona"] not in (EVERYBODY, persona):
            continue
        figure = card["figure"] or {}
        measured = _DOT.join(filter(None, [figure.get("text", ""), figure.get("n_text", "")]))
        status = statuses.get(card["status"], "")
        whose = names.get(card["persona"], "") if persona == EVERYBODY else ""
        tags = " ".join(f"#{plain(tag)}" for tag in card["tags"])
        small = [measured, _DOT.join(filter(None, [whose, plain(card["owner"]), status])), tags]
        small += [plain(one["text"]) for one in card.get("marks", ())]
        found.setdefault(f"{card['lane']}|{card['stage']}", []).append(
            Slip(plain(card["text"]), [line for line in small if line], card["colour"], card["evidence"])
        )
    return found


def _felt(shown: Mapping[str, Any], persona: str, names: Mapping[str, str]) -> list[Felt]:
    """The curves that were drawn: that of the persona who is shown, else all of them."""
    curve = shown["curve"]
    colours = {one["id"]: one["colour"] for one in shown["personas"]}
    wanted = [who for who in curve["felt"] if persona in (EVERYBODY, who)]
    is_wished = shown["version"] == "to_be"
    drawn = t("map_table.picture_wished") if is_wished else t("map_table.picture_felt")
    other = t(f"journey_map.version_{'as_is' if is_wished else 'to_be'}")
    found = []
    for who in wanted:
        name = names.get(who, t("journey_map.everybody")) if names else ""
        said = _DOT.join(filter(None, [drawn, name]))
        found.append(Felt(said, colours.get(who, ""), curve["felt"][who]))
    if curve["other"]:
        found.append(Felt(other, MUTED, curve["other"], is_other=True))
    return found


def _covered(words: str) -> str:
    return demo.covered(veiled(words)) if words else ""


def _as_it_is(words: str) -> str:
    return words
