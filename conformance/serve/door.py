"""Hands accepted connections over to the test server of one session."""

from __future__ import annotations

import os
import socket
from collections import deque
from typing import Any

from fake_servers.wire.errors import Stopped


class HandDoor:
    """A `fake_servers.server.Door` that gets its connections from the bench.

    most  so many connections belong to the session; after them no more is to come
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.handed = 0
        self._waiting: deque[tuple[socket.socket, Any]] = deque()
        self._options: list[tuple[int, int, int]] = []
        self._readable, self._writable = os.pipe()
        self._accepted = 0
        self._is_closed = False

    @property
    def has_room(self) -> bool:
        """Whether one more connection belongs to the session."""
        return self.handed < self.most and not self._is_closed

    def hand(self, sock: socket.socket, address: Any) -> None:
        """Give the server one more connection; called by the thread that accepts them."""
        self.handed += 1
        self._waiting.append((sock, address))
        os.write(self._writable, b"!")

    def fileno(self) -> int:
        """Readable while a connection waits, and once no more is to come."""
        if self._accepted == self.most:
            raise Stopped("no more connections belong to this session")
        return self._readable

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection."""
        os.read(self._readable, 1)
        self._accepted += 1
        sock, address = self._waiting.popleft()
        for option in self._options:
            sock.setsockopt(*option)
        return sock, address

    def setsockopt(self, level: int, option: int, value: int) -> None:
        """Set an option of every connection that is accepted from now on."""
        self._options.append((level, option, value))

    def close(self) -> None:
        """Close what nobody has accepted."""
        if not self._is_closed:
            self._is_closed = True
            for sock, _ in self._waiting:
                sock.close()
            os.close(self._readable)
            os.close(self._writable)
