"""The event log: everything that happened in one case, in one order.

A write is logged before its system call and a read after it, calls and returns of
the client under test likewise, so that the order in the log is the order of cause
and effect. Monitors, the model and every report read this log and nothing else.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_quoted = lru_cache(maxsize=4096)(_JSON.encode)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Kind(StrEnum):
    """What an event is; the names are those of the reports."""

    CONNECT = "connect"
    TX = "tx"
    RX = "rx"
    EOF = "eof"
    RESET = "reset"
    TLS = "tls"
    CALL = "call"
    RETURN = "return"
    MOVE = "move"
    NOTE = "note"


class Event(NamedTuple):
    """One event, made quickly, for a server that sends octet by octet makes thousands of them.

    TX and RX are seen from the server: TX is what the client receives.

    seq         place in the order of the case, from 0
    ns          nanoseconds since the log began
    connection  number of the connection, from 1; 0 where there is none
    octets      octets of TX and RX, empty otherwise
    line        line of the trace that caused it, 0 where there is none
    data        CALL: op, args; RETURN: outcome, value; MOVE: state, event, next;
                EOF, RESET: by, `client` or `server`: whose end of the stream it is;
                TX: undrained, true where the client had not read the octets before;
                TLS: version; NOTE: text, and extra: the verb of a command that
                no line of the trace names and that the RFCs leave to the client
    """

    seq: int
    ns: int
    connection: int
    kind: Kind
    octets: bytes = b""
    line: int = 0
    data: Mapping[str, Any] = _NOTHING

    def to_json(self) -> str:
        """One JSON line; octets that are not UTF-8 stand in `octets_b64`.

        What servers send octet by octet is most of a log, so it takes a short way.
        """
        if self.kind is Kind.TX and not self.data and self.octets.isascii():
            text = _quoted(self.octets.decode("ascii"))
            line = f' "line": {self.line},' if self.line else ""
            return (
                f'{{"connection": {self.connection}, "kind": "{self.kind.value}",{line} "ns": {self.ns},'
                f' "octets": {text}, "seq": {self.seq}}}'
            )
        row: dict[str, Any] = {
            "seq": self.seq,
            "ns": self.ns,
            "connection": self.connection,
            "kind": self.kind.value,
        }
        if self.octets:
            try:
                row["octets"] = self.octets.decode("utf-8")
            except UnicodeDecodeError:
                row["octets_b64"] = base64.b64encode(self.octets).decode("ascii")
        if self.line:
            row["line"] = self.line
        if self.data:
            row["data"] = dict(self.data)
        return _JSON.encode(row)


class EventLog:
    """An append-only list of events that several threads may write to."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._lock = threading.Lock()
        self._start_ns = time.monotonic_ns()

    def append(
        self,
        kind: Kind,
        *,
        connection: int = 0,
        octets: bytes = b"",
        line: int = 0,
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        """Add one event and give it the next number."""
        with self._lock:
            ns = time.monotonic_ns() - self._start_ns
            seq = len(self._events)
            event = Event(seq, ns, connection, kind, octets, line, data or _NOTHING)
            self._events.append(event)
        return event

    def __iter__(self) -> Iterator[Event]:
        with self._lock:
            return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)


def joined(events: Iterable[Event]) -> list[Event]:
    """The events, with what a server wrote in several pieces at once as one piece.

    Only pieces between which nothing else happened are joined, so the order of cause and
    effect stays. The joined event has the number, line and time of its last piece.
    """
    found: list[Event] = []
    pieces: list[Event] = []
    for event in events:
        if pieces and (event.kind is not Kind.TX or event.connection != pieces[0].connection):
            found.append(_join(pieces))
            pieces = []
        if event.kind is Kind.TX:
            pieces.append(event)
        else:
            found.append(event)
    if pieces:
        found.append(_join(pieces))
    return found


def _join(pieces: list[Event]) -> Event:
    if len(pieces) == 1:
        return pieces[0]
    return pieces[-1]._replace(octets=b"".join([piece.octets for piece in pieces]))
