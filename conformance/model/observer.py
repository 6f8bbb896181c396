"""Predicts the moves of a client from the event log of a case.

A client that follows the model sends one command, reads its reply and goes on. So the wire
shows its moves: each frame is one, and a stream that ends while a reply is owed is EOF.

The outcome of the call decides what the wire does not show:
- a timeout, and the client's own abort of a message;
- octets or an end that came while no reply was owed: only the next call notices them;
- replies that a client may accept or refuse, such as a success before the client has sent all
  that its mechanism demands, or before the server's signature in SCRAM (RFC 5802 section 5: a
  client that recognises the signature answers it with an empty line);
- whether a certificate was trusted.

A 421 behind the reply that a call waited for may be read by this call or by the next one; if no
command follows, either is right (RFC 5321 section 3.8).

A connection that the server resets before its first octet may be gone before the client has it:
then none of its moves was made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from conformance.model import replies
from conformance.model.framer import CLIENT_KINDS, Cutter, Frame, FrameKind, is_last_chunk
from conformance.model.table import CHOICES, ENDS, START, Model, load
from fake_servers.log import Event, Kind

NOWHERE = "?"
"""The next state of a move that the model forbids; after it nothing is predicted."""

_SILENT_KINDS = frozenset({FrameKind.CHUNK, FrameKind.HANDSHAKE, FrameKind.SURPLUS})
"""Frames that are not a move: a chunk belongs to its BDAT."""

_START_TLS = "START_TLS"
_SERVER_EVENTS = ("REPLY_", "GREETING_", "TERMINATOR")
_WITH_ARGUMENT = {"LIST": "_ONE", "UIDL": "_ONE", "LANG": "_TO"}
_RESPONSES = {
    b"PLAIN": 1,
    b"LOGIN": 2,
    b"CRAM-MD5": 1,
    b"OAUTHBEARER": 1,
    b"XOAUTH2": 1,
    b"EXTERNAL": 1,
    b"ANONYMOUS": 1,
}
"""How many responses a client must send in a mechanism before a success can be true (RFC 4422
section 5). For SCRAM, the server's signature shows it."""
_REFUSALS = ("_ERR", "_4YZ", "_5YZ", "_REFUSED")


@dataclass(frozen=True, slots=True)
class Predicted:
    """One move that the client must have made.

    seq     the event of the log that shows it
    unseen  the client may have begun its next command, which nobody read any more. So one
            move of its own may come before this one
    alternative  another event that the same log can mean to a client, or ""
    lost    the connection was reset before its first octet: the client may not have had it
    optional  the client may have left what shows it unread; no move of the connection follows
    """

    state: str
    event: str
    next: str
    seq: int
    unseen: bool = False
    alternative: str = ""
    lost: bool = False
    optional: bool = False


@cache
def _waiting_states(protocol: str) -> frozenset[str]:
    """The states in which the server owes a reply."""
    rows = load(protocol).rows
    return frozenset(r.state for r in rows if r.event.startswith(_SERVER_EVENTS)) - {"*"}


