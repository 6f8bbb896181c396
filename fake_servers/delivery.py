"""Delivery variants: how one write of a server is cut into pieces on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD = 2048
"""Octets at the begin of a write that the variant `octets` sends one at a time."""

TAIL = 64
"""Octets at the end of a write that the variant `octets` sends one at a time."""

CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way to deliver what a server writes.

    name  the variant's name in reports and on the command line
    cut   gives the pieces of one write; joined they are the write again
    """

    name: str
    cut: Callable[[bytes], list[bytes]]

    def pieces(self, octets: bytes) -> list[bytes]:
        """The pieces of one write, in order, none of them empty."""
        return self.cut(octets) if octets else []


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
    """A piece ends after each CR of a CRLF, so that the next one begins with its LF."""
    pieces = []
    start = 0
    at = octets.find(CRLF)
    while at >= 0:
        pieces.append(octets[start : at + 1])
        start = at + 1
        at = octets.find(CRLF, start)
    pieces.append(octets[start:])
    return pieces


VARIANTS: dict[str, Delivery] = {
    delivery.name: delivery
    for delivery in (
        Delivery("whole", uncut),
        Delivery("octets", single_octets),
        Delivery("crlf", inside_crlf),
    )
}
"""Every variant by its name, in the order in which they run."""
