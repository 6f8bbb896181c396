"""Dot stuffing of message data (RFC 1939 section 3, RFC 5321 section 4.5.2).

A line starts at the start of the message or after CRLF, and nowhere else.
"""

from __future__ import annotations

import re

_LEADING_DOT = re.compile(rb"(\A|\r\n)\.")


def stuff(message: bytes) -> bytes:
    """Add a dot to the start of each line that starts with one."""
    return _LEADING_DOT.sub(rb"\1..", message)


def unstuff(data: bytes) -> bytes:
    """Remove one dot from the start of each line that starts with one."""
    return _LEADING_DOT.sub(rb"\1", data)


def multiline(body: bytes) -> bytes:
    """A multi-line reply after its first line: `body` stuffed, a last CRLF, the final dot."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    return stuff(body) + b".\r\n"
