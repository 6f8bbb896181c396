"""Delivery variants: how one write of a server is cut into pieces on the wire."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

HEAD = 2048
"""Octets at the start of a write that the variant `octets` sends one at a time."""

TAIL = 64
"""Octets at the end of a write that the variant `octets` sends one at a time."""

CRLF = b"\r\n"

DRIBBLE_LIMIT = 5
"""The most octets in a piece of the variant `dribble`."""

PAUSE_MS = 1
"""The longest pause of the variant `dribble`; it ends when the client has read everything."""

PAUSES_A_WRITE = 2
"""After the first piece and in the middle of a write: few, but in every write."""

LOOPBACK = "127.0.0.1"
LOOPBACK_IPV6 = "::1"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way to deliver what a server writes.

    name     the variant's name in reports and on the command line
    cut      gives the pieces of one write; joined, they are the write again
    joins    replies are held back while there is more from the client to answer
    pauses   the number of pauses of PAUSE_MS that a connection has, at most PAUSES_A_WRITE in
             a write; a variant with pauses does not wait until a piece was read
    host     the address that the server listens on
    tls      the whole conversation uses implicit TLS
    """

    name: str
    cut: Callable[[bytes], list[bytes]]
    joins: bool = False
    pauses: int = 0
    host: str = LOOPBACK
    tls: bool = False

    def pieces(self, octets: bytes) -> list[bytes]:
        """The pieces of one write, in order, none of them empty."""
        return self.cut(octets) if octets else []

    @property
    def cuts(self) -> bool:
        """Whether a write may leave in more than one piece, each waiting for the one before."""
        return not self.pauses and len(self.cut(CRLF)) > 1

    @property
    def needs(self) -> str:
        """The feature that a client must have, empty where any will do."""
        if self.tls:
            return "tls.implicit"
        return "ipv6" if self.host == LOOPBACK_IPV6 else ""


def uncut(octets: bytes) -> list[bytes]:
    """The write as it is."""
    return [octets]


def single_octets(octets: bytes) -> list[bytes]:
    """One octet at a time; the middle of a long write, between HEAD and TAIL, whole."""
    if len(octets) <= HEAD + TAIL:
        return [octets[i : i + 1] for i in range(len(octets))]
    end = len(octets) - TAIL
    head = [octets[i : i + 1] for i in range(HEAD)]
    return [*head, octets[HEAD:end], *(octets[i : i + 1] for i in range(end, len(octets)))]


def inside_crlf(octets: bytes) -> list[bytes]:
    """Cut after each CR of a CRLF, so that the next piece begins with the LF."""
    pieces = []
    start = 0
    at = octets.find(CRLF)
    while at >= 0:
        pieces.append(octets[start : at + 1])
        start = at + 1
        at = octets.find(CRLF, start)
    pieces.append(octets[start:])
    return pieces


def few_octets(octets: bytes) -> list[bytes]:
    """1 to 5 octets at a time, the same for the same octets; what follows HEAD whole."""
    lengths = random.Random(len(octets))
    pieces = []
    start = 0
    while start < min(len(octets), HEAD):
        end = start + lengths.randint(1, DRIBBLE_LIMIT)
        pieces.append(octets[start:end])
        start = end
    if start < len(octets):
        pieces.append(octets[start:])
    return pieces


VARIANTS: dict[str, Delivery] = {
    delivery.name: delivery
    for delivery in (
        Delivery("whole", uncut),
        Delivery("octets", single_octets),
        Delivery("crlf", inside_crlf),
        Delivery("coalesced", uncut, joins=True),
        Delivery("dribble", few_octets, pauses=20),
        Delivery("ipv6", uncut, host=LOOPBACK_IPV6),
        Delivery("tls", uncut, tls=True),
    )
}
"""Every variant by its name, in the order in which the variants run."""


@cache
def has_ipv6() -> bool:
    """Whether this machine has the address ::1."""
    try:
        with socket.create_server((LOOPBACK_IPV6, 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
