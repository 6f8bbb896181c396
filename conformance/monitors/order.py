"""Rules of when a client may send anything at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeGuard

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import BOTH, POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import HELLOS, Connection, Exchange, Talk

_EARLY_END = re.compile(rb"\A\r\n|(?<!\r)\n")
_LAST_OF_GROUP = HELLOS | {"DATA", "VRFY", "EXPN", "QUIT", "NOOP", "STARTTLS"}


def _everything(connection: Connection) -> list[Frame]:
    return [*connection.sent(), *connection.cut]


def after_greeting(talk: Talk) -> Iterator[Violation]:
    """The server speaks first, and the client reads its greeting to the end."""
    for connection in talk.connections:
        greeting = connection.greeting
        for sent in _everything(connection):
            if _gives_up_on_empty_line(connection, sent):
                continue
            if greeting is None or sent.first < greeting.seq:
                yield Violation(sent, "octets were sent before the greeting", "nothing")
                break


def _gives_up_on_empty_line(connection: Connection, sent: Frame) -> bool:
    """Whether it is the QUIT of a client that reads an empty line as a malformed greeting."""
    reply = connection.exchanges[0].reply
    is_empty = reply is not None and reply.octets.startswith(b"\r\n")
    return sent.verb == "QUIT" and is_empty and reply is not None and reply.first < sent.first


def nothing_after_quit(talk: Talk) -> Iterator[Violation]:
    """QUIT is the last command of a session."""
    for connection in talk.connections:
        everything = _everything(connection)
        for before, sent in zip(everything, everything[1:]):
            if before.verb == "QUIT" and before.kind is FrameKind.COMMAND:
                yield Violation(sent, "octets were sent after QUIT", "nothing")
                break


def _may_end_early(reply: Frame | None) -> TypeGuard[Frame]:
    """Whether a client may read less than this as the whole reply."""
    return reply is not None and _EARLY_END.search(reply.octets) is not None


def _leaves_reply(before: Exchange, exchange: Exchange) -> bool:
    """Whether the client read an empty line as the whole reply to EHLO, for it says HELO.

    What came behind the empty line has then been there since before the HELO.
    """
    reply = before.reply
    if (before.verb, exchange.verb) != ("EHLO", "HELO") or reply is None or exchange.sent is None:
        return False
    return reply.octets.startswith(b"\r\n") and before.answered_before(exchange.sent)


def _too_early(connection: Connection) -> Iterator[Frame]:
    """Commands that were sent before the reply to an earlier one.

    QUIT is left out: a client that gives up may send it without waiting any longer. Commands
    after a line that is empty or ends in LF only are left out too: a client may read it as the
    whole reply. Whether the next reply is there in time would then depend on the machine.
    """
    greeting = connection.greeting
    replies = [each.reply for each in connection.exchanges]
    unclear = [reply.first for reply in replies if _may_end_early(reply)]
    for sent in connection.commands():
        if sent.verb == "QUIT" or any(first < sent.first for first in unclear):
            continue
        if sent.outstanding and greeting is not None and sent.first > greeting.seq:
            yield sent


def one_at_a_time(talk: Talk) -> Iterator[Violation]:
    """Without PIPELINING a command waits for the reply to the one before."""
    for connection in talk.connections:
        for sent in _too_early(connection):
            if "PIPELINING" not in (connection.offers(sent) or {}):
                yield Violation(
                    sent,
                    "the reply to the previous command had not come yet",
                    "one command at a time",
                )


def end_of_group(talk: Talk) -> Iterator[Violation]:
    """Even with PIPELINING some commands end their group: the client waits for the reply."""
    for connection in talk.connections:
        before = {id(b.sent): a for a, b in zip(connection.exchanges, connection.exchanges[1:])}
        for sent in _too_early(connection):
            previous = before[id(sent)]
            if previous.verb in _LAST_OF_GROUP and "PIPELINING" in (connection.offers(sent) or {}):
                yield Violation(
                    sent, f"the reply to {previous.verb} had not come yet", "the reply first"
                )


def after_refused_greeting(talk: Talk) -> Iterator[Violation]:
    """After a greeting that opens no session the client sends nothing but QUIT."""
    for connection in talk.connections:
        greeting = connection.greeting
        if greeting is None or greeting.positive:
            continue
        what = "had refused the session" if greeting.negative else "opens no session"
        for sent in connection.commands():
            if sent.verb != "QUIT" and sent.first > greeting.seq:
                yield Violation(sent, f"the greeting {what}", "QUIT or nothing")
                break


def after_421(talk: Talk) -> Iterator[Violation]:
    """A server that answered 421 is about to close: the client sends nothing but QUIT."""
    for connection in talk.connections:
        closing_replies = [
            exchange.reply
            for exchange in connection.exchanges[1:]
            if exchange.sent is not None
            and exchange.reply is not None
            and exchange.reply.octets.startswith(b"421")
            and exchange.reply.seq > exchange.sent.seq
        ]
        for sent in connection.sent():
            late = closing_replies and sent.first > closing_replies[0].seq
            if late and not (sent.kind is FrameKind.COMMAND and sent.verb == "QUIT"):
                yield Violation(sent, "the server had said 421", "QUIT or nothing")
                break


def _answered_in_advance(exchange: Exchange) -> bool:
    """Whether the reply was there before the command; a 421 may come at any time."""
    reply, sent = exchange.reply, exchange.sent
    if reply is None or sent is None or reply.octets.startswith(b"421"):
        return False
    return reply.seq <= sent.first


def no_early_reply(talk: Talk) -> Iterator[Violation]:
    """What came before a command is not the reply to it: the client must not go on to the next."""
    for connection in talk.connections:
        exchanges = connection.exchanges
        for earlier, before, exchange in zip(exchanges, exchanges[1:], exchanges[2:]):
            assert exchange.sent is not None
            if not _answered_in_advance(before) and not _leaves_reply(earlier, before):
                continue
            if exchange.verb != "QUIT":
                reason = f"the client took for the reply to {before.verb} what had come before it"
                yield Violation(exchange.sent, reason, "an error")
            break


def nothing_after_timeout(talk: Talk) -> Iterator[Violation]:
    """Whoever has given up waiting does not know which command a later reply answers.

    QUIT is as good as closing the connection.
    """
    for call in talk.calls:
        if call.outcome != "timeout":
            continue
        for connection in talk.connections:
            if connection.begun < call.seq:
                late = (sent for sent in _everything(connection) if sent.first > call.seq)
                first = next((sent for sent in late if sent.verb != "QUIT"), None)
                if first is not None:
                    reason = "a call on this connection had ended in a timeout"
                    yield Violation(first, reason, "QUIT or nothing")


MONITORS = (
    Monitor(
        "order.greeting-first",
        "Nothing is sent before the greeting",
        BOTH,
        ("RFC1939-3-GREET-01", "RFC5321-4.3.1-GREET-01"),
        after_greeting,
    ),
    Monitor(
        "order.quit-last",
        "Nothing is sent after QUIT",
        BOTH,
        ("RFC1939-6-QUIT-05", "RFC5321-4.1.4-QUIT-01"),
        nothing_after_quit,
    ),
    Monitor(
        "order.one-at-a-time",
        "No command is sent while a reply is owed, unless PIPELINING is offered",
        BOTH,
        ("RFC2449-6.6-PIPE-01", "RFC5321-4.3.1-LOCKSTEP-01", "RFC2449-6.6-PIPE-05"),
        one_at_a_time,
    ),
    Monitor(
        "order.end-of-group",
        "The command that ends a pipelined group is answered before the next one is sent",
        SMTP,
        (
            "RFC2920-3.1-LAST-01",
            "RFC2920-3.1-LAST-02",
            "RFC3207-4-PIPE-01",
            "RFC4954-4-PIPE-01",
        ),
        end_of_group,
    ),
    Monitor(
        "order.pop3-refused-greeting",
        "After a refused greeting only QUIT is sent",
        POP3,
        ("RFC1939-4-GREET-02",),
        after_refused_greeting,
    ),
    Monitor(
        "order.smtp-refused-greeting",
        "After a refused greeting only QUIT is sent",
        SMTP,
        ("RFC5321-3.1-GREET-01",),
        after_refused_greeting,
    ),
    Monitor(
        "order.smtp-421",
        "After a 421 only QUIT is sent",
        SMTP,
        ("RFC5321-3.8-421-01",),
        after_421,
        is_advice=True,
    ),
    Monitor(
        "order.early-reply",
        "What came before a command is not taken for the reply to it",
        SMTP,
        ("RFC5321-4.2-REPLY-02",),
        no_early_reply,
    ),
    Monitor(
        "order.after-timeout",
        "After a timeout only QUIT is sent on that connection",
        BOTH,
        ("RFC1939-3-TIMEOUT-01", "RFC5321-4.5.3.2-TIME-04"),
        nothing_after_timeout,
        is_advice=True,
    ),
)
