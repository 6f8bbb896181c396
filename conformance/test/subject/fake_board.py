"""Boards for the tests: a driver behind a pty pair, or behind a TCP port, each with its habits."""

from __future__ import annotations

import json
import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.test.subject import fake_driver

Habit = Callable[[bytes], bytes]
"""What a board writes after a line of the suite's."""
STEP_S = 0.02


def answer(line: bytes) -> bytes:
    """What a good board writes."""
    row = fake_driver.answer(json.loads(line), fake_driver.DEFAULT)
    return b"" if row is None else json.dumps(row).encode() + b"\n"


class Board:
    """A thread that hears lines and writes what its habit says.

    heard  the lines so far, of every opening of the line
    """

    def __init__(self, fd: int, habit: Habit) -> None:
        self.heard: list[bytes] = []
        self._fd = fd
        self._habit = habit
        self._stops = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, not the line."""
        self._stops.set()
        self._thread.join()

    def _run(self) -> None:
        got = b""
        while not self._stops.is_set():
            if not select.select([self._fd], [], [], STEP_S)[0]:
                continue
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                return
            if not chunk:
                return
            *lines, got = (got + chunk).split(b"\n")
            for line in lines:
                self.heard.append(line)
                self._say(self._habit(line) if line.strip() else b"")

    def _say(self, octets: bytes) -> None:
        while octets and not self._stops.is_set():
            if select.select([], [self._fd], [], STEP_S)[1]:
                try:
                    octets = octets[os.write(self._fd, octets[:1024]) :]
                except OSError:
                    return


class SerialBoard:
    """A board at one end of a pty pair; `address` is the other end."""

    def __init__(self, habit: Habit, options: str) -> None:
        self._board_end, self._kept = pty.openpty()
        tty.setraw(self._kept)
        self.address = f"serial:{os.ttyname(self._kept)}{options}"
        self.board = Board(self._board_end, habit)

    def unplug(self) -> None:
        """The device goes while its line is open."""
        self.board.stop()
        for fd in (self._board_end, self._kept):
            if fd >= 0:
                os.close(fd)
        self._board_end = self._kept = -1


@contextmanager
def serial_board(habit: Habit = answer, options: str = "") -> Iterator[SerialBoard]:
    """A board that is plugged in until the end, or until unplug()."""
    board = SerialBoard(habit, options)
    try:
        yield board
    finally:
        board.unplug()


@contextmanager
def tcp_board(habit: Habit = answer) -> Iterator[str]:
    """The address of a board that takes one connection after the other."""
    boards: list[Board] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(STEP_S)
        stops = threading.Event()

        def accept() -> None:
            while not stops.is_set():
                try:
                    wire, _ = listener.accept()
                except TimeoutError:
                    continue
                boards.append(Board(wire.detach(), habit))

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stops.set()
            thread.join()
            for board in boards:
                board.stop()
                os.close(board._fd)  # pylint: disable=protected-access
