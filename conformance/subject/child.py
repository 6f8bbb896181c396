"""One program started by the keeper: its three pipes, with a limit on every wait and on the octets.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from conformance.subject.keeper import Keeper

CHUNK = 64 * 1024
REMAINING_CHUNKS = 64
"""More than any pipe holds. If somebody else still writes into it, the rest is not read."""
STDERR_KEPT = 32 * 1024
_HANGING_UP = select.POLLIN | select.POLLHUP | select.POLLERR


class Kept:
    """The first and the last STDERR_KEPT octets of a stream."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, chunk: bytes) -> None:
        free = STDERR_KEPT - len(self._head)
        self._head += chunk[:free] if free > 0 else b""
        self._tail += chunk[max(free, 0) :]
        surplus = max(len(self._tail) - STDERR_KEPT, 0)
        self._dropped += surplus
        del self._tail[:surplus]

    def take(self) -> str:
        """What was kept since the last take, with a note at the place where octets were dropped."""
        note = f"\n[{self._dropped} octets left out]\n".encode() if self._dropped else b""
        text = bytes(self._head) + note + bytes(self._tail)
        self._head.clear()
        self._tail.clear()
        self._dropped = 0
        return text.decode("utf-8", "replace")


class Child:
    """A running program. Only write() may be called by another thread.

    out     what it wrote to stdout and nobody has taken; the caller bounds it in `carry`
    err     what it wrote to stderr
    """

    def __init__(
        self, keeper: Keeper, argv: Sequence[str], cwd: Path, env: Mapping[str, str]
    ) -> None:
        """Starts it; raises OSError, ValueError or KeeperGone."""
        self.out = bytearray()
        self.err = Kept()
        self.has_stdout = True
        self._keeper = keeper
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._closes_stdin = False
        pipes = [os.pipe() for _ in range(3)]
        theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
        self._stdin, self._stdout, self._stderr = pipes[0][1], pipes[1][0], pipes[2][0]
        self._fds = {self._stdin, self._stdout, self._stderr}
        try:
            keeper.spawn(argv, cwd, env, theirs)
        except BaseException:
            self._close_all()
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        awake, self._waker = os.pipe()
        self._awake = awake
        self._fds |= {awake, self._waker}
        for fd in self._fds:
            os.set_blocking(fd, False)
        self._poll = select.poll()
        for fd in (self._stdout, self._stderr, awake, keeper.fileno()):
            self._poll.register(fd, select.POLLIN)

    @property
    def status(self) -> int | None:
        """Its exit status, a signal as a negative number; None while it runs."""
        return self._keeper.status

    def write(self, octets: bytes, *, last: bool = False) -> None:
        """Writes these octets to its stdin, now or, if the pipe is full, during carry().

        last  closes its stdin after them
        """
        with self._lock:
            self._unsent += octets
            self._closes_stdin |= last
            self._push()
            if self._unsent:
                self._wake()

    def carry(self, deadline: float, is_done: Callable[[], bool]) -> bool:
        """Moves octets until `is_done()` or until the program has ended; returns False at the
        deadline.

        If the program has ended, everything that it wrote was read, as far as `is_done` permits.
        Raises KeeperGone.
        """
        while not is_done():
            if self.status is not None:
                self._read_remaining(is_done)
                return True
            wait_s = deadline - time.monotonic()
            if wait_s <= 0:
                return False
            self._carry_once(wait_s)
        return True

    def kill(self) -> None:
        """Kills it and everything that it started; reads what it had written."""
        self._keeper.end()
        self._read_remaining(lambda: len(self.out) > CHUNK)

    def drain_stderr(self) -> None:
        """Reads what it has written to stderr until now, up to the limit."""
        for _ in range(REMAINING_CHUNKS):
            if not self._read(self._stderr):
                return

    def close(self) -> None:
        """Closes the pipes; the program must have ended."""
        with self._lock:
            self._close_all()

    # -- inside -------------------------------------------------------------------

    def _close_all(self) -> None:
        while self._fds:
            os.close(self._fds.pop())

    def _carry_once(self, wait_s: float) -> None:
        for fd, _ in self._poll.poll(wait_s * 1000 + 1):
            if fd == self._keeper.fileno():
                self._keeper.look()
            elif fd == self._awake:
                os.read(fd, CHUNK)
                with self._lock:
                    if self._stdin in self._fds:
                        self._poll.register(self._stdin, select.POLLOUT)
            elif fd == self._stdin:
                with self._lock:
                    self._push()
                    if not self._unsent and fd in self._fds:
                        self._poll.unregister(fd)
            else:
                self._read(fd)

    def _wake(self) -> None:
        """Wakes carry() to send what is unsent."""
        try:
            os.write(self._waker, b"!")
        except BlockingIOError:
            pass  # it has been woken often enough

    def _push(self) -> None:
        """Writes what the pipe takes; a program that has stopped reading gets nothing more."""
        try:
            while self._unsent and self._stdin in self._fds:
                del self._unsent[: os.write(self._stdin, self._unsent[:CHUNK])]
        except BlockingIOError:
            return
        except OSError:
            self._closes_stdin = True
        if self._closes_stdin and self._stdin in self._fds:
            self._forget(self._stdin)
        if self._stdin not in self._fds:
            self._unsent.clear()

    def _forget(self, fd: int) -> None:
        try:
            self._poll.unregister(fd)
        except KeyError:
            pass
        self._fds.discard(fd)
        os.close(fd)

    def _read(self, fd: int) -> bool:
        """Reads one chunk; returns False if nothing is there yet, or at the end."""
        if fd not in self._fds:
            return False
        try:
            chunk = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        if not chunk:
            self.has_stdout &= fd != self._stdout
            self._forget(fd)
        elif fd == self._stdout:
            self.out += chunk
        else:
            self.err.add(chunk)
        return bool(chunk)

    def _read_remaining(self, is_done: Callable[[], bool]) -> None:
        """Reads what is left in the pipes of a program that has ended with everything that it
        started.
        """
        self.drain_stderr()
        for _ in range(REMAINING_CHUNKS):
            if is_done() or not self._read(self._stdout):
                return