class _ConnectionState:
    """One connection: the client's state, and what it has not consumed yet.

    `is_implicit`: TLS begins with the connection; for the client the connection begins with TLS.
    """

    def __init__(self, model: Model, connection: int, is_implicit: bool = False) -> None:
        self._moves: list[Predicted] = []
        self._is_unused = True
        self._is_lost = False
        self._model = model
        self._cutter = Cutter(model.protocol, connection)
        self._waits = _waiting_states(model.protocol)
        self._state = START
        self._server: deque[Frame] = deque()
        self._client: deque[Frame] = deque()
        self._server_ended = False
        self._client_ended = False
        self._refused = False
        self._is_implicit = is_implicit
        self._is_lmtp = False
        self._awaits_proof = False
        self._question = b""
        self._unshown = 0
        self._tls: Event | None = None
        self._farewell: int | None = None

    @property
    def moves(self) -> list[Predicted]:
        """The moves so far."""
        return [replace(move, lost=True) for move in self._moves] if self._is_lost else self._moves

    @property
    def _over(self) -> bool:
        return self._state in ENDS or self._state == NOWHERE

    def _move(self, event: str, seq: int, unseen: bool = False, alternative: str = "") -> None:
        row = self._model.successor(self._state, event)
        follows = row.next if row is not None else NOWHERE
        self._moves.append(Predicted(self._state, event, follows, seq, unseen, alternative))
        self._state = follows

    def take(self, event: Event) -> None:
        """Process one event of this connection."""
        self._is_lost |= self._is_unused and event.kind is Kind.RESET
        self._is_unused &= event.kind is Kind.CONNECT
        if event.kind is Kind.CONNECT and not self._is_implicit:
            self._move("CONNECTED", event.seq)
        elif event.kind is Kind.TLS:
            self._take_tls(event)
        elif event.kind in (Kind.EOF, Kind.RESET):
            if event.data.get("by") == "server":
                self._server_ended = True
            else:
                self._client_ended = True
        elif event.kind is Kind.RX or (event.kind is Kind.TX and not self._client_ended):
            self._feed(event)
            self._advance()

    def _feed(self, event: Event) -> None:
        for frame in self._cutter.feed(event):
            if frame.complete and frame.kind not in _SILENT_KINDS:
                (self._client if frame.kind in CLIENT_KINDS else self._server).append(frame)

    def _take_tls(self, event: Event) -> None:
        """A handshake ended, or for the client the connection began."""
        if self._state == START:
            if event.data.get("result", "up") == "up":
                self._move("CONNECTED", event.seq)
            return
        self._tls = event if self._state == _START_TLS else None
        self._feed(event)

    def _after_handshake(self) -> bool:
        """Make the move of a handshake that ended: the client goes on, so it knows the result."""
        if self._tls is None:
            return False
        up = self._tls.data.get("result", "up") == "up"
        self._move("TLS_UP" if up else "TLS_FAILED", self._tls.seq)
        self._tls = None
        return True

    def called(self) -> None:
        """A call of the client begins."""
        self._refused = False

    def _advance(self, decided: bool = False) -> None:
        """Make all moves that are certain; with `decided`, doubtful replies count as good."""
        while not self._over and self._state != START:
            if self._state in self._waits:
                if not self._server or not self._take_reply(decided):
                    return
            elif self._client:
                if self._state != _START_TLS:
                    frame = self._client.popleft()
                    self._question = frame.argument
                    self._move(self._client_event(frame), frame.seq)
                elif not self._after_handshake():
                    return
            else:
                return

    def _take_reply(self, decided: bool) -> bool:
        """Make the move of the next reply; False if the reply is doubtful and not decided."""
        frame = self._server[0]
        reading = replies.read(
            self._model.protocol, self._state, frame.kind, frame.octets, self._question
        )
        went_on = any(own.first > frame.seq for own in self._client)
        unproved = self._is_unproved and reading.event in ("REPLY_2YZ", "REPLY_OK")
        if (reading.doubtful or unproved) and not (decided or went_on):
            return False
        self._server.popleft()
        known = self._model.successor(self._state, reading.event) is not None
        self._move(reading.event if known else replies.BAD, frame.seq)
        self._refused |= reading.event.endswith(_REFUSALS)
        self._is_lmtp |= self._state == "READY" and frame.verb == "LHLO"
        if not frame.more:
            self._state = CHOICES.get(self._state, self._state)
        return True

    @property
    def _is_unproved(self) -> bool:
        """Whether a login is under way whose success a client need not believe."""
        return self._awaits_proof or self._unshown > 0

    def _begin_login(self, frame: Frame) -> None:
        """If the command is AUTH, note how many responses must be sent before a success."""
        words = frame.argument.upper().split() if frame.verb == "AUTH" else []
        self._awaits_proof = bool(words) and words[0].startswith(b"SCRAM-")
        self._unshown = _RESPONSES.get(words[0], 0) - (len(words) > 1) if words else 0

    def _client_event(self, frame: Frame) -> str:
        if frame.kind is FrameKind.DATA:
            return self._end_of_data
        if frame.kind is FrameKind.RESPONSE:
            self._awaits_proof = self._awaits_proof and bool(frame.text)
            self._unshown -= 1
            return "CANCEL" if frame.text == b"*" else "RESPONSE"
        self._begin_login(frame)
        if frame.verb == "BDAT" and is_last_chunk(frame.text):
            return "CMD_BDAT_LAST_EACH" if self._is_lmtp else "CMD_BDAT_LAST"
        one = self._model.protocol == "pop3" and frame.verb in _WITH_ARGUMENT and frame.argument
        return f"CMD_{frame.verb}{_WITH_ARGUMENT[frame.verb]}" if one else f"CMD_{frame.verb}"

    @property
    def _end_of_data(self) -> str:
        """The event that the end of a message is in this state."""
        each = self._is_lmtp and self._model.successor(self._state, "END_OF_DATA_EACH") is not None
        return "END_OF_DATA_EACH" if each else "END_OF_DATA"

    def returned(self, outcome: str, value: Any, seq: int) -> None:
        """A call of the client ended: its outcome decides what the wire does not show."""
        if self._state == START:
            return
        if not self._over and self._server:
            unproved = self._is_unproved and outcome == "auth-failed"
            if outcome == "protocol-error" or (unproved and self._server[0].positive):
                self._move(replies.BAD, seq)
            else:
                self._advance(decided=True)
        if self._over:
            return
        if self._state == _START_TLS:
            self._end_of_handshake(outcome, seq)
        elif self._state in self._waits:
            self._end_of_wait(outcome, seq)
        elif self._cutter.pending:
            self._unsolicited(outcome, seq)
        if not self._over and self._model.successor(self._state, "END_OF_DATA") is not None:
            self._end_of_message(outcome, value, seq)
        elif not self._over and self._state not in self._waits:
            if self._server_ended and outcome == "io-error":
                self._move("EOF", seq, unseen=True)

    def _end_of_wait(self, outcome: str, seq: int) -> None:
        """The call ended while a reply was owed."""
        part = self._cutter.pending
        suspect = replies.may_be_bad(self._model.protocol, self._state, part)
        if outcome == "protocol-error" and suspect:
            self._move(replies.BAD, seq)
        elif self._server_ended:
            self._move("EOF", seq)
        elif outcome == "timeout":
            self._move("TIMEOUT", seq)

    def _end_of_handshake(self, outcome: str, seq: int) -> None:
        """The call ended after the reply that begins TLS; the server's end may come later."""
        if outcome == "ok":
            self._move("TLS_UP", seq)
        elif self._cutter.pending:
            self._move(replies.BAD, seq, alternative="TLS_FAILED")
        elif self._tls is not None:
            self._move("TLS_FAILED", self._tls.seq, alternative="EOF")
        elif outcome == "timeout":
            self._move("TIMEOUT", seq)
        elif self._server_ended:
            self._move("EOF", seq, alternative="TLS_FAILED")
        else:
            self._move("TLS_FAILED", seq)

    def _unsolicited(self, outcome: str, seq: int) -> None:
        """Octets that nobody asked for were there, and the call ended."""
        surplus = self._cutter.pending
        smtp = self._model.protocol == "smtp"
        if smtp and replies.is_421(surplus):
            if outcome in ("refused", "io-error", "protocol-error") and not self._refused:
                self._move("REPLY_421", seq)
            elif self._farewell is None:
                self._farewell = seq
        elif outcome == "protocol-error":
            self._move(replies.BAD, seq)
        elif outcome == "io-error" and not (smtp and b"\r\n" not in surplus):
            self._move(replies.BAD, seq)

    def _end_of_message(self, outcome: str, value: Any, seq: int) -> None:
        """The call ended and the message has no end on the wire."""
        delivery = value.get("delivery") if isinstance(value, dict) else None
        event = {"timeout": "TIMEOUT", "rejected-locally": "ABORT"}.get(outcome)
        if event is None and outcome == "io-error" and self._server_ended:
            event = "EOF"
        if event is None:
            return
        is_unknown = event != "ABORT" and delivery == "unknown"
        if is_unknown:
            self._move(self._end_of_data, seq)
        self._move(event, seq, unseen=event == "EOF" and not is_unknown)

    def finish(self, seq: int) -> None:
        """The log, or the client's use of this connection, ends."""
        self._advance(decided=True)
        if self._over or self._state == START:
            return
        if self._state == _START_TLS:
            self._end_of_handshake("", seq)
        elif self._state in self._waits and self._server_ended:
            self._move("EOF", seq)
        elif self._client_ended and self._model.successor(self._state, "ABORT") is not None:
            self._move("ABORT", seq)
        elif self._farewell is not None and replies.is_421(self._cutter.pending):
            self._move("REPLY_421", self._farewell)
            self._moves[-1] = replace(self._moves[-1], optional=True)


def predict(protocol: str, events: Iterable[Event]) -> list[Predicted]:
    """The moves of the client in the order of the log, internal ones left out.

    A call's return belongs to the newest connection. A command that the model forbids
    gives a last move to the state "?".
    """
    model = load(protocol)
    states: dict[int, _ConnectionState] = {}
    newest: _ConnectionState | None = None
    seq = 0
    is_implicit = False
    for event in events:
        seq = event.seq
        if event.kind is Kind.CALL and "tls" in (args := event.data.get("args") or {}):
            is_implicit = args["tls"] == "implicit"
        if event.kind is Kind.CONNECT:
            if newest is not None:
                newest.finish(seq)
            newest = _ConnectionState(model, event.connection, is_implicit)
            states[event.connection] = newest
        if event.connection in states:
            states[event.connection].take(event)
        elif newest is not None and event.kind is Kind.CALL:
            newest.called()
        elif newest is not None and event.kind is Kind.RETURN:
            newest.returned(str(event.data.get("outcome")), event.data.get("value"), seq)
    if newest is not None:
        newest.finish(seq)
    return [move for session in states.values() for move in session.moves]
