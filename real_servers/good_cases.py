"""The cases in which nothing goes wrong, and the same calls against a real server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.run import batch
from conformance.run.context import bind_tls_files
from conformance.run.select import select
from conformance.subject import Answer, Subject, compose
from conformance.values import as_arguments
from fake_servers.trace.syntax import Call, Directive, Group, Result, Template, Trace
from fake_servers.trace.template import Bindings
from real_servers.account import TIM, Account
from real_servers.mail import as_sent
from real_servers.server import RealServer

FEATURES = frozenset(
    f"{protocol}.{name}"
    for protocol in ("pop3", "smtp")
    for name in ("auth.anonymous", "auth.external", "auth.oauthbearer", "auth.xoauth2", "auth.raw")
) | {"client-cert", "smtp.lmtp", "pop3.utf8", "pop3.lang"}
"""What a case must not need: the real servers do not have it, or are not asked for it here."""
ODD = frozenset(
    {"scram", "signature", "iterations", "clear", "cert", "lmtp", "sasl_tls", "caps_tls"}
)
"""Keys of a goal's server that bend it."""
FILLER = b"Subject: one more\r\n\r\ntext\r\n"
CALL_S = 30.0
TIMEOUT_MS = 10000


@dataclass(frozen=True, slots=True)
class GoodCase:
    """account   who logs in, and the mail that the case shows
    expected  the messages that the client must get, by number
    """

    trace: Trace
    account: Account
    expected: dict[int, bytes]


def good_cases(protocol: str) -> list[GoodCase]:
    """Every case of a protocol that a correct server plays without being bent."""
    found = [trace for trace in select([]) if trace.protocol == protocol and _is_good(trace)]
    return [_case(trace) for trace in found]


def _is_good(trace: Trace) -> bool:
    if trace.family or trace.policy == "own" or FEATURES & set(trace.needs):
        return False
    goal = trace.goal
    if goal is not None:
        has_only_ok = goal.result.outcomes == ("ok",) and not goal.result.bound
        return has_only_ok and not goal.overrides and not ODD & set(goal.server)
    return bool(trace.items) and all(map(_is_good_item, trace.items))


def _is_good_item(item: object) -> bool:
    if isinstance(item, Result):
        return item.outcomes == ("ok",) and not item.bound
    if isinstance(item, Directive):
        return item.name == "starttls" and not item.args
    return not isinstance(item, Group)


def _bindings(trace: Trace) -> Bindings:
    bindings = Bindings(1, trace.id)
    bind_tls_files(bindings)
    return bindings


def _case(trace: Trace) -> GoodCase:
    bindings = _bindings(trace)
    user, secret = TIM.user, TIM.secret
    for call in _calls(trace, bindings):
        user = str(call[1].get("user") or user)
        secret = str(call[1].get("secret") or secret)
    if trace.goal is not None:
        messages = tuple(bindings.render(each) for each in trace.goal.messages)
        expected = {number: as_sent(each) for number, each in enumerate(messages, 1)}
        return GoodCase(trace, Account(user, secret, messages), expected)
    expected = dict(_retrieved(trace, bindings))
    count = max([3, *expected])
    messages = tuple(expected.get(number, FILLER) for number in range(1, count + 1))
    return GoodCase(trace, Account(user, secret, messages), expected)


def _calls(trace: Trace, bindings: Bindings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each op or goal with its arguments."""
    if trace.goal is not None:
        yield trace.goal.name, as_arguments(trace.goal.args, bindings)
    for item in trace.items:
        if isinstance(item, Call):
            args = as_arguments(item.args, bindings)
            if item.data is not None:
                args["message"] = bindings.render(item.data)
            if "ops" in args:
                args["ops"] = batch.requests(args["ops"])
            yield item.op, args


def _retrieved(trace: Trace, bindings: Bindings) -> Iterator[tuple[int, bytes]]:
    """The messages that RETR gives in a timeline."""
    number = 0
    for item in trace.items:
        if isinstance(item, Call) and item.op == "pop3.retr":
            number = int(as_arguments(item.args, bindings)["n"])
        elif isinstance(item, Result):
            if number and isinstance(item.data, tuple):
                yield number, bindings.render(item.data)
            number = 0


def play(case: GoodCase, subject: Subject, server: RealServer) -> list[tuple[str, Answer]]:
    """The calls of the case, each with its answer, until one does not succeed."""
    trace = case.trace
    answers: list[tuple[str, Answer]] = []
    for op, args in _calls(trace, _bindings(trace)):
        if op.endswith(".connect") or trace.goal is not None:
            args = _placed(args, trace, server)
        if trace.goal is None:
            answer = subject.call(op, args, CALL_S)
        else:
            args["message"] = _message(trace.goal.result.data, trace)
            answer = compose.play(
                op, args, subject.features, lambda step, given: subject.call(step, given, CALL_S)
            )
        answers.append((op, answer))
        if answer.outcome != "ok":
            break
    subject.call(f"{trace.protocol}.close", {}, CALL_S)
    return answers


def handed_over(answers: Iterable[tuple[str, Answer]]) -> dict[int, bytes]:
    """The messages that a goal or the calls of RETR gave, by number."""
    found: dict[int, bytes] = {}
    for _, answer in answers:
        found |= {number: data for number, data in answer.value.get("messages", [])}
    return found


def _message(data: Template | None, trace: Trace) -> bytes:
    return b"" if data is None else _bindings(trace).render(data)


def _placed(args: dict[str, Any], trace: Trace, server: RealServer) -> dict[str, Any]:
    """The arguments with the address of a server."""
    tls = str(args.get("tls", "none"))
    if trace.goal is not None and trace.goal.server.get("tls") == (b"implicit",):
        tls = "implicit"
    service = trace.protocol + ("s" if tls == "implicit" else "")
    return args | {
        "host": server.host,
        "port": server.ports[service],
        "tls": tls,
        "policy": trace.policy,
        "ca": str(Path(server.ca)),
        "timeout_ms": TIMEOUT_MS,
    }
