"""The ops of SMTP on smtplib."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any

from conformance.drivers.python.outcome import (
    OK,
    Answer,
    NoSession,
    Unsupported,
    by_code,
    outcome_of,
)
from conformance.drivers.python.value import check_connect, octets_of, text_of, trusting

CONTENT_END = b"\r\n.\r\n"


class WatchedSMTP(smtplib.SMTP):
    """smtplib's client, which remembers how the last octets ended that it sent.

    Its exceptions do not say whether the message had been sent when the connection was lost.
    """

    last_sent = b""

    def send(self, s: Any) -> None:
        self.last_sent = s if isinstance(s, bytes) else str(s).encode("utf-8", "replace")
        super().send(s)


class WatchedSMTPoverTLS(WatchedSMTP, smtplib.SMTP_SSL):
    """The same client, with TLS from the start."""


class Smtp:
    """The ops of SMTP, each a call of smtplib."""

    def __init__(self) -> None:
        self.session: WatchedSMTP | None = None
        self.ca: Any = None

    @property
    def smtp(self) -> WatchedSMTP:
        if self.session is None:
            raise NoSession()
        return self.session

    def connect(
        self,
        host: str,
        port: int,
        timeout_ms: int,
        tls: str = "none",
        policy: str = "clear",
        lmtp: bool = False,
        ca: Any = None,
    ) -> Answer:
        self.close()
        if lmtp:
            raise Unsupported("LMTP")
        self.ca = ca
        # Without a host the constructor does not connect; the name is given with EHLO.
        timeout = timeout_ms / 1000
        if check_connect(tls, policy):
            self.session = WatchedSMTPoverTLS(
                local_hostname="localhost", timeout=timeout, context=trusting(ca)
            )
        else:
            self.session = WatchedSMTP(local_hostname="localhost", timeout=timeout)
        setattr(self.session, "_host", host)  # as the constructor does with a host
        return by_code(self.session.connect(host, port)[0])

    def ehlo(self, name: Any) -> Answer:
        self.smtp.local_hostname = text_of(name)
        self.smtp.ehlo_resp = self.smtp.helo_resp = None
        self.smtp.does_esmtp = False
        self.smtp.ehlo_or_helo_if_needed()
        features = self.smtp.esmtp_features if self.smtp.does_esmtp else {}
        return "ok", {"caps": [[key.upper(), words.strip()] for key, words in features.items()]}

    def starttls(self) -> Answer:
        return by_code(self.smtp.starttls(context=trusting(self.ca))[0])

    def helo(self, name: Any) -> Answer:
        return by_code(self.smtp.helo(text_of(name))[0])

    def auth(
        self,
        mech: str,
        user: Any = "",
        secret: Any = "",
        initial: str = "own",
        answers: list[bytes] | None = None,
    ) -> Answer:
        smtp = self.smtp
        if mech == "own":  # login() is the one that chooses
            smtp.login(text_of(user), text_of(secret), initial_response_ok=initial != "no")
            return OK
        if answers is not None:
            respond: Any = Answers(answers)
        elif mech.upper() not in ("PLAIN", "LOGIN", "CRAM-MD5"):
            raise Unsupported(mech)
        else:
            smtp.user, smtp.password = text_of(user), text_of(secret)
            respond = getattr(smtp, "auth_" + mech.lower().replace("-", "_"))
        first = initial != "no" and not (answers is not None and initial == "own")
        if initial == "yes" and mech.upper() == "CRAM-MD5":
            raise Unsupported("an initial response to CRAM-MD5")
        smtp.auth(mech, respond, initial_response_ok=first)
        return "ok", {"mech": mech.upper()}

    def mail(self, sender: Any, params: tuple[str, ...] = ()) -> Answer:
        return by_code(self.smtp.mail(text_of(sender), params)[0])

    def rcpt(self, to: Any, params: tuple[str, ...] = ()) -> Answer:
        return by_code(self.smtp.rcpt(text_of(to), params)[0])

    def data(self, message: Any) -> Answer:
        smtp = self.smtp
        try:
            outcome, value = by_code(smtp.data(octets_of(message))[0])
        except Exception as error:  # mapped, or raised again by outcome_of
            outcome, value = outcome_of(error)
        went_out = smtp.last_sent.endswith(CONTENT_END) and outcome in ("io-error", "timeout")
        delivery = "sent" if outcome == "ok" else "unknown" if went_out else "not-sent"
        return outcome, {**value, "delivery": delivery}

    def rset(self) -> Answer:
        return by_code(self.smtp.rset()[0])

    def noop(self) -> Answer:
        return with_lines(*self.smtp.noop())

    def vrfy(self, arg: Any) -> Answer:
        return with_lines(*self.smtp.verify(text_of(arg)))

    def expn(self, arg: Any) -> Answer:
        return with_lines(*self.smtp.expn(text_of(arg)))

    def quit(self) -> Answer:
        return by_code(self.smtp.quit()[0])

    def close(self) -> Answer:
        if self.session is not None:
            self.session.close()
        self.session = None
        return OK


class Answers:
    """The caller's own answers to the challenges of a mechanism; smtplib encodes them."""

    def __init__(self, answers: list[bytes]) -> None:
        self.left = list(answers)

    def __call__(self, challenge: bytes | None = None) -> str:
        if not self.left:
            raise Unsupported("smtplib cannot cancel an exchange")
        return text_of(self.left.pop(0))


def with_lines(code: int, text: bytes) -> Answer:
    """A reply whose lines the caller wants."""
    outcome, value = by_code(code)
    return outcome, {**value, "lines": text.decode("utf-8", "replace").split("\n")}
