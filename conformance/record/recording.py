"""What a client and a server sent to each other, cut into commands, replies and messages."""

from __future__ import annotations

from enum import Enum

from conformance.model.framer import Cutter, Frame, FrameKind
from fake_servers.log import Event, Kind

MOST_OCTETS = 24 * 1024 * 1024
"""The longest session that is recorded."""

MOST_FRAMES = 4000
"""The most commands, replies and messages of a session that is recorded."""


class Side(Enum):
    """Who sends."""

    CLIENT = "C"
    SERVER = "S"


class Secured:
    """The place among the frames where TLS came up."""


class Recording:
    """One session.

    has_tls   TLS began with the connection
    frames    what was sent, in the order in which it became whole, and where TLS came up
    closed    the side that closed first, or None
    problem   why the session cannot be written, a sentence; empty if it can
    notes     sentences about the session, for comments of the trace
    protocol  `pop3` or `smtp`, by the greeting; empty as long as the server has sent nothing
    """

    def __init__(self, has_tls: bool = False) -> None:
        self.has_tls = has_tls
        self.frames: list[Frame | Secured] = []
        self.closed: Side | None = None
        self.problem = ""
        self.notes: list[str] = []
        self.protocol = ""
        self.octets = 0
        self._early: list[Event] = []
        self._cutter: Cutter | None = None
        self._count = 0

    def add(self, side: Side, octets: bytes) -> bool:
        """One side sent these octets; returns whether both now begin TLS."""
        self.octets += len(octets)
        if self.octets > MOST_OCTETS or len(self.frames) > MOST_FRAMES:
            self._give_up()
        if self.problem:
            return False
        event = Event(self._count, 0, 1, Kind.RX if side is Side.CLIENT else Kind.TX, octets)
        self._count += 1
        self._early.append(event)
        if self._cutter is None and side is Side.SERVER:
            self.protocol = "pop3" if octets[:1] in (b"+", b"-") else "smtp"
            self._cutter = Cutter(self.protocol, 1)
        if self._cutter is None:
            return False
        found = [frame for each in self._early for frame in self._cutter.feed(each)]
        self._early.clear()
        self.frames += found
        return any(map(_is_go_ahead, found))

    def secured(self) -> None:
        """TLS is up on both sides; what came in the clear and is not whole is dropped."""
        if self._cutter is None or self.problem:
            return
        self.frames += self._cutter.feed(Event(self._count, 0, 1, Kind.TLS))
        self.frames.append(Secured())
        self._count += 1

    def end(self) -> None:
        """Nothing more comes: what is not whole becomes frames that are not complete."""
        if self._cutter is not None:
            self.frames += self._cutter.finish()
            self._cutter = None

    def _give_up(self) -> None:
        self.problem = (
            f"the session has more than {MOST_OCTETS >> 20} MiB or {MOST_FRAMES} lines and messages;"
            " record a shorter one"
        )
        self.frames.clear()
        self._early.clear()


def _is_go_ahead(frame: Frame) -> bool:
    return frame.kind is FrameKind.REPLY and frame.verb in ("STLS", "STARTTLS") and frame.positive
