"""Reads what the client sends, for as long as the client may still send it."""

from __future__ import annotations

import time
from collections.abc import Callable

from fake_servers.scripted.barrier import Barrier
from fake_servers.wire.connection import Wire
from fake_servers.wire.errors import EndOfStream, Stopped

SLICE_S = 0.005
"""How often a waiting server looks whether the client has returned from its call."""

REMAINDER_S = 0.05
"""The longest wait for the end of a line that differs, so that a finding can show all of it."""


class Reader:
    """Fills the wire of one connection; nothing is taken from it here."""

    def __init__(self, wire: Wire, barrier: Barrier) -> None:
        self._wire = wire
        self._barrier = barrier

    def waiter(self, line: int) -> Callable[[], str | None]:
        """A function that reads more, or gives the reason why nothing more will come.

        All its calls share one deadline. `line` goes into the log.
        """
        deadline = time.monotonic() + self._wire.timeout_s

        def wait() -> str | None:
            try:
                while not self._wire.fill(SLICE_S, line):
                    if not self._barrier.in_call:
                        more = self._wire.read_all(line)
                        return None if more else "the client does not send it"
                    if time.monotonic() > deadline:
                        return f"the client sends nothing for {self._wire.timeout_s:g} s"
            except Stopped:
                raise
            except EndOfStream as end:
                return f"{end} instead"
            return None

        return wait

    def finish_line(self) -> None:
        """Wait a moment for the end of the client's line."""
        deadline = time.monotonic() + REMAINDER_S
        try:
            while b"\n" not in self._wire.received and time.monotonic() < deadline:
                self._wire.fill(SLICE_S)
        except EndOfStream:
            pass

    def has_more(self) -> bool:
        """Read what the client has written so far; False if that is nothing."""
        try:
            return self._wire.read_all()
        except EndOfStream:
            return False
