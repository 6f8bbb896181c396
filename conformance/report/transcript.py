"""The conversation of one case for a page, read from its event log (JSON lines)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.text import one_line, plural, readable
from fake_servers.files import inputs
from fake_servers.log import Kind
from fake_servers.trace.notation import show

MAX_STEPS = 1000
MOST_OCTETS = 32 * inputs.MIB
"""Limit for a log. One that the suite writes has at most 1 MiB."""
MAX_LINES = 40
MOST_SHOWN = 2000
"""The longest line that is shown whole, in characters."""
SHOWN_OCTETS = 4096
"""So many octets of a step, or of a message, are on its page; all are in the log."""
_HIDDEN_ARGUMENTS = frozenset({"host", "port"})
_BODIES = frozenset({"message", "message_b64", "messages", "messages_b64", "data", "data_b64"})
_PLAIN = re.compile(rb"[\x20-\x7e]*\r\n")


@dataclass(frozen=True, slots=True)
class Body:
    """A message that the caller hands over or is given.

    name    `message`, or `message 2` in a list
    text    its lines, at most so many as a page shows
    octets  its octets, likewise; `size` is how many there are
    """

    name: str
    text: list[str]
    octets: bytes
    size: int


@dataclass(slots=True)
class Step:
    """One step of the conversation.

    who      caller, client, server or link: the column it stands in
    ms       milliseconds since the case began
    line     line of the trace that caused it, 0 where there is none
    text     its lines, in the notation of traces, not yet escaped for HTML
    note     what is not octets of the wire, such as how many pieces they came in
    """

    who: str
    ms: float
    line: int
    text: list[str]
    note: str = ""
    octets: bytes = b""
    size: int = 0
    bodies: list[Body] = field(default_factory=list)


def load(path: Path) -> list[Step]:
    """The steps of a log, at most MAX_STEPS; the last one says what is missing.

    Raises OSError or ValueError if the log cannot be read.
    """
    lines = inputs.read(path, MOST_OCTETS).decode().split("\n")
    try:
        return steps(json.loads(line) for line in lines if line)
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not a log: {type(error).__name__}: {error}") from None


def steps(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """The steps of the events of one log; consecutive octets in one direction are one step."""
    found: list[Step] = []
    pending: list[Mapping[str, Any]] = []
    for event in events:
        if pending and not _same_stream(pending[0], event):
            found.append(_wire(pending))
            pending = []
        if event["kind"] in (Kind.TX, Kind.RX):
            pending.append(event)
        else:
            found.append(_step(event))
    if pending:
        found.append(_wire(pending))
    if len(found) > MAX_STEPS:
        remaining = len(found) - MAX_STEPS
        found[MAX_STEPS:] = [
            Step("link", found[-1].ms, 0, [], f"{plural(remaining, 'more step')} in the log")
        ]
    return found


def _same_stream(first: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    return all(first.get(key) == event.get(key) for key in ("kind", "connection", "line"))


def _octets(event: Mapping[str, Any]) -> bytes:
    if "octets_b64" in event:
        return base64.b64decode(event["octets_b64"])
    return str(event.get("octets", "")).encode("utf-8")


def _wire(events: list[Mapping[str, Any]]) -> Step:
    """Octets in one direction; TX is from the server."""
    octets = b"".join(_octets(event) for event in events)
    lines = lines_of(octets)
    text = [_line(line) for line in lines[:MAX_LINES]]
    notes = [f"in {len(events)} pieces"] if len(events) > 1 else []
    if len(lines) > MAX_LINES:
        notes.append(f"{len(lines) - MAX_LINES} more lines, {len(octets)} octets in all")
    if left_out := sum(event.get("data", {}).get("left_out", 0) for event in events):
        notes.append(f"{left_out} octets are left out of the log")
    step = Step("server" if events[0]["kind"] == Kind.TX else "client", _ms(events[0]), 0, text)
    step.line = events[0].get("line", 0)
    step.note = ", ".join(notes)
    if not _PLAIN.fullmatch(octets):
        step.octets, step.size = octets[:SHOWN_OCTETS], len(octets)
    return step


def lines_of(octets: bytes) -> list[bytes]:
    """The lines with their line ends; only LF ends one."""
    lines = octets.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def wire_line(octets: bytes) -> str:
    """One line of the wire, without its CRLF as in `C:` and `S:`; shows any other line ending."""
    return _cut(show(octets.removesuffix(b"\r\n")), octets)


def _line(octets: bytes) -> str:
    """One line as text, without its CRLF; any other line end shows."""
    return _cut(readable(octets.removesuffix(b"\r\n")), octets)


def _cut(shown: str, octets: bytes) -> str:
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]} ... {len(octets)} octets"


def _body(name: str, octets: bytes) -> Body:
    lines = lines_of(octets)
    text = [_line(line) for line in lines[:MAX_LINES]]
    if len(lines) > MAX_LINES:
        text.append(f"... {plural(len(lines) - MAX_LINES, 'more line')}")
    return Body(name, text, octets[:SHOWN_OCTETS], len(octets))


def _bodies(values: Mapping[str, Any]) -> list[Body]:
    """The messages among the arguments of a call or the values of an answer."""
    found = []
    for key, value in values.items():
        if key not in _BODIES or not isinstance(value, str | list):
            continue
        pairs = [("message", value)] if isinstance(value, str) else _numbered(value)
        for name, text in pairs:
            encoded = str(text).encode("utf-8", "surrogatepass")
            found.append(
                _body(name, base64.b64decode(encoded) if key.endswith("_b64") else encoded)
            )
    return found


def _numbered(value: list[Any]) -> list[tuple[str, Any]]:
    """The messages of a list of number and text."""
    return [
        (f"message {each[0]}", each[1]) for each in value if isinstance(each, list) and each[1:]
    ]


def _step(event: Mapping[str, Any]) -> Step:
    """Any event other than octets."""
    kind, data = event["kind"], event.get("data", {})
    step = Step("link", _ms(event), event.get("line", 0), [])
    if kind in (Kind.CALL, Kind.RETURN):
        step.who = "caller"
        step.text = [_call(data) if kind == Kind.CALL else _return(data)]
        step.bodies = _bodies(_values(data.get("args" if kind == Kind.CALL else "value")))
    elif kind == Kind.MOVE:
        step.who = "move"
        step.text = [" ".join(str(data.get(key, "")) for key in ("state", "event", "next"))]
    elif kind == Kind.NOTE:
        step.note = one_line(str(data.get("text", "")))
    else:
        step.note = _LINK_WORDS.get(kind, kind)
        if kind == Kind.TLS:
            step.note += f" {one_line(str(data.get('version', '')))}"
        if event["connection"] > 1:
            step.note += f" (connection {event['connection']})"
    return step


_LINK_WORDS = {
    Kind.CONNECT: "connected",
    Kind.EOF: "end of stream",
    Kind.RESET: "connection reset",
    Kind.TLS: "TLS",
}


def _values(value: Any) -> dict[str, Any]:
    """The arguments or values by name."""
    return dict(value) if isinstance(value, Mapping) else {"value": value} if value else {}


def _call(data: Mapping[str, Any]) -> str:
    return f"{data.get('op') or data.get('goal', '')} {_told(_values(data.get('args')))}".rstrip()


def _return(data: Mapping[str, Any]) -> str:
    return f"→ {data.get('outcome', '')} {_told(_values(data.get('value')))}".rstrip()


def _told(values: Mapping[str, Any]) -> str:
    shown = (key for key in values if key not in _HIDDEN_ARGUMENTS | _BODIES)
    return " ".join(f"{key}={_value(values[key])}" for key in shown)


def _value(value: Any) -> str:
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 300 else f"{text[:300]}... ({len(text)} characters)"


def _ms(event: Mapping[str, Any]) -> float:
    return float(event["ns"]) / 1e6
