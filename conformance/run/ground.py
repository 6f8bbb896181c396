"""Why a client may leave a session before the trace, or the goal, is over.

Nothing that the server did is no reason: a client that was called and sends nothing has not left
legally.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.model.framer import Frame, FrameKind, frame
from fake_servers.log import Event, Kind

_OF_THE_CLIENT = frozenset({"ok", "rejected-locally", "unsupported"})
"""Outcomes for which no server was at fault."""


def of_outcome(outcome: str) -> str:
    """The outcome of an earlier call that allows to leave, or the empty string."""
    return "" if outcome in _OF_THE_CLIENT else outcome


def on_the_wire(protocol: str, events: Iterable[Event], since: int = 0) -> str:
    """What the server did, from this event on, that allows to leave; empty if it did nothing."""
    log = list(events)
    for each in frame(protocol, log):
        if each.seq >= since and (ground := _of_frame(each)):
            return ground
    return "the end of the connection" if _was_ended(protocol, log, since) else ""


def _of_frame(each: Frame) -> str:
    if each.kind is FrameKind.SURPLUS:
        return "octets that nobody asked for"
    if each.kind not in (FrameKind.REPLY, FrameKind.BODY):
        return ""
    if not each.complete:
        return ""  # a client that closes within a reply is itself why that is cut
    if each.kind is FrameKind.BODY or each.positive or _asks_for_more(each):
        return ""
    return "a refusal" if each.negative else "a malformed reply"


def _asks_for_more(reply: Frame) -> bool:
    """Whether it is a challenge, or asks for the message."""
    if reply.protocol == "pop3":
        return reply.verb == "AUTH" and reply.octets[:2] in (b"+ ", b"+\r")
    return reply.verb in ("AUTH", "DATA") and reply.reply_class == "3"


def _was_ended(protocol: str, log: Sequence[Event], since: int) -> bool:
    """Whether the server ended a connection, or TLS failed, without a QUIT of the client."""
    left = {each.connection: each.first for each in frame(protocol, log) if each.verb == "QUIT"}
    for event in log:
        if event.seq < since or event.seq > left.get(event.connection, event.seq):
            continue
        by_server = event.kind in (Kind.EOF, Kind.RESET) and event.data.get("by") == "server"
        failed = event.kind is Kind.TLS and event.data.get("result", "up") != "up"
        if by_server or failed:
            return True
    return False
