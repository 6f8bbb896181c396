"""One call of a client and what it leads to, as lines of a trace."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.model.framer import Frame, FrameKind
from conformance.record.exchange import Exchange
from conformance.record.notation import lines, pairs, raw
from fake_servers.grammar.deviations import squeezed

Queue = deque[Exchange]


class Unclear(Exception):
    """Why an exchange cannot be told as a call; a sentence without its end."""


@dataclass(slots=True)
class Step:
    """A call.

    op, args  what the client is asked
    given     the message that it is handed, or None
    wire      the lines between call and result
    outcome   what stands behind `R:`; `values` follow it
    handed    the message that it must give, or None
    proves    ids of requirements that it shows
    notes     what is written differently from what was sent
    problem   why the call cannot be told; empty if it can
    """

    op: str
    args: dict[str, object] = field(default_factory=dict)
    given: bytes | None = None
    wire: list[str] = field(default_factory=list)
    outcome: str = "ok"
    values: dict[str, object] = field(default_factory=dict)
    handed: bytes | None = None
    proves: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    problem: str = ""

    def text(self) -> Iterator[str]:
        """All lines of the call."""
        yield f"A: {self.op} {pairs(self.args)}".rstrip()
        if self.given is not None:
            yield from lines("D", self.given)
        yield from self.wire
        yield f"R: {self.outcome} {pairs(self.values)}".rstrip()
        if self.handed is not None:
            yield from lines("D", self.handed)


def wire(exchange: Exchange, command: str = "") -> list[str]:
    """The lines of an exchange as it was; with `command` in place of its own."""
    rows: list[str] = []
    for frame in exchange.frames:
        if frame.kind in (FrameKind.REPLY, FrameKind.BODY, FrameKind.SURPLUS):
            rows += lines("S", frame.octets)
        elif frame.kind is FrameKind.CHUNK:
            rows.append(raw("C", frame.octets))
        elif frame.kind is FrameKind.COMMAND:
            rows += [f"C: {command}"] if command else lines("C", _in_upper_case(frame))
        else:
            rows += lines("C", frame.octets)
    return [*rows, "= starttls"] if exchange.secured else rows


def _in_upper_case(frame: Frame) -> bytes:
    """A command with its verb in upper case, which means the same."""
    verb, octets = frame.verb.encode(), frame.octets
    return verb + octets[len(verb) :] if octets.upper().startswith(verb) else octets


def usual(exchange: Exchange) -> str:
    """A command in its usual form: the verb in upper case, single blanks."""
    verb, _, rest = squeezed(exchange.command.text).partition(b" ")
    return text(verb.upper() + (b" " + rest if rest else b""))


def text(octets: bytes) -> str:
    """Octets as the text of a `C:` line; raises Unclear if it cannot hold them."""
    row = lines("C", octets + b"\r\n")[0]
    if not row.startswith("C:"):
        raise Unclear("a command has octets that are no printable ASCII")
    return row[3:]
