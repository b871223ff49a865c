"""How long somebody waits who guesses: a little longer after each wrong try."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil

__all__ = ["Throttle"]

_FREE_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 900.0
_FORGET_SECONDS = 3600.0


class Throttle:
    """Counts wrong tries by address, and those of all addresses together.

    A try counts as wrong from its beginning until it turns out right, so that many at once are not free.
    After five an address waits 5 seconds, then 10, 20, and so on up to a quarter of an hour; an hour of
    peace makes good. Of all addresses together `most` tries a minute may be wrong.
    """

    def __init__(
        self, *, most: int = 60, addresses: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._addresses, self._clock = most, addresses, clock
        # Address -> how many wrong tries, when the last was, and when the next may be.
        self._tries: OrderedDict[str, tuple[int, float, float]] = OrderedDict()
        self._minute: deque[float] = deque()
        self._lock = threading.Lock()

    def begin(self, address: str | None) -> int:
        """Seconds to wait; 0 lets the try begin."""
        with self._lock:
            now, place = self._clock(), _neighbourhood(address)
            while self._minute and self._minute[0] <= now - 60:
                self._minute.popleft()
            tries, last, free = self._tries.get(place, (0, now, now))
            if free > now:
                return ceil(free - now)
            if len(self._minute) >= self._most:
                return ceil(self._minute[0] + 60 - now)
            if now - last > _FORGET_SECONDS:
                tries = 0
            tries += 1
            wait = 0.0 if tries < _FREE_TRIES else _FIRST_WAIT * 2.0 ** min(tries - _FREE_TRIES, 20)
            self._tries[place] = (tries, now, now + min(wait, _LONGEST_WAIT))
            self._tries.move_to_end(place)
            self._minute.append(now)
            while len(self._tries) > self._addresses:
                self._tries.popitem(last=False)
            return 0

    def right(self, address: str | None) -> None:
        """The try that was begun was right: the address starts anew."""
        with self._lock:
            self._tries.pop(_neighbourhood(address), None)
            if self._minute:
                self._minute.pop()


def _neighbourhood(address: str | None) -> str:
    """One line has many addresses of version 6: they count as one."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
