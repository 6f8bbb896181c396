"""Where to listen, as it is written on the command line: `PORT`, `ADDR:PORT`, `[::1]:PORT`."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

MOST_WAITING = 128
"""Connections that the kernel keeps until they are accepted."""


class CannotListen(Exception):
    """Nobody can listen there; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of this machine, empty for the usual one, and a port, 0 for a free one."""

    host: str
    port: int

    def at(self, usual: str) -> Place:
        """This place, with the usual address where it names none."""
        return Place(self.host or usual, self.port)


def read(text: str) -> Place:
    """The place; raises ValueError with a sentence."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"an IPv6 address stands in brackets, as in [::1]:{port}, not {text!r}")
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and int(port) < 65536):
        raise ValueError(f"must be PORT or ADDR:PORT, with a port from 0 to 65535, not {text!r}")
    return Place(host, int(port))


def listen(place: Place) -> socket.socket:
    """A listening socket that never blocks; raises CannotListen."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        made = socket.create_server((place.host, place.port), family=family, backlog=MOST_WAITING)
    except (OSError, UnicodeError) as error:
        where = f"{place.host} port {place.port}" if place.port else place.host
        raise CannotListen(f"cannot listen on {where}: {_why(error)}") from None
    made.setblocking(False)
    return made


def _why(error: OSError | UnicodeError) -> str:
    """What the system says; Python adds the address, which is said already."""
    number = getattr(error, "errno", None) or 0
    return os.strerror(number) if number > 0 else str(getattr(error, "strerror", "") or error)
