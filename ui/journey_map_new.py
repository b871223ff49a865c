"""How a journey map begins and ends: from a template or from another map; its name, its people, its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from journey.projects.maps import MOST_MAPS, removed
from journey.projects.setting_edits import MAPS
from journey.stages.board import LONGEST_NAME, MOST_PERSONAS, Board, MapPersona, between
from journey.stages.map_templates import MAP_TEMPLATES, copied, from_map_template, kind_of, question, to_be
from journey.stages.segment import Segment
from journey.stages.templates import TEMPLATES
from ui import asked, demo, journey_map_example, navigation, opening, own_maps, presenting, session, toasts
from ui.ask import saved
from ui.journey_card_fields import change
from ui.journey_map import VERSION, Shown, every_map, keep
from ui.once import once, pressed
from ui.pinning import new_id, now_and_who
from ui.words import literal, md, t

__all__ = ["DIALOGS", "menu", "need_map"]

_ICONS = {
    "shop": "shopping_bag",
    "subscription": "autorenew",
    "service": "support_agent",
    "empty": "crop_free",
}
# Kinds of stages by which a trade is known; any other journey is most like that of a shop.
_TRADES = {
    "subscription": {"trial", "conversion", "renewal", "referral"},
    "service": {"received", "assigned", "progress", "waiting", "resolved", "closed"},
}
# What makes another map.
_MAKING = ("new", "example", "copy", "to_be")
# The stages that a map without a template of its own begins with, where the project has none.
_STAGES = "six"


# ---- the first map --------------------------------------------------------------------------------------


def need_map() -> None:
    """Go on with a map; without one, begin it here with one click, with or without data."""
    if every_map():
        return
    if presenting.is_on() or demo.is_on():
        st.info(t("journey_map.none"), icon=":material/map:")
        if session.project() is None:
            opening.sample_buttons()
        st.stop()
    if _can_bring_back():
        st.button(
            t("journey_map.menu_bring_back"),
            icon=":material/undo:",
            **once("map.bring_back", session.edit, {"op": "undo", "area": MAPS}),
        )
    journey_map_example.offer()
    st.markdown(t("journey_map.begin"))
    _starters()
    if session.project() is None:
        st.caption(t("page.home.or_sample"))
        opening.sample_buttons()
    elif session.state().data is None:
        with st.container(horizontal=True, vertical_alignment="center", key="map_bring"):
            st.caption(t("journey_map.no_data"), width="content")
            st.page_link(
                navigation.page_named("data"), label=t("page.home.go_data"), icon=":material/upload_file:"
            )
    st.stop()


def _starters() -> None:
    """A card a template: what it is for, its lanes, and a question of it."""
    recommended, stages = _recommended(), session.state().stage_map.stages
    for place, template in zip(st.columns(len(MAP_TEMPLATES)), MAP_TEMPLATES, strict=True):
        with place, st.container(border=True, height="stretch", key=f"map_starter_{template}"):
            with st.container(height="stretch", gap="small"):
                st.markdown(f"#### :material/{_ICONS[template]}: {t(f'journey_map.template_{template}')}")
                st.markdown(t(f"journey_map.template_{template}_text"))
                asked_first = _first_question(template)
                if asked_first:
                    st.caption(t("journey_map.asks", question=asked_first))
                if not stages:
                    named = " – ".join(
                        t(f"stages.kind_{kind}") for kind in TEMPLATES[_stages_of(template)].kinds
                    )
                    st.caption(t("journey_map.with_stages", stages=named))
            st.button(
                t("journey_map.start"),
                type="primary" if template == recommended else "secondary",
                icon=":material/play_arrow:",
                width="stretch",
                **once(f"map.start.{template}", _start, template),
            )
    if stages:
        named = " – ".join(stage.name for stage in stages)
        st.caption(md("journey_map.own_stages", stages=named))


def _recommended() -> str:
    kinds = {kind_of(stage.name) for stage in session.state().stage_map.stages}
    return max(_TRADES, key=lambda trade: len(_TRADES[trade] & kinds)) if _of_trade(kinds) else "shop"


def _of_trade(kinds: set[str]) -> bool:
    return any(len(known & kinds) > 1 for known in _TRADES.values())


def _first_question(template: str) -> str:
    """What the template asks at one of its own stages, as a taste of it."""
    kinds = TEMPLATES[template].kinds if template in TEMPLATES else ()
    return question("pains", kinds[2], session.current().language) if kinds else ""


def _stages_of(template: str) -> str:
    return template if template in TEMPLATES else _STAGES


def _start(template: str, name: str = "") -> None:
    """The map, in a new project where none is open, and with the template's stages where it has none."""
    language = session.current().language
    if session.project() is None:
        store = session.store()
        session.open_project(store.create(store.free_name(t("journey_map.project"))).id)
    if not session.state().stage_map.stages:
        session.edit({"op": "template", "template": _stages_of(template), "language": language})
    at, who = now_and_who()
    fresh = from_map_template(
        template,
        id_=new_id(),
        name=name or _free_name(t("journey_map.first")),
        at=at,
        by=who,
        language=language,
    )
    keep(fresh)


