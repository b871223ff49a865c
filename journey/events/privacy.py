"""Codes that stand for customers where their ids must not be seen."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

__all__ = ["mask_ids"]

# Crockford's base 32: no I, L, O and U, so that a code read aloud or typed is not another one.
_LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)
_SHORT, _LONGEST = 8, 24
_UNIT = "\x1f"


def mask_ids(
    ids: Iterable[str] | pa.LargeStringArray,
    key: bytes,
    *,
    among: Iterable[str] | pa.LargeStringArray | None = None,
    prefix: str = "C-",
) -> list[str]:
    """Who is this, without saying who? One code an id, in the order of the ids: "C-7F3A9K2M".

    A code is the start of a keyed hash (HMAC-SHA256) of the id: the same id and key give the same code in
    every table and on every machine, and without the key nobody can try ids until one fits.
    Eight letters are 40 bits. Ids that share them (one pair is likely from about a million customers) all
    get as many letters, four at a time, as tell them apart; give all the log's ids as `among` where codes of
    a few customers must be those that the whole log has.
    A unit of a log by session ("customer, number") has its customer's code and its number: "C-7F3A9K2M-2".
    """
    texts = _texts(ids)
    owners, numbers = zip(*(_split(text) for text in texts), strict=True) if texts else ((), ())
    known = set(owners)
    if among is not None:
        known |= {_split(text)[0] for text in _texts(among)}
    codes = _codes(sorted(known), key)
    return [f"{prefix}{codes[owner]}{number}" for owner, number in zip(owners, numbers, strict=True)]


def _codes(ids: list[str], key: bytes) -> dict[str, str]:
    """The shortest code of each id that no other id of the list has."""
    if not ids:
        return {}
    hashes = b"".join([hmac.digest(key, one.encode("utf-8", "surrogatepass"), "sha256")[:15] for one in ids])
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8).reshape(len(ids), 15), axis=1)
    values = np.packbits(bits.reshape(len(ids), _LONGEST, 5), axis=2)[:, :, 0] >> 3
    letters = _LETTERS[values]
    codes = _text(letters, _SHORT)
    shared = np.arange(len(ids))
    for length in range(_SHORT + 4, _LONGEST + 1, 4):
        _, group, sizes = np.unique(codes[shared], return_inverse=True, return_counts=True)
        shared = shared[sizes[group] > 1]
        if not len(shared):
            break
        codes = codes.astype(f"U{length}")
        codes[shared] = _text(letters[shared], length)
    return dict(zip(ids, codes.tolist(), strict=True))


def _text(letters: np.ndarray, length: int) -> np.ndarray:
    """The first letters of each row as one string."""
    return np.ascontiguousarray(letters[:, :length]).view(f"S{length}")[:, 0].astype(f"U{length}")


def _texts(ids: Iterable[str] | pa.LargeStringArray) -> list[str]:
    return ids.to_pylist() if isinstance(ids, pa.Array | pa.ChunkedArray) else list(ids)


def _split(text: str) -> tuple[str, str]:
    """The customer of a unit, and "-number" for a session."""
    owner, mark, number = text.rpartition(_UNIT)
    return (owner, f"-{number}") if mark else (text, "")
