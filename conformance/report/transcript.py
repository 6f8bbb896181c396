"""The conversation of one case for a page, read from its event log (JSON lines)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.report.text import one_line, plural
from fake_servers.files import inputs
from fake_servers.log import Kind
from fake_servers.trace.notation import show

MAX_STEPS = 1000
MOST_OCTETS = 32 * inputs.MIB
"""Limit for a log. One that the suite writes has at most 1 MiB."""
MAX_LINES = 40
MOST_SHOWN = 2000
"""The longest line that is shown whole, in characters."""
_HIDDEN_ARGUMENTS = frozenset({"host", "port"})


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
    lines = octets.split(b"\n")
    ended = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    text = [wire_line(line) for line in ended[:MAX_LINES]]
    notes = [f"in {len(events)} pieces"] if len(events) > 1 else []
    if len(ended) > MAX_LINES:
        notes.append(f"{len(ended) - MAX_LINES} more lines, {len(octets)} octets in all")
    if left_out := sum(event.get("data", {}).get("left_out", 0) for event in events):
        notes.append(f"{left_out} octets are left out of the log")
    who = "server" if events[0]["kind"] == Kind.TX else "client"
    return Step(who, _ms(events[0]), events[0].get("line", 0), text, ", ".join(notes))


def wire_line(octets: bytes) -> str:
    """One line of the wire, without its CRLF as in `C:` and `S:`; shows any other line ending."""
    shown = show(octets.removesuffix(b"\r\n") if octets.endswith(b"\r\n") else octets)
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]} ... {len(octets)} octets"


def _step(event: Mapping[str, Any]) -> Step:
    """Any event other than octets."""
    kind, data = event["kind"], event.get("data", {})
    step = Step("link", _ms(event), event.get("line", 0), [])
    if kind in (Kind.CALL, Kind.RETURN):
        step.who = "caller"
        step.text = [_call(data) if kind == Kind.CALL else _return(data)]
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


def _call(data: Mapping[str, Any]) -> str:
    args = dict(data.get("args") or {})
    text = " ".join(
        f"{key}={_value(value)}" for key, value in args.items() if key not in _HIDDEN_ARGUMENTS
    )
    return f"{data.get('op') or data.get('goal', '')} {text}".rstrip()


def _return(data: Mapping[str, Any]) -> str:
    value = data.get("value") or {}
    if not isinstance(value, Mapping):
        value = {"value": value}
    text = " ".join(f"{key}={_value(item)}" for key, item in value.items())
    return f"→ {data.get('outcome', '')} {text}".rstrip()


def _value(value: Any) -> str:
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 300 else f"{text[:300]}... ({len(text)} characters)"


def _ms(event: Mapping[str, Any]) -> float:
    return float(event["ns"]) / 1e6
