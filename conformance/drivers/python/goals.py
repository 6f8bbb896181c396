"""The goals: whole sessions, as the libraries' manuals show them."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from conformance.drivers.python.call import called
from conformance.drivers.python.outcome import Answer, Unsupported, Value, outcome_of
from conformance.drivers.python.pop3 import Pop3
from conformance.drivers.python.value import check_connect, message_of, octets_of, text_of, trusting


class Goals:
    """Whole sessions, as the libraries' manuals show them."""

    def __init__(self, pop3: Pop3) -> None:
        self.pop3 = pop3

    def fetch(
        self,
        login: str,
        n: Any = "all",
        delete: bool = False,
        user: Any = "",
        secret: Any = "",
        **where: Any,
    ) -> Answer:
        messages: list[list[Any]] = []

        def play() -> Value:
            self.login(login, user, secret, where)
            numbers = range(1, self.pop3.stat()[1]["count"] + 1) if n == "all" else n
            for number in numbers:
                messages.append([number, message_of(self.pop3.pop.retr(number)[1])["data_b64"]])
                if delete:
                    self.pop3.dele(number)
            return {}

        return self.pop3_session(play, {"messages": messages}, commit=delete)

    def list(self, login: str, user: Any = "", secret: Any = "", **where: Any) -> Answer:
        def play() -> Value:
            self.login(login, user, secret, where)
            return self.pop3.list()[1]

        return self.pop3_session(play, {}, commit=False)

    def login(self, login: str, user: Any, secret: Any, where: Value) -> None:
        if login not in ("user", "apop"):
            raise Unsupported(login)
        begins = begins_tls(where.get("tls", "none"), where.get("policy", "clear"))
        called(self.pop3.connect, where | ({"policy": "clear"} if begins else {}))
        if begins:
            self.pop3.stls()
        getattr(self.pop3, login)(user, secret)

    def pop3_session(self, play: Callable[[], Value], value: Value, *, commit: bool) -> Answer:
        """End a session with QUIT if it succeeded or was refused.

        If messages are marked as deleted, a failed session is closed without QUIT, and a failure
        of QUIT itself counts.
        """
        try:
            value = {**value, **play()}
            outcome = "ok"
        except Exception as error:  # mapped, or raised again by outcome_of
            outcome, more = outcome_of(error)
            value = {**value, **more}
        try:
            if outcome == "ok" or (outcome == "refused" and not commit):
                self.pop3.quit()
        except Exception as error:
            late = outcome_of(error)[0]
            outcome = late if outcome == "ok" and commit else outcome
        self.pop3.close()
        return outcome, value

    def send(
        self,
        host: str,
        port: int,
        timeout_ms: int,
        sender: Any,
        to: Sequence[Any],
        message: Any,
        name: Any = None,
        params: tuple[str, ...] = (),
        login: str = "none",
        mech: str | None = None,
        user: Any = "",
        secret: Any = "",
        tls: str = "none",
        policy: str = "clear",
        ca: Any = None,
    ) -> Answer:
        if login not in ("none", "auth", "own"):
            raise Unsupported(login)
        here = None if name is None else text_of(name)
        people = [text_of(person) for person in to]
        library: Any = smtplib.SMTP
        begins = begins_tls(tls, policy)
        if check_connect(tls, "clear" if begins else policy):
            library = partial(smtplib.SMTP_SSL, context=trusting(ca))
        with library(host, port, local_hostname=here, timeout=timeout_ms / 1000) as smtp:
            if begins:
                smtp.starttls(context=trusting(ca))
            if login != "none":
                self.log_in(smtp, mech, text_of(user), text_of(secret))
            refused = smtp.sendmail(text_of(sender), people, octets_of(message), params)
        rows = [[who, "refused" if who in refused else "ok", refused.get(who, [None])[0], None]
                for who in people]  # fmt: skip
        return "ok", {"rcpt": rows, "delivery": "sent"}

    def log_in(self, smtp: smtplib.SMTP, mech: str | None, user: str, secret: str) -> None:
        if mech is None:
            smtp.login(user, secret)
            return
        smtp.ehlo_or_helo_if_needed()
        if mech.upper() not in smtp.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError(mech)
        smtp.user, smtp.password = user, secret
        if mech.upper() not in ("PLAIN", "LOGIN", "CRAM-MD5"):
            raise Unsupported(mech)
        smtp.auth(mech, getattr(smtp, "auth_" + mech.lower().replace("-", "_")))


def begins_tls(tls: str, policy: str) -> bool:
    """Whether the session asks for TLS before it sends secrets, as the manuals show."""
    return policy == "tls" and tls == "none"
