"""The event log: everything that happened in one case, in one order.

A write is logged before its system call and a read after it. A call of the client under test
is logged before it is made and its return after it. So the order in the log is the order of
cause and effect. Monitors, the model and every report read this log and nothing else.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_quoted = lru_cache(maxsize=4096)(_JSON.encode)
_NOTHING: Mapping[str, Any] = MappingProxyType({})


FILE_LIMIT = 1024 * 1024
"""The most octets of one case's log as a file."""

MOST_WEIGHT = 24 * 1024 * 1024
"""How much a client may send in one case: in octets, plus EVENT_WEIGHT for each event."""

EVENT_WEIGHT = 64
LONG = 16 * 1024
"""In a log that is cut, events longer than this keep only both ends of their octets and texts."""


class Kind(StrEnum):
    """The kind of an event; reports use the same names."""

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
    """One event. A named tuple, because a server that sends octet by octet makes thousands.

    TX and RX are seen from the server: TX is what the client receives.

    seq         its number in the case, from 0
    ns          nanoseconds since the log was started
    connection  the number of the connection, from 1; 0 for an event without one
    octets      the octets of TX and RX; empty otherwise
    line        the line of the trace that caused it; 0 for an event without one
    data        CALL: op, args; RETURN: outcome, value; MOVE: state, event, next;
                EOF, RESET: by, `client` or `server`: whose end of the stream it is;
                TX: undrained, true if the client had not read the octets before;
                TLS: result, version, by, reason; NOTE: text, and extra: the verb of a
                command that the trace does not name and that the RFCs leave to the client,
                or left_in and form: where the client left a secret, and how it is written
    """

    seq: int
    ns: int
    connection: int
    kind: Kind
    octets: bytes = b""
    line: int = 0
    data: Mapping[str, Any] = _NOTHING

    def to_json(self) -> str:
        """One JSON line; octets that are not UTF-8 are in `octets_b64`.

        Most events of a log are octets that a server sends one at a time; they have a fast path.
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
    """A list of events to which several threads may append.

    weight  what the client has sent so far, plus EVENT_WEIGHT for each event
    """

    def __init__(self) -> None:
        self.weight = 0
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
            fields = (len(self._events), ns, connection, kind, octets, line, data or _NOTHING)
            event = tuple.__new__(Event, fields)  # faster than by its names, for each octet
            self._events.append(event)
            self.weight += EVENT_WEIGHT
        return event

    def weigh(self, octets: int) -> None:
        """Count octets that came from the client, whether or not an event has them."""
        with self._lock:
            self.weight += octets

    def __iter__(self) -> Iterator[Event]:
        with self._lock:
            return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)

    def to_lines(
        self, limit: int = FILE_LIMIT, file_line: Callable[[int], int] | None = None
    ) -> bytes:
        """The events as JSON lines, about `limit` octets at most.

        If there are more, long octets and texts keep only both ends, and events in the middle
        are left out. A note marks each place where something is missing.

        file_line  maps the line of an event to the line of the file, where they differ
        """
        events = list(self)
        if file_line is not None:
            events = [event._replace(line=file_line(event.line)) for event in events]
        lines: list[str] = []
        size = 0
        for event in events:
            lines.append(event.to_json() + "\n")
            size += len(lines[-1])
            if size > limit:
                break
        whole = _encoded("".join(lines)) if size <= limit else b""
        return whole if whole and len(whole) <= limit else _cut(events, limit)


def joined(events: Iterable[Event]) -> list[Event]:
    """The events, with consecutive pieces that a server wrote joined into one.

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


# -- a log that is too long ---------------------------------------------------------------


def _cut(events: Sequence[Event], limit: int) -> bytes:
    """The first events of a log and the last ones, and a note between them."""
    head: list[bytes] = []
    first = _take(events, head, limit * 3 // 4)
    tail: list[bytes] = []
    count = _take(list(reversed(events[first:])), tail, limit // 4)
    missing = events[first : len(events) - count]
    if missing:
        octets = sum(len(event.octets) for event in missing)
        note = f"the log is cut here: {len(missing)} events with {octets} octets are left out"
        head.append(_line(_note(missing[0], note)))
    return b"".join(head + tail[::-1])


def _take(events: Sequence[Event], lines: list[bytes], budget: int) -> int:
    """Append the lines of events while they fit the budget; gives how many fit."""
    for number, event in enumerate(events):
        text = _line(event)
        if len(text) > LONG:
            text = _line(_shortened(event))
        budget -= len(text)
        if budget < 0:
            return number
        lines.append(text)
    return len(events)


def _line(event: Event) -> bytes:
    return _encoded(event.to_json()) + b"\n"


def _encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which UTF-8 cannot express, stays a JSON escape."""
    return text.encode("utf-8", "backslashreplace")


def _note(event: Event, text: str) -> Event:
    return event._replace(kind=Kind.NOTE, octets=b"", data={"text": text})


def _shortened(event: Event) -> Event:
    """The event without the middle of its long octets and texts."""
    octets = event.octets
    data: dict[str, Any] = {name: _short(value) for name, value in event.data.items()}
    if len(octets) > LONG // 4:
        kept = LONG // 8
        data["left_out"] = len(octets) - 2 * kept
        octets = octets[:kept] + octets[-kept:]
    return event._replace(octets=octets, data=data)


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        few = [_short(item) for item in value[:100]]
        return few if len(few) == len(value) else [*few, f"[{len(value) - 100} more left out]"]
    if isinstance(value, str) and len(value) > 1024:
        return f"{value[:512]}[{len(value) - 1024} characters left out]{value[-512:]}"
    return value
