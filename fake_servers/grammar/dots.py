"""Transparency of message data (RFC 1939 section 3, RFC 5321 section 4.5.2).

A line begins at the start of the message or after CRLF, and nowhere else.
"""

from __future__ import annotations

import re

_LEADING_DOT = re.compile(rb"(\A|\r\n)\.")


def stuff(message: bytes) -> bytes:
    """Put one more dot before each line that begins with one."""
    return _LEADING_DOT.sub(rb"\1..", message)


def unstuff(data: bytes) -> bytes:
    """Take one dot from each line that begins with one."""
    return _LEADING_DOT.sub(rb"\1", data)


def multiline(body: bytes) -> bytes:
    """The rest of a multi-line reply: `body` stuffed, a CRLF if it lacks one, the lone dot."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    return stuff(body) + b".\r\n"