def _free_name(name: str) -> str:
    """The name, with a number where the project has a map so called."""
    taken = {as_is.name for as_is, _ in every_map().values()}
    names = [name, *(f"{name} {number}" for number in range(2, MOST_MAPS + 2))]
    return next(one for one in names if one not in taken)


# ---- the menu -------------------------------------------------------------------------------------------


def menu(shown: Shown) -> None:
    """What can be done with maps as a whole; not while presenting, and not in demo mode."""
    if presenting.is_on() or demo.is_on():
        return
    ways = ["new", "rename", "personas", "copy"]
    if shown.other is None and not shown.board.of:
        ways.append("to_be")
    ways.append("remove")
    if _can_bring_back():
        ways.append("bring_back")
    if journey_map_example.is_offered():
        ways.insert(1, "example")
    is_full = len(every_map()) >= MOST_MAPS
    chosen = pressed(
        st.menu_button,
        t("journey_map.menu"),
        [way for way in ways if not (is_full and way in _MAKING)],
        format_func=lambda way: f":material/{_WAYS[way]}: {t(f'journey_map.menu_{way}')}",
        icon=":material/more_horiz:",
        key="map_menu",
    )
    if chosen == "to_be":
        _wish(shown.board)
        st.rerun()
    elif chosen == "bring_back":
        session.edit({"op": "undo", "area": MAPS})
        st.rerun()
    elif chosen == "example":
        with st.spinner(t("bring.building")):
            journey_map_example.bring()
        st.rerun()
    elif chosen is not None:
        asked.ask(f"map_{chosen}", shown.board.id)
        st.rerun()
    if is_full:
        st.caption(t("journey_map.full", most=MOST_MAPS))


def _can_bring_back() -> bool:
    """Did this person remove a map that is still gone?"""
    opened = session.project()
    return opened is not None and opened.steps(MAPS)[0]


_WAYS = {
    "new": "add",
    "example": "auto_stories",
    "rename": "edit",
    "personas": "group",
    "copy": "content_copy",
    "to_be": "auto_awesome",
    "remove": "delete",
    "bring_back": "undo",
}


def _wish(board: Board) -> None:
    at, who = now_and_who()
    keep(to_be(board, id_=new_id(), at=at, by=who))
    toasts.say(t("journey_map.wished"))


# ---- the dialogs ----------------------------------------------------------------------------------------


def _named(id_: str) -> Board:
    return own_maps.named(id_)


def _new(_: str) -> None:
    """Another map, from a template."""
    key = "map.new.name"
    with st.form("map_new", border=False):
        st.text_input(
            t("journey_map.name"),
            key=key,
            placeholder=_free_name(t("journey_map.first")),
            max_chars=LONGEST_NAME,
        )
        names = {one: t(f"journey_map.template_{one}") for one in MAP_TEMPLATES}
        st.radio(
            t("journey_map.template"),
            list(names),
            format_func=names.__getitem__,
            captions=[t(f"journey_map.template_{one}_text") for one in MAP_TEMPLATES],
            index=list(MAP_TEMPLATES).index(_recommended()),
            key="map.new.template",
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                t("journey_map.start"), type="primary", **once("map.new", _new_done, key, "map.new.template")
            )
            st.form_submit_button(t("page.home.no"), key="map.new.no", on_click=asked.close)


def _new_done(name: str, template: str) -> None:
    _start(session.widget(template), (session.widget(name) or "").strip())
    session.put(name, "")
    asked.close()


def _rename(id_: str) -> None:
    key = f"map.rename.{id_}"
    with st.form("map_rename", border=False):
        st.text_input(t("journey_map.name"), value=_named(id_).name, key=key, max_chars=LONGEST_NAME)
        with st.container(horizontal=True):
            st.form_submit_button(
                t("page.home.rename_yes"), type="primary", **once("map.rename", _renamed, id_, key)
            )
            st.form_submit_button(t("page.home.no"), key="map.rename.no", on_click=asked.close)


def _renamed(id_: str, key: str) -> None:
    """Both versions of a map bear its name."""
    name = asked.typed(key).strip()
    for board in _versions(id_):
        if board.name != name:
            change(board.id, {"op": "set_map", "fields": {"name": name}})
    asked.close()


def _versions(id_: str) -> list[Board]:
    """The map of this id and its other version, as-is first."""
    for as_is, wished in every_map().values():
        if id_ in (as_is.id, wished.id if wished is not None else ""):
            return [as_is] if wished is None else [as_is, wished]
    return [_named(id_)]


