"""What only the command line can get wrong; each has a sentence in the catalogue file cli."""

from __future__ import annotations

from journey.errors import Misuse, Unreadable

__all__ = ["CannotOpen", "Usage"]


class CannotOpen(Unreadable):
    """`file` could not be opened; `reason` is missing, folder, denied or broken."""

    code = "cannot_open"

    @property
    def key(self) -> str:
        """One sentence for each reason."""
        return f"cli.cannot_open_{self.values['reason']}"


class Usage(Misuse):
    """The arguments do not fit together; `key` is a sentence of the catalogue file cli."""

    code = "usage"

    @property
    def key(self) -> str:
        """One sentence for each `what`."""
        return f"cli.usage_{self.values['what']}"
