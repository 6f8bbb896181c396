"""Cuts the octets of an event log into commands, replies, message data and responses.

Nothing is judged here, and nothing raises an exception. Octets that cannot be cut become, at
the end, a frame that is not complete. Server octets are cut only as the reply to something that
the client sent, or as the greeting; octets that nobody asked for become SURPLUS. When TLS comes
up, what is left becomes frames at once, so that no frame has octets from before and after.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from conformance.model.stream import Piece, Stream
from fake_servers.log import Event, Kind

CONNECT = "CONNECT"
"""The verb of the greeting."""
DOT = "DOT"
"""The verb of the final dot of a message, which has a reply of its own."""


class FrameKind(StrEnum):
    """What a frame is."""

    COMMAND = "command"
    RESPONSE = "response"
    DATA = "data"
    CHUNK = "chunk"
    HANDSHAKE = "handshake"
    REPLY = "reply"
    BODY = "body"
    SURPLUS = "surplus"


CLIENT_KINDS = frozenset({FrameKind.COMMAND, FrameKind.RESPONSE, FrameKind.DATA, FrameKind.CHUNK})


@dataclass(frozen=True, slots=True)
class Frame:
    """One unit of the protocol.

    connection   its number, from 1
    kind         from the client: COMMAND, RESPONSE (to a challenge), DATA, CHUNK (the octets
                 after a BDAT, which have no reply of their own) and HANDSHAKE (a TLS record
                 where no handshake is expected); from the server: REPLY, BODY (what follows
                 the first line of a POP3 multi-line reply) and SURPLUS (nobody asked for it)
    octets       all of it, line endings and terminator included
    first, seq   the events that brought its first and its last octet
    line         the trace line of the last octet
    verb         COMMAND: its verb, upper case; otherwise the verb that it answers or belongs to,
                 CONNECT for the greeting, DOT for the reply to a message, AUTH for a response
    complete     False if the log ended first
    outstanding  client frames: replies that were still owed when its first octet was read
    more         REPLY: the same message gets another reply, for the next recipient of LMTP
    protocol     pop3 or smtp
    """

    connection: int
    kind: FrameKind
    octets: bytes
    first: int
    seq: int
    line: int
    verb: str
    complete: bool = True
    outstanding: int = 0
    more: bool = False
    protocol: str = "smtp"

    @property
    def text(self) -> bytes:
        """A command, response or one-line reply without its CRLF."""
        return self.octets.removesuffix(b"\r\n")

    @property
    def argument(self) -> bytes:
        """What follows the verb and its blank; empty if nothing does.

        Blanks around it belong to the argument only in USER and PASS; a rule of its own judges
        them elsewhere.
        """
        argument = self.text.partition(b" ")[2]
        return argument if self.verb in ("USER", "PASS") else argument.strip(b" ")

    @property
    def reply_class(self) -> str:
        """REPLY: "+", "-" or the first digit of the last line's code; "" for anything else."""
        last = last_line(self.octets)
        return chr(last[0]) if last[:1] in (b"+", b"-") or _has_code(last) else ""

    @property
    def positive(self) -> bool:
        """REPLY: +OK or 2yz.

        By RFC 1939 section 3 servers write the indicators in upper case; a client may accept
        them in any case. It may also ignore an empty line before a greeting.
        """
        if self.protocol == "pop3":
            return is_ok(self.octets.lstrip(b"\r\n"))
        return self.reply_class == "2"

    @property
    def negative(self) -> bool:
        """REPLY: -ERR, 4yz or 5yz; one that is neither positive nor this is malformed or 3yz."""
        if self.protocol == "pop3":
            return self.octets.lstrip(b"\r\n")[:4].upper() == b"-ERR"
        return self.reply_class in ("4", "5")


@dataclass(slots=True)
class _Owed:
    """A reply that the server owes.

    each  there is one for each recipient that was accepted when its turn comes
    left  how many of those have not come yet; 0 before its turn
    """

    verb: str
    multi_line: bool = False
    in_body: bool = False
    each: bool = False
    left: int = 0


@dataclass(slots=True)
class _Recipients:
    """The recipients of an LMTP session that are owed a reply each (RFC 2033 section 4.2)."""

    is_lmtp: bool = False
    count: int = 0

    def answered(self, verb: str, reply: bytes) -> None:
        """Count a reply to `verb`."""
        positive = last_line(reply)[:1] == b"2"
        self.is_lmtp = self.is_lmtp or (verb == "LHLO" and positive)
        if verb == "RCPT" and positive:
            self.count += 1
        elif verb in ("MAIL", "RSET", "LHLO"):
            self.count = 0


_CHUNK = re.compile(rb"BDAT +(\d{1,18})(?: +LAST)? *\r\n", re.IGNORECASE)

_TLS_RECORD = b"\x16\x03"
"""The first octets of a TLS handshake (RFC 8446 section 5.1); no command begins with them."""

