"""The lists of attributes that Postfix's programs exchange over their sockets.

attr_print0(3): each name and each value ends in a NUL, and one more NUL ends the list. What is
not text is base64.
"""

from __future__ import annotations

from typing import BinaryIO

Attributes = list[tuple[bytes, bytes]]

MOST_OCTETS = 1 << 20
MOST_ATTRIBUTES = 1000


def written(*attributes: tuple[str, bytes | str | int], more: bool = False) -> bytes:
    """A list of attributes; `more` leaves it open."""
    parts = []
    for name, value in attributes:
        octets = value if isinstance(value, bytes) else str(value).encode()
        if b"\0" in octets:
            raise ValueError(f"{name} holds a NUL")
        parts.append(name.encode() + b"\0" + octets + b"\0")
    return b"".join(parts) + (b"" if more else b"\0")


def read(stream: BinaryIO) -> Attributes:
    """The next list; empty at the end of the stream. Raises ValueError for an endless one."""
    found: Attributes = []
    while name := _text(stream):
        found.append((name, _text(stream)))
        if len(found) > MOST_ATTRIBUTES:
            raise ValueError("too many attributes")
    return found


def _text(stream: BinaryIO) -> bytes:
    octets = bytearray()
    while (octet := stream.read(1)) not in (b"", b"\0"):
        octets += octet
        if len(octets) > MOST_OCTETS:
            raise ValueError("an attribute is too long")
    return bytes(octets)
