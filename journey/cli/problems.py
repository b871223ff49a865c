"""What only the command line can get wrong; each has a sentence in the catalogue file cli."""

from __future__ import annotations

from journey.errors import JourneyError, Misuse, Unreadable

__all__ = ["CannotOpen", "InFile", "NoJourney", "Usage"]


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


class NoJourney(Unreadable):
    """A file that says nothing about customers; `reason` is the finding that says why, `have` its columns."""

    code = "no_journey"

    @property
    def key(self) -> str:
        """The reason, and how to say otherwise."""
        return "cli.no_journey"


class InFile(JourneyError):
    """The `problem` of the file called `name`."""

    code = "in_file"

    def __init__(self, name: str, problem: JourneyError) -> None:
        super().__init__(name=name)
        self.name = name
        self.problem = problem