def _copy(id_: str) -> None:
    board, key = _named(id_), f"map.copy.{id_}"
    with st.form("map_copy", border=False):
        name = _free_name(t("journey_map.copy_of", name=board.name))
        st.text_input(t("journey_map.name"), value=name, key=key, max_chars=LONGEST_NAME)
        ways = {True: t("journey_map.copy_whole"), False: t("journey_map.copy_bare")}
        st.radio(
            t("journey_map.copy_what"),
            list(ways),
            format_func=ways.__getitem__,
            key=f"{key}.whole",
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                t("journey_map.copy_yes"), type="primary", **once("map.copy", _copy_done, id_, key)
            )
            st.form_submit_button(t("page.home.no"), key="map.copy.no", on_click=asked.close)


def _copy_done(id_: str, key: str) -> None:
    at, who = now_and_who()
    name, whole = asked.typed(key).strip(), bool(session.widget(f"{key}.whole", True))
    keep(copied(_named(id_), id_=new_id(), name=name, at=at, by=who, cards=whole))
    asked.close()


def _remove(id_: str) -> None:
    """What goes with a map, and how much that is; of a to-be only itself."""
    board, gone = _named(id_), _gone(id_)
    n = sum(len(one.cards) for one in gone)
    st.markdown(
        md("journey_map.remove_to_be" if board.of else "journey_map.remove_what", name=board.name, n=n)
    )
    if len(gone) > 1:
        st.caption(t("journey_map.remove_both"))
    asked.decide("map.remove", t("journey_map.remove_yes"), ":material/delete:", _removed, id_)


def _gone(id_: str) -> list[Board]:
    board = _named(id_)
    return [board] if board.of else _versions(id_)


def _removed(id_: str) -> None:
    settings, gone = session.state().settings, _gone(id_)
    values = {name: value for one in gone for name, value in removed(settings, one.id).items()}
    session.edit({"op": "settings", "values": values})
    session.remember(VERSION, None)
    asked.close()
    toasts.say(t("journey_map.removed"))


# ---- personas -------------------------------------------------------------------------------------------


def _personas(id_: str) -> None:
    """Whose journey the map tells: each with a name, typed or of a segment that the project keeps."""
    board = _named(id_)
    st.caption(t("journey_map.personas_text", most=MOST_PERSONAS))
    for one in board.ordered_personas:
        with st.container(horizontal=True, vertical_alignment="center", key=f"map_persona_{one.id}"):
            key = f"map.persona.{id_}.{one.id}"
            st.text_input(
                t("journey_map.persona_name"),
                value=one.name,
                key=key,
                max_chars=LONGEST_NAME,
                label_visibility="collapsed",
                on_change=session.later(_persona_named),
                args=(id_, one.id, key),
            )
            st.button(
                t("journey_map.persona_remove"),
                icon=":material/close:",
                **once(f"map.persona.remove.{one.id}", change, id_, {"op": "remove_persona", "id": one.id}),
            )
    if len(board.personas) < MOST_PERSONAS:
        _persona_new(board)
    st.button(t("page.home.close"), key="map.personas.close", on_click=asked.close)


def _persona_new(board: Board) -> None:
    key = f"map.persona.new.{board.id}"
    with st.form("map_persona", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            t("journey_map.persona_new"),
            key=key,
            placeholder=t("journey_map.persona_like"),
            max_chars=LONGEST_NAME,
        )
        st.form_submit_button(
            t("journey_map.persona_add"),
            icon=":material/add:",
            **once("map.persona.add", _typed, board.id, key),
        )
    taken = {one.saved for one in board.personas.values()}
    offered = [one for one in _segments() if one.id not in taken]
    if offered:
        st.caption(t("journey_map.persona_saved"))
        with st.container(horizontal=True, key="map_persona_saved"):
            for one in offered[:12]:
                st.button(
                    literal(one.name),
                    icon=":material/add:",
                    type="tertiary",
                    **once(f"map.persona.take.{one.id}", _add, board.id, one.name, one.id),
                )


def _segments() -> tuple[Segment, ...]:
    return saved() if session.state().data is not None else ()


def _typed(id_: str, key: str) -> None:
    _add(id_, asked.typed(key).strip(), "")
    session.put(key, "")


def _add(id_: str, name: str, of: str) -> None:
    last = _named(id_).ordered_personas[-1:]
    one = MapPersona(new_id(), name[:LONGEST_NAME], between(last[0].key if last else "", ""), of)
    told = {"id": one.id, "name": one.name, "key": one.key, "saved": one.saved}
    change(id_, {"op": "add_persona", "persona": told})


def _persona_named(id_: str, persona: str, key: str) -> None:
    name = (session.widget(key) or "").strip()
    if name:
        change(id_, {"op": "set_persona", "id": persona, "fields": {"name": name}})


DIALOGS: Mapping[str, Callable[[str], None]] = {
    "map_new": _new,
    "map_rename": _rename,
    "map_personas": _personas,
    "map_copy": _copy,
    "map_remove": _remove,
}
