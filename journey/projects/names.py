"""What somebody called a project, or a state of it, as it is kept."""

from __future__ import annotations

import unicodedata

from journey.errors import SettingWrong

__all__ = ["one_line"]


def one_line(name: str, longest: int) -> str:
    """The name in NFC, in one line and at most so long; raises SettingWrong for an empty one."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in name)
    kept = " ".join(unicodedata.normalize("NFC", shown).split())[:longest].rstrip()
    if not kept:
        raise SettingWrong(setting="name", value="", allowed=f"1-{longest}")
    return kept
