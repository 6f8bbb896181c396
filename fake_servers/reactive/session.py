"""What all sessions of the reactive servers share. No I/O happens here.

A session receives what the client sent and gives an `Answer`. The server may send another reply
instead. `apply` then receives the reply that the client is really given, and the state of the
session follows it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

Effect = Callable[[bytes], None]
"""Changes the session once a reply is chosen; its argument is that reply."""


class Tone(Enum):
    """What a reply means: yes, go on, or no."""

    ACCEPTED = "accepted"
    CONTINUED = "continued"
    REFUSED = "refused"


_CHANGES_WHAT_COMES = frozenset({"STLS", "STARTTLS", "DATA"})
"""After the right reply to these the client sends no command."""


def nothing(_said: bytes) -> None:
    """An effect that changes nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The right answer to one input, and what each kind of reply does to the session.

    point      the name by which a case can bend it (`PASS`, `DOT`, ...); empty if it cannot
    stage      a second such name, as of what the answer does in an AUTH exchange
    reply      the octets of the right answer, CRLF included
    accepted   the effect of a positive reply
    continued  the effect of a reply that asks for more
    refused    the effect of any other reply
    """

    point: str
    reply: bytes
    accepted: Effect = nothing
    continued: Effect = nothing
    refused: Effect = nothing
    stage: str = ""

    @property
    def points(self) -> tuple[str, ...]:
        """The names by which a case can bend it."""
        return tuple(name for name in (self.point, self.stage) if name)


class ServerSession(ABC):
    """The conversation on one connection, without its wire.

    closing       the last answer ends the session
    reading_data  the client is sending message data, not command lines
    may_leave_data  it was told so in an unusual way, so it may send QUIT or RSET instead
    chunk         the number of octets of the chunk that comes next; None if lines come
    wants_tls     the client was told to begin TLS; nothing else can come now
    is_secure     TLS is up
    """

    def __init__(self) -> None:
        self.closing = False
        self.reading_data = False
        self.may_leave_data = False
        self.chunk: int | None = None
        self.wants_tls = False
        self.is_secure = False

    @property
    @abstractmethod
    def line_limit(self) -> int:
        """The longest line, CRLF included, that is accepted now."""

    @abstractmethod
    def greeting(self) -> Answer:
        """What the server says first."""

    @abstractmethod
    def line(self, line: bytes) -> Answer | None:
        """Answer one line, given with its line ending; None if a chunk must come first."""

    @abstractmethod
    def line_too_long(self) -> Answer:
        """Answer a line above `line_limit`, which was discarded."""

    def data(self, octets: bytes) -> Answer:
        """Answer message data as it came: stuffed, without the final dot."""
        raise NotImplementedError("called only while reading_data is set")

    def data_too_long(self) -> Answer:
        """Answer message data above the server's limit, which was discarded."""
        raise NotImplementedError("called only while reading_data is set")

    def chunk_data(self, octets: bytes) -> Answer:
        """Answer a chunk; its octets are given as they came."""
        raise NotImplementedError("called only while chunk is set")

    def chunk_too_long(self) -> Answer:
        """Answer a chunk above the server's limit, which was discarded."""
        raise NotImplementedError("called only while chunk is set")

    def secured(self, client: bytes) -> None:
        """TLS is up; `client` is the name in the client's certificate. Forget everything else."""
        self.wants_tls = False
        self.is_secure = True

    def may_wait(self, answer: Answer) -> bool:
        """Whether the reply can be held back while more commands are here (RFC 2920)."""
        return True

    def over(self) -> None:
        """The connection has ended, for whatever reason."""

    @abstractmethod
    def tone(self, said: bytes) -> Tone | None:
        """What these octets mean to the client; None if they are no reply."""

    def apply(self, answer: Answer, said: bytes) -> None:
        """Let the state follow `said`, the reply that the client is given for `answer`.

        A client that takes what is no reply for a success goes on as after the right reply, so
        that the case sees its success. Where the client's next octets would then mean something
        else, a client that does not is served.
        """
        effects = {
            Tone.ACCEPTED: answer.accepted,
            Tone.CONTINUED: answer.continued,
            Tone.REFUSED: answer.refused,
        }
        tone = self.tone(said)
        if tone is None or (tone is Tone.CONTINUED and answer.continued is nothing):
            is_open = answer.point not in _CHANGES_WHAT_COMES
            tone = (self.tone(answer.reply) if is_open else None) or Tone.REFUSED
        effects[tone](said)
