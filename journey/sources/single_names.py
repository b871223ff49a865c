"""Names that come twice: each is handed out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

__all__ = ["SingleNames"]


class SingleNames:
    """A name as it is while it is not `taken`, then with the number of its copy, from `first` on.

    >>> names = SingleNames()
    >>> names.all(["a", "a.1", "a", "a"])
    ['a', 'a.1', 'a.2', 'a.3']
    """

    def __init__(self, taken: Iterable[str] = (), *, form: str = "{name}.{copy}", first: int = 1) -> None:
        self._form = form
        self._first = first
        self._taken = set(taken)
        # Where the search for a free number begins: a file may have 100,000 columns of one name.
        self._copies: Counter[str] = Counter()

    def of(self, name: str) -> str:
        """The name, or its next copy that is free."""
        single = name
        while single in self._taken:
            single = self._form.format(name=name, copy=self._first + self._copies[name])
            self._copies[name] += 1
        self._taken.add(single)
        return single

    def all(self, names: Iterable[str]) -> list[str]:
        """Each of the names in turn."""
        return [self.of(name) for name in names]
