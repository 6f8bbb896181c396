"""Rules of what may be sent without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.model.framer import Frame, FrameKind
from conformance.monitors.monitor import POP3, SMTP, Monitor, Violation
from conformance.monitors.talk import Talk


def _is_secret(sent: Frame) -> bool:
    """Whether it is a password, or part of an exchange that carries or proves one."""
    return sent.kind is FrameKind.RESPONSE or sent.verb in ("PASS", "APOP", "AUTH")


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


MONITORS = (
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
