"""Event logs for tests, written as short scripts."""

from __future__ import annotations

from typing import Any

from fake_servers.log import Event, EventLog, Kind


class Wire:
    """Builds a log: `c` and `s` add lines (CRLF added) of the client and of the server."""

    def __init__(self) -> None:
        self.log = EventLog()
        self.connection = 0

    def connect(self) -> Wire:
        """A new connection."""
        self.connection += 1
        self.log.append(Kind.CONNECT, connection=self.connection)
        return self

    def c(self, *lines: str) -> Wire:
        """The client sends each line in an event of its own."""
        for line in lines:
            self.c_raw(line.encode() + b"\r\n")
        return self

    def s(self, *lines: str) -> Wire:
        """The server sends each line in an event of its own."""
        for line in lines:
            self.s_raw(line.encode() + b"\r\n")
        return self

    def c_raw(self, octets: bytes) -> Wire:
        """The client sends these octets."""
        self.log.append(Kind.RX, connection=self.connection, octets=octets)
        return self

    def s_raw(self, octets: bytes) -> Wire:
        """The server sends these octets."""
        self.log.append(Kind.TX, connection=self.connection, octets=octets)
        return self

    def server_closes(self, how: Kind = Kind.EOF) -> Wire:
        """The server ends its side, in order or with a reset."""
        self.log.append(how, connection=self.connection, data={"by": "server"})
        return self

    def client_closes(self) -> Wire:
        """The server reads the end of the client's stream."""
        self.log.append(Kind.EOF, connection=self.connection, data={"by": "client"})
        return self

    def tls(self, result: str) -> Wire:
        """A handshake ends: `up` or `failed`."""
        data = {"result": result, "version": "TLSv1.3", "by": "server"}
        self.log.append(Kind.TLS, connection=self.connection, data=data)
        return self

    def call(self, op: str, **args: Any) -> Wire:
        """The client is called."""
        self.log.append(Kind.CALL, data={"op": op, "args": args})
        return self

    def result(self, outcome: str, **value: Any) -> Wire:
        """The call returns."""
        self.log.append(Kind.RETURN, data={"outcome": outcome, "value": value})
        return self

    def leaves(self, place: str, form: str) -> Wire:
        """The secret of the call is found in what the client leaves."""
        self.log.append(Kind.NOTE, data={"text": "", "left_in": place, "form": form})
        return self

    @property
    def events(self) -> list[Event]:
        """The log so far."""
        return list(self.log)


def pop3() -> Wire:
    """A POP3 session after its greeting."""
    return Wire().connect().s("+OK ready <1.2@h>")


def smtp(*capabilities: str) -> Wire:
    """An SMTP session after EHLO, with these keywords offered."""
    wire = Wire().connect().s("220 h").c("EHLO c")
    lines = ["h", *capabilities]
    for line in lines[:-1]:
        wire.s(f"250-{line}")
    return wire.s(f"250 {lines[-1]}")
