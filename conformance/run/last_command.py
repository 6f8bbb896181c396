"""Whether a goal that succeeded ended its session as RFC 5321 section 4.1.1.10 demands: by QUIT."""

from __future__ import annotations

from conformance.finding import Axis, JudgedFinding
from conformance.run.context import CaseContext
from conformance.verdict import Verdict
from fake_servers.log import Kind, joined

REQUIREMENTS = ("RFC5321-4.1.1.10-QUIT-01", "RFC5321-3.8-QUIT-01")


def without_quit(context: CaseContext, line: int) -> JudgedFinding | None:
    """The finding about a client that closed the connection of an accepted message without QUIT.

    A client whose server left first had nobody to say it to. An end by the server that no line of
    the case asks for, once the client has returned, is the end of the case.
    """
    said = b""
    events = joined(context.log)
    returned = max((event.seq for event in events if event.kind is Kind.RETURN), default=0)
    for event in events:
        if event.kind is Kind.RX:
            said = event.octets
        elif event.kind is Kind.RESET or event.kind is Kind.EOF:
            if event.data.get("by") == "server" and (event.line or event.seq < returned):
                return None
            break
    if said.upper().endswith(b"QUIT\r\n"):
        return None
    reason = "the client closed the connection without QUIT"
    return JudgedFinding(
        reason,
        line,
        "QUIT",
        "(the end of the connection)",
        axis=Axis.WIRE,
        verdict=Verdict.FAIL,
        requirements=REQUIREMENTS,
    )
