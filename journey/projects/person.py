"""Who works on a project: the store asks it before it opens one, and every edit bears its name."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LOCAL", "Person"]


@dataclass(frozen=True)
class Person:
    """Somebody who works on projects.

    `id` says who it is: the verified e-mail in small letters, where there is a login for each. `name` is what
    others read beside an edit. Whoever `sees_all` may do everything with every project: those at this
    machine's own screen, and those who share one passphrase.
    """

    id: str
    name: str = ""
    sees_all: bool = False

    @property
    def key(self) -> str:
        """Whose edits are one's own: people who share an id are told apart by their names."""
        return f"{self.id}/{self.name}" if self.sees_all and self.name else self.id


# Without a login all who use this machine are one.
LOCAL = Person("local", sees_all=True)
