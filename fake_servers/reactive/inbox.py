"""Cuts what a client sends into lines, message data and chunks, in bounded memory.

A line ends at LF, so that a client that sends a bare LF gets an answer; the session receives
the line as it came and judges its line ending. Message data ends at CRLF.CRLF and nowhere else
(RFC 5321 section 4.1.1.4).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from fake_servers.reactive.session import Answer, ServerSession

_END_OF_DATA = b"\r\n.\r\n"
_EMPTY_DATA = b".\r\n"
_LEAVING = (b"QUIT\r\n", b"RSET\r\n")


class TooLong(Exception):
    """A line, a message or a chunk was above its limit; all of it has been discarded."""


class Inbox:
    """Octets that have come and were not taken yet."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._searched = 0
        self._dropping = False
        self._dropped = 0

    def feed(self, octets: bytes) -> None:
        """Add what came from the client."""
        self._octets += octets

    @property
    def is_empty(self) -> bool:
        """Whether everything that came was taken."""
        return not self._octets

    def has_only(self, lines: Collection[bytes]) -> bool:
        """Whether what came is one of these lines, in any case, and nothing else."""
        return bytes(self._octets).upper() in lines

    def take_line(self, limit: int) -> bytes | None:
        """The next line with its line ending, or None while it is not complete.

        Raises TooLong at the end of a line of more than `limit` octets.
        """
        at = self._octets.find(b"\n", self._searched)
        if at < 0:
            self._drop_above(limit, keep=0)
            return None
        return self._take(at + 1, at + 1, limit)

    def take_data(self, limit: int) -> bytes | None:
        """Message data without the final dot, or None while it is not complete.

        Raises TooLong at the end of a message of more than `limit` octets.
        """
        if not self._dropping and self._octets.startswith(_EMPTY_DATA):
            return self._take(0, len(_EMPTY_DATA), limit)
        at = self._octets.find(_END_OF_DATA, max(0, self._searched - len(_END_OF_DATA)))
        if at < 0:
            self._drop_above(limit + len(_END_OF_DATA), keep=len(_END_OF_DATA) - 1)
            return None
        return self._take(at + 2, at + len(_END_OF_DATA), limit)

    def take_octets(self, count: int, limit: int) -> bytes | None:
        """The next `count` octets, or None while they are not complete.

        Raises TooLong at the end of a chunk of more than `limit` octets.
        """
        if count > limit:
            dropped = min(count - self._dropped, len(self._octets))
            del self._octets[:dropped]
            self._dropped += dropped
            if self._dropped < count:
                return None
            self._dropped = 0
            raise TooLong
        return self._take(count, count, limit) if len(self._octets) >= count else None

    def _take(self, length: int, consumed: int, limit: int) -> bytes:
        taken = bytes(self._octets[:length])
        del self._octets[:consumed]
        self._searched = 0
        dropped, self._dropping = self._dropping, False
        if dropped or length > limit:
            raise TooLong
        return taken

    def _drop_above(self, limit: int, keep: int) -> None:
        if len(self._octets) > limit:
            del self._octets[: len(self._octets) - keep]
            self._dropping = True
        self._searched = len(self._octets)


Question = Callable[[], Answer | None]
"""Makes the session answer one input; gives None if a chunk must come before the answer."""


def next_question(session: ServerSession, inbox: Inbox, data_limit: int) -> Question | None:
    """The next complete input, as a question to the session; None while it is incomplete."""
    try:
        if session.chunk is not None:
            octets = inbox.take_octets(session.chunk, data_limit)
            return None if octets is None else partial(session.chunk_data, octets)
        if session.may_leave_data and not inbox.is_empty:
            session.reading_data = not inbox.has_only(_LEAVING)
            session.may_leave_data = False
        if session.reading_data:
            data = inbox.take_data(data_limit)
            return None if data is None else partial(session.data, data)
        line = inbox.take_line(session.line_limit)
        return None if line is None else partial(session.line, line)
    except TooLong:
        if session.chunk is not None:
            return session.chunk_too_long
        return session.data_too_long if session.reading_data else session.line_too_long
