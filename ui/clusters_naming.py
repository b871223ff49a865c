"""Names, colours and words for clusters, and the one step in which they are kept for everybody."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from journey.analysis.segments import Segments
from journey.charts.segments_words import cluster_colour, cluster_name, proposed_names
from journey.stages.clustering import clusterings
from journey.stages.segment import BEGINNING, OF_MODELS
from journey.theme import STAGE_COLOURS
from ui import demo, presenting, session, toasts
from ui.once import once
from ui.veil import veiled
from ui.words import md, t

__all__ = ["DRAFT", "mark_of", "named", "naming"]

# What somebody has typed for the clusters that are looked at: of, names, colours, with, title, about.
DRAFT = "segments.view.draft"
_LONGEST, _LONGEST_ABOUT = 80, 400


def mark_of(model: Mapping[str, Any]) -> str:
    """A short text that is the same for the same clusters, whatever their categories are called."""
    centres = [[round(value, 4) for value in centre] for centre in model["centres"]]
    told = json.dumps([[one["name"] for one in model["scales"]], centres, list(model["sizes"])])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def named(answer: Segments) -> Segments:
    """The answer with the names and colours that people chose for these very clusters."""
    draft = _draft(answer)
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    for one in clusterings(session.state().settings):
        if mark_of(one.model) == mark_of(answer.model):
            names, colours = one.names, one.colours
            break
    names |= {int(place): name for place, name in draft["names"].items()}
    colours |= {int(place): colour for place, colour in draft["colours"].items()}
    whole = replace(answer, names={place: veiled(name) for place, name in names.items()}, colours=colours)
    language = session.current().language
    joined = {int(place): int(other) for place, other in draft["with"].items()}
    calls = {place: cluster_name(whole, other, language) for place, other in joined.items()}
    paints = {place: cluster_colour(whole, other) for place, other in joined.items()}
    return replace(whole, names={**whole.names, **calls}, colours={**colours, **paints})


def _draft(answer: Segments) -> dict[str, Any]:
    """What was typed for these clusters; nothing where they are other ones."""
    stored = session.state().settings.get(DRAFT)
    empty: dict[str, Any] = {"of": mark_of(answer.model), "names": {}, "colours": {}, "with": {}}
    if not isinstance(stored, Mapping) or stored.get("of") != empty["of"]:
        return empty
    known = {str(place) for place in range(answer.k)}
    for part in ("names", "colours", "with"):
        entries = stored.get(part)
        if isinstance(entries, Mapping):
            empty[part] = {place: str(entry) for place, entry in entries.items() if place in known}
    empty["with"] = {
        place: other for place, other in empty["with"].items() if other in known and other != place
    }
    # Nobody is with somebody who is with another one.
    empty["with"] = {place: other for place, other in empty["with"].items() if other not in empty["with"]}
    return empty | {part: str(stored[part]) for part in ("title", "about") if stored.get(part)}


def naming(answer: Segments) -> None:
    """The field in which clusters are named, coloured, put together and described, and saved in one step."""
    if presenting.is_on() or answer.view is None:
        return
    with st.expander(t("clusters.naming"), icon=":material/edit:"):
        st.caption(t("clusters.naming_demo" if demo.is_on() else "clusters.naming_help"))
        if demo.is_on():
            return
        draft = _draft(answer)
        _line(answer, draft, "title", t("clusters.title"), t("clusters.title_hint"))
        proposed = proposed_names(replace(answer, names={}), session.current().language)
        for cluster in range(answer.k):
            _row(answer, draft, cluster, proposed[cluster])
        _line(answer, draft, "about", t("clusters.about"), t("clusters.about_hint"), long=True)
        n = answer.k - len(draft["with"])
        st.button(
            t("clusters.save", n=n),
            type="primary",
            icon=":material/save:",
            **once("clusters_save", _saving(answer)),
        )
        same = [
            one.name
            for one in clusterings(session.state().settings)
            if mark_of(one.model) == mark_of(answer.model)
        ]
        if same:
            st.caption(f":material/check: {md('clusters.saved_as', name=same[0])}")


def _keep(answer: Segments, change: Any) -> Any:
    @session.later
    def keep() -> None:
        draft = _draft(answer)
        change(draft)
        session.remember(DRAFT, draft)

    return keep


def _line(
    answer: Segments, draft: Mapping[str, Any], part: str, label: str, hint: str, *, long: bool = False
) -> None:
    key = session.widget_key(f"clusters.{part}")
    session.put(key, draft.get(part, ""))
    field = st.text_area if long else st.text_input
    field(
        label,
        placeholder=hint,
        max_chars=_LONGEST_ABOUT if long else _LONGEST,
        key=key,
        on_change=_keep(answer, lambda now: now.update({part: str(session.widget(key) or "").strip()})),
    )


def _row(answer: Segments, draft: Mapping[str, Any], cluster: int, proposed: str) -> None:
    place = str(cluster)
    keys = {part: session.widget_key(f"clusters.{part}.{cluster}") for part in ("names", "colours", "with")}

    def entry(part: str, value: str) -> Any:
        def change(now: dict[str, Any]) -> None:
            rest = {name: one for name, one in now[part].items() if name != place}
            now[part] = {**rest, place: value_of(part)} if value_of(part) else rest

        def value_of(part: str) -> str:
            typed = str(session.widget(keys[part]) or "").strip()
            return _nearest(typed) if part == "colours" and typed else typed

        session.put(keys[part], value)
        return {"key": keys[part], "on_change": _keep(answer, change)}

    is_joined = place in draft["with"]
    others = [str(other) for other in range(answer.k) if other != cluster and str(other) not in draft["with"]]
    language = session.current().language
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"cluster_row_{cluster}"):
        st.color_picker(
            t("clusters.colour"),
            help=t("clusters.colour_help"),
            disabled=is_joined,
            **entry("colours", cluster_colour(answer, cluster)),
        )
        st.text_input(
            t("clusters.name_of", number=cluster + 1, n=int(answer.clusters["n"].iloc[cluster])),
            placeholder=proposed,
            max_chars=_LONGEST,
            disabled=is_joined,
            width=340,
            **entry("names", draft["names"].get(place, answer.names.get(cluster, ""))),
        )
        st.selectbox(
            t("clusters.with"),
            ["", *others],
            format_func=lambda other: (
                demo.covered(cluster_name(answer, int(other), language)) if other else t("clusters.with_none")
            ),
            width=220,
            **entry("with", draft["with"].get(place, "")),
        )


def _nearest(colour: str) -> str:
    """The one of the twelve colours, which everybody can tell apart, that is nearest."""

    def parts(one: str) -> list[int]:
        return [int(one[at : at + 2], 16) for at in (1, 3, 5)]

    wanted = parts(colour)
    return min(
        STAGE_COLOURS,
        key=lambda one: sum((a - b) ** 2 for a, b in zip(parts(one), wanted, strict=True)),
    )


def _saving(answer: Segments) -> Any:
    """One edit: the model, and a segment for each of its groups."""

    def save() -> None:
        draft, shown = _draft(answer), named(answer)
        language, now = session.current().language, dt.datetime.now(dt.UTC).date().isoformat()
        id_ = secrets.token_hex(6)
        groups: list[dict[str, Any]] = []
        changed: dict[str, Any] = {}
        for cluster in range(answer.k):
            if str(cluster) in draft["with"]:
                continue
            joined = [int(place) for place, other in draft["with"].items() if int(other) == cluster]
            clusters = sorted([cluster, *joined])
            group = {
                "name": cluster_name(shown, cluster, language)[:_LONGEST],
                "clusters": clusters,
                "colour": cluster_colour(shown, cluster),
                "segment": secrets.token_hex(6),
            }
            groups.append(group)
            changed[f"{BEGINNING}{group['segment']}"] = {
                "name": group["name"],
                "rule": {"cluster": {"model": id_, "groups": clusters}},
                "colour": group["colour"],
                "about": draft.get("about", ""),
            }
        title = draft.get("title") or " / ".join(group["name"] for group in groups[:2])
        changed[f"{OF_MODELS}{id_}"] = {
            "name": title[:_LONGEST],
            "about": draft.get("about", ""),
            "model": json.loads(json.dumps(dict(answer.model))),
            "groups": groups,
            "features": list(answer.offers),
            "method": answer.method,
            "saved": now,
        }
        session.edit({"op": "settings", "values": {**changed, DRAFT: None}})
        toasts.say(md("clusters.saved_done", n=len(groups)))

    return save
