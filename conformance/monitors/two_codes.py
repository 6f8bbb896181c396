"""Replies whose lines have different codes: the client may go by any of them.

RFC 5321 section 4.2.1: all lines of a reply have one code, so a client may decide by any line.
Behind a reply that breaks this, the client may know another state than the last line tells.
"""

from __future__ import annotations

import re

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import Violation
from conformance.monitors.talk import Talk

REASON = "a reply before it has two codes, and a client may go by either (RFC 5321 section 4.2.1)"

_CODE_CLASS = re.compile(rb"(?:\A|\r\n)([0-9])[0-9][0-9]")


def is_behind_two_codes(talk: Talk, violation: Violation) -> bool:
    """Whether a reply before the violation, in the same connection, has codes of two classes."""
    at = violation.at
    for number, connection in enumerate(talk.connections, start=1):
        if isinstance(at, Frame) and at.connection != number:
            continue
        replies = (each.reply for each in connection.exchanges)
        if any(reply and reply.first < at.seq and _has_two(reply) for reply in replies):
            return True
    return False


def _has_two(reply: Frame) -> bool:
    if reply.protocol == "pop3" or reply.kind is not FrameKind.REPLY:
        return False
    return len(set(_CODE_CLASS.findall(reply.octets))) > 1
