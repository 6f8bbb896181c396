"""Rules of EHLO, MAIL, RCPT and DATA: their order, their form, their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame, is_last_chunk
from conformance.monitors.monitor import SMTP, Monitor, Violation
from conformance.monitors.talk import HELLOS, Connection, Exchange, Talk
from fake_servers.grammar.commands import parameters_of

_PARAMETERS = {
    "SIZE": "SIZE",
    "BODY": "8BITMIME",
    "AUTH": "AUTH",
    "SMTPUTF8": "SMTPUTF8",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
}
# RFC 1870 section 6, RFC 6152 section 3, RFC 3461 section 4.5.
_ONCE = {"MAIL": ("BODY", "ENVID", "RET", "SIZE"), "RCPT": ("NOTIFY", "ORCPT")}
_PATHS = {"MAIL": b"FROM:<", "RCPT": b"TO:<"}
_PATH = re.compile(rb'[A-Z]+:<(?:"(?:[^"\\]|\\.)*"|[^">])*>', re.IGNORECASE | re.DOTALL)


def _ends_message(exchange: Exchange) -> bool:
    """Whether this is the last chunk of a message."""
    sent = exchange.sent
    return exchange.verb == "BDAT" and sent is not None and is_last_chunk(sent.text)


class _Transaction:
    """The state of the mail transaction, as a client that waited for each reply knows it.

    A command without a reply yet counts as accepted: only PIPELINING permits that, and another
    monitor judges it. With PIPELINING, MAIL, RCPT and DATA may be one group (RFC 2920 section
    3.1): the client has sent the rest of the group when it reads a refusal.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.hello: Exchange | None = None
        self.mail: Exchange | None = None
        self.recipients: list[Exchange] = []

    def follow(self, exchange: Exchange) -> None:
        """Add one exchange. Whether it was refused is looked up when the next command is judged."""
        if exchange.verb in HELLOS:
            self.hello = exchange
        if exchange.verb in HELLOS | {"RSET", "DOT"} or _ends_message(exchange):
            self.mail, self.recipients = None, []
        elif exchange.verb == "MAIL":
            self.mail, self.recipients = exchange, []
        elif exchange.verb == "RCPT":
            self.recipients.append(exchange)

    def greeted(self, sent: Frame) -> bool:
        return self.hello is not None and not self.hello.failed_before(sent)

    def is_open(self, sent: Frame) -> bool:
        return self.mail is not None and not self._has_known_failure(self.mail, sent)

    def has_recipient(self, sent: Frame) -> bool:
        return any(not self._has_known_failure(each, sent) for each in self.recipients)

    def _has_known_failure(self, exchange: Exchange, sent: Frame) -> bool:
        """Whether the client knew, when it sent the later command, that this one had failed."""
        is_grouped = sent.verb != "MAIL" and self.connection.pipelines(sent)
        return exchange.failed_before(sent) and not is_grouped


def _commands(connection: Connection) -> Iterator[tuple[Frame, _Transaction]]:
    """Each command with the state of the transaction before it."""
    transaction = _Transaction(connection)
    for exchange in connection.exchanges[1:]:
        assert exchange.sent is not None
        yield exchange.sent, transaction
        transaction.follow(exchange)


def hello_first(talk: Talk) -> Iterator[Violation]:
    """EHLO or HELO, accepted, comes before MAIL."""
    for connection in talk.connections:
        for sent, transaction in _commands(connection):
            if sent.verb == "MAIL" and not transaction.greeted(sent):
                yield Violation(sent, "no EHLO or HELO was accepted", "EHLO first")


def mail_rcpt_data(talk: Talk) -> Iterator[Violation]:
    """RCPT and the message need an accepted MAIL."""
    for connection in talk.connections:
        for sent, transaction in _commands(connection):
            if sent.verb in ("RCPT", "DATA", "BDAT") and not transaction.is_open(sent):
                yield Violation(sent, "no transaction is open", "an accepted MAIL first")


def one_transaction(talk: Talk) -> Iterator[Violation]:
    """MAIL is not sent while a transaction is open."""
    for connection in talk.connections:
        for sent, transaction in _commands(connection):
            if sent.verb == "MAIL" and transaction.is_open(sent):
                yield Violation(sent, "a transaction is open", "its end, or RSET, first")


def recipient_first(talk: Talk) -> Iterator[Violation]:
    """DATA and BDAT need an accepted recipient."""
    for connection in talk.connections:
        for sent, transaction in _commands(connection):
            if sent.verb in ("DATA", "BDAT") and not transaction.has_recipient(sent):
                yield Violation(sent, "no recipient was accepted", "an accepted RCPT first")


