"""The operations that a board sends, each with a number that grows, and what it is answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from journey.errors import JourneyError, SettingWrong
from journey.findings import Finding
from journey.projects.state import ProjectState

__all__ = ["Acknowledgement", "Refusal", "client_id", "queued"]

_CLIENT = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LARGEST_SEQ = 2**53


@dataclass(frozen=True)
class Refusal:
    """An operation of a batch that could not be done, for example on a stage that is gone."""

    seq: int
    error: JourneyError


@dataclass(frozen=True)
class Acknowledgement:
    """`seq` is the last operation that the client need not send again; `state` is the state after it.

    `over` says of operations that were done what they went over unseen, or had to leave to others.
    """

    seq: int
    state: ProjectState
    refused: tuple[Refusal, ...] = ()
    over: tuple[tuple[int, Finding], ...] = ()


def queued(ops: Iterable[Mapping[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Each operation by its number, in order; SettingWrong for one without."""
    numbered = sorted(((_seq(op), op) for op in ops), key=lambda entry: entry[0])
    return [(seq, {name: value for name, value in op.items() if name != "seq"}) for seq, op in numbered]


def client_id(client: Any) -> str:
    """The name that a board gave itself, as it came from outside; SettingWrong for what can be none."""
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        raise SettingWrong(setting="client", value=str(client)[:64], allowed=_CLIENT.pattern)
    return client


def _seq(op: Any) -> int:
    seq = op.get("seq") if isinstance(op, Mapping) else None
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq < _LARGEST_SEQ:
        raise SettingWrong(setting="seq", value=str(seq)[:64], allowed=f"1..{_LARGEST_SEQ - 1}")
    return seq
