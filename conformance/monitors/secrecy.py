"""Rules of what may be sent without TLS, and of what the client may leave behind."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import BOTH, POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import Talk


def _is_secret(sent: Frame) -> bool:
    """Whether it is a password, or part of an exchange that carries or proves one.

    AUTH alone begins none: some servers of POP3 answer it with their mechanisms.
    """
    begins = sent.verb == "AUTH" and sent.argument != b""
    return begins or sent.kind is FrameKind.RESPONSE or sent.verb in ("PASS", "APOP")


def no_secret_in_clear(talk: Talk) -> Iterator[Violation]:
    """Where TLS is demanded, no login is tried without it."""
    if talk.policy == "tls":
        for connection in talk.connections:
            for sent in connection.sent():
                if _is_secret(sent) and not connection.is_secret(sent):
                    yield Violation(sent, "TLS is demanded and not there", "no login")


def no_mail_in_clear(talk: Talk) -> Iterator[Violation]:
    """Where TLS is demanded, no mail is sent without it."""
    if talk.policy == "tls":
        for connection in talk.connections:
            for sent in connection.commands():
                if sent.verb in ("MAIL", "RCPT", "DATA") and not connection.is_secret(sent):
                    yield Violation(sent, "TLS is demanded and not there", "no mail")


def nothing_left(talk: Talk) -> Iterator[Violation]:
    """The secret of a login is in no output, no answer and no file of the client."""
    called = [call for call in talk.calls if {"secret", "secret_b64"} & set(call.args)]
    for place, form in talk.left if called else ():
        where = place if place in _OUTPUTS else "a file that the client leaves"
        yield Violation(
            called[-1],
            f"{where} has the secret",
            "no secret outside of the session",
            f"{place}: {form}",
        )


_OUTPUTS = ("stdout", "stderr", "its answer")

MONITORS = (
    Monitor(
        "secrecy.left-behind",
        "The secret is in no output and no file that the client leaves",
        BOTH,
        ("RFC4616-5-SECRET-01",),
        nothing_left,
    ),
    Monitor(
        "secrecy.pop3-login",
        "No login in the clear where TLS is demanded",
        POP3,
        ("RFC2595-2.3-CLEAR-01",),
        no_secret_in_clear,
    ),
    Monitor(
        "secrecy.smtp-login",
        "No AUTH in the clear where TLS is demanded",
        SMTP,
        ("RFC4954-9-SEC-01",),
        no_secret_in_clear,
    ),
    Monitor(
        "secrecy.smtp-mail",
        "No mail in the clear where TLS is demanded",
        SMTP,
        ("RFC3207-6-STRIP-01",),
        no_mail_in_clear,
    ),
)
