"""Words that only this server can have written: sealed with a key, and good until a moment."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["Seal"]

_MOST_LETTERS = 4096


class Seal:
    """Seals and opens values with a key of its own for each `purpose`."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = hmac.digest(key, purpose.encode(), hashlib.sha256)

    def sealed(self, values: Mapping[str, Any], until: float) -> str:
        """The values as letters that fit a header or a cookie."""
        body = base64.urlsafe_b64encode(json.dumps({**values, "until": until}).encode())
        return f"{body.decode()}.{self._mark(body)}"

    def opened(self, text: str | None, now: float) -> dict[str, Any] | None:
        """The values; None where another key sealed them, somebody changed them, or their time is over."""
        body, dot, mark = (text or "").partition(".")
        if not dot or not text or len(text) > _MOST_LETTERS or not text.isascii():
            return None
        if not hmac.compare_digest(mark, self._mark(body.encode())):
            return None
        try:
            values: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
        except (binascii.Error, ValueError):
            return None
        return values if values.get("until", 0) > now else None

    def _mark(self, body: bytes) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, body, hashlib.sha256)).decode()
