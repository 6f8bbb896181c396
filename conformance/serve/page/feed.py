"""Which sessions have changed, from the threads of the servers to the page's own loop."""

from __future__ import annotations

import asyncio
import threading

from conformance.serve.sessions import Session
from fake_servers.log import Event

LOOK_S = 0.1
"""A browser is told at most once in this time."""


class Browser:
    """What one browser has not been told yet: numbers of sessions, so it never holds much."""

    def __init__(self) -> None:
        self.changed: set[int] = set()
        self.woken = asyncio.Event()


class Feed:
    """A listener that only notes the number of the session: it costs a server almost nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.browsers: set[Browser] = set()
        self._loop = loop
        self._changed: set[int] = set()
        self._lock = threading.Lock()

    def began(self, session: Session) -> None:
        """A client has connected."""
        self._note(session.number)

    def happened(self, session: Session, event: Event) -> None:
        """One more event."""
        self._note(session.number)

    def ended(self, session: Session) -> None:
        """It has its verdict."""
        self._note(session.number)

    def _note(self, number: int) -> None:
        with self._lock:
            is_first = not self._changed
            self._changed.add(number)
        if is_first:
            try:
                self._loop.call_soon_threadsafe(self._loop.call_later, LOOK_S, self._tell)
            except RuntimeError:
                pass  # the page is closed

    def _tell(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        for browser in self.browsers:
            browser.changed |= changed
            browser.woken.set()
