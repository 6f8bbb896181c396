"""Rules of BDAT (RFC 3030 section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import SMTP, Monitor, Offence
from conformance.monitors.talk import HELLOS, Exchange, Session, Talk


def _later_chunk(session: Session, refused: Exchange) -> Iterator[Frame]:
    """Commands sent after a chunk was known to be refused, up to the RSET or QUIT that helps."""
    for sent in session.sent():
        if refused.answered_before(sent):
            if sent.kind is FrameKind.COMMAND and sent.verb in ("RSET", "QUIT", *HELLOS):
                return
            yield sent


def chunk_after_refusal(talk: Talk) -> Iterator[Offence]:
    """A chunk that was refused ends its message: RSET follows, and no further chunk."""
    for session in talk.sessions:
        for exchange in session.exchanges:
            if exchange.verb == "BDAT" and exchange.reply is not None and not exchange.accepted:
                what = "was refused" if exchange.refused else "got no positive reply"
                for sent in _later_chunk(session, exchange):
                    if sent.verb in ("BDAT", "DATA"):
                        yield Offence(sent, f"a chunk of this message {what}", "RSET")
                        break


def chunking_offered(talk: Talk) -> Iterator[Offence]:
    """BDAT is sent where CHUNKING is offered."""
    for session in talk.sessions:
        for sent in session.commands():
            if sent.verb == "BDAT" and "CHUNKING" not in (session.offers(sent) or {}):
                yield Offence(sent, "the server does not offer CHUNKING", "no BDAT")


def not_mixed(talk: Talk) -> Iterator[Offence]:
    """A message goes by DATA or by BDAT, never by both."""
    for session in talk.sessions:
        begun = False
        for sent in session.commands():
            if sent.verb == "DATA" and begun:
                yield Offence(sent, "chunks of this message were sent", "BDAT or RSET")
            if sent.verb in ("MAIL", "RSET", *HELLOS):
                begun = False
            elif sent.verb == "BDAT":
                begun = True


MONITORS = (
    Monitor(
        "chunk.not-mixed-with-data",
        "A message goes by DATA or by BDAT, never by both",
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
        "After a refused chunk no other follows before RSET",
        SMTP,
        ("RFC3030-2-BDAT-05", "RFC3030-2-BDAT-06"),
        chunk_after_refusal,
    ),
)