_HOLDING = {"pop3": frozenset({"AUTH", "STLS"}), "smtp": frozenset({"AUTH", "DATA", "STARTTLS"})}
"""Commands after which the meaning of the client's next octets depends on the reply."""


def last_line(reply: bytes) -> bytes:
    """The last line of a reply: in SMTP its code counts (RFC 5321 section 4.2.1)."""
    return reply.removesuffix(b"\r\n").rpartition(b"\r\n")[2]


def _has_code(line: bytes) -> bool:
    return len(line) >= 3 and line[:3].isdigit()


def is_ok(reply: bytes) -> bool:
    """Whether a POP3 reply begins with the positive indicator, in any case."""
    return reply[:3].upper() == b"+OK"


def verb_of(line: bytes) -> str:
    """The verb of a command line, in upper case; "" for an empty line."""
    return line.strip().partition(b" ")[0].decode("ascii", "replace").upper()


def is_last_chunk(command: bytes) -> bool:
    """Whether a BDAT command ends the message."""
    return command.upper().split()[-1:] == [b"LAST"]


MOST_COMMANDS = 5000
"""The most frames of a client that are cut on one connection; only a flood has more."""


class Cutter:
    """Cuts one connection. Feed it events in the order of the log; it returns the new frames."""

    def __init__(self, protocol: str, connection: int) -> None:
        self._protocol = protocol
        self._connection = connection
        self._client = Stream()
        self._server = Stream()
        self._owed: deque[_Owed] = deque([_Owed(CONNECT)])
        self._mode = FrameKind.COMMAND
        self._chunk = 0
        self._recipients = _Recipients()
        self._reply: list[Piece] = []
        self._count = 0

    @property
    def pending(self) -> bytes:
        """Server octets that are not a whole frame yet: part of a reply, or surplus."""
        return b"".join(piece.octets for piece in self._reply) + self._server.remaining

    def feed(self, event: Event) -> list[Frame]:
        """Add one event of this connection; only octets and TLS have an effect."""
        if event.kind is Kind.TX:
            self._server.add(event.octets, event.seq, event.line, 0)
        elif event.kind is Kind.RX:
            self._client.add(event.octets, event.seq, event.line, len(self._owed))
        elif event.kind is Kind.TLS and event.data.get("result", "up") == "up":
            return self._secured()
        return self._cut()

    def _secured(self) -> list[Frame]:
        """TLS is up: octets that came in the clear are not part of what comes now."""
        if self._owed and self._owed[0].verb == CONNECT:
            return []
        frames = self.finish()
        self._owed.clear()
        self._mode, self._chunk = FrameKind.COMMAND, 0
        return frames

    def finish(self) -> list[Frame]:
        """The rest at the end of the log, as frames that are not complete."""
        frames = []
        if self._client.remaining and self._count < MOST_COMMANDS:
            piece = self._client.take(len(self._client.remaining))
            verb = self._verb(piece)
            frames.append(self._frame(self._mode, piece, verb, complete=False))
        pieces = [*self._reply, self._server.take(len(self._server.remaining))]
        self._reply = []
        remaining = Piece.join([piece for piece in pieces if piece.octets])
        if remaining is not None and self._owed:
            kind = FrameKind.BODY if self._owed[0].in_body else FrameKind.REPLY
            frames.append(self._frame(kind, remaining, self._owed[0].verb, complete=False))
        elif remaining is not None:
            frames.append(self._frame(FrameKind.SURPLUS, remaining, ""))
        return frames

    def _cut(self) -> list[Frame]:
        frames: list[Frame] = []
        while (frame := self._cut_server() or self._cut_client()) is not None:
            frames.append(frame)
        return frames

    def _verb(self, piece: Piece) -> str:
        """The verb of a frame of the client."""
        verbs = {FrameKind.DATA: DOT, FrameKind.CHUNK: "BDAT", FrameKind.RESPONSE: "AUTH"}
        return verbs.get(self._mode) or verb_of(piece.octets)

    def _frame(
        self, kind: FrameKind, piece: Piece, verb: str, complete: bool = True, more: bool = False
    ) -> Frame:
        return Frame(
            connection=self._connection,
            kind=kind,
            octets=piece.octets,
            first=piece.first,
            seq=piece.last,
            line=piece.line,
            verb=verb,
            complete=complete,
            outstanding=piece.tag if kind in CLIENT_KINDS else 0,
            more=more,
            protocol=self._protocol,
        )

    def _cut_client(self) -> Frame | None:
        """Add the next frame of the client; replies that came before it are no longer owed."""
        if self._count >= MOST_COMMANDS:
            return None
        self._client.raise_tag(len(self._owed))
        kind = self._mode
        if kind is FrameKind.CHUNK:
            return self._cut_chunk()
        if kind is FrameKind.COMMAND and self._client.starts_with(_TLS_RECORD):
            self._mode = kind = FrameKind.HANDSHAKE
        if kind is FrameKind.HANDSHAKE:
            records = self._client.take(len(self._client.remaining))
            return self._frame(kind, records, "") if records.octets else None
        if self._owed and self._owed[-1].verb in _HOLDING[self._protocol]:
            return None  # nothing is cut behind such a one, so that it is the last
        piece = self._client.block() if kind is FrameKind.DATA else self._client.line()
        if piece is None:
            return None
        verb = self._verb(piece)
        self._mode = FrameKind.COMMAND
        owed = _Owed(verb, self._is_multi_line(verb, piece.octets))
        if kind is FrameKind.COMMAND and verb == "BDAT":
            self._begin_chunk(piece.octets, owed)
        elif kind is FrameKind.DATA:
            owed.each = self._recipients.is_lmtp
        self._owed.append(owed)
        self._count += 1
        return self._frame(kind, piece, verb)

    def _begin_chunk(self, command: bytes, owed: _Owed) -> None:
        """The octets that BDAT counts follow it at once (RFC 3030 section 2)."""
        counted = _CHUNK.fullmatch(command)
        if self._protocol == "smtp" and counted:
            self._chunk = int(counted[1])
            self._mode = FrameKind.CHUNK if self._chunk else FrameKind.COMMAND
            owed.each = self._recipients.is_lmtp and is_last_chunk(command)

    def _cut_chunk(self) -> Frame | None:
        piece = self._client.exactly(self._chunk)
        if piece is None:
            return None
        self._mode = FrameKind.COMMAND
        return self._frame(FrameKind.CHUNK, piece, "BDAT")

    def _is_multi_line(self, verb: str, command: bytes) -> bool:
        """Whether +OK to this command is followed by lines and a lone dot."""
        if self._protocol != "pop3":
            return False
        bare = len(command.split()) == 1
        return verb in ("CAPA", "RETR", "TOP") or (bare and verb in ("LIST", "UIDL", "LANG"))

    def _cut_server(self) -> Frame | None:
        if not self._owed:
            return None
        owed = self._owed[0]
        if owed.in_body:
            body = self._server.block()
            if body is None:
                return None
            self._owed.popleft()
            return self._frame(FrameKind.BODY, body, owed.verb)
        reply = self._reply_piece()
        if reply is None:
            return None
        if owed.multi_line and is_ok(reply.octets.lstrip(b"\r\n")):
            owed.in_body = True
            return self._frame(FrameKind.REPLY, reply, owed.verb)
        more = self._has_more(owed)
        if not more:
            self._owed.popleft()
            self._after_reply(owed.verb, reply.octets)
        return self._frame(FrameKind.REPLY, reply, owed.verb, more=more)

    def _has_more(self, owed: _Owed) -> bool:
        """Count one of the replies to a message; returns whether another is still to come."""
        if owed.each:
            owed.left = (owed.left or max(self._recipients.count, 1)) - 1
        return owed.left > 0

    def _reply_piece(self) -> Piece | None:
        """One line in POP3; in SMTP the lines up to the first that does not continue.

        Empty lines before a reply belong to it: no command can have asked for them, and a client
        may pass over them.
        """
        while (line := self._server.line()) is not None:
            self._reply.append(line)
            if self._protocol == "smtp" and line.octets[:3].isdigit() and line.octets[3:4] == b"-":
                continue
            if self._is_blank_before_reply(line):
                continue
            reply = Piece.join(self._reply)
            self._reply = []
            return reply
        return None

    def _is_blank_before_reply(self, line: Piece) -> bool:
        """After a command the reply must come with it: a client may read it as malformed."""
        if any(piece.octets != b"\r\n" for piece in (*self._reply, line)):
            return False
        is_greeting = self._protocol == "pop3" and self._owed[0].verb == CONNECT
        return is_greeting or b"\r\n" in self._server.remaining

    def _after_reply(self, verb: str, reply: bytes) -> None:
        """Set what the client's next octets are: it changes after a challenge or a 354."""
        self._recipients.answered(verb, reply)
        last = last_line(reply)
        if verb == "AUTH" and (last.startswith(b"334") or reply[:2] in (b"+ ", b"+\r")):
            self._mode = FrameKind.RESPONSE
        elif verb == "DATA" and last.startswith(b"3"):
            self._mode = FrameKind.DATA


def frame(protocol: str, events: Iterable[Event]) -> list[Frame]:
    """All frames of a log, in the order in which they became whole, connection by number.

    A reply that was there before its command arrived comes after that command. Frames that are
    not complete come last.
    """
    cutters: dict[int, Cutter] = {}
    frames: list[Frame] = []
    for event in events:
        if event.kind in (Kind.TX, Kind.RX, Kind.TLS):
            if event.connection not in cutters:
                cutters[event.connection] = Cutter(protocol, event.connection)
            frames.extend(cutters[event.connection].feed(event))
    for cutter in cutters.values():
        frames.extend(cutter.finish())
    return frames
