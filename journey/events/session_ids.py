"""What sessions are called: the id of their customer and a number, written only for those who are listed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["SessionIds"]

_BETWEEN = "\x1f"


class SessionIds:
    """One text id a session, "customer\\x1fnumber"; sessions of a customer are numbered from 1.

    It stands where a log has an array of texts and can do what is asked of that: a log of many sessions would
    spend most of its time on names that nobody looks at. `owners` are the ids of the customers; `owner` says
    whose each session is, and ascends.
    """

    def __init__(
        self, owners: pa.LargeStringArray | SessionIds, owner: np.ndarray, some: np.ndarray | None = None
    ) -> None:
        self._owners, self._owner = owners, owner
        self._some = np.arange(len(owner), dtype=np.int32) if some is None else some

    def __len__(self) -> int:
        return len(self._some)

    def __getitem__(self, part: slice) -> SessionIds:
        return SessionIds(self._owners, self._owner, self._some[part])

    def take(self, places: pa.Array | np.ndarray) -> SessionIds:
        """The ids at these positions, in their order."""
        return SessionIds(self._owners, self._owner, self._some.take(np.asarray(places, dtype=np.int64)))

    def customers(self) -> pa.LargeStringArray:
        """For each session the id of its customer."""
        found = self._owners.take(pa.array(self._owner.take(self._some)))
        return found.customers() if isinstance(found, SessionIds) else found

    def texts(self) -> pa.LargeStringArray:
        """All ids, written out."""
        owner = self._owner.take(self._some)
        number = self._some - np.searchsorted(self._owner, owner) + 1
        customers = self._owners.take(pa.array(owner))
        return pc.binary_join_element_wise(
            customers.texts() if isinstance(customers, SessionIds) else customers,
            pc.cast(pa.array(number), pa.large_string()),
            pa.scalar(_BETWEEN, pa.large_string()),
        )

    def to_pylist(self) -> list[str]:
        return list(self.texts().to_pylist())