def path_form(talk: Talk) -> Iterator[Violation]:
    """FROM: and TO: are followed at once by a path in angle brackets."""
    for connection in talk.connections:
        for sent in connection.commands():
            start = _PATHS.get(sent.verb)
            if start is None:
                continue
            path = _PATH.match(sent.argument)
            after = sent.argument[path.end() :] if path is not None else b"x"
            if not sent.argument.upper().startswith(start) or after[:1] not in (b"", b" "):
                yield Violation(
                    sent, "the path has another form", f"{sent.verb} {start.decode()}...>"
                )


def hello_again(talk: Talk) -> Iterator[Violation]:
    """EHLO after an accepted HELO: RFC 5321 section 4.1.4 leaves that to the client."""
    for connection in talk.connections:
        before: Exchange | None = None
        for exchange in connection.exchanges[1:]:
            if exchange.verb == "EHLO" and before is not None and exchange.sent is not None:
                if connection.is_secret(exchange.sent) == _is_secret(connection, before):
                    yield Violation(exchange.sent, "HELO was accepted before EHLO", "MAIL")
            if exchange.verb in HELLOS and exchange.accepted:
                before = exchange if exchange.verb == "HELO" else None


def _is_secret(connection: Connection, exchange: Exchange) -> bool:
    return exchange.sent is not None and connection.is_secret(exchange.sent)


def _words(sent: Frame) -> list[tuple[str, str]]:
    """The parameters of MAIL or RCPT: keyword in upper case, value in upper case."""
    words = [word.decode("latin-1").upper() for word in parameters_of(sent.text)]
    return [(word.partition("=")[0], word.partition("=")[2]) for word in words]


def _parameters(sent: Frame) -> list[str]:
    return [name for name, _ in _words(sent)]


def _extension(name: str, value: str) -> str:
    """The keyword of EHLO that a parameter needs."""
    return value if (name, value) == ("BODY", "BINARYMIME") else _PARAMETERS.get(name, name)


def offered_parameters(talk: Talk) -> Iterator[Violation]:
    """A parameter belongs to an extension that EHLO offered."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb not in _PATHS:
                continue
            offers = connection.offers(sent) or {}
            for name, value in _words(sent):
                if _extension(name, value) not in offers:
                    yield Violation(sent, f"no extension that was offered has {name}", f"no {name}")


def parameters_once(talk: Talk) -> Iterator[Violation]:
    """No parameter comes twice if an RFC forbids that."""
    for connection in talk.connections:
        for sent in connection.commands():
            names = _parameters(sent)
            for name in _ONCE.get(sent.verb, ()):
                if names.count(name) < 2:
                    continue
                yield Violation(sent, f"{name} comes twice", f"{name} once")


MONITORS = (
    Monitor(
        "envelope.hello-first",
        "EHLO or HELO is accepted before MAIL",
        SMTP,
        ("RFC5321-4.1.1.1-EHLO-01", "RFC5321-4.1.4-ORDER-01"),
        hello_first,
    ),
    Monitor(
        "envelope.mail-first",
        "MAIL is accepted before RCPT and DATA",
        SMTP,
        ("RFC5321-3.3-ORDER-01", "RFC5321-4.1.1.1-STATE-01"),
        mail_rcpt_data,
    ),
    Monitor(
        "envelope.one-transaction",
        "No MAIL while a transaction is open",
        SMTP,
        ("RFC5321-4.1.4-TRANS-01",),
        one_transaction,
    ),
    Monitor(
        "envelope.recipient-first",
        "A recipient is accepted before DATA",
        SMTP,
        ("RFC5321-3.3-DATA-02",),
        recipient_first,
    ),
    Monitor(
        "envelope.path-form",
        "FROM: and TO: are followed at once by a path in angle brackets",
        SMTP,
        ("RFC5321-3.3-MAIL-01",),
        path_form,
    ),
    Monitor(
        "envelope.hello-again",
        "EHLO after an accepted HELO is noted",
        SMTP,
        ("RFC5321-4.1.4-EHLO-05",),
        hello_again,
    ),
    Monitor(
        "envelope.offered-parameters",
        "Parameters of MAIL and RCPT belong to offered extensions",
        SMTP,
        ("RFC5321-4.1.1.3-PARAM-01",),
        offered_parameters,
    ),
    Monitor(
        "envelope.parameters-once",
        "SIZE, BODY and the parameters of DSN come once",
        SMTP,
        ("RFC1870-6-MAIL-01", "RFC6152-3-BODY-02", "RFC3461-4.5-DUP-01"),
        parameters_once,
    ),
)
