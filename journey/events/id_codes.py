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
    known = dict.fromkeys(map(_owner, texts))
    if among is not None:
        known |= dict.fromkeys(map(_owner, _texts(among)))
    codes = _codes(list(known), key)
    return [f"{prefix}{codes[_owner(text)]}{_number(text)}" for text in texts]


def _codes(ids: list[str], key: bytes) -> dict[str, str]:
    """The shortest code of each id that no other id of the list has."""
    if not ids:
        return {}
    hashes = b"".join([hmac.digest(key, one.encode("utf-8", "surrogatepass"), "sha256")[:15] for one in ids])
    octets = np.frombuffer(hashes, dtype=np.uint8).reshape(len(ids), 15)
    codes = _text(octets, _SHORT)
    heads = np.zeros((len(ids), 8), dtype=np.uint8)
    heads[:, :5] = octets[:, :5]  # the bytes of eight letters
    shared = _repeated(heads.view(np.uint64)[:, 0])
    for length in range(_SHORT + 4, _LONGEST + 1, 4):
        if not len(shared):
            break
        codes = codes.astype(f"U{length}")
        codes[shared] = _text(octets[shared], length)
        shared = shared[_repeated(codes[shared])]
    return dict(zip(ids, codes.tolist(), strict=True))


def _repeated(values: np.ndarray) -> np.ndarray:
    """Where the values stand that occur more than once."""
    inorder = np.sort(values)
    return np.flatnonzero(np.isin(values, inorder[1:][inorder[1:] == inorder[:-1]]))


def _text(octets: np.ndarray, length: int) -> np.ndarray:
    """The first letters of each row, five bits each, as one string."""
    bits = np.unpackbits(octets[:, : -(-length * 5 // 8)], axis=1)[:, : length * 5]
    values = np.packbits(bits.reshape(-1, length, 5), axis=2)[:, :, 0] >> 3
    return np.ascontiguousarray(_LETTERS[values]).view(f"S{length}")[:, 0].astype(f"U{length}")


def _texts(ids: Iterable[str] | pa.LargeStringArray) -> list[str]:
    return ids.to_pylist() if isinstance(ids, pa.Array | pa.ChunkedArray) else list(ids)


def _owner(unit: str) -> str:
    """The customer of a unit."""
    return unit.rpartition(_UNIT)[0] if _UNIT in unit else unit


def _number(unit: str) -> str:
    """ "-number" of a session, nothing of a customer."""
    return f"-{unit.rpartition(_UNIT)[2]}" if _UNIT in unit else ""
