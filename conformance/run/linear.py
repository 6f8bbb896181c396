"""Plays a linear trace: calls the client line by line while the scripted server plays its part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.ops import OPS
from conformance.run import batch
from conformance.run.compare import LOGIN_OPS, compare
from conformance.run.context import Played, Stage
from conformance.run.finding import Axis, Shortfall, of_finding
from conformance.subject.answer import Answer
from conformance.verdict import Verdict
from fake_servers.finding import END, NOTHING, Finding
from fake_servers.scripted import ScriptedServer
from fake_servers.trace.syntax import Call, Directive, Result


@dataclass(slots=True)
class _Exchange:
    """The call that was made last, and its answer."""

    call: Call
    answer: Answer


def play(stage: Stage) -> Played:
    """Play it once; raises what the subject raises, and the server's own failure."""
    played = Played()
    server = ScriptedServer(stage.trace, stage.log, stage.delivery, stage.bindings)
    server.on_silence = stage.silence
    with server:
        last_good = _perform(stage, server, played)
    if server.failure is not None:
        raise server.failure
    _take_findings(stage, server.findings, played, last_good)
    played.taken = frozenset(server.taken)
    played.has_extras = bool(server.extras)
    return played


def _perform(stage: Stage, server: ScriptedServer, played: Played) -> Answer | None:
    """Go down the timeline until its end or the first thing that is wrong.

    Gives the last answer that was as expected.
    """
    last: _Exchange | None = None
    good: Answer | None = None
    for item in stage.trace.items:
        if isinstance(item, Call):
            if not server.wait_for_server(item.line) or _has_broken(server.findings):
                played.finished = False
                break
            last = _Exchange(item, _call(stage, server, item))
            if last.answer.outcome == "unsupported":
                reason = f"the subject does not support {item.op} with these arguments"
                played.add(Shortfall(Axis.API, Verdict.UNSUPPORTED, reason, item.line))
                break
        elif isinstance(item, Result) and last is not None:
            login = last.call.op in LOGIN_OPS
            differs = compare(
                item, last.answer, stage.bindings, stage.breach, login=login, known=stage.known
            )
            if played.add(differs):
                break
            good = last.answer
    played.finished = played.finished and not played.shortfalls
    _end(stage, server, last, finished=played.finished)
    return good


def _call(stage: Stage, server: ScriptedServer, call: Call) -> Answer:
    args: dict[str, Any] = stage.values(call.args)
    if call.op.endswith(".connect"):
        args = stage.connect_args(server.port) | args
    if "ops" in args:
        args["ops"] = batch.requests(args["ops"])
    if call.op in OPS and OPS[call.op].message:
        args["message"] = stage.bindings.render(call.data) if call.data is not None else b""
    stage.caller.line = call.line
    server.caller_enters(call.line)
    answer = stage.caller.op(call.op, args)
    server.caller_leaves(call.line)
    return answer


def _end(stage: Stage, server: ScriptedServer, last: _Exchange | None, *, finished: bool) -> None:
    """Let the server play its last lines; the client's session ends in every case."""
    items = stage.trace.items
    awaits_end = isinstance(items[-1], Directive) and items[-1].name == "expect-eof"
    if finished and not awaits_end:
        server.wait_for_server(items[-1].line + 1)
    if last is not None and not last.call.op.endswith(".close"):
        stage.subject.call(f"{stage.trace.protocol}.close", {}, stage.limit_s)
    if finished and awaits_end:
        server.wait_for_server(items[-1].line + 1)


def _has_broken(findings: Sequence[Finding]) -> bool:
    return any(not finding.info for finding in findings)


def _take_findings(
    stage: Stage, findings: Sequence[Finding], played: Played, good: Answer | None
) -> None:
    """What the server saw counts before what came of it on the client's side."""
    stopped_at = min((each.line for each in played.shortfalls), default=None)
    for finding in findings:
        if finding.info:
            played.shortfalls.insert(0, of_finding(finding, stage.breach))
        elif stopped_at is None or finding.line <= stopped_at:
            played.finished = False
            played.shortfalls[:] = [each for each in played.shortfalls if not each.line]
            played.shortfalls.insert(0, _judged(stage, finding, good))


def _judged(stage: Stage, finding: Finding, good: Answer | None) -> Shortfall:
    """A client that leaves after an error leaves legally, by QUIT or by closing."""
    if finding.left:
        return Shortfall(Axis.WIRE, Verdict.INCONCLUSIVE, finding.left, finding.line)
    left = finding.actual in (NOTHING, END) or finding.actual.upper().startswith("QUIT")
    if left and good is not None and good.outcome != "ok":
        line = stage.trace.file_line(finding.line)
        reason = f"the client left after {good.outcome}, before line {line}"
        return Shortfall(Axis.WIRE, Verdict.INCONCLUSIVE, reason, finding.line)
    return of_finding(finding, stage.breach)
