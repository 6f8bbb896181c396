"""Rules of AUTH in POP3 and SMTP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import BOTH, SMTP, Monitor, Violation
from conformance.monitors.talk import Call, Talk

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_COMMANDS = frozenset(
    "CAPA USER PASS APOP AUTH STAT LIST UIDL RETR TOP DELE NOOP RSET QUIT STLS UTF8 LANG EHLO HELO "
    "LHLO STARTTLS MAIL RCPT DATA BDAT VRFY EXPN HELP".split()
)
_ALONE = frozenset("QUIT RSET NOOP CAPA STAT LIST UIDL STLS DATA STARTTLS".split())
"""Commands without an argument. They look like base64, but of octets that no text has."""
_SERVER_FIRST = (b"CRAM-MD5", b"DIGEST-MD5")
_ANSWERS = {b"OAUTHBEARER": (b"AQ==", b"*"), b"XOAUTH2": (b"", b"*")}
"""What a client may answer to the error of a token."""


def initial_response(talk: Talk) -> Iterator[Violation]:
    """An initial response is base64; an empty one is "="."""
    for connection in talk.connections:
        for sent in connection.commands():
            _, blank, initial = sent.argument.partition(b" ")
            initial = initial.lstrip(b" ")
            if sent.verb == "AUTH" and blank and initial != b"=":
                if not initial or not _BASE64.fullmatch(initial):
                    yield Violation(sent, "the initial response is not base64", 'base64 or "="')


def response(talk: Talk) -> Iterator[Violation]:
    """A response is one line of base64, which may be empty, or "*" only."""
    for connection in talk.connections:
        for sent in connection.sent():
            if sent.kind is FrameKind.RESPONSE and sent.text != b"*":
                if not _BASE64.fullmatch(sent.text):
                    yield Violation(sent, "the response is not base64", 'base64 or "*"')


def no_command(talk: Talk) -> Iterator[Violation]:
    """Within an exchange the client answers the challenge or cancels; it sends no command."""
    raw = _raw_calls(talk)
    for connection in talk.connections:
        for sent in connection.sent():
            if sent.kind is not FrameKind.RESPONSE or _is_within(sent, raw):
                continue
            word, blank, _ = sent.text.decode("latin-1").partition(" ")
            verbs = _COMMANDS if blank else _ALONE
            if word.upper() in verbs and (word.isupper() or word.islower()):
                yield Violation(
                    sent, "a command is sent within the exchange of AUTH", 'a response or "*"'
                )


def _raw_calls(talk: Talk) -> list[Call]:
    """Calls in which the caller answers the challenges itself."""
    return [call for call in talk.calls if {"answers", "answers_b64"} & set(call.args)]


def _is_within(sent: Frame, calls: list[Call]) -> bool:
    return any(call.first < sent.first < call.seq for call in calls)


def token_refusal(talk: Talk) -> Iterator[Violation]:
    """The error of a token, which is JSON, has one answer; the client may also cancel.

    Where no token was sent yet it is no error of one, and the answer to it may be the token.
    """
    raw = _raw_calls(talk)
    for connection in talk.connections:
        answers: tuple[bytes, ...] = ()
        is_refused = has_token = False
        for exchange in connection.exchanges[1:]:
            sent = exchange.sent
            assert sent is not None
            if sent.kind is FrameKind.COMMAND:
                mechanism, _, initial = sent.argument.partition(b" ")
                answers = _ANSWERS.get(mechanism.upper(), ()) if sent.verb == "AUTH" else ()
                has_token = initial not in (b"", b"=")
            elif sent.kind is FrameKind.RESPONSE and answers:
                if is_refused and has_token and sent.text not in answers:
                    if not _is_within(sent, raw):
                        expected = " or ".join(f'"{each.decode()}"' for each in answers)
                        yield Violation(sent, "the error of a token has another answer", expected)
                has_token = has_token or bool(sent.text)
            is_refused = exchange.reply is not None and _is_json(exchange.reply.text)


def _is_json(reply: bytes) -> bool:
    """Whether a reply is a challenge that begins a JSON object."""
    return reply.partition(b" ")[2].startswith((b"ey", b"ew", b"IH"))


def server_first(talk: Talk) -> Iterator[Violation]:
    """A mechanism that begins with a challenge has no initial response."""
    for connection in talk.connections:
        for sent in connection.commands():
            mechanism, blank, _ = sent.argument.partition(b" ")
            if sent.verb == "AUTH" and blank and mechanism.upper() in _SERVER_FIRST:
                yield Violation(sent, "the server speaks first in this mechanism", "AUTH mechanism")


def mechanism_name(talk: Talk) -> Iterator[Violation]:
    """A name is 1 to 20 letters, digits, hyphens or underscores; POP3 has AUTH without a name."""
    for connection in talk.connections:
        for sent in connection.commands():
            lists = talk.protocol == "pop3" and not sent.argument
            if sent.verb == "AUTH" and not lists:
                if not re.fullmatch(rb"[A-Za-z0-9_-]{1,20}(?: .*)?", sent.argument, re.DOTALL):
                    yield Violation(
                        sent, "the mechanism's name is malformed", "1 to 20 of A-Z 0-9 - _"
                    )


def offered(talk: Talk) -> Iterator[Violation]:
    """A client tries only mechanisms that the reply to EHLO lists.

    A caller that answers the challenges itself may name any mechanism, as in RFC 2554 section 4.
    """
    raw = _raw_calls(talk)
    for connection in talk.connections:
        for sent in connection.commands():
            if _is_within(sent, raw):
                continue
            offers = connection.offers(sent) or {}
            mechanism = sent.argument.partition(b" ")[0].decode("ascii", "replace").upper()
            if sent.verb == "AUTH" and mechanism not in offers.get("AUTH", []):
                yield Violation(sent, "the server does not offer this mechanism", "an offered one")


def once(talk: Talk) -> Iterator[Violation]:
    """After a successful AUTH comes no other AUTH."""
    for connection in talk.connections:
        succeeded = False
        for exchange in connection.exchanges[1:]:
            assert exchange.sent is not None
            if succeeded and exchange.sent.kind is FrameKind.COMMAND and exchange.verb == "AUTH":
                yield Violation(exchange.sent, "an AUTH had succeeded before", "no other AUTH")
            succeeded |= exchange.verb == "AUTH" and exchange.accepted


def outside_transaction(talk: Talk) -> Iterator[Violation]:
    """AUTH is not sent between MAIL and the end of the transaction."""
    for connection in talk.connections:
        is_open = False
        for exchange in connection.exchanges[1:]:
            assert exchange.sent is not None
            if is_open and exchange.sent.kind is FrameKind.COMMAND and exchange.verb == "AUTH":
                yield Violation(exchange.sent, "a mail transaction is open", "no AUTH")
            if exchange.verb == "MAIL" and exchange.accepted:
                is_open = True
            elif exchange.verb in ("DOT", "RSET", "EHLO", "HELO"):
                is_open = False


MONITORS = (
    Monitor(
        "sasl.initial-response",
        'An initial response is base64 or "="',
        BOTH,
        ("RFC4954-4-IR-01", "RFC4954-4-IR-02", "RFC5034-4-IR-01", "RFC5034-4-IR-02"),
        initial_response,
    ),
    Monitor(
        "sasl.response",
        'A response is one line of base64 or only "*"',
        BOTH,
        ("RFC4954-4-CHAL-05", "RFC2554-4-IR-02", "RFC5034-6-EMPTY-01"),
        response,
    ),
    Monitor(
        "sasl.no-command",
        "No command is sent within the exchange of AUTH",
        BOTH,
        ("RFC4954-4-CANCEL-01", "RFC5034-4-CANCEL-01"),
        no_command,
    ),
    Monitor(
        "sasl.server-first",
        "A mechanism in which the server speaks first has no initial response",
        BOTH,
        ("RFC4954-4-IR-05", "RFC5034-4-IR-06", "RFC4422-3-IR-01", "RFC4422-5-IR-01"),
        server_first,
    ),
    Monitor(
        "sasl.mechanism-name",
        "The name of a mechanism is 1 to 20 of the legal characters",
        BOTH,
        ("RFC2554-7-GRAM-01", "RFC4422-3.1-NAME-01"),
        mechanism_name,
    ),
    Monitor(
        "sasl.smtp-offered",
        "Only a mechanism that EHLO offered is tried",
        SMTP,
        ("RFC4954-3-EHLO-01",),
        offered,
    ),
    Monitor(
        "sasl.smtp-once",
        "No AUTH after a successful AUTH",
        SMTP,
        ("RFC4954-4-ONCE-01", "RFC4422-3.8-ONCE-01"),
        once,
    ),
    Monitor(
        "sasl.smtp-outside-transaction",
        "No AUTH inside a mail transaction",
        SMTP,
        ("RFC4954-4-TRANS-01",),
        outside_transaction,
    ),
    Monitor(
        "sasl.token-refusal",
        "The error of a token is answered as its mechanism says",
        BOTH,
        ("RFC7628-3.2.3-FAIL-01", "XOAUTH2-ErrorResponse-FAIL-01"),
        token_refusal,
    ),
)
