"""Who is it? Customer ids as clean text, and the words that mean nobody."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["LONGEST", "NO_CUSTOMER", "clean_ids", "clean_texts", "is_plain", "shortened"]

# Characters. A longer text is no name: a cell that swallowed a file would stand in every chart and list.
LONGEST = 1000
_MARK = 12

NO_CUSTOMER = frozenset(("", "na", "null", "none", "-", "(not set)"))
_NOBODY = pa.array(sorted(NO_CUSTOMER), pa.large_string())
_NOBODY_LENGTHS = pa.array(sorted({len(word) for word in NO_CUSTOMER}), pa.int64())


def is_plain(texts: pa.ChunkedArray) -> bool:
    """No cell holds a space, a control character or anything beyond ASCII: nothing to trim or normalise."""
    for chunk in texts.chunks:
        offsets, data = chunk.buffers()[1:]
        if data is None or not len(chunk):
            continue
        ends = np.frombuffer(offsets, np.int64, count=len(chunk) + 1, offset=8 * chunk.offset)
        octets = np.frombuffer(data, np.uint8, count=int(ends[-1]))[int(ends[0]) :]
        # In signed form both what is below '!' and what is beyond ASCII are small: one look at each byte.
        if len(octets) and int(octets.view(np.int8).min()) <= 0x20:
            return False
    return True


def clean_texts(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """NFC, trimmed, case kept."""
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    if is_plain(texts):
        return texts
    return pc.utf8_trim_whitespace(pc.utf8_normalize(texts, "NFC"))


def shortened(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, int]:
    """Texts of at most `LONGEST` characters, and how many had to be cut; different ones stay different.

    A cut text ends in … and a digest of the whole.
    """
    lengths = pc.binary_length(texts)
    if not len(texts) or (pc.max(lengths).as_py() or 0) <= LONGEST:
        return texts, 0
    cut = 0
    done: list[str | None] = []
    for text in texts.to_pylist():
        if text is not None and len(text) > LONGEST:
            digest = hashlib.sha256(text.encode()).hexdigest()[:_MARK]
            text, cut = f"{text[: LONGEST - _MARK - 1]}…{digest}", cut + 1
        done.append(text)
    return pa.array(done, pa.large_string()), cut


def clean_ids(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Customer ids: cleaned text, null where it means nobody; 123.0 becomes 123 in a numeric column."""
    texts = clean_texts(texts)
    short = pc.is_in(pc.cast(pc.binary_length(texts), pa.int64()), _NOBODY_LENGTHS)
    if pc.any(short).as_py():
        nobody = pc.and_(short, pc.is_in(pc.utf8_lower(texts), _NOBODY))
        if pc.any(nobody).as_py():
            texts = pc.if_else(nobody, pa.scalar(None, pa.large_string()), texts)
    if pc.any(pc.ends_with(texts, ".0")).as_py():
        numeric = pc.match_substring_regex(texts, r"^-?\d+(\.0+)?$")
        if pc.all(numeric).as_py():
            texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    return texts
