"""The body of a message, for a client that writes header fields of its own."""

from __future__ import annotations

import base64
import quopri
import re

_ENCODING = re.compile(
    rb"(?im)^content-transfer-encoding:[ \t]*(quoted-printable|base64)[ \t]*\r?$"
)


def body_of(octets: bytes) -> bytes:
    """What follows the header and its empty line; everything if there is no empty line."""
    for end in (b"\r\n", b"\n"):
        if octets.startswith(end):
            return octets.removeprefix(end)
        _, found, body = octets.partition(2 * end)
        if found:
            return body
    return octets


def has_header(octets: bytes) -> bool:
    """Whether an empty line ends a header, be it empty."""
    return octets != body_of(octets)


def as_meant(octets: bytes) -> bytes:
    """The body of a message that a client composed; decoded, if its header says how."""
    body = body_of(octets)
    found = _ENCODING.search(octets.removesuffix(body))
    if found is None:
        return body
    if found.group(1).lower() == b"base64":
        return base64.b64decode(body)
    return quopri.decodestring(body)


def is_text_of_lines(octets: bytes) -> bool:
    """Whether it has no CR and no LF but those that end its lines together."""
    return not {13, 10} & set(octets.replace(b"\r\n", b""))
