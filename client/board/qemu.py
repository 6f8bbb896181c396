#!/usr/bin/env python3
"""Runs a program on a Cortex-M4 that QEMU emulates, and carries out its calls of POSIX.

usage: qemu.py mailc-driver.elf

The board's stdin, stdout and stderr are those of this program, its sockets are sockets here.
posix.c has the other end, and the form of a call. The exit status is that of the board's program.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, NoReturn

MOST_OCTETS = 1 << 20
"""Octets of one call."""
MOST_SOCKETS = 16
FIRST_SOCKET = 3
MOST_EVENTS = 0xFF
"""All events of poll(), which are one octet of its answer."""
AGAIN, IN_PROGRESS, OTHER = 1, 2, 3
LIMIT_END_S = 5.0
"""How long QEMU may take to end when its program has."""

Answer = tuple[int, bytes]


class Unread(Exception):
    """Nobody reads what the board writes."""


class Ended(Exception):
    """QEMU has ended within a call, or before it has read the answer."""


def _room(asked: int) -> int:
    """Of the octets that the board asks for, those of one answer."""
    if asked < 0:
        raise ValueError(f"it asks for {asked} octets")
    return min(asked, MOST_OCTETS)


class Board:
    """The calls of one board: each method takes the numbers and octets of one call."""

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._found: list[tuple[int, tuple[object, ...]]] = []

    def serve(self, calls: IO[bytes], answers: IO[bytes]) -> None:
        """Until the board has ended; raises Ended, and ValueError for what is no call."""
        while head := calls.read(5):
            length = int.from_bytes(head[1:], "little")
            if length > MOST_OCTETS:
                raise ValueError(f"it is longer than {MOST_OCTETS} octets")
            body = calls.read(length)
            if len(head) < 5 or len(body) != length:
                raise Ended("it ends too early")
            result, error, octets = self._carry_out(head[:1], body)
            try:
                answers.write(struct.pack("<iII", result, error, len(octets)) + octets)
                answers.flush()
            except BrokenPipeError:
                raise Ended("it does not read the answer") from None

    def _carry_out(self, letter: bytes, body: bytes) -> tuple[int, int, bytes]:
        call = CALLS.get(letter)
        if call is None:
            raise ValueError(f"there is no call {letter!r}")
        count, carry_out = call
        size = 4 * count if count >= 0 else len(body)
        try:
            numbers = struct.unpack(f"<{size // 4}i", body[:size])
            result, octets = carry_out(self, numbers, body[size:])
        except struct.error:
            raise ValueError(f"the call {letter!r} is too short") from None
        except BlockingIOError as error:
            return -1, IN_PROGRESS if letter == b"C" else AGAIN, b""
        except (OSError, KeyError, IndexError, UnicodeError):
            return -1, OTHER, b""
        return result, 0, octets

    def resolve(self, numbers: tuple[int, ...], octets: bytes) -> Answer:
        """The family of each address of a host; `connect` takes its number in this list."""
        host, port = octets.decode("ascii"), numbers[0]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:MOST_SOCKETS]
        self._found = [(family, address) for family, _, _, _, address in found]
        return len(found), bytes(family for family, _ in self._found)

    def open(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        free = set(range(FIRST_SOCKET, FIRST_SOCKET + MOST_SOCKETS)) - set(self._sockets)
        if not free:
            raise ValueError(f"it opens more than {MOST_SOCKETS} sockets")
        fd = min(free)
        self._sockets[fd] = opened = socket.socket(numbers[0], socket.SOCK_STREAM)
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return fd, b""

    def connect(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        self._sockets[numbers[0]].connect(self._found[numbers[1]][1])
        return 0, b""

    def error(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        return self._sockets[numbers[0]].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), b""

    def send(self, numbers: tuple[int, ...], octets: bytes) -> Answer:
        return self._sockets[numbers[0]].send(octets), b""

    def receive(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        octets = self._sockets[numbers[0]].recv(_room(numbers[1]))
        return len(octets), octets

    def close(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        if numbers[0] >= FIRST_SOCKET:
            self._sockets.pop(numbers[0]).close()
        return 0, b""

    def poll(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        """Waits for `ms` at most; a descriptor and its events follow, pair by pair."""
        ms, pairs = numbers[0], list(zip(numbers[1::2], numbers[2::2]))
        watched = select.poll()
        numbers_here = [self._number_here(fd) for fd, _ in pairs]
        for here, (_, events) in zip(numbers_here, pairs):
            if not 0 <= events <= MOST_EVENTS:
                raise ValueError(f"it polls for the events {events}")
            if here >= 0:
                watched.register(here, events)
        ready = dict(watched.poll(ms))
        return len(ready), bytes(ready.get(here, 0) & 0xFF for here in numbers_here)

    def _number_here(self, fd: int) -> int:
        return self._sockets[fd].fileno() if fd >= FIRST_SOCKET else fd

    def read(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        octets = os.read(0, _room(numbers[1]))
        return len(octets), octets

    def write(self, numbers: tuple[int, ...], octets: bytes) -> Answer:
        try:
            return os.write(2 if numbers[0] == 2 else 1, octets), b""
        except BrokenPipeError as error:
            raise Unread from error

    def random(self, numbers: tuple[int, ...], _octets: bytes) -> Answer:
        octets = os.urandom(_room(numbers[1]))
        return len(octets), octets


CALLS: dict[bytes, tuple[int, Callable[[Board, tuple[int, ...], bytes], Answer]]] = {
    b"N": (1, Board.resolve),
    b"S": (1, Board.open),
    b"C": (2, Board.connect),
    b"E": (1, Board.error),
    b"T": (1, Board.send),
    b"R": (2, Board.receive),
    b"X": (1, Board.close),
    b"P": (-1, Board.poll),
    b"I": (2, Board.read),
    b"O": (1, Board.write),
    b"G": (2, Board.random),
}
"""Each call's count of numbers, -1 for numbers alone, and what carries it out."""


