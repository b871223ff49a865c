"""A saved clustering: a model that puts customers into clusters, and what people call these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journey.stages.segment import OF_MODELS, Rule, Segment, models

__all__ = ["Clustering", "Group", "clusterings", "users_of_model"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Group:
    """One or several clusters of a model under one name, and the id of the segment that they became."""

    name: str
    clusters: tuple[int, ...]
    colour: str = ""
    segment: str = ""


@dataclass(frozen=True)
class Clustering:
    """A saved model with its name, and how it was asked for: features, method and number of clusters."""

    id: str
    name: str
    model: Mapping[str, Any]
    groups: tuple[Group, ...] = ()
    features: tuple[str, ...] = ()
    method: str = "kmeans"
    saved: str = ""
    about: str = ""

    @property
    def k(self) -> int:
        return len(self.model["centres"])

    @property
    def names(self) -> dict[int, str]:
        """What each cluster is called; several of one group have one name."""
        return {one: group.name for group in self.groups for one in group.clusters if group.name}

    @property
    def colours(self) -> dict[int, str]:
        return {one: group.colour for group in self.groups for one in group.clusters if group.colour}


def clusterings(settings: Mapping[str, Any]) -> tuple[Clustering, ...]:
    """The saved clusterings among a project's settings, by name; what is none is left out."""
    found = [_read(id_, settings[f"{OF_MODELS}{id_}"], model) for id_, model in models(settings).items()]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))


def _read(id_: str, content: Mapping[str, Any], model: Mapping[str, Any]) -> Clustering:
    groups = content.get("groups")
    features = content.get("features")
    return Clustering(
        id=id_,
        name=_text(content.get("name")) or id_,
        model=model,
        groups=tuple(
            _group(one) for one in (groups if isinstance(groups, list) else []) if isinstance(one, Mapping)
        ),
        features=tuple(one for one in (features if isinstance(features, list) else []) if _text(one)),
        method=_text(content.get("method")) or "kmeans",
        saved=_text(content.get("saved")),
        about=_text(content.get("about")),
    )


def _group(content: Mapping[str, Any]) -> Group:
    clusters, colour = content.get("clusters"), _text(content.get("colour"))
    return Group(
        name=_text(content.get("name")),
        clusters=tuple(one for one in (clusters if isinstance(clusters, list) else []) if type(one) is int),
        colour=colour if _COLOUR.fullmatch(colour) else "",
        segment=_text(content.get("segment")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def users_of_model(id_: str, known: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments whose rules are about clusters of this saved model."""
    return tuple(one for one in known if _is_about(one.rule, id_))


def _is_about(rule: Rule, id_: str) -> bool:
    cluster = rule.get("cluster")
    if isinstance(cluster, Mapping):
        return bool(cluster.get("model") == id_)
    parts = [rule[word] for word in ("not", "among", "rule") if isinstance(rule.get(word), Mapping)]
    parts += [part for word in ("all", "any") for part in rule.get(word, ())]
    parts += [inner for inner in (rule.get("feature"),) if isinstance(inner, Mapping)]
    return any(_is_about(part, id_) for part in parts)
