"""A raw socket against a reactive server, and the requirements that a test proves."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from fake_servers.log import EventLog
from fake_servers.reactive import open_server
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire import certificates
from fake_servers.wire.delivery import VARIANTS

PATIENCE_S = 5.0
_IGNORE_UNEXPECTED_EOF = 1 << 7
"""SSL_OP_IGNORE_UNEXPECTED_EOF, which Python sets and has no name for before 3.12."""

Test = TypeVar("Test", bound=Callable[..., None])


def proves(*requirements: str) -> Callable[[Test], Test]:
    """The requirements of servers that a test proves for our servers."""

    def mark(test: Test) -> Test:
        setattr(test, "proves", (*requirements, *getattr(test, "proves", ())))
        return test

    return mark


class Peer:
    """A client that sends octets as they are and gives the replies as they came."""

    def __init__(self, server: ReactiveServer, protocol: str) -> None:
        self.protocol = protocol
        self.server = server
        self._sock = socket.create_connection((server.host, server.port), PATIENCE_S)
        self._octets = b""

    def send(self, octets: bytes) -> None:
        """Send octets as they are."""
        self._sock.sendall(octets)

    def is_stuck_within(self, octets: int) -> bool:
        """Whether the server stops taking octets before this many, because it does not read."""
        self._sock.setblocking(False)
        try:
            while octets > 0:
                octets -= self._sock.send(b"x" * min(octets, 1024))
        except BlockingIOError:
            return True
        finally:
            self._sock.settimeout(PATIENCE_S)
        return False

    def ask(self, *lines: bytes) -> bytes:
        """Send each line with CRLF and read its reply; gives the last reply."""
        said = b""
        for line in lines:
            self.send(line + b"\r\n")
            said = self.reply()
        return said

    def reply(self) -> bytes:
        """The next reply, without a listing; all lines of an SMTP reply."""
        said = self._take(b"\r\n")
        while self.protocol == "smtp" and said.split(b"\r\n")[-2][3:4] == b"-":
            said += self._take(b"\r\n")
        return said

    def listing(self, line: bytes) -> list[bytes]:
        """The lines of a multi-line reply of POP3, as they came, without its first and last."""
        assert self.ask(line).startswith(b"+OK")
        rows = []
        while (row := self._take(b"\r\n")) != b".\r\n":
            rows.append(row.removesuffix(b"\r\n"))
        return rows

    def secure(self, client_certificate: bool = False, strict: bool = False) -> None:
        """Shake hands; the server's certificate is verified.

        strict  an end of the connection without close_notify is an error
        """
        assert self._octets == b"", "nothing follows the reply"
        context = ssl.create_default_context(cafile=str(certificates.ca_file()))
        if client_certificate:
            context.load_cert_chain(*map(str, certificates.client_files()))
        if strict:
            context.options &= ~_IGNORE_UNEXPECTED_EOF
        self._sock = context.wrap_socket(
            self._sock, server_hostname=self.server.host, suppress_ragged_eofs=not strict
        )

    @property
    def tls_version(self) -> str:
        """The TLS version of the connection; empty without TLS."""
        version = self._sock.version() if isinstance(self._sock, ssl.SSLSocket) else None
        return version or ""

    def heard_within(self, seconds: float) -> bytes:
        """What comes in this time, although nothing is expected."""
        self._sock.settimeout(seconds)
        try:
            return self._octets + self._sock.recv(65536)
        except TimeoutError:
            return self._octets
        finally:
            self._sock.settimeout(PATIENCE_S)

    def ended(self) -> bool:
        """Whether the server closes without sending another octet."""
        return self._octets == b"" and self._sock.recv(65536) == b""

    def sees_close_notify(self) -> bool:
        """Whether TLS ends before the connection does; nothing else may come."""
        try:
            return self._sock.recv(65536) == b""
        except ssl.SSLError:
            return False

    def segment(self) -> bytes:
        """What one read gives."""
        return self._sock.recv(65536)

    def close(self) -> None:
        self._sock.close()

    def _take(self, end: bytes) -> bytes:
        while end not in self._octets:
            more = self._sock.recv(65536)
            assert more, f"the server closed after {self._octets!r}"
            self._octets += more
        taken, self._octets = self._octets.split(end, 1)
        return taken + end


class House:
    """A running server and the peers that have connected to it."""

    def __init__(self, server: ReactiveServer, protocol: str) -> None:
        self.server = server
        self.protocol = protocol
        self.peers: list[Peer] = []

    def peer(self, greeting: bytes | None = None) -> Peer:
        """A new connection after its greeting; with TLS if the server uses implicit TLS."""
        peer = Peer(self.server, self.protocol)
        self.peers.append(peer)
        said = peer.reply()
        assert said.startswith(greeting or (b"+OK " if self.protocol == "pop3" else b"220 ")), said
        return peer


_CASE = (
    "id: {protocol}.goal.raw\ntitle: raw\ngoal: {protocol}.goal\nserver: {server}\n\n{body}R: ok\n"
)


@contextmanager
def house(protocol: str, server: str, body: str = "", variant: str = "whole") -> Iterator[House]:
    """A server as a goal case describes it: by its `server:`, `M:`, `D:` and `on` lines."""
    text = _CASE.format(protocol=protocol, server=server, body=body)
    trace = parse_text(text, Path("raw.trace"))
    opened = open_server(trace, EventLog(), VARIANTS[variant], Bindings(1, trace.id))
    with opened:
        made = House(opened, protocol)
        try:
            yield made
        finally:
            for peer in made.peers:
                peer.close()
    if opened.failure is not None:
        raise opened.failure


USER = "users=[[mrose, tanstaaf]]"
MAIL = """M: 1
D: Subject: one
D:
D: .one
D: two
M: 2
D: Subject: two
D:
M: 3
D|
"""


@contextmanager
def pop3(server: str = USER, body: str = MAIL) -> Iterator[Peer]:
    """One connection to a POP3 server."""
    with house("pop3", server, body) as made:
        yield made.peer()


@contextmanager
def logged_in(server: str = USER, body: str = MAIL) -> Iterator[Peer]:
    """One connection in TRANSACTION."""
    with pop3(server, body) as peer:
        assert peer.ask(b"USER mrose", b"PASS tanstaaf").startswith(b"+OK ")
        yield peer


@contextmanager
def smtp(server: str = "caps=[]", body: str = "") -> Iterator[Peer]:
    """One connection to an SMTP server, before EHLO."""
    with house("smtp", server, body) as made:
        yield made.peer()


@contextmanager
def hello(server: str = "caps=[]", body: str = "") -> Iterator[Peer]:
    """One connection to an SMTP server that has answered EHLO."""
    with smtp(server, body) as peer:
        assert peer.ask(b"EHLO client.example.org").startswith(b"250")
        yield peer
