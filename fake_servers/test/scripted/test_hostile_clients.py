"""Whatever octets a client sends over a socket, a server ends the connection and has not failed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_servers.log import EventLog
from fake_servers.reactive.options import Options
from fake_servers.reactive.server import ReactiveServer, ServerConfig
from fake_servers.scripted.server import ScriptedServer
from fake_servers.server import Server
from fake_servers.test.reactive.test_reactive_hostile import INPUT, LMTP, OPTIONS
from fake_servers.trace.parser import parse_text
from fake_servers.trace.template import Bindings
from fake_servers.wire.delivery import VARIANTS

PATIENCE_S = 5.0
"""A server that has not closed by then never will."""

MESSAGES = (b"A: b\r\n\r\n.\r\n", b"")
SCRIPT = """\
id: pop3.hostile.script
title: A script with every kind of line that waits for the client
timeout: 50

S: +OK
C: USER $who
S: +OK
opt {
  C: NOOP
  S: +OK
}
any {
  C: STAT
  S: +OK 0 0
  C: LIST
  S: +OK
}
C: QUIT
S: +OK
"""


def reactive(protocol: str, options: Options) -> Callable[[], Server]:
    """Opens a server for one connection; its logins and messages do not outlive it."""

    def open_one() -> Server:
        config = ServerConfig(protocol, options, MESSAGES)
        return ReactiveServer(config, EventLog(), VARIANTS["whole"], Bindings(1, "hostile"))

    return open_one


def scripted() -> Server:
    """A trace, played at the pace of the wire."""
    trace = parse_text(SCRIPT, Path("hostile.trace"))
    bindings = Bindings(1, trace.id)
    return ScriptedServer(trace, EventLog(), VARIANTS["whole"], bindings, paced=False)


def hear_out(client: socket.socket) -> None:
    """Read until the server closes or resets the connection."""
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass


@pytest.mark.parametrize(
    "open_server",
    [reactive("pop3", OPTIONS), reactive("smtp", OPTIONS), reactive("smtp", LMTP), scripted],
    ids=["pop3", "smtp", "lmtp", "scripted"],
)
@settings(deadline=None, max_examples=40)
@given(pieces=st.lists(INPUT | st.binary(max_size=40), max_size=4), is_abrupt=st.booleans())
def test_a_server_ends_whatever_it_is_sent(
    open_server: Callable[[], Server], pieces: list[bytes], is_abrupt: bool
) -> None:
    """The client closes at once, or sends FIN and reads until the server closes."""
    server = open_server()
    with server:
        with socket.create_connection((server.host, server.port), PATIENCE_S) as client:
            try:
                for piece in pieces:
                    client.sendall(piece)
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the server has ended it already
            if not is_abrupt:
                hear_out(client)
    assert server.failure is None
    assert not server.running
