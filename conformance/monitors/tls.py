"""Rules of TLS that begins within a session (RFC 2595 section 4, RFC 3207 section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.monitors.monitor import BOTH, SMTP, Monitor, Offence
from conformance.monitors.talk import HELLOS, Exchange, Session, Talk

_BEGIN_TLS = frozenset({"STLS", "STARTTLS"})


def _begins(session: Session) -> Iterator[Exchange]:
    """The exchanges that ask for TLS."""
    return (exchange for exchange in session.exchanges if exchange.verb in _BEGIN_TLS)


def offered_first(talk: Talk) -> Iterator[Offence]:
    """STLS and STARTTLS are sent where the server offers them.

    A POP3 client may also try it without a look: nothing obliges it to ask CAPA first.
    """
    for session in talk.sessions:
        for exchange in _begins(session):
            assert exchange.sent is not None
            offers = session.offers(exchange.sent)
            if offers is None and talk.protocol == "pop3":
                continue
            if exchange.verb not in (offers or {}):
                reason = f"the server does not offer {exchange.verb}"
                yield Offence(exchange.sent, reason, "what is offered")


def nothing_between(talk: Talk) -> Iterator[Offence]:
    """Behind the reply that accepts TLS the next octets are those of the handshake."""
    for session in talk.sessions:
        for exchange in _begins(session):
            for sent in (*session.sent(), *session.cut):
                if exchange.accepted and exchange.answered_before(sent):
                    if not session.is_secret(sent):
                        yield Offence(sent, "octets in clear follow the begin of TLS", "TLS")


def once(talk: Talk) -> Iterator[Offence]:
    """Where TLS is up, it is not begun again."""
    for session in talk.sessions:
        for exchange in _begins(session):
            assert exchange.sent is not None
            if session.is_secret(exchange.sent):
                yield Offence(exchange.sent, "TLS is up already", f"no {exchange.verb}")


def hello_again(talk: Talk) -> Iterator[Offence]:
    """The first command under TLS that began in the session asks anew what is offered."""
    for session in talk.sessions:
        if not any(exchange.accepted for exchange in _begins(session)):
            continue
        first = next((sent for sent in session.commands() if session.is_secret(sent)), None)
        if first is not None and first.verb not in HELLOS | {"QUIT"}:
            yield Offence(first, "what was offered in clear counts no more", "EHLO first")


MONITORS = (
    Monitor(
        "tls.offered",
        "STLS and STARTTLS are sent where they are offered",
        BOTH,
        ("RFC2595-4-STLS-01", "RFC3207-4-CMD-01"),
        offered_first,
    ),
    Monitor(
        "tls.handshake-next",
        "Behind the reply that accepts TLS nothing is sent in clear",
        BOTH,
        ("RFC2595-4-STLS-03", "RFC3207-4-CMD-02"),
        nothing_between,
    ),
    Monitor(
        "tls.once",
        "Where TLS is up it is not begun again",
        BOTH,
        ("RFC2595-4-STLS-09", "RFC3207-4.2-ONCE-01"),
        once,
    ),
    Monitor(
        "tls.smtp-hello-again",
        "The first command under TLS is EHLO",
        SMTP,
        ("RFC3207-4.2-RESET-02",),
        hello_again,
    ),
)
