"""The ops of POP3 on poplib."""

from __future__ import annotations

import poplib
from typing import Any

from conformance.drivers.python.outcome import OK, Answer, NoSession, Unreadable
from conformance.drivers.python.value import (
    check_connect,
    listed,
    message_of,
    size_of,
    text_of,
    textual,
    trusting,
)


class Pop3:
    """The ops of POP3, each a call of poplib."""

    def __init__(self) -> None:
        self.session: poplib.POP3 | None = None
        self.ca: Any = None

    @property
    def pop(self) -> poplib.POP3:
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
        ca: Any = None,
    ) -> Answer:
        self.close()
        self.ca = ca
        timeout = timeout_ms / 1000
        if check_connect(tls, policy):
            self.session = poplib.POP3_SSL(host, port, timeout=timeout, context=trusting(ca))
        else:
            self.session = poplib.POP3(host, port, timeout=timeout)
        expression: Any = self.pop.timestamp  # the one that apop() uses
        stamp = expression.match(self.pop.welcome)
        return "ok", textual("timestamp", stamp.group(1)) if stamp else {}

    def capa(self) -> Answer:
        try:
            caps = self.pop.capa()
        except IndexError as error:
            raise Unreadable("an empty line of CAPA") from error
        return "ok", {"caps": [[name.upper(), " ".join(words)] for name, words in caps.items()]}

    def stls(self) -> Answer:
        self.pop.stls(trusting(self.ca))
        return OK

    def user(self, user: Any, secret: Any = None) -> Answer:
        reply = self.pop.user(text_of(user))
        if secret is not None:
            reply = self.pop.pass_(text_of(secret))
        return "ok", textual("reply", reply)

    def apop(self, user: Any, secret: Any) -> Answer:
        return "ok", textual("reply", self.pop.apop(text_of(user), text_of(secret)))

    def stat(self) -> Answer:
        try:
            count, octets = self.pop.stat()
        except (ValueError, IndexError) as error:
            raise Unreadable("the numbers of STAT") from error
        return "ok", {"count": count, "octets": octets}

    def list(self, n: int | None = None) -> Answer:
        if n is not None:
            return "ok", listed([one_line(self.pop.list(n))], size_of)
        return "ok", listed(self.pop.list()[1], size_of)

    def uidl(self, n: int | None = None) -> Answer:
        if n is not None:
            return "ok", listed([one_line(self.pop.uidl(n))], bytes.decode)
        return "ok", listed(self.pop.uidl()[1], bytes.decode)

    def retr(self, n: int) -> Answer:
        return "ok", message_of(self.pop.retr(n)[1])

    def top(self, n: int, lines: int) -> Answer:
        return "ok", message_of(self.pop.top(n, lines)[1])

    def dele(self, n: int) -> Answer:
        self.pop.dele(n)
        return OK

    def rset(self) -> Answer:
        self.pop.rset()
        return OK

    def noop(self) -> Answer:
        self.pop.noop()
        return OK

    def quit(self) -> Answer:
        self.pop.quit()
        return OK

    def close(self) -> Answer:
        if self.session is not None:
            self.session.close()
        self.session = None
        return OK


def one_line(reply: Any) -> bytes:
    """The text after the indicator of a one-line reply."""
    return bytes(reply).partition(b" ")[2]
