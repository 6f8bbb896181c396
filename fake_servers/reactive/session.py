"""What every protocol session of a reactive server has in common. No I/O happens here.

A session is fed what the client sent and gives an `Answer`. Whoever carries the octets
may send another reply in its place; `apply` is then told what was really said, and the
session's state follows that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

Effect = Callable[[bytes], None]
"""What happens to the session once a reply is chosen; it is given that reply."""


class Tone(Enum):
    """What a reply says: yes, go on, or no."""

    ACCEPTED = "accepted"
    CONTINUED = "continued"
    REFUSED = "refused"


def nothing(_said: bytes) -> None:
    """The effect of an answer that changes nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The right answer to one input, and what each kind of reply would do to the session.

    point      where a case may bend it (`PASS`, `DOT`, ...), empty where it may not
    reply      the octets of the right answer, CRLF included
    accepted   effect of a positive reply, `continued` of one that asks for more,
    refused    effect of any other reply
    """

    point: str
    reply: bytes
    accepted: Effect = nothing
    continued: Effect = nothing
    refused: Effect = nothing


class ServerSession(ABC):
    """One connection's conversation, without its wire.

    closing       the last answer was the last of the session
    reading_data  the client is sending message data, not command lines
    chunk         so many octets of a chunk come next, None while lines come
    wants_tls     the client was told to begin TLS; nothing else can come now
    is_secure     TLS is up
    """

    def __init__(self) -> None:
        self.closing = False
        self.reading_data = False
        self.chunk: int | None = None
        self.wants_tls = False
        self.is_secure = False

    @property
    @abstractmethod
    def line_limit(self) -> int:
        """The longest line, CRLF included, that is taken now."""

    @abstractmethod
    def greeting(self) -> Answer:
        """What the server says first."""

    @abstractmethod
    def line(self, line: bytes) -> Answer | None:
        """Answer one line, given with whatever ended it; None if a chunk must come first."""

    @abstractmethod
    def line_too_long(self) -> Answer:
        """Answer a line above `line_limit`, of which nothing was kept."""

    def data(self, octets: bytes) -> Answer:
        """Answer message data as it came: stuffed, without the final dot line."""
        raise NotImplementedError("asked for only while reading_data is set")

    def data_too_long(self) -> Answer:
        """Answer message data above the server's limit, of which nothing was kept."""
        raise NotImplementedError("asked for only while reading_data is set")

    def chunk_data(self, octets: bytes) -> Answer:
        """Answer a chunk, octets as they came."""
        raise NotImplementedError("asked for only while chunk is set")

    def chunk_too_long(self) -> Answer:
        """Answer a chunk above the server's limit, of which nothing was kept."""
        raise NotImplementedError("asked for only while chunk is set")

    def secured(self, client: bytes) -> None:
        """TLS is up; `client` is the name in the client's certificate. All else is forgotten."""
        self.wants_tls = False
        self.is_secure = True

    def may_wait(self, answer: Answer) -> bool:
        """Whether the reply may be held back while more commands are here (RFC 2920)."""
        return True

    def over(self) -> None:
        """The connection has ended, in whatever way."""

    @abstractmethod
    def tone(self, said: bytes) -> Tone:
        """What kind of reply these octets are to the client."""

    def apply(self, answer: Answer, said: bytes) -> None:
        """Let the state follow `said`, the reply that the client is given for `answer`."""
        effects = {
            Tone.ACCEPTED: answer.accepted,
            Tone.CONTINUED: answer.continued,
            Tone.REFUSED: answer.refused,
        }
        effects[self.tone(said)](said)
