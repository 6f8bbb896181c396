"""One direction of a connection, from which lines and blocks are taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

LINE_END = b"\r\n"
LONE_DOT = b".\r\n"
BLOCK_END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets with the events of the first and the last, the trace line, and the first's tag."""

    octets: bytes
    first: int
    last: int
    line: int
    tag: int

    @staticmethod
    def join(pieces: Sequence[Piece]) -> Piece | None:
        """The pieces as one, or None if there are no pieces."""
        if not pieces:
            return None
        head, tail = pieces[0], pieces[-1]
        octets = b"".join(piece.octets for piece in pieces)
        return Piece(octets, head.first, tail.last, tail.line, head.tag)


@dataclass(slots=True)
class _Mark:
    """The octets of one event that are still here."""

    count: int
    seq: int
    line: int
    tag: int


class Stream:
    """Octets in order, each with the event that brought it."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._marks: deque[_Mark] = deque()
        self._needle = b""
        self._searched = 0

    @property
    def remaining(self) -> bytes:
        """All octets that were not taken."""
        return bytes(self._octets)

    def starts_with(self, octets: bytes) -> bool:
        """Whether the octets that are here begin with these."""
        return self._octets.startswith(octets)

    def add(self, octets: bytes, seq: int, line: int, tag: int) -> None:
        """Append the octets of one event."""
        if octets:
            self._octets += octets
            self._marks.append(_Mark(len(octets), seq, line, tag))

    def raise_tag(self, tag: int) -> None:
        """Raise the tag of the first octet that is here to at least `tag`."""
        if self._marks:
            self._marks[0].tag = max(self._marks[0].tag, tag)

    def line(self) -> Piece | None:
        """Take the next line, CRLF included; a bare CR or LF does not end a line."""
        return self._through(LINE_END)

    def block(self) -> Piece | None:
        """Take all lines up to and with the final dot."""
        if self._octets.startswith(LONE_DOT):
            return self.take(len(LONE_DOT))
        return self._through(BLOCK_END)

    def exactly(self, count: int) -> Piece | None:
        """Take `count` octets, or nothing if there are fewer."""
        return self.take(count) if len(self._octets) >= count else None

    def take(self, count: int) -> Piece:
        """Take `count` octets, or all that are here if there are fewer."""
        octets = bytes(self._octets[:count])
        del self._octets[:count]
        self._searched = 0
        if not octets:
            return Piece(b"", 0, 0, 0, 0)
        head = tail = self._marks[0]
        left = len(octets)
        while left > 0:
            tail = self._marks[0]
            used = min(left, tail.count)
            tail.count -= used
            left -= used
            if tail.count == 0:
                self._marks.popleft()
        return Piece(octets, head.seq, tail.seq, tail.line, head.tag)

    def _through(self, needle: bytes) -> Piece | None:
        """Take everything up to and with `needle`; no octet is searched twice."""
        if not self._octets:
            return None
        if needle != self._needle:
            self._needle, self._searched = needle, 0
        start = max(0, self._searched - len(needle) + 1)
        at = self._octets.find(needle, start)
        if at < 0:
            self._searched = len(self._octets)
            return None
        return self.take(at + len(needle))
