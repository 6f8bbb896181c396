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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Event:
    """One event. TX and RX are seen from the server: TX is what the client receives.

    seq         place in the order of the case, from 0
    ns          nanoseconds since the log began
    connection  number of the connection, from 1; 0 where there is none
    octets      octets of TX and RX, empty otherwise
    line        line of the trace that caused it, 0 where there is none
    data        CALL: op, args; RETURN: outcome, value; MOVE: state, event, next;
                EOF, RESET: by, `client` or `server`: whose end of the stream it is;
                TX: undrained, true where the client had not read the octets before;
                TLS: version; NOTE: text
    """

    seq: int
    ns: int
    connection: int
    kind: Kind
    octets: bytes = b""
    line: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One JSON line; octets that are not UTF-8 stand in `octets_b64`."""
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
        return json.dumps(row, ensure_ascii=False, sort_keys=True)


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
            event = Event(
                seq=len(self._events),
                ns=time.monotonic_ns() - self._start_ns,
                connection=connection,
                kind=kind,
                octets=octets,
                line=line,
                data=data or {},
            )
            self._events.append(event)
        return event

    def __iter__(self) -> Iterator[Event]:
        with self._lock:
            return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)
