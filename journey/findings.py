"""What an answer has to say, before it is said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """A code and its numbers; the catalogue of a language turns it into one sentence.

    `code` is a catalogue key such as ``flows.largest_exit``; `values` fills the holes of that sentence.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
