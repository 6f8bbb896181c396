"""What all fake servers share: a port, threads, connections and an end."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from fake_servers import threads
from fake_servers.listen_address import listen_address
from fake_servers.log import EventLog, Kind
from fake_servers.threads import Job
from fake_servers.wire.connection import Wire
from fake_servers.wire.delivery import Delivery
from fake_servers.wire.errors import EndOfStream, Stopped, WireError

JOIN_S = 5.0
"""The longest wait for a server thread when the server stops."""

SILENCE_MS = 5000
"""The longest wait for the client to read what came before a silence. Its clock must not be
advanced while octets are on their way: otherwise the machine would decide which comes first."""

MOST_CONNECTIONS = 256
"""More than any case needs. After this many the port is closed."""

_Self = TypeVar("_Self", bound="Server")


class Door(Protocol):
    """Where connections come from: a listening socket, or somebody who has one."""

    def fileno(self) -> int:
        """Readable when `accept` does not have to wait."""

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection, and the address of the client; raises Stopped when the server stops."""

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """Set an option of every connection that is accepted from now on."""

    def close(self) -> None:
        """No more is accepted here."""


class Server:
    """A server, usually on a free port of the loopback interface, in threads of this process.

    A subclass says in `serve` what happens on one connection; each connection has a thread of
    its own. A server that plays its connections one after the other overrides `run`.

    port        bound from the start; connections queue until start()
    on_silence  called when the server has fallen silent for good and the client has read all
                that it sent: the time to advance the client's clock. It is called again for
                a while as long as it gives False
    failure     an exception of the server itself (an error of the suite), or None
    """

    def __init__(
        self,
        log: EventLog,
        delivery: Delivery,
        timeout_s: float = 5.0,
        host: str = "",
        door: Door | None = None,
    ) -> None:
        """Listen on `host`, by default on the listen address, or the delivery variant's own.

        With a `door` it does not listen itself, and has no host and no port.
        """
        self.log = log
        self.delivery = delivery
        self.timeout_s = timeout_s
        self.on_silence: Callable[[], bool | None] | None = None
        self.failure: Exception | None = None
        self.stopping = False
        self._is_over = False
        self.host = host
        self.port = 0
        self._door = self._open_door() if door is None else door
        self._wake, self._waker = os.pipe()
        self._accepted = 0
        self._main: Job | None = None
        self._jobs: list[Job] = []

    def _open_door(self) -> socket.socket:
        address = listen_address()
        self.host = self.host or address.bind_host(self.delivery.host)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        opened = socket.create_server((self.host, address.port), family=family)
        self.port = opened.getsockname()[1]
        return opened

    def __enter__(self: _Self) -> _Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start to accept connections."""
        self._main = threads.start(self._guard, self.run)

    def serve_here(self) -> None:
        """In this thread, serve one connection after the other until no more is to come.

        Instead of start(); `interrupt` ends it from another thread.
        """
        self._guard(self._serve_in_turn)

    @property
    def is_client_busy(self) -> bool:
        """Whether the client may still be in a call."""
        return True

    @property
    def running(self) -> bool:
        """Whether the server still accepts or plays."""
        return self._main is not None and not self._main.is_done

    def interrupt(self) -> None:
        """End every wait of the server, now and later; may be called until stop() is."""
        if not self.stopping:
            self.stopping = True
            os.write(self._waker, b"!")

    def stop(self) -> None:
        """End every connection and thread; may be called twice.

        Octets that the client sent before this call are still read and logged.
        """
        if self._is_over:
            return
        self._is_over = True
        self.interrupt()
        for job in [self._main, *self._jobs]:
            if job is not None and not job.join(JOIN_S):
                self.failure = RuntimeError(f"a server thread did not end within {JOIN_S:g} s")
                return
        self._door.close()
        os.close(self._waker)
        os.close(self._wake)

    def run(self) -> None:
        """Accept connections until the server stops; serve each in a thread of its own."""
        while True:
            wire = self.accept(None)
            self._jobs.append(threads.start(self._guard, self._serve_and_close, wire))

    def serve(self, wire: Wire) -> None:
        """Serve one connection; a WireError that this raises ends it."""
        raise NotImplementedError

    def accept(self, timeout_s: float | None) -> Wire:
        """The next connection; raises Stopped, or TimeoutError after `timeout_s`."""
        poll = select.poll()
        poll.register(self._door, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        ready = [fd for fd, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)]
        if self._door.fileno() in ready:
            if self._accepted == MOST_CONNECTIONS:
                message = (
                    f"the client opened {MOST_CONNECTIONS} connections; the server accepts no more"
                )
                self.log.append(Kind.NOTE, data={"text": message})
                self._door.close()
                raise Stopped(message)
            sock, _ = self._door.accept()
            self._accepted += 1
            return Wire(sock, self.log, self._accepted, self.delivery, self.timeout_s, self._wake)
        if ready:
            raise Stopped("the server was stopped")
        raise TimeoutError

    def pause(self, seconds: float) -> None:
        """Wait; raises Stopped as soon as the server is stopped."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if poll.poll(seconds * 1000):
            raise Stopped("the server was stopped")

    def fall_silent(self, wire: Wire) -> None:
        """Wait until the client has read everything, then call `on_silence`.

        A client that is not in a call neither reads nor waits, so there is no need to wait for
        it.
        """
        deadline = time.monotonic() + SILENCE_MS / 1000
        while not wire.wait_drained() and self._may_be_heard(deadline):
            pass
        if self.on_silence is not None and self.is_client_busy:
            while self.on_silence() is False and self._may_be_heard(deadline):
                pass

    def _may_be_heard(self, deadline: float) -> bool:
        """Whether the client may still get further, so that it makes sense to wait."""
        return self.is_client_busy and not self.stopping and time.monotonic() < deadline

    def _serve_in_turn(self) -> None:
        while True:
            self._serve_and_close(self.accept(None))

    def _serve_and_close(self, wire: Wire) -> None:
        with wire:
            try:
                self.serve(wire)
            except EndOfStream:
                pass
            except WireError as error:
                self.log.append(Kind.NOTE, connection=wire.connection, data={"text": str(error)})

    def _guard(self, play: Callable[..., None], *args: Wire) -> None:
        """Keep an exception of a server thread in `failure`, for the runner."""
        try:
            play(*args)
        except Stopped:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error
