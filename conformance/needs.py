"""The features that a case uses: those that a client must claim to be asked it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance import features
from conformance.ops import OPS
from fake_servers.trace.syntax import Call, Goal, Trace, Value

_OF_PARAMETER = {
    "SIZE": "smtp.size",
    "BODY": "smtp.8bitmime",
    "SMTPUTF8": "smtp.smtputf8",
    "RET": "smtp.dsn",
    "ENVID": "smtp.dsn",
    "NOTIFY": "smtp.dsn",
    "ORCPT": "smtp.dsn",
    "AUTH": "smtp.mail-auth",
}
"""By keyword of a parameter of MAIL or RCPT."""


def used(trace: Trace) -> frozenset[str]:
    """The features that the calls or the goal of a case use, apart from its protocol."""
    found = set(_of_goal(trace, trace.goal) if trace.goal else _of_timeline(trace))
    if trace.policy != "clear":
        found.add("policy")
    return frozenset(found)


def _of_timeline(trace: Trace) -> Iterator[str]:
    calls = [item for item in trace.items if isinstance(item, Call)]
    for call in calls:
        yield from _of_op(call.op)
        yield from _of_arguments(trace.protocol, call.args)
        if call.op == "pop3.user" and not {"secret", "secret_b64"} & set(call.args):
            yield "pop3.user-alone"
    yield from _of_transactions([call.op for call in calls])


def _of_op(op: str) -> Iterator[str]:
    if op in OPS and OPS[op].feature:
        yield OPS[op].feature


def _of_transactions(ops: list[str]) -> Iterator[str]:
    """Several recipients of one message, several messages of one session."""
    if "smtp.mail" in ops[ops.index("smtp.mail") + 1 :] if "smtp.mail" in ops else False:
        yield "smtp.multi-mail"


def _of_arguments(protocol: str, args: dict[str, Value]) -> Iterator[str]:
    for name in ("mech", "mechs"):
        for mechanism in _texts(args.get(name)):
            yield _of_mechanism(protocol, mechanism)
    if _texts(args.get("initial"), "own") != ["own"]:
        yield f"{protocol}.auth.initial"
    if "cancel_at" in args:
        yield f"{protocol}.auth.cancel"
    if "answers" in args or "answers_b64" in args:
        yield f"{protocol}.auth.raw"
    if _texts(args.get("tls")) == ["implicit"]:
        yield "tls.implicit"
    if "client_cert" in args:
        yield "client-cert"
    if args.get("lmtp") is True:
        yield "smtp.lmtp"
    for keyword in _keywords(args.get("params")):
        if keyword in _OF_PARAMETER:
            yield _OF_PARAMETER[keyword]
    for row in _lists(args.get("rcpt_params")):
        for keyword in _keywords(row):
            if keyword in _OF_PARAMETER:
                yield _OF_PARAMETER[keyword]
    for row in _lists(args.get("ops")):
        yield from _of_op(_texts(row)[0] if row else "")


def _of_mechanism(protocol: str, mechanism: str) -> str:
    own = f"{protocol}.auth.{mechanism.lower()}"
    return own if own in features.load() else f"{protocol}.auth.raw"


def _of_goal(trace: Trace, goal: Goal) -> Iterator[str]:
    login = _texts(goal.args.get("login"))
    if login in (["user"], ["apop"]):
        yield f"{trace.protocol}.{login[0]}"
    yield from _of_arguments(trace.protocol, goal.args)
    if goal.name == "pop3.list":
        yield "pop3.list"
    if goal.args.get("delete") is True:
        yield "pop3.dele"
    if goal.name == "smtp.send" and len(_lists_or_texts(goal.args.get("to"))) > 1:
        yield "smtp.multi-rcpt"
    tls = _texts(goal.server.get("tls"))
    if tls == ["implicit"]:
        yield "tls.implicit"
    elif tls == ["starttls"] or trace.policy == "tls":
        yield "tls.starttls"


def _keywords(params: Value | None) -> Iterator[str]:
    for text in _texts(params):
        yield text.partition("=")[0].upper()


def _lists(value: Value | None) -> Iterable[list[Value]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _lists_or_texts(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else []


def _texts(value: Value | None, default: str = "") -> list[str]:
    """The texts of a value or of a list; a hole is left out."""
    if value is None:
        return [default] if default else []
    found = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, tuple):
            found.append(b"".join(p for p in each if isinstance(p, bytes)).decode(errors="replace"))
    return found
