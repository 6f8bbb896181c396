"""Plays a linear trace: calls the client line by line while the scripted server plays its part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.ops import OPS
from conformance.run import batch, ground, sent_message, unfounded
from conformance.run.compare import LOGIN_OPS, compare, compare_data
from conformance.run.context import CaseContext, PlayResult
from conformance.subject.answer import Answer
from conformance.verdict import Verdict
from fake_servers.finding import END, NOTHING, ServerFinding
from fake_servers.log import Event, Kind
from fake_servers.scripted.server import ScriptedServer
from fake_servers.trace.syntax import Call, Directive, Result


@dataclass(slots=True)
class _LastCall:
    """The call that was made last, and its answer."""

    call: Call
    answer: Answer


def play(context: CaseContext) -> PlayResult:
    """Play it once; raises what the subject raises, and the server's own failure."""
    result = PlayResult()
    server = ScriptedServer(context.trace, context.log, context.delivery, context.bindings)
    server.on_silence = context.silence
    with server:
        answers = _perform(context, server, result)
    if server.failure is not None:
        raise server.failure
    _take_findings(context, server.findings, result, answers)
    result.taken = frozenset(server.taken)
    result.has_extras = bool(server.extras)
    return result


def _perform(context: CaseContext, server: ScriptedServer, result: PlayResult) -> dict[int, Answer]:
    """Go down the timeline until its end or the first thing that is wrong.

    Gives the answers that were as expected, by the lines of their calls.
    """
    last: _LastCall | None = None
    good: dict[int, Answer] = {}
    for item in context.trace.items:
        if isinstance(item, Call):
            is_ready = server.wait_for_server(item.line)
            if not is_ready or _has_broken(server.findings):
                result.finished = False
                if not (is_ready or server.findings or server.failure):
                    raise RuntimeError(f"the test server did not come to line {item.line} in time")
                break
            last = _LastCall(item, _call(context, server, item))
            if last.answer.outcome == "unsupported":
                reason = f"the subject does not support {item.op} with these arguments"
                result.cannot_ask(reason, item.line)
                break
        elif isinstance(item, Result) and last is not None:
            login = last.call.op in LOGIN_OPS
            differs = compare(
                item,
                last.answer,
                context.bindings,
                context.breach,
                login=login,
                known=context.known,
            )
            differs = differs or unfounded.success(context, last.call, item)
            if result.add(differs):
                break
            good[last.call.line] = last.answer
    result.finished = result.finished and not result.findings
    _end(context, server, last, finished=result.finished)
    return good


def _call(context: CaseContext, server: ScriptedServer, call: Call) -> Answer:
    args: dict[str, Any] = context.values(call.args)
    if call.op.endswith(".connect"):
        args = context.connect_args(server.port) | args
    if "ops" in args:
        args["ops"] = batch.requests(args["ops"])
    if call.op in OPS and OPS[call.op].message:
        args["message"] = context.bindings.render(call.data) if call.data is not None else b""
    context.caller.line = call.line
    server.caller_enters(call.line)
    answer = context.caller.op(call.op, args)
    server.caller_leaves(call.line)
    return answer


def _end(
    context: CaseContext, server: ScriptedServer, last: _LastCall | None, *, finished: bool
) -> None:
    """Let the server play its last lines; the client's session ends in every case."""
    items = context.trace.items
    awaits_end = isinstance(items[-1], Directive) and items[-1].name == "expect-eof"
    if finished and not awaits_end:
        server.wait_for_server(items[-1].line + 1)
    if last is not None and not last.call.op.endswith(".close"):
        context.subject.call(f"{context.trace.protocol}.close", {}, context.limit_s)
    if finished and awaits_end:
        server.wait_for_server(items[-1].line + 1)


def _has_broken(findings: Sequence[ServerFinding]) -> bool:
    return any(not (found.info or found.goes_on) for found in findings)


def _take_findings(
    context: CaseContext,
    findings: Sequence[ServerFinding],
    result: PlayResult,
    answers: Mapping[int, Answer],
) -> None:
    """What the server saw counts before what came of it on the client's side."""
    stopped_at = min((each.line for each in result.findings), default=None)
    for found in findings:
        if found.info or found.goes_on:
            judged = _deviation(context, found)
            result.findings[:0] = [judged] if judged is not None else []
        elif stopped_at is None or found.line <= stopped_at:
            result.finished = False
            result.findings[:] = [each for each in result.findings if each.goes_on or not each.line]
            result.findings.insert(0, _judged(context, found, answers))


def _deviation(context: CaseContext, found: ServerFinding) -> JudgedFinding | None:
    """What did not end the case; of a message, what is not known from the plain good case."""
    both = sent_message.wanted_and_sent(context, found.line) if found.of_message else None
    if both is None or both[0] == both[1]:
        return of_server(found, context.breach)
    wanted, sent = both
    differs = compare_data(wanted, sent, found.line, context.breach, Axis.WIRE, context.known)
    return None if differs is None else replace(differs, goes_on=True)


def _judged(
    context: CaseContext, found: ServerFinding, answers: Mapping[int, Answer]
) -> JudgedFinding:
    """A client that leaves by QUIT, by closing or by sending nothing needs a ground for it."""
    if found.left:
        return JudgedFinding(found.left, found.line, axis=Axis.WIRE, verdict=Verdict.INCONCLUSIVE)
    left = found.actual in (NOTHING, END) or found.actual.upper().startswith("QUIT")
    if not left:
        return of_server(found, context.breach)
    why = _ground(context, found, answers)
    if why:
        line = context.trace.file_line(found.line)
        reason = f"the client left after {why}, before line {line}"
        return JudgedFinding(reason, found.line, axis=Axis.WIRE, verdict=Verdict.INCONCLUSIVE)
    judged = of_server(found, context.breach)
    own = answers.get(_calls_above(context, found.line)[-1])
    if own is None or own.outcome == "ok":
        return judged
    reason = (
        f"{found.reason}; its answer is {own.outcome}, though the server gave no reason to leave"
    )
    return replace(judged, reason=reason)


def _ground(context: CaseContext, found: ServerFinding, answers: Mapping[int, Answer]) -> str:
    """What happened before this finding that allows to leave: in its call, or the call before.

    A call that ends without a line that it has to send is no ground by its own outcome.
    """
    calls = _calls_above(context, found.line)
    decisive = calls[-1:] if found.expected == NOTHING else calls[-2:-1]
    for line in decisive:
        if line in answers and (why := ground.of_outcome(answers[line].outcome)):
            return why
    events = [event for event in context.log if not _is_own_end(event, found.line)]
    begun = (e.seq for e in events if e.kind is Kind.CALL and e.line in calls[-2:])
    return ground.on_the_wire(context.trace.protocol, events, next(begun, 0))


def _calls_above(context: CaseContext, line: int) -> list[int]:
    """The lines of the calls above this line, after 0."""
    items = context.trace.items
    return [0, *(item.line for item in items if isinstance(item, Call) and item.line < line)]


def _is_own_end(event: Event, line: int) -> bool:
    """Whether the server closed because it could not go on at this line."""
    return event.kind in (Kind.EOF, Kind.RESET) and event.line >= line


def of_server(found: ServerFinding, verdict: Verdict) -> JudgedFinding:
    """What a server found, with the verdict that a breach has in this case."""
    if found.info:
        verdict = Verdict.NON_STRICT if found.advice else Verdict.INFO
    return JudgedFinding(
        found.reason,
        found.line,
        found.expected,
        found.actual,
        found.octet,
        axis=Axis.WIRE,
        verdict=verdict,
        goes_on=found.goes_on,
    )
