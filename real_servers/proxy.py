"""A TCP proxy that cuts, joins and delays what passes, from a seed: TCP keeps no boundaries."""

from __future__ import annotations

import random
import socket
import threading
import time

CHUNK = 65536
MOST_CUTS = 6
DELAY_S = 0.002
JOIN_S = 0.001
WAIT_S = 5.0


class CuttingProxy:
    """Listens on a free port of the loopback interface, and passes on to another.

    host, port   where it listens
    connections  how many it has taken
    """

    def __init__(self, port: int, seed: int, host: str = "127.0.0.1") -> None:
        self.host = host
        self._target = (host, port)
        self._seed = seed
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._socks: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> CuttingProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for sock in self._socks:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended
        for thread in self._threads:
            thread.join(WAIT_S)
        for sock in (self._listener, *self._socks):
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target, WAIT_S)
            except OSError:
                return
            far.settimeout(None)
            self.connections += 1
            self._socks += [near, far]
            for number, (source, sink) in enumerate(((near, far), (far, near))):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                drawn = random.Random(f"{self._seed} {self.connections} {number}")
                thread = threading.Thread(target=_pass, args=(source, sink, drawn), daemon=True)
                self._threads.append(thread)
                thread.start()


def _pass(source: socket.socket, sink: socket.socket, drawn: random.Random) -> None:
    """Pass octets on until one side ends."""
    try:
        while octets := source.recv(CHUNK):
            if drawn.random() < 0.2:
                time.sleep(JOIN_S)  # what comes meanwhile is joined to this
                octets += _more(source)
            for piece in _cut(octets, drawn):
                sink.sendall(piece)
                if drawn.random() < 0.1:
                    time.sleep(drawn.random() * DELAY_S)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side has gone


def _more(source: socket.socket) -> bytes:
    try:
        return source.recv(CHUNK, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


def _cut(octets: bytes, drawn: random.Random) -> list[bytes]:
    """Cut at random places, and often before the LF or the dot of a line ending."""
    places = {drawn.randrange(1, len(octets) + 1) for _ in range(drawn.randrange(MOST_CUTS))}
    for mark in (b"\n", b"\n."):
        if (at := octets.rfind(mark)) > 0 and drawn.random() < 0.5:
            places |= {at, at + 1}
    ends = sorted({place for place in places if place < len(octets)} | {len(octets)})
    return [octets[start:end] for start, end in zip([0, *ends], ends)]
