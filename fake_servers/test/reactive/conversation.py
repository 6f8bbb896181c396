"""Talks to a session of a reactive server without a wire."""

from __future__ import annotations

from collections.abc import Callable

from fake_servers.reactive.session import Answer, ServerSession


class Conversation:
    """Feeds a session octets and lets its state follow the right answers."""

    def __init__(self, session: ServerSession) -> None:
        self.session = session
        self.greeting = self._apply(session.greeting())

    def line(self, line: bytes, instead: bytes | None = None) -> bytes:
        """Send one line, CRLF added; the reply, or `instead` if a case replaces it."""
        return self._apply(answered(self.session, line + b"\r\n"), instead)

    def lines(self, *lines: bytes) -> bytes:
        """Send several lines; the last reply."""
        return [self.line(line) for line in lines][-1]

    def raw(self, line: bytes) -> bytes:
        """Send one line as it is."""
        return self._apply(answered(self.session, line))

    def data(self, octets: bytes, instead: bytes | None = None) -> bytes:
        """Send message data, stuffed and without the final dot."""
        return self._apply(self.session.data(octets), instead)

    def _apply(self, answer: Answer, instead: bytes | None = None) -> bytes:
        reply = answer.reply if instead is None else instead
        self.session.apply(answer, reply)
        return reply


def drawer(*drawn: bytes) -> Callable[[str], bytes]:
    """Gives these values, one after the other."""
    remaining = iter(drawn)
    return lambda _purpose: next(remaining)


def answered(session: ServerSession, line: bytes) -> Answer:
    """The answer to a line that is not BDAT."""
    answer = session.line(line)
    assert answer is not None
    return answer
