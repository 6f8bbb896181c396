"""Rules of BDAT (RFC 3030 section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import SMTP, Monitor, Violation
from conformance.monitors.talk import HELLOS, Connection, Exchange, Talk


def _later_chunk(connection: Connection, refused: Exchange) -> Iterator[Frame]:
    """Commands sent after the client knew that a chunk was refused, up to the next RSET or QUIT."""
    for sent in connection.sent():
        if refused.answered_before(sent):
            if sent.kind is FrameKind.COMMAND and sent.verb in ("RSET", "QUIT", *HELLOS):
                return
            yield sent


def chunk_after_refusal(talk: Talk) -> Iterator[Violation]:
    """A refused chunk ends its message: RSET follows, and no further chunk."""
    for connection in talk.connections:
        for exchange in connection.exchanges:
            if exchange.verb == "BDAT" and exchange.reply is not None and not exchange.accepted:
                what = "was refused" if exchange.refused else "got no positive reply"
                for sent in _later_chunk(connection, exchange):
                    if sent.verb in ("BDAT", "DATA"):
                        yield Violation(sent, f"a chunk of this message {what}", "RSET")
                        break


def chunking_offered(talk: Talk) -> Iterator[Violation]:
    """BDAT is sent where CHUNKING is offered."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb == "BDAT" and "CHUNKING" not in (connection.offers(sent) or {}):
                yield Violation(sent, "the server does not offer CHUNKING", "no BDAT")


def not_mixed(talk: Talk) -> Iterator[Violation]:
    """A message is sent by DATA or by BDAT, never by both."""
    for connection in talk.connections:
        begun = False
        for sent in connection.commands():
            if sent.verb == "DATA" and begun:
                yield Violation(sent, "chunks of this message were sent", "BDAT or RSET")
            if sent.verb in ("MAIL", "RSET", *HELLOS):
                begun = False
            elif sent.verb == "BDAT":
                begun = True


MONITORS = (
    Monitor(
        "chunk.not-mixed-with-data",
        "A message is sent by DATA or by BDAT, never by both",
        SMTP,
        ("RFC3030-2-BDAT-07",),
        not_mixed,
    ),
    Monitor(
        "chunk.offered",
        "BDAT is sent where CHUNKING is offered",
        SMTP,
        ("RFC3030-2-BDAT-02",),
        chunking_offered,
    ),
    Monitor(
        "chunk.reset-after-refusal",
        "After a refused chunk no other chunk follows before RSET",
        SMTP,
        ("RFC3030-2-BDAT-05", "RFC3030-2-BDAT-06"),
        chunk_after_refusal,
    ),
)
