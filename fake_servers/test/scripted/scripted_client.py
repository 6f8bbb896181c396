"""A client that a test drives against a scripted server."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fake_servers.finding import ServerFinding
from fake_servers.log import EventLog
from fake_servers.scripted.server import ScriptedServer
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire import certificates
from fake_servers.wire.delivery import VARIANTS

HEAD = "id: pop3.test.one\ntitle: one\ntimeout: 100\n"


class Client:
    """A client that a test drives: octets out, octets in."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.sock = socket.create_connection((host, port), 3.0)

    def secure(self, trusts: bool = True) -> None:
        """Shake hands; a client that trusts checks neither name nor issuer."""
        context = ssl.create_default_context(cafile=str(certificates.ca_file()))
        if trusts:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        host = str(self.sock.getpeername()[0])
        self.sock = context.wrap_socket(self.sock, server_hostname=host)

    def say(self, octets: bytes) -> None:
        """Send octets as they are."""
        self.sock.sendall(octets)

    def hear(self, octets: bytes) -> None:
        """Read exactly these octets."""
        heard = b""
        while len(heard) < len(octets) and (more := self.sock.recv(len(octets) - len(heard))):
            heard += more
        assert heard == octets

    def hear_end(self) -> None:
        """The server must have closed."""
        assert self.sock.recv(1) == b""

    def close(self) -> None:
        """Close the connection."""
        self.sock.close()


Act = Callable[[Client], None]


@dataclass
class ScriptedRun:
    """What a case leaves behind."""

    server: ScriptedServer
    log: EventLog

    @property
    def findings(self) -> list[ServerFinding]:
        """The server's findings; a failure of the server itself is raised."""
        if self.server.failure is not None:
            raise self.server.failure
        return self.server.findings


def play(
    timeline: str, *acts: Act, variant: str = "whole", paced: bool = True, head: str = HEAD
) -> ScriptedRun:
    """Play a timeline; each act is what the client does in one call, connecting in the first."""
    trace = parse_text(f"{head}\n{timeline}", Path("one.trace"))
    log = EventLog()
    server = ScriptedServer(trace, log, VARIANTS[variant], Bindings(1, trace.id), paced=paced)
    calls = [item.line for item in trace.items if type(item).__name__ == "Call"]
    client: Client | None = None
    with server:
        for line, act in zip(calls, acts, strict=True):
            assert server.wait_for_server(line)
            server.caller_enters(line)
            if client is None:
                client = Client(server.port, server.host)
                if variant == "tls":
                    client.secure()
            act(client)
            server.caller_leaves(line)
    if client is not None:
        client.close()
    return ScriptedRun(server, log)


def nothing(_: Client) -> None:
    """A call without any traffic."""


GREETING = "A: pop3.connect\nS: +OK ready\nR: ok\n"


def greeted(client: Client) -> None:
    """The client's side of GREETING."""
    client.hear(b"+OK ready\r\n")


NOOP = "A: pop3.noop\nC: NOOP\nS: +OK\nR: ok\n"


def noop(client: Client) -> None:
    """The client's side of NOOP."""
    client.say(b"NOOP\r\n")
    client.hear(b"+OK\r\n")
