"""Rules of the octets between 354 and the final dot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import SMTP, Monitor, Violation
from conformance.monitors.talk import Connection, Talk

LINE_MAX = 1000
_VERB = re.compile(r"[A-Z][A-Z0-9-]*")
_UNSTUFFED = re.compile(rb"\r\n\.[^.\r]")


def _content(sent: Frame) -> bytes:
    """The message on the wire, dot-stuffed, without the final dot."""
    return sent.octets.removesuffix(b".\r\n") if sent.complete else sent.octets


def _messages(connection: Connection) -> Iterator[Frame]:
    """Whole messages, and the first parts of those that were given up."""
    yield from connection.messages()
    yield from (sent for sent in connection.cut if sent.kind is FrameKind.DATA)


def after_354(talk: Talk) -> Iterator[Violation]:
    """The message is sent only after 354."""
    for connection in talk.connections:
        for sent in _messages(connection):
            if sent.outstanding:
                yield Violation(sent, "the reply to DATA had not come", "354 first")
        yield from _text_for_commands(connection)


def _text_for_commands(connection: Connection) -> Iterator[Violation]:
    """Text behind a DATA that was refused: to the server its lines are commands."""
    for before, exchange in zip(connection.exchanges, connection.exchanges[1:]):
        sent = exchange.sent
        if before.verb != "DATA" or sent is None or sent.kind is not FrameKind.COMMAND:
            continue
        if before.refused and before.answered_before(sent) and not _VERB.fullmatch(sent.verb):
            yield Violation(sent, "DATA had been refused", "a command, and no text")


def stuffed(talk: Talk) -> Iterator[Violation]:
    """A line that begins with a dot is sent with two dots."""
    for connection in talk.connections:
        for sent in _messages(connection):
            if _UNSTUFFED.search(b"\r\n" + _content(sent)):
                yield Violation(sent, "a line begins with a single dot", "two dots")


def crlf_only(talk: Talk) -> Iterator[Violation]:
    """Lines of a message end in CRLF; there is no bare CR and no bare LF."""
    for connection in talk.connections:
        for sent in _messages(connection):
            content = _content(sent).removesuffix(b"\r")
            pairs = content.count(b"\r\n")
            if content.count(b"\r") != pairs or content.count(b"\n") != pairs:
                yield Violation(sent, "the message has a bare CR or LF", "CRLF")


def line_length(talk: Talk) -> Iterator[Violation]:
    """A line has at most 1000 octets, with its CRLF and without the stuffing dot.

    A client may try longer lines (RFC 5321 section 4.5.3.1). The author of the text may not (RFC
    5322 section 2.1.1), but that need not be the client.
    """
    for connection in talk.connections:
        for sent in _messages(connection):
            lines = _content(sent).split(b"\r\n")
            longest = max(len(line.removeprefix(b".")) + 2 for line in lines)
            if longest > LINE_MAX:
                yield Violation(sent, f"a line has {longest} octets", f"at most {LINE_MAX}")


def seven_bit(talk: Talk) -> Iterator[Violation]:
    """Octets above 127 need 8BITMIME."""
    for connection in talk.connections:
        for sent in _messages(connection):
            if not sent.octets.isascii() and "8BITMIME" not in (connection.offers(sent) or {}):
                yield Violation(sent, "the message has an octet above 127", "ASCII")


MONITORS = (
    Monitor(
        "message.after-354",
        "The message is sent only after 354",
        SMTP,
        ("RFC5321-3.3-DATA-01",),
        after_354,
    ),
    Monitor(
        "message.dot-stuffed",
        "A line that begins with a dot is sent with two dots",
        SMTP,
        ("RFC5321-4.5.2-DOT-01", "RFC5321-4.5.2-DOT-02", "RFC2821-4.5.2-DOT-01"),
        stuffed,
    ),
    Monitor(
        "message.crlf-only",
        "A message has no bare CR or LF",
        SMTP,
        ("RFC5321-2.3.8-LINES-02", "RFC5322-2.3-CRLF-01", "RFC2821-2.3.7-LINES-01"),
        crlf_only,
    ),
    Monitor(
        "message.line-length",
        "A line of a message has at most 1000 octets",
        SMTP,
        ("RFC5321-4.5.3.1.6-LIMIT-01", "RFC5322-2.1.1-LINE-01"),
        line_length,
        is_advice=True,
    ),
    Monitor(
        "message.seven-bit",
        "Without 8BITMIME a message is ASCII",
        SMTP,
        ("RFC5321-2.4-7BIT-01", "RFC6152-3-BODY-01"),
        seven_bit,
    ),
)