def start(program: str) -> subprocess.Popen[bytes]:
    """QEMU, whose stdin and stdout the board opens by semihosting."""
    words = ["qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none"]
    words += ["-serial", "none", "-semihosting-config", "enable=on,target=native"]
    words += ["-kernel", program]
    try:
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except FileNotFoundError:
        sys.exit("qemu.py: there is no qemu-system-arm (package qemu-system-arm)")


def _end(_number: int, _frame: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Ends with the exit status of the board's program, or by the signal that ended QEMU."""
    status = run()
    if status < 0:
        with suppress(OSError):  # SIGKILL has no other action
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


def run() -> int:
    """The exit status of QEMU, which is that of the board's program; below 0, a signal."""
    if len(sys.argv) != 2 or not os.path.isfile(sys.argv[1]):
        sys.exit("usage: qemu.py mailc-driver.elf; ./mailspec run --subject mailc-qemu builds it")
    signal.signal(signal.SIGTERM, _end)
    child = start(sys.argv[1])
    assert child.stdin is not None and child.stdout is not None
    try:
        return serve(child, child.stdout, child.stdin)
    except (Ended, ValueError) as error:
        sys.exit(f"qemu.py: the board makes a wrong call: {error}")
    except (OSError, Unread, KeyboardInterrupt, subprocess.TimeoutExpired):
        return 1
    finally:
        child.kill()
        child.wait()
        with suppress(BrokenPipeError):  # an answer that was not read is still in it
            child.stdin.close()


def serve(child: subprocess.Popen[bytes], calls: IO[bytes], answers: IO[bytes]) -> int:
    """The exit status of QEMU, also if it ended by a fault in the middle of a call."""
    try:
        Board().serve(calls, answers)
    except Ended:
        if status := child.wait(LIMIT_END_S):
            return status
        raise
    return child.wait(LIMIT_END_S)


if __name__ == "__main__":
    main()
