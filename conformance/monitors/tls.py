"""Rules of TLS that begins within a session (RFC 2595 section 4, RFC 3207 section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.monitors.monitor import BOTH, SMTP, Monitor, Violation
from conformance.monitors.talk import HELLOS, Connection, Exchange, Talk

_BEGIN_TLS = frozenset({"STLS", "STARTTLS"})


def _begins(connection: Connection) -> Iterator[Exchange]:
    """The exchanges that ask for TLS."""
    return (exchange for exchange in connection.exchanges if exchange.verb in _BEGIN_TLS)


def _granted(exchange: Exchange) -> bool:
    """Whether the reply begins TLS: RFC 3207 section 4 has 220 for that, and no other success."""
    if exchange.reply is None or not exchange.accepted:
        return False
    return exchange.verb == "STLS" or exchange.reply.octets.startswith(b"220")


def offered_first(talk: Talk) -> Iterator[Violation]:
    """STLS and STARTTLS are sent where the server offers them.

    A POP3 client may also try it without asking: no RFC demands that it sends CAPA first.
    """
    for connection in talk.connections:
        for exchange in _begins(connection):
            assert exchange.sent is not None
            offers = connection.offers(exchange.sent)
            if offers is None and talk.protocol == "pop3":
                continue
            if exchange.verb not in (offers or {}):
                reason = f"the server does not offer {exchange.verb}"
                yield Violation(exchange.sent, reason, "what is offered")


def nothing_between(talk: Talk) -> Iterator[Violation]:
    """After the reply that accepts TLS the next octets are those of the handshake."""
    for connection in talk.connections:
        for exchange in _begins(connection):
            for sent in (*connection.sent(), *connection.cut):
                if _granted(exchange) and exchange.answered_before(sent):
                    if not connection.is_secret(sent):
                        yield Violation(
                            sent, "octets in the clear follow the reply that accepts TLS", "TLS"
                        )


def once(talk: Talk) -> Iterator[Violation]:
    """A client does not ask for TLS when TLS is up already."""
    for connection in talk.connections:
        for exchange in _begins(connection):
            assert exchange.sent is not None
            if connection.is_secret(exchange.sent):
                yield Violation(exchange.sent, "TLS is up already", f"no {exchange.verb}")


def hello_again(talk: Talk) -> Iterator[Violation]:
    """After STARTTLS the first command under TLS asks again what the server offers."""
    for connection in talk.connections:
        if not any(exchange.accepted for exchange in _begins(connection)):
            continue
        first = next((sent for sent in connection.commands() if connection.is_secret(sent)), None)
        if first is not None and first.verb not in HELLOS | {"QUIT"}:
            yield Violation(
                first, "under TLS the offers from before TLS no longer count", "EHLO first"
            )


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
        "After the reply that accepts TLS nothing is sent in the clear",
        BOTH,
        ("RFC2595-4-STLS-03", "RFC3207-4-CMD-02"),
        nothing_between,
    ),
    Monitor(
        "tls.once",
        "A client does not ask for TLS when TLS is up already",
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
