"""The verdict of a session of which only the wire is known: nobody knows what the client was asked.

The rules are those of a run: the monitors, and what a scripted server finds. What a run learns from
the client itself, such as the outcome of a call, is missing here, so a client that leaves before the
point of a case is INCONCLUSIVE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance import monitors
from conformance.finding import Axis, JudgedFinding
from conformance.report.text import location
from conformance.requirements import load
from conformance.run import case_verdict, ground, linear
from conformance.serve.sessions import Judgement, Session, SessionLog
from conformance.verdict import Verdict
from fake_servers.finding import END, NOTHING, ServerFinding
from fake_servers.log import Kind, joined
from fake_servers.reactive.server import ReactiveServer
from fake_servers.scripted.server import ScriptedServer
from fake_servers.server import Server
from fake_servers.trace.syntax import Goal, Trace

TOO_LONG = "the session is too long to be judged: its beginning alone was"
_SILENT = "the client sent nothing"

_POINTS = {"pop3.fetch": ("RETR",), "pop3.list": ("LIST", "UIDL"), "smtp.send": ("MAIL",)}
"""The commands that a goal cannot be reached without."""


def judge(session: Session, server: Server, trace: Trace | None = None) -> Judgement:
    """The verdict of a session that is over; `trace` is the case that was served."""
    if server.failure is not None:
        failure = server.failure
        return Judgement(
            Verdict.ERROR, note=f"the server failed: {type(failure).__name__}: {failure}"
        )
    found = list(_of_case(session, server, trace)) if trace is not None else []
    found += monitors.judge(session.protocol, joined(session.log), trace)
    if trace is None and not any(event.kind is Kind.RX for event in session.log):
        found.append(JudgedFinding(_SILENT, axis=Axis.WIRE, verdict=Verdict.INCONCLUSIVE))
    found = case_verdict.without_doubles(found)
    is_full = isinstance(session.log, SessionLog) and session.log.is_full
    return Judgement(
        case_verdict.verdict_of(found),
        tuple(found),
        tuple(_place(each, trace) for each in found),
        TOO_LONG if is_full else "",
    )


def _place(found: JudgedFinding, trace: Trace | None) -> str:
    if trace is None or not found.line:
        return ""
    return location(case_verdict.file_of(trace), trace.file_line(found.line))


def _of_case(session: Session, server: Server, trace: Trace) -> Iterator[JudgedFinding]:
    """What the client did not do as the case wants it."""
    if isinstance(server, ScriptedServer):
        breach = case_verdict.breach_of(trace, load())
        yield from (_of_script(found, breach) for found in server.findings)
        last = trace.items[-1].line + 1 if trace.items else 1
        if not server.findings and not server.wait_for_server(last, 0):
            yield _left("the client left before the end of the case", trace.items[-1].line)
    elif isinstance(server, ReactiveServer) and trace.goal is not None:
        reason = _not_reached(session, server, trace.goal)
        if reason:
            yield _left(reason, trace.goal.line)


def _not_reached(session: Session, server: ReactiveServer, goal: Goal) -> str:
    """Why nobody can say whether the client would reach the goal; empty where that was seen."""
    if goal.overrides:
        if any(each.line in server.reached for each in goal.overrides):
            return ""
        first = goal.overrides[0]
        return f"the client left before {first.command}#{first.nth}, which this case bends"
    points = _POINTS[goal.name]
    if any(map(server.times, points)) or ground.on_the_wire(session.protocol, session.log):
        return ""
    return f"the client left before {' or '.join(points)}, and the server gave no reason"


def _of_script(found: ServerFinding, breach: Verdict) -> JudgedFinding:
    if not (found.info or found.goes_on):
        if found.left:
            return _left(found.left, found.line)
        left = found.actual in (NOTHING, END) or found.actual.upper().startswith("QUIT")
        if left and found.expected != END:
            judged = linear.of_server(found, Verdict.INCONCLUSIVE)
            return replace(judged, reason=f"the client left here: {found.reason}")
    return linear.of_server(found, breach)


def _left(reason: str, line: int) -> JudgedFinding:
    return JudgedFinding(reason, line, axis=Axis.WIRE, verdict=Verdict.INCONCLUSIVE)
