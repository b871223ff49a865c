"""Why it is hard there: causes of friction that a team assigns to a stage or an event."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import SettingWrong

__all__ = ["BEGINNING", "CAUSES", "Assigned", "assigned", "content", "setting_of"]

# The five causes of friction, and what is no friction for customers but for nothing: a touchpoint too many.
CAUSES = ("missing_channel", "waiting", "identify_again", "lost", "inconsistent", "redundant")
# A project keeps each line as a setting of its own, so that two people may work on two lines at once.
BEGINNING = "friction.cause."
_KINDS = ("stage", "event")


@dataclass(frozen=True)
class Assigned:
    """What a team thinks of one stage (`name` is its id) or event, and who said so last."""

    kind: str
    name: str
    causes: tuple[str, ...]
    by: str = ""


def setting_of(kind: str, name: str) -> str:
    """The name of the setting that holds the causes of a line: always the same one."""
    digest = hashlib.sha256(f"{kind}\x1f{name}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{BEGINNING}{digest[:12]}"


def content(kind: str, name: str, causes: Collection[str], *, by: str = "") -> dict[str, Any] | None:
    """What the setting holds; None, which takes it away, for no causes. Raises SettingWrong."""
    if kind not in _KINDS:
        raise SettingWrong(setting="kind", value=kind, allowed=list(_KINDS))
    unknown = sorted(set(causes) - set(CAUSES))
    if unknown:
        raise SettingWrong(setting="causes", value=", ".join(unknown), allowed=list(CAUSES))
    own = [cause for cause in CAUSES if cause in causes]
    place = {"stage": name} if kind == "stage" else {"name": name}
    return {"kind": kind, **place, "causes": own, "by": by} if own else None


def assigned(settings: Mapping[str, Any]) -> tuple[Assigned, ...]:
    """All that a project's settings say, stages first, by name; what is not written like this is left out."""
    found = []
    for setting, value in settings.items():
        if not setting.startswith(BEGINNING) or not isinstance(value, Mapping):
            continue
        kind, causes, by = value.get("kind"), value.get("causes"), value.get("by", "")
        name = value.get("stage") if kind == "stage" else value.get("name")
        if kind not in _KINDS or not isinstance(name, str) or not isinstance(causes, list | tuple):
            continue
        known = tuple(cause for cause in CAUSES if cause in causes)
        if known:
            found.append(Assigned(str(kind), name, known, by if isinstance(by, str) else ""))
    return tuple(sorted(found, key=lambda one: (one.kind != "stage", one.name)))
