"""Keeps the two threads of a timeline in step: the caller of the client, and the server.

An item of the wire below an `A:` or `R:` line is not played before the caller has passed that
line. An `A:` is not called before the server has played everything above it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from fake_servers.trace.syntax import Call, Item, Result

_END = 1 << 62


class Barrier:
    """How far the caller and the server are, in lines of the trace."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._moved = threading.Condition()
        self._awaited: list[Callable[[], bool]] = []
        self._caller = 0
        self._call = 0
        self._server = 0
        self._server_needs = 0
        self._in_call = False
        self._stopped = False
        self._result_of = _results(items)

    # -- the caller's side --------------------------------------------------------

    def caller_enters(self, line: int) -> None:
        """The client is called: the `A:` line `line`."""
        with self._moved:
            self._caller, self._call, self._in_call = line, line, True
            self._wake()

    def caller_leaves(self, line: int) -> None:
        """The client has returned; `line` is that of the `R:`, or of the `A:` without one."""
        with self._moved:
            self._caller, self._in_call = self._result_of.get(line, line), False
            self._wake()

    def wait_for_server(self, line: int, timeout_s: float) -> bool:
        """Wait until the server has played everything above `line`; False on timeout."""
        with self._moved:
            return self._wait(lambda: self._server >= line, timeout_s)

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Wait until the server has played all that it may without another call."""
        with self._moved:
            return self._wait(lambda: self._server_needs > self._caller, timeout_s)

    @property
    def call_line(self) -> int:
        """The `A:` line of the call at work, or of the last one; 0 before the first."""
        return self._call

    @property
    def in_call(self) -> bool:
        """Whether the client is in a call."""
        return self._in_call

    # -- the server's side --------------------------------------------------------

    def server_reaches(self, line: int, needs: int) -> None:
        """All above `line` is played; the next step needs the caller to pass line `needs`."""
        with self._moved:
            self._server, self._server_needs = line, needs
            self._wake()

    def server_ends(self) -> None:
        """Everything is played, or nothing more will be."""
        self.server_reaches(_END, _END)

    def has_passed(self, line: int) -> bool:
        """Whether the caller has passed `line`, or no more calls will come."""
        return self._stopped or self._caller >= line

    def wait_for_caller(self, line: int, timeout_s: float | None = None) -> bool:
        """Wait until the caller has passed `line`; False on timeout, or if it never will."""
        with self._moved:
            self._wait(lambda: self.has_passed(line), timeout_s)
            return self._caller >= line

    @property
    def stopped(self) -> bool:
        """Whether no more calls will come."""
        return self._stopped

    def stop(self) -> None:
        """Wake the server: no more calls will come."""
        with self._moved:
            self._stopped = True
            self._wake()

    # -- both sides, holding the lock ---------------------------------------------

    def _wait(self, condition: Callable[[], bool], timeout_s: float | None) -> bool:
        if condition():
            return True
        self._awaited.append(condition)
        try:
            return self._moved.wait_for(condition, timeout_s)
        finally:
            self._awaited.remove(condition)

    def _wake(self) -> None:
        """Wake the other thread only if that is what it waits for: most steps concern nobody, and
        to wake a thread takes longer than a step.
        """
        if any(condition() for condition in self._awaited):
            self._moved.notify_all()


class Unpaced(Barrier):
    """A timeline without a caller: a client that nobody here calls sets the pace."""

    def __init__(self) -> None:
        super().__init__(())
        self._caller, self._in_call = _END, True

    def wait_until_idle(self, timeout_s: float) -> bool:
        """There is nothing to wait for: the server may be ended at any time."""
        return True


def _results(items: Iterable[Item]) -> dict[int, int]:
    """For the line of each `A:`, the line of its `R:`."""
    results: dict[int, int] = {}
    call = 0
    for item in items:
        if isinstance(item, Call):
            call = item.line
        elif isinstance(item, Result):
            results[call] = item.line
    return results
