"""What every board in the browser shares: the queue of its edits, menus, dragging, and Python's half of them.

A board draws a change at once and keeps it in a queue until Python has acknowledged it, so quick drops during
a slow run are neither lost nor done twice (docs/adr/0025-boards.md).

Browser to Python, a parcel: ``{"client": random id of this board, "n": number of the parcel, "ops": [{"seq",
"op", ..., "base"}]}``. It holds every op that is not acknowledged yet, oldest first, so ops come more than
once: whoever applies them skips `seq` <= the last one seen of that client. Each op says with ``base`` which
revision its maker had before their eyes.

Python to browser, beside the model: ``board`` (its key: a board that comes back from another page goes on
with what was not saved then), ``words``, ``ack`` ({client: seq}), ``heard`` ({"client", "n", "refused": {seq:
why}}: the last parcel handed over) and ``problem`` (why the parcel after it could not be kept, or "").

An op that was refused is either acknowledged and named in what `on_ops` answers, or not acknowledged though
it was heard; either way the board takes it back and says so. If `on_ops` raises NotStored, the parcel was
not heard: the board says why and sends it again until it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from journey.errors import NotStored, SignedOut
from journey.i18n import catalogue, text

__all__ = [
    "Op",
    "Parcel",
    "clean_parcel",
    "extra",
    "handing_over",
    "heard",
    "is_count",
    "script",
    "sent",
    "style",
]

_HERE = Path(__file__).parent
_SHARED = ("parts", "queue", "menus", "dragging")
_MOST_OPS = 200
_LARGEST_NUMBER = 2**53 - 1
_CLIENT = re.compile(r"[A-Za-z0-9-]{1,40}")

Op = dict[str, Any]


@dataclass(frozen=True)
class Parcel:
    """What one mount of a board sent: its id, the number of the parcel, and ops of ascending `seq`."""

    client: str
    n: int
    ops: tuple[Op, ...]


def script(*own: Path) -> str:
    """The scripts as one module, without the indents and comments that a browser has no use for."""
    files = [*(_HERE / f"{name}.js" for name in _SHARED), *own]
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def style(*own: Path) -> str:
    """The look that boards share, and what is laid over it."""
    return "\n".join(file.read_text("utf-8") for file in (_HERE / "base.css", *own))


def extra(key: str, words: str, language: str) -> dict[str, Any]:
    """What a board is told beside its model: sentences of a catalogue file, and what became of its edits."""
    start = f"{words}."
    known = catalogue(language).items()
    return {
        "board": key,
        "words": {name.removeprefix(start): one for name, one in known if name.startswith(start)},
        "heard": st.session_state.get(f"{key}.heard"),
        "ack": st.session_state.get(f"{key}.ack", {}),
        "problem": st.session_state.get(f"{key}.problem", ""),
    }


def handing_over(
    key: str,
    language: str,
    clean: Callable[[object], Parcel | None],
    on_ops: Callable[[str, list[Op]], Mapping[int, str] | None],
    seen: Callable[[str], int],
) -> Callable[[], None]:
    """The callback that hands the edits of the board of this key over before the next run draws anything.

    `on_ops(client, ops)` applies those with a `seq` above `seen(client)` and keeps how far it got. It may
    answer {seq: sentence} for the ops it refused. `seen(client)` is the last `seq` applied, 0 for a new
    client. Either may raise NotStored.
    """

    def hand_over() -> None:
        parcel = clean(st.session_state[key].get("ops"))
        if parcel is None:
            return
        try:
            refused = on_ops(parcel.client, list(parcel.ops)) or {}
            st.session_state[f"{key}.ack"] = {parcel.client: seen(parcel.client)}
        except (NotStored, SignedOut) as problem:
            st.session_state[f"{key}.problem"] = text(problem.key, language, **problem.values)
            return
        st.session_state[f"{key}.problem"] = ""
        st.session_state[f"{key}.heard"] = heard(st.session_state.get(f"{key}.heard"), parcel, refused)

    return hand_over


def sent(key: str, name: str) -> Any:
    """What the board of this key said last under this name; None when it said nothing."""
    return (st.session_state.get(key) or {}).get(name)


def clean_parcel(payload: object, clean_op: Callable[[Mapping[str, Any]], Op | None]) -> Parcel | None:
    """What can be trusted of a payload from the browser; None when nothing can.

    `clean_op` gives an op with its own fields and nothing else, or None. Ops come in ascending order of
    `seq`, at most 200, the oldest; what else is in there is left out.
    """
    if not isinstance(payload, Mapping):
        return None
    client, n, ops = payload.get("client"), payload.get("n"), payload.get("ops")
    if not isinstance(client, str) or not _CLIENT.fullmatch(client) or not is_count(n):
        return None
    if not isinstance(ops, list | tuple):
        return None
    clean: list[Op] = []
    last = 0
    for raw in ops[:_MOST_OPS]:
        if not isinstance(raw, Mapping) or not is_count(raw.get("seq")) or raw["seq"] <= last:
            continue
        op = clean_op(raw)
        if op is None:
            continue
        last = raw["seq"]
        clean.append({"seq": last, **op, **_base(raw.get("base"))})
    return Parcel(client, n, tuple(clean))


def _base(base: object) -> dict[str, Any]:
    return {"base": base} if is_count(base) or (base == 0 and base is not False) else {}


def heard(before: Mapping[str, Any] | None, parcel: Parcel, refused: Mapping[int, str]) -> dict[str, Any]:
    """What the board is told of its parcel.

    A run may be cut short by the next parcel before it has told of a refusal. An op stays in the parcels
    until the board knows its fate, so refusals of ops that are in this one are told again.
    """
    first = parcel.ops[0]["seq"] if parcel.ops else 0
    if before is not None and before["client"] == parcel.client:
        refused = {int(seq): why for seq, why in before["refused"].items() if int(seq) >= first} | {**refused}
    return {
        "client": parcel.client,
        "n": parcel.n,
        "refused": {str(seq): why for seq, why in refused.items()},
    }


def is_count(value: object) -> bool:
    """A whole number from one that a browser can hold exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_NUMBER
