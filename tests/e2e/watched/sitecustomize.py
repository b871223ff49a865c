"""Python imports this by itself at its start: from then on no socket of the process leaves the machine.

`outside.watched` copies it to a folder of its own and names that in PYTHONPATH, which readers of files keep,
too. Whom the process tried to reach is written beside this file.
"""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any

CALLED = Path(__file__).with_name("called.txt")


def is_here(host: Any) -> bool:
    """Whether this host is the machine itself: its loopback, by number or name, or a file."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not host or host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(event: str, values: tuple[Any, ...]) -> None:
    """Write down and refuse what would leave; looking up a name asks somebody else, so that counts."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = values[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = values[0]
    else:
        return
    if not is_here(host):
        with CALLED.open("a", encoding="utf-8") as called:
            called.write(f"{event} {host}\n")
        raise ConnectionRefusedError(f"a test may not reach {host}")


sys.addaudithook(refuse)
