"""How every fake server uses its port and threads, and how it ends."""

from __future__ import annotations

import os
import select
import socket
import threading
import time

import pytest

from fake_servers.log import EventLog, Kind
from fake_servers.server import Server
from fake_servers.wire import carrier
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import VARIANTS
from fake_servers.wire.errors import Stopped


class Echo(Server):
    """Sends each line back; the line `fail` makes it fail, `hush` makes it fall silent."""

    def __init__(self) -> None:
        super().__init__(EventLog(), VARIANTS["whole"], timeout_s=3.0)

    def serve(self, wire: Wire) -> None:
        """Until the client closes."""
        while True:
            line = wire.read_line()
            if line == b"fail\r\n":
                raise ZeroDivisionError("on purpose")
            wire.send(line)
            if line == b"hush\r\n":
                self.fall_silent(wire)


def connect(server: Server) -> socket.socket:
    """A client's socket."""
    return socket.create_connection((server.host, server.port), 3.0)


def test_connections_are_served_side_by_side() -> None:
    """A second client is answered while the first is still there; the log numbers them."""
    with Echo() as server, connect(server) as first, connect(server) as second:
        for client in (second, first):
            client.sendall(b"hello\r\n")
            assert client.recv(100) == b"hello\r\n"
    assert [e.connection for e in server.log if e.kind is Kind.CONNECT] == [1, 2]
    assert server.failure is None


def test_stop_ends_a_server_that_waits() -> None:
    """A server that waits for a line or a connection ends at once; stop() twice is harmless."""
    server = Echo()
    server.start()
    with connect(server) as client:
        client.sendall(b"x\r\n")
        assert client.recv(10) == b"x\r\n"
        begin = time.monotonic()
        server.stop()
        server.stop()
        assert time.monotonic() - begin < 1
        assert client.recv(10) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(server)


def test_what_the_client_sent_before_the_end_is_in_the_log() -> None:
    """The server reads octets that are on their way when it is stopped."""
    with Echo() as server, connect(server) as client:
        client.sendall(b"x\r\n")
        assert client.recv(10) == b"x\r\n"
        client.sendall(b"late")
    received = [event.octets for event in server.log if event.kind is Kind.RX]
    assert b"".join(received) == b"x\r\nlate"


def test_a_failure_of_the_server_is_kept() -> None:
    """It is an error of the suite, which the runner finds after the case."""
    with Echo() as server, connect(server) as client:
        client.sendall(b"fail\r\n")
        assert client.recv(10) == b""
    assert isinstance(server.failure, ZeroDivisionError)


def test_silence_is_told_after_the_client_has_read() -> None:
    """The server waits for a slow client, until no reply is on its way any more."""
    with Echo() as server, connect(server) as client:
        was_silent = threading.Event()
        unread: list[bool] = []

        def on_silence() -> None:
            unread.append(bool(select.select([client], [], [], 0)[0]))
            was_silent.set()

        server.on_silence = on_silence
        client.sendall(b"hush\r\n")
        assert not was_silent.wait(0.05)
        assert client.recv(10) == b"hush\r\n"
        assert was_silent.wait(3.0)
    assert unread == [False]
    assert server.failure is None


def test_a_client_that_never_pauses_is_not_heard_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the stop what has come already is read, but not all that a flood goes on to send."""
    monkeypatch.setattr(carrier, "_CHUNK", 100)
    monkeypatch.setattr(carrier, "READS_AFTER_STOP", 7)
    wake, waker = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 3.0)
        accepted, _ = listener.accept()
    log = EventLog()
    with client, Wire(accepted, log, 1, VARIANTS["whole"], 3.0, wake) as wire:
        client.sendall(b"x" * 10_000)
        assert wire.has_news(3.0)
        os.write(waker, b"!")
        with pytest.raises(Stopped):
            while wire.fill():
                pass
        assert len(wire.received) <= 700
    os.close(wake)
    os.close(waker)
