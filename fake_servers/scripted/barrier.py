"""One timeline for two threads: who calls the client, and who plays the server.

An item of the wire below an `A:` or `R:` line is not played before the caller has
passed that line; an `A:` is not called before the server is done with all above it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from fake_servers.trace.syntax import Call, Item, Result

_END = 1 << 62


class Barrier:
    """Where caller and server stand in the trace, by its lines."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._moved = threading.Condition()
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
            self._moved.notify_all()

    def caller_leaves(self, line: int) -> None:
        """The client has answered: the line of its `R:`, or of the `A:` that it answers."""
        with self._moved:
            self._caller, self._in_call = self._result_of.get(line, line), False
            self._moved.notify_all()

    def wait_for_server(self, line: int, timeout_s: float) -> bool:
        """Wait until the server is done with all above `line`; False if it is not in time."""
        with self._moved:
            return self._moved.wait_for(lambda: self._server >= line, timeout_s)

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Wait until the server is done with all that the caller's place lets it play."""
        with self._moved:
            return self._moved.wait_for(lambda: self._server_needs > self._caller, timeout_s)

    @property
    def call_line(self) -> int:
        """The `A:` line of the call that the client works on, or worked on last; 0 before."""
        return self._call

    @property
    def in_call(self) -> bool:
        """True while the client works on a call."""
        return self._in_call

    # -- the server's side --------------------------------------------------------

    def server_reaches(self, line: int, needs: int) -> None:
        """All above `line` is played; the next waits for the caller to pass line `needs`."""
        with self._moved:
            self._server, self._server_needs = line, needs
            self._moved.notify_all()

    def server_ends(self) -> None:
        """All is played, or nothing more will be."""
        self.server_reaches(_END, _END)

    def has_passed(self, line: int) -> bool:
        """Whether the caller has passed `line`, or no call will come any more."""
        return self._stopped or self._caller >= line

    def wait_for_caller(self, line: int, timeout_s: float | None = None) -> bool:
        """Wait until the caller has passed `line`; False if it has not, or never will."""
        with self._moved:
            self._moved.wait_for(lambda: self.has_passed(line), timeout_s)
            return self._caller >= line

    @property
    def stopped(self) -> bool:
        """True once no call will come any more."""
        return self._stopped

    def stop(self) -> None:
        """Wake the server: no call will come any more."""
        with self._moved:
            self._stopped = True
            self._moved.notify_all()


class Unpaced(Barrier):
    """A timeline without a caller: the client is somebody else's and goes its own way."""

    def __init__(self) -> None:
        super().__init__(())
        self._caller, self._in_call = _END, True

    def wait_until_idle(self, timeout_s: float) -> bool:
        """There is no place to wait for: the server may be ended at any time."""
        return True


def _results(items: Iterable[Item]) -> dict[int, int]:
    """The line of the `R:` for the line of each `A:`."""
    results: dict[int, int] = {}
    call = 0
    for item in items:
        if isinstance(item, Call):
            call = item.line
        elif isinstance(item, Result):
            results[call] = item.line
    return results
