"""Plays a goal case: the client against a correct server that the case bends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conformance.finding import Axis, JudgedFinding
from conformance.message_body import body_of
from conformance.run import ground, hello_name, last_command, own_line, sent_mail
from conformance.run.compare import compare, compare_data
from conformance.run.context import CaseContext, PlayResult
from conformance.subject import compose
from conformance.subject.answer import Answer
from conformance.values import octets_of
from conformance.verdict import Verdict
from fake_servers.reactive import open_server
from fake_servers.reactive.maildrop import Maildrop
from fake_servers.reactive.server import ReactiveServer
from fake_servers.trace.syntax import Goal, Override


def play(context: CaseContext) -> PlayResult:
    """Play it once and compare the outcome, the values and the octets."""
    goal = context.trace.goal
    assert goal is not None
    with open_server(context.trace, context.log, context.delivery, context.bindings) as server:
        server.on_silence = context.silence
        args = context.connect_args(server.port) | context.values(goal.args)
        if context.trace.protocol == "smtp":
            args = {"login": "none", **args, "message": _message(context, goal)}
        elif context.subject.fetches_all and args.get("n") == _numbers(goal):
            args["n"] = "all"
        answer = _ask(context, goal, args)
    if server.failure is not None:
        raise server.failure
    return _judge(context, goal, args, answer, server)


def _message(context: CaseContext, goal: Goal) -> bytes:
    return context.bindings.render(goal.messages[0]) if goal.messages else b""


def _numbers(goal: Goal) -> list[int]:
    """The numbers of all messages of the maildrop."""
    return list(range(1, len(goal.messages) + 1))


def _ask(context: CaseContext, goal: Goal, args: dict[str, Any]) -> Answer:
    context.caller.line = goal.line
    if context.subject.has_goals:
        return context.caller.goal(goal.name, args, context.folder)
    return compose.play(goal.name, args, context.subject.features, context.caller.op)


def _judge(
    context: CaseContext, goal: Goal, args: dict[str, Any], answer: Answer, server: ReactiveServer
) -> PlayResult:
    result = PlayResult()
    if answer.outcome == "unsupported":
        reason = f"the subject does not support the arguments of {goal.name}"
        if answer.reason:
            reason = f"the subject cannot be asked this: {answer.reason}"
        result.cannot_ask(reason)
    elif result.add(own_line.found(context, args)):
        pass
    elif result.add(hello_name.cut(context, args)):
        pass
    elif result.add(_octets_differ(context, goal, args, answer, server)):
        pass
    elif goal.overrides and not any(each.line in server.reached for each in goal.overrides):
        result.add(_not_reached(context, goal.overrides, answer, server))
    else:
        expected = goal.result
        is_local = bool(expected.outcomes) and set(expected.outcomes) <= _NEEDS_NO_GROUND
        was_made_fit = is_local and sent_mail.made_fit(context, args, server)
        if was_made_fit or _asked_again(goal, args, answer, server):
            expected = replace(expected, outcomes=("ok", *expected.outcomes))
        if context.subject.level == 0:
            expected = expected.of_values(answer.value.keys())
        result.add(compare(expected, answer, context.bindings, context.breach, login=True))
        if goal.name == "smtp.send" and answer.outcome == "ok":
            result.add(last_command.without_quit(context, goal.line))
    return result


def _asked_again(goal: Goal, args: dict[str, Any], answer: Answer, server: ReactiveServer) -> bool:
    """Whether the client sent a RETR that the case bends once more, and has every message now.

    RFC 1939 leaves it to the client whether it gives up at a failure.
    """
    if goal.name != "pop3.fetch" or all(each.command != "RETR" for each in goal.overrides):
        return False
    number = args.get("n", "all")
    wanted = len(goal.messages) if number == "all" else len(number)
    has_all = len(answer.value.get("messages", [])) == wanted
    return answer.outcome == "ok" and has_all and server.times("RETR") > wanted


def _not_reached(
    context: CaseContext, overrides: Sequence[Override], answer: Answer, server: ReactiveServer
) -> JudgedFinding:
    """Why the server came to none of the points that the case bends."""
    first = overrides[0]
    reason = f"the client left before {first.command}#{first.nth}, which this case bends"
    verdict = Verdict.INCONCLUSIVE
    if {each.command for each in overrides} == {"INITIAL"} and server.times("OUTCOME"):
        reason = "the client sends its initial response with AUTH and is never asked for it"
        verdict = Verdict.UNSUPPORTED
    elif answer.outcome == "ok":
        reason = f"the client reaches its goal without {first.command}#{first.nth}"
        verdict = Verdict.UNSUPPORTED
    elif answer.outcome not in _NEEDS_NO_GROUND:
        if not ground.on_the_wire(context.trace.protocol, context.log):
            reason += f"; its answer is {answer.outcome}, though the server gave no reason to leave"
            verdict = context.breach
    return JudgedFinding(reason, first.line, axis=Axis.API, verdict=verdict)


_NEEDS_NO_GROUND = frozenset({"policy", "rejected-locally"})
"""The client found that a precondition is not met."""


def _octets_differ(
    context: CaseContext, goal: Goal, args: dict[str, Any], answer: Answer, server: ReactiveServer
) -> JudgedFinding | None:
    """Whether what was handed over or delivered is not octet by octet what it should be."""
    if goal.name == "pop3.fetch" and goal.result.alternatives()[0].data is None:
        return _fetched(context, goal, answer, args) or _left(context, goal, answer, args, server)
    if goal.name == "smtp.send":
        return sent_mail.differs(context, args, answer, server)
    return None


def _fetched(
    context: CaseContext, goal: Goal, answer: Answer, args: dict[str, Any]
) -> JudgedFinding | None:
    """Every message that is handed over is whole, also after a failure; with ok none is missing."""
    originals = [context.bindings.render(message) for message in goal.messages]
    got = {row[0]: octets_of(row[1]) for row in answer.value.get("messages", [])}
    if context.subject.stores_lf:
        originals = list(map(_local, originals))
        got = {number: _local(octets) for number, octets in got.items()}
    if context.subject.own_header:
        originals = list(map(body_of, originals))
        got = {number: body_of(octets) for number, octets in got.items()}
    if context.subject.fetches_all:
        got = _by_content(originals, got)
    line = goal.result.line
    for number, octets in sorted(got.items()):
        if not 1 <= number <= len(originals):
            reason = f"the client handed over message {number}, which is not in the maildrop"
            return JudgedFinding(reason, line, axis=Axis.API, verdict=context.breach)
        original = originals[number - 1]
        differs = compare_data(original, octets, line, context.breach, known=context.known)
        if differs is not None:
            return replace(differs, reason=f"message {number}: {differs.reason}")
    wanted = range(1, len(originals) + 1) if args.get("n", "all") == "all" else args["n"]
    missing = [number for number in wanted if number not in got]
    if answer.outcome == "ok" and "ok" in goal.result.outcomes and missing:
        reason = f"the outcome is ok but message {missing[0]} was not handed over"
        return JudgedFinding(
            reason, line, "R: ok", "R: ok (without it)", axis=Axis.API, verdict=context.breach
        )
    return None


def _local(octets: bytes) -> bytes:
    """With LF as its line ends; no RFC says what becomes of a CR more before one."""
    return re.sub(rb"\r+\n", b"\n", octets)


def _by_content(originals: list[bytes], got: dict[int, bytes]) -> dict[int, bytes]:
    """Messages of a client that numbers them by arrival, by their numbers in the maildrop."""
    return {
        originals.index(octets) + 1 if octets in originals else place: octets
        for place, octets in got.items()
    }


def _was_stored(context: CaseContext, goal: Goal, args: dict[str, Any], number: int) -> bool:
    """Whether the caller had room for this message, which may then be gone."""
    most: int = args["fail_after"]
    return len(context.bindings.render(goal.messages[number - 1])) <= most


def _left(
    context: CaseContext, goal: Goal, answer: Answer, args: dict[str, Any], server: ReactiveServer
) -> JudgedFinding | None:
    """Nothing but what the goal deletes is gone from the maildrop; with ok all of that is gone."""
    delete = args.get("delete", False)
    has_no_room = "fail_after" in args
    if delete and answer.outcome != "ok" and not has_no_room:
        return None
    wanted = args.get("n", "all") if delete else []
    count = len(goal.messages)
    gone = set(range(1, count + 1)) if wanted == "all" else set(wanted)
    if has_no_room:
        gone = {number for number in gone if _was_stored(context, goal, args, number)}
    original = Maildrop(context.bindings.render(message) for message in goal.messages).messages
    should = [each for number, each in enumerate(original, start=1) if number not in gone]
    left = server.maildrop.messages
    if left == should or (has_no_room and all(each in left for each in should)):
        return None
    kept = len(server.maildrop.messages)
    reason = f"{len(should)} of {count} messages should be left in the maildrop, but {kept} are"
    verdict = Verdict.FAIL if has_no_room else context.breach
    return JudgedFinding(reason, goal.result.line, axis=Axis.WIRE, verdict=verdict)
