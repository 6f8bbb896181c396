"""The commands of a recorded session, each with what belongs to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.model.framer import CLIENT_KINDS, CONNECT, Frame, FrameKind
from conformance.record.recording import Recording, Secured

_OWED_ONE = frozenset({FrameKind.COMMAND, FrameKind.RESPONSE, FrameKind.DATA})
"""Frames of the client that have a reply of their own."""


@dataclass(slots=True)
class Exchange:
    """One command, or the greeting, which nobody asked for.

    verb    of the command, upper case; CONNECT for the greeting
    frames  the command first, then in order what was sent until the last reply to it
    secured whether TLS came up behind it
    """

    verb: str
    frames: list[Frame] = field(default_factory=list)
    secured: bool = False

    @property
    def command(self) -> Frame:
        """The command; for the greeting the greeting itself."""
        return self.frames[0]

    @property
    def replies(self) -> list[Frame]:
        """The replies in order, without bodies."""
        return [each for each in self.frames if each.kind is FrameKind.REPLY]

    @property
    def said(self) -> list[Frame]:
        """What the client sent behind the command: responses, message data, a chunk."""
        return [each for each in self.frames[1:] if each.kind in CLIENT_KINDS]

    @property
    def body(self) -> bytes:
        """The lines behind the first line of a POP3 reply, stuffed, with the final dot."""
        return b"".join(each.octets for each in self.frames if each.kind is FrameKind.BODY)

    @property
    def is_ok(self) -> bool:
        """Whether the last reply is a success."""
        return bool(self.replies) and self.replies[-1].positive


@dataclass(slots=True)
class Talk:
    """A session as exchanges.

    faults     why no calls can be told for it, sentences
    pipelined  whether the client sent commands before the replies to those before
    """

    exchanges: list[Exchange] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    pipelined: bool = False


def exchanges(recording: Recording) -> Talk:
    """The exchanges of a session whose recording has ended.

    Replies of a pipelined group stand below the command that each answers.
    """
    talk = Talk()
    greeting = Exchange(CONNECT)
    owing = deque([greeting])
    last = answered = greeting
    talk.exchanges.append(greeting)
    for frame in recording.frames:
        if isinstance(frame, Secured):
            answered.secured = True
            continue
        talk.faults += _faults(frame)
        if frame.kind is FrameKind.COMMAND:
            talk.pipelined = talk.pipelined or frame.outstanding > 0
            last = Exchange(frame.verb)
            talk.exchanges.append(last)
        if frame.kind in CLIENT_KINDS:
            last.frames.append(frame)
            if frame.kind in _OWED_ONE:
                owing.append(last)
        elif frame.kind is FrameKind.REPLY and owing:
            answered = owing[0] if frame.more else owing.popleft()
            answered.frames.append(frame)
        else:
            answered.frames.append(frame)
    if owing:
        talk.faults.append("the session ends before every command is answered")
    talk.exchanges = [each for each in talk.exchanges if each.frames]
    return talk


def _faults(frame: Frame) -> Iterator[str]:
    """Why this frame makes that no calls can be told."""
    if frame.kind is FrameKind.SURPLUS:
        yield "the server sends what nobody asked for"
    elif frame.kind is FrameKind.HANDSHAKE:
        yield "the client begins TLS where the server does not expect it"
    elif not frame.complete:
        yield f"a {frame.kind.value} is not whole"


def of_kind(frames: Iterable[Frame], kind: FrameKind) -> list[Frame]:
    """The frames of this kind."""
    return [frame for frame in frames if frame.kind is kind]
