"""What the scripted server reports when the conversation departs from its trace."""

from __future__ import annotations

from fake_servers.finding import END, NOTHING, ServerFinding
from fake_servers.scripted.matching import LineMatcher, first_line, lines_through
from fake_servers.trace.notation import show
from fake_servers.trace.syntax import Expect

SHOWN_LIMIT = 1024
"""The most octets of what the client sent that a finding shows."""


class ScriptDeparture(Exception):
    """The conversation departed from the trace; the finding says where and how."""

    def __init__(self, finding: ServerFinding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


def departure(line: int, expected: str, actual: str, reason: str) -> ScriptDeparture:
    """A departure that has no octets to compare."""
    return ScriptDeparture(ServerFinding(reason, line, expected, actual))


def wrong_line(
    matcher: LineMatcher,
    expect: Expect,
    received: bytes,
    *,
    has_ended: bool,
    reason: str = "",
    left: str = "",
) -> ScriptDeparture:
    """The client did not send `expect` but `received`, which may be empty.

    reason  why nothing more will come; empty if the octets speak for themselves
    left    see ServerFinding
    """
    at = matcher.first_difference(expect, received) if received else None
    shown = show(lines_through(received, at or 0)[:SHOWN_LIMIT])
    finding = ServerFinding(
        reason or "the client sends something other than the trace expects",
        expect.line,
        expected=matcher.show(expect)[: 4 * SHOWN_LIMIT],
        actual=shown or (END if has_ended else NOTHING),
        octet=at,
        left=left,
    )
    return ScriptDeparture(finding)


def surplus(line: int, received: bytes) -> ScriptDeparture:
    """The client sent octets where the trace has no `C:` line."""
    shown = show(first_line(received)[:SHOWN_LIMIT])
    reason = "the client sends octets that no C: line expects"
    return ScriptDeparture(ServerFinding(reason, line, NOTHING, shown, octet=0))
