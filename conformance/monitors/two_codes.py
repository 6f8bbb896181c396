"""Replies whose lines have different codes: the client may go by any of them.

RFC 5321 section 4.2.1: all lines of a reply have one code, so a client may decide by any line.
Behind a reply that breaks this, the client may know another state than the last line tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import Violation
from conformance.monitors.talk import Talk

REASON = "a reply before it has two codes, and a client may go by either (RFC 5321 section 4.2.1)"

_CODE_CLASS = re.compile(rb"(?:\A|\r\n)([0-9])[0-9][0-9]")


def find(talk: Talk) -> dict[int, int]:
    """The first reply with codes of two classes in each connection that has one.

    Gives the `seq` of its first octet by the number of the connection, which begins at 1.
    """
    found: dict[int, int] = {}
    for number, connection in enumerate(talk.connections, start=1):
        for exchange in connection.exchanges:
            if exchange.reply is not None and _has_two(exchange.reply):
                found[number] = exchange.reply.first
                break
    return found


def is_before(found: Mapping[int, int], violation: Violation) -> bool:
    """Whether one of these replies came before the violation; a frame has its own connection."""
    at = violation.at
    if isinstance(at, Frame):
        return found.get(at.connection, at.seq) < at.seq
    return any(first < at.seq for first in found.values())


def _has_two(reply: Frame) -> bool:
    if reply.protocol == "pop3" or reply.kind is not FrameKind.REPLY:
        return False
    return len(set(_CODE_CLASS.findall(reply.octets))) > 1
