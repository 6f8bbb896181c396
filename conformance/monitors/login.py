"""Rules of the POP3 login, and of the commands that need one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.monitors.monitor import POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import Connection, Exchange, Talk

_MAILBOX = frozenset({"STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP", "RSET"})
_LOGINS = frozenset({"USER", "PASS", "APOP", "AUTH"})


def _may_be_logged_in(connection: Connection, until: Exchange) -> bool:
    """Whether a login had succeeded, or was sent in one group with `until`."""
    assert until.sent is not None
    before = connection.exchanges[: connection.exchanges.index(until)]
    return _logged_in(connection, until) or (
        connection.pipelines(until.sent) and any(e.verb in ("PASS", "APOP", "AUTH") for e in before)
    )


def _logged_in(connection: Connection, until: Exchange) -> bool:
    """Whether a login had succeeded before the client sent `until`."""
    assert until.sent is not None
    return any(
        exchange is not until
        and exchange.verb in ("PASS", "APOP", "AUTH")
        and exchange.accepted
        and exchange.answered_before(until.sent)
        for exchange in connection.exchanges
    )


def _failure(exchange: Exchange) -> str:
    """What became of a command that was not accepted."""
    return "had been refused" if exchange.refused else "had got no positive reply"


def pass_after_user(talk: Talk) -> Iterator[Violation]:
    """PASS comes directly after a USER that was accepted."""
    for connection in talk.connections:
        for before, exchange in zip(connection.exchanges, connection.exchanges[1:]):
            if exchange.verb == "PASS" and exchange.sent is not None and before.verb != "USER":
                yield Violation(exchange.sent, "the command before PASS is not USER", "USER first")


def no_password_after_refusal(talk: Talk) -> Iterator[Violation]:
    """After a refused USER the client does not send the password."""
    for connection in talk.connections:
        for before, exchange in zip(connection.exchanges, connection.exchanges[1:]):
            if exchange.verb == "PASS" and exchange.sent is not None and before.verb == "USER":
                if before.failed_before(exchange.sent) and not connection.pipelines(exchange.sent):
                    yield Violation(exchange.sent, f"USER {_failure(before)}", "no PASS")


def apop_digest(talk: Talk) -> Iterator[Violation]:
    """The digest is 32 lower-case hexadecimal digits, after the name and one blank."""
    for connection in talk.connections:
        for sent in connection.commands():
            if sent.verb == "APOP" and not re.search(rb"[^ ] [0-9a-f]{32}$", sent.argument):
                yield Violation(sent, "the digest has another form", "32 lower-case hex digits")


def apop_timestamp(talk: Talk) -> Iterator[Violation]:
    """APOP needs a timestamp in the greeting, from which the digest is made."""
    for connection in talk.connections:
        for sent in connection.commands():
            greeting = connection.greeting
            if sent.verb == "APOP" and greeting is not None:
                if not re.search(rb"<[^<>]*>", greeting.octets):
                    yield Violation(sent, "the greeting has no timestamp", "no APOP")


def no_pass_after_apop(talk: Talk) -> Iterator[Violation]:
    """A call that tries APOP does not fall back to a password in the clear."""
    for call in talk.calls:
        apop: Exchange | None = None
        for exchange in talk.during(call):
            if exchange.verb == "APOP" and exchange.sent is not None:
                failed = exchange.reply is not None and not exchange.accepted
                apop = exchange if failed else None
            elif exchange.verb == "PASS" and exchange.sent is not None and apop is not None:
                yield Violation(exchange.sent, f"APOP {_failure(apop)}", "no PASS")


def login_first(talk: Talk) -> Iterator[Violation]:
    """Commands for the maildrop come only after a login."""
    for connection in talk.connections:
        for exchange in connection.exchanges[1:]:
            if exchange.verb in _MAILBOX and not _may_be_logged_in(connection, exchange):
                assert exchange.sent is not None
                yield Violation(exchange.sent, "no login had succeeded", "a login first")


def login_once(talk: Talk) -> Iterator[Violation]:
    """After a login comes no other login and no STLS."""
    for connection in talk.connections:
        for exchange in connection.exchanges[1:]:
            if exchange.verb in _LOGINS | {"STLS"} and _logged_in(connection, exchange):
                assert exchange.sent is not None
                yield Violation(exchange.sent, "a login had succeeded before", "no further login")


def unasked(talk: Talk) -> Iterator[Violation]:
    """For a goal with `login=none` the client does not log in."""
    for call in talk.calls:
        if call.op == "smtp.send" and call.args.get("login") == "none":
            for exchange in talk.during(call):
                if exchange.verb == "AUTH" and exchange.sent is not None:
                    yield Violation(exchange.sent, "nobody asked for a login", "no AUTH")
                    break


MONITORS = (
    Monitor(
        "login.pass-after-user",
        "PASS follows USER directly",
        POP3,
        ("RFC1939-7-USER-01",),
        pass_after_user,
    ),
    Monitor(
        "login.no-pass-after-refused-user",
        "When USER is refused, the password is not sent",
        POP3,
        ("RFC1939-7-USER-02", "RFC1939-7-USER-01"),
        no_password_after_refusal,
    ),
    Monitor(
        "login.apop-digest",
        "The digest of APOP is 32 lower-case hexadecimal digits",
        POP3,
        ("RFC1939-7-APOP-02",),
        apop_digest,
    ),
    Monitor(
        "login.apop-needs-timestamp",
        "No APOP where the greeting has no timestamp",
        POP3,
        ("RFC1939-7-APOP-03",),
        apop_timestamp,
    ),
    Monitor(
        "login.no-pass-after-apop",
        "A refused APOP is not followed by the password in the same call",
        POP3,
        ("RFC1939-7-APOP-06",),
        no_pass_after_apop,
    ),
    Monitor(
        "login.before-maildrop",
        "No maildrop command before a login",
        POP3,
        ("RFC1939-4-AUTH-01",),
        login_first,
    ),
    Monitor(
        "login.once",
        "No login and no STLS after a login",
        POP3,
        ("RFC5034-4-STATE-01", "RFC5034-4-ONCE-01", "RFC2595-4-STLS-02"),
        login_once,
    ),
    Monitor(
        "login.unasked",
        "A client that has no login to use does not log in because the server offers it",
        SMTP,
        ("RFC4954-9-SEC-01",),
        unasked,
        is_advice=True,
    ),
)
