"""TLS handshakes of the scripted server, good ones and those that the trace makes fail."""

from __future__ import annotations

from fake_servers.finding import NOTHING
from fake_servers.scripted.conversation import Conversation
from fake_servers.scripted.departure import departure
from fake_servers.server import Server
from fake_servers.trace.timeline import SILENT
from fake_servers.wire.errors import EndOfStream, Stopped, WireError


def shake_hands(
    conversation: Conversation, server: Server, fault: str, line: int, *, asks_client: bool
) -> None:
    """The handshake; raises ScriptDeparture if the client goes on in the clear, or without TLS.

    A client that aborts a handshake because of `fault` does what it should.
    asks_client  ask for a certificate of the client
    """
    wire = conversation.wire
    if wire.received:
        raise conversation.surplus(line)
    if fault == SILENT:
        _leave_unanswered(conversation, server, line)
        return
    is_up = _try(conversation, fault, line, asks_client)
    if is_up:
        conversation.secured()
    else:
        conversation.stop_answering()
    if wire.received:
        raise conversation.surplus(line)
    if not is_up and not fault:
        reason = "the client does not complete the TLS handshake"
        raise departure(line, "(a TLS handshake)", NOTHING, reason)


def _try(conversation: Conversation, fault: str, line: int, asks_client: bool) -> bool:
    """Whether TLS is up; after a failure, read what the client sends in the clear."""
    from fake_servers.wire.certificates import GOOD, server_context  # cryptography loads slowly

    context = server_context(fault or GOOD, asks_client)
    try:
        is_up = conversation.wire.start_tls(context, line)
        if not is_up:
            conversation.wire.fill(0.0, line)
    except Stopped:
        raise
    except WireError:
        return False
    return is_up


def _leave_unanswered(conversation: Conversation, server: Server, line: int) -> None:
    """Take the beginning of the client's handshake and never answer it."""
    wire = conversation.wire
    try:
        while not wire.received and wire.fill(line=line):
            pass
    except Stopped:
        raise
    except EndOfStream:
        return
    conversation.is_deaf = True
    server.fall_silent(wire)
